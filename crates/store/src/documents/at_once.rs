//! Edits kept by one statement that is a transaction of its own, where the record has a single writer.
//!
//! Each trip to a database wakes two threads, a transaction takes several trips, and while people type there is one
//! every few milliseconds. What the writer kept before says all that would be asked first: the lives and last numbers
//! of documents, and who is noted as having written. Where the record says that somebody else numbered edits since, the
//! statement keeps nothing, and [`append_all`](super::append_all) goes the long way.

use super::{
    ROWS, Update, Writer, padding,
    recent::{self, MANY},
};
use crate::{
    Db,
    statement::{Bind, Statement},
    tx::{Result, Tx},
};
use domain::{Instant, PostmortemId};
use std::{
    collections::{HashMap, HashSet},
    mem,
};
use uuid::Uuid;

/// How many people and documents are remembered before all are forgotten.
const MOST: usize = 50_000;

/// What the writer of edits remembers of the record. It may be out of date; nothing is kept wrongly by it.
#[derive(Debug, Default)]
pub struct Remembered {
    writers: HashSet<Writer>,
    /// The life and the last number of documents, as they are while the generation is this one.
    last: HashMap<PostmortemId, (i64, i64)>,
    generation: i64,
    /// How many edits this writer kept since it last had some put away.
    recent: usize,
}

/// The last numbers of documents, and the generation in which they are that.
#[derive(Debug, Default)]
pub struct Numbers {
    last: HashMap<PostmortemId, i64>,
    generation: i64,
}

impl Remembered {
    /// Who is noted as having written.
    pub fn writers(&self) -> &HashSet<Writer> {
        &self.writers
    }

    /// Whether it is time to put recent edits away.
    pub fn has_many(&self) -> bool {
        self.recent >= MANY
    }

    /// Recent edits are put away, or somebody tried to: the next time is after as many again.
    pub fn are_put_away(&mut self) {
        self.recent = 0;
    }

    /// Remembers what a transaction kept, once it is committed: with `numbers` as [`last_numbers`] told them there.
    pub fn learn<'a>(&mut self, kept: impl Iterator<Item = Update<'a>>, numbers: Numbers) {
        if self.writers.len() + self.last.len() > MOST {
            *self = Self::default();
        }
        // Unless somebody else began one between this generation and the last, what was known then is still so.
        if numbers.generation != self.generation + 1 {
            self.last.clear();
        }
        self.generation = numbers.generation;
        self.recent = 0;
        for update in kept {
            self.writers.extend(update.author.map(|person| (update.document, person)));
            if let Some(last) = numbers.last.get(&update.document) {
                self.last.insert(update.document, (update.epoch, *last));
            }
        }
    }

    /// The numbers that these updates would get; `None` if one is of a document of which nothing is remembered, or
    /// another life, or of somebody who is not noted.
    fn numbers(&self, updates: &[Update<'_>]) -> Option<Vec<i64>> {
        let mut last = HashMap::new();
        let number = |update: &Update<'_>| {
            let noted = update.author.is_none_or(|person| self.writers.contains(&(update.document, person)));
            let (epoch, before) = self.last.get(&update.document).filter(|_| noted)?;
            let number = last.entry(update.document).or_insert(*before);
            *number += 1;
            (update.epoch == *epoch).then_some(*number)
        };
        updates.iter().map(number).collect()
    }
}

/// The last numbers of the documents of these updates, as far as they may be remembered: where other processes write
/// too, none, because what is the last number now is not when the next edit comes. To be asked in the transaction that
/// kept them.
pub async fn last_numbers(tx: &mut Tx, updates: &[Update<'_>]) -> Result<Numbers> {
    if !recent::are_kept(tx) {
        return Ok(Numbers::default());
    }
    let documents: HashSet<Uuid> = updates.iter().map(|update| update.document.0).collect();
    let mut statement = Statement::new("SELECT document, MAX(seq) FROM document_updates WHERE document IN ");
    statement.list(documents).text(" GROUP BY document");
    let rows = statement.rows::<(Uuid, i64)>(tx).await?;
    let last = rows.into_iter().map(|(document, last)| (PostmortemId(document), last)).collect();
    Ok(Numbers { last, generation: recent::generation(tx).await? })
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
    let statement = insertion(updates, &numbers, remembered.generation, at);
    // Forgotten until they are known to be on disk: after an error, or if nobody waits for the end of this, they may be,
    // and only the record can tell.
    let last = mem::take(&mut remembered.last);
    let count = db.run_alone(statement).await?;
    match count {
        None => remembered.last = last,
        // Somebody else began a generation since.
        Some(0) => {}
        Some(count) if count == updates.len() as u64 => {
            remembered.recent += updates.len();
            remembered.last = last;
            let numbered = updates.iter().zip(numbers);
            remembered
                .last
                .extend(numbered.map(|(update, number)| (update.document, (update.epoch, number))));
            return Ok(true);
        }
        Some(_) => return Err(super::miscounted()),
    }
    Ok(false)
}

/// Adds to the recent edits, if the generation is this one.
fn insertion(updates: &[Update<'_>], numbers: &[i64], generation: i64, at: Instant) -> Statement {
    let mut statement = Statement::new(
        "INSERT INTO recent_edits (document, seq, body, author, at)
         SELECT v.column1, v.column2, v.column3, v.column4, ",
    );
    statement.bind(at.as_micros()).text(" FROM (VALUES ");
    for (n, (update, number)) in updates.iter().zip(numbers).enumerate() {
        let values: [Bind; 4] = [
            update.document.0.into(),
            (*number).into(),
            update.body.to_vec().into(),
            update.author.map(|person| person.0).into(),
        ];
        statement.text(if n > 0 { ", " } else { "" }).list(values);
    }
    for _ in 0..padding(updates.len()) {
        statement.text(", ").list([Bind::Id(None), Bind::Number(None), Bind::Bytes(None), Bind::Id(None)]);
    }
    statement
        .text(") v WHERE v.column1 IS NOT NULL AND (SELECT generation FROM edit_generations) = ")
        .bind(generation);
    statement
}
