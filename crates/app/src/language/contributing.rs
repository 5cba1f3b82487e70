//! What else contributed, written into the document from wherever a sentence named a single cause.

use crate::{
    App, Error, Result, reach, typed,
    versions::{self, Now},
};
use ::language::Surface;
use domain::{
    access::{Action, Actor},
    document::{Block, Inline},
    incident::IncidentNumber,
};
use store::audit;

/// The longest sentence about what else contributed, in characters.
const LONGEST: usize = 1_000;

/// Writes what else contributed into the document, on a line of its own: at the end of the section about causes, or of the
/// document where there is none. It is an edit like any other; whoever has the document open sees it.
///
/// # Errors
/// [`Error::NotFound`] where there is no document, [`Error::Invalid`] for words that fit on no line.
pub async fn contribute(app: &App, actor: &Actor, number: IncidentNumber, words: &str) -> Result<()> {
    let words = typed::line("words", words, LONGEST)?;
    let line = Block::Paragraph(vec![Inline::text(format!("It also contributed: {words}"))]);
    versions::settle(app, actor, number, Action::Write).await?;
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let document = held.postmortem().ok_or(Error::NotFound)?;
    let mut now = Now::of(&mut tx, document).await?;
    let client = u64::from(u32::from_be_bytes(app.random()));
    let limit = collab::Limits::default().document;
    let update = collab::insert(&now.updates, place, &line, client, limit).map_err(|refused| {
        versions::not_written(refused, "The document is full. Nothing was added to it.")
    })?;
    now.write(app, &mut tx, actor, document, update).await?;
    audit::record(&mut tx, app.now(), actor, "language.contribute", &number.to_string(), "{}").await?;
    tx.commit().await?;
    versions::appear(app, document).await;
    Ok(())
}

/// Before which child of the document it stands: behind what the section about causes says last.
fn place(says: &[Vec<Block>]) -> usize {
    let heading = |child: &Vec<Block>| match child.first() {
        Some(Block::Heading { level, content, .. }) => {
            Some((*level, content.iter().map(Inline::plain).collect::<String>()))
        }
        _ => None,
    };
    let causes = says.iter().enumerate().find_map(|(at, child)| {
        let (level, words) = heading(child)?;
        (Surface::of_heading(&words) == Some(Surface::Cause)).then_some((at, level))
    });
    let (begins, end) = match causes {
        Some((at, level)) => {
            let ends = |child: &Vec<Block>| heading(child).is_some_and(|(next, _)| next <= level);
            let end = says[at + 1..].iter().position(ends).map_or(says.len(), |more| at + 1 + more);
            (at + 1, end)
        }
        None => (0, says.len()),
    };
    let is_empty = |child: &Vec<Block>| match child.as_slice() {
        [] => true,
        [Block::Paragraph(_)] => child[0].is_blank(),
        _ => false,
    };
    // A line that somebody left empty to write on stays below.
    (begins..end).rev().find(|at| !is_empty(&says[*at])).map_or(begins, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child(words: &str) -> Vec<Block> {
        let text = |words: &str| vec![Inline::text(words)];
        vec![match words.split_once(' ') {
            Some(("##", words)) => Block::Heading { level: 2, section: None, content: text(words) },
            Some(("###", words)) => Block::Heading { level: 3, section: None, content: text(words) },
            _ => Block::Paragraph(text(words)),
        }]
    }

    #[test]
    fn it_stands_behind_what_the_section_about_causes_says() {
        let cases: [(&[&str], usize); 7] = [
            (
                &[
                    "## Summary",
                    "It rained.",
                    "## Contributors",
                    "A full disk.",
                    "",
                    "## Risks",
                    "More rain.",
                ],
                4,
            ),
            (&["## Contributors", "## Risks"], 1),
            (&["## Root cause", "One.", "### Detail", "Two.", ""], 4),
            (&["## Summary", "It rained.", ""], 2),
            (&["", ""], 0),
            (&[], 0),
            (&["## Why it happened", "", "## What happened", "Rain."], 1),
        ];
        for (says, expected) in cases {
            let says: Vec<Vec<Block>> = says.iter().map(|words| child(words)).collect();
            assert_eq!(place(&says), expected, "{says:?}");
        }
    }
}
