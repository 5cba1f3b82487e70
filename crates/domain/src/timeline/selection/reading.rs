//! What the words of a record say, found once: phrases of [`phrases`](super::phrases) with their sentence.
//!
//! The search is by words, not by letters: “prod” is not in “product”. Quoted lines are skipped. A phrase
//! counts less in a question, after a negation, in a condition, or about another time; the sentence keeps
//! track of that and rules decide. Case is folded for ASCII, since the phrases are English.

use super::phrases::{self, Topic};
use crate::evidence::{Evidence, Signal};
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

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
    by_first: ByFirst,
}

/// A table that is asked for every word of a chat; its keys are our own, so nobody can make them collide.
type ByFirst = HashMap<&'static str, Vec<Phrase>, BuildHasherDefault<Fnv>>;

/// The hash of Fowler, Noll and Vo, variant 1a: short and fast for short words.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A phrase as [`phrases`] writes it.
struct Phrase {
    topic: Topic,
    words: Vec<&'static str>,
    /// `^`: it opens its sentence.
    opens: bool,
    /// `$`: it closes its clause.
    closes: bool,
    /// `~ CLASS`: one of these words follows within five.
    then: Option<&'static str>,
}

impl Phrase {
    fn new(topic: Topic, text: &'static str) -> Self {
        let (text, then) = text.split_once(" ~ ").map_or((text, None), |(text, class)| (text, Some(class)));
        let words = text.trim_start_matches('^').trim_end_matches('$');
        Self {
            topic,
            words: words.split([' ', '\'']).filter(|it| !it.is_empty()).collect(),
            opens: text.starts_with('^'),
            closes: text.ends_with('$'),
            then: then.map(|class| phrases::class(class.trim())),
        }
    }
}

struct Word<'t> {
    text: &'t str,
    sentence: usize,
    /// Whether a colon or a dash follows, as in “Decision: …”.
    announces: bool,
    /// Whether the clause ends here: a comma, a stop, or the end.
    last: bool,
}

impl Reader {
    /// Prepares the phrases.
    pub fn new() -> Self {
        let mut by_first = ByFirst::default();
        for (topic, list) in phrases::ALL {
            for phrase in list.lines().flat_map(|line| line.split(',')) {
                let phrase = Phrase::new(*topic, phrase.trim());
                if let Some(first) = phrase.words.first() {
                    by_first.entry(first).or_default().push(phrase);
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
            for phrase in self.by_first.get(word.text).into_iter().flatten() {
                if fits(&words, at, phrase) {
                    marks.push(mark(&words, at, phrase.topic, &asking));
                }
            }
        }
        Reading { marks }
    }
}

fn fits(words: &[Word<'_>], at: usize, phrase: &Phrase) -> bool {
    let Some(found) = words.get(at..at + phrase.words.len()) else { return false };
    let sentence = found.first().map(|it| it.sentence);
    let same = found
        .iter()
        .zip(&phrase.words)
        .all(|(word, part)| word.text == *part && Some(word.sentence) == sentence);
    if !same {
        return false;
    }
    let is_one_of = |list: &str, word: &str| list.split_whitespace().any(|it| it == word);
    let mut before = words.iter().take(at).rev().take_while(|it| Some(it.sentence) == sentence);
    if phrase.opens && !before.all(|it| is_one_of(phrases::OPENINGS, it.text)) {
        return false;
    }
    if phrase.closes && !found.last().is_some_and(|it| it.last) {
        return false;
    }
    let after = words.iter().skip(at + phrase.words.len()).take_while(|it| Some(it.sentence) == sentence);
    let near: Vec<_> = after.take(5).map(|it| it.text).collect();
    let http_error = |word: &str| {
        let number = word.strip_suffix('s').unwrap_or(word);
        number == "5xx"
            || (number.len() == 3 && number.starts_with('5') && number.bytes().all(|it| it.is_ascii_digit()))
    };
    if let Some(class) = phrase.then {
        let fault = class == phrases::FAULTS;
        if !near.iter().any(|it| is_one_of(class, it) || (fault && http_error(it))) {
            return false;
        }
    }
    match phrase.topic {
        // “Decision: …” needs its colon; “the decision is hard” says nothing.
        Topic::Heading | Topic::FindingHeading => found.last().is_some_and(|it| it.announces),
        // “Let’s” needs something that changes the system within the next words, and not one’s own laptop.
        Topic::Intent => {
            let acts = near.iter().take(4).position(|it| is_one_of(phrases::ACTS, it));
            acts.is_some_and(|act| !near.iter().skip(act).take(2).any(|it| *it == "my"))
        }
        // Whoever started looking has changed nothing yet.
        Topic::Changed if phrase.opens => near.first().is_some_and(|it| !is_one_of(phrases::IDLE, it)),
        Topic::Doing if phrase.opens => !near.first().is_some_and(|it| is_one_of(phrases::IDLE, it)),
        _ => true,
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
        // A decision of now may speak of tomorrow.
        elsewhen: !matches!(topic, Topic::Heading | Topic::Decided | Topic::Intent | Topic::FindingHeading)
            && whole().any(|it| phrases::ELSEWHEN.split_whitespace().any(|word| word == it.text)),
    }
}

/// The words of a text with their sentence, and which sentences ask. Words split at apostrophes of either
/// sort, so that `let's` and `let’s` are the same two words.
fn words(text: &str) -> (Vec<Word<'_>>, Vec<bool>) {
    let mut words = Vec::with_capacity(text.len() / 5);
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
            let next = after.trim_start();
            words.push(Word {
                text: word,
                sentence,
                announces: next.starts_with([':', '—', '–']),
                last: next.is_empty() || next.starts_with([',', '.', '!', '?', ';', ':', ')', '—', '–']),
            });
            rest = after;
        }
    }
    (words, asking)
}
