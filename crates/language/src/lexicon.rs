//! What is known about words: classes from `data/language/en/words.toml`, and the forms of verbs derived there.

use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// A set of word classes, one bit each.
pub type Classes = u128;

/// Classes that the reading of clauses itself relies on; every other class of the file exists for rules only.
pub mod class {
    use super::Classes;

    macro_rules! classes {
        ($($name:ident $text:literal $bit:literal,)*) => {
            $(pub const $name: Classes = 1 << $bit;)*
            /// Name in the file and bit.
            pub const BUILT_IN: &[(&str, Classes)] = &[$(($text, $name)),*];
        };
    }

    classes! {
        DETERMINER "determiner" 0,
        PRONOUN "pronoun" 1,
        PREPOSITION "preposition" 2,
        CONJUNCTION "conjunction" 3,
        SUBORDINATOR "subordinator" 4,
        RELATIVE "relative" 5,
        NEGATION "negation" 6,
        MODAL "modal" 7,
        BE "be" 8,
        HAVE "have" 9,
        DO "do" 10,
        NUMBER "number" 11,
        US "us" 12,
        OUR "our" 13,
        PERSON_PRONOUN "person_pronoun" 14,
        ANYBODY "anybody" 15,
        PERSON "person" 16,
        CUSTOMER "customer" 17,
        PARTITIVE "partitive" 18,
        GIVEN_NAME "given_name" 19,
        ACTIVITY "activity" 20,
        THING "thing" 21,
        ADVERB "adverb" 22,
        ADJECTIVE "adjective" 23,
        ASSUME "assume" 24,
        GUARD "guard" 25,
        HYPOTHETICAL "hypothetical" 26,
        LUCK "luck" 27,
        MENTAL "mental" 28,
        ONLY_PEOPLE "only_people" 29,
        THEIR "their" 30,
        ORGANISATION "organisation" 31,
        COLLECTIVE "collective" 32,
    }
}

/// Which forms of a verb a word can be, as a set.
pub mod form {
    pub const BASE: u8 = 1;
    pub const PRESENT: u8 = 2;
    pub const PAST: u8 = 4;
    pub const PARTICIPLE: u8 = 8;
    pub const ING: u8 = 16;
}

/// What is known about one spelling.
#[derive(Debug, Clone, Copy, Default)]
pub struct Word {
    /// Which word; 0 is any word that nobody listed.
    pub id: u32,
    /// The verb this is a form of, or the word itself.
    pub lemma: u32,
    /// Classes of this spelling.
    pub classes: Classes,
    /// Classes of the verb this is a form of.
    pub lemma_classes: Classes,
    /// Forms of a verb this can be.
    pub forms: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    classes: BTreeMap<String, String>,
    verbs: Verbs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verbs {
    irregular: Vec<String>,
    classes: String,
    regular: String,
}

/// All words that are known.
#[derive(Debug, Clone)]
pub struct Lexicon {
    words: HashMap<Box<str>, Word>,
    classes: HashMap<String, Classes>,
}

impl Lexicon {
    /// Reads the file of words.
    ///
    /// # Errors
    /// What is wrong with the file, in TOML's words, or that it names more classes than fit.
    pub fn new(file: &str) -> Result<Self, String> {
        let file: File = toml::from_str(file).map_err(|error| error.to_string())?;
        let mut lexicon = Self { words: HashMap::new(), classes: HashMap::new() };
        for verb in &file.verbs.irregular {
            let forms: Vec<&str> = verb.split_whitespace().collect();
            if let [base, present, past, participle, ing] = forms[..] {
                lexicon.verb(
                    base,
                    &[
                        (present, form::PRESENT),
                        (past, form::PAST),
                        (participle, form::PARTICIPLE),
                        (ing, form::ING),
                    ],
                );
            } else {
                return Err(format!("“{verb}” needs five forms"));
            }
        }
        for base in file.verbs.regular.split_whitespace() {
            lexicon.regular(base);
        }
        for name in file.verbs.classes.split_whitespace() {
            let words =
                file.classes.get(name).ok_or_else(|| format!("there is no class “{name}” of verbs"))?;
            for base in words.split_whitespace() {
                if lexicon.word(base).forms == 0 {
                    lexicon.regular(base);
                }
            }
        }
        for (name, bit) in class::BUILT_IN {
            lexicon.classes.insert((*name).to_owned(), *bit);
        }
        for (name, words) in &file.classes {
            let next = lexicon.classes.len();
            if next >= 127 && !lexicon.classes.contains_key(name) {
                return Err("there is room for 127 classes".to_owned());
            }
            let bit = *lexicon.classes.entry(name.clone()).or_insert(1 << next);
            for word in words.split_whitespace() {
                lexicon.entry(word).classes |= bit;
            }
        }
        let of_lemma: HashMap<u32, Classes> = lexicon
            .words
            .values()
            .filter(|word| word.id == word.lemma)
            .map(|word| (word.id, word.classes))
            .collect();
        for word in lexicon.words.values_mut() {
            word.lemma_classes = of_lemma.get(&word.lemma).copied().unwrap_or_default();
        }
        Ok(lexicon)
    }

    /// What is known about a lower-case spelling, or follows from its beginning and end.
    pub fn word(&self, spelling: &str) -> Word {
        self.words.get(spelling).copied().unwrap_or_else(|| self.by_shape(spelling))
    }

    /// “misrouted” is a form of a verb that goes wrong, “re-ran” does what “ran” does, and an unknown word in -ed is a participle.
    fn by_shape(&self, spelling: &str) -> Word {
        let of = |rest: &str| self.words.get(rest).copied().filter(|word| word.forms != 0);
        if let Some(verb) =
            spelling.strip_prefix("mis").and_then(|rest| of(rest.strip_prefix('-').unwrap_or(rest)))
        {
            let misjudging = self.class("misjudging").unwrap_or_default();
            return Word { forms: verb.forms, lemma_classes: misjudging, ..Word::default() };
        }
        let again = ["re-", "re", "un", "pre-", "auto-"];
        if let Some(verb) = again.iter().find_map(|prefix| of(spelling.strip_prefix(prefix)?)) {
            return Word { forms: verb.forms, ..Word::default() };
        }
        if spelling.len() > 5
            && spelling.ends_with("ed")
            && !spelling.ends_with("eed")
            && !spelling.contains('-')
        {
            return Word { forms: form::PAST | form::PARTICIPLE, ..Word::default() };
        }
        Word::default()
    }

    /// The word of this spelling, which gets an entry of its own if it has none.
    pub fn intern(&mut self, spelling: &str) -> Word {
        let word = self.entry(spelling);
        *word
    }

    /// The bit of a class.
    pub fn class(&self, name: &str) -> Option<Classes> {
        self.classes.get(name).copied()
    }

    fn entry(&mut self, spelling: &str) -> &mut Word {
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX - 1) + 1;
        self.words.entry(spelling.into()).or_insert(Word { id: next, lemma: next, ..Word::default() })
    }

    fn verb(&mut self, base: &str, forms: &[(&str, u8)]) {
        let word = self.entry(base);
        word.forms |= form::BASE;
        let lemma = word.lemma;
        for (spelling, of) in forms {
            let word = self.entry(spelling);
            word.forms |= of;
            // A spelling that two verbs share (“found”) belongs to the one named first.
            if word.lemma == word.id && word.forms & form::BASE == 0 {
                word.lemma = lemma;
            }
        }
    }

    fn regular(&mut self, base: &str) {
        let stem = base.strip_suffix('e').unwrap_or(base);
        let y = base.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
        let present = match y {
            Some(stem) => format!("{stem}ies"),
            None if base.ends_with(['s', 'x', 'z']) || base.ends_with("sh") || base.ends_with("ch") => {
                format!("{base}es")
            }
            None => format!("{base}s"),
        };
        let past = y.map_or_else(|| format!("{stem}ed"), |stem| format!("{stem}ied"));
        let ing = if base.ends_with("ee") { format!("{base}ing") } else { format!("{stem}ing") };
        self.verb(
            base,
            &[(&present, form::PRESENT), (&past, form::PAST | form::PARTICIPLE), (&ing, form::ING)],
        );
        if let Some(last) = doubled(base) {
            self.verb(
                base,
                &[
                    (&format!("{base}{last}ed"), form::PAST | form::PARTICIPLE),
                    (&format!("{base}{last}ing"), form::ING),
                ],
            );
        }
    }
}

/// The consonant that may be written twice before an ending: “stop”, “stopped”.
fn doubled(base: &str) -> Option<char> {
    let letters: Vec<char> = base.chars().collect();
    let [.., before, vowel, last] = letters[..] else { return None };
    let is_vowel = |c: char| "aeiou".contains(c);
    (!is_vowel(before) && is_vowel(vowel) && !is_vowel(last) && !"wxy".contains(last)).then_some(last)
}
