//! The log of shared documents: updates in order, who wrote, compaction.

use crate::{
    sql::{row, rows, run},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, PostmortemId};

/// What is stored of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The life of the document; rises when its history was rebuilt.
    pub epoch: i64,
    /// Number and body of each update, in order.
    pub updates: Vec<(i64, Vec<u8>)>,
}

/// Everything about a document; `None` if there is none. One statement.
pub async fn load(tx: &mut Tx, document: PostmortemId) -> Result<Option<Stored>> {
    let rows = rows!(
        tx,
        (i64, Option<i64>, Option<Vec<u8>>),
        "SELECT p.epoch, u.seq, u.body FROM postmortems p LEFT JOIN document_updates u ON u.document = p.id
         WHERE p.id = $1 ORDER BY u.seq",
        document.0
    )?;
    let Some((epoch, ..)) = rows.first() else { return Ok(None) };
    let epoch = *epoch;
    let updates = rows.into_iter().filter_map(|(_, seq, body)| Some((seq?, body?))).collect();
    Ok(Some(Stored { epoch, updates }))
}

/// Updates with numbers greater than `seq`, in order.
pub async fn since(tx: &mut Tx, document: PostmortemId, seq: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    rows!(
        tx,
        (i64, Vec<u8>),
        "SELECT seq, body FROM document_updates WHERE document = $1 AND seq > $2 ORDER BY seq",
        document.0,
        seq
    )
}

/// Keeps everybody else from adding to a document until the transaction ends, and answers its epoch; `None` if
/// there is no such document.
pub async fn lock(tx: &mut Tx, document: PostmortemId) -> Result<Option<i64>> {
    let epoch: Option<(i64,)> =
        row!(tx, (i64,), "UPDATE postmortems SET epoch = epoch WHERE id = $1 RETURNING epoch", document.0)?;
    Ok(epoch.map(|(epoch,)| epoch))
}

/// Keeps an update under the next number and answers it; `None` if the document does not exist or lives on
/// under another epoch. Locks the document, so that numbers have no gaps on several nodes.
pub async fn append(
    tx: &mut Tx,
    document: PostmortemId,
    epoch: i64,
    body: &[u8],
    author: Option<PersonId>,
    at: Instant,
) -> Result<Option<i64>> {
    if lock(tx, document).await? != Some(epoch) {
        return Ok(None);
    }
    let author = author.map(|person| person.0);
    let seq: Option<(i64,)> = row!(
        tx,
        (i64,),
        "INSERT INTO document_updates (document, seq, body, author, at)
         VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM document_updates WHERE document = $1), $2, $3, $4)
         RETURNING seq",
        document.0,
        body,
        author,
        at.as_micros()
    )?;
    let seq = seq.map(|(seq,)| seq);
    if let (Some(author), Some(seq)) = (author, seq) {
        run!(
            tx,
            "INSERT INTO document_writers (document, person, first_at, last_at, last_seq)
             VALUES ($1, $2, $3, $3, $4)
             ON CONFLICT (document, person) DO UPDATE
             SET last_at = excluded.last_at, last_seq = excluded.last_seq",
            document.0,
            author,
            at.as_micros(),
            seq
        )?;
    }
    Ok(seq)
}

/// Updates up to and including `upto` with who sent them, in order.
pub async fn signed(
    tx: &mut Tx,
    document: PostmortemId,
    upto: i64,
) -> Result<Vec<(Vec<u8>, Option<PersonId>)>> {
    let rows = rows!(
        tx,
        (Vec<u8>, Option<uuid::Uuid>),
        "SELECT body, author FROM document_updates WHERE document = $1 AND seq <= $2 ORDER BY seq",
        document.0,
        upto
    )?;
    Ok(rows.into_iter().map(|(body, author)| (body, author.map(PersonId))).collect())
}

/// Whose the Yjs clients of a document were, as far as merged updates are concerned.
pub async fn authors(tx: &mut Tx, document: PostmortemId) -> Result<Vec<(u64, PersonId)>> {
    let rows = rows!(
        tx,
        (i64, uuid::Uuid),
        "SELECT client, person FROM document_authors WHERE document = $1 ORDER BY client",
        document.0
    )?;
    Ok(rows.into_iter().map(|(client, person)| (client.cast_unsigned(), PersonId(person))).collect())
}

/// Replaces all updates up to and including `upto` by one that says the same. `authors` says whose clients
/// they came from, so that who wrote what stays known.
pub async fn compact(
    tx: &mut Tx,
    document: PostmortemId,
    upto: i64,
    state: &[u8],
    authors: impl IntoIterator<Item = (u64, PersonId)>,
    at: Instant,
) -> Result<()> {
    for (client, person) in authors {
        run!(
            tx,
            "INSERT INTO document_authors (document, client, person) VALUES ($1, $2, $3)
             ON CONFLICT (document, client) DO NOTHING",
            document.0,
            client.cast_signed(),
            person.0
        )?;
    }
    run!(tx, "DELETE FROM document_updates WHERE document = $1 AND seq <= $2", document.0, upto)?;
    run!(
        tx,
        "INSERT INTO document_updates (document, seq, body, author, at) VALUES ($1, $2, $3, NULL, $4)",
        document.0,
        upto,
        state,
        at.as_micros()
    )?;
    Ok(())
}
