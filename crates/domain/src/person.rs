//! People, what they may do in the workspace, and how they are named.

use crate::PersonId;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Somebody who takes part: a member of the workspace, or only a name that evidence mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Which person.
    pub id: PersonId,
    /// The name others see.
    pub name: PersonName,
    /// Where mail goes and what one signs in with.
    pub email: Email,
    /// What the person may do in the workspace.
    pub role: Role,
    /// IANA name of the zone in which times are shown; `None` follows the browser.
    pub zone: Option<String>,
    /// Whether the account was closed. The person stays in the record.
    pub deactivated: bool,
    /// Whether this is a program that works under a name of its own. It has tokens, never a passphrase or a session.
    pub service: bool,
}

/// What a person may do in the workspace; further roles exist per incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads what is open to the organisation.
    Reader,
    /// Reads and writes.
    Member,
    /// Also looks after people and settings.
    Administrator,
}

impl Role {
    /// Every role, weakest first.
    pub const ALL: [Self; 3] = [Self::Reader, Self::Member, Self::Administrator];

    /// The name in the record and in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Member => "member",
            Self::Administrator => "administrator",
        }
    }

    /// The role of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

/// A text that cannot be a name or an address, with the reason in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAccepted(pub &'static str);

/// A name of 1 to 200 characters without control characters and outer blanks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PersonName(String);

impl PersonName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that somebody chooses now: beyond what is read from the record, it has no characters that cannot be
    /// seen or that turn the text around them (Unicode Technical Report #36, section 2).
    pub fn chosen(text: &str) -> Result<Self, NotAccepted> {
        let name: Self = text.parse()?;
        let characters: Vec<char> = name.0.chars().collect();
        for (at, &c) in characters.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| characters[before]);
            if is_unseen(c) && !joins(before, c) {
                return Err(NotAccepted(
                    "This name contains a character that cannot be seen. Type it again instead of pasting it.",
                ));
            }
        }
        if !characters.iter().any(|c| c.is_alphanumeric()) {
            return Err(NotAccepted("A name has at least one letter."));
        }
        Ok(name)
    }

    /// One or two capital letters that stand for the person beside a cursor.
    pub fn initials(&self) -> String {
        let mut words = self.0.split_whitespace().filter_map(|word| word.chars().next());
        let first = words.next();
        let last = words.next_back();
        first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
    }
}

/// Characters without a picture of their own: blanks of no width, controls of direction, fillers, tags.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Joiners change the shape of letters of some scripts, from Arabic to Sinhala, and belong into names there.
const fn joins(before: Option<char>, c: char) -> bool {
    matches!((before, c), (Some('\u{600}'..='\u{dff}'), '\u{200c}' | '\u{200d}'))
}

impl FromStr for PersonName {
    type Err = NotAccepted;
    fn from_str(text: &str) -> Result<Self, NotAccepted> {
        let name = text.trim();
        if name.is_empty() {
            return Err(NotAccepted("A name is needed."));
        }
        if name.chars().count() > 200 {
            return Err(NotAccepted("This name is longer than 200 characters."));
        }
        if name.chars().any(char::is_control) {
            return Err(NotAccepted("This name contains characters that cannot be shown."));
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail address, lower-cased, so that the same person cannot be invited twice by capital letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// The address of a service account: it tells accounts apart and nothing can be sent to it (RFC 2606, section 2).
    pub fn of_service(id: PersonId) -> Self {
        Self(format!("{id}@service.invalid"))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = NotAccepted;
    /// Accepts what can be delivered in practice: one `@`, something before it, a dot after it, no blanks.
    fn from_str(text: &str) -> Result<Self, NotAccepted> {
        let address = text.trim().to_lowercase();
        let (local, host) = address.split_once('@').ok_or(NotAccepted("This address has no @."))?;
        if local.is_empty() || host.is_empty() {
            return Err(NotAccepted("This address lacks a part before or after the @."));
        }
        if !host.contains('.') || host.starts_with('.') || host.ends_with('.') {
            return Err(NotAccepted("This address has no ending. Try one like name@company.example."));
        }
        let strange = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"()".contains(c);
        if address.chars().count() > 254 || host.contains('@') || address.chars().any(strange) {
            return Err(NotAccepted("This is not an address that mail can reach."));
        }
        Ok(Self(address))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_letters_and_lose_their_blanks() {
        let name: PersonName = "  Ada Lindqvist-Øye ".parse().unwrap();
        assert_eq!((name.as_str(), name.initials().as_str()), ("Ada Lindqvist-Øye", "AL"));
        assert_eq!("Wren".parse::<PersonName>().unwrap().initials(), "W");
        assert!("".parse::<PersonName>().is_err());
        assert!("a\u{0}b".parse::<PersonName>().is_err());
        assert!("x".repeat(201).parse::<PersonName>().is_err());
    }

    #[test]
    fn chosen_names_hide_nothing() {
        for good in ["Ödön Bak", "Анна Петрова", "李小龍", "محمد‌رضا", "ශ්‍රී ලංකා", "O’Neill-Øye 3rd", "X"]
        {
            assert_eq!(PersonName::chosen(good).map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for unseen in [
            "Ada\u{200b}",
            "\u{202e}adA",
            "Ada\u{2066}x\u{2069}",
            "A\u{ad}da",
            "\u{3164}",
            "Ada\u{200d}",
            "\u{feff}Ada",
            "A\u{200c}da",
            "Ada\u{e0041}",
            "Ada\u{2028}Lind",
            "…",
            "   ",
            "\u{1f600}",
        ] {
            assert!(PersonName::chosen(unseen).is_err(), "{unseen:?}");
        }
        let refused = PersonName::chosen(&"ж".repeat(10_000)).unwrap_err();
        assert_eq!(refused.0, "This name is longer than 200 characters.");
    }

    #[test]
    fn addresses_are_compared_without_case() {
        assert_eq!("Ada@Larkfare.Example".parse::<Email>(), "ada@larkfare.example".parse());
        for wrong in ["ada", "ada@", "@x.example", "ada@larkfare", "a b@x.example", "a@b@x.example", "a@x."] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn role_names_lead_back_to_the_role() {
        for role in Role::ALL {
            assert_eq!(Role::from_key(role.key()), Some(role));
        }
        assert!(Role::Reader < Role::Member && Role::Member < Role::Administrator);
    }
}
