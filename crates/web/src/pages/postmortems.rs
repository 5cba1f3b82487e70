//! Post-mortems: the library, reading, writing, and the blocks that both show.

pub(crate) mod blocks;
mod read;
mod steps;
pub(crate) mod versions;
mod write;

pub(crate) use blocks::block;
pub(crate) use read::{export_html, export_markdown, library, read};
pub(crate) use steps::{create, hand_to, owner, rename, step};
pub(crate) use write::write;
