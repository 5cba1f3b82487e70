//! What the words of a record say, found once: phrases of [`phrases`](super::phrases) with their sentence.
//!
//! The search is by words, not by letters: “prod” is not in “product”. Quoted lines are skipped. A phrase
//! counts less in a question, after a negation, in a condition, or about another time; the sentence keeps
//! track of that and rules decide. Case is folded for ASCII, since the phrases are English.

use super::phrases::{self, Topic};
use crate::evidence::{Evidence, Signal};
use std::collections::HashMap;

/// The longest text that is read, in bytes; a pasted log is no statement.
const LONGEST: usize = 6_000;

/// The phrases found in a text, in order.
#[derive(Debug, Default)]
pub struct Reading {
    pub marks: Vec<Mark>,
}

/// A phrase that was found.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub topic: Topic,
    /// Which sentence of the text, from 0.
    pub sentence: usize,
    /// Whether the sentence asks.
    pub asked: bool,
    /// Whether it is denied: “not”, “no longer”, “isn’t” shortly before.
    pub denied: bool,
    /// Whether it is only considered or awaited: “if”, “should”, “once” before it.
    pub supposed: bool,
    /// Whether it is about another time: “last week”, “yesterday”.
    pub elsewhen: bool,
}

impl Mark {
    /// Whether the sentence states it as a fact of now.
    pub const fn stated(&self) -> bool {
        !(self.asked || self.denied || self.supposed || self.elsewhen)
    }
}

impl Reading {
    /// The first mark of a topic that is stated as a fact.
    pub fn states(&self, topic: Topic) -> Option<&Mark> {
        self.marks.iter().find(|it| it.topic == topic && it.stated())
    }
}

/// All phrases by their first word.
pub struct Reader {
    by_first: HashMap<&'static str, Vec<(Vec<&'static str>, Topic)>>,
}

struct Word<'t> {
    text: &'t str,
    sentence: usize,
    /// Whether a colon or a dash follows, as in “Decision: …”.
    announces: bool,
}

impl Reader {
    /// Prepares the phrases.
    pub fn new() -> Self {
        let mut by_first: HashMap<&str, Vec<(Vec<&str>, Topic)>> = HashMap::new();
        for (topic, list) in phrases::ALL {
            for phrase in list.lines().flat_map(|line| line.split(',')) {
                let words: Vec<_> = phrase.split([' ', '\'']).filter(|it| !it.is_empty()).collect();
                if let Some(first) = words.first() {
                    by_first.entry(first).or_default().push((words, *topic));
                }
            }
        }
        Self { by_first }
    }

    /// Reads a record if its words can matter.
    pub fn read(&self, evidence: &Evidence) -> Reading {
        let signals = [
            Signal::Message,
            Signal::BotMessage,
            Signal::Note,
            Signal::Marked,
            Signal::StatusUpdate,
            Signal::AlertFired,
        ];
        if !signals.contains(&evidence.signal) {
            return Reading::default();
        }
        self.read_text(&evidence.text)
    }

    /// Reads a text.
    pub fn read_text(&self, text: &str) -> Reading {
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or(text).to_ascii_lowercase();
        let (words, asking) = words(&text);
        let mut marks = Vec::new();
        for (at, word) in words.iter().enumerate() {
            for (phrase, topic) in self.by_first.get(word.text).into_iter().flatten() {
                if self.fits(&words, at, phrase, *topic) {
                    marks.push(mark(&words, at, *topic, &asking));
                }
            }
        }
        Reading { marks }
    }

    fn fits(&self, words: &[Word<'_>], at: usize, phrase: &[&str], topic: Topic) -> bool {
        let Some(found) = words.get(at..at + phrase.len()) else { return false };
        let sentence = found.first().map(|it| it.sentence);
        let same = found.iter().zip(phrase).all(|(word, part)| word.text == *part);
        if !same || found.iter().any(|it| Some(it.sentence) != sentence) {
            return false;
        }
        let after = || words.iter().skip(at + phrase.len()).take_while(|it| Some(it.sentence) == sentence);
        match topic {
            // “Decision: …” needs its colon; “the decision is hard” says nothing.
            Topic::Heading => found.last().is_some_and(|it| it.announces),
            // “Let’s” needs something that changes the system within the next words, and not one’s own laptop.
            Topic::Intent => {
                let near: Vec<_> = after().take(5).map(|it| it.text).collect();
                let acts =
                    near.iter().take(4).position(|it| phrases::ACTS.split_whitespace().any(|act| act == *it));
                acts.is_some_and(|act| !near.iter().skip(act).take(2).any(|it| *it == "my"))
            }
            _ => true,
        }
    }
}

fn mark(words: &[Word<'_>], at: usize, topic: Topic, asking: &[bool]) -> Mark {
    let sentence = words.get(at).map_or(0, |it| it.sentence);
    let before = |most: usize| {
        words.iter().take(at).rev().take(most).take_while(move |it| it.sentence == sentence).map(|it| it.text)
    };
    let whole = || words.iter().skip(at.saturating_sub(30)).take(60).filter(|it| it.sentence == sentence);
    Mark {
        topic,
        sentence,
        asked: asking.get(sentence).copied().unwrap_or(false),
        denied: before(4).any(|it| phrases::DENIALS.split_whitespace().any(|no| no == it)),
        supposed: before(8).any(|it| phrases::SUPPOSING.split_whitespace().any(|word| word == it)),
        elsewhen: whole().any(|it| phrases::ELSEWHEN.split_whitespace().any(|word| word == it.text)),
    }
}

/// The words of a text with their sentence, and which sentences ask. Words split at apostrophes of either
/// sort, so that `let's` and `let’s` are the same two words.
fn words(text: &str) -> (Vec<Word<'_>>, Vec<bool>) {
    let mut words = Vec::new();
    let mut asking = Vec::new();
    for (sentence, part) in super::title::sentences(text).enumerate() {
        asking.push(part.trim_end().ends_with('?'));
        if part.trim_start().starts_with('>') {
            continue;
        }
        let mut rest = part;
        while let Some(start) = rest.find(|c: char| c.is_alphanumeric()) {
            let word = rest.get(start..).unwrap_or_default();
            let length = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
            let (word, after) = word.split_at(length);
            words.push(Word {
                text: word,
                sentence,
                announces: after.trim_start().starts_with([':', '—', '–']),
            });
            rest = after;
        }
    }
    (words, asking)
}
