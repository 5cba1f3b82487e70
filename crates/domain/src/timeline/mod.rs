//! The timeline of an incident: curated events that cite evidence.

pub mod attachment;
pub mod clocks;
pub mod context;
pub mod coordination;
pub mod durations;
pub mod event;
pub mod gaps;
pub mod impact;
pub mod key_instant;
pub mod replay;
pub mod selection;
pub mod stated;

pub use context::Context;
pub use event::{Actor, Chosen, EventKind, Precision, TimelineEvent};
pub use key_instant::KeyInstant;
