//! `debrief metrics`: key instants, durations and impact of incident files as JSON, without an installation. What
//! cannot be measured is `null` with its reason; what the files state is held against their own timestamps.

use crate::{
    arguments::Metrics,
    commands::{name, put, spread},
    failure::Failure,
};
use app::{Clock as _, clock::MachineClock};
use domain::{
    Instant,
    instant::Span,
    timeline::{
        KeyInstant,
        durations::{Duration, Known, measure},
        impact::{Felt, impact},
        stated::compare,
    },
};
use importers::incident_file::{IncidentFile, read};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Prints one object, or an array of them when the files hold several incidents.
pub fn run(command: Metrics) -> Result<(), Failure> {
    let now = command.now.unwrap_or_else(|| MachineClock.now());
    let mut measured = Vec::new();
    for path in spread(command.files)? {
        let bytes = std::fs::read(&path)
            .map_err(|error| Failure::new(format!("{} cannot be read: {error}.", path.display())))?;
        let incidents = read(&name(&path), &bytes)
            .map_err(|error| Failure::new(error.to_string().replace(" Nothing was brought in.", "")))?;
        measured.extend(incidents.iter().map(|incident| metrics(&path.display().to_string(), incident, now)));
    }
    let value = if measured.len() == 1 { measured.remove(0) } else { Value::Array(measured) };
    let text = serde_json::to_string_pretty(&value).map_err(Failure::typed)? + "\n";
    put(text.as_bytes(), None)
}

/// Everything that can be measured of one incident.
fn metrics(file: &str, incident: &IncidentFile<'_>, now: Instant) -> Value {
    let known = &incident.stated;
    let mut durations = Map::new();
    let mut minutes = Map::new();
    for duration in Duration::ALL {
        let found = measure(duration, known);
        let (from, to) = duration.ends();
        let length = found.length();
        let whole = length.map(|length| in_minutes(length.span));
        durations.insert(
            duration.key().to_owned(),
            json!({
                "label": duration.label(),
                "from": from,
                "to": to,
                "minutes": whole,
                "least_minutes": length.map(|length| in_minutes(length.least)),
                "most_minutes": length.map(|length| in_minutes(length.most)),
                "reason": found.reason(),
            }),
        );
        minutes.insert(duration.key().to_owned(), json!(whole));
    }
    let stated: Vec<Value> = incident
        .durations
        .iter()
        .map(|stated| {
            let compared = compare(&stated.what, stated.span, known);
            let hours = ["support hours", "working hours", "business hours", "office hours"];
            let by_the_clock = !hours.iter().any(|words| stated.quote.to_lowercase().contains(words));
            let note = if by_the_clock { "" } else { " The words count some hours of the day only." };
            json!({
                "what": stated.what,
                "quote": stated.quote,
                "stated_minutes": stated.span.map(in_minutes),
                "compared_with": compared.with.map(|(duration, _)| duration.key()),
                "computed_minutes": compared.with.map(|(_, length)| in_minutes(length.span)),
                "agrees": compared.agrees,
                "why": format!("{}{note}", compared.why),
            })
        })
        .collect();
    let mut notes = Vec::new();
    if incident.zone_taken_for_granted {
        notes.push(
            "Times without an offset are read as UTC; durations between them hold in any one zone."
                .to_owned(),
        );
    }
    for problem in &incident.not_understood {
        notes.push(format!("{} was left out: {}.", problem.place, problem.reason));
    }
    json!({
        "file": file,
        "id": incident.id,
        "title": incident.title,
        "key_instants": key_instants(incident, known),
        "detected_by": incident.detected_by,
        "computed_minutes": minutes,
        "durations": durations,
        "impact": felt(incident, now),
        "stated": stated,
        "notes": notes,
    })
}

fn key_instants(incident: &IncidentFile<'_>, known: &BTreeMap<KeyInstant, Known>) -> Value {
    let one = |key: KeyInstant| {
        let value = known.get(&key).map(|known| {
            let (earliest, latest) = known.bounds();
            let event = incident.event_of(key);
            json!({
                "at": known.at,
                "precision": known.precision,
                "earliest": earliest,
                "latest": latest,
                "event": event.map(|event| event.id.as_str()),
                "what": event.map(|event| event.text.as_str()),
                "decided_by": "stated in the file",
            })
        });
        (key.key().to_owned(), value.unwrap_or(Value::Null))
    };
    Value::Object(KeyInstant::ALL.into_iter().map(one).collect())
}

fn felt(incident: &IncidentFile<'_>, now: Instant) -> Value {
    let impact = impact(&incident.intervals, now);
    let rows = |felt: &[Felt]| -> Vec<Value> {
        felt.iter()
            .map(|one| json!({ "service": one.service, "audience": one.audience, "minutes": in_minutes(one.length) }))
            .collect()
    };
    let reason = |value: &Result<f64, String>| value.as_ref().err().cloned();
    json!({
        "minutes": impact.length.map(in_minutes),
        "reason": impact.length.is_none().then_some("no impact interval is written down"),
        "open": impact.open,
        "services": rows(&impact.services),
        "audiences": rows(&impact.audiences),
        "weighted_minutes": impact.weighted_minutes.as_ref().ok(),
        "weighted_minutes_reason": reason(&impact.weighted_minutes),
        "user_minutes": impact.user_minutes.as_ref().ok(),
        "user_minutes_reason": reason(&impact.user_minutes),
    })
}

/// Whole minutes as a whole number, others with their part.
fn in_minutes(span: Span) -> Value {
    let micros = span.as_micros();
    if micros % 60_000_000 == 0 {
        json!(micros / 60_000_000)
    } else {
        #[expect(clippy::cast_precision_loss, reason = "a length of years in microseconds lies below 2^53")]
        let minutes = micros as f64 / 60e6;
        json!(minutes)
    }
}
