//! Large files are looked at without holding what is in them. Each test is a process of its own (nextest), so that the
//! highest memory the system tells is that of one kind of file.

#[path = "../examples/speed/made.rs"]
mod made;

use importers::{Looked, NamedBytes, Options};
use std::{error::Error, fs};

/// Enough to tell what grows with a file from what does not.
const SIZE: usize = 16_000_000;
/// What looking at any file may take beside it.
const ALWAYS: u64 = 8_000_000;

/// A line of `/proc/self/status` in bytes; `None` where there is none.
fn memory(name: &str) -> Option<u64> {
    let told = fs::read_to_string("/proc/self/status").ok()?;
    let line = told.lines().find_map(|it| it.strip_prefix(name))?;
    line.trim_matches([':', ' ', '\t']).trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib * 1_024)
}

/// Looks at a file of the kind; `share` is how much memory that may take beside the file, in hundredths of its size.
fn looked_at(name: &str, share: u64) -> Result<(), Box<dyn Error>> {
    let (_, kind) = made::KINDS.iter().find(|(known, _)| *known == name).ok_or("no such kind")?;
    let file = NamedBytes { name: name.to_owned(), bytes: made::file(*kind, SIZE) };
    let size = file.bytes.len() as u64;
    let files = [file];
    // Another way to write it resets the highest memory (proc(5), clear_refs); elsewhere only the count is tried.
    let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = memory("VmRSS").filter(|_| reset);
    let looked = importers::look(&files, &Options::default())?;
    let most = memory("VmHWM");
    let records: usize = looked.iter().map(Looked::records).sum();
    assert!(records > 10_000 && looked.iter().all(|it| it.not_understood.is_empty()), "{records}");
    let Some((before, most)) = before.zip(most) else {
        eprintln!("the system does not tell how much memory was taken; only the records were counted");
        return Ok(());
    };
    let (took, may) = (most.saturating_sub(before), size * share / 100 + ALWAYS);
    assert!(took <= may, "{name}: {took} bytes beside a file of {size}, and {may} were meant to do");
    Ok(())
}

#[test]
fn a_table() -> Result<(), Box<dyn Error>> {
    looked_at("made/table.csv", 64)
}

#[test]
fn a_meeting() -> Result<(), Box<dyn Error>> {
    looked_at("made/meeting.vtt", 64)
}

#[test]
fn lines_of_notifications() -> Result<(), Box<dyn Error>> {
    looked_at("made/alerts.jsonl", 64)
}

#[test]
fn a_list_of_alerts() -> Result<(), Box<dyn Error>> {
    looked_at("made/alertmanager.json", 200)
}

#[test]
fn one_notification_of_grafana() -> Result<(), Box<dyn Error>> {
    looked_at("made/grafana.json", 200)
}

#[test]
fn log_entries_of_pagerduty() -> Result<(), Box<dyn Error>> {
    looked_at("made/log_entries.json", 200)
}

#[test]
fn incidents_in_our_own_form() -> Result<(), Box<dyn Error>> {
    looked_at("made/incidents.json", 200)
}
