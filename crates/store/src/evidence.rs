//! Evidence: kept once, searched, read; never changed.

use crate::{
    reach::{Reached, seen},
    sql::{row, rows},
    statement::{Bind, Statement, VALUES, words},
    tx::{Error, Result, Tx},
};
use domain::{
    EventId, EvidenceId, Instant,
    access::Sight,
    evidence::{Author, AuthorKind, Digest32, Evidence, Facts, Signal, Source, StoredEvidence},
    incident::IncidentNumber,
};
use std::collections::HashSet;

/// How many rows one statement inserts: 15 values each, and two more for the raw form.
const BATCH: usize = VALUES / 15;

/// Which evidence.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Words that must all occur.
    pub words: Option<&'a str>,
    /// From this product.
    pub source: Option<Source>,
    /// Of this sort.
    pub signal: Option<Signal>,
    /// Not before.
    pub from: Option<Instant>,
    /// Not after.
    pub to: Option<Instant>,
    /// Only what no event cites.
    pub not_in_timeline: bool,
    /// After this piece.
    pub after: Option<(Instant, EvidenceId)>,
    /// At most so many.
    pub limit: i64,
}

/// A piece in a list; its raw form is empty.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The piece.
    pub evidence: StoredEvidence,
    /// The first event that cites it.
    pub event: Option<EventId>,
}

/// What the evidence of an incident holds, grouped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// How many pieces each source gave.
    pub sources: Vec<(Source, i64)>,
    /// Chat messages per slice: its number and how many.
    pub chat: Vec<(i64, i64)>,
}

/// A span cut into slices of equal length, for [`overview`].
#[derive(Debug, Clone, Copy)]
pub struct Slices {
    /// Where the first one begins.
    pub from: Instant,
    /// Where the last one ends.
    pub to: Instant,
    /// The length of each in microseconds, at least 1.
    pub micros: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: uuid::Uuid,
    source: String,
    source_id: String,
    at: i64,
    author_name: Option<String>,
    author_kind: Option<String>,
    author_source_id: Option<String>,
    signal: String,
    text: String,
    place: Option<String>,
    url: Option<String>,
    facts: String,
    raw: String,
    digest: Vec<u8>,
}

impl Row {
    fn evidence(self) -> Result<StoredEvidence> {
        let author = match (self.author_name, self.author_kind) {
            (Some(name), Some(kind)) => {
                Some(Author { name, kind: author_kind(kind)?, source_id: self.author_source_id })
            }
            _ => None,
        };
        let facts: Facts = serde_json::from_str(&self.facts)
            .map_err(|_| Error::unknown("the facts of a piece of evidence", self.facts))?;
        Ok(StoredEvidence {
            id: EvidenceId(self.id),
            digest: Digest32(
                self.digest.try_into().map_err(|_| Error::unknown("a sum", "of another length"))?,
            ),
            evidence: Evidence {
                source: source(self.source)?,
                source_id: self.source_id,
                at: Instant::from_micros(self.at),
                author,
                signal: Signal::from_key(&self.signal)
                    .ok_or_else(|| Error::unknown("the sort of record", self.signal))?,
                text: self.text,
                place: self.place,
                url: self.url,
                facts,
                raw: self.raw,
            },
        })
    }
}

pub(crate) fn source(key: String) -> Result<Source> {
    Source::from_key(&key).ok_or_else(|| Error::unknown("the source", key))
}

/// The name of a sort of author in the record.
const fn author_kind_key(kind: AuthorKind) -> &'static str {
    match kind {
        AuthorKind::Person => "person",
        AuthorKind::Machine => "machine",
        AuthorKind::Unknown => "unknown",
    }
}

fn author_kind(key: String) -> Result<AuthorKind> {
    [AuthorKind::Person, AuthorKind::Machine, AuthorKind::Unknown]
        .into_iter()
        .find(|kind| author_kind_key(*kind) == key)
        .ok_or_else(|| Error::unknown("the sort of author", key))
}

/// The columns of [`Row`] without the raw form, which can be large.
macro_rules! columns_without_raw {
    () => {
        "e.id, e.source, e.source_id, e.at, e.author_name, e.author_kind, e.author_source_id, e.signal, e.text,
         e.place, e.url, e.facts, CAST('' AS TEXT) AS raw, e.digest"
    };
}

/// Pieces that are ready to be kept: their sums are taken and their words are folded, so that a transaction has
/// nothing left to do but write.
#[derive(Debug)]
pub struct Ready {
    /// For each row its values and its raw form.
    rows: Vec<([Bind; 15], String)>,
    /// The pieces without their raw form, in the same order.
    pieces: Vec<StoredEvidence>,
}

impl Ready {
    /// Makes pieces ready for an incident; each will be kept under the id that stands beside it. Takes processor
    /// time, so do it where nobody waits. `batch` is meant to hold at most some thousand pieces.
    ///
    /// # Errors
    /// If the facts of a piece cannot be written.
    pub fn new(incident: Reached, batch: impl IntoIterator<Item = (EvidenceId, Evidence)>) -> Result<Self> {
        let mut ready = Self { rows: Vec::new(), pieces: Vec::new() };
        for (id, mut evidence) in batch {
            let digest = evidence.digest();
            let raw = std::mem::take(&mut evidence.raw);
            ready.rows.push((values(incident, id, &evidence, digest)?, raw));
            ready.pieces.push(StoredEvidence { id, evidence, digest });
        }
        Ok(ready)
    }

    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// Keeps what is new of `ready` and answers those pieces, without their raw form.
pub async fn insert(tx: &mut Tx, ready: Ready) -> Result<Vec<StoredEvidence>> {
    let (Ready { rows, mut pieces }, mut new) = (ready, HashSet::new());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut statement = Statement::new(
            "INSERT INTO evidence (id, incident, source, source_id, at, author_name, author_kind,
                 author_source_id, signal, text, place, url, words, digest, facts) VALUES ",
        );
        let mut raw = Vec::with_capacity(BATCH);
        for (n, (values, text)) in rows.by_ref().take(BATCH).enumerate() {
            if n > 0 {
                statement.text(", ");
            }
            if let Some(Bind::Id(Some(id))) = values.first() {
                raw.push((*id, text));
            }
            statement.list(values);
        }
        statement.text(" ON CONFLICT DO NOTHING RETURNING id");
        let kept: Vec<(uuid::Uuid,)> = statement.rows(tx).await?;
        new.extend(kept.into_iter().map(|(id,)| id));
        insert_raw(tx, raw.into_iter().filter(|(id, _)| new.contains(id))).await?;
    }
    pieces.retain(|piece| new.contains(&piece.id.0));
    Ok(pieces)
}

async fn insert_raw(tx: &mut Tx, raw: impl Iterator<Item = (uuid::Uuid, String)>) -> Result<()> {
    let mut statement = Statement::new("INSERT INTO evidence_raw (evidence, raw) VALUES ");
    let mut rows = 0;
    for (id, raw) in raw {
        if rows > 0 {
            statement.text(", ");
        }
        statement.list([Bind::from(id), Bind::from(raw)]);
        rows += 1;
    }
    if rows > 0 {
        statement.run(tx).await?;
    }
    Ok(())
}

fn values(incident: Reached, id: EvidenceId, evidence: &Evidence, digest: Digest32) -> Result<[Bind; 15]> {
    let facts = serde_json::to_string(&evidence.facts)
        .map_err(|error| Error::unknown("facts that cannot be written", error.to_string()))?;
    let author = evidence.author.as_ref();
    Ok([
        id.0.into(),
        incident.0.0.into(),
        evidence.source.key().into(),
        evidence.source_id.as_str().into(),
        evidence.at.as_micros().into(),
        author.map(|author| author.name.as_str()).into(),
        author.map(|author| author_kind_key(author.kind)).into(),
        author.and_then(|author| author.source_id.as_deref()).into(),
        evidence.signal.key().into(),
        evidence.text.as_str().into(),
        evidence.place.as_deref().into(),
        evidence.url.as_deref().into(),
        words_of(evidence).into(),
        digest.0.to_vec().into(),
        facts.into(),
    ])
}

/// What search looks through.
fn words_of(evidence: &Evidence) -> String {
    let author = evidence.author.as_ref().map_or("", |author| author.name.as_str());
    let place = evidence.place.as_deref().unwrap_or_default();
    let mut words = String::with_capacity(evidence.text.len() + author.len() + place.len() + 2);
    words.push_str(&evidence.text);
    words.push('\n');
    words.push_str(author);
    words.push('\n');
    words.push_str(place);
    words.to_lowercase()
}

/// All evidence of an incident without raw forms, in chronological order, for the rules.
pub async fn all(tx: &mut Tx, incident: Reached) -> Result<Vec<StoredEvidence>> {
    let rows = rows!(
        tx,
        Row,
        concat!(
            "SELECT ",
            columns_without_raw!(),
            " FROM evidence e WHERE e.incident = $1 ORDER BY e.at, e.id"
        ),
        incident.0.0
    )?;
    rows.into_iter().map(Row::evidence).collect()
}

/// One piece of an incident, with its raw form.
pub async fn find(
    tx: &mut Tx,
    number: IncidentNumber,
    id: EvidenceId,
    sight: Sight,
) -> Result<Option<StoredEvidence>> {
    let found = row!(
        tx,
        Row,
        concat!(
            "SELECT e.id, e.source, e.source_id, e.at, e.author_name, e.author_kind, e.author_source_id,
                 e.signal, e.text, e.place, e.url, e.facts, COALESCE(r.raw, '') AS raw, e.digest
             FROM evidence e
             JOIN incidents i ON i.id = e.incident
             LEFT JOIN evidence_raw r ON r.evidence = e.id
             WHERE i.number = $1 AND e.id = $2 AND ",
            seen!("$3", "$4")
        ),
        number.0,
        id.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    found.map(Row::evidence).transpose()
}

/// How many of `ids` belong to an incident.
pub async fn count_of(tx: &mut Tx, incident: Reached, ids: &[EvidenceId]) -> Result<usize> {
    if ids.is_empty() {
        return Ok(0);
    }
    let mut statement = Statement::new("SELECT COUNT(*) FROM evidence WHERE incident = ");
    statement.bind(incident.0.0).text(" AND id IN ").list(ids.iter().map(|id| id.0));
    let rows: Vec<(i64,)> = statement.rows(tx).await?;
    Ok(rows.first().and_then(|(count,)| usize::try_from(*count).ok()).unwrap_or(0))
}

/// Evidence in chronological order.
pub async fn list(tx: &mut Tx, incident: Reached, filter: &Filter<'_>) -> Result<Vec<Listed>> {
    #[derive(sqlx::FromRow)]
    struct ListRow {
        #[sqlx(flatten)]
        row: Row,
        event: Option<uuid::Uuid>,
    }
    let mut statement = Statement::new(concat!(
        "SELECT ",
        columns_without_raw!(),
        ", (SELECT c.event FROM event_evidence c WHERE c.evidence = e.id ORDER BY c.event LIMIT 1) AS event
          FROM evidence e WHERE e.incident = "
    ));
    statement.bind(incident.0.0);
    narrow(&mut statement, filter);
    if let Some((at, id)) = filter.after {
        statement.text(" AND (e.at, e.id) > (").bind(at.as_micros()).text(", ").bind(id.0).text(")");
    }
    statement.text(" ORDER BY e.at, e.id LIMIT ").bind(filter.limit);
    let rows: Vec<ListRow> = statement.rows(tx).await?;
    rows.into_iter()
        .map(|ListRow { row, event }| Ok(Listed { evidence: row.evidence()?, event: event.map(EventId) }))
        .collect()
}

/// How many match in all; counting stops at `most`, because a word search has to read every piece.
pub async fn total(tx: &mut Tx, incident: Reached, filter: &Filter<'_>, most: i64) -> Result<i64> {
    let mut statement =
        Statement::new("SELECT COUNT(*) FROM (SELECT 1 AS one FROM evidence e WHERE e.incident = ");
    statement.bind(incident.0.0);
    narrow(&mut statement, filter);
    statement.text(" LIMIT ").bind(most).text(") AS counted");
    let rows: Vec<(i64,)> = statement.rows(tx).await?;
    Ok(rows.first().map_or(0, |(total,)| *total))
}

fn narrow(statement: &mut Statement, filter: &Filter<'_>) {
    statement.containing("e.words", &words(filter.words));
    if let Some(source) = filter.source {
        statement.text(" AND e.source = ").bind(source.key());
    }
    if let Some(signal) = filter.signal {
        statement.text(" AND e.signal = ").bind(signal.key());
    }
    if let Some(from) = filter.from {
        statement.text(" AND e.at >= ").bind(from.as_micros());
    }
    if let Some(to) = filter.to {
        statement.text(" AND e.at <= ").bind(to.as_micros());
    }
    if filter.not_in_timeline {
        statement.text(" AND NOT EXISTS (SELECT 1 FROM event_evidence c WHERE c.evidence = e.id)");
    }
}

/// How much each source gave, and chat density, in one statement.
pub async fn overview(tx: &mut Tx, incident: Reached, slices: Option<Slices>) -> Result<Overview> {
    #[derive(sqlx::FromRow)]
    struct Group {
        source: Option<String>,
        pieces: i64,
        slice: Option<i64>,
    }
    let (from, to, length) = slices
        .map_or((0, -1, 1), |slices| (slices.from.as_micros(), slices.to.as_micros(), slices.micros.max(1)));
    let groups = rows!(
        tx,
        Group,
        "SELECT source, COUNT(*) AS pieces, CAST(NULL AS BIGINT) AS slice
         FROM evidence WHERE incident = $1 GROUP BY source
         UNION ALL
         SELECT CAST(NULL AS TEXT), COUNT(*), (at - $2) / $4
         FROM evidence
         WHERE incident = $1 AND at >= $2 AND at <= $3 AND signal IN ('message', 'bot_message', 'file')
         GROUP BY (at - $2) / $4",
        incident.0.0,
        from,
        to,
        length
    )?;
    let (mut sources, mut chat) = (Vec::new(), Vec::new());
    for group in groups {
        match (group.slice, group.source) {
            (Some(slice), _) => chat.push((slice, group.pieces)),
            (None, Some(key)) => sources.push((source(key)?, group.pieces)),
            (None, None) => {}
        }
    }
    chat.sort_unstable();
    sources.sort_unstable();
    Ok(Overview { sources, chat })
}
