//! Where shared documents keep their updates: the record, several waiting updates in one transaction.
//!
//! One task writes. It takes whatever waits, at most [`BATCH`] updates, writes them in one transaction and
//! answers each only after the commit, which on SQLite includes the fsync (`synchronous=FULL`). Under load
//! the cost of a transaction is thus shared; after a pause, an update waits for nobody.

use crate::{
    Clock,
    neighbours::{Node, Word},
    numbers::Counted,
    versions::Hourly,
};
use collab::{Loaded, Log, LogError};
use domain::{PersonId, PostmortemId};
use futures_util::future::BoxFuture;
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant as Stopwatch},
};
use store::{Db, documents, notices};
use tokio::sync::{mpsc, oneshot};

/// How many updates one transaction takes at most.
const BATCH: usize = 256;
/// From the beginning of one transaction to that of the next; what arrives meanwhile goes together.
const PACE: Duration = Duration::from_millis(8);
/// How many updates may wait before those who send them wait too.
const QUEUE: usize = 4096;

/// The log over the record.
#[derive(Debug)]
pub struct DocumentLog {
    db: Db,
    clock: Arc<dyn Clock>,
    waiting: mpsc::Sender<Append>,
}

#[derive(Debug)]
struct Append {
    document: PostmortemId,
    epoch: i64,
    body: Vec<u8>,
    author: Option<PersonId>,
    answer: oneshot::Sender<Result<i64, LogError>>,
}

impl DocumentLog {
    /// Starts the writing task; it ends when the log is dropped and everything that waited is written.
    pub(crate) fn start(db: Db, clock: Arc<dyn Clock>, node: Node, counted: Arc<Counted>) -> Self {
        let (waiting, queue) = mpsc::channel(QUEUE);
        tokio::spawn(write_waiting(db.clone(), Arc::clone(&clock), node, counted, queue));
        Self { db, clock, waiting }
    }
}

async fn write_waiting(
    db: Db,
    clock: Arc<dyn Clock>,
    node: Node,
    counted: Arc<Counted>,
    mut queue: mpsc::Receiver<Append>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut hourly = Hourly::default();
    let mut next = tokio::time::Instant::now();
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        if tokio::time::Instant::now() < next {
            tokio::time::sleep_until(next).await;
            while batch.len() < BATCH
                && let Ok(append) = queue.try_recv()
            {
                batch.push(append);
            }
        }
        next = tokio::time::Instant::now() + PACE;
        let began = Stopwatch::now();
        let written = write(&db, &*clock, node, &batch).await;
        match written {
            Ok(outcomes) => {
                counted.commits.add(began.elapsed());
                let kept = outcomes.iter().flatten().count();
                counted.edits.fetch_add(kept as u64, Relaxed);
                counted.edits_refused.fetch_add((batch.len() - kept) as u64, Relaxed);
                hourly.look(&db, clock.now(), batch.iter().map(|append| append.document));
                for (append, outcome) in batch.drain(..).zip(outcomes) {
                    // Whoever asked may have gone; the update is on disk all the same.
                    let _ = append.answer.send(outcome.ok_or(LogError::Gone));
                }
            }
            Err(error) => {
                counted.edits_refused.fetch_add(batch.len() as u64, Relaxed);
                tracing::error!(error = &error as &dyn std::error::Error, "edits could not be stored");
                for append in batch.drain(..) {
                    let _ = append.answer.send(Err(LogError::Failed(error.to_string())));
                }
            }
        }
    }
}

async fn write(
    db: &Db,
    clock: &dyn Clock,
    node: Node,
    batch: &[Append],
) -> Result<Vec<Option<i64>>, store::Error> {
    let mut tx = db.write().await?;
    let updates: Vec<documents::Update<'_>> = batch
        .iter()
        .map(|append| {
            let Append { document, epoch, body, author, .. } = append;
            documents::Update { document: *document, epoch: *epoch, body, author: *author }
        })
        .collect();
    let outcomes = documents::append_all(&mut tx, &updates, clock.now()).await?;
    let mut touched: Vec<PostmortemId> = batch.iter().map(|append| append.document).collect();
    touched.sort_unstable();
    touched.dedup();
    for document in touched {
        notices::say(&mut tx, &node.word(&Word::Appended(document))).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

fn failed(error: &store::Error) -> LogError {
    tracing::error!(error = error as &dyn std::error::Error, "a shared document cannot be read or compacted");
    LogError::Failed(error.to_string())
}

impl Log for DocumentLog {
    fn load(&self, doc: PostmortemId) -> BoxFuture<'_, Result<Loaded, LogError>> {
        Box::pin(async move {
            let mut tx = self.db.read().await.map_err(|error| failed(&error))?;
            let stored = documents::load(&mut tx, doc).await.map_err(|error| failed(&error))?;
            let stored = stored.ok_or(LogError::NotFound)?;
            let last_seq = stored.updates.last().map_or(0, |(seq, _)| *seq);
            let updates = stored.updates.into_iter().map(|(_, body)| body).collect();
            Ok(Loaded { epoch: stored.epoch, updates, last_seq })
        })
    }

    fn append(
        &self,
        doc: PostmortemId,
        epoch: i64,
        update: Vec<u8>,
        author: Option<PersonId>,
    ) -> BoxFuture<'_, Result<i64, LogError>> {
        Box::pin(async move {
            let (answer, outcome) = oneshot::channel();
            let append = Append { document: doc, epoch, body: update, author, answer };
            let stopped = || LogError::Failed("the installation is shutting down".into());
            self.waiting.send(append).await.map_err(|_| stopped())?;
            outcome.await.map_err(|_| stopped())?
        })
    }

    fn since(
        &self,
        doc: PostmortemId,
        epoch: i64,
        seq: i64,
    ) -> BoxFuture<'_, Result<Vec<(i64, Vec<u8>)>, LogError>> {
        Box::pin(async move {
            let mut tx = self.db.read().await.map_err(|error| failed(&error))?;
            let found = documents::since(&mut tx, doc, epoch, seq).await.map_err(|error| failed(&error))?;
            found.ok_or(LogError::Gone)
        })
    }

    fn compact(
        &self,
        doc: PostmortemId,
        epoch: i64,
        upto_seq: i64,
        state: Vec<u8>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
        Box::pin(async move {
            let compacted = async {
                let mut tx = self.db.write().await?;
                let signed = documents::signed(&mut tx, doc, upto_seq).await?;
                let (authors, at) = (collab::authors_of(signed), self.clock.now());
                let done = documents::compact(&mut tx, doc, epoch, upto_seq, &state, authors, at).await?;
                tx.commit().await.map(|()| done)
            };
            if compacted.await.map_err(|error| failed(&error))? { Ok(()) } else { Err(LogError::Gone) }
        })
    }
}
