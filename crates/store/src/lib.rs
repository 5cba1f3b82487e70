//! SQL, and only here: one aggregate a file, plain functions on `&mut Tx`, one SQL text for SQLite and
//! PostgreSQL.
//!
//! What differs between the two stands in `dialect/sqlite.rs` and `dialect/postgres.rs`, under the same names.
//! Queries are checked by running every one of them on both databases in tests.

mod db;
mod dialect;
mod migrate;
mod sql;
mod tx;

pub mod audit;
pub mod documents;
pub mod links;
pub mod people;
pub mod sessions;
pub mod tokens;
pub mod workspace;
pub mod follow_ups;
pub mod postmortems;

pub use db::{Db, OpenError};
pub use tx::{Error, Result, Tx, counting};
