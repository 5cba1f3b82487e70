//! Pictures drawn on the server: values in, SVG out. The line says how sure we are: solid rests on evidence,
//! dashed is claimed or still to come, hatched was not seen. Every picture has its words in a list nearby.

mod chat;
mod felt;
mod ink;
mod labels;
pub(crate) mod lanes;
pub(crate) mod mini;
pub(crate) mod overview;
mod phases;
pub(crate) mod replay;
mod scale;
pub(crate) mod soak;
pub(crate) mod zoom;
