//! What every export and every draft says about an incident beside people's own words.

use domain::{
    Instant,
    follow_up::FollowUpState,
    incident::{IncidentKind, Severity},
    timeline::{
        KeyInstant,
        durations::{Duration, measure},
    },
    vocabulary::Term,
};
use exports::{Moment, Outlook};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The facts that stand at the head of a post-mortem, as far as they are known.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// What sort of incident.
    pub kind: Option<IncidentKind>,
    /// How bad.
    pub severity: Option<Severity>,
    /// Affected services.
    pub services: &'a [String],
    /// The team.
    pub team: Option<&'a str>,
    /// When it was declared.
    pub declared_at: Option<Instant>,
    /// When the response ended.
    pub resolved_at: Option<Instant>,
    /// Key instants that are known.
    pub instants: BTreeMap<KeyInstant, Instant>,
    /// Who took part.
    pub participants: &'a [String],
    /// Who looks after the post-mortem.
    pub owner: Option<&'a str>,
    /// What the place calls it.
    pub term: &'a Term,
}

impl Facts<'_> {
    /// Label and value of each fact, in order. Times are in UTC. A duration that cannot be measured says why.
    pub fn lines(&self) -> Vec<(String, String)> {
        let time = |at: Instant| at.format(&TimeZone::UTC, "%A %-d %B %Y, %H:%M UTC");
        let owner = format!("Owner of the {}", self.term.one());
        let known = [
            ("What", self.kind.map(|kind| kind.label().to_owned())),
            ("Severity", self.severity.map(|severity| format!("{} of 4", severity.level()))),
            ("Declared", self.declared_at.map(time)),
            ("Resolved", self.resolved_at.map(time)),
            ("Services", (!self.services.is_empty()).then(|| self.services.join(", "))),
            ("Team", self.team.map(str::to_owned)),
            (owner.as_str(), self.owner.map(str::to_owned)),
            ("Took part", (!self.participants.is_empty()).then(|| self.participants.join(", "))),
        ];
        let known = known.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
        // The four that everybody asks for say why they are missing; the others stand where they are known.
        let durations = Duration::ALL.into_iter().filter_map(|duration| {
            let found = measure(duration, &self.instants);
            let usual = Duration::USUAL.contains(&duration);
            let value = match (found.length(), found.reason()) {
                (Some(length), _) => length.to_string(),
                (None, Some(reason)) if usual => format!("not known: {reason}"),
                (None, _) => return None,
            };
            Some((duration.label().to_owned(), value))
        });
        known.chain(durations).collect()
    }
}

/// The timeline for readers: what is shown of it, in order.
pub fn moments(timeline: &[crate::timeline::Shown]) -> Vec<Moment> {
    timeline
        .iter()
        .filter(|shown| !shown.event.hidden)
        .map(|shown| Moment {
            attached: Vec::new(),
            at: shown.event.at,
            precision: shown.event.precision,
            kind: shown.event.kind,
            title: shown.event.title.clone(),
            detail: shown.event.detail.clone(),
            actor: shown.event.actor.as_ref().map(|actor| actor.name.clone()),
            team: shown.event.team.clone(),
            instants: shown.instants.clone(),
            sources: sources(
                shown.evidence.iter().map(|cited| (cited.source.label(), cited.place.as_deref())),
            ),
        })
        .collect()
}

/// Where something was recorded, each place once: `Slack, #gates`.
pub(crate) fn sources<'a>(cited: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for (product, place) in cited {
        let words = place.map_or_else(|| product.to_owned(), |place| format!("{product}, {place}"));
        if !sources.contains(&words) {
            sources.push(words);
        }
    }
    sources
}

/// Ideas and follow-ups for readers. What was dropped stays, with its reason.
pub fn outlooks(rows: &[crate::follow_ups::Row], now: Instant) -> Vec<Outlook> {
    let day = |at: Instant| at.format(&TimeZone::UTC, "%-d %B %Y");
    rows.iter()
        .map(|row| {
            let owner = row.owner.as_deref().unwrap_or("somebody");
            let state = match &row.follow_up.state {
                FollowUpState::Idea if row.follow_up.rests(now) => {
                    format!("an idea, resting until {}", day(row.follow_up.opens_at))
                }
                FollowUpState::Idea => "an idea, rested".to_owned(),
                FollowUpState::Committed { due, .. } => format!("{owner} by {}", day(*due)),
                FollowUpState::Done { at, .. } => format!("done by {owner}, {}", day(*at)),
                FollowUpState::Dropped { reason, .. } => format!("not done, because {reason}"),
            };
            Outlook {
                text: row.follow_up.text.clone(),
                intent: row.follow_up.intent.label().to_owned(),
                done: matches!(row.follow_up.state, FollowUpState::Done { .. }),
                state,
            }
        })
        .collect()
}
