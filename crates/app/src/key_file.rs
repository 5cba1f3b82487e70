//! Files that hold keys: for their owner alone, on disk before they have their name, and there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Makes the file unless there is one by now: of several who make it at once the first one's stays, for all of them.
/// `mark` tells apart what they write beside it until then.
pub(crate) fn make(path: &Path, mark: &str, text: &[u8]) -> io::Result<()> {
    let beside = write_beside(path, mark, text)?;
    // A link, unlike a rename, leaves a file alone that is there by now.
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    match linked {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => Err(cause),
        _ => sync_folder(path),
    }
}

/// Puts the file in place of the one before: at every moment one of the two is there whole.
pub(crate) fn replace(path: &Path, mark: &str, text: &[u8]) -> io::Result<()> {
    fs::rename(write_beside(path, mark, text)?, path)?;
    sync_folder(path)
}

fn write_beside(path: &Path, mark: &str, text: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{mark}.new"));
    let beside = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    Ok(beside)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
