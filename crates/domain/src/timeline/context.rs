//! What an event means to the story beyond its words: a decision's circumstances, where an explanation stands, who
//! was told, what is left for later.

use crate::{EventId, Instant};
use serde::{Deserialize, Serialize};

/// Everything about an event that most events do not have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// What could be known when it was decided (TML-05).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub could_see: String,
    /// What could not be known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub could_not_see: String,
    /// Which other ways were open.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub other_ways: String,
    /// Why this way made sense; for a contributing action what made it make sense (TML-06).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub made_sense: String,
    /// Whether the action contributed to what happened.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contributing: bool,
    /// Why the system lets that action do harm (TML-06).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub lets_harm: String,
    /// Where an explanation stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// When an explanation was settled, a way turned back from, a tool back again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Who was told, for an update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// A temporary fix: when to look at it again (ACT-09).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revisit: Option<Instant>,
    /// Marked during the response to be asked later (TML-07).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub for_later: bool,
    /// A needed tool or access was not there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tool_trouble: bool,
    /// This is another account of that event; both stand side by side until somebody settles it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_of: Option<EventId>,
    /// How conflicting accounts were settled.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub settled: String,
}

/// The longest answer to one of the questions, in characters.
pub const ANSWER_MAX: usize = 5_000;

impl Context {
    /// The four parts of a decision with their names, in the order people read them.
    pub fn decision(&self) -> [(&'static str, &str); 4] {
        [
            ("They could see", &self.could_see),
            ("They could not see", &self.could_not_see),
            ("Other ways open", &self.other_ways),
            ("It made sense because", &self.made_sense),
        ]
    }
}

/// Where an explanation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Somebody said it; nothing settled it yet.
    Raised,
    /// It did not hold.
    Discarded,
    /// It held.
    Confirmed,
}

impl Standing {
    /// Every standing, in order.
    pub const ALL: [Self; 3] = [Self::Raised, Self::Discarded, Self::Confirmed];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Discarded => "discarded",
            Self::Confirmed => "confirmed",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Raised => "An explanation, raised",
            Self::Discarded => "An explanation that was set aside",
            Self::Confirmed => "An explanation that held",
        }
    }

    /// The standing of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_events_have_none_of_it() {
        assert_eq!(serde_json::to_string(&Context::default()).unwrap(), "{}");
        let some = Context { for_later: true, standing: Some(Standing::Raised), ..Context::default() };
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(serde_json::from_str::<Context>(&text).unwrap(), some);
        assert!(Standing::ALL.into_iter().all(|it| Standing::from_key(it.key()) == Some(it)));
    }
}
