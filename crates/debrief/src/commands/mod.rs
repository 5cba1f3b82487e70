//! One command a file.

pub mod backup;
pub mod check;
pub mod draft;
pub mod export;
pub mod head;
pub mod import;
pub mod inspect;
pub mod lint;
pub mod lsp;
pub mod metrics;
pub mod migrate_to;
pub mod restore;
pub mod secrets;
pub mod settings;
pub mod token;
pub mod user;

use crate::failure::Failure;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// Writes to a file, or to standard output.
fn put(bytes: &[u8], output: Option<&Path>) -> Result<(), Failure> {
    match output {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|error| Failure::new(format!("{} cannot be written: {error}.", path.display()))),
        None => std::io::stdout().write_all(bytes).map_err(Failure::system),
    }
}

/// The name of a file as messages show it.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Files and folders as given; a folder stands for the JSON files in it.
fn spread(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let unreadable = |error| Failure::new(format!("{} cannot be read: {error}.", path.display()));
            let mut inside: Vec<PathBuf> = std::fs::read_dir(&path)
                .map_err(unreadable)?
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
                .collect();
            inside.sort();
            files.append(&mut inside);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}
