//! What somebody who was there tells, in their own words (LAN-07): what made sense to them, given what they knew.
//!
//! Only its author changes it, and the author decides who reads it ([`crate::sealed`]). Two accounts of one moment
//! may contradict each other; both stand.

use crate::person::NotAccepted;
use serde::{Deserialize, Serialize};

/// The longest answer, in characters.
pub const ANSWER_MAX: usize = 4_000;

/// An account. Every part may be empty, but not all of them.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// What they saw and heard.
    pub saw: String,
    /// What they expected to happen.
    pub expected: String,
    /// What they knew and did not know.
    pub knew: String,
    /// What they wanted to reach.
    pub wanted: String,
    /// What pressed them.
    pub pressed: String,
    /// What they did.
    pub did: String,
    /// What happened next.
    pub next: String,
}

impl Account {
    /// The parts in the order in which they are told.
    pub const PARTS: [&'static str; 7] = ["saw", "expected", "knew", "wanted", "pressed", "did", "next"];

    /// What stands in a part.
    pub fn part(&self, name: &str) -> &str {
        match name {
            "saw" => &self.saw,
            "expected" => &self.expected,
            "knew" => &self.knew,
            "wanted" => &self.wanted,
            "pressed" => &self.pressed,
            "did" => &self.did,
            "next" => &self.next,
            _ => "",
        }
    }

    /// An account of what `said` answers for each part; the refusal names the part.
    pub fn of<'a>(said: impl Fn(&'static str) -> &'a str) -> Result<Self, (&'static str, NotAccepted)> {
        let part = |name| {
            let text = said(name).trim();
            if text.chars().count() > ANSWER_MAX {
                return Err((name, NotAccepted("An answer has at most 4,000 characters.")));
            }
            Ok(text.replace("\r\n", "\n"))
        };
        let account = Self {
            saw: part("saw")?,
            expected: part("expected")?,
            knew: part("knew")?,
            wanted: part("wanted")?,
            pressed: part("pressed")?,
            did: part("did")?,
            next: part("next")?,
        };
        if account == Self::default() {
            return Err(("saw", NotAccepted("An account needs a few words in one of its parts.")));
        }
        Ok(account)
    }

    /// As it is sealed.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As it was sealed. Words of another form are what somebody did.
    pub fn read(words: &str) -> Self {
        serde_json::from_str(words).unwrap_or_else(|_| Self { did: words.to_owned(), ..Self::default() })
    }
}

impl std::fmt::Debug for Account {
    /// It is somebody's own; a log has no need of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_what_was_said_part_by_part() {
        let account =
            Account::of(|part| if part == "knew" { " The gate\r\nwas open. " } else { "" }).unwrap();
        assert_eq!(account.knew, "The gate\nwas open.");
        assert_eq!(Account::read(&account.write()), account);
        assert_eq!(Account::PARTS.map(|part| account.part(part)).concat(), account.knew);
        assert_eq!(Account::read("no JSON").did, "no JSON");
        assert!(!format!("{account:?}").contains("gate"));
    }

    #[test]
    fn it_says_something_and_not_too_much() {
        assert_eq!(Account::of(|_| " ").unwrap_err().0, "saw");
        let long = "x".repeat(ANSWER_MAX + 1);
        for name in Account::PARTS {
            assert_eq!(Account::of(|part| if part == name { &long } else { "" }).unwrap_err().0, name);
        }
    }
}
