//! Sorting the records of several files by the incident they belong to.

use super::{PagerdutyExport, PagerdutyIncident, entry, severity, shape};
use crate::{
    ImportError, NamedBytes, Problem, Records,
    collect::{NO_TIME, append, in_order},
    json::{self, Document},
    record::{bounded_id, clean, instant, line, sum_id, web_address},
    side_by_side,
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
    /// Records are not kept as they came.
    lean: bool,
}

#[derive(Default)]
struct Collected {
    facts: PagerdutyIncident,
    /// What the incident record itself says about its course, for exports without log entries.
    course: Vec<Evidence>,
}

impl Collected {
    /// Pages overlap; the record that says more about the end is the later one.
    fn learn(&mut self, later: Self) {
        if self.facts.id.is_empty() || later.facts.resolved_at.is_some() {
            *self = later;
        }
    }
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
    /// An empty one; a `lean` one does not keep records as they came, which is enough to tell what is in a file.
    pub fn new(lean: bool) -> Self {
        Self { lean, ..Self::default() }
    }

    /// Takes all records of one file.
    pub fn file(&mut self, file: &NamedBytes) -> Result<(), ImportError> {
        let name = &file.name;
        let parts: Vec<Document<'_, shape::Page<'_>>> = match json::parts(name, &file.bytes) {
            Ok(parts) => parts,
            Err(error) => return self.lines(file, error),
        };
        let runs = side_by_side::runs(file.bytes.len());
        if parts.len() <= runs {
            for (index, part) in parts.iter().enumerate() {
                self.part(name, index, part);
            }
            return Ok(());
        }
        let run = |from: usize, parts: &[Document<'_, shape::Page<'_>>]| {
            let mut gathering = Self::new(self.lean);
            for (index, part) in (from..).zip(parts) {
                gathering.part(name, index, part);
            }
            gathering
        };
        let read = side_by_side::each(&parts, runs, run);
        read.into_iter().for_each(|it| self.absorb(it));
        Ok(())
    }

    /// A file that is no JSON as a whole: a line that is broken does not spoil the others, if there are others.
    fn lines(&mut self, file: &NamedBytes, error: ImportError) -> Result<(), ImportError> {
        let text = json::text(&file.name, &file.bytes)?;
        let lines: Vec<&str> = text.lines().collect();
        let sound = |line: &str| json::of::<&RawValue>(line).is_ok();
        let first = lines.iter().position(|line| !line.trim().is_empty());
        if !first.is_some_and(|at| at + 1 < lines.len() && sound(lines.get(at).unwrap_or(&""))) {
            return Err(error);
        }
        for (index, line) in lines.into_iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match json::parts(&file.name, line.as_bytes()).as_deref() {
                Ok([part]) => self.part(&file.name, index, part),
                _ => {
                    let place = format!("line {}", index + 1);
                    self.not_understood(&file.name, place, "the line is not JSON".to_owned(), line);
                }
            }
        }
        Ok(())
    }

    fn part(&mut self, file: &str, index: usize, part: &Document<'_, shape::Page<'_>>) {
        match part {
            Document::List(records, _) => self.bare(file, records),
            Document::One(page, raw) => self.page(file, index, page, raw),
            Document::Strange(reason, raw) => {
                self.not_understood(file, format!("part {}", index + 1), reason.clone(), raw);
            }
        }
    }

    fn page(&mut self, file: &str, index: usize, page: &shape::Page<'_>, raw: &str) {
        // A single record may carry `incident` or `note` as a field of its own, so it is looked at first.
        let alone = kind_of(page);
        if alone != Kind::Unknown {
            return self.record(file, || "record 1".to_owned(), alone, raw);
        }
        let mut found = page.event.is_some() || page.change_events.is_some() || page.payload.is_some();
        if let Some(event) = page.event {
            self.record(file, || "event".to_owned(), Kind::Webhook, event.get());
        }
        self.all(file, "change_events", Kind::Change, page.change_events.as_deref().unwrap_or_default());
        if page.payload.is_some() {
            self.record(file, || "event".to_owned(), Kind::Enqueued, raw);
        }
        if let Some(raw) = page.postmortem {
            found = true;
            self.record(file, || "postmortem".to_owned(), Kind::Postmortem, raw.get());
        }
        for (kind, name, one, many) in [
            (Kind::Incident, "incidents", page.incident, &page.incidents),
            (Kind::LogEntry, "log_entries", page.log_entry, &page.log_entries),
            (Kind::Note, "notes", page.note, &page.notes),
            (Kind::Alert, "alerts", page.alert, &page.alerts),
            (Kind::StatusUpdate, "status_updates", page.status_update, &page.status_updates),
        ] {
            found |= one.is_some() || many.is_some();
            match (one, many) {
                (None, many) => self.all(file, name, kind, many.as_deref().unwrap_or_default()),
                (Some(one), many) => {
                    let all: Vec<_> = [one].into_iter().chain(many.iter().flatten().copied()).collect();
                    self.all(file, name, kind, &all);
                }
            }
        }
        if !found {
            let reason = "this is not an answer of PagerDuty that Debrief reads".to_owned();
            self.problem(file, format!("part {}", index + 1), reason);
        }
    }

    /// Records of one kind, long lists by several processors.
    fn all(&mut self, file: &str, name: &str, kind: Kind, records: &[&RawValue]) {
        let take = |gathering: &mut Self, from: usize, records: &[&RawValue]| {
            for (at, raw) in (from..).zip(records) {
                gathering.record(file, || format!("{name}, record {}", at + 1), kind, raw.get());
            }
        };
        self.side_by_side(records, take);
    }

    fn bare(&mut self, file: &str, records: &[&RawValue]) {
        self.side_by_side(records, |gathering, from, records| {
            for (at, raw) in (from..).zip(records) {
                let place = || format!("record {}", at + 1);
                let page: shape::Page<'_> = json::typed(raw).unwrap_or_default();
                // An array may also hold whole pages.
                let whole = page.incidents.is_some()
                    || page.log_entries.is_some()
                    || page.notes.is_some()
                    || page.alerts.is_some();
                match kind_of(&page) {
                    Kind::Unknown if whole => gathering.page(file, at, &page, raw.get()),
                    Kind::Unknown => {
                        gathering.problem(file, place(), "this is no record of PagerDuty's".to_owned());
                    }
                    kind => gathering.record(file, place, kind, raw.get()),
                }
            }
        });
    }

    /// Lets several processors take long lists: what each gathers is joined in the order of the list.
    fn side_by_side(&mut self, records: &[&RawValue], take: impl Fn(&mut Self, usize, &[&RawValue]) + Sync) {
        let runs = side_by_side::runs(records.iter().map(|it| it.get().len()).sum());
        if runs == 1 {
            return take(self, 0, records);
        }
        let lean = self.lean;
        let read = side_by_side::each(records, runs, |from, records| {
            let mut gathering = Self::new(lean);
            gathering.records.reserve(records.len());
            take(&mut gathering, from, records);
            gathering
        });
        read.into_iter().for_each(|it| self.absorb(it));
    }

    /// What was gathered from what comes after.
    fn absorb(&mut self, later: Self) {
        append(&mut self.records, later.records);
        append(&mut self.notes, later.notes);
        self.problems.extend(later.problems);
        for (id, mut it) in later.incidents {
            let known = self.incidents.entry(id).or_default();
            let title = it.facts.title.take().or_else(|| known.facts.title.take());
            if !it.facts.id.is_empty() {
                known.learn(it);
            }
            known.facts.title = known.facts.title.take().or(title);
        }
    }

    fn record(&mut self, file: &str, place: impl Fn() -> String, kind: Kind, raw: &str) {
        let read = match kind {
            Kind::Incident => json::of(raw).map(|it| self.incident(&it, raw)),
            Kind::LogEntry => json::of(raw).map(|it| self.log_entry(file, &place, &it, raw)),
            Kind::Note => json::of(raw).map(|it| self.note(&it, raw)),
            Kind::Alert => json::of(raw).and_then(|it| self.alert(&it, raw)),
            Kind::StatusUpdate => json::of(raw).map(|it| self.status_update(&it, raw)),
            Kind::Webhook => json::of(raw).and_then(|it| self.webhook(file, &place(), &it, raw)),
            Kind::Change => json::of(raw).map(|it| self.change(&it, raw)),
            Kind::Enqueued => self.enqueued(raw),
            Kind::Postmortem => json::of(raw).map(|it| self.postmortem(&it, raw)),
            Kind::Unknown => Ok(()),
        };
        if let Err(reason) = read {
            self.not_understood(file, place(), reason, raw);
        }
    }

    pub(super) fn problem(&mut self, file: &str, place: String, reason: String) {
        self.problems.push(Problem { file: file.to_owned(), place, reason });
    }

    /// A record that is no record: kept as evidence without a time of its own.
    fn not_understood(&mut self, file: &str, place: String, reason: String, raw: &str) {
        let facts = Facts { problem: Some(reason.clone()), ..Facts::default() };
        let evidence = Evidence { facts, ..blank(Signal::NotUnderstood, sum_id(raw), NO_TIME, raw) };
        self.push(None, evidence);
        self.problem(file, place, reason);
    }

    pub(super) fn incident(&mut self, it: &shape::Incident<'_>, raw: &str) {
        let Some(id) = it.id.as_deref().map(own_id) else { return };
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
            evidence: Records::default(),
        };
        let course = course(it, &facts, raw);
        self.incidents.entry(id).or_default().learn(Collected { facts, course });
    }

    fn log_entry(&mut self, file: &str, place: &dyn Fn() -> String, it: &shape::LogEntry<'_>, raw: &str) {
        let reading = entry::read(it);
        let at = instant(it.created_at.as_deref());
        let no_time = at.is_none().then(|| "the log entry has no time that can be read".to_owned());
        let problem = reading.problem.or(no_time);
        let service = it.service.as_ref().and_then(shape::Reference::label);
        let id = it.id.as_deref().map_or_else(|| sum_id(raw), str::to_owned);
        let signal = if problem.is_some() { Signal::NotUnderstood } else { reading.signal };
        let key = it.channel.as_ref().and_then(|it| it.incident_key.as_deref());
        let evidence = Evidence {
            author: entry::author(it.agent.as_ref()),
            text: reading.text,
            place: service.clone(),
            url: web_address(it.html_url.as_deref()),
            facts: Facts {
                source_type: line(it.kind.as_deref().unwrap_or_default()),
                people: reading.people,
                service,
                alert: key.filter(|_| signal == Signal::Triggered).map(line),
                problem: problem.clone(),
                ..Facts::default()
            },
            ..blank(signal, bounded_id(id), at.unwrap_or(NO_TIME), raw)
        };
        if let Some(reason) = problem {
            self.problem(file, place(), reason);
        }
        let incident = it.incident.as_ref();
        if let Some(summary) = incident.and_then(|it| it.summary.as_deref()) {
            self.learn_title(incident.and_then(|it| it.id.as_deref()), summary);
        }
        self.push(incident.and_then(|it| it.id.as_deref()).map(own_id), evidence);
    }

    /// A record with the incident that it names, if it names one.
    pub(super) fn push(&mut self, incident: Option<String>, mut evidence: Evidence) {
        if self.lean {
            evidence.raw = String::new();
        }
        self.records.push((incident, evidence));
    }

    pub(super) fn learn_title(&mut self, id: Option<&str>, summary: &str) {
        let Some(id) = id else { return };
        // Nearly always the incident is known by then.
        if self.incidents.get(id).is_some_and(|it| it.facts.title.is_some()) {
            return;
        }
        let facts = &mut self.incidents.entry(own_id(id)).or_default().facts;
        if facts.title.is_none() {
            facts.title = Some(entry::title_of(summary)).filter(|it| !it.is_empty());
        }
    }

    fn note(&mut self, it: &shape::Note<'_>, raw: &str) {
        let kept = if self.lean { "" } else { raw };
        let id = format!("note/{}", it.id.as_deref().map_or_else(|| sum_id(raw), str::to_owned));
        let at = instant(it.created_at.as_deref());
        let evidence = Evidence {
            author: entry::author(it.user.as_ref()),
            text: it.content.as_deref().map(clean).unwrap_or_default(),
            facts: Facts { source_type: "note".to_owned(), ..Facts::default() },
            ..blank(Signal::Note, bounded_id(id), at.unwrap_or(NO_TIME), kept)
        };
        let incident =
            it.incident_id.as_deref().or_else(|| it.incident.as_ref().and_then(|it| it.id.as_deref()));
        self.notes.push((incident.map(own_id), evidence));
    }

    fn alert(&mut self, it: &shape::Alert<'_>, raw: &str) -> Result<(), String> {
        // Other products also list `alerts`; theirs have neither of PagerDuty's two marks.
        if it.id.is_none() && it.created_at.is_none() {
            return Err("this is no alert of PagerDuty's: it has neither id nor created_at".to_owned());
        }
        let own = it.id.as_deref().map_or_else(|| sum_id(raw), str::to_owned);
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
        let incident = it.incident.as_ref().and_then(|it| it.id.as_deref()).map(own_id);
        if let Some(at) = instant(it.resolved_at.as_deref()) {
            let id = bounded_id(format!("alert/{own}/cleared"));
            let cleared =
                Evidence { signal: Signal::AlertCleared, source_id: id, at, text: name, ..base.clone() };
            self.push(incident.clone(), cleared);
        }
        let at = instant(it.created_at.as_deref()).unwrap_or(NO_TIME);
        self.push(incident, Evidence { source_id: bounded_id(format!("alert/{own}")), at, ..base });
        Ok(())
    }

    fn status_update(&mut self, it: &shape::StatusUpdate<'_>, raw: &str) {
        let id = format!("status-update/{}", it.id.as_deref().map_or_else(|| sum_id(raw), str::to_owned));
        let at = instant(it.created_at.as_deref()).unwrap_or(NO_TIME);
        let evidence = Evidence {
            author: entry::author(it.sender.as_ref()),
            text: it.message.as_deref().map(clean).unwrap_or_default(),
            facts: Facts { source_type: "status_update".to_owned(), ..Facts::default() },
            ..blank(Signal::StatusUpdate, bounded_id(id), at, raw)
        };
        let incident =
            it.incident_id.as_deref().or_else(|| it.incident.as_ref().and_then(|it| it.id.as_deref()));
        self.push(incident.map(own_id), evidence);
    }

    /// Joins notes with their log entries, gives every record its incident, and puts all in order.
    pub fn finish(mut self) -> PagerdutyExport {
        self.join_notes();
        let only = self.only_incident();
        let mut unattached = Records::default();
        let records = std::mem::take(&mut self.records);
        if let Some(only) = only {
            let evidence = &mut self.incidents.entry(only).or_default().facts.evidence;
            evidence.extend(records.into_iter().map(|(_, evidence)| evidence));
        } else {
            for (incident, evidence) in records {
                match incident {
                    Some(id) => self.incidents.entry(id).or_default().facts.evidence.push(evidence),
                    None => unattached.push(evidence),
                }
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
        let mut ids = self.incidents.keys().chain(named);
        let first = ids.next()?;
        ids.all(|it| it == first).then(|| first.clone())
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

fn kind_of(it: &shape::Page<'_>) -> Kind {
    match it.kind.as_deref().unwrap_or_default() {
        "incident" => Kind::Incident,
        "alert" => Kind::Alert,
        "incident_status_update" | "status_update" => Kind::StatusUpdate,
        "change_event" => Kind::Change,
        kind if kind.ends_with("_log_entry") => Kind::LogEntry,
        _ if it.content.is_some() && it.created_at.is_some() => Kind::Note,
        _ if it.message.is_some() && it.created_at.is_some() => Kind::StatusUpdate,
        _ => Kind::Unknown,
    }
}

/// The id that a record is kept under.
pub(super) fn own_id(id: &str) -> String {
    bounded_id(id.to_owned())
}

/// Opening, acknowledgements and closing as the incident record states them.
fn course(it: &shape::Incident<'_>, facts: &PagerdutyIncident, raw: &str) -> Vec<Evidence> {
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
    let course: Vec<_> =
        course.into_iter().filter(|it| !facts.evidence.iter().any(|told| told.signal == it.signal)).collect();
    facts.evidence.extend(course);
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
            if !seen.contains(name) {
                seen.insert(name.clone());
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
