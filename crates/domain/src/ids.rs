//! Identifiers: one type per noun, so that one cannot be passed for another.
//!
//! Every id is a UUIDv7: it sorts by the time of its making, and it is made from a time and random bits
//! that are passed in, never from a clock of its own (RFC 9562, section 5.7).

use crate::Instant;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// A text that is no id of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an id")]
pub struct NotAnId(String);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id for the instant `at`, told apart from others of that millisecond by `random`.
            pub fn new(at: Instant, random: [u8; 10]) -> Self {
                Self(v7(at, random))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId(text.chars().take(80).collect()))
            }
        }
    )+};
}

ids! {
    /// An incident.
    IncidentId,
    /// A piece of evidence.
    EvidenceId,
    /// An event of a timeline.
    EventId,
    /// A post-mortem, and the shared document that belongs to it.
    PostmortemId,
    /// An idea or the commitment it became.
    FollowUpId,
    /// A person with or without an account.
    PersonId,
    /// A team.
    TeamId,
    /// A signed-in browser.
    SessionId,
    /// An API token, an invitation or another one-time link.
    TokenId,
    /// One act of bringing records in.
    ImportId,
    /// One act on a timeline, which can be undone.
    TimelineActId,
    /// From when to when something was affected.
    IntervalId,
    /// Work that was queued with an act.
    JobId,
    /// An address that a product sends webhooks to.
    HookId,
    /// Something that a product sent.
    DeliveryId,
    /// A place that nobody reads by their role.
    SealedId,
    /// A service.
    ServiceId,
}

/// Instants before 1970 and after the year 10889 do not fit 48 bits of milliseconds; they are clamped.
fn v7(at: Instant, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.as_micros() / 1000).unwrap_or(0).min((1 << 48) - 1);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let early = EventId::new(Instant::from_micros(1_000_000), [255; 10]);
        let late = EventId::new(Instant::from_micros(1_001_000), [0; 10]);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn an_id_survives_its_text() {
        let id = PersonId::new(Instant::from_micros(1_700_000_000_000_000), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("INC-12".parse::<PersonId>().is_err());
    }
}
