//! The timeline of an incident: curated events that cite evidence.

pub mod durations;
pub mod event;
pub mod impact;
pub mod key_instant;
pub mod selection;
pub mod stated;

pub use event::{Actor, Chosen, EventKind, Precision, TimelineEvent};
pub use key_instant::KeyInstant;
