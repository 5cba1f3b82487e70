//! The only place that knows which database it is: two files, the same names.

pub mod postgres;
pub mod sqlite;

use crate::tx::{Connection, Tx};

/// The text for the database that `tx` is on.
pub(crate) fn choose(tx: &Tx, sqlite: &'static str, postgres: &'static str) -> &'static str {
    match &tx.connection {
        Connection::Sqlite(_) => sqlite,
        Connection::Postgres(_) => postgres,
    }
}
