//! What the readers of all products fill: incidents with their records, records of none, and problems.

use crate::{
    Export, Problem, SourceIncident,
    record::{bounded_id, sum_id},
};
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal, Source},
};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashSet};

/// The place in time of a record that has none: the beginning of the epoch, moved to the beginning of its
/// incident as soon as that is known.
pub const NO_TIME: Instant = Instant::from_micros(0);

/// How many problems are told one by one; every record is kept all the same.
const PROBLEMS: usize = 1_000;

/// Reads one record, or a page of records; the reason for what cannot be read is the end of a sentence.
pub type Reader = fn(&mut Collector, &RawValue, &str) -> Result<(), String>;

/// What has been read so far.
#[derive(Debug)]
pub struct Collector {
    source: Source,
    file: String,
    incidents: BTreeMap<String, SourceIncident>,
    unattached: Vec<Evidence>,
    problems: Vec<Problem>,
}

impl Collector {
    /// An empty one.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            file: String::new(),
            incidents: BTreeMap::new(),
            unattached: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Names the file that is read from now on.
    pub fn file(&mut self, name: &str) {
        name.clone_into(&mut self.file);
    }

    /// What the source says about an incident; repeated, each part that is said later counts.
    pub fn incident(&mut self, about: SourceIncident) {
        let id = bounded_id(about.id.clone());
        let known = self.incidents.entry(id.clone()).or_default();
        let SourceIncident { title, url, created_at, resolved_at, ended, severity, services, teams, .. } =
            about;
        known.id = id;
        known.title = title.or(known.title.take());
        known.url = url.or(known.url.take());
        known.created_at = match (created_at, known.created_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        known.resolved_at = match (resolved_at, known.resolved_at) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        known.ended |= ended;
        known.severity = severity.or(known.severity);
        for (from, into) in [(services, &mut known.services), (teams, &mut known.teams)] {
            for name in from {
                if !name.is_empty() && into.len() < 100 && !into.contains(&name) {
                    into.push(name);
                }
            }
        }
    }

    /// A record, of the incident that it names.
    pub fn add(&mut self, incident: Option<&str>, evidence: Evidence) {
        match incident {
            Some(id) => {
                // Nearly always the incident is known by then.
                if let Some(known) = self.incidents.get_mut(id) {
                    return known.evidence.push(evidence);
                }
                let id = bounded_id(id.to_owned());
                let known = self.incidents.entry(id.clone()).or_default();
                known.id = id;
                known.evidence.push(evidence);
            }
            None => self.unattached.push(evidence),
        }
    }

    /// An empty record of this source; `id` is what tells it from others.
    pub fn piece(&self, signal: Signal, id: impl Into<String>, at: Option<Instant>, raw: &str) -> Evidence {
        Evidence {
            source: self.source,
            source_id: bounded_id(id.into()),
            at: at.unwrap_or(NO_TIME),
            author: None,
            signal,
            text: String::new(),
            place: None,
            url: None,
            facts: Facts::default(),
            raw: raw.to_owned(),
        }
    }

    /// Tells what could not be read; the record itself is kept elsewhere.
    pub fn problem(&mut self, place: &str, reason: impl Into<String>) {
        if self.problems.len() < PROBLEMS {
            let (file, place) = (self.file.clone(), place.to_owned());
            self.problems.push(Problem { file, place, reason: reason.into() });
        }
    }

    /// Keeps what cannot be read as it came, with the reason.
    pub fn keep(&mut self, incident: Option<&str>, place: &str, reason: &str, raw: &str) {
        let mut evidence = self.piece(Signal::NotUnderstood, format!("kept/{}", sum_id(raw)), None, raw);
        evidence.facts.problem = Some(reason.to_owned());
        self.add(incident, evidence);
        self.problem(place, reason);
    }

    /// Whether anything was read, understood or not.
    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty() && self.unattached.is_empty()
    }

    /// All of it in order. Records that name no incident belong to the only one, if there is exactly one.
    pub fn finish(mut self) -> Export {
        if self.incidents.len() == 1
            && let Some(only) = self.incidents.values_mut().next()
        {
            only.evidence.append(&mut self.unattached);
        }
        let mut incidents: Vec<_> = self.incidents.into_values().collect();
        for incident in &mut incidents {
            let timed = || incident.evidence.iter().filter(|it| it.at != NO_TIME).map(|it| it.at);
            let opened = incident.created_at.or_else(|| timed().min());
            in_order(&mut incident.evidence, opened);
            incident.created_at = opened;
        }
        incidents.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        in_order(&mut self.unattached, None);
        Export { source: self.source, incidents, unattached: self.unattached, not_understood: self.problems }
    }
}

/// By time, each record once; records without a time go to the `beginning`.
pub fn in_order(evidence: &mut Vec<Evidence>, beginning: Option<Instant>) {
    for it in evidence.iter_mut().filter(|it| it.at == NO_TIME) {
        it.at = beginning.unwrap_or(NO_TIME);
    }
    // Places are sorted, not records: those are large, and most lists are in order already.
    let mut order: Vec<(Instant, usize)> = evidence.iter().map(|it| it.at).zip(0..).collect();
    let id = |at: usize| evidence.get(at).map(|it| it.source_id.as_str());
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1))).then(a.1.cmp(&b.1)));
    let mut seen = HashSet::with_capacity(order.len());
    order.retain(|(_, at)| seen.insert(id(*at)));
    let mut all: Vec<Option<Evidence>> = std::mem::take(evidence).into_iter().map(Some).collect();
    evidence.extend(order.into_iter().filter_map(|(_, at)| all.get_mut(at)?.take()));
}
