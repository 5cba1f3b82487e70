//! Where shared documents keep their updates: the record, several waiting updates in one transaction.
//!
//! Whoever finds nobody writing becomes the writer, until nothing waits. It takes what waits, at most [`BATCH`] updates,
//! writes them in one transaction and answers each only after the commit, which on SQLite includes the fsync
//! (`synchronous=FULL`). Under load the cost of a transaction is thus shared; after a pause, an update waits for nobody.

use crate::{
    Clock,
    neighbours::{Node, Word},
    numbers::Counted,
    tempo::Tempo,
    versions::Hourly,
};
use collab::{Loaded, Log, LogError};
use domain::{PersonId, PostmortemId};
use futures_util::future::BoxFuture;
use std::{
    iter, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
    time::{Duration, Instant as Stopwatch},
};
use store::{
    Db,
    documents::{self, Remembered, Update},
    notices,
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::oneshot,
    task::yield_now,
    time::{Instant as Moment, sleep, sleep_until},
};

/// How many updates one transaction takes at most.
const BATCH: usize = 256;
/// From the beginning of one transaction to that of the next; what arrives meanwhile goes together.
const PACE: Duration = Duration::from_millis(9);

/// The log over the record.
#[derive(Debug)]
pub struct DocumentLog {
    db: Db,
    clock: Arc<dyn Clock>,
    line: Arc<Line>,
    /// Where the record is asked, whoever asks: its connections belong to that runtime.
    home: Handle,
}

/// What waits to be written, and who writes it. A document waits for its own updates before it sends more, so that the
/// line is never much longer than the number of people who write.
#[derive(Debug)]
struct Line {
    waiting: Mutex<Waiting>,
    writer: tokio::sync::Mutex<Writer>,
    tempo: Arc<Tempo>,
    /// Where the writer works, if not where it was found missing.
    workplace: Option<Handle>,
}

#[derive(Debug, Default)]
struct Waiting {
    appends: Vec<Append>,
    /// Whether the writer is at work.
    writing: bool,
}

#[derive(Debug)]
struct Append {
    document: PostmortemId,
    epoch: i64,
    body: Vec<u8>,
    author: Option<PersonId>,
    /// Where whoever asked waits.
    asker: Handle,
    answer: Answer,
}

type Answer = oneshot::Sender<Outcome>;
type Outcome = Result<(), LogError>;

impl DocumentLog {
    /// A log on which nothing waits. Called in the runtime that the record's connections belong to.
    pub(crate) fn new(db: Db, clock: Arc<dyn Clock>, node: Node, counted: Arc<Counted>) -> Self {
        let home = Handle::current();
        // A server's connections belong to the runtime that opened them. SQLite answers from a thread of its own, and
        // whoever carries most of the edits can as well wait for it: a thread between the two would only be woken more.
        let workplace = db.has_neighbours().then(|| home.clone());
        let writer = Writer {
            db: db.clone(),
            clock: Arc::clone(&clock),
            node,
            counted,
            home: home.clone(),
            remembered: Remembered::default(),
            hourly: Hourly::default(),
            next: Moment::now(),
        };
        let line =
            Line { waiting: Mutex::default(), writer: writer.into(), tempo: Arc::default(), workplace };
        Self { db, clock, line: Arc::new(line), home }
    }

    /// When it is written next.
    pub(crate) fn tempo(&self) -> &Arc<Tempo> {
        &self.line.tempo
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

impl Line {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an update in line; if nobody writes, somebody does now.
    fn join(self: &Arc<Self>, append: Append) {
        let here = append.asker.clone();
        let mut waiting = self.lock();
        waiting.appends.push(append);
        if !mem::replace(&mut waiting.writing, true) {
            drop(waiting);
            self.workplace
                .as_ref()
                .unwrap_or(&here)
                .spawn(write_all(Turn { line: Arc::clone(self), done: false }));
        }
    }

    /// The first of those who wait. If nobody does, the writer is not at work any more.
    fn first(&self) -> Option<Vec<Append>> {
        let mut waiting = self.lock();
        let count = waiting.appends.len().min(BATCH);
        waiting.writing = count > 0;
        (count > 0).then(|| waiting.appends.drain(..count).collect())
    }
}

/// The writer's time at work. Where that ends before the line does, because of a panic or because its runtime ends,
/// those in line hear that nothing was written, and the next one finds nobody at work.
struct Turn {
    line: Arc<Line>,
    done: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.done {
            self.line.tempo.is_open();
            *self.line.lock() = Waiting::default();
        }
    }
}

async fn write_all(mut turn: Turn) {
    let line = Arc::clone(&turn.line);
    let mut writer = line.writer.lock().await;
    loop {
        line.tempo.rests_until(writer.next.into_std());
        sleep_until(writer.next).await;
        // What this thread was woken for together with us goes with this transaction, not with the next. Elsewhere
        // keys come from other threads, and whoever yields may wait for pages.
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            yield_now().await;
        }
        line.tempo.is_open();
        let Some(batch) = line.first() else {
            turn.done = true;
            return;
        };
        writer.next = Moment::now() + PACE;
        writer.write(batch).await;
        writer.look_after_recent();
    }
}

#[derive(Debug)]
struct Writer {
    db: Db,
    clock: Arc<dyn Clock>,
    node: Node,
    counted: Arc<Counted>,
    /// Where versions are made, and recent edits put away.
    home: Handle,
    remembered: Remembered,
    hourly: Hourly,
    /// Not before this does the next transaction begin.
    next: Moment,
}

impl Writer {
    /// Writes a batch in one transaction, then answers.
    async fn write(&mut self, batch: Vec<Append>) {
        let began = Stopwatch::now();
        match self.try_to_write(&batch).await {
            Ok(outcomes) => {
                self.counted.commits.add(began.elapsed());
                let kept = outcomes.iter().filter(|kept| **kept).count();
                self.counted.edits.fetch_add(kept as u64, Relaxed);
                self.counted.edits_refused.fetch_add((batch.len() - kept) as u64, Relaxed);
                let documents = batch.iter().map(|append| append.document);
                self.hourly.look(&self.db, &self.home, self.clock.now(), documents);
                answer(
                    batch,
                    outcomes.into_iter().map(|kept| if kept { Ok(()) } else { Err(LogError::Gone) }),
                );
            }
            Err(error) => {
                self.counted.edits_refused.fetch_add(batch.len() as u64, Relaxed);
                tracing::error!(error = &error as &dyn std::error::Error, "edits could not be stored");
                answer(batch, iter::repeat_with(|| Err(LogError::Failed(error.to_string()))));
            }
        }
    }

    /// Which of the batch were kept.
    async fn try_to_write(&mut self, batch: &[Append]) -> Result<Vec<bool>, store::Error> {
        let updates: Vec<Update<'_>> = batch
            .iter()
            .map(|append| {
                let Append { document, epoch, body, author, .. } = append;
                Update { document: *document, epoch: *epoch, body, author: *author }
            })
            .collect();
        let (db, remembered, now) = (&self.db, &mut self.remembered, self.clock.now());
        if documents::append_at_once(db, &updates, remembered, now).await? {
            return Ok(vec![true; updates.len()]);
        }
        let mut tx = db.write().await?;
        let outcomes = documents::append_all(&mut tx, &updates, remembered.writers(), now).await?;
        let mut touched: Vec<PostmortemId> = updates.iter().map(|update| update.document).collect();
        touched.sort_unstable();
        touched.dedup();
        for document in touched {
            notices::say(&mut tx, &self.node.word(&Word::Appended(document))).await?;
        }
        let numbers = documents::last_numbers(&mut tx, &updates).await?;
        tx.commit().await?;
        let kept = updates.iter().zip(&outcomes).filter(|(_, kept)| **kept);
        remembered.learn(kept.map(|(update, _)| *update), numbers);
        Ok(outcomes)
    }

    /// Has recent edits put away now and then: a little later and elsewhere, because whoever carries lines is busy with
    /// what was written just now.
    fn look_after_recent(&mut self) {
        if !self.remembered.has_many() {
            return;
        }
        self.remembered.are_put_away();
        let db = self.db.clone();
        self.home.spawn(async move {
            sleep(PACE / 2).await;
            // Otherwise they stay where they are, on disk and read by all, until as many again are kept.
            if let Err(error) = documents::put_recent_away(&db).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "edits could not be put away");
            }
        });
    }
}

/// Answers each of the batch, in order. Those who wait in one runtime are answered there: that wakes its thread once,
/// and not for each of them.
fn answer(batch: Vec<Append>, outcomes: impl Iterator<Item = Outcome>) {
    let mut groups: Vec<(Handle, Vec<(Answer, Outcome)>)> = Vec::new();
    for (Append { asker, answer, .. }, outcome) in batch.into_iter().zip(outcomes) {
        match groups.iter_mut().find(|(runtime, _)| runtime.id() == asker.id()) {
            Some((_, group)) => group.push((answer, outcome)),
            None => groups.push((asker, vec![(answer, outcome)])),
        }
    }
    for (runtime, group) in groups {
        runtime.spawn(async move {
            for (answer, outcome) in group {
                // Whoever asked may have gone; the update is on disk all the same.
                let _ = answer.send(outcome);
            }
        });
    }
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
            let asker = Handle::current();
            self.line.join(Append { document: doc, epoch, body: update, author, asker, answer });
            outcome.await.map_err(|_| LogError::Failed("nobody writes it down any more".into()))?
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::MachineClock;
    use std::{future::poll_fn, task::Poll};
    use tokio::runtime::Builder;

    #[test]
    fn who_comes_after_a_writer_that_ended_early_finds_another() {
        let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
        let (home, elsewhere) = (runtime(), runtime());
        let folder = tempfile::tempdir().unwrap();
        let log = home.block_on(async {
            let db = Db::open_in(folder.path()).await.unwrap();
            DocumentLog::new(db, Arc::new(MachineClock), Node(1), Arc::default())
        });
        let append = || log.append(PostmortemId(uuid::Uuid::nil()), 1, vec![0, 0], None);
        let mut first = append();
        // It takes its place as the writer, and its runtime ends before it writes a word.
        let waits =
            elsewhere.block_on(poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())));
        assert!(waits);
        drop(elsewhere);
        home.block_on(async {
            assert!(matches!(first.await, Err(LogError::Failed(_))));
            assert_eq!(
                append().await,
                Err(LogError::Gone),
                "there is no such document, and somebody says so"
            );
        });
    }
}
