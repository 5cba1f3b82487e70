//! Incident files ([`crate::incident_file`]) as records: every event of the file with the kind that it states.

use crate::{
    ImportError, NamedBytes, SourceIncident,
    collect::Collector,
    incident_file::{self, FileEvent, IncidentFile},
    record::bounded_id,
};
use domain::{
    Instant,
    evidence::{Author, AuthorKind, Evidence, Facts, Signal, Source},
    timeline::{EventKind, KeyInstant, event::ActorKind},
};
use std::collections::HashMap;

/// Reads every incident of a file.
pub fn read(collector: &mut Collector, file: &NamedBytes) -> Result<(), ImportError> {
    incident_file::collect(collector, file, take)
}

fn take(collector: &mut Collector, it: IncidentFile<'_>) {
    let stated = |which: KeyInstant| -> Option<Instant> { it.stated.get(&which).map(|known| known.at) };
    let first = it.events.first().map(|event| event.at.at);
    let states = states(&it);
    collector.incident(SourceIncident {
        id: it.id.clone(),
        title: it.title,
        url: it.url,
        created_at: stated(KeyInstant::Declared).or_else(|| stated(KeyInstant::Detected)).or(first),
        resolved_at: stated(KeyInstant::Resolved),
        ended: stated(KeyInstant::Resolved).is_some(),
        severity: it.severity,
        services: it.services,
        teams: it.team.into_iter().collect(),
        intervals: it.intervals,
        ..SourceIncident::default()
    });
    let told = |event: FileEvent| {
        let instants = states.get(&event.id).cloned().unwrap_or_default();
        record(event, instants)
    };
    collector.add_all(&it.id, it.events.into_iter().map(told));
    if let Some(problem) = it.not_understood.first() {
        // The whole is kept, since what was left out has no other place.
        let told = format!("{} and what else is named could not be read: {}", problem.place, problem.reason);
        collector.keep(Some(&it.id), &problem.place, &told, it.raw);
    }
    for problem in it.not_understood.iter().skip(1) {
        collector.problem(&problem.place, problem.reason.clone());
    }
}

/// The key instants that the file states, by the event that each is taken from. Events are gone through once for each
/// instant and never once for each event: a file may hold as many as it likes.
fn states(it: &IncidentFile<'_>) -> HashMap<String, Vec<KeyInstant>> {
    let mut states: HashMap<String, Vec<KeyInstant>> = HashMap::new();
    for key in it.stated.keys() {
        if let Some(event) = it.event_of(*key) {
            states.entry(event.id.clone()).or_default().push(*key);
        }
    }
    states
}

/// The record of an event; `instants` are those that the file takes from it.
fn record(event: FileEvent, instants: Vec<KeyInstant>) -> Evidence {
    let signal = match event.kind {
        EventKind::Alert => Signal::AlertFired,
        EventKind::Change => Signal::Deployed,
        EventKind::Update => Signal::StatusUpdate,
        _ => Signal::Note,
    };
    let text = if event.detail.is_empty() { event.text } else { format!("{}\n{}", event.text, event.detail) };
    let kind = |kind| match kind {
        ActorKind::System => AuthorKind::Machine,
        ActorKind::Person | ActorKind::Role => AuthorKind::Person,
    };
    Evidence {
        author: event.actor.map(|it| Author { name: it.name, kind: kind(it.kind), source_id: None }),
        text,
        place: event.team.or(event.source),
        url: event.url,
        facts: Facts {
            source_type: event.said_kind,
            kind: Some(event.kind.key().to_owned()),
            precision: event.at.precision,
            instants,
            ..Facts::default()
        },
        signal,
        source_id: bounded_id(event.id),
        at: event.at.at,
        raw: event.raw,
        source: Source::Json,
    }
}
