//! What a reader would miss (DOC-09): advice before review, in words, never a share and never in the way.

use crate::{
    document::{Block, Document},
    timeline::{KeyInstant, TimelineEvent},
};

/// How many words a summary may have before a reader should hear that it is long (DOC-07).
const SUMMARY_WORDS: usize = 120;

/// What a reader of this document and timeline would miss, most telling first.
pub fn what_a_reader_would_miss(
    document: &Document,
    timeline: &[TimelineEvent],
    known: &[KeyInstant],
) -> Vec<String> {
    let mut misses = Vec::new();
    for section in sections(document) {
        if section.blocks.iter().all(|block| block.is_blank() || matches!(block, Block::Live(_))) {
            // A timeline is told by its live block; every other section needs somebody's words.
            let told_by_record = section.key == Some("timeline");
            if !told_by_record {
                misses.push(format!("Nothing yet under “{}”", section.title));
            }
        } else if section.key == Some("summary") && words(section.blocks) > SUMMARY_WORDS {
            misses.push(format!("The summary is longer than {SUMMARY_WORDS} words"));
        } else if section.key == Some("contributors") && answers(section.blocks) == 1 {
            misses.push("Only one thing that let it matter: what else had to be true?".to_owned());
        }
    }
    let shown: Vec<&TimelineEvent> = timeline.iter().filter(|event| !event.hidden).collect();
    if shown.is_empty() {
        misses.push("The timeline is empty".to_owned());
    }
    let claimed = shown.iter().filter(|event| event.evidence.is_empty()).count();
    match claimed {
        0 => {}
        1 => misses.push("One event of the timeline has no evidence".to_owned()),
        n => misses.push(format!("{n} events of the timeline have no evidence")),
    }
    for instant in [KeyInstant::ImpactStart, KeyInstant::Detected, KeyInstant::Mitigated] {
        if !known.contains(&instant) {
            misses.push(format!("When: “{}” is not known", instant.label()));
        }
    }
    misses
}

struct Section<'a> {
    key: Option<&'a str>,
    title: String,
    blocks: &'a [Block],
}

fn sections(document: &Document) -> Vec<Section<'_>> {
    let keys = document.blocks.iter().filter_map(|block| match block {
        Block::Heading { level: 2, section, .. } => Some(section.as_deref()),
        _ => None,
    });
    document
        .sections()
        .into_iter()
        .zip(keys)
        .map(|((title, blocks), key)| Section { key, title, blocks })
        .collect()
}

fn words(blocks: &[Block]) -> usize {
    blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(content) => {
                content.iter().map(|inline| inline.plain().split_whitespace().count()).sum::<usize>()
            }
            _ => 0,
        })
        .sum()
}

/// Paragraphs and list items that say something.
fn answers(blocks: &[Block]) -> usize {
    blocks
        .iter()
        .filter(|block| !block.is_blank())
        .map(|block| match block {
            Block::List { items, .. } => items.len(),
            Block::Heading { .. } | Block::Live(_) => 0,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Inline;

    fn heading(key: &str, title: &str) -> Block {
        Block::Heading { level: 2, section: Some(key.into()), content: vec![Inline::text(title)] }
    }

    fn says(text: &str) -> Block {
        Block::Paragraph(vec![Inline::text(text)])
    }

    fn misses(blocks: Vec<Block>) -> Vec<String> {
        what_a_reader_would_miss(&Document { blocks }, &[], &KeyInstant::ALL)
    }

    #[test]
    fn an_unanswered_section_is_named_and_an_answered_one_is_not() {
        let question = Block::Question { prompt: "What limited it?".into() };
        let empty = misses(vec![heading("mitigators", "Mitigators"), question.clone()]);
        assert!(empty.contains(&"Nothing yet under “Mitigators”".to_owned()));
        let told =
            misses(vec![heading("mitigators", "Mitigators"), question, says("A second site took over.")]);
        assert!(!told.iter().any(|miss| miss.contains("Mitigators")), "{told:?}");
    }

    #[test]
    fn one_contributor_asks_for_another() {
        let one = misses(vec![heading("contributors", "Contributors"), says("The list was old.")]);
        assert!(one.iter().any(|miss| miss.starts_with("Only one thing")));
        let two = misses(vec![
            heading("contributors", "Contributors"),
            says("The list was old."),
            says("No alarm."),
        ]);
        assert!(!two.iter().any(|miss| miss.starts_with("Only one thing")));
    }

    #[test]
    fn a_long_summary_is_pointed_out() {
        let long = misses(vec![heading("summary", "Summary"), says(&"word ".repeat(121))]);
        assert!(long.iter().any(|miss| miss.contains("longer than 120 words")));
    }
}
