//! The mark of a severity: weight of ink with its numeral, never a colour.

use domain::incident::{Incident, IncidentKind, Severity};

/// The mark beside an incident's title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The classes that draw it.
    pub(crate) class: &'static str,
    /// The numeral or sign in it.
    pub(crate) sign: String,
    /// What it means, for the hover and for people who do not see it.
    pub(crate) spoken: String,
}

impl Mark {
    /// Of an incident.
    pub(crate) fn of(incident: &Incident) -> Self {
        match (incident.severity.map(Severity::level), incident.kind) {
            (Some(level), _) => Self {
                class: ["s1", "s2", "s3", "s4"][usize::from(level.clamp(1, 4) - 1)],
                sign: level.to_string(),
                spoken: format!("Severity {level} of 4"),
            },
            (None, IncidentKind::Incident) => {
                Self { class: "s4", sign: "–".into(), spoken: "Severity not said".into() }
            }
            (None, kind) => Self { class: "s4", sign: "○".into(), spoken: kind.label().into() },
        }
    }
}
