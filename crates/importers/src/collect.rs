//! What the readers of all products fill: incidents with their records, records of none, and problems.

use crate::{
    Export, Problem, Records, SourceIncident,
    look::{Looked, Tally},
    record::{bounded_id, sum_id},
    side_by_side,
};
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal, Source},
};
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

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
    incidents: HashMap<String, SourceIncident>,
    unattached: Records,
    problems: Vec<Problem>,
    /// Records are counted instead of kept: those of each incident, and those of none.
    counted: Option<BTreeMap<Option<String>, Tally>>,
}

impl Collector {
    /// An empty one.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            file: String::new(),
            incidents: HashMap::new(),
            unattached: Records::default(),
            problems: Vec::new(),
            counted: None,
        }
    }

    /// An empty one that counts records instead of keeping them.
    pub fn counting(source: Source) -> Self {
        Self { counted: Some(BTreeMap::new()), ..Self::new(source) }
    }

    /// An empty one for a part of the same file.
    fn part(&self) -> Self {
        let counted = self.counted.as_ref().map(|_| BTreeMap::new());
        Self { file: self.file.clone(), counted, ..Self::new(self.source) }
    }

    /// Reads `items`, `bytes` in all, by several processors if they are many: `read` is told where in the whole its run
    /// begins. What the runs collect is joined in their order, and their answers are returned in it.
    pub fn side_by_side<T: Sync, R: Send>(
        &mut self,
        items: &[T],
        bytes: usize,
        read: impl Fn(&mut Self, usize, &[T]) -> R + Sync,
    ) -> Vec<R> {
        let runs = side_by_side::runs(bytes);
        if runs == 1 || items.len() < 2 {
            return vec![read(self, 0, items)];
        }
        let this = &*self;
        let done = side_by_side::each(items, runs, |from, items| {
            let mut part = this.part();
            let answer = read(&mut part, from, items);
            (part, answer)
        });
        done.into_iter().map(|(part, answer)| (self.absorb(part), answer).1).collect()
    }

    /// What was collected from what comes after.
    pub fn absorb(&mut self, mut later: Self) {
        self.incidents.reserve(later.incidents.len());
        for (id, mut about) in later.incidents {
            match self.incidents.entry(id) {
                // Nearly always each part tells of incidents of its own.
                Entry::Vacant(free) => {
                    free.insert(about);
                }
                Entry::Occupied(known) => {
                    known.into_mut().evidence.append(&mut about.evidence);
                    self.incident(about);
                }
            }
        }
        self.unattached.append(&mut later.unattached);
        let room = PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(later.problems.into_iter().take(room));
        if let (Some(counted), Some(more)) = (&mut self.counted, later.counted) {
            for (id, tally) in more {
                counted.entry(id).or_default().absorb(tally);
            }
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
        let SourceIncident {
            title,
            url,
            created_at,
            resolved_at,
            ended,
            severity,
            services,
            teams,
            intervals,
            ..
        } = about;
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
        for interval in intervals {
            if !known.intervals.contains(&interval) {
                known.intervals.push(interval);
            }
        }
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
        if let Some(counted) = &mut self.counted {
            let id = incident.map(|id| bounded_id(id.to_owned()));
            if let Some(id) = &id {
                self.incidents.entry(id.clone()).or_default().id.clone_from(id);
            }
            return counted.entry(id).or_default().count(&evidence);
        }
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

    /// Records of one incident.
    pub fn add_all(&mut self, incident: &str, evidence: impl IntoIterator<Item = Evidence>) {
        match self.incidents.get_mut(incident).filter(|_| self.counted.is_none()) {
            // Made where they stay, in as much room as they take.
            Some(known) => known.evidence.append(&mut evidence.into_iter().collect::<Vec<_>>().into()),
            None => evidence.into_iter().for_each(|it| self.add(Some(incident), it)),
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
        self.keep_of(incident, reason, raw);
        self.problem(place, reason);
    }

    /// Keeps what cannot be read as it came; where it stands is told by whoever knows that.
    pub fn keep_quietly(&mut self, reason: &str, raw: &str) {
        self.keep_of(None, reason, raw);
    }

    fn keep_of(&mut self, incident: Option<&str>, reason: &str, raw: &str) {
        let mut evidence = self.piece(Signal::NotUnderstood, format!("kept/{}", sum_id(raw)), None, raw);
        evidence.facts.problem = Some(reason.to_owned());
        self.add(incident, evidence);
    }

    /// Whether anything was read, understood or not.
    pub fn is_empty(&self) -> bool {
        let counted = self.counted.as_ref().is_some_and(|it| !it.is_empty());
        self.incidents.is_empty() && self.unattached.is_empty() && !counted
    }

    /// What was counted.
    pub fn looked(self) -> Looked {
        let mut counted = self.counted.unwrap_or_default();
        if self.incidents.len() == 1
            && let (Some(only), Some(loose)) = (self.incidents.keys().next(), counted.remove(&None))
        {
            counted.entry(Some(only.clone())).or_default().absorb(loose);
        }
        Looked::of(self.source, self.incidents.into_values().collect(), counted, self.problems)
    }

    /// All of it in order. Records that name no incident belong to the only one, if there is exactly one.
    pub fn finish(mut self) -> Export {
        if self.incidents.len() == 1
            && let Some(only) = self.incidents.values_mut().next()
        {
            only.evidence.append(&mut self.unattached);
        }
        let mut incidents: Vec<_> = self.incidents.into_values().collect();
        let settle = |incident: &mut SourceIncident| {
            let timed = || incident.evidence.iter().filter(|it| it.at != NO_TIME).map(|it| it.at);
            let opened = incident.created_at.or_else(|| timed().min());
            in_order(&mut incident.evidence, opened);
            incident.created_at = opened;
        };
        match side_by_side::runs(incidents.len().saturating_mul(RECORD)) {
            1 => incidents.iter_mut().for_each(settle),
            runs => side_by_side::each_mut(&mut incidents, runs, settle),
        }
        incidents.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        in_order(&mut self.unattached, None);
        Export { source: self.source, incidents, unattached: self.unattached, not_understood: self.problems }
    }
}

/// Adds `more` at the end; the first ones are not moved.
pub fn append<T>(all: &mut Vec<T>, more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.extend(more);
    }
}

/// By time, each record once, the earliest of several; records without a time go to the `beginning`.
pub fn in_order(evidence: &mut Records, beginning: Option<Instant>) {
    if let Some(beginning) = beginning {
        evidence.iter_mut().filter(|it| it.at == NO_TIME).for_each(|it| it.at = beginning);
    }
    // Records are large, so they are moved only where something is repeated or stands in the wrong place.
    let repeated = repeated(evidence);
    if !repeated.is_empty() {
        let gone = gone(evidence, &repeated);
        let mut place = 0..;
        if !gone.is_empty() {
            evidence.retain(|_| place.next().is_none_or(|place| gone.binary_search(&place).is_err()));
        }
    }
    let key = |it: &Evidence| it.at;
    if evidence.iter().is_sorted_by(|a, b| (key(a), &a.source_id) <= (key(b), &b.source_id)) {
        return;
    }
    let mut order: Vec<(Instant, &str, usize)> =
        evidence.iter().zip(0..).map(|(it, place)| (it.at, it.source_id.as_str(), place)).collect();
    order.sort_unstable();
    let order: Vec<usize> = order.into_iter().map(|(_, _, place)| place).collect();
    let mut all: Vec<Option<Evidence>> = std::mem::take(evidence).into_iter().map(Some).collect();
    evidence.extend(order.into_iter().filter_map(|at| all.get_mut(at)?.take()));
}

/// The places of records that repeat another one, in order; `repeated` are the sums of ids that may do so.
fn gone(evidence: &Records, repeated: &[u64]) -> Vec<usize> {
    let mut first: HashMap<&str, (Instant, usize)> = HashMap::new();
    let mut gone = Vec::new();
    for (it, place) in evidence.iter().zip(0..).filter(|(it, _)| repeated.binary_search(&sum(it)).is_ok()) {
        match first.entry(&it.source_id) {
            Entry::Vacant(none) => {
                none.insert((it.at, place));
            }
            Entry::Occupied(mut known) if it.at < known.get().0 => gone.push(known.insert((it.at, place)).1),
            Entry::Occupied(_) => gone.push(place),
        }
    }
    gone.sort_unstable();
    gone
}

/// The sum of what tells a record from others.
fn sum(it: &Evidence) -> u64 {
    let mut sum = DefaultHasher::new();
    it.source_id.hash(&mut sum);
    sum.finish()
}

/// About so many bytes of a file become a record, for telling how many processors are worth it.
const RECORD: usize = 128;
/// Bits of a filter for each record: about one in so many is looked at twice.
const SPARSE: usize = 32;

/// The sums of ids that may stand there more than once, in order: all that do, and a few that do not. Nearly always
/// there are hardly any, so a filter of bits tells it, which is small enough to be quick where a table of all ids is not.
fn repeated(evidence: &Records) -> Vec<u64> {
    let count = evidence.len();
    let sums = |pieces: &[Vec<Evidence>]| pieces.iter().flatten().map(sum).collect::<Vec<_>>();
    let sums = match side_by_side::runs(count.saturating_mul(RECORD)) {
        1 => vec![sums(evidence.pieces())],
        runs => side_by_side::each(evidence.pieces(), runs, |_, pieces| sums(pieces)),
    };
    let bits = count.saturating_mul(SPARSE).next_power_of_two().max(64);
    let (mut seen, mut twice) = (vec![0_u64; bits / 64], Vec::new());
    for sum in sums.into_iter().flatten() {
        let (bit, place) = (1 << (sum % 64), (sum >> 32) % (bits as u64 / 64));
        if let Some(word) = usize::try_from(place).ok().and_then(|place| seen.get_mut(place)) {
            if *word & bit != 0 {
                twice.push(sum);
            }
            *word |= bit;
        }
    }
    twice.sort_unstable();
    twice.dedup();
    twice
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn piece(at: i64, id: u8, raw: usize) -> Evidence {
        let at = Some(Instant::from_seconds(at));
        Collector::new(Source::Csv).piece(Signal::Note, format!("{id}"), at, &raw.to_string())
    }

    /// As one would write it down: sort all, keep the first of each id.
    fn plainly(evidence: &Records) -> Records {
        let mut evidence: Vec<_> = evidence.iter().cloned().collect();
        evidence.sort_by(|a, b| (a.at, &a.source_id).cmp(&(b.at, &b.source_id)));
        let mut seen = std::collections::HashSet::new();
        evidence.retain(|it| seen.insert(it.source_id.clone()));
        evidence.into()
    }

    proptest! {
        #[test]
        fn order_is_by_time_and_each_record_once(all in prop::collection::vec((1..9i64, 0..9u8), 0..40)) {
            let mut evidence: Records =
                all.into_iter().enumerate().map(|(n, (at, id))| piece(at, id, n)).collect();
            let expected = plainly(&evidence);
            in_order(&mut evidence, None);
            prop_assert_eq!(&evidence, &expected);
            // What is in order stays so.
            in_order(&mut evidence, None);
            prop_assert_eq!(evidence, expected);
        }

        #[test]
        fn parts_of_a_file_are_the_file(all in prop::collection::vec((0..4u8, 1..9i64, 0..9u8), 0..40), cut: usize) {
            let fill = |collector: &mut Collector, some: &[(u8, i64, u8)]| {
                for (incident, at, id) in some {
                    let name = format!("I{incident}");
                    if *id == 7 {
                        let title = Some(format!("title {at}"));
                        collector.incident(SourceIncident { id: name.clone(), title, ..SourceIncident::default() });
                    }
                    collector.add((*incident > 0).then_some(&*name), piece(*at, *id, 0));
                }
            };
            let cut = cut % (all.len() + 1);
            for empty in [Collector::new(Source::Csv), Collector::counting(Source::Csv)] {
                let (mut whole, mut parts) = (empty.part(), empty.part());
                fill(&mut whole, &all);
                fill(&mut parts, &all[..cut]);
                let mut later = parts.part();
                fill(&mut later, &all[cut..]);
                parts.absorb(later);
                if empty.counted.is_some() {
                    prop_assert_eq!(whole.looked(), parts.looked());
                } else {
                    prop_assert_eq!(whole.finish(), parts.finish());
                }
            }
        }
    }
}
