//! The source tree as tests see it: rules of the house that a machine can check stand in `tests/`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A text file of the checkout.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path below the root, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Every text file below `folder` whose name ends in one of `endings`, in order; built and fetched things
/// are left out.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn files(folder: &str, endings: &[&str]) -> io::Result<Vec<File>> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let aside = ["target", "node_modules", "assets", "debrief-data", "debrief-demo", "out"];
            if path.is_dir() {
                if !aside.contains(&name) && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending))
                && let Ok(text) = fs::read_to_string(&path)
            {
                let below = path.strip_prefix(root()).unwrap_or(&path);
                found.push(File { path: below.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
