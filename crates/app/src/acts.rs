//! What was done, for others than the acts themselves: as lines that go to a second place, and to be compared with
//! later.

pub(crate) mod line;
mod listing;
mod stream;

pub use listing::{EXPORTED, Entry, Form, Listing, Wanted, export, list};
pub use stream::run as stream;
