//! Bringing records in: look at files first, then bring them in whole or not at all.

use crate::{App, Error, Result};
use domain::{ImportId, Instant, access::Actor, incident::IncidentNumber};
use std::path::PathBuf;

/// A file that was uploaded or named on the command line.
#[derive(Debug, Clone)]
pub struct File {
    /// The name people know it by.
    pub name: String,
    /// Where its bytes are now.
    pub path: PathBuf,
}

/// What would come of bringing files in.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Preview {
    /// PagerDuty REST exports, one or several files.
    Pagerduty {
        /// The incidents found, in order of creation.
        incidents: Vec<FoundIncident>,
        /// Records that could not be read; they are kept as evidence all the same.
        not_understood: Vec<String>,
    },
    /// A Slack export: choose a channel and a window.
    Slack {
        /// The channels found, those with messages first.
        channels: Vec<FoundChannel>,
    },
}

/// An incident found in a PagerDuty export.
#[derive(Debug, Clone, serde::Serialize)]
pub struct FoundIncident {
    /// Its id in PagerDuty.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it was opened.
    pub created_at: Option<Instant>,
    /// How many pieces of evidence there are.
    pub evidence: usize,
    /// The incident it was brought into before, if it was.
    pub known_as: Option<String>,
}

/// A channel found in a Slack export.
#[derive(Debug, Clone, serde::Serialize)]
pub struct FoundChannel {
    /// Its name without `#`.
    pub name: String,
    /// How many messages.
    pub messages: usize,
    /// The first message.
    pub first: Option<Instant>,
    /// The last message.
    pub last: Option<Instant>,
}

/// What to bring in.
#[derive(Debug, Clone)]
pub struct Order {
    /// The files.
    pub files: Vec<File>,
    /// Which part of them.
    pub selection: Selection,
    /// Into this incident; `None` lets each PagerDuty incident become its own (Slack needs one).
    pub incident: Option<IncidentNumber>,
}

/// Which part of the files.
#[derive(Debug, Clone)]
pub enum Selection {
    /// PagerDuty: these incidents, or all when empty.
    Pagerduty {
        /// Ids in PagerDuty.
        incidents: Vec<String>,
    },
    /// Slack: one channel and a window.
    Slack {
        /// The channel's name without `#`.
        channel: String,
        /// Not before.
        from: Option<Instant>,
        /// Not after.
        to: Option<Instant>,
    },
}

/// What came of it.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Outcome {
    /// The incidents that received evidence.
    pub incidents: Vec<String>,
    /// Pieces of evidence that are new.
    pub added: u64,
    /// Pieces that were there before.
    pub known: u64,
    /// Pieces that could not be read and were kept as they are.
    pub not_understood: u64,
    /// Timeline events that the rules added.
    pub events: u64,
}

/// How far it is.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Progress {
    /// At work: what is being done, and the share from 0 to 1.
    Running {
        /// In words.
        doing: String,
        /// From 0 to 1.
        share: f32,
    },
    /// Done.
    Done(Outcome),
    /// Nothing was brought in, with one sentence why.
    Failed {
        /// File, place, reason.
        message: String,
    },
}

/// An upload that waits for a choice.
#[derive(Debug, Clone)]
pub struct Staged {
    /// Which one.
    pub id: ImportId,
    /// Its files.
    pub files: Vec<File>,
    /// What would come of it.
    pub preview: Preview,
}

/// A place for an upload's bytes: a folder of its own below the data directory, removed after use or a day.
pub async fn upload_folder(app: &App, actor: &Actor) -> Result<(ImportId, PathBuf)> {
    let _ = (app, actor);
    Err(Error::internal("not built yet"))
}

/// Looks at the files of an upload and keeps them until the choice is made.
pub async fn stage(app: &App, actor: &Actor, id: ImportId, files: Vec<File>) -> Result<Staged> {
    let _ = (app, actor, id, files);
    Err(Error::internal("not built yet"))
}

/// An upload that was looked at before.
pub async fn staged(app: &App, actor: &Actor, id: ImportId) -> Result<Staged> {
    let _ = (app, actor, id);
    Err(Error::internal("not built yet"))
}

/// Looks at files without an upload (command line).
pub async fn preview(app: &App, actor: &Actor, files: &[File]) -> Result<Preview> {
    let _ = (app, actor, files);
    Err(Error::internal("not built yet"))
}

/// Starts bringing a staged upload in, in the background; [`progress`] tells how far it is.
pub async fn start(
    app: &App,
    actor: &Actor,
    id: ImportId,
    selection: Selection,
    incident: Option<IncidentNumber>,
) -> Result<()> {
    let _ = (app, actor, id, selection, incident);
    Err(Error::internal("not built yet"))
}

/// How far an import is.
pub async fn progress(app: &App, actor: &Actor, id: ImportId) -> Result<Progress> {
    let _ = (app, actor, id);
    Err(Error::internal("not built yet"))
}

/// Brings files in and waits: everything in one transaction, or nothing.
pub async fn run(
    app: &App,
    actor: &Actor,
    order: Order,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome> {
    let _ = (app, actor, order, report);
    Err(Error::internal("not built yet"))
}

/// The imports at work in this process, for [`progress`].
#[derive(Debug, Default)]
pub struct Running {}
