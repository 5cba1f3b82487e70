//! What Debrief promises, tried from outside: through its routes, its files, its sockets and its commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod annotate;
mod answers;
mod backups;
mod commands;
mod crawl;
mod damage;
mod doors;
mod editor;
mod entry;
mod foreign;
mod hostile;
mod house;
mod interface;
mod job;
mod letters;
mod markup;
mod matrix;
mod metrics;
mod migrations;
mod odd;
mod offers;
mod packaging;
mod program;
mod records;
mod sockets;
mod stalled;
mod standard;
mod statements;
mod swaps;
mod text;
mod vocabulary;
