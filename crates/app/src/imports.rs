//! Bringing records in: look at files first, then bring them in whole or not at all.

mod choosing;
mod reading;
mod running;
mod storing;
mod uploads;

pub use running::Running;

pub(crate) use choosing::reconcile as choose_again;

use crate::{App, Error, Result};
use domain::{
    ImportId, Instant,
    access::{Action, Actor, could},
    evidence::Source,
    incident::IncidentNumber,
};
pub use importers::{
    Options,
    table::{Columns, TableHead},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use store::imports::Standing;

/// A file that was uploaded or named on the command line.
#[derive(Debug, Clone)]
pub struct File {
    /// The name people know it by.
    pub name: String,
    /// Where its bytes are now.
    pub path: PathBuf,
}

/// What would come of bringing files in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Preview {
    /// PagerDuty REST exports, one or several files.
    Pagerduty {
        /// The incidents found, in order of creation.
        incidents: Vec<FoundIncident>,
        /// Records that could not be read; they are kept as evidence all the same.
        not_understood: Vec<String>,
    },
    /// Files of any other product, or of several.
    Records {
        /// What each product's files hold.
        found: Vec<FoundRecords>,
        /// The incidents found, in order of creation.
        incidents: Vec<FoundIncident>,
        /// Records that could not be read; they are kept as evidence all the same.
        not_understood: Vec<String>,
        /// The beginning of a table among the files, whose columns a person names.
        table: Option<Box<TableHead>>,
    },
    /// A Slack export: choose a channel and a window.
    Slack {
        /// The channels found, those with messages first.
        channels: Vec<FoundChannel>,
    },
}

/// What the files of one product hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FoundRecords {
    /// Which product.
    pub source: Source,
    /// How many records, those of incidents among them.
    pub records: usize,
    /// How many of these name no incident.
    pub loose: usize,
    /// The earliest.
    pub first: Option<Instant>,
    /// The latest.
    pub last: Option<Instant>,
}

/// An incident found in files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FoundIncident {
    /// The product that knows it.
    #[serde(default = "pagerduty")]
    pub source: Source,
    /// Its id there.
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

const fn pagerduty() -> Source {
    Source::Pagerduty
}

/// A channel found in a Slack export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FoundChannel {
    /// Its name without `#`.
    pub name: String,
    /// How many messages.
    pub messages: usize,
    /// The first message.
    pub first: Option<Instant>,
    /// The last message.
    pub last: Option<Instant>,
    /// Messages whose time is zero or cannot be read.
    #[serde(default)]
    pub untimed: usize,
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
    /// Any product.
    Records {
        /// The products' own ids of the incidents that are wanted, or all when empty. What names no incident
        /// comes along where there is an incident for it.
        incidents: Vec<String>,
        /// What a person knows beyond the files.
        options: Options,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    /// Pieces that name no incident while several are in the files, and so stay outside.
    pub left_out: u64,
}

/// How far it is.
#[derive(Debug, Clone, Serialize)]
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
    check(actor)?;
    uploads::remove_stale(app).await;
    uploads::create(app, actor).await
}

/// Looks at the files of an upload and keeps them until the choice is made. Files that cannot be used are
/// removed at once.
pub async fn stage(app: &App, actor: &Actor, id: ImportId, files: Vec<File>) -> Result<Staged> {
    check(actor)?;
    uploads::open(app, actor, id).await?;
    match preview(app, actor, &files).await {
        Ok(preview) => uploads::keep(app, actor, Staged { id, files, preview }).await,
        Err(error) => {
            uploads::remove(app, id).await;
            Err(error)
        }
    }
}

/// An upload that was looked at before.
pub async fn staged(app: &App, actor: &Actor, id: ImportId) -> Result<Staged> {
    check(actor)?;
    uploads::staged(app, actor, id).await
}

/// Looks at files without an upload (command line).
pub async fn preview(app: &App, actor: &Actor, files: &[File]) -> Result<Preview> {
    check(actor)?;
    let looked_at = files.to_vec();
    let preview = tokio::task::spawn_blocking(move || reading::preview(&looked_at));
    let mut preview = preview.await.map_err(Error::internal)??;
    if let Preview::Pagerduty { incidents, .. } | Preview::Records { incidents, .. } = &mut preview {
        let mut tx = app.read(actor, Action::Read).await?;
        let mut sources: Vec<Source> = incidents.iter().map(|incident| incident.source).collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            let of_source = |incident: &&mut FoundIncident| incident.source == source;
            let ids: Vec<String> =
                incidents.iter_mut().filter(of_source).map(|incident| incident.id.clone()).collect();
            let known =
                store::incidents::known_origins(&mut tx, source.key(), &ids, app.sight(actor)).await?;
            for incident in incidents.iter_mut().filter(of_source) {
                incident.known_as = known.get(&incident.id).map(IncidentNumber::to_string);
            }
        }
    }
    Ok(preview)
}

/// The only channel of a Slack export with messages in it, by its id; `None` if there are several, or none, or these
/// files are none. Tells it from the list of days, so it takes no time (command line).
pub async fn only_channel(actor: &Actor, files: &[File]) -> Result<Option<String>> {
    check(actor)?;
    let files = files.to_vec();
    tokio::task::spawn_blocking(move || reading::only_channel(&files)).await.map_err(Error::internal)?
}

/// Starts bringing a staged upload in, in the background; [`progress`] tells how far it is. Starting it again
/// while it is at work does nothing.
pub async fn start(
    app: &App,
    actor: &Actor,
    id: ImportId,
    selection: Selection,
    incident: Option<IncidentNumber>,
) -> Result<()> {
    check(actor)?;
    let Staged { files, .. } = uploads::staged(app, actor, id).await?;
    if app.imports().begin(id, actor.person, app.now()) {
        running::put_on_record(app, actor, id, &files).await?;
        running::spawn(app.clone(), actor.clone(), id, Order { files, selection, incident });
    }
    Ok(())
}

/// How far an import is. What came of it stays known.
pub async fn progress(app: &App, actor: &Actor, id: ImportId) -> Result<Progress> {
    check(actor)?;
    if let Some((person, progress)) = app.imports().look(id) {
        return if uploads::may_see(actor, person) { Ok(progress) } else { Err(Error::NotFound) };
    }
    let mut tx = app.db().read().await?;
    let (import, standing) = store::imports::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !uploads::may_see(actor, import.person) {
        return Err(Error::NotFound);
    }
    Ok(match standing {
        Standing::Done => Progress::Done(serde_json::from_str(&import.outcome).map_err(Error::internal)?),
        Standing::Failed(message) => Progress::Failed { message },
        // Alone on the record, whoever does not know of it has begun since.
        Standing::Running { doing, share } if app.db().has_neighbours() => {
            Progress::Running { doing, share: share as f32 / 1_000.0 }
        }
        Standing::Running { .. } | Standing::Interrupted => Progress::Failed { message: INTERRUPTED.into() },
    })
}

/// Brings files in and waits: everything in one transaction, or nothing.
pub async fn run(
    app: &App,
    actor: &Actor,
    order: Order,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome> {
    let id = ImportId::new(app.now(), app.random());
    run_as(app, actor, id, order, report).await
}

/// Declares the incident that a file of our own form tells of (`data/schemas/incident.json`), or adds to it where it is
/// known by its id; everything in one transaction, or nothing. Tells its number and whether it is new.
pub async fn declare(app: &App, actor: &Actor, text: Vec<u8>) -> Result<(IncidentNumber, bool)> {
    check(actor)?;
    let name = "incident.json".to_owned();
    let file = importers::NamedBytes { name: name.clone(), bytes: text };
    let options = Options { source: Some(Source::Json), ..Options::default() };
    let read = tokio::task::spawn_blocking(move || {
        importers::read(&[file], &options).map_err(|error| Error::invalid("body", error.to_string()))
    });
    let exports = read.await.map_err(Error::internal)??;
    let ids: Vec<String> =
        exports.iter().flat_map(|it| &it.incidents).map(|incident| incident.id.clone()).collect();
    let [id] = ids.as_slice() else {
        return Err(Error::invalid("body", "The body holds one incident. Nothing was changed."));
    };
    let known = {
        let mut tx = app.read(actor, Action::Read).await?;
        store::incidents::known_origins(&mut tx, Source::Json.key(), &ids, app.sight(actor)).await?
    };
    let new = !known.contains_key(id);
    let material = reading::chosen(exports, &[], false)?;
    let import = storing::Import {
        id: ImportId::new(app.now(), app.random()),
        files: vec![name],
        target: None,
        delivery: None,
    };
    let outcome = storing::store(app, actor, import, material, &mut |_| {}).await?;
    let number = outcome.incidents.first().and_then(|number| number.parse().ok());
    Ok((number.ok_or_else(|| Error::internal("an incident was brought in and has no number"))?, new))
}

/// [`run`] under an id that is known already.
async fn run_as(
    app: &App,
    actor: &Actor,
    id: ImportId,
    order: Order,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome> {
    check(actor)?;
    let files = order.files.iter().map(|file| file.name.clone()).collect();
    let target = order.incident;
    // Reading takes processor time, so it happens beside the tasks that serve pages.
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let reading = tokio::task::spawn_blocking(move || {
        reading::read(&order, &mut |share| {
            let _ = tell.send(share);
        })
    });
    while let Some(share) = told.recv().await {
        report(Progress::Running { doing: "Reading the files".into(), share: share * 0.4 });
    }
    let material = reading.await.map_err(Error::internal)??;
    storing::store(app, actor, storing::Import { id, files, target, delivery: None }, material, report).await
}

/// What was read already, and the delivery that it came with.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// The import that it becomes.
    pub id: ImportId,
    /// What people call it.
    pub name: String,
    /// What is in it.
    pub export: importers::Export,
    /// What is settled by the same transaction.
    pub delivery: crate::hooks::Settling,
}

/// Brings in what came, all of it or nothing: into one incident, or each as what it says.
pub(crate) async fn take_in(
    app: &App,
    actor: &Actor,
    target: Option<IncidentNumber>,
    arrived: Vec<Arrived>,
) -> Result<()> {
    let mut ready = Vec::with_capacity(arrived.len());
    for Arrived { id, name, export, delivery } in arrived {
        let material = reading::chosen(vec![export], &[], target.is_some())?;
        ready.push((storing::Import { id, files: vec![name], target, delivery: Some(delivery) }, material));
    }
    if let Some(number) = target {
        return storing::store_together(app, actor, number, ready).await;
    }
    for (import, material) in ready {
        storing::store(app, actor, import, material, &mut |_| {}).await?;
    }
    Ok(())
}

/// What is said of an import whose process ended.
const INTERRUPTED: &str =
    "Debrief stopped while this was brought in, and nothing was changed. Bring the files in again.";

/// What no part in any incident could allow is refused before files are read. Where they go is asked when they are
/// stored.
fn check(actor: &Actor) -> Result<()> {
    if could(actor, Action::Import) { Ok(()) } else { Err(Error::Forbidden) }
}
