//! What a place calls what it writes about an incident (DOC-10).

use crate::person::{NotAccepted, PersonName};

/// The longest word, in characters.
pub const TERM_MAX: usize = 40;

/// A word for one of them and a word for several, as they stand within a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    one: String,
    many: String,
}

impl Term {
    /// Words that many places use; the first holds until somebody chooses.
    pub const USUAL: [(&str, &str); 6] = [
        ("post-mortem", "post-mortems"),
        ("incident debrief", "incident debriefs"),
        ("retrospective", "retrospectives"),
        ("after-action report", "after-action reports"),
        ("learning review", "learning reviews"),
        ("incident review", "incident reviews"),
    ];

    /// Words of the place's own: 1 to [`TERM_MAX`] characters each, of those that can be seen, on one line.
    pub fn new(one: &str, many: &str) -> Result<Self, NotAccepted> {
        Ok(Self { one: word(one)?, many: word(many)? })
    }

    /// One of them: `post-mortem`.
    pub fn one(&self) -> &str {
        &self.one
    }

    /// Several: `post-mortems`.
    pub fn many(&self) -> &str {
        &self.many
    }

    /// One of them with its article: `a post-mortem`, `an incident debrief`.
    pub fn some(&self) -> String {
        let vowel = self.one.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
        format!("{} {}", if vowel { "an" } else { "a" }, self.one)
    }

    /// One of them where a sentence or a label begins: `Post-mortem`.
    pub fn title(&self) -> String {
        let mut letters = self.one.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// Whether it is none of [`Self::USUAL`].
    pub fn is_own(&self) -> bool {
        !Self::USUAL.contains(&(self.one(), self.many()))
    }
}

impl Default for Term {
    fn default() -> Self {
        let (one, many) = Self::USUAL[0];
        Self { one: one.to_owned(), many: many.to_owned() }
    }
}

fn word(text: &str) -> Result<String, NotAccepted> {
    let word = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if word.is_empty() || word.chars().count() > TERM_MAX {
        return Err(NotAccepted("A word has 1 to 40 characters, for one and for several."));
    }
    // Whatever cannot be seen is refused in names, and this stands in as many places.
    PersonName::chosen(&word)
        .map_err(|_| NotAccepted("A word has at least one letter, and no characters that cannot be seen."))?;
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_sentences() {
        let term = Term::default();
        assert_eq!((term.some().as_str(), term.title().as_str()), ("a post-mortem", "Post-mortem"));
        let term = Term::new(" incident\n debrief ", "incident debriefs").unwrap();
        assert_eq!(
            (term.some().as_str(), term.title().as_str()),
            ("an incident debrief", "Incident debrief")
        );
        assert!(
            !term.is_own() && Term::new("élan", "élans").is_ok_and(|it| it.is_own() && it.title() == "Élan")
        );
        assert!(Term::USUAL.iter().all(|(one, many)| Term::new(one, many).is_ok()));
    }

    #[test]
    fn words_are_short_and_seen() {
        for wrong in [
            "",
            " ",
            "…",
            "a\u{0}b",
            "re\u{200b}view",
            "\u{202e}weiver",
            &"x".repeat(41),
            &"ж".repeat(10_000),
        ] {
            assert!(Term::new(wrong, "reviews").is_err(), "{wrong:?}");
            assert!(Term::new("review", wrong).is_err(), "{wrong:?}");
        }
        assert!(Term::new(&"ж".repeat(40), "reviews").is_ok());
    }
}
