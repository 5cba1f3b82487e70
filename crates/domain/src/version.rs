//! Versions of a shared document: what it said at a moment that matters (TIM-10, LIF-08).

use std::{fmt, str::FromStr};

/// The longest name of a version, in characters.
pub const NAME_MAX: usize = 80;

/// The number of a version within its document: 1, 2, 3, … in the order of their making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionNumber(pub i64);

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no number of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the number of a version")]
pub struct NotAVersion;

impl FromStr for VersionNumber {
    type Err = NotAVersion;
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let plain = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(number) if plain && number > 0 => Ok(Self(number)),
            _ => Err(NotAVersion),
        }
    }
}

/// Why a version was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionKind {
    /// Somebody gave this moment a name, 1 to [`NAME_MAX`] characters.
    Named(String),
    /// The post-mortem came to another state, its first one included. Kept for good.
    StateChange,
    /// Writing began again after a while.
    Automatic,
    /// What the document said just before an earlier version was brought back.
    BeforeRestore,
    /// An earlier version was brought back.
    Restored {
        /// Which one.
        from: VersionNumber,
    },
}

impl VersionKind {
    /// The name in the record and in the API.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Named(_) => "named",
            Self::StateChange => "state_change",
            Self::Automatic => "automatic",
            Self::BeforeRestore => "before_restore",
            Self::Restored { .. } => "restored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain() {
        assert_eq!("12".parse(), Ok(VersionNumber(12)));
        for bad in ["", "0", "-1", "+1", " 1", "1.5", "now", "99999999999999999999"] {
            assert_eq!(bad.parse::<VersionNumber>(), Err(NotAVersion), "{bad:?}");
        }
    }
}
