//! Every sample payload that others collected is accepted, where they are at hand: `../shared/data` beside the
//! checkout. Prints a table of file → what was understood.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::evidence::Source;
use importers::{NO_TIME, NamedBytes, Options};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The product of a folder; files there that are of no product's form are kept all the same.
fn expected(path: &str) -> Option<Source> {
    let folder = path.split('/').next().unwrap_or_default();
    Some(match folder {
        "gcpmonitoring" => Source::GoogleCloud,
        // Two files of a fuzzer's corpus are no calendars.
        "ics" if path.contains("--corpus--Index_Error") || path.contains("--corpus--Type_Error") => {
            Source::File
        }
        "ics" => Source::Calendar,
        "netflix-dispatch" => Source::File,
        folder => Source::from_key(folder)?,
    })
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), out);
        } else {
            out.push(entry.path());
        }
    }
}

#[test]
fn every_sample_payload_is_accepted() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/payloads");
    if !root.exists() {
        eprintln!("skipped: {} is not there", root.display());
        return;
    }
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let bytes = fs::read(path).unwrap();
        let source = importers::recognise(&bytes);
        let fits = expected(&name).is_none_or(|it| it == source);
        if bytes.starts_with(b"PK") {
            println!("{name}\t{}\ta workspace export", source.key());
            continue;
        }
        match importers::read(&[NamedBytes { name: name.clone(), bytes }], &Options::default()) {
            Ok(exports) => {
                let export = exports.first().unwrap();
                let evidence: Vec<_> = export.evidence().collect();
                let first = evidence.iter().map(|it| it.at).filter(|it| *it != NO_TIME).min();
                let understood = evidence.len() - export.kept();
                let first = first.map_or_else(|| "no time".to_owned(), |at| at.to_string());
                let notes: Vec<_> =
                    export.not_understood.iter().map(|it| it.reason.as_str()).take(2).collect();
                println!(
                    "{name}\t{}\t{} of {} records\t{first}\t{}",
                    source.key(),
                    understood,
                    evidence.len(),
                    notes.join("; ")
                );
                if evidence.is_empty() || !fits {
                    wrong.push(format!("{name}: {} with {} records", source.key(), evidence.len()));
                }
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
