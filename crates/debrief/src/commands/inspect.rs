//! `debrief inspect`: what a file is, and what would come of bringing it in, without an installation.

use crate::{
    arguments::{Inspect, ReportFormat},
    commands::{name, put, spread},
    failure::Failure,
};
use domain::Instant;
use importers::{NamedBytes, Options, Problem, slack};
use serde::Serialize;
use std::{
    fmt::Write as _,
    fs::File,
    io::{BufReader, Read as _},
    path::Path,
};

/// What one file holds.
#[derive(Debug, Serialize)]
struct Inspected {
    /// The file as it was given.
    file: String,
    /// The product it comes from; `null` if nobody here can read it.
    source: Option<&'static str>,
    /// How many pieces of evidence it holds.
    evidence: u64,
    /// What could not be read, and why.
    not_understood: Vec<String>,
    /// The earliest instant.
    first: Option<Instant>,
    /// The latest instant.
    last: Option<Instant>,
    /// What else to know before bringing it in: incidents or channels.
    holds: Vec<String>,
}

/// Looks at each file. Ends with a failure if one of them cannot be read at all.
pub fn run(command: Inspect) -> Result<(), Failure> {
    let found = spread(command.files)?.iter().map(|path| inspect(path)).collect::<Result<Vec<_>, _>>()?;
    let text = match command.format {
        ReportFormat::Json => {
            serde_json::to_string_pretty(&found).map_err(|error| Failure::new(error.to_string()))? + "\n"
        }
        ReportFormat::Human => found.iter().map(describe).collect(),
    };
    put(text.as_bytes(), None)?;
    let unread: Vec<&str> =
        found.iter().filter(|one| one.source.is_none()).map(|one| one.file.as_str()).collect();
    if unread.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("Not readable: {}.", unread.join(", "))))
    }
}

fn inspect(path: &Path) -> Result<Inspected, Failure> {
    let unreadable = |error| Failure::new(format!("{} cannot be read: {error}.", path.display()));
    let mut start = [0; 2];
    let read = File::open(path).map_err(unreadable)?.read(&mut start).map_err(unreadable)?;
    // A zip begins with PK (APPNOTE.TXT 4.3.7).
    let found = if &start[..read] == b"PK" {
        look_at_slack(path, File::open(path).map_err(unreadable)?)
    } else {
        look_at_records(path, std::fs::read(path).map_err(unreadable)?)
    };
    Ok(found.unwrap_or_else(|reason| Inspected {
        file: path.display().to_string(),
        source: None,
        evidence: 0,
        not_understood: vec![reason],
        first: None,
        last: None,
        holds: Vec::new(),
    }))
}

fn look_at_slack(path: &Path, file: File) -> Result<Inspected, String> {
    let mut export =
        slack::Export::open(BufReader::new(file), &name(path)).map_err(|error| error.to_string())?;
    let channels = export.preview(&mut |_| {}).map_err(|error| error.to_string())?;
    let untimed = channels.iter().filter(|channel| channel.untimed > 0).map(|channel| {
        let records =
            if channel.untimed == 1 { "1 record has" } else { &format!("{} records have", channel.untimed) };
        format!(
            "{}: {records} no time that can be read; kept as they came, at the day of their file",
            channel.label
        )
    });
    let spans = || channels.iter().filter_map(|channel| channel.span);
    Ok(Inspected {
        file: path.display().to_string(),
        source: Some("slack"),
        evidence: channels.iter().map(|channel| channel.messages).sum(),
        not_understood: export.problems().iter().map(say_of_file).chain(untimed).collect(),
        first: spans().map(|(first, _)| first).min(),
        last: spans().map(|(_, last)| last).max(),
        holds: channels
            .iter()
            .filter(|channel| channel.messages > 0)
            .map(|channel| format!("{}: {} messages", channel.label, channel.messages))
            .collect(),
    })
}

fn look_at_records(path: &Path, bytes: Vec<u8>) -> Result<Inspected, String> {
    let source = importers::recognise(&bytes);
    let file = NamedBytes { name: name(path), bytes };
    let looked = importers::look(&[file], &Options::default()).map_err(|error| error.to_string())?;
    let looked = looked.first().ok_or("it holds nothing that Debrief can read")?;
    let mut holds: Vec<String> = looked
        .incidents
        .iter()
        .map(|incident| {
            let title = incident.about.title.as_deref().unwrap_or("named by its records only");
            format!("{} ({title}): {}", incident.about.id, records(incident.records as u64))
        })
        .collect();
    if looked.loose > 0 && !holds.is_empty() {
        let which = if looked.loose == 1 { "names" } else { "name" };
        holds.push(format!("{} that {which} no incident", records(looked.loose as u64)));
    }
    Ok(Inspected {
        file: path.display().to_string(),
        source: Some(source.key()),
        evidence: looked.records() as u64,
        not_understood: looked.not_understood.iter().map(say).collect(),
        first: looked.span.map(|(first, _)| first),
        last: looked.span.map(|(_, last)| last),
        holds,
    })
}

/// The file is one of several in an archive.
fn say_of_file(problem: &Problem) -> String {
    format!("{}, {}", problem.file, say(problem))
}

fn say(problem: &Problem) -> String {
    format!("{}: {}", problem.place, problem.reason)
}

fn records(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

fn describe(found: &Inspected) -> String {
    let mut text = String::new();
    let _ = match (found.source, found.first, found.last) {
        (Some(source), Some(first), Some(last)) => {
            writeln!(text, "{}: {source}, {} from {first} to {last}", found.file, records(found.evidence))
        }
        (Some(source), ..) => writeln!(text, "{}: {source}, {}", found.file, records(found.evidence)),
        (None, ..) => writeln!(text, "{}: cannot be read", found.file),
    };
    for line in found.holds.iter().take(20) {
        let _ = writeln!(text, "  {line}");
    }
    if found.holds.len() > 20 {
        let _ = writeln!(text, "  and {} more", found.holds.len() - 20);
    }
    for line in &found.not_understood {
        let _ = writeln!(text, "  not understood: {line}");
    }
    text
}
