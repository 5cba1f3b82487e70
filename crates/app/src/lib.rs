//! What people can do with Debrief: one function per act, used alike by pages, the API, the command line,
//! importers and jobs.
//!
//! Each act asks [`domain::access::allowed`] first, then works in one transaction that also holds its audit
//! entry, and tells open pages only after the commit.

pub mod accounts;
pub mod acts;
mod app;
pub mod article;
pub mod backup;
pub mod checking;
pub mod clock;
pub mod document_log;
pub mod drafting;
pub mod error;
pub mod evidence;
pub mod exporting;
pub mod factor;
pub mod follow_ups;
mod history;
pub mod hooks;
pub mod imports;
pub mod incidents;
pub mod jobs;
mod key_file;
pub mod language;
pub mod mail;
pub mod moving;
mod neighbours;
pub mod numbers;
pub mod on_call;
pub mod outbound;
pub mod palette;
pub mod passkeys;
pub mod passphrase;
pub mod people;
pub mod postmortems;
pub mod provider;
mod reach;
pub mod repeats;
pub mod reports;
mod resting;
pub mod sealed;
mod secret;
pub mod secrets;
pub mod service_accounts;
pub mod services;
pub mod sharing;
pub mod sign_in;
pub mod stories;
pub mod teams;
pub mod templates;
pub mod tempo;
pub mod timeline;
pub mod tokens;
mod typed;
pub mod versions;
pub mod withdrawing;
pub mod workspace;

pub use app::{App, Outside, Settings, StartError};
pub use clock::Clock;
pub use error::{Error, Result};
pub use store::counting;
