//! Shared documents: several people write one text at once, and nothing they were told is saved gets lost.
//!
//! A document is a Yjs document (`yrs`), kept as a [`Log`] of updates that somebody else makes durable; this
//! crate knows neither HTTP nor SQL. [`Rooms`] opens a document when the first person joins, a
//! [`Connection`] carries the frames of the y-websocket protocol, [`begin`] makes the first update of a new
//! document, [`rewrite`] one that brings an earlier version back, [`without`] takes words out of it for good, and [`project`] reads a document back into
//! `domain` blocks.
//!
//! What holds at all times, each with a test:
//!
//! 1. An update is relayed, and told as saved, only after the log has it. When the log fails, the room is
//!    dropped, its sockets are closed with 1011, and the next person to join gets what the log has.
//! 2. Every update is tried, and everything it led to encoded, before it is accepted; what panics or leaves
//!    gaps is refused with 4400 and the room is rebuilt from the log.
//! 3. Trouble in one document leaves all others alone.
//! 4. A document is open at most once in a process, however many people join at the same moment.
//! 5. Readers do not write (4403); a copy of an earlier life of the document does not come back (4409).
//! 6. Presence is bounded in size, belongs to the connection that sent it and leaves with it.
//! 7. A frame from the server carries exactly one message; y-websocket reads no further than the first.
//!
//! No lock is held across an await.

mod anatomy;
mod authors;
mod begin;
mod close;
mod connection;
pub mod fuzz;
mod lib0;
mod limits;
mod log;
mod presence;
mod projection;
mod protocol;
mod queue;
mod replica;
mod rewrite;
mod room;
mod rooms;
mod withdraw;
mod writer;

pub use authors::authors_of;
pub use begin::begin;
pub use close::{Close, CloseReason, JoinRefused};
pub use connection::{Connection, Incoming, Outgoing, OutgoingFrames};
pub use limits::Limits;
pub use log::{Loaded, Log, LogError, Numbered};
pub use projection::{Unreadable, project};
pub use rewrite::{RewriteError, insert, merged, rewrite};
pub use rooms::{Changed, Joiner, ReadError, Rooms, Said, Whose};
pub use withdraw::{Place, Without, places_of, without};

#[cfg(test)]
mod tests;
