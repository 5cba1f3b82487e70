//! One incident as a file of our own, documented shape (`data/schemas/incident.json`): events, key instants as
//! somebody states them, intervals of impact, stated durations.
//!
//! ```text
//! for incident in importers::incident_file::read("outage.json", &bytes)? {
//!     incident.events;         // in the order of their instants
//!     incident.stated;         // key instants, with how exactly they are known
//!     incident.not_understood; // what was left out, and why
//! }
//! ```

mod shape;
mod times;

#[cfg(test)]
mod tests;

use crate::{
    ImportError, NamedBytes, Problem,
    collect::Collector,
    json,
    record::{Text, bounded_id, clean, line, sum_id, web_address},
};
use domain::{
    Instant,
    incident::{IncidentKind, Severity},
    instant::Span,
    timeline::{
        Actor, EventKind, KeyInstant,
        durations::Known,
        event::ActorKind,
        impact::{Degree, Interval, WHOLE},
        key_instant::DetectedBy,
    },
};
use shape::Document;
use std::collections::BTreeMap;
use times::Times;

/// An incident as its file tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentFile<'a> {
    /// Names it; the sum of the whole where the file gives no id.
    pub id: String,
    /// What happened, in a few words.
    pub title: Option<String>,
    /// For somebody who was not there.
    pub summary: Option<String>,
    /// Its page elsewhere: an own address or the first source's.
    pub url: Option<String>,
    /// What sort.
    pub kind: IncidentKind,
    /// How bad.
    pub severity: Option<Severity>,
    /// What was affected.
    pub services: Vec<String>,
    /// Who looked after it.
    pub team: Option<String>,
    /// What happened, in the order of time.
    pub events: Vec<FileEvent>,
    /// Key instants as stated.
    pub stated: BTreeMap<KeyInstant, Known>,
    /// How it came to be noticed, where one of our words says it.
    pub detected_by: Option<DetectedBy>,
    /// Who was affected, when.
    pub intervals: Vec<Interval>,
    /// How long people say that it took.
    pub durations: Vec<StatedDuration>,
    /// Whether times without an offset were read as UTC because the file names no zone for them.
    pub zone_taken_for_granted: bool,
    /// What was left out, and why.
    pub not_understood: Vec<Problem>,
    /// The whole exactly as received.
    pub raw: &'a str,
}

/// One event of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEvent {
    /// Stays the same when the words change, where the file numbers its events.
    pub id: String,
    /// When, and how exactly that is known.
    pub at: Known,
    /// What sort.
    pub kind: EventKind,
    /// The word of the file for it, for instance `lead-up`; may be empty.
    pub said_kind: String,
    /// What happened.
    pub text: String,
    /// More; may be empty.
    pub detail: String,
    /// Who or what did it.
    pub actor: Option<Actor>,
    /// The responsible team.
    pub team: Option<String>,
    /// Who was told.
    pub audience: Option<String>,
    /// Which of its sources says so.
    pub source: Option<String>,
    /// The address of the event, or of its source.
    pub url: Option<String>,
    /// The event exactly as received.
    pub raw: String,
}

/// A duration as people state it.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedDuration {
    /// What was measured, in the words of the source.
    pub what: String,
    /// What the source says, word by word; may be empty.
    pub quote: String,
    /// The length; `None` where the words hold none that can be read.
    pub span: Option<Span>,
}

/// Every incident of a file.
pub fn read<'a>(file: &str, bytes: &'a [u8]) -> Result<Vec<IncidentFile<'a>>, ImportError> {
    documents(file, bytes)
        .map(|all| all.iter().map(|(document, raw)| incident(file, document, raw)).collect())
}

/// The incidents of a file, each given to the collector before the next one is read.
pub(crate) fn collect(
    collector: &mut Collector,
    file: &NamedBytes,
    take: impl Fn(&mut Collector, IncidentFile<'_>) + Sync,
) -> Result<(), ImportError> {
    let all = documents(&file.name, &file.bytes)?;
    collector.side_by_side(&all, file.bytes.len(), |collector, _, all| {
        for (document, raw) in all {
            take(collector, incident(&file.name, document, raw));
        }
    });
    Ok(())
}

/// The incidents of a file as they stand there. All of them are looked at before one is taken: a file is brought in
/// whole or not at all.
fn documents<'a>(file: &str, bytes: &'a [u8]) -> Result<Vec<(Box<Document<'a>>, &'a str)>, ImportError> {
    let shape = |reason| ImportError::Shape { file: file.to_owned(), reason };
    let documents: Vec<_> = json::parts(file, bytes)?;
    if documents.is_empty() {
        return Err(shape("it holds no incident".to_owned()));
    }
    let sound = |document: json::Document<'a, Box<Document<'a>>>| match document {
        json::Document::One(document, raw) if Document::is_incident(&document) => Ok((document, raw)),
        json::Document::Strange(reason, _) => Err(shape(reason)),
        _ => Err(shape("an incident with a timeline, answers or key events was expected here".to_owned())),
    };
    documents.into_iter().map(sound).collect()
}

fn incident<'a>(file: &str, document: &Document<'_>, raw: &'a str) -> IncidentFile<'a> {
    let mut times = Times::of(document.source_timezone.as_deref().or(document.timezone.as_deref()));
    let mut problems = Problems { file, found: Vec::new() };
    let sources: BTreeMap<String, String> = document
        .sources
        .iter()
        .flatten()
        .filter_map(|source| Some((source.id.clone()?, web_address(source.url.as_deref())?)))
        .collect();
    let mut events: Vec<FileEvent> = Vec::with_capacity(document.timeline.as_ref().map_or(0, Vec::len));
    for (n, raw) in document.timeline.iter().flatten().enumerate() {
        match json::typed(raw).and_then(|one| event(one, raw.get(), &mut times, &sources)) {
            Ok(event) => events.push(event),
            Err(reason) => problems.note(format!("event {}", n + 1), reason),
        }
    }
    events.sort_by_key(|event| event.at.at);
    let stated = stated(document, &mut times, &events, &mut problems);
    let mut intervals = Vec::new();
    for (n, one) in document.intervals.iter().flatten().enumerate() {
        match interval(one, &mut times) {
            Ok(interval) => intervals.push(interval),
            Err(reason) => problems.note(format!("interval {}", n + 1), reason),
        }
    }
    let text = |text: &Option<Text<'_>>| text.as_deref().map(line).filter(|text| !text.is_empty());
    let severity = document.severity.and_then(Severity::new);
    if document.severity.is_some() && severity.is_none() {
        problems.note("severity".to_owned(), "a number from 1 to 4 was expected".to_owned());
    }
    IncidentFile {
        id: text(&document.id).map_or_else(|| sum_id(raw), bounded_id),
        title: text(&document.title),
        summary: document.summary.as_deref().map(clean).filter(|text| !text.is_empty()),
        url: web_address(document.url.as_deref()).or_else(|| {
            document.sources.iter().flatten().find_map(|source| web_address(source.url.as_deref()))
        }),
        kind: document.kind.as_deref().and_then(IncidentKind::from_key).unwrap_or(IncidentKind::Incident),
        severity,
        services: document.services.iter().flatten().map(|it| line(it)).filter(|it| !it.is_empty()).collect(),
        team: text(&document.team),
        events,
        stated,
        detected_by: document.answer_text("detected_by").and_then(DetectedBy::from_key),
        intervals,
        durations: durations(document),
        zone_taken_for_granted: times.guessed,
        not_understood: problems.found,
        raw,
    }
}

struct Problems<'a> {
    file: &'a str,
    found: Vec<Problem>,
}

impl Problems<'_> {
    fn note(&mut self, place: String, reason: String) {
        self.found.push(Problem { file: self.file.to_owned(), place, reason });
    }
}

fn event(
    one: shape::Event<'_>,
    raw: &str,
    times: &mut Times,
    sources: &BTreeMap<String, String>,
) -> Result<FileEvent, String> {
    let time = one.time.as_deref().ok_or("it has no time")?;
    let at = times.known(time, one.precision.as_deref()).ok_or("its time cannot be read")?;
    let text = line(one.text.as_deref().or(one.title.as_deref()).unwrap_or_default());
    if text.is_empty() {
        return Err("it says nothing".to_owned());
    }
    let mut said_kind = line(one.kind.as_deref().unwrap_or_default());
    if !said_kind.bytes().all(|it| it.is_ascii_lowercase() || it == b'_' || it == b'-') {
        said_kind = said_kind.to_lowercase();
    }
    let actor_kind = one.actor_kind.as_deref().and_then(ActorKind::from_key).unwrap_or(ActorKind::Person);
    let some = |text: Option<Text<'_>>| text.as_deref().map(line).filter(|text| !text.is_empty());
    let source = some(one.source);
    let id = match (one.n, some(one.id)) {
        (Some(n), _) => ["n", &n.to_string()].concat(),
        (None, Some(id)) => bounded_id(id),
        (None, None) => sum_id(raw),
    };
    Ok(FileEvent {
        id,
        at,
        kind: kind(&said_kind),
        said_kind,
        text,
        detail: one.detail.as_deref().map(clean).unwrap_or_default(),
        actor: some(one.actor).map(|name| Actor { name, kind: actor_kind }),
        team: some(one.team),
        audience: some(one.audience),
        url: web_address(one.url.as_deref())
            .or_else(|| source.as_ref().and_then(|source| sources.get(source).cloned())),
        source,
        raw: raw.to_owned(),
    })
}

/// Our sort for a word of the file; words nobody knows are observations.
fn kind(said: &str) -> EventKind {
    match said {
        "communication" | "message" => EventKind::Update,
        "detection" => EventKind::Report,
        "impact" | "impact-start" | "impact_start" | "lead-up" | "lead_up" | "" => EventKind::Observation,
        "trigger" | "deploy" | "deployment" => EventKind::Change,
        "follow-up" | "follow_up" | "fix" => EventKind::Action,
        "resolution" | "resolved" => EventKind::Status,
        // In published post-mortems “response” stands for what was done.
        "response" => EventKind::Action,
        other => EventKind::from_key(other)
            .or_else(|| EventKind::from_key(&other.replace('-', "_")))
            .unwrap_or(EventKind::Observation),
    }
}

/// Names under which files state key instants.
const ANSWERS: [(&str, KeyInstant); 15] = [
    ("origin", KeyInstant::Origin),
    ("trigger", KeyInstant::Trigger),
    ("impact_start", KeyInstant::ImpactStart),
    ("first_signal", KeyInstant::FirstSignal),
    ("detected", KeyInstant::Detected),
    ("declared", KeyInstant::Declared),
    ("acknowledged", KeyInstant::Acknowledged),
    ("engaged", KeyInstant::Engaged),
    ("first_told", KeyInstant::FirstTold),
    ("first_public", KeyInstant::FirstPublic),
    ("diagnosed", KeyInstant::Diagnosed),
    ("mitigated", KeyInstant::Mitigated),
    ("impact_end", KeyInstant::ImpactEnd),
    ("resolved", KeyInstant::Resolved),
    ("damage_end", KeyInstant::DamageEnd),
];
const KEY_EVENTS: [(&str, KeyInstant); 6] = [
    ("fault_occurs", KeyInstant::ImpactStart),
    ("first_detected", KeyInstant::Detected),
    ("fault_detected", KeyInstant::Detected),
    ("incident_declared", KeyInstant::Declared),
    ("repaired", KeyInstant::Mitigated),
    ("resolved", KeyInstant::Resolved),
];

/// Key instants as stated. How exactly one is known is said by the event of the same instant, if there is one.
fn stated(
    document: &Document<'_>,
    times: &mut Times,
    events: &[FileEvent],
    problems: &mut Problems<'_>,
) -> BTreeMap<KeyInstant, Known> {
    let mut stated = BTreeMap::new();
    let answers = ANSWERS.iter().filter(|_| document.answers.is_some()).flat_map(|(name, key)| {
        let with_at = document.answer_text(&format!("{name}_at"));
        with_at.or_else(|| document.answer_text(name)).map(|text| (*name, *key, text))
    });
    let key_events =
        KEY_EVENTS.iter().filter_map(|(name, key)| Some((*name, *key, document.key_event(name)?)));
    for (name, key, text) in answers.chain(key_events) {
        let Some(known) = times.known(text, None) else {
            problems.note(
                name.to_owned(),
                format!("“{}” is not a time", text.chars().take(40).collect::<String>()),
            );
            continue;
        };
        let same = |event: &&FileEvent| event.at.at == known.at;
        let precision = events.iter().filter(same).map(|event| event.at.precision).min();
        stated.entry(key).or_insert(Known { precision: precision.unwrap_or(known.precision), ..known });
    }
    stated
}

fn interval(one: &shape::Interval, times: &mut Times) -> Result<Interval, String> {
    let service = line(one.service.as_deref().unwrap_or_default());
    if service.is_empty() {
        return Err("it names no service".to_owned());
    }
    let precision = one.precision.as_deref();
    let from =
        one.from.as_deref().and_then(|from| times.known(from, precision)).ok_or("it has no beginning")?;
    let to = match one.to.as_deref() {
        None => None,
        Some(to) => Some(times.known(to, precision).ok_or("its end cannot be read")?),
    };
    if to.is_some_and(|to| to.at < from.at) {
        return Err("its end lies before its beginning".to_owned());
    }
    if one.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
        return Err("its share is not between 0 and 1".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
    let share = one.share.map(|share| (share * f64::from(WHOLE)).round() as u16);
    Ok(Interval {
        service,
        audience: line(one.audience.as_deref().unwrap_or_default()),
        from: from.at,
        to: to.map(|to| to.at),
        precision: from.precision.max(to.map_or(from.precision, |to| to.precision)),
        degree: one.degree.as_deref().and_then(Degree::from_key).unwrap_or_default(),
        share,
        affected: one.affected,
    })
}

fn durations(document: &Document<'_>) -> Vec<StatedDuration> {
    let listed =
        document.answers.iter().flat_map(|answers| answers.stated_durations.iter().flatten()).map(|it| {
            let quote = line(it.quote.as_deref().unwrap_or_default());
            #[expect(clippy::cast_possible_truncation, reason = "the cast stops at the ends of the range")]
            let minutes = it.minutes.map(|minutes| Span::micros((minutes * 60e6) as i64));
            StatedDuration {
                what: line(it.what.as_deref().unwrap_or_default()),
                span: minutes.or_else(|| times::length(&quote)),
                quote,
            }
        });
    let named = [("repair", &document.stated_time_to_repair), ("resolve", &document.stated_time_to_resolve)];
    let named = named.into_iter().filter_map(|(what, text)| {
        let quote = line(text.as_deref()?);
        Some(StatedDuration { what: what.to_owned(), span: times::length(&quote), quote })
    });
    listed.chain(named).collect()
}

impl IncidentFile<'_> {
    /// The event from which a stated key instant can be taken: one of the same instant, a fitting sort first.
    pub fn event_of(&self, key: KeyInstant) -> Option<&FileEvent> {
        let at: Instant = self.stated.get(&key)?.at;
        let fits = |event: &&FileEvent| {
            let said = event.said_kind.as_str();
            match key {
                KeyInstant::ImpactStart => said.starts_with("impact"),
                KeyInstant::Detected | KeyInstant::Acknowledged => said == "detection",
                KeyInstant::Mitigated | KeyInstant::ImpactEnd => said == "mitigation",
                KeyInstant::Resolved => said == "resolution",
                KeyInstant::Trigger => said == "trigger",
                _ => false,
            }
        };
        let mut same = self.events.iter().filter(|event| event.at.at == at);
        same.clone().find(fits).or_else(|| same.next())
    }
}
