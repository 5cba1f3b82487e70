//! The log of shared documents: updates in order, who wrote, compaction.

use crate::{
    dialect,
    sql::{row, rows, run},
    statement::{Bind, Statement},
    tx::{Error, Result, Tx},
};
use domain::{Instant, PersonId, PostmortemId};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

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

/// Updates with numbers greater than `seq`, in order; `None` if the document does not exist or lives under another
/// epoch. One statement.
pub async fn since(
    tx: &mut Tx,
    document: PostmortemId,
    epoch: i64,
    seq: i64,
) -> Result<Option<Vec<(i64, Vec<u8>)>>> {
    let rows = rows!(
        tx,
        (Option<i64>, Option<Vec<u8>>),
        "SELECT u.seq, u.body FROM postmortems p LEFT JOIN document_updates u ON u.document = p.id AND u.seq > $3
         WHERE p.id = $1 AND p.epoch = $2 ORDER BY u.seq",
        document.0,
        epoch,
        seq
    )?;
    let found = rows.into_iter().map(|(seq, body)| Some((seq?, body?))).collect::<Vec<_>>();
    Ok((!found.is_empty()).then(|| found.into_iter().flatten().collect()))
}

/// Keeps everybody else from adding to a document until the transaction ends, and answers its epoch; `None` if
/// there is no such document.
pub async fn lock(tx: &mut Tx, document: PostmortemId) -> Result<Option<i64>> {
    let epoch: Option<(i64,)> =
        row!(tx, (i64,), "UPDATE postmortems SET epoch = epoch WHERE id = $1 RETURNING epoch", document.0)?;
    Ok(epoch.map(|(epoch,)| epoch))
}

/// An update to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    /// Of which document.
    pub document: PostmortemId,
    /// The life of the document that it belongs to.
    pub epoch: i64,
    /// The update itself.
    pub body: &'a [u8],
    /// Who sent it.
    pub author: Option<PersonId>,
}

/// Keeps one update; see [`append_all`].
pub async fn append(
    tx: &mut Tx,
    document: PostmortemId,
    epoch: i64,
    body: &[u8],
    author: Option<PersonId>,
    at: Instant,
) -> Result<Option<i64>> {
    let kept = append_all(tx, &[Update { document, epoch, body, author }], at).await?;
    Ok(kept.into_iter().next().flatten())
}

/// Keeps updates of any documents, each under the next number of its document, in their order. Answers the
/// numbers; `None` where the document does not exist or lives on under another epoch. Locks the documents, so
/// that numbers have no gaps on several nodes. Statements do not grow with the number of updates, nearly.
pub async fn append_all(tx: &mut Tx, updates: &[Update<'_>], at: Instant) -> Result<Vec<Option<i64>>> {
    let mut ends = ends_locked(tx, updates).await?;
    let numbers: Vec<Option<i64>> = updates
        .iter()
        .map(|update| {
            let (_, last) = ends.get_mut(&update.document).filter(|(epoch, _)| *epoch == update.epoch)?;
            *last += 1;
            Some(*last)
        })
        .collect();
    let kept: Vec<(&Update<'_>, i64)> =
        updates.iter().zip(&numbers).filter_map(|(update, seq)| Some((update, (*seq)?))).collect();
    for (some, padding) in in_few_sizes(&kept) {
        let mut statement =
            Statement::new("INSERT INTO document_updates (document, seq, body, author, at) VALUES ");
        let again =
            some.last().into_iter().cycle().take(padding).map(|(update, seq)| (*update, *seq, &[][..]));
        let rows = some.iter().map(|(update, seq)| (*update, *seq, update.body)).chain(again);
        for (n, (update, seq, body)) in rows.enumerate() {
            let author = update.author.map(|person| person.0);
            let values: [Bind; 5] = [
                update.document.0.into(),
                seq.into(),
                body.to_vec().into(),
                author.into(),
                at.as_micros().into(),
            ];
            statement.text(if n > 0 { ", " } else { "" }).list(values);
        }
        statement.text(" ON CONFLICT (document, seq) DO NOTHING");
        // The padding alone may be passed over: what is kept is counted before anybody is told.
        if statement.run(tx).await? != some.len() as u64 {
            return Err(Error::Failed(sqlx::Error::Protocol("a number of the log was taken".into())));
        }
    }
    let last_of: BTreeMap<(PostmortemId, PersonId), i64> =
        kept.iter().filter_map(|(update, seq)| Some(((update.document, update.author?), *seq))).collect();
    let writers: Vec<_> = last_of.into_iter().collect();
    for some in in_powers_of_two(&writers) {
        let mut statement = Statement::new(
            "INSERT INTO document_writers (document, person, first_at, last_at, last_seq) VALUES ",
        );
        for (n, ((document, person), seq)) in some.iter().enumerate() {
            let at = at.as_micros();
            let values: [Bind; 5] = [document.0.into(), person.0.into(), at.into(), at.into(), (*seq).into()];
            statement.text(if n > 0 { ", " } else { "" }).list(values);
        }
        statement.text(
            " ON CONFLICT (document, person) DO UPDATE
             SET last_at = excluded.last_at, last_seq = excluded.last_seq",
        );
        statement.run(tx).await?;
    }
    Ok(numbers)
}

/// The epoch and last number of each document that exists, locked in the order of their ids, so that nodes that
/// want several never wait for each other in a circle.
async fn ends_locked(tx: &mut Tx, updates: &[Update<'_>]) -> Result<HashMap<PostmortemId, (i64, i64)>> {
    let mut documents: Vec<Uuid> = updates.iter().map(|update| update.document.0).collect();
    documents.sort_unstable();
    documents.dedup();
    let mut ends = HashMap::with_capacity(documents.len());
    for (some, padding) in in_few_sizes(&documents) {
        let again = some.last().into_iter().cycle().take(padding);
        let ids: Vec<Uuid> = some.iter().chain(again).copied().collect();
        if let Some(lock) = dialect::choose_lock(tx) {
            let mut statement = Statement::new("SELECT id FROM postmortems WHERE id IN ");
            statement.list(ids.iter().copied()).text(" ORDER BY id ").text(lock);
            statement.rows::<(Uuid,)>(tx).await?;
        }
        // A statement of its own: what another node committed while this one waited for its lock must count.
        let mut statement = Statement::new(
            "SELECT p.id, p.epoch, (SELECT MAX(u.seq) FROM document_updates u WHERE u.document = p.id)
             FROM postmortems p WHERE p.id IN ",
        );
        statement.list(ids);
        for (id, epoch, last) in statement.rows::<(Uuid, i64, Option<i64>)>(tx).await? {
            ends.insert(PostmortemId(id), (epoch, last.unwrap_or(0)));
        }
    }
    Ok(ends)
}

/// How many rows a statement keeps at most.
const ROWS: usize = 256;

/// Pieces of at most [`ROWS`], and by how many rows each falls short of one of few sizes. With few different texts
/// the databases keep their statements prepared; with one statement for any number of edits, hardly anything is
/// said to them. What a short piece says twice must do nothing.
fn in_few_sizes<T>(all: &[T]) -> impl Iterator<Item = (&[T], usize)> {
    all.chunks(ROWS).map(|piece| {
        let above = piece.len().next_power_of_two();
        let between = above / 4 * 3;
        let size = if between >= piece.len() { between } else { above };
        (piece, size - piece.len())
    })
}

/// Pieces of 64, 32, 16 … 1, for a statement that may not say anything twice.
fn in_powers_of_two<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = (1..=rest.len().min(64)).rev().find(|size| size.is_power_of_two())?;
        let (piece, after) = rest.split_at(size);
        rest = after;
        Some(piece)
    })
}

/// Updates up to and including `upto` with who sent them, in order.
pub async fn signed(
    tx: &mut Tx,
    document: PostmortemId,
    upto: i64,
) -> Result<Vec<(Vec<u8>, Option<PersonId>)>> {
    let rows = rows!(
        tx,
        (Vec<u8>, Option<Uuid>),
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
        (i64, Uuid),
        "SELECT client, person FROM document_authors WHERE document = $1 ORDER BY client",
        document.0
    )?;
    Ok(rows.into_iter().map(|(client, person)| (client.cast_unsigned(), PersonId(person))).collect())
}

/// Replaces all updates up to and including `upto` by one that says the same. `authors` says whose clients
/// they came from, so that who wrote what stays known. Does nothing, and answers `false`, if the document does
/// not exist or lives on under another epoch.
pub async fn compact(
    tx: &mut Tx,
    document: PostmortemId,
    epoch: i64,
    upto: i64,
    state: &[u8],
    authors: impl IntoIterator<Item = (u64, PersonId)>,
    at: Instant,
) -> Result<bool> {
    if lock(tx, document).await? != Some(epoch) {
        return Ok(false);
    }
    for (client, person) in authors {
        add_author(tx, document, client, person).await?;
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
    Ok(true)
}

/// Begins a document anew under the next epoch, with `state` as all that it ever was; answers the epoch. Who wrote
/// in it, and whose its Yjs clients were, stays known. The document is locked ([`lock`]).
pub async fn begin_anew(
    tx: &mut Tx,
    document: PostmortemId,
    state: &[u8],
    authors: impl IntoIterator<Item = (u64, PersonId)>,
    at: Instant,
) -> Result<i64> {
    for (client, person) in authors {
        add_author(tx, document, client, person).await?;
    }
    let last: Option<(Option<i64>,)> =
        row!(tx, (Option<i64>,), "SELECT MAX(seq) FROM document_updates WHERE document = $1", document.0)?;
    let last = last.and_then(|(last,)| last).unwrap_or(1);
    run!(tx, "DELETE FROM document_updates WHERE document = $1", document.0)?;
    run!(
        tx,
        "INSERT INTO document_updates (document, seq, body, author, at) VALUES ($1, $2, $3, NULL, $4)",
        document.0,
        last,
        state,
        at.as_micros()
    )?;
    let epoch: Option<(i64,)> = row!(
        tx,
        (i64,),
        "UPDATE postmortems SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch",
        document.0
    )?;
    Ok(epoch.map_or(0, |(epoch,)| epoch))
}

async fn add_author(tx: &mut Tx, document: PostmortemId, client: u64, person: PersonId) -> Result<()> {
    run!(
        tx,
        "INSERT INTO document_authors (document, client, person) VALUES ($1, $2, $3)
         ON CONFLICT (document, client) DO NOTHING",
        document.0,
        client.cast_signed(),
        person.0
    )
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_few_sizes_and_keep_the_order() {
        let sizes = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
        for length in 0..600 {
            let all: Vec<usize> = (0..length).collect();
            let pieces: Vec<(&[usize], usize)> = in_few_sizes(&all).collect();
            assert!(pieces.iter().all(|(piece, padding)| sizes.contains(&(piece.len() + padding))));
            assert!(pieces.iter().all(|(piece, padding)| *padding <= piece.len() / 2));
            assert_eq!(pieces.iter().flat_map(|(piece, _)| *piece).copied().collect::<Vec<_>>(), all);
            assert_eq!(pieces.len(), length.div_ceil(ROWS));
            let pieces: Vec<&[usize]> = in_powers_of_two(&all).collect();
            assert!(pieces.iter().all(|piece| piece.len().is_power_of_two() && piece.len() <= 64));
            assert_eq!(pieces.concat(), all);
        }
    }
}
