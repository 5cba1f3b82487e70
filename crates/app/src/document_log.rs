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
    collections::HashSet,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant as Stopwatch},
};
use store::{Db, documents, notices};
use tokio::{
    runtime::{Builder, Handle},
    sync::{mpsc, oneshot},
};

/// How many updates one transaction takes at most.
const BATCH: usize = 256;
/// From the beginning of one transaction to that of the next; what arrives meanwhile goes together.
const PACE: Duration = Duration::from_millis(8);
/// Of how many people and documents it is remembered that they are in the record as having written there.
const NOTED: usize = 50_000;
/// How many updates may wait before those who send them wait too.
const QUEUE: usize = 4096;

/// The log over the record.
#[derive(Debug)]
pub struct DocumentLog {
    db: Db,
    clock: Arc<dyn Clock>,
    waiting: mpsc::Sender<Append>,
    /// Where the record is asked, whoever asks: its connections belong to that runtime.
    home: Handle,
}

#[derive(Debug)]
struct Append {
    document: PostmortemId,
    epoch: i64,
    body: Vec<u8>,
    author: Option<PersonId>,
    answer: oneshot::Sender<Result<(), LogError>>,
}

impl DocumentLog {
    /// Starts the writing task; it ends when the log is dropped and everything that waited is written.
    pub(crate) fn start(
        db: Db,
        clock: Arc<dyn Clock>,
        node: Node,
        counted: Arc<Counted>,
    ) -> std::io::Result<Self> {
        let (waiting, queue) = mpsc::channel(QUEUE);
        let home = Handle::current();
        let writer = Writer { db: db.clone(), clock: Arc::clone(&clock), node, counted, home: home.clone() };
        if db.has_neighbours() {
            // Connections to a server belong to the runtime that opened them.
            tokio::spawn(writer.run(queue));
        } else {
            // SQLite answers from a thread of its own, several times for each transaction. Threads that look for work
            // wake each other for every answer; one that only waits for it is woken alone.
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let run = move || runtime.block_on(writer.run(queue));
            std::thread::Builder::new().name("document-log".into()).spawn(run)?;
        }
        Ok(Self { db, clock, waiting, home })
    }

    /// Asks the record where its connections are at home: here, or from a thread that has better to do.
    async fn at_home<T: Send + 'static>(
        &self,
        asking: impl Future<Output = Result<T, LogError>> + Send + 'static,
    ) -> Result<T, LogError> {
        if Handle::current().id() == self.home.id() {
            return asking.await;
        }
        self.home.spawn(asking).await.unwrap_or_else(|error| Err(LogError::Failed(error.to_string())))
    }
}

/// Who writes what waits.
struct Writer {
    db: Db,
    clock: Arc<dyn Clock>,
    node: Node,
    counted: Arc<Counted>,
    home: Handle,
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Append>) {
        let Self { db, clock, node, counted, home } = self;
        let mut batch = Vec::with_capacity(BATCH);
        let mut noted = HashSet::new();
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
            let written = write(&db, &*clock, node, &batch, &mut noted).await;
            match written {
                Ok(outcomes) => {
                    counted.commits.add(began.elapsed());
                    let kept = outcomes.iter().filter(|kept| **kept).count();
                    counted.edits.fetch_add(kept as u64, Relaxed);
                    counted.edits_refused.fetch_add((batch.len() - kept) as u64, Relaxed);
                    hourly.look(&db, &home, clock.now(), batch.iter().map(|append| append.document));
                    for (append, kept) in batch.drain(..).zip(outcomes) {
                        // Whoever asked may have gone; the update is on disk all the same.
                        let _ = append.answer.send(if kept { Ok(()) } else { Err(LogError::Gone) });
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
}

async fn write(
    db: &Db,
    clock: &dyn Clock,
    node: Node,
    batch: &[Append],
    noted: &mut HashSet<documents::Writer>,
) -> Result<Vec<bool>, store::Error> {
    let mut tx = db.write().await?;
    let updates: Vec<documents::Update<'_>> = batch
        .iter()
        .map(|append| {
            let Append { document, epoch, body, author, .. } = append;
            documents::Update { document: *document, epoch: *epoch, body, author: *author }
        })
        .collect();
    let outcomes = documents::append_all(&mut tx, &updates, noted, clock.now()).await?;
    let mut touched: Vec<PostmortemId> = batch.iter().map(|append| append.document).collect();
    touched.sort_unstable();
    touched.dedup();
    for document in touched {
        notices::say(&mut tx, &node.word(&Word::Appended(document))).await?;
    }
    tx.commit().await?;
    if noted.len() > NOTED {
        noted.clear();
    }
    let kept = batch.iter().zip(&outcomes).filter(|(_, kept)| **kept);
    noted.extend(kept.filter_map(|(append, _)| Some((append.document, append.author?))));
    Ok(outcomes)
}

fn failed(error: &store::Error) -> LogError {
    tracing::error!(error = error as &dyn std::error::Error, "a shared document cannot be read or compacted");
    LogError::Failed(error.to_string())
}

impl Log for DocumentLog {
    fn load(&self, doc: PostmortemId) -> BoxFuture<'_, Result<Loaded, LogError>> {
        let db = self.db.clone();
        Box::pin(self.at_home(async move {
            let mut tx = db.read().await.map_err(|error| failed(&error))?;
            let stored = documents::load(&mut tx, doc).await.map_err(|error| failed(&error))?;
            let stored = stored.ok_or(LogError::NotFound)?;
            let last_seq = stored.updates.last().map_or(0, |(seq, _)| *seq);
            let updates = stored.updates.into_iter().map(|(_, body)| body).collect();
            Ok(Loaded { epoch: stored.epoch, updates, last_seq })
        }))
    }

    fn append(
        &self,
        doc: PostmortemId,
        epoch: i64,
        update: Vec<u8>,
        author: Option<PersonId>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
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
        let db = self.db.clone();
        Box::pin(self.at_home(async move {
            let mut tx = db.read().await.map_err(|error| failed(&error))?;
            let found = documents::since(&mut tx, doc, epoch, seq).await.map_err(|error| failed(&error))?;
            found.ok_or(LogError::Gone)
        }))
    }

    fn compact(
        &self,
        doc: PostmortemId,
        epoch: i64,
        upto_seq: i64,
        state: Vec<u8>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
        let (db, clock) = (self.db.clone(), Arc::clone(&self.clock));
        Box::pin(self.at_home(async move {
            let compacted = async {
                let mut tx = db.write().await?;
                let signed = documents::signed(&mut tx, doc, upto_seq).await?;
                let (authors, at) = (collab::authors_of(signed), clock.now());
                let done = documents::compact(&mut tx, doc, epoch, upto_seq, &state, authors, at).await?;
                tx.commit().await.map(|()| done)
            };
            if compacted.await.map_err(|error| failed(&error))? { Ok(()) } else { Err(LogError::Gone) }
        }))
    }
}
