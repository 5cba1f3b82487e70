//! Where an incident and its post-mortem stand, in a few words with a sign.

use crate::zone::Zone;
use app::incidents::RowPostmortem;
use domain::{
    Instant,
    incident::{Incident, IncidentState},
    postmortem::PostmortemState,
    vocabulary::Term,
};

/// A state with its sign and the line below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The class of the sign: hollow, half, filled, dashed, asking.
    pub(crate) class: &'static str,
    /// The state.
    pub(crate) words: String,
    /// The line below; may be empty.
    pub(crate) under: String,
}

impl Standing {
    /// Of an incident in a list.
    pub(crate) fn of(
        incident: &Incident,
        postmortem: Option<&RowPostmortem>,
        term: &Term,
        (zone, now): (&Zone, Instant),
    ) -> Self {
        let ended = matches!(incident.state, IncidentState::Resolved | IncidentState::Closed);
        let Some(postmortem) = postmortem else {
            let (class, words) = if ended {
                ("none", format!("No {}", term.one()))
            } else {
                ("open", incident.state.label().to_owned())
            };
            let under = if ended { "" } else { "the response goes on" };
            return Self { class, words, under: under.into() };
        };
        match (&postmortem.owner, postmortem.owner_due) {
            (Some(owner), _) => Self {
                class: class(postmortem.state),
                words: format!("{}, {owner}", postmortem.state.label()),
                under: if ended { String::new() } else { incident.state.label().to_owned() },
            },
            (None, Some(due)) if due < now => Self {
                class: "ask",
                words: "Choose an owner".into(),
                under: format!("was to be chosen by {}", zone.say(due, "%a %-d %b, %H:%M")),
            },
            (None, Some(due)) => Self {
                class: "ask",
                words: "Choose an owner".into(),
                under: format!("by {}", zone.say(due, "%a %-d %b, %H:%M")),
            },
            (None, None) => Self {
                class: class(postmortem.state),
                words: postmortem.state.label().into(),
                under: String::new(),
            },
        }
    }
}

/// The sign of a post-mortem's state.
pub(crate) const fn class(state: PostmortemState) -> &'static str {
    match state {
        PostmortemState::Draft => "going",
        PostmortemState::InReview => "going review",
        PostmortemState::Published => "out",
    }
}
