//! Who was on call, from where schedules are kept: on-calls and schedules of PagerDuty (REST API v2), timelines of
//! schedules of Opsgenie (REST API v2). What a file is shows in its shape.

use crate::{ImportError, NamedBytes, json};
use domain::{Instant, on_call::ALWAYS};
use serde::Deserialize;
use std::collections::BTreeMap;

/// As many stretches are read from one file at most.
const MOST: usize = 50_000;
/// A name is cut to so many characters.
const NAME_MAX: usize = 200;

/// A schedule with the stretches that a file knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rota {
    /// `pagerduty` or `opsgenie`.
    pub source: &'static str,
    /// What the source calls it by.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// From when to when the file is complete.
    pub range: (Instant, Instant),
    /// In the order of the file.
    pub stretches: Vec<Stretch>,
}

/// Somebody on call for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Their name, or their address where the source gives nothing else.
    pub name: String,
    /// Their address, if the source gives it.
    pub email: Option<String>,
    /// 1 is asked first.
    pub level: i64,
    /// From then; [`ALWAYS`] if it has no beginning.
    pub from: Instant,
    /// Until just before then; `None`: there is no end.
    pub to: Option<Instant>,
}

#[derive(Deserialize)]
struct File {
    oncalls: Option<Vec<OnCall>>,
    schedule: Option<Schedule>,
    schedules: Option<Vec<Schedule>>,
    data: Option<Timelines>,
}

#[derive(Deserialize)]
struct OnCall {
    user: Option<User>,
    schedule: Option<Named>,
    escalation_policy: Option<Named>,
    escalation_level: Option<i64>,
    start: Option<String>,
    end: Option<String>,
}

#[derive(Deserialize)]
struct User {
    summary: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: Option<String>,
    summary: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Schedule {
    id: Option<String>,
    summary: Option<String>,
    name: Option<String>,
    final_schedule: Option<SubSchedule>,
}

#[derive(Deserialize)]
struct SubSchedule {
    #[serde(default)]
    rendered_schedule_entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    start: Option<String>,
    end: Option<String>,
    user: Option<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timelines {
    #[serde(rename = "_parent")]
    parent: Option<Named>,
    start_date: Option<String>,
    end_date: Option<String>,
    final_timeline: Option<Timeline>,
}

#[derive(Deserialize)]
struct Timeline {
    #[serde(default)]
    rotations: Vec<Rotation>,
}

#[derive(Deserialize)]
struct Rotation {
    #[serde(default)]
    periods: Vec<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Period {
    start_date: Option<String>,
    end_date: Option<String>,
    recipient: Option<Recipient>,
    #[serde(default)]
    flattened_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Reads a file; several texts of JSON one after another, as pages of an API are often kept, are read as one.
///
/// # Errors
/// [`ImportError`] with file and reason for what is none of the three shapes, or holds a time that is none.
pub fn read(file: &NamedBytes) -> Result<Vec<Rota>, ImportError> {
    let shape = |reason: String| ImportError::Shape { file: file.name.clone(), reason };
    let mut rotas: BTreeMap<(&'static str, String), Rota> = BTreeMap::new();
    for document in json::documents(&file.name, &file.bytes)? {
        let found: File = json::typed(document).map_err(|reason| {
            shape(format!("this is no file of on-calls, of a schedule or of a timeline ({reason})"))
        })?;
        let mut of_file = Vec::new();
        if let Some(on_calls) = found.oncalls {
            of_file.extend(of_on_calls(on_calls).map_err(&shape)?);
        }
        for schedule in found.schedule.into_iter().chain(found.schedules.into_iter().flatten()) {
            of_file.extend(of_schedule(schedule).map_err(&shape)?);
        }
        if let Some(timelines) = found.data {
            of_file.push(of_timelines(timelines).map_err(&shape)?);
        }
        for rota in of_file {
            let known = rotas
                .entry((rota.source, rota.id.clone()))
                .or_insert_with(|| Rota { stretches: Vec::new(), ..rota.clone() });
            known.range = (known.range.0.min(rota.range.0), known.range.1.max(rota.range.1));
            known.stretches.extend(rota.stretches);
        }
    }
    let many: usize = rotas.values().map(|rota| rota.stretches.len()).sum();
    if many == 0 {
        return Err(shape(
            "nobody is on call in it. A schedule of PagerDuty names people only if it was asked for with since and until"
                .into(),
        ));
    }
    if many > MOST {
        return Err(ImportError::TooLarge {
            file: file.name.clone(),
            reason: "it names more than 50,000 stretches of time".into(),
        });
    }
    Ok(rotas.into_values().filter(|rota| !rota.stretches.is_empty()).collect())
}

fn of_on_calls(on_calls: Vec<OnCall>) -> Result<Vec<Rota>, String> {
    let mut rotas: BTreeMap<String, Rota> = BTreeMap::new();
    for (n, on_call) in on_calls.into_iter().enumerate() {
        let Some((name, email)) = on_call.user.and_then(User::named) else { continue };
        // Who is called without a schedule is called by the policy itself.
        let Some(of) = on_call.schedule.or(on_call.escalation_policy) else { continue };
        let Some(id) = of.id.clone() else { continue };
        let stretch = stretch(
            (name, email),
            on_call.escalation_level.unwrap_or(1),
            on_call.start.as_deref(),
            on_call.end.as_deref(),
        )
        .map_err(|reason| format!("on-call {}: {reason}", n + 1))?;
        let rota = rotas.entry(id.clone()).or_insert_with(|| Rota {
            source: "pagerduty",
            name: of.called(&id),
            id,
            range: (ALWAYS, ALWAYS),
            stretches: Vec::new(),
        });
        rota.stretches.push(stretch);
    }
    Ok(rotas.into_values().map(|rota| Rota { range: extent(&rota.stretches), ..rota }).collect())
}

fn of_schedule(schedule: Schedule) -> Result<Option<Rota>, String> {
    let Some(id) = schedule.id else { return Ok(None) };
    let entries = schedule.final_schedule.map(|it| it.rendered_schedule_entries).unwrap_or_default();
    let mut stretches = Vec::new();
    for (n, entry) in entries.into_iter().enumerate() {
        let Some(who) = entry.user.and_then(User::named) else { continue };
        let found = stretch(who, 1, entry.start.as_deref(), entry.end.as_deref());
        stretches.push(found.map_err(|reason| format!("entry {} of {id}: {reason}", n + 1))?);
    }
    let name = schedule.name.or(schedule.summary).map_or_else(|| id.clone(), |name| line(&name));
    Ok(Some(Rota { source: "pagerduty", name, range: extent(&stretches), id, stretches }))
}

fn of_timelines(timelines: Timelines) -> Result<Rota, String> {
    let parent = timelines.parent.ok_or("the timeline does not say of which schedule it is")?;
    let id = parent.id.clone().or_else(|| parent.name.clone());
    let id = id.ok_or("the timeline does not say of which schedule it is")?;
    let mut stretches = Vec::new();
    let rotations = timelines.final_timeline.map(|it| it.rotations).unwrap_or_default();
    for period in rotations.into_iter().flat_map(|rotation| rotation.periods) {
        let (start, end) = (period.start_date, period.end_date);
        let whole = period.recipient.into_iter().chain(period.flattened_recipients);
        // Teams and escalations that stand for others are told by their people, if at all.
        for recipient in whole.filter(|it| it.kind.as_deref().is_none_or(|kind| kind == "user")) {
            let Some(name) = recipient.name.or(recipient.id) else { continue };
            let email = name.contains('@').then(|| name.clone());
            let found = stretch((line(&name), email), 1, start.as_deref(), end.as_deref())?;
            if !stretches.contains(&found) {
                stretches.push(found);
            }
        }
    }
    let (from, to) = extent(&stretches);
    let range = (
        time(timelines.start_date.as_deref())?.unwrap_or(from),
        time(timelines.end_date.as_deref())?.unwrap_or(to),
    );
    Ok(Rota { source: "opsgenie", name: parent.called(&id), id, range, stretches })
}

impl Named {
    fn called(&self, id: &str) -> String {
        self.name.as_deref().or(self.summary.as_deref()).map_or_else(|| id.to_owned(), line)
    }
}

impl User {
    fn named(self) -> Option<(String, Option<String>)> {
        let name = self.name.or(self.summary).or_else(|| self.email.clone())?;
        let name = line(&name);
        (!name.is_empty()).then_some((name, self.email))
    }
}

fn stretch(
    (name, email): (String, Option<String>),
    level: i64,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<Stretch, String> {
    let from = time(start)?.unwrap_or(ALWAYS).max(ALWAYS);
    Ok(Stretch { name, email, level: level.clamp(1, 100), from, to: time(end)? })
}

fn time(text: Option<&str>) -> Result<Option<Instant>, String> {
    let Some(text) = text else { return Ok(None) };
    let short: String = text.chars().take(60).collect();
    text.parse().map(Some).map_err(|_| format!("“{short}” is no time"))
}

/// From the first beginning to the last end.
fn extent(stretches: &[Stretch]) -> (Instant, Instant) {
    let from = stretches.iter().map(|it| it.from).min().unwrap_or(ALWAYS);
    let last = stretches.iter().map(|it| it.to.unwrap_or(Instant::from_micros(i64::MAX))).max();
    (from, last.unwrap_or(ALWAYS))
}

/// A name on one line, of a bounded length.
fn line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

#[cfg(test)]
#[path = "on_call_tests.rs"]
mod tests;
