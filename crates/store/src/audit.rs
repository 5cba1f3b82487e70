//! What was done, by whom and when: a chain in which each entry holds the sum of the one before it.
//!
//! The entry is written by the transaction that makes the change, so there is never one without the other.

mod words;

pub use words::{Said, let_go, with_words, words_about, words_that_differ};

use crate::{
    sql::{row, rows, run},
    statement::{self, Statement},
    tx::{Result, Tx},
};
use domain::{
    Instant, PersonId,
    access::{Actor, Sight},
    evidence::Digest32,
};

/// An entry of the record of acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3, … without gaps.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// On whose behalf; `None` for the installation itself.
    pub person: Option<PersonId>,
    /// The name at that time.
    pub actor: String,
    /// What was done, for instance `incident.resolve`.
    pub act: String,
    /// To what, for instance `INC-12`.
    pub subject: String,
    /// Further facts as JSON text; no secrets.
    pub detail: String,
    /// SHA-256 over the entry before and this one.
    pub digest: Digest32,
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at: i64,
    person: Option<uuid::Uuid>,
    actor: String,
    act: String,
    subject: String,
    detail: String,
    digest: Vec<u8>,
}

/// Adds an entry. Locks the head of the chain until the transaction ends, so call it last.
pub async fn record(
    tx: &mut Tx,
    at: Instant,
    actor: &Actor,
    act: &str,
    subject: &str,
    detail: &str,
) -> Result<()> {
    // The update takes the row lock on PostgreSQL; on SQLite the transaction already has the write lock.
    let mut head = step(tx).await?;
    if head.is_none() {
        // The very first entry, of which several nodes may think at once: whoever comes second waits here for
        // the first to end, and then follows it.
        run!(
            tx,
            "INSERT INTO audit_head (id, seq, digest) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING",
            [0_u8; 32].as_slice()
        )?;
        head = step(tx).await?;
    }
    let (seq, before) = head.unwrap_or((1, vec![0; 32]));
    let (apart, said) = words::apart(subject, detail);
    words::keep(tx, seq, &said).await?;
    let detail = apart.as_deref().unwrap_or(detail);
    let person = actor.person.map(|person| person.0);
    let digest = link(&before, seq, at, person, &actor.name, act, subject, detail);
    run!(
        tx,
        "INSERT INTO audit (seq, at, person, actor, act, subject, detail, digest)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        seq,
        at.as_micros(),
        person,
        actor.name.as_str(),
        act,
        subject,
        detail,
        digest.0.as_slice()
    )?;
    run!(tx, "UPDATE audit_head SET digest = $1 WHERE id = 1", digest.0.as_slice())?;
    Ok(())
}

/// Moves the head on and locks it; the number of the entry to come and the sum of the one before.
async fn step(tx: &mut Tx) -> Result<Option<(i64, Vec<u8>)>> {
    row!(tx, (i64, Vec<u8>), "UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, digest")
}

/// Entries after `after`, at most `limit`, oldest first.
pub async fn since(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Entry>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT seq, at, person, actor, act, subject, detail, digest FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2",
        after,
        limit
    )?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            seq: row.seq,
            at: Instant::from_micros(row.at),
            person: row.person.map(PersonId),
            actor: row.actor,
            act: row.act,
            subject: row.subject,
            detail: row.detail,
            digest: Digest32(row.digest.try_into().unwrap_or([0; 32])),
        }
    }
}

impl Entry {
    /// Whether it follows from an entry with the sum `before` (zeros: none), its own sum included.
    pub fn follows(&self, before: &Digest32) -> bool {
        let person = self.person.map(|person| person.0);
        let Self { seq, at, actor, act, subject, detail, .. } = self;
        self.digest == link(&before.0, *seq, *at, person, actor, act, subject, detail)
    }
}

/// What somebody looks for among the acts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// This act, for instance `incident.resolve`.
    pub act: Option<String>,
    /// Parts of the name of whoever did it.
    pub who: Option<String>,
    /// To exactly this, for instance `INC-12`.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<Instant>,
    /// Before this.
    pub until: Option<Instant>,
    /// Only those before this number.
    pub before: Option<i64>,
}

/// The acts that are wanted, newest first, at most `limit`; none that are about an incident which is not seen.
pub async fn wanted(tx: &mut Tx, sight: Sight, wanted: &Wanted, limit: i64) -> Result<Vec<Entry>> {
    let mut statement = Statement::new(
        "SELECT a.seq, a.at, a.person, a.actor, a.act, a.subject, a.detail, a.digest FROM audit a WHERE a.seq < ",
    );
    statement.bind(wanted.before.unwrap_or(i64::MAX));
    if let Some(act) = &wanted.act {
        statement.text(" AND a.act = ").bind(act.as_str());
    }
    if let Some(subject) = &wanted.subject {
        statement.text(" AND a.subject = ").bind(subject.as_str());
    }
    if let Some(from) = wanted.from {
        statement.text(" AND a.at >= ").bind(from.as_micros());
    }
    if let Some(until) = wanted.until {
        statement.text(" AND a.at < ").bind(until.as_micros());
    }
    statement.containing("LOWER(a.actor)", &statement::words(wanted.who.as_deref()));
    statement.text(" AND a.subject NOT IN (SELECT 'INC-' || i.number FROM incidents i WHERE NOT ");
    statement.seen(sight).text(") ORDER BY a.seq DESC LIMIT ").bind(limit);
    Ok(statement.rows::<Row>(tx).await?.into_iter().map(Entry::from).collect())
}

/// The number and sum of the newest entry; 0 and zeros before the first.
pub async fn head(tx: &mut Tx) -> Result<(i64, Digest32)> {
    let head: Option<(i64, Vec<u8>)> =
        row!(tx, (i64, Vec<u8>), "SELECT seq, digest FROM audit_head WHERE id = 1")?;
    let (seq, digest) = head.unwrap_or((0, vec![0; 32]));
    Ok((seq, Digest32(digest.try_into().unwrap_or([0; 32]))))
}

/// The sum of entry `seq`, if there is such an entry. A head that was noted elsewhere is held against it: a
/// chain that was cut or written anew follows in itself, but not up to that head.
pub async fn sum_at(tx: &mut Tx, seq: i64) -> Result<Option<Digest32>> {
    let found: Option<(Vec<u8>,)> = row!(tx, (Vec<u8>,), "SELECT digest FROM audit WHERE seq = $1", seq)?;
    Ok(found.map(|(digest,)| Digest32(digest.try_into().unwrap_or([0; 32]))))
}

/// Goes through the whole chain; the number of entries, or the first entry that does not follow from the one
/// before it.
pub async fn verify(tx: &mut Tx) -> Result<std::result::Result<i64, i64>> {
    let (mut before, mut seq) = (vec![0; 32], 0);
    loop {
        let entries = since(tx, seq, 1000).await?;
        if entries.is_empty() {
            let head: Option<(i64, Vec<u8>)> =
                row!(tx, (i64, Vec<u8>), "SELECT seq, digest FROM audit_head WHERE id = 1")?;
            let (head_seq, head_digest) = head.unwrap_or((0, vec![0; 32]));
            return Ok(if (head_seq, &head_digest) == (seq, &before) { Ok(seq) } else { Err(seq + 1) });
        }
        for entry in entries {
            let person = entry.person.map(|person| person.0);
            let expected = link(
                &before,
                entry.seq,
                entry.at,
                person,
                &entry.actor,
                &entry.act,
                &entry.subject,
                &entry.detail,
            );
            if entry.seq != seq + 1 || entry.digest != expected {
                return Ok(Err(seq + 1));
            }
            (before, seq) = (entry.digest.0.to_vec(), entry.seq);
        }
    }
}

/// The sum of an entry: each part with its length before it, so that no two entries run together.
#[expect(clippy::too_many_arguments, reason = "these are the fields of an entry")]
fn link(
    before: &[u8],
    seq: i64,
    at: Instant,
    person: Option<uuid::Uuid>,
    actor: &str,
    act: &str,
    subject: &str,
    detail: &str,
) -> Digest32 {
    let person = person.map(uuid::Uuid::into_bytes);
    let (seq, at) = (seq.to_be_bytes(), at.as_micros().to_be_bytes());
    let person: &[u8] = person.as_ref().map_or(&[], |bytes| bytes);
    let parts: [&[u8]; 8] =
        [before, &seq, &at, person, actor.as_bytes(), act.as_bytes(), subject.as_bytes(), detail.as_bytes()];
    let mut whole = Vec::new();
    for part in parts {
        whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
        whole.extend_from_slice(part);
    }
    Digest32::of(&whole)
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
