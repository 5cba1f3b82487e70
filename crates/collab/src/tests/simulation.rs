//! A room and its log through bad times, step by step, each run from a seed.
//!
//! One thread, no clock: time is the number of steps. An append stays under way until a step lets it through, so
//! that a slow disk, an answer that is lost and a crash can fall between any two steps. After every step what
//! anybody heard or was told as saved must be on the disk, and what is on the disk must stay there.
//!
//! `SIMULATIONS=100000 cargo nextest run -p collab simulation` runs more of them, `SEED=7` one.

use super::{
    editor::{Editor, told_at_once},
    memory_log::doc,
};
use crate::{Limits, Loaded, Log, LogError, Numbered, Rooms};
use domain::{PersonId, PostmortemId};
use futures_util::{FutureExt, future::BoxFuture};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::oneshot;
use yrs::{Doc, ReadTxn, StateVector, Transact, Update, updates::decoder::Decode};

/// Tells whoever appended what became of it.
type Answer = oneshot::Sender<Result<(), LogError>>;

/// A disk whose writes take until a step of the run says so.
#[derive(Default)]
struct Disk {
    rows: Numbered,
    last: i64,
    under_way: Vec<(Vec<u8>, Answer)>,
    loads_fail: bool,
}

#[derive(Default)]
struct SlowLog(Mutex<Disk>);

impl SlowLog {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }
}

impl Disk {
    fn keep(&mut self, row: Vec<u8>) {
        self.last += 1;
        self.rows.push((self.last, row));
    }

    /// What is on the disk, read as a restarted server reads it.
    fn read(&self) -> Doc {
        let doc = Doc::new();
        for (_, row) in &self.rows {
            doc.transact_mut().apply_update(Update::decode_v1(row).unwrap()).unwrap();
        }
        doc
    }
}

impl Log for SlowLog {
    fn load(&self, _: PostmortemId) -> BoxFuture<'_, Result<Loaded, LogError>> {
        async {
            tokio::task::yield_now().await;
            let disk = self.disk();
            if disk.loads_fail {
                return Err(LogError::Failed("as it was told to".into()));
            }
            let updates = disk.rows.iter().map(|(_, row)| row.clone()).collect();
            Ok(Loaded { epoch: 0, updates, last_seq: disk.last })
        }
        .boxed()
    }

    fn append(
        &self,
        _: PostmortemId,
        _: i64,
        update: Vec<u8>,
        _: Option<PersonId>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
        async {
            let (answer, outcome) = oneshot::channel();
            self.disk().under_way.push((update, answer));
            outcome.await.unwrap_or(Err(LogError::Failed("the power went".into())))
        }
        .boxed()
    }

    fn since(&self, _: PostmortemId, _: i64, seq: i64) -> BoxFuture<'_, Result<Numbered, LogError>> {
        async move { Ok(self.disk().rows.iter().filter(|(row, _)| *row > seq).cloned().collect()) }.boxed()
    }

    fn compact(
        &self,
        _: PostmortemId,
        _: i64,
        upto: i64,
        state: Vec<u8>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
        async move {
            tokio::task::yield_now().await;
            let mut disk = self.disk();
            disk.rows.retain(|(seq, _)| *seq > upto);
            disk.rows.insert(0, (upto, state));
            Ok(())
        }
        .boxed()
    }
}

struct Run {
    log: Arc<SlowLog>,
    rooms: Rooms,
    editors: Vec<Editor>,
    chance: StdRng,
    /// What was on the disk after the step before.
    before: StateVector,
}

impl Run {
    fn begin(seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let log = Arc::<SlowLog>::default();
        let editors = (1..=chance.random_range(2..5)).map(Editor::new).collect();
        Self { rooms: rooms(&log), log, editors, chance, before: StateVector::default() }
    }

    async fn step(&mut self) {
        let who = self.chance.random_range(0..self.editors.len());
        match self.chance.random_range(0..100) {
            0..50 => {
                let (editor, at) = (&mut self.editors[who], self.chance.random());
                let done = if self.chance.random_bool(0.8) {
                    patiently(editor.type_at(at, "ab")).await.is_some()
                } else {
                    patiently(editor.delete_at(at)).await.is_some()
                };
                // A server that takes nothing for so long is given up.
                if !done {
                    editor.disconnect();
                }
            }
            50..62 => {
                if !self.editors[who].is_connected() {
                    let joined = patiently(self.editors[who].connect(&self.rooms, doc(1))).await;
                    let refused = joined.as_ref().is_some_and(Result::is_err);
                    assert!(!refused || self.log.disk().loads_fail, "{joined:?}");
                }
            }
            62..66 => self.editors[who].disconnect(),
            // The disk gets on with some of what waits, in order.
            66..90 => self.write(|disk, row| {
                disk.keep(row);
                Ok(())
            }),
            // It did, and nobody hears of it.
            90..92 => self.write(|disk, row| {
                disk.keep(row);
                Err(LogError::Failed("the answer is lost".into()))
            }),
            92..94 => self.write(|_, _| Err(LogError::Failed("no room".into()))),
            94..95 => {
                let fails = !self.log.disk().loads_fail;
                self.log.disk().loads_fail = fails;
            }
            95..96 => _ = self.rooms.catch_up(doc(1)).await,
            96..98 => self.rooms.rest(Duration::ZERO),
            _ => self.crash(),
        }
        for _ in 0..self.chance.random_range(0..4) {
            tokio::task::yield_now().await;
        }
        for n in 0..self.editors.len() {
            let editor = &mut self.editors[n];
            if self.chance.random_bool(0.5) && patiently(editor.listen()).await.is_none() {
                editor.disconnect();
            }
        }
        self.check();
    }

    fn write(&mut self, act: impl Fn(&mut Disk, Vec<u8>) -> Result<(), LogError>) {
        let mut disk = self.log.disk();
        let count = self.chance.random_range(0..=disk.under_way.len());
        for (row, answer) in disk.under_way.drain(..count).collect::<Vec<_>>() {
            let outcome = act(&mut disk, row);
            let _ = answer.send(outcome);
        }
    }

    /// The disk takes everything that waits; whether anything did.
    fn write_all(&self) -> bool {
        let mut disk = self.log.disk();
        let waiting = std::mem::take(&mut disk.under_way);
        let any = !waiting.is_empty();
        for (row, answer) in waiting {
            disk.keep(row);
            let _ = answer.send(Ok(()));
        }
        any
    }

    /// Everything in memory is gone; of what was under way, some had reached the disk.
    fn crash(&mut self) {
        let mut disk = self.log.disk();
        let count = self.chance.random_range(0..=disk.under_way.len());
        for (n, (row, _)) in std::mem::take(&mut disk.under_way).into_iter().enumerate() {
            if n < count {
                disk.keep(row);
            }
        }
        disk.loads_fail = false;
        drop(disk);
        self.editors.iter_mut().for_each(Editor::disconnect);
        // What the crashed process still had in hand must not reach the disk of the next one.
        let rows = std::mem::take(&mut *self.log.disk());
        self.log = Arc::new(SlowLog(Mutex::new(rows)));
        self.rooms = rooms(&self.log);
    }

    fn check(&mut self) {
        let disk = self.log.disk().read();
        let kept = disk.transact().state_vector();
        assert!(covers(&kept, &self.before, None), "the disk lost something");
        for editor in &self.editors {
            let known = editor.doc.transact().state_vector();
            assert!(covers(&kept, &known, Some(editor.doc.client_id())), "somebody heard what is on no disk");
            assert!(covers(&kept, &editor.saved, None), "told as saved, and on no disk");
        }
        self.before = kept;
    }

    /// Good times: everybody connects, the disk writes at once.
    async fn end(&mut self) {
        self.crash();
        for n in 0..self.editors.len() {
            self.editors[n].connect(&self.rooms, doc(1)).await.unwrap();
        }
        let mut quiet = 0;
        while quiet < 20 {
            tokio::task::yield_now().await;
            quiet += 1;
            if self.write_all() {
                quiet = 0;
            }
            for editor in &mut self.editors {
                if editor.listen().await {
                    quiet = 0;
                }
            }
        }
        self.check();
        let disk = self.log.disk().read();
        let said: Vec<String> = self.editors.iter().map(Editor::said).collect();
        assert!(said.iter().all(|words| *words == said[0]), "{said:?}");
        for editor in &self.editors {
            assert!(editor.is_connected() && editor.is_saved());
            assert_eq!(editor.doc.transact().state_vector(), disk.transact().state_vector());
        }
    }
}

/// Waits a while, by turns and not by a clock.
async fn patiently<T>(act: impl Future<Output = T>) -> Option<T> {
    let mut act = std::pin::pin!(act);
    for _ in 0..30 {
        if let Some(done) = act.as_mut().now_or_never() {
            return Some(done);
        }
        tokio::task::yield_now().await;
    }
    None
}

fn rooms(log: &Arc<SlowLog>) -> Rooms {
    Rooms::new(log.clone(), Limits { compact_after: 8, ..told_at_once() })
}

/// Whether `all` reaches `some`; the words of `but` do not count.
fn covers(all: &StateVector, some: &StateVector, but: Option<yrs::ClientID>) -> bool {
    some.iter().all(|(client, clock)| Some(*client) == but || all.get(client) >= *clock)
}

#[test]
fn bad_times_lose_nothing_that_was_told() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATIONS").unwrap_or(300),
    };
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let run = std::panic::AssertUnwindSafe(|| {
            runtime.block_on(async {
                let mut run = Run::begin(seed);
                for _ in 0..120 {
                    run.step().await;
                }
                run.end().await;
            });
        });
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("again: SEED={seed} cargo nextest run -p collab simulation");
            std::panic::resume_unwind(panic);
        }
    }
}
