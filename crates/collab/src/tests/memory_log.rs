//! A log in memory that fails when it is told to.

use crate::{Loaded, Log, LogError, Numbered};
use domain::{Instant, PersonId, PostmortemId};
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::sync::watch;

#[derive(Debug, Default, Clone)]
pub(crate) struct Rows {
    pub(crate) epoch: i64,
    pub(crate) rows: Vec<(i64, Vec<u8>, Option<PersonId>)>,
}

#[derive(Debug)]
pub(crate) struct MemoryLog {
    docs: Mutex<HashMap<PostmortemId, Rows>>,
    faults: Mutex<Faults>,
    /// While it is shut, appends and loads wait.
    open: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Faults {
    /// Appends until one fails.
    fail_after: Option<usize>,
    loads: usize,
    compactions: usize,
    panics: HashSet<PostmortemId>,
}

pub(crate) fn doc(n: u8) -> PostmortemId {
    PostmortemId::new(Instant::from_micros(1_000_000), [n; 10])
}

pub(crate) fn person(n: u8) -> PersonId {
    PersonId::new(Instant::from_micros(2_000_000), [n; 10])
}

impl MemoryLog {
    pub(crate) fn with(docs: &[PostmortemId]) -> Arc<Self> {
        Arc::new(Self {
            docs: Mutex::new(docs.iter().map(|doc| (*doc, Rows::default())).collect()),
            faults: Mutex::default(),
            open: watch::Sender::new(true),
        })
    }

    pub(crate) fn docs(&self) -> MutexGuard<'_, HashMap<PostmortemId, Rows>> {
        self.docs.lock().unwrap()
    }

    pub(crate) fn updates(&self, doc: PostmortemId) -> Vec<Vec<u8>> {
        self.docs()
            .get(&doc)
            .map(|rows| rows.rows.iter().map(|row| row.1.clone()).collect())
            .unwrap_or_default()
    }

    /// The append after `n` more fails, once.
    pub(crate) fn fail_after(&self, n: usize) {
        self.faults.lock().unwrap().fail_after = Some(n);
    }

    pub(crate) fn panic_at(&self, doc: PostmortemId) {
        self.faults.lock().unwrap().panics.insert(doc);
    }

    pub(crate) fn pause(&self) {
        self.open.send_replace(false);
    }

    /// Lets everything through that waits, and all that follows.
    pub(crate) fn resume(&self) {
        self.open.send_replace(true);
    }

    pub(crate) fn loads(&self) -> usize {
        self.faults.lock().unwrap().loads
    }

    pub(crate) fn compactions(&self) -> usize {
        self.faults.lock().unwrap().compactions
    }

    async fn pass(&self) {
        tokio::task::yield_now().await;
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
    }
}

impl Log for MemoryLog {
    fn load(&self, doc: PostmortemId) -> BoxFuture<'_, Result<Loaded, LogError>> {
        async move {
            self.faults.lock().unwrap().loads += 1;
            self.pass().await;
            let docs = self.docs();
            let rows = docs.get(&doc).ok_or(LogError::NotFound)?;
            Ok(Loaded {
                epoch: rows.epoch,
                updates: rows.rows.iter().map(|row| row.1.clone()).collect(),
                last_seq: rows.rows.last().map_or(0, |row| row.0),
            })
        }
        .boxed()
    }

    fn append(
        &self,
        doc: PostmortemId,
        epoch: i64,
        update: Vec<u8>,
        author: Option<PersonId>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
        async move {
            self.pass().await;
            let panics = self.faults.lock().unwrap().panics.remove(&doc);
            assert!(!panics, "the log panics as it was told to");
            {
                let mut faults = self.faults.lock().unwrap();
                match faults.fail_after {
                    Some(0) => {
                        faults.fail_after = None;
                        return Err(LogError::Failed("as it was told to".into()));
                    }
                    Some(n) => faults.fail_after = Some(n - 1),
                    None => {}
                }
            }
            let mut docs = self.docs();
            let rows = docs.get_mut(&doc).ok_or(LogError::NotFound)?;
            if rows.epoch != epoch {
                return Err(LogError::Gone);
            }
            let seq = rows.rows.last().map_or(0, |row| row.0) + 1;
            rows.rows.push((seq, update, author));
            Ok(())
        }
        .boxed()
    }

    fn since(&self, doc: PostmortemId, epoch: i64, seq: i64) -> BoxFuture<'_, Result<Numbered, LogError>> {
        async move {
            let docs = self.docs();
            let rows = docs.get(&doc).ok_or(LogError::NotFound)?;
            if rows.epoch != epoch {
                return Err(LogError::Gone);
            }
            Ok(rows.rows.iter().filter(|row| row.0 > seq).map(|row| (row.0, row.1.clone())).collect())
        }
        .boxed()
    }

    fn compact(
        &self,
        doc: PostmortemId,
        epoch: i64,
        upto_seq: i64,
        state: Vec<u8>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
        async move {
            self.pass().await;
            let mut docs = self.docs();
            let rows = docs.get_mut(&doc).ok_or(LogError::NotFound)?;
            if rows.epoch != epoch {
                return Err(LogError::Gone);
            }
            rows.rows.retain(|row| row.0 > upto_seq);
            rows.rows.insert(0, (upto_seq, state, None));
            self.faults.lock().unwrap().compactions += 1;
            Ok(())
        }
        .boxed()
    }
}
