//! A post-mortem out again: an [`Article`] in, text out. Pure.
//!
//! The article is gathered by whoever exports (the application, or `debrief draft` without a server), so that
//! every format tells the same facts.

mod article;
pub mod changes;
pub mod html;
pub mod markdown;

pub use article::{Article, Attached, Moment, Outlook, Questions};
