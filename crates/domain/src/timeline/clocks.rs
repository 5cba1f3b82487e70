//! Clocks that ran wrong: proposed where two sources record the same thing, applied to events and never to evidence.

use crate::{
    EvidenceId, Instant,
    evidence::{Signal, Source, StoredEvidence},
    instant::Span,
};
use std::collections::BTreeMap;

/// Two records of the same thing whose times differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What both say, in short.
    pub words: String,
    /// The piece whose clock is trusted, and its time.
    pub trusted: (EvidenceId, Instant),
    /// The piece of the other source, and its time.
    pub other: (EvidenceId, Instant),
}

/// A source whose clock seems to run differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skew {
    /// The source to put right.
    pub source: Source,
    /// The source it is compared with.
    pub against: Source,
    /// What to add to its times: the middle one of all differences.
    pub offset: Span,
    /// What shows it, at most [`PAIRS`].
    pub pairs: Vec<Pair>,
}

/// How many pairs are kept as reasons.
pub const PAIRS: usize = 5;
/// Below this a difference is the way of a message from one product to another.
const LEAST: Span = Span::seconds(20);
/// Above this two records hardly tell the same.
const MOST: Span = Span::hours(2);
/// Shorter words occur twice by chance.
const WORDS: usize = 16;

/// Skews that the evidence suggests: records of different sources with the same words, told once by each.
pub fn propose(evidence: &[StoredEvidence]) -> Vec<Skew> {
    let mut by_words: BTreeMap<String, Vec<&StoredEvidence>> = BTreeMap::new();
    for piece in evidence.iter().filter(|piece| piece.evidence.signal != Signal::NotUnderstood) {
        let words = same_words(&piece.evidence.text);
        if words.len() >= WORDS {
            by_words.entry(words).or_default().push(piece);
        }
    }
    let mut pairs: BTreeMap<(Source, Source), Vec<Pair>> = BTreeMap::new();
    for (words, pieces) in by_words {
        let [a, b] = pieces.as_slice() else { continue };
        let (trusted, other) = if a.evidence.source <= b.evidence.source { (a, b) } else { (b, a) };
        let apart = trusted.evidence.at.since(other.evidence.at).as_micros().abs();
        if trusted.evidence.source == other.evidence.source || apart > MOST.as_micros() {
            continue;
        }
        pairs.entry((trusted.evidence.source, other.evidence.source)).or_default().push(Pair {
            words: words.chars().take(120).collect(),
            trusted: (trusted.id, trusted.evidence.at),
            other: (other.id, other.evidence.at),
        });
    }
    pairs
        .into_iter()
        .filter_map(|((against, source), mut pairs)| {
            let offset = middle(&pairs);
            (offset.as_micros().abs() >= LEAST.as_micros()).then(|| {
                pairs.truncate(PAIRS);
                Skew { source, against, offset, pairs }
            })
        })
        .collect()
}

fn middle(pairs: &[Pair]) -> Span {
    let mut apart: Vec<i64> =
        pairs.iter().map(|pair| pair.trusted.1.since(pair.other.1).as_micros()).collect();
    apart.sort_unstable();
    Span::micros(apart.get(apart.len() / 2).copied().unwrap_or(0))
}

/// Words without case, signs and blanks at their ends, so that a copy is known again.
fn same_words(text: &str) -> String {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(40)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Evidence, Facts};

    fn piece(n: u8, source: Source, seconds: i64, text: &str) -> StoredEvidence {
        let at = Instant::from_seconds(1_800_000_000 + seconds);
        let evidence = Evidence {
            source,
            source_id: n.to_string(),
            at,
            author: None,
            signal: Signal::Message,
            text: text.into(),
            place: None,
            url: None,
            facts: Facts::default(),
            raw: String::new(),
        };
        StoredEvidence { id: EvidenceId::new(at, [n; 10]), digest: evidence.digest(), evidence }
    }

    #[test]
    fn the_same_words_in_two_sources_show_a_skew() {
        let all = [
            piece(1, Source::Pagerduty, 0, "Gates are back to key 6."),
            piece(2, Source::Slack, -95, "gates are back to key 6"),
            piece(3, Source::Pagerduty, 600, "We wait for the second ferry"),
            piece(4, Source::Slack, 500, "We wait for the second ferry!"),
            piece(5, Source::Slack, 700, "ok"),
            piece(6, Source::Pagerduty, 900, "ok"),
        ];
        let found = propose(&all);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].source, found[0].against), (Source::Slack, Source::Pagerduty));
        assert_eq!((found[0].offset, found[0].pairs.len()), (Span::seconds(100), 2));
        let close = [
            piece(1, Source::Pagerduty, 0, "Gates are back to key 6."),
            piece(2, Source::Slack, 3, "Gates are back to key 6."),
        ];
        assert_eq!(propose(&close), []);
    }
}
