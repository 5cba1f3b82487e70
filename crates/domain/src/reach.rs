//! Who can see an incident: the whole organisation, unless somebody narrowed it with a reason (SHR-05).

use crate::{Instant, person::NotAccepted};

/// The longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// How many people and how many teams one narrowing names at most.
pub const NAMED_MAX: usize = 200;

/// A reason that somebody else can read: 1 to [`REASON_MAX`] characters on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The reason as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Reason {
    type Err = NotAccepted;
    fn from_str(text: &str) -> Result<Self, NotAccepted> {
        let reason = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if reason.is_empty() {
            return Err(NotAccepted("A reason is needed; the people who can see it will read it."));
        }
        if reason.chars().count() > REASON_MAX {
            return Err(NotAccepted("A reason has at most 500 characters."));
        }
        if reason.chars().any(char::is_control) {
            return Err(NotAccepted("This reason contains characters that cannot be shown."));
        }
        Ok(Self(reason))
    }
}

/// A narrowing: why, and until when. Whoever has a part in the incident sees it all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// Why not everybody sees it.
    pub reason: Reason,
    /// When everybody sees it again; `None`: when somebody widens it.
    pub until: Option<Instant>,
}

/// Why an incident cannot be narrowed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The reason cannot be used.
    #[error(transparent)]
    Reason(#[from] NotAccepted),
    /// The end is not in the future.
    #[error("This end has passed already. Choose a later one, or none.")]
    EndsInThePast,
}

impl Narrowing {
    /// A narrowing that begins `now`.
    pub fn new(reason: &str, until: Option<Instant>, now: Instant) -> Result<Self, Refused> {
        let reason = reason.parse()?;
        if until.is_some_and(|until| until <= now) {
            return Err(Refused::EndsInThePast);
        }
        Ok(Self { reason, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowing_has_a_reason_and_ends_later_if_at_all() {
        let now = Instant::from_seconds(1_000);
        let until = |seconds| Some(Instant::from_seconds(seconds));
        assert!(
            Narrowing::new(" A customer's\n name ", None, now)
                .is_ok_and(|it| it.reason.as_str() == "A customer's name")
        );
        assert!(Narrowing::new("Names", until(1_001), now).is_ok());
        assert_eq!(Narrowing::new("Names", until(1_000), now), Err(Refused::EndsInThePast));
        for wrong in [" ", "\u{0}", &"x".repeat(501)] {
            assert!(matches!(Narrowing::new(wrong, None, now), Err(Refused::Reason(_))), "{wrong:?}");
        }
    }
}
