//! The only place that knows which database it is: two files, the same names.

pub mod postgres;
pub mod sqlite;

use crate::tx::{Connection, Tx};

/// How rows are locked on the database that `tx` is on, if they have to be.
pub(crate) fn choose_lock(tx: &Tx) -> Option<&'static str> {
    match &tx.connection {
        Connection::Sqlite(_) => sqlite::LOCK_ROWS,
        Connection::Postgres(_) => postgres::LOCK_ROWS,
    }
}

/// The text for the database that `tx` is on.
pub(crate) fn choose(tx: &Tx, sqlite: &'static str, postgres: &'static str) -> &'static str {
    match &tx.connection {
        Connection::Sqlite(_) => sqlite,
        Connection::Postgres(_) => postgres,
    }
}
