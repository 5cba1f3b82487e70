//! How much one client may ask for.

use std::time::Duration;

/// Bounds per frame, connection and room. [`Limits::default`] suits post-mortems of up to a few hundred pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one incoming frame.
    pub frame: usize,
    /// Bytes of one connection's awareness state (JSON).
    pub awareness_state: usize,
    /// Client ids whose awareness one connection may carry; more than one only when it lost its own.
    pub awareness_clients: usize,
    /// Bytes of the whole document, encoded.
    pub document: usize,
    /// Bytes that may wait for one connection before it is closed with 1013.
    pub queue: usize,
    /// Connections in one room.
    pub connections: usize,
    /// Bytes accepted but not yet in the log; a room that reaches them makes writers wait.
    pub backlog: usize,
    /// Updates since the last compaction from which an idle document is compacted.
    pub compact_after: usize,
    /// How long presence changes are gathered into one frame, by up to eight connections; among more of them
    /// longer in proportion, so that what each connection gets does not grow with their number.
    pub presence_tick: Duration,
    /// Bytes of presence that are told to other processes in one piece.
    pub far_presence: usize,
    /// So many of these ticks lie between two looks at who is still to hear "saved", and whether presence waits for words
    /// that take long to write. What a look finds for the first time goes at the next, if not before.
    pub saved_ticks: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame: 4 << 20,
            awareness_state: 8 << 10,
            awareness_clients: 4,
            document: 16 << 20,
            queue: 2 << 20,
            connections: 500,
            backlog: 4 << 20,
            compact_after: 200,
            presence_tick: Duration::from_millis(40),
            far_presence: 5_000,
            saved_ticks: 3,
        }
    }
}
