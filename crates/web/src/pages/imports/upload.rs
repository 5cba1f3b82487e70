//! Files as they come over the wire, written to disk piece by piece.

use crate::state::State;
use app::{
    Error,
    imports::{self, File},
};
use axum::extract::{
    Multipart,
    multipart::{Field, MultipartError},
};
use domain::{ImportId, access::Actor};
use std::{path::Path, time::Duration};
use tokio::io::AsyncWriteExt;

/// More files than any export is made of.
const FILES_MAX: usize = 500;

/// An upload that sends nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// Writes every file of the form into a folder of its own. Nothing is kept if one of them does not arrive.
pub(crate) async fn receive(
    state: &State,
    actor: &Actor,
    mut form: Multipart,
) -> Result<(ImportId, Vec<File>), Error> {
    let (id, folder) = imports::upload_folder(&state.app, actor).await?;
    match write_all(state, &folder, &mut form).await {
        Ok(files) if files.is_empty() => {
            give_up(&folder).await;
            Err(Error::invalid("files", "No file was chosen. Choose at least one."))
        }
        Ok(files) => Ok((id, files)),
        Err(error) => {
            give_up(&folder).await;
            Err(error)
        }
    }
}

async fn write_all(state: &State, folder: &Path, form: &mut Multipart) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    let mut room = state.settings.upload_limit;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(shown_name).filter(|name| !name.is_empty()) else { continue };
        if files.len() == FILES_MAX {
            return Err(Error::invalid(
                "files",
                format!("These are more than {FILES_MAX} files. Nothing was brought in; send them in parts."),
            ));
        }
        // The name on disk is ours, so that no name of theirs can lead elsewhere.
        let path = folder.join(format!("{:03}", files.len()));
        write_one(&mut field, &path, &mut room, state.settings.upload_limit).await?;
        files.push(File { name, path });
    }
    Ok(files)
}

async fn write_one(field: &mut Field<'_>, path: &Path, room: &mut u64, limit: u64) -> Result<(), Error> {
    let mut file = tokio::fs::File::create(path).await.map_err(no_room)?;
    loop {
        let piece =
            tokio::time::timeout(SILENCE, field.chunk()).await.map_err(|_| silent())?.map_err(broken)?;
        let Some(piece) = piece else { break };
        *room = room.checked_sub(piece.len() as u64).ok_or_else(|| too_large(limit))?;
        file.write_all(&piece).await.map_err(no_room)?;
    }
    file.flush().await.map_err(no_room)
}

async fn give_up(folder: &Path) {
    if let Err(error) = tokio::fs::remove_dir_all(folder).await {
        tracing::warn!(%error, "an upload that broke off could not be removed; it goes within a day");
    }
}

/// What people call the file: the last part of its name, without what cannot be shown.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.chars().filter(|c| !c.is_control()).take(200).collect::<String>().trim().to_owned()
}

fn broken(error: MultipartError) -> Error {
    tracing::debug!(%error, "an upload broke off");
    Error::invalid("files", "The files did not arrive whole. Nothing was brought in; they can be sent again.")
}

fn silent() -> Error {
    Error::invalid("files", "Nothing came for a minute, so the upload was given up. Nothing was brought in.")
}

fn too_large(limit: u64) -> Error {
    let mebibytes = limit / (1 << 20);
    Error::invalid(
        "files",
        format!("Together these files are larger than {mebibytes} MiB. Nothing was brought in."),
    )
}

fn no_room(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Error::Unavailable("The disk of this installation is full. Nothing was brought in.".into());
    }
    tracing::error!(%error, "an upload cannot be kept");
    Error::Unavailable(
        "The files cannot be kept just now: the disk of this installation cannot be written. Nothing was brought in."
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_folders() {
        for (given, shown) in [
            ("export.zip", "export.zip"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ada\\log entries.json", "log entries.json"),
            ("a\u{0}b.json", "ab.json"),
            ("", ""),
            ("folder/", ""),
        ] {
            assert_eq!(shown_name(given), shown, "{given:?}");
        }
    }
}
