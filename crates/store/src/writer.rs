//! The one connection that writes to SQLite, and who has it.
//!
//! A pool asks a connection that comes back whether it still works, which wakes two threads. While people type a
//! statement follows the other every few milliseconds, so the connection stays with them until somebody else is to
//! write.

use crate::{dialect::sqlite, statement::Statement, tx::Result};
use sqlx::{Sqlite, SqlitePool, Transaction, pool::PoolConnection};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

/// The connection, lent to one at a time.
#[derive(Debug)]
pub(crate) struct Writer {
    pool: SqlitePool,
    turn: Mutex<Turn>,
    /// Where connections go back to the pool: other threads may rest before they look after that.
    home: Handle,
}

#[derive(Debug, Default)]
struct Turn {
    /// The connection, while it stays outside of the pool and nobody uses it.
    kept: Option<PoolConnection<Sqlite>>,
    /// How many wait for it at the pool.
    wanted: usize,
}

impl Writer {
    /// A pool of one connection. Called in the runtime that it belongs to.
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool, turn: Mutex::default(), home: Handle::current() }
    }

    /// Begins a transaction as soon as nobody else writes.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        let _wanted = self.want();
        Ok(sqlite::begin_write(&self.pool).await?)
    }

    /// The connection itself, as soon as nobody else writes.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Sqlite>> {
        let _wanted = self.want();
        Ok(self.pool.acquire().await?)
    }

    /// Runs a statement that is a transaction of its own; when this returns, what it did is on disk.
    pub(crate) async fn run(&self, statement: Statement) -> Result<u64> {
        let kept = self.lock().kept.take();
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.acquire().await?,
        };
        let count = statement.run_on_sqlite(&mut connection).await;
        let mut turn = self.lock();
        // After a fault the pool looks at it, and has another one opened if it is of no use.
        if count.is_ok() && turn.wanted == 0 && !self.pool.is_closed() {
            turn.kept = Some(connection);
        } else {
            drop(turn);
            self.give_back(connection);
        }
        count
    }

    fn give_back(&self, connection: PoolConnection<Sqlite>) {
        let _home = self.home.enter();
        drop(connection);
    }

    /// How many connections are open, and how many of them idle.
    pub(crate) fn count(&self) -> (usize, usize) {
        let kept = usize::from(self.lock().kept.is_some());
        (self.pool.size() as usize, self.pool.num_idle() + kept)
    }

    /// Waits for whoever writes and closes.
    pub(crate) async fn close(&self) {
        let _wanted = self.want();
        self.pool.close().await;
    }

    fn lock(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the connection come back to the pool, and stay there for as long as this lives.
    fn want(&self) -> Wanted<'_> {
        let mut turn = self.lock();
        turn.wanted += 1;
        let kept = turn.kept.take();
        drop(turn);
        if let Some(connection) = kept {
            self.give_back(connection);
        }
        Wanted(self)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // A connection goes back to its pool by a task; nothing says that there is still a runtime to carry it.
        let kept = self.turn.get_mut().unwrap_or_else(PoisonError::into_inner).kept.take();
        drop(kept.map(PoolConnection::detach));
    }
}

struct Wanted<'a>(&'a Writer);

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        self.0.lock().wanted -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use sqlx::{Row as _, sqlite::SqlitePoolOptions};

    async fn writer() -> Writer {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        let writer = Writer::new(pool);
        writer.run(Statement::new("CREATE TABLE words (word TEXT UNIQUE)")).await.unwrap();
        writer
    }

    async fn add(writer: &Writer, word: &str) -> Result<u64> {
        let mut statement = Statement::new("INSERT INTO words (word) VALUES (");
        statement.bind(word).text(")");
        writer.run(statement).await
    }

    #[tokio::test]
    async fn it_stays_with_who_runs_statements_until_somebody_begins_a_transaction() {
        let writer = writer().await;
        assert!(writer.lock().kept.is_some());
        assert_eq!(writer.count(), (1, 1), "it is open and has nothing to do");
        let mut transaction = writer.begin().await.unwrap();
        assert!(writer.lock().kept.is_none());
        assert_eq!(writer.count(), (1, 0));
        sqlx::query("INSERT INTO words VALUES ('a')").execute(&mut *transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        add(&writer, "a").await.unwrap();
        assert!(writer.lock().kept.is_some(), "and comes back");
    }

    #[tokio::test]
    async fn statements_and_transactions_at_once_all_get_their_turn() {
        let writer = writer().await;
        let words: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let work = words.iter().enumerate().map(async |(n, word)| {
            if n % 3 == 0 {
                let mut transaction = writer.begin().await.unwrap();
                sqlx::query("INSERT INTO words VALUES (?)")
                    .bind(word)
                    .execute(&mut *transaction)
                    .await
                    .unwrap();
                transaction.commit().await.unwrap();
            } else {
                assert_eq!(add(&writer, word).await.unwrap(), 1);
            }
        });
        join_all(work).await;
        let mut connection = writer.acquire().await.unwrap();
        let count = sqlx::query("SELECT COUNT(*) FROM words").fetch_one(&mut *connection).await.unwrap();
        assert_eq!(count.get::<i64, _>(0), 40);
    }

    #[tokio::test]
    async fn after_a_fault_or_when_given_up_halfway_it_goes_back_to_the_pool() {
        let writer = writer().await;
        add(&writer, "a").await.unwrap();
        assert!(add(&writer, "a").await.is_err(), "it is there already");
        assert!(writer.lock().kept.is_none());
        add(&writer, "b").await.unwrap();
        {
            let mut given_up = std::pin::pin!(add(&writer, "c"));
            let waker = std::task::Waker::noop();
            // Begun, perhaps even done, and never looked after again.
            let _ = given_up.as_mut().poll(&mut std::task::Context::from_waker(waker));
        }
        assert_eq!(add(&writer, "d").await.unwrap(), 1);
    }

    #[tokio::test]
    async fn closing_does_not_wait_for_what_nobody_uses() {
        let writer = writer().await;
        writer.close().await;
        assert!(add(&writer, "a").await.is_err(), "closed is closed");
    }

    #[test]
    fn it_may_be_let_go_of_after_its_runtime() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let writer = runtime.block_on(writer());
        drop(runtime);
        assert!(writer.lock().kept.is_some());
        drop(writer);
    }
}
