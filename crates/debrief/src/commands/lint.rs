//! `debrief lint`: asks about sentences of files that close an inquiry. Needs no installation and no network.

mod human;
mod sarif;
#[cfg(test)]
mod tests;

use crate::{
    arguments::{FindingFormat, Lint},
    commands::put,
    failure::Failure,
};
use language::{Aid, Context, Finding, Places, Record, Strength, Surface};
use serde_json::{Value, json};
use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

/// Endings of files that a folder stands for.
const ENDINGS: [&str; 4] = ["md", "markdown", "mdx", "txt"];

/// A file with what was found in it.
pub struct Checked<'a> {
    /// As typed, or as found in a folder.
    pub name: String,
    pub text: String,
    pub findings: Vec<Finding<'a>>,
}

/// Reads the files, prints what was found, and fails only if asked to.
pub fn run(command: &Lint) -> Result<(), Failure> {
    let surface =
        command.surface.as_deref().map(str::parse::<Surface>).transpose().map_err(Failure::typed)?;
    let fail_on =
        command.fail_on.as_deref().map(str::parse::<Strength>).transpose().map_err(Failure::typed)?;
    let aid = Aid::english().map_err(Failure::typed)?;
    let context = Context { surface, ..Context::default() };
    let mut checked = Vec::new();
    for (name, text) in texts(&command.files)? {
        let findings = aid.read(&text, &context);
        checked.push(Checked { name, text, findings });
    }
    let out = match command.format {
        FindingFormat::Human => human::write(&checked),
        FindingFormat::Json => pretty(&records(&checked))?,
        FindingFormat::Sarif => pretty(&sarif::log(&aid, &checked))?,
    };
    put(out.as_bytes(), None)?;
    let asked = |finding: &&Finding<'_>| fail_on.is_some_and(|strength| finding.strength >= strength);
    let reasons = checked.iter().flat_map(|file| language::strongest(&file.findings)).collect::<Vec<_>>();
    match reasons.iter().filter(asked).count() {
        0 => Ok(()),
        1 => Err(Failure::new("One sentence is worth another look.")),
        many => Err(Failure::new(format!("{many} sentences are worth another look."))),
    }
}

/// The documented JSON: an array of findings, in order of files and text. `start` and `end` are bytes of the file.
fn records(checked: &[Checked<'_>]) -> Value {
    let mut records = Vec::new();
    for file in checked {
        let places = Places::new(&file.text);
        for finding in &file.findings {
            let mut record =
                serde_json::to_value(Record::of(finding, &file.text, &places)).unwrap_or_default();
            record["file"] = json!(file.name);
            records.push(record);
        }
    }
    Value::Array(records)
}

fn pretty(value: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(Failure::typed)
}

/// The files by name, folders read to their depths; `-` is what comes in.
fn texts(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let mut texts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(Failure::system)?;
            texts.push(("-".to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
        } else if path.is_dir() {
            let mut inside = Vec::new();
            walk(path, &mut inside)?;
            for path in inside {
                texts.push((path.display().to_string(), read(&path)?));
            }
        } else {
            texts.push((path.display().to_string(), read(path)?));
        }
    }
    Ok(texts)
}

/// Bytes that are no text become signs for “unreadable”; the rest is read all the same.
fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}.", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Texts in a folder, in order of their names. Hidden folders, built ones and links are left out.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable = |error| Failure::new(format!("{} cannot be read: {error}.", folder.display()));
    let mut inside: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| !path.is_symlink())
        .collect();
    inside.sort();
    for path in inside {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let left_out = name.starts_with('.') || ["node_modules", "target", "vendor"].contains(&name.as_str());
        if path.is_dir() {
            if !left_out {
                walk(&path, found)?;
            }
        } else if path
            .extension()
            .and_then(|ending| ending.to_str())
            .is_some_and(|ending| ENDINGS.contains(&ending))
        {
            found.push(path);
        }
    }
    Ok(())
}
