//! Edits kept by one statement that is a transaction of its own, where the record has a single writer.
//!
//! Each trip to a database wakes two threads, a transaction takes several trips, and while people type there is one
//! every few milliseconds. What the writer kept before says all that would be asked first: the last numbers of
//! documents, and who is noted as having written. Where the record says something else by now, the statement keeps
//! nothing, and [`append_all`](super::append_all) goes the long way.

use super::{ROWS, Update, Writer, add_rows};
use crate::{
    Db, dialect,
    statement::Statement,
    tx::{Error, Result, Tx},
};
use domain::{Instant, PostmortemId};
use sqlx::error::ErrorKind;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// How many people and documents are remembered before all are forgotten.
const MOST: usize = 50_000;

/// What the writer of edits remembers of the record. It may be out of date; nothing is kept wrongly by it.
#[derive(Debug, Default)]
pub struct Remembered {
    writers: HashSet<Writer>,
    /// The last numbers of documents, or higher ones.
    last: HashMap<PostmortemId, i64>,
}

impl Remembered {
    /// Who is noted as having written.
    pub fn writers(&self) -> &HashSet<Writer> {
        &self.writers
    }

    /// Remembers what a transaction kept, once it is committed: with `last` as [`last_numbers`] told it there.
    pub fn learn<'a>(&mut self, kept: impl Iterator<Item = Update<'a>>, last: HashMap<PostmortemId, i64>) {
        if self.writers.len() + self.last.len() > MOST {
            *self = Self::default();
        }
        self.writers.extend(kept.filter_map(|update| Some((update.document, update.author?))));
        self.last.extend(last);
    }

    /// The numbers that these updates would get; `None` if one is of a document of which nothing is remembered, or of
    /// somebody who is not noted.
    fn numbers(&self, updates: &[Update<'_>]) -> Option<Vec<i64>> {
        let mut last = HashMap::new();
        let number = |update: &Update<'_>| {
            let noted = update.author.is_none_or(|person| self.writers.contains(&(update.document, person)));
            let before = self.last.get(&update.document).filter(|_| noted)?;
            let number = last.entry(update.document).or_insert(*before);
            *number += 1;
            Some(*number)
        };
        updates.iter().map(number).collect()
    }
}

/// The last numbers of the documents of these updates, as far as they may be remembered: where other processes write
/// too, none, because what is the last number now is not when the next edit comes.
pub async fn last_numbers(tx: &mut Tx, updates: &[Update<'_>]) -> Result<HashMap<PostmortemId, i64>> {
    if dialect::choose_lock(tx).is_some() {
        return Ok(HashMap::new());
    }
    let documents: HashSet<Uuid> = updates.iter().map(|update| update.document.0).collect();
    let mut statement = Statement::new("SELECT document, MAX(seq) FROM document_updates WHERE document IN ");
    statement.list(documents).text(" GROUP BY document");
    let rows = statement.rows::<(Uuid, i64)>(tx).await?;
    Ok(rows.into_iter().map(|(document, last)| (PostmortemId(document), last)).collect())
}

/// Keeps all of these updates by one statement: when this returns `true`, they are on disk. `false` if nothing was
/// kept, because something is not remembered, is out of date, does not exist or lives on under another epoch, or
/// because several processes work on this record; [`append_all`](super::append_all) takes them then.
pub async fn append_at_once(
    db: &Db,
    updates: &[Update<'_>],
    remembered: &mut Remembered,
    at: Instant,
) -> Result<bool> {
    if updates.len() > ROWS {
        return Ok(false);
    }
    let Some(numbers) = remembered.numbers(updates) else { return Ok(false) };
    // A document that is not there, or not in this life, becomes an id that is missing, which no row may have.
    let mut statement = Statement::new(
        "INSERT INTO document_updates (document, seq, body, author, at)
         SELECT p.id, v.column3, v.column4, v.column5, v.column6 FROM (VALUES ",
    );
    add_rows(&mut statement, updates, &numbers, at);
    statement.text(
        ") v LEFT JOIN postmortems p ON p.id = v.column1 AND p.epoch = v.column2 WHERE v.column1 IS NOT NULL",
    );
    match db.run_alone(statement).await {
        Ok(None) => Ok(false),
        Ok(Some(count)) if count == updates.len() as u64 => {
            remembered.last.extend(updates.iter().map(|update| update.document).zip(numbers));
            Ok(true)
        }
        Ok(Some(_)) => Err(super::miscounted()),
        Err(error) if is_out_of_date(&error) => {
            for update in updates {
                remembered.last.remove(&update.document);
            }
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Whether nothing was kept because a number was taken, or a document not found.
fn is_out_of_date(error: &Error) -> bool {
    match error {
        Error::Taken(_) => true,
        Error::Failed(sqlx::Error::Database(error)) => error.kind() == ErrorKind::NotNullViolation,
        _ => false,
    }
}
