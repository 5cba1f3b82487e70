//! What this process counted since it started, for whoever watches it. Nothing here is about persons.

use crate::App;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// The upper ends of the classes of a [`Histogram`], in seconds.
pub const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How many things took how long.
#[derive(Debug, Default)]
pub struct Histogram {
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    /// Counts one that took so long.
    pub fn add(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let class = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.counts[class].fetch_add(1, Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// How many fell into each class, the last one being whatever took longer, and the sum of all times.
    pub fn read(&self) -> ([u64; BOUNDS.len() + 1], Duration) {
        (
            self.counts.each_ref().map(|count| count.load(Relaxed)),
            Duration::from_micros(self.micros.load(Relaxed)),
        )
    }
}

/// What is counted as it happens.
#[derive(Debug, Default)]
pub struct Counted {
    /// Edits of shared documents that were kept.
    pub edits: AtomicU64,
    /// Edits that could not be kept; browsers hold them and send them again.
    pub edits_refused: AtomicU64,
    /// How long each transaction with edits took, to the disk.
    pub commits: Histogram,
    /// Times that acts could not be written to their second place.
    pub acts_not_streamed: AtomicU64,
    /// Jobs that were done.
    pub jobs_done: AtomicU64,
    /// Attempts at jobs that failed.
    pub jobs_failed: AtomicU64,
    /// Jobs that were given up.
    pub jobs_given_up: AtomicU64,
    /// Backups that were made.
    pub backups: AtomicU64,
    /// Backups that could not be made.
    pub backups_failed: AtomicU64,
    /// When the last backup was made, in seconds since 1970; 0 if none was.
    pub last_backup_at: AtomicU64,
    /// How many bytes it has.
    pub last_backup_bytes: AtomicU64,
}

/// What was counted, and how things stand.
#[derive(Debug, Default)]
pub struct Numbers {
    /// What is counted as it happens.
    pub counted: Arc<Counted>,
    /// Each pool of connections to the database: its name, how many are open, how many of them idle.
    pub pools: Vec<(&'static str, usize, usize)>,
}

impl App {
    /// The numbers as they are now.
    pub fn numbers(&self) -> Numbers {
        Numbers { counted: Arc::clone(self.counted()), pools: self.db().pools() }
    }
}
