//! SQL, and only here: one aggregate a file, plain functions on `&mut Tx`, one SQL text for SQLite and
//! PostgreSQL.
//!
//! What differs between the two stands in `dialect/sqlite.rs` and `dialect/postgres.rs`, under the same names.
//! Queries are checked by running every one of them on both databases in tests.

mod checkpoints;
mod db;
mod dialect;
mod sql;
mod statement;
mod tx;
mod writer;

pub mod audit;
pub mod ceremonies;
pub mod coordination;
pub mod copying;
pub mod documents;
pub mod events;
pub mod evidence;
pub mod factors;
pub mod files;
pub mod follow_ups;
pub mod hooks;
pub mod impact;
pub mod imports;
pub mod incidents;
pub mod inspection;
pub mod jobs;
pub mod key_instants;
pub mod language;
pub mod links;
pub mod migrate;
pub mod notices;
pub mod on_call;
pub mod palette;
pub mod passkeys;
pub mod people;
pub mod postmortems;
pub mod providers;
pub mod reach;
pub mod repeats;
pub mod reports;
pub mod sealed;
pub mod secrets;
pub mod services;
pub mod sessions;
pub mod sharing;
pub mod snapshots;
pub mod tables;
pub mod teams;
pub mod timeline_acts;
pub mod tokens;
pub mod versions;
pub mod workspace;

pub use db::{Db, OpenError};
pub use tx::{Error, Result, Tx, counting, has_kept, remembering};
