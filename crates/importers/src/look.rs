//! What files hold, counted and not kept: a preview of a large file costs little more than the file itself.

use crate::{Export, ImportError, NO_TIME, NamedBytes, Options, Problem, SourceIncident, read};
use domain::{
    Instant,
    evidence::{Evidence, Source},
    instant::Span,
};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

/// What files of one product hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Which product.
    pub source: Source,
    /// By the time they were opened, then by id.
    pub incidents: Vec<LookedIncident>,
    /// How many records name no incident.
    pub loose: usize,
    /// From the earliest to the latest record that says when it happened.
    pub span: Option<(Instant, Instant)>,
    /// What was not understood.
    pub not_understood: Vec<Problem>,
}

/// An incident in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedIncident {
    /// What the product says about it; its records are left out.
    pub about: SourceIncident,
    /// How many records it has.
    pub records: usize,
}

impl Looked {
    /// How many records there are, those of incidents among them.
    pub fn records(&self) -> usize {
        self.incidents.iter().map(|it| it.records).sum::<usize>() + self.loose
    }

    /// From what was counted for each incident, and for none.
    pub(crate) fn of(
        source: Source,
        incidents: Vec<SourceIncident>,
        mut counted: BTreeMap<Option<String>, Tally>,
        not_understood: Vec<Problem>,
    ) -> Self {
        let loose = counted.remove(&None).unwrap_or_default();
        let mut span = loose.span;
        let mut incidents: Vec<_> = incidents
            .into_iter()
            .map(|mut about| {
                let mut tally = counted.remove(&Some(about.id.clone())).unwrap_or_default();
                // What does not say when it happened stands at the beginning.
                if let (true, Some(at)) = (tally.undated, about.created_at) {
                    tally.reach(at, at);
                }
                about.created_at = about.created_at.or_else(|| tally.span.map(|(first, _)| first));
                span = joined(span, tally.span);
                LookedIncident { about, records: tally.records() }
            })
            .collect();
        incidents.sort_by(|a, b| (a.about.created_at, &a.about.id).cmp(&(b.about.created_at, &b.about.id)));
        Self { source, incidents, loose: loose.records(), span, not_understood }
    }
}

impl From<Export> for Looked {
    fn from(export: Export) -> Self {
        let mut counted: BTreeMap<Option<String>, Tally> = BTreeMap::new();
        for it in &export.unattached {
            counted.entry(None).or_default().count(it);
        }
        let about = export.incidents.into_iter().map(|mut incident| {
            let tally = counted.entry(Some(incident.id.clone())).or_default();
            std::mem::take(&mut incident.evidence).iter().for_each(|it| tally.count(it));
            incident
        });
        let about = about.collect();
        Self::of(export.source, about, counted, export.not_understood)
    }
}

/// Looks at `files`, each as what it is, without keeping what is in them; those of one product are taken together.
///
/// # Errors
/// As [`read`](crate::read()).
pub fn look(files: &[NamedBytes], options: &Options) -> Result<Vec<Looked>, ImportError> {
    read::sorted(files, options)
        .into_iter()
        .map(|(source, files)| read::look(source, &files, options))
        .collect()
}

/// Records that are counted: each once, by the sum of its id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    ids: Vec<u64>,
    span: Option<(Instant, Instant)>,
    undated: bool,
}

/// Records this close to the epoch count from the beginning of a recording instead of saying when they happened.
const UNDATED: Span = Span::days(2);

impl Tally {
    /// Counts a record.
    pub(crate) fn count(&mut self, it: &Evidence) {
        let mut sum = DefaultHasher::new();
        it.source_id.hash(&mut sum);
        self.ids.push(sum.finish());
        self.undated |= it.at == NO_TIME;
        if it.at.since(NO_TIME) > UNDATED {
            self.reach(it.at, it.at);
        }
    }

    /// Counts what another one counted.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.undated |= other.undated;
        self.span = joined(self.span, other.span);
    }

    fn reach(&mut self, first: Instant, last: Instant) {
        self.span = joined(self.span, Some((first, last)));
    }

    fn records(mut self) -> usize {
        self.ids.sort_unstable();
        self.ids.dedup();
        self.ids.len()
    }
}

fn joined(a: Option<(Instant, Instant)>, b: Option<(Instant, Instant)>) -> Option<(Instant, Instant)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}
