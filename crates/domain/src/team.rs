//! Teams, as far as they have names: the incident's own words are linked to them by these.

use crate::person::{NotAccepted, PersonName};
use serde::Serialize;
use std::{fmt, str::FromStr};

/// A name of a team: 1 to 100 characters on one line, with single blanks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct GroupName(String);

impl GroupName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that somebody chooses now: beyond what is read from the record, nothing in it is unseen, as in names of
    /// people ([`PersonName::chosen`]).
    pub fn chosen(text: &str) -> Result<Self, NotAccepted> {
        let name: Self = text.parse()?;
        PersonName::chosen(&name.0)?;
        Ok(name)
    }

    /// The name as it is compared: two that differ in capitals or blanks only are one.
    pub fn matches(&self) -> String {
        compared(&self.0)
    }
}

/// A text as names are compared.
pub fn compared(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl FromStr for GroupName {
    type Err = NotAccepted;
    fn from_str(text: &str) -> Result<Self, NotAccepted> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(NotAccepted("A name is needed."));
        }
        if name.chars().count() > 100 {
            return Err(NotAccepted("This name is longer than 100 characters."));
        }
        if name.chars().any(char::is_control) {
            return Err(NotAccepted("This name contains characters that cannot be shown."));
        }
        Ok(Self(name))
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_capitals_and_blanks() {
        let name: GroupName = "  Ticket \t Gates ".parse().unwrap();
        assert_eq!((name.as_str(), name.matches().as_str()), ("Ticket Gates", "ticket gates"));
        assert_eq!(compared("TICKET  gates"), name.matches());
        for wrong in ["", "  ", "a\u{7}b", &"x".repeat(101)] {
            assert!(wrong.parse::<GroupName>().is_err(), "{wrong:?}");
        }
        for unseen in ["Gates\u{200b}", "\u{202e}setaG", "…", &"ж".repeat(10_000)] {
            assert!(GroupName::chosen(unseen).is_err(), "{unseen:?}");
        }
        assert!(GroupName::chosen("Ворота 4").is_ok());
    }
}
