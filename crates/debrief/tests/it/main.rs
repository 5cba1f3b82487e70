//! What Debrief promises, tried from outside: through its routes, its files, its sockets and its commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod annotate;
mod backups;
mod commands;
mod damage;
mod doors;
mod editor;
mod entry;
mod house;
mod interface;
mod job;
mod markup;
mod matrix;
mod metrics;
mod migrations;
mod odd;
mod packaging;
mod program;
mod records;
mod sockets;
mod stalled;
mod statements;
mod swaps;
mod text;
