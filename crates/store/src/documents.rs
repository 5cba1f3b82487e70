//! The log of shared documents: updates in order, who wrote, compaction.

use crate::{
    dialect,
    sql::{row, rows, run},
    statement::{Bind, Statement},
    tx::{Error, Result, Tx},
};
use domain::{Instant, PersonId, PostmortemId};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

mod at_once;
mod recent;

pub use at_once::{Numbers, Remembered, append_at_once, last_numbers};
pub(crate) use recent::log;
pub use recent::put_recent_away;

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
        (Option<i64>, i64, Option<Vec<u8>>),
        concat!(
            "SELECT epoch, 0 AS seq, NULL AS body FROM postmortems WHERE id = $1 UNION ALL ",
            log!("NULL, seq, body", "document = $1"),
            " ORDER BY seq"
        ),
        document.0
    )?;
    let mut rows = rows.into_iter();
    // The document itself comes before its first update.
    let Some((Some(epoch), ..)) = rows.next() else { return Ok(None) };
    let updates = rows.filter_map(|(_, seq, body)| Some((seq, body?))).collect();
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
        (Option<i64>, i64, Option<Vec<u8>>),
        concat!(
            "SELECT epoch, 0 AS seq, NULL AS body FROM postmortems WHERE id = $1 UNION ALL ",
            log!("NULL, seq, body", "document = $1 AND seq > $2"),
            " ORDER BY seq"
        ),
        document.0,
        seq
    )?;
    let mut rows = rows.into_iter();
    if rows.next().is_none_or(|(found, ..)| found != Some(epoch)) {
        return Ok(None);
    }
    Ok(Some(rows.filter_map(|(_, seq, body)| Some((seq, body?))).collect()))
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

/// Somebody who wrote in a document.
pub type Writer = (PostmortemId, PersonId);

/// Keeps one update, and answers its number; see [`append_all`].
pub async fn append(
    tx: &mut Tx,
    document: PostmortemId,
    epoch: i64,
    body: &[u8],
    author: Option<PersonId>,
    at: Instant,
) -> Result<Option<i64>> {
    let kept = append_all(tx, &[Update { document, epoch, body, author }], &HashSet::new(), at).await?;
    if kept != [true] {
        return Ok(None);
    }
    let last = row!(tx, (i64,), "SELECT MAX(seq) FROM document_updates WHERE document = $1", document.0)?;
    Ok(last.map(|(last,)| last))
}

/// Keeps updates of any documents, each under the next number of its document, in their order. Answers which were
/// kept: not those whose document does not exist or lives on under another epoch. Locks the documents, so that numbers
/// have no gaps on several nodes. Statements do not grow with the number of updates, nearly, and bring no rows back:
/// SQLite hands rows over one by one, and whoever waits for them is woken for each.
///
/// Of `noted` the record knows that they wrote; who is not among them is noted with their first words. When somebody
/// wrote last is what the log says, see [`wrote`].
pub async fn append_all(
    tx: &mut Tx,
    updates: &[Update<'_>],
    noted: &HashSet<Writer>,
    at: Instant,
) -> Result<Vec<bool>> {
    lock_all(tx, updates).await?;
    recent::put_away(tx).await?;
    recent::begin_generation(tx).await?;
    let mut kept = Vec::with_capacity(updates.len());
    for some in of_one_life(updates) {
        kept.extend(append_some(tx, some, at).await?);
    }
    let first: BTreeSet<Writer> = updates
        .iter()
        .zip(&kept)
        .filter_map(|(update, kept)| kept.then_some((update.document, update.author?)))
        .filter(|writer| !noted.contains(writer))
        .collect();
    let first: Vec<Writer> = first.into_iter().collect();
    for (some, padding) in in_few_sizes(&first) {
        let mut statement = Statement::new(
            "INSERT INTO document_writers (document, person, first_at, last_at, last_seq) VALUES ",
        );
        let again = some.last().into_iter().cycle().take(padding);
        for (n, (document, person)) in some.iter().chain(again).enumerate() {
            let at = at.as_micros();
            let values: [Bind; 5] = [document.0.into(), person.0.into(), at.into(), at.into(), 0.into()];
            statement.text(if n > 0 { ", " } else { "" }).list(values);
        }
        statement.text(" ON CONFLICT (document, person) DO NOTHING");
        statement.run(tx).await?;
    }
    Ok(kept)
}

/// Locks the documents in the order of their ids, so that nodes that want several never wait for each other in a
/// circle. A statement of its own: what another node committed while this one waited must count in the next.
async fn lock_all(tx: &mut Tx, updates: &[Update<'_>]) -> Result<()> {
    let Some(lock) = dialect::choose_lock(tx) else { return Ok(()) };
    let mut documents: Vec<Uuid> = updates.iter().map(|update| update.document.0).collect();
    documents.sort_unstable();
    documents.dedup();
    for (some, padding) in in_few_sizes(&documents) {
        let again = some.last().into_iter().cycle().take(padding);
        let mut statement = Statement::new("SELECT id FROM postmortems WHERE id IN ");
        statement.list(some.iter().chain(again).copied()).text(" ORDER BY id ").text(lock);
        statement.rows::<(Uuid,)>(tx).await?;
    }
    Ok(())
}

/// Keeps at most [`ROWS`] updates, all of a document under one epoch, in one statement: each trip to a database
/// costs more than an update does.
async fn append_some(tx: &mut Tx, updates: &[Update<'_>], at: Instant) -> Result<Vec<bool>> {
    let mut statement = Statement::new(
        "INSERT INTO document_updates (document, seq, body, author, at)
         SELECT v.column1, v.column3 + COALESCE(
            (SELECT MAX(u.seq) FROM document_updates u WHERE u.document = v.column1), 0),
            v.column4, v.column5, v.column6
         FROM (VALUES ",
    );
    let mut places: HashMap<PostmortemId, i64> = HashMap::new();
    let place = |update: &Update<'_>| {
        let place = places.entry(update.document).or_insert(0);
        *place += 1;
        *place
    };
    let numbers: Vec<i64> = updates.iter().map(place).collect();
    add_rows(&mut statement, updates, &numbers, at);
    statement.text(") v JOIN postmortems p ON p.id = v.column1 AND p.epoch = v.column2");
    let count = statement.run(tx).await?;
    if count == updates.len() as u64 {
        return Ok(vec![true; updates.len()]);
    }
    let lives = lives(tx, places.into_keys().collect()).await?;
    let kept: Vec<bool> = updates.iter().map(|it| lives.get(&it.document) == Some(&it.epoch)).collect();
    // What is kept is counted before anybody is told.
    if kept.iter().filter(|kept| **kept).count() as u64 != count {
        return Err(miscounted());
    }
    Ok(kept)
}

/// Adds updates as rows of six columns, the third being their numbers, and rows of no document up to one of few sizes.
fn add_rows(statement: &mut Statement, updates: &[Update<'_>], numbers: &[i64], at: Instant) {
    for (n, (update, number)) in updates.iter().zip(numbers).enumerate() {
        let values: [Bind; 6] = [
            update.document.0.into(),
            update.epoch.into(),
            (*number).into(),
            update.body.to_vec().into(),
            update.author.map(|person| person.0).into(),
            at.as_micros().into(),
        ];
        statement.text(if n > 0 { ", " } else { "" }).list(values);
    }
    for _ in 0..padding(updates.len()) {
        let (id, number) = (|| Bind::Id(None), || Bind::Number(None));
        statement.text(", ").list([id(), number(), number(), Bind::Bytes(None), id(), number()]);
    }
}

fn miscounted() -> Error {
    Error::Failed(sqlx::Error::Protocol("the log kept another number of edits than it was given".into()))
}

/// The epochs of those of the documents that exist.
async fn lives(tx: &mut Tx, documents: Vec<PostmortemId>) -> Result<HashMap<PostmortemId, i64>> {
    let mut statement = Statement::new("SELECT id, epoch FROM postmortems WHERE id IN ");
    statement.list(documents.into_iter().map(|document| document.0));
    let rows = statement.rows::<(Uuid, i64)>(tx).await?;
    Ok(rows.into_iter().map(|(id, epoch)| (PostmortemId(id), epoch)).collect())
}

/// How many rows a statement keeps at most.
const ROWS: usize = 256;

/// Pieces of at most [`ROWS`] in which no document has two epochs.
fn of_one_life<'a, 'b>(mut rest: &'a [Update<'b>]) -> impl Iterator<Item = &'a [Update<'b>]> {
    std::iter::from_fn(move || {
        let mut epochs = HashMap::new();
        let same =
            |update: &&Update<'_>| *epochs.entry(update.document).or_insert(update.epoch) == update.epoch;
        let length = rest.iter().take(ROWS).take_while(same).count();
        let (piece, after) = rest.split_at(length);
        rest = after;
        (length > 0).then_some(piece)
    })
}

/// By how many rows a statement of so many falls short of one of few sizes. With few different texts the databases
/// keep their statements prepared. What is said besides must do nothing.
fn padding(rows: usize) -> usize {
    let above = rows.next_power_of_two();
    let between = above / 4 * 3;
    (if between >= rows { between } else { above }) - rows
}

/// Pieces of at most [`ROWS`], and the [`padding`] of each.
fn in_few_sizes<T>(all: &[T]) -> impl Iterator<Item = (&[T], usize)> {
    all.chunks(ROWS).map(|piece| (piece, padding(piece.len())))
}

/// Who wrote in a document, first and last: a table with the columns of `document_writers`. Whoever writes is noted
/// there once; when they wrote last is written down only when the log forgets it ([`remember_last`]), because every
/// key would change it.
macro_rules! wrote {
    ($document:literal) => {
        concat!(
            "(SELECT w.document, w.person, w.first_at, COALESCE(l.last_at, w.last_at) AS last_at,
                COALESCE(l.last_seq, w.last_seq) AS last_seq
              FROM document_writers w
              LEFT JOIN (
                SELECT u.author, MAX(u.at) AS last_at, MAX(u.seq) AS last_seq FROM (",
            $crate::documents::log!("author, at, seq", "document = ", $document, " AND author IS NOT NULL"),
            ") u GROUP BY u.author) l ON l.author = w.person
              WHERE w.document = ",
            $document,
            ")"
        )
    };
}
pub(crate) use wrote;

/// Writes down when the authors of updates up to and including `upto` wrote last: these are about to go.
async fn remember_last(tx: &mut Tx, document: PostmortemId, upto: i64) -> Result<()> {
    run!(
        tx,
        "INSERT INTO document_writers (document, person, first_at, last_at, last_seq)
         SELECT document, author, MIN(at), MAX(at), MAX(seq) FROM document_updates
         WHERE document = $1 AND seq <= $2 AND author IS NOT NULL GROUP BY document, author
         ON CONFLICT (document, person) DO UPDATE
         SET last_at = excluded.last_at, last_seq = excluded.last_seq",
        document.0,
        upto
    )
    .map(drop)
}

/// Updates up to and including `upto` with who sent them, in order.
pub async fn signed(
    tx: &mut Tx,
    document: PostmortemId,
    upto: i64,
) -> Result<Vec<(Vec<u8>, Option<PersonId>)>> {
    let rows = rows!(
        tx,
        (i64, Vec<u8>, Option<Uuid>),
        concat!(log!("seq, body, author", "document = $1 AND seq <= $2"), " ORDER BY seq"),
        document.0,
        upto
    )?;
    Ok(rows.into_iter().map(|(_, body, author)| (body, author.map(PersonId))).collect())
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
    recent::put_away(tx).await?;
    remember_last(tx, document, upto).await?;
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
    recent::put_away(tx).await?;
    recent::begin_generation(tx).await?;
    let last: Option<(Option<i64>,)> =
        row!(tx, (Option<i64>,), "SELECT MAX(seq) FROM document_updates WHERE document = $1", document.0)?;
    let last = last.and_then(|(last,)| last).unwrap_or(1);
    remember_last(tx, document, last).await?;
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
        }
    }

    #[test]
    fn no_statement_holds_two_lives_of_a_document() {
        let update = |document: u128, epoch| {
            let document = PostmortemId(Uuid::from_u128(document));
            Update { document, epoch, body: &[], author: None }
        };
        let all = [update(1, 1), update(2, 7), update(1, 1), update(1, 2), update(2, 7), update(1, 1)];
        let lengths: Vec<usize> = of_one_life(&all).map(<[_]>::len).collect();
        assert_eq!(lengths, [3, 2, 1]);
        let many = vec![update(1, 1); 2 * ROWS + 1];
        assert_eq!(of_one_life(&many).map(<[_]>::len).collect::<Vec<_>>(), [ROWS, ROWS, 1]);
        assert_eq!(of_one_life(&[]).count(), 0);
    }
}
