//! What the crate promises, tried from outside: the log, the frames and the rooms.

mod convergence;
mod documents;
mod durability;
pub(crate) mod editor;
mod hostile;
mod lifecycle;
pub(crate) mod memory_log;
mod resting;
mod simulation;
mod text_alone;
