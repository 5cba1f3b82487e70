//! Runs one test on one database.

use crate::{Database, Kind, database};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};
use store::Db;

/// What a test can ask for.
pub trait Fixture: Sized {
    /// Makes it on a fresh database.
    fn on(database: &Database) -> impl Future<Output = Self>;
}

impl Fixture for Db {
    async fn on(database: &Database) -> Self {
        Self::open(database.url()).await.expect("the database opens")
    }
}

/// The address and kind of the database, for tests that open it themselves or hand it to a program.
impl Fixture for (String, Kind) {
    async fn on(database: &Database) -> Self {
        (database.url().to_owned(), database.kind())
    }
}

/// Makes a database and the fixture, runs the test, removes the database. Used by [`crate::both`].
pub fn run<F: Fixture, S: Future<Output = ()>>(kind: Kind, story: impl FnOnce(F) -> S) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the test");
    let database = runtime.block_on(database(kind));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async { story(F::on(&database).await).await });
    }));
    runtime.block_on(database.remove());
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}
