//! HTTP in; pages, fragments and JSON out.
//!
//! [`router()`] lists every address with the rule that guards it. A handler reads the request, calls one act
//! of `app` and returns a page value; [`render`] makes a page or a fragment of it, [`error`] turns a refusal
//! into the right status and words, [`session`] says who asks. SQL cannot be named here.

mod api;
mod assets;
mod carriers;
mod error;
mod forms;
mod headers;
mod health;
mod hooks;
mod listener;
mod metrics;
mod origin;
mod pages;
mod picture;
mod render;
mod repeats;
mod router;
mod session;
mod socket;
mod state;
mod table;
mod upgrade;
mod urls;
mod words;
mod zone;

pub use router::{router, routes};
pub use state::{Settings, State};
pub use table::{Row, Rule};
