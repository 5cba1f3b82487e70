//! Uploads that wait for a choice: a folder each below the data directory, with a note of what is in it, so
//! that a choice can still be made after a restart.

use super::{File, Preview, Staged};
use crate::{App, Error, Result};
use domain::{ImportId, Instant, PersonId, access::Actor, instant::Span, person::Role};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::fs;

/// How long an upload waits for a choice.
const WAITS: Span = Span::days(1);
const NOTE: &str = "upload.json";

/// What is known about an upload.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    person: Option<PersonId>,
    files: Vec<NotedFile>,
    preview: Option<Preview>,
}

#[derive(Debug, Serialize, Deserialize)]
struct NotedFile {
    name: String,
    /// The name within the folder.
    file: String,
}

/// Whether `actor` may see what `person` uploaded.
pub(super) fn may_see(actor: &Actor, person: Option<PersonId>) -> bool {
    actor.role == Role::Administrator || actor.person == person
}

/// Makes a folder for an upload of `actor`.
pub(super) async fn create(app: &App, actor: &Actor) -> Result<(ImportId, PathBuf)> {
    let id = ImportId::new(app.now(), app.random());
    let folder = folder(app, id);
    fs::create_dir_all(&folder).await.map_err(|error| no_room(&error))?;
    write(&folder, &Note { person: actor.person, files: Vec::new(), preview: None }).await?;
    Ok((id, folder))
}

/// The folder of an upload that `actor` may see.
pub(super) async fn open(app: &App, actor: &Actor, id: ImportId) -> Result<PathBuf> {
    let folder = folder(app, id);
    read(&folder, actor).await?;
    Ok(folder)
}

/// Takes note of what was found in the files, which must lie in the upload's own folder.
pub(super) async fn keep(app: &App, actor: &Actor, staged: Staged) -> Result<Staged> {
    let folder = folder(app, staged.id);
    let note = read(&folder, actor).await?;
    let mut files = Vec::with_capacity(staged.files.len());
    for file in &staged.files {
        let inside = file.path.parent() == Some(folder.as_path());
        let Some(name) = file.path.file_name().and_then(|name| name.to_str()).filter(|_| inside) else {
            return Err(Error::internal("an uploaded file lies outside its folder"));
        };
        files.push(NotedFile { name: file.name.clone(), file: name.to_owned() });
    }
    write(&folder, &Note { files, preview: Some(staged.preview.clone()), ..note }).await?;
    Ok(staged)
}

/// An upload that was looked at.
pub(super) async fn staged(app: &App, actor: &Actor, id: ImportId) -> Result<Staged> {
    let folder = folder(app, id);
    let note = read(&folder, actor).await?;
    let files =
        note.files.into_iter().map(|file| File { name: file.name, path: folder.join(file.file) }).collect();
    Ok(Staged { id, files, preview: note.preview.ok_or(Error::NotFound)? })
}

/// Removes an upload. What cannot be removed now goes with the stale ones.
pub(super) async fn remove(app: &App, id: ImportId) {
    let folder = folder(app, id);
    if let Err(error) = fs::remove_dir_all(&folder).await
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "an upload cannot be removed");
    }
}

/// Removes uploads for which nobody made a choice within a day.
pub(super) async fn remove_stale(app: &App) {
    let Ok(mut entries) = fs::read_dir(app.data_dir().join("uploads")).await else { return };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let id = entry.file_name().to_str().and_then(|name| name.parse::<ImportId>().ok());
        let Some(id) = id else { continue };
        let stale = made_at(id).is_some_and(|made| app.now().since(made) > WAITS);
        if stale && !app.imports().at_work(id) {
            remove(app, id).await;
        }
    }
}

/// The time that an id carries.
fn made_at(id: ImportId) -> Option<Instant> {
    let (seconds, _) = id.0.get_timestamp()?.to_unix();
    i64::try_from(seconds).ok().map(Instant::from_seconds)
}

fn folder(app: &App, id: ImportId) -> PathBuf {
    app.data_dir().join("uploads").join(id.to_string())
}

async fn read(folder: &Path, actor: &Actor) -> Result<Note> {
    let bytes = match fs::read(folder.join(NOTE)).await {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::NotFound),
        Err(error) => return Err(Error::internal(error)),
    };
    let note: Note = serde_json::from_slice(&bytes).map_err(Error::internal)?;
    if may_see(actor, note.person) { Ok(note) } else { Err(Error::NotFound) }
}

async fn write(folder: &Path, note: &Note) -> Result<()> {
    let text = serde_json::to_vec(note).map_err(Error::internal)?;
    // Under another name until it is whole, so that nobody reads half a note.
    let half = folder.join("upload.json.new");
    fs::write(&half, text).await.map_err(|error| no_room(&error))?;
    fs::rename(&half, folder.join(NOTE)).await.map_err(|error| no_room(&error))
}

fn no_room(error: &io::Error) -> Error {
    tracing::error!(%error, "an upload cannot be kept");
    Error::Unavailable(
        "The upload cannot be kept just now: the data directory has no room or cannot be written. Nothing was \
         brought in."
            .into(),
    )
}
