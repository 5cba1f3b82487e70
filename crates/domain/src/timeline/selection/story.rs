//! The evidence of an incident in order, read once, so that rules need not read it again.

use super::{
    Candidate, Proposal, parts,
    reading::{Reader, Reading},
    title,
};
use crate::{
    Instant,
    evidence::{AuthorKind, Evidence, Signal, Source, StoredEvidence},
    instant::Span,
    timeline::{
        EventKind,
        event::{Actor, ActorKind, DETAIL_MAX},
    },
};

/// How long before the first page and after the last record of the paging system chat may belong to the
/// incident. A deploy of the day before can be where a story begins.
const AROUND: Span = Span::hours(24);

/// One incident's evidence by time.
pub struct Story<'a> {
    /// Every record, by time, then source and id; each `source_id` once.
    pub records: Vec<Record<'a>>,
    /// When the paging system opened the incident.
    pub triggered: Option<Instant>,
}

/// A record with what can be read from it.
pub struct Record<'a> {
    pub stored: &'a StoredEvidence,
    /// What the words say; empty for records whose words no rule reads.
    pub reading: Reading,
}

impl<'a> Story<'a> {
    /// Orders and reads `evidence`.
    pub fn new(evidence: &'a [StoredEvidence]) -> Self {
        let mut ordered: Vec<&StoredEvidence> = evidence.iter().collect();
        ordered.sort_by(|a, b| identity(a).cmp(&identity(b)));
        ordered.dedup_by(|a, b| {
            a.evidence.source == b.evidence.source
                && a.evidence.source_id == b.evidence.source_id
                && a.evidence.at == b.evidence.at
        });
        let paging = || ordered.iter().filter(|it| it.evidence.source.pages());
        let opened = |it: &&&StoredEvidence| it.evidence.signal == Signal::Triggered;
        let triggered = paging().filter(opened).map(|it| it.evidence.at).min();
        let last = paging().filter(|it| it.evidence.signal != Signal::NotUnderstood).map(|it| it.evidence.at);
        let window =
            triggered.zip(last.max()).map(|(first, last)| (first.plus(minus(AROUND)), last.plus(AROUND)));
        let reader = Reader::new();
        ordered.retain(|it| {
            // Without a page nothing says where the incident lies, so all of the chat is looked at.
            !it.evidence.source.is_talk()
                || window.is_none_or(|(from, to)| it.evidence.at >= from && it.evidence.at <= to)
        });
        let records =
            parts::each(&ordered, |stored| Record { reading: reader.read(&stored.evidence), stored });
        Self { records, triggered }
    }

    /// The records with one of `signals`.
    pub fn with<'s>(&'s self, signals: &'s [Signal]) -> impl Iterator<Item = &'s Record<'a>> {
        self.records.iter().filter(|it| signals.contains(&it.evidence().signal))
    }

    /// What people wrote in a chat.
    pub fn said(&self) -> impl Iterator<Item = &Record<'a>> {
        self.with(&[Signal::Message])
    }

    /// What bots wrote in a chat, without what the paging system told us itself.
    pub fn bots(&self) -> impl Iterator<Item = &Record<'a>> {
        let paged = self.triggered.is_some();
        self.with(&[Signal::BotMessage]).filter(move |it| !(paged && it.repeats_paging()))
    }
}

impl<'a> Record<'a> {
    /// The evidence itself.
    pub fn evidence(&self) -> &'a Evidence {
        &self.stored.evidence
    }

    /// Whether a person is behind it, as far as the source says.
    pub fn by_person(&self) -> bool {
        self.evidence().author.as_ref().is_some_and(|it| it.kind == AuthorKind::Person)
    }

    /// Whether a bot repeats what the paging system records.
    fn repeats_paging(&self) -> bool {
        let name = self.evidence().author.as_ref().map(|it| it.name.to_ascii_lowercase()).unwrap_or_default();
        name.contains("pagerduty")
    }

    /// Who did it.
    pub fn actor(&self) -> Option<Actor> {
        let author = self.evidence().author.as_ref()?;
        let kind = if author.kind == AuthorKind::Machine { ActorKind::System } else { ActorKind::Person };
        Some(Actor { name: author.name.clone(), kind })
    }

    /// A candidate made of this record's own words; `sentence` is the one to be the title if all is too long.
    pub fn candidate(&self, rule: &'static str, kind: EventKind, sentence: Option<usize>) -> Candidate {
        let evidence = self.evidence();
        let title = title::of(&evidence.text, sentence);
        let whole = evidence.text.trim();
        let end = whole.char_indices().nth(DETAIL_MAX).map_or(whole.len(), |(at, _)| at);
        let detail = if whole == title { "" } else { whole.get(..end).unwrap_or(whole) }.to_owned();
        let proposal = Proposal {
            key: format!("{rule}:{}:{}", evidence.source.key(), evidence.source_id),
            rule,
            reason: String::new(),
            at: evidence.at,
            precision: evidence.facts.precision,
            kind,
            title,
            detail,
            actor: self.actor(),
            evidence: vec![self.stored.id],
        };
        Candidate { proposal, score: 50, chat: evidence.source.is_talk() }
    }
}

impl Candidate {
    /// With the sentence that tells why.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.proposal.reason = reason.into();
        self
    }

    /// With how much it matters in a crowded hour.
    pub fn score(mut self, score: u8) -> Self {
        self.score = score;
        self
    }
}

fn identity(it: &StoredEvidence) -> (Instant, Source, &str, crate::EvidenceId) {
    (it.evidence.at, it.evidence.source, it.evidence.source_id.as_str(), it.id)
}

fn minus(span: Span) -> Span {
    Span::seconds(-span.as_seconds())
}
