//! What Debrief promises, tried from outside: through its routes, its files, its sockets and its commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod damage;
mod doors;
mod entry;
mod house;
mod job;
mod records;
