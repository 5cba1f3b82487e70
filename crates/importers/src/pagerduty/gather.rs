//! Sorting the records of several files by the incident they belong to.

use super::{PagerdutyExport, PagerdutyIncident, entry, severity, shape};
use crate::{
    ImportError, NamedBytes, Problem,
    collect::{NO_TIME, in_order},
    json,
    record::{bounded_id, clean, instant, line, sum_id, web_address},
};
use domain::{
    Instant,
    evidence::{Author, AuthorKind, Evidence, Facts, Signal, Source},
    instant::Span,
};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A note and the log entry about it carry the same words within this time.
const SAME_NOTE: Span = Span::minutes(5);

/// What has been read so far.
#[derive(Default)]
pub struct Gathering {
    incidents: BTreeMap<String, Collected>,
    /// Evidence with the incident it names, if it names one.
    pub(super) records: Vec<(Option<String>, Evidence)>,
    notes: Vec<(Option<String>, Evidence)>,
    problems: Vec<Problem>,
}

#[derive(Default)]
struct Collected {
    facts: PagerdutyIncident,
    /// What the incident record itself says about its course, for exports without log entries.
    course: Vec<Evidence>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Incident,
    LogEntry,
    Note,
    Alert,
    StatusUpdate,
    Webhook,
    Change,
    Enqueued,
    Postmortem,
    Unknown,
}

impl Gathering {
    /// Takes all records of one file.
    pub fn file(&mut self, file: &NamedBytes) -> Result<(), ImportError> {
        for (index, document) in json::documents(&file.name, &file.bytes)?.into_iter().enumerate() {
            self.document(&file.name, index, document);
        }
        Ok(())
    }

    fn document(&mut self, file: &str, index: usize, document: &RawValue) {
        if document.get().starts_with('[') {
            match json::typed::<Vec<&RawValue>>(document) {
                Ok(records) => self.bare(file, &records),
                Err(reason) => self.problem(file, format!("part {}", index + 1), reason),
            }
            return;
        }
        let page = match json::typed::<shape::Page<'_>>(document) {
            Ok(page) => page,
            Err(reason) => return self.problem(file, format!("part {}", index + 1), reason),
        };
        let kinds = [
            (Kind::Incident, "incidents", page.incident, page.incidents),
            (Kind::LogEntry, "log_entries", page.log_entry, page.log_entries),
            (Kind::Note, "notes", page.note, page.notes),
            (Kind::Alert, "alerts", page.alert, page.alerts),
            (Kind::StatusUpdate, "status_updates", page.status_update, page.status_updates),
        ];
        // A single record may carry `incident` or `note` as a field of its own, so it is looked at first.
        let alone = kind_of(document);
        if alone != Kind::Unknown {
            return self.record(file, "record 1".to_owned(), alone, document);
        }
        let mut found = page.event.is_some() || page.change_events.is_some() || page.payload.is_some();
        if let Some(event) = page.event {
            self.record(file, "event".to_owned(), Kind::Webhook, event);
        }
        for (at, raw) in page.change_events.into_iter().flatten().enumerate() {
            self.record(file, format!("change_events, record {}", at + 1), Kind::Change, raw);
        }
        if page.payload.is_some() {
            self.record(file, "event".to_owned(), Kind::Enqueued, document);
        }
        if let Some(raw) = page.postmortem {
            found = true;
            self.record(file, "postmortem".to_owned(), Kind::Postmortem, raw);
        }
        for (kind, name, one, many) in kinds {
            found |= one.is_some() || many.is_some();
            for (at, raw) in one.into_iter().chain(many.into_iter().flatten()).enumerate() {
                self.record(file, format!("{name}, record {}", at + 1), kind, raw);
            }
        }
        if !found {
            let reason = "this is not an answer of PagerDuty that Debrief reads".to_owned();
            self.problem(file, format!("part {}", index + 1), reason);
        }
    }

    fn bare(&mut self, file: &str, records: &[&RawValue]) {
        for (at, raw) in records.iter().enumerate() {
            let place = format!("record {}", at + 1);
            // An array may also hold whole pages.
            let page = json::typed::<shape::Page<'_>>(raw).is_ok_and(|it| {
                it.incidents.is_some()
                    || it.log_entries.is_some()
                    || it.notes.is_some()
                    || it.alerts.is_some()
            });
            match kind_of(raw) {
                Kind::Unknown if page => self.document(file, at, raw),
                Kind::Unknown => self.problem(file, place, "this is no record of PagerDuty's".to_owned()),
                kind => self.record(file, place, kind, raw),
            }
        }
    }

    fn record(&mut self, file: &str, place: String, kind: Kind, raw: &RawValue) {
        let read = match kind {
            Kind::Incident => json::typed(raw).map(|it| self.incident(&it, raw.get())),
            Kind::LogEntry => json::typed(raw).map(|it| self.log_entry(file, &place, &it, raw.get())),
            Kind::Note => json::typed(raw).map(|it| self.note(&it, raw.get())),
            Kind::Alert => json::typed(raw).and_then(|it| self.alert(&it, raw.get())),
            Kind::StatusUpdate => json::typed(raw).map(|it| self.status_update(&it, raw.get())),
            Kind::Webhook => json::typed(raw).and_then(|it| self.webhook(file, &place, &it, raw.get())),
            Kind::Change => json::typed(raw).map(|it| self.change(&it, raw.get())),
            Kind::Enqueued => self.enqueued(raw),
            Kind::Postmortem => json::typed(raw).map(|it| self.postmortem(&it, raw.get())),
            Kind::Unknown => Ok(()),
        };
        if let Err(reason) = read {
            self.not_understood(file, place, reason, raw.get());
        }
    }

    pub(super) fn problem(&mut self, file: &str, place: String, reason: String) {
        self.problems.push(Problem { file: file.to_owned(), place, reason });
    }

    /// A record that is no record: kept as evidence without a time of its own.
    fn not_understood(&mut self, file: &str, place: String, reason: String, raw: &str) {
        let facts = Facts { problem: Some(reason.clone()), ..Facts::default() };
        let evidence = Evidence { facts, ..blank(Signal::NotUnderstood, sum_id(raw), NO_TIME, raw) };
        self.records.push((None, evidence));
        self.problem(file, place, reason);
    }

    pub(super) fn incident(&mut self, it: &shape::Incident, raw: &str) {
        let Some(id) = it.id.clone().map(bounded_id) else { return };
        let title = it.title.as_deref().map(line).or_else(|| it.summary.as_deref().map(entry::title_of));
        let priority = it.priority.as_ref().and_then(shape::Reference::label);
        let mut services = entry::names(it.service.as_ref().map(std::slice::from_ref));
        services.extend(entry::names(it.impacted_services.as_deref()));
        let people = it.assignments.iter().flatten().filter_map(|it| it.assignee.clone());
        let people = people.chain(it.incidents_responders.iter().flatten().filter_map(|it| it.user.clone()));
        let people =
            people.chain(it.acknowledgements.iter().flatten().filter_map(|it| it.acknowledger.clone()));
        let resolved = it.status.as_deref() == Some("resolved");
        let fallback = if resolved { it.last_status_change_at.as_deref() } else { None };
        let facts = PagerdutyIncident {
            id: id.clone(),
            number: it.incident_number,
            title: title.filter(|it| !it.is_empty()),
            url: web_address(it.html_url.as_deref()),
            created_at: instant(it.created_at.as_deref()),
            resolved_at: instant(it.resolved_at.as_deref()).or_else(|| instant(fallback)),
            status: it.status.as_deref().map(line),
            severity: priority.as_deref().and_then(severity),
            priority,
            urgency: it.urgency.as_deref().map(line),
            services,
            teams: entry::names(it.teams.as_deref()),
            responders: entry::names(Some(&people.collect::<Vec<_>>())),
            evidence: Vec::new(),
        };
        let course = course(it, &facts, raw);
        let entry = self.incidents.entry(id).or_default();
        // Pages overlap; the record that says more about the end is the later one.
        if entry.facts.id.is_empty() || facts.resolved_at.is_some() {
            *entry = Collected { facts, course };
        }
    }

    fn log_entry(&mut self, file: &str, place: &str, it: &shape::LogEntry, raw: &str) {
        let reading = entry::read(it);
        let at = instant(it.created_at.as_deref());
        let no_time = at.is_none().then(|| "the log entry has no time that can be read".to_owned());
        let problem = reading.problem.or(no_time);
        let service = it.service.as_ref().and_then(shape::Reference::label);
        let id = it.id.clone().unwrap_or_else(|| sum_id(raw));
        let signal = if problem.is_some() { Signal::NotUnderstood } else { reading.signal };
        let key = it.channel.as_ref().and_then(|it| it.incident_key.clone());
        let evidence = Evidence {
            author: entry::author(it.agent.as_ref()),
            text: reading.text,
            place: service.clone(),
            url: web_address(it.html_url.as_deref()),
            facts: Facts {
                source_type: line(it.kind.as_deref().unwrap_or_default()),
                people: reading.people,
                service,
                alert: key.filter(|_| signal == Signal::Triggered).map(|it| line(&it)),
                problem: problem.clone(),
                ..Facts::default()
            },
            ..blank(signal, bounded_id(id), at.unwrap_or(NO_TIME), raw)
        };
        if let Some(reason) = problem {
            self.problem(file, place.to_owned(), reason);
        }
        let incident = it.incident.as_ref();
        if let Some(summary) = incident.and_then(|it| it.summary.as_deref()) {
            self.learn_title(incident.and_then(|it| it.id.clone()), summary);
        }
        self.records.push((incident.and_then(|it| it.id.clone()).map(bounded_id), evidence));
    }

    pub(super) fn learn_title(&mut self, id: Option<String>, summary: &str) {
        let Some(id) = id.map(bounded_id) else { return };
        let facts = &mut self.incidents.entry(id).or_default().facts;
        if facts.title.is_none() {
            facts.title = Some(entry::title_of(summary)).filter(|it| !it.is_empty());
        }
    }

    fn note(&mut self, it: &shape::Note, raw: &str) {
        let id = format!("note/{}", it.id.clone().unwrap_or_else(|| sum_id(raw)));
        let at = instant(it.created_at.as_deref());
        let evidence = Evidence {
            author: entry::author(it.user.as_ref()),
            text: it.content.as_deref().map(clean).unwrap_or_default(),
            facts: Facts { source_type: "note".to_owned(), ..Facts::default() },
            ..blank(Signal::Note, bounded_id(id), at.unwrap_or(NO_TIME), raw)
        };
        let incident = it.incident_id.clone().or_else(|| it.incident.as_ref().and_then(|it| it.id.clone()));
        self.notes.push((incident.map(bounded_id), evidence));
    }

    fn alert(&mut self, it: &shape::Alert, raw: &str) -> Result<(), String> {
        // Other products also list `alerts`; theirs have neither of PagerDuty's two marks.
        if it.id.is_none() && it.created_at.is_none() {
            return Err("this is no alert of PagerDuty's: it has neither id nor created_at".to_owned());
        }
        let own = it.id.clone().unwrap_or_else(|| sum_id(raw));
        let service = it.service.as_ref().and_then(shape::Reference::label);
        let name = it.summary.as_deref().map(line).filter(|it| !it.is_empty());
        let name = name.unwrap_or_else(|| "Alert".to_owned());
        let severity =
            it.severity.as_deref().map(|it| format!("\nseverity: {}", line(it))).unwrap_or_default();
        let details = it.body.as_ref().map(|it| details(&it.details)).unwrap_or_default();
        let key = it.alert_key.as_deref().map(line).filter(|it| !it.is_empty());
        let base = Evidence {
            author: it.integration.as_ref().and_then(shape::Reference::label).map(|name| Author {
                name,
                kind: AuthorKind::Machine,
                source_id: None,
            }),
            text: format!("{name}{severity}{details}"),
            place: service.clone(),
            url: web_address(it.html_url.as_deref()),
            facts: Facts {
                source_type: "alert".to_owned(),
                service,
                alert: Some(key.unwrap_or_else(|| own.clone())),
                ..Facts::default()
            },
            ..blank(Signal::AlertFired, String::new(), NO_TIME, raw)
        };
        let incident = it.incident.as_ref().and_then(|it| it.id.clone()).map(bounded_id);
        if let Some(at) = instant(it.resolved_at.as_deref()) {
            let id = bounded_id(format!("alert/{own}/cleared"));
            let cleared =
                Evidence { signal: Signal::AlertCleared, source_id: id, at, text: name, ..base.clone() };
            self.records.push((incident.clone(), cleared));
        }
        let at = instant(it.created_at.as_deref()).unwrap_or(NO_TIME);
        self.records.push((incident, Evidence { source_id: bounded_id(format!("alert/{own}")), at, ..base }));
        Ok(())
    }

    fn status_update(&mut self, it: &shape::StatusUpdate, raw: &str) {
        let id = format!("status-update/{}", it.id.clone().unwrap_or_else(|| sum_id(raw)));
        let at = instant(it.created_at.as_deref()).unwrap_or(NO_TIME);
        let evidence = Evidence {
            author: entry::author(it.sender.as_ref()),
            text: it.message.as_deref().map(clean).unwrap_or_default(),
            facts: Facts { source_type: "status_update".to_owned(), ..Facts::default() },
            ..blank(Signal::StatusUpdate, bounded_id(id), at, raw)
        };
        let incident = it.incident_id.clone().or_else(|| it.incident.as_ref().and_then(|it| it.id.clone()));
        self.records.push((incident.map(bounded_id), evidence));
    }

    /// Joins notes with their log entries, gives every record its incident, and puts all in order.
    pub fn finish(mut self) -> PagerdutyExport {
        self.join_notes();
        let only = self.only_incident();
        let mut unattached = Vec::new();
        for (incident, evidence) in std::mem::take(&mut self.records) {
            match incident.or_else(|| only.clone()) {
                Some(id) => self.incidents.entry(id).or_default().facts.evidence.push(evidence),
                None => unattached.push(evidence),
            }
        }
        let incidents = self.incidents.into_iter().map(|(id, collected)| complete(id, collected));
        let mut incidents: Vec<_> = incidents.collect();
        incidents.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        in_order(&mut unattached, None);
        PagerdutyExport { incidents, unattached, not_understood: self.problems }
    }

    /// The incident that records without one belong to, if there is exactly one.
    fn only_incident(&self) -> Option<String> {
        let named = self.records.iter().filter_map(|(id, _)| id.as_ref());
        let ids: HashSet<_> = self.incidents.keys().chain(named).take(100_000).collect();
        (ids.len() == 1).then(|| ids.into_iter().next().cloned()).flatten()
    }

    /// A note comes twice: by itself and as a log entry. The log entry stays, since it names the incident.
    fn join_notes(&mut self) {
        let mut known: HashMap<String, Vec<(Instant, Option<String>)>> = HashMap::new();
        for (incident, evidence) in &self.records {
            if evidence.signal == Signal::Note {
                known.entry(line(&evidence.text)).or_default().push((evidence.at, incident.clone()));
            }
        }
        for (incident, note) in std::mem::take(&mut self.notes) {
            // At most a few candidates are looked at: the same words thousands of times mean nothing.
            let twin = known.get(&line(&note.text)).into_iter().flatten().take(50).any(|(at, of)| {
                let apart = at.since(note.at).as_micros().abs();
                apart <= SAME_NOTE.as_micros() && (incident.is_none() || of.is_none() || *of == incident)
            });
            if !twin {
                self.records.push((incident, note));
            }
        }
    }
}

pub(super) fn blank(signal: Signal, source_id: String, at: Instant, raw: &str) -> Evidence {
    Evidence {
        source: Source::Pagerduty,
        source_id,
        at,
        author: None,
        signal,
        text: String::new(),
        place: None,
        url: None,
        facts: Facts::default(),
        raw: raw.to_owned(),
    }
}

fn kind_of(raw: &RawValue) -> Kind {
    let Ok(bare) = json::typed::<shape::Bare>(raw) else { return Kind::Unknown };
    match bare.kind.as_deref().unwrap_or_default() {
        "incident" => Kind::Incident,
        "alert" => Kind::Alert,
        "incident_status_update" | "status_update" => Kind::StatusUpdate,
        "change_event" => Kind::Change,
        kind if kind.ends_with("_log_entry") => Kind::LogEntry,
        _ if bare.content.is_some() && bare.created_at.is_some() => Kind::Note,
        _ if bare.message.is_some() && bare.created_at.is_some() => Kind::StatusUpdate,
        _ => Kind::Unknown,
    }
}

/// Opening, acknowledgements and closing as the incident record states them.
fn course(it: &shape::Incident, facts: &PagerdutyIncident, raw: &str) -> Vec<Evidence> {
    let about = |signal, at, what: &str, text: String, author| Evidence {
        author,
        text,
        place: facts.services.first().cloned(),
        url: facts.url.clone(),
        facts: Facts {
            source_type: "incident".to_owned(),
            service: facts.services.first().cloned(),
            ..Facts::default()
        },
        ..blank(signal, bounded_id(format!("incident/{}/{what}", facts.id)), at, raw)
    };
    let mut course = Vec::new();
    let title = facts.title.as_deref().unwrap_or_default();
    if let Some(at) = facts.created_at {
        course.push(about(Signal::Triggered, at, "created", format!("Triggered: {title}"), None));
    }
    for (index, ack) in it.acknowledgements.iter().flatten().take(100).enumerate() {
        let author = entry::author(ack.acknowledger.as_ref());
        if let Some(at) = instant(ack.at.as_deref()) {
            let by = author.as_ref().map(|it| format!(" by {}", it.name)).unwrap_or_default();
            let what = format!("acknowledged/{index}");
            course.push(about(Signal::Acknowledged, at, &what, format!("Acknowledged{by}"), author));
        }
    }
    if let Some(at) = facts.resolved_at {
        let author = entry::author(it.last_status_change_by.as_ref());
        let by = author.as_ref().map(|it| format!(" by {}", it.name)).unwrap_or_default();
        course.push(about(Signal::Resolved, at, "resolved", format!("Resolved{by}"), author));
    }
    course
}

/// The incident with its course filled in where no log entry tells it, and its records in order.
fn complete(id: String, collected: Collected) -> PagerdutyIncident {
    let Collected { mut facts, course } = collected;
    facts.id = id;
    let told: HashSet<_> = facts.evidence.iter().map(|it| it.signal).collect();
    facts.evidence.extend(course.into_iter().filter(|it| !told.contains(&it.signal)));
    let first = |signal| facts.evidence.iter().filter(|it| it.signal == signal).map(|it| it.at).min();
    facts.created_at = facts.created_at.or_else(|| first(Signal::Triggered));
    if facts.services.is_empty() {
        facts.services = facts.evidence.iter().find_map(|it| it.facts.service.clone()).into_iter().collect();
    }
    let mut responders: Vec<String> = std::mem::take(&mut facts.responders);
    let mut seen: HashSet<String> = responders.iter().cloned().collect();
    for evidence in &facts.evidence {
        let author = evidence.author.iter().filter(|it| it.kind == AuthorKind::Person).map(|it| &it.name);
        let assigned = evidence.facts.people.iter().filter(|_| evidence.signal == Signal::Assigned);
        for name in author.chain(assigned) {
            if seen.insert(name.clone()) {
                responders.push(name.clone());
            }
        }
    }
    facts.responders = responders;
    in_order(&mut facts.evidence, facts.created_at);
    facts
}

/// What the monitoring system added, one `name: value` a line, as far as it is short.
pub(super) fn details(details: &serde_json::Value) -> String {
    match details {
        serde_json::Value::Object(fields) => {
            let fields =
                fields.iter().take(12).filter_map(|(name, it)| Some((line(name), entry::value(it)?)));
            fields.map(|(name, it)| format!("\n{}: {it}", entry::cut(&name, 80))).collect()
        }
        other => entry::value(other).map(|it| format!("\n{it}")).unwrap_or_default(),
    }
}
