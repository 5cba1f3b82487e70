//! Where text lives decides what is asked (domain.md 2.2).

use serde::Deserialize;
use std::str::FromStr;

/// The place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// Unknown: every rule applies, except those that need the record or a reader outside.
    #[default]
    Any,
    /// An event of a timeline.
    Timeline,
    /// What happened, told.
    Narrative,
    /// Causes, contributors.
    Cause,
    /// What limited the damage, went well or was luck; risks and near misses: margins are spoken of there.
    Mitigators,
    /// Actions.
    FollowUp,
    /// Ideas and recommendations.
    Idea,
    /// Somebody's own account, which nobody else judges.
    Account,
    /// Comments and the chat of a meeting.
    Comment,
    /// A version for readers outside.
    Public,
}

/// Every surface with the name people type.
pub const NAMES: [(&str, Surface); 10] = [
    ("any", Surface::Any),
    ("timeline", Surface::Timeline),
    ("narrative", Surface::Narrative),
    ("cause", Surface::Cause),
    ("mitigators", Surface::Mitigators),
    ("follow-up", Surface::FollowUp),
    ("idea", Surface::Idea),
    ("account", Surface::Account),
    ("comment", Surface::Comment),
    ("public", Surface::Public),
];

impl Surface {
    /// The name people type.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, surface)| *surface == self).map_or("any", |(name, _)| name)
    }

    /// What a heading says about the text below it; `None` if it says nothing.
    pub fn of_heading(heading: &str) -> Option<Self> {
        let lower = heading.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        // Order matters: “what went well in the response” is about what went well.
        Some(
            if says(&[
                "went well",
                "worked well",
                "went right",
                "lucky",
                "luck",
                "risk",
                "near miss",
                "near-miss",
                "mitigator",
                "saved us",
            ]) {
                Self::Mitigators
            } else if says(&[
                "action",
                "follow-up",
                "follow up",
                "followup",
                "next step",
                "remediation",
                "prevent",
                "todo",
                "to do",
                "to-do",
                "recommendation",
                "corrective",
                "improvement",
                "future work",
                "what we will",
                "what we're doing",
                "what are we doing",
                "moving forward",
                "going forward",
            ]) {
                Self::FollowUp
            } else if says(&["idea", "suggestion"]) {
                Self::Idea
            } else if says(&["timeline", "chronology", "sequence of events"]) {
                Self::Timeline
            } else if says(&["cause", "contribut", "trigger", "five whys", "5 whys", "why it happened"]) {
                Self::Cause
            } else if says(&[
                "summary",
                "what happened",
                "impact",
                "background",
                "detection",
                "response",
                "resolution",
                "recovery",
                "mitigation",
                "went wrong",
                "went badly",
                "went poorly",
                "overview",
                "description",
                "analysis",
                "problem",
                "findings",
                "story",
                "could have gone better",
                "investigation",
            ]) {
                Self::Narrative
            } else {
                return None;
            },
        )
    }
}

/// The name is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a surface; there are any, timeline, narrative, cause, mitigators, follow-up, idea, account, comment and public"
)]
pub struct UnknownSurface(pub String);

impl FromStr for Surface {
    type Err = UnknownSurface;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NAMES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, surface)| *surface)
            .ok_or_else(|| UnknownSurface(text.to_owned()))
    }
}
