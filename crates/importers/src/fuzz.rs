//! Entry points for fuzzing: arbitrary bytes in, no panic out. Property tests call them as well.

use crate::{NamedBytes, Options, incident_file, on_call, pagerduty, slack};
use domain::evidence::Source;
use std::io::Cursor;

/// Limits that keep one run of a fuzzer short.
const SMALL: slack::Limits =
    slack::Limits { entries: 1_000, entry_bytes: 1 << 20, total_bytes: 4 << 20, ratio: 300 };

/// `bytes` as a file from PagerDuty.
pub fn pagerduty(bytes: &[u8]) {
    let file = NamedBytes { name: "fuzz.json".to_owned(), bytes: bytes.to_vec() };
    let _ = pagerduty::read(&[file]);
}

/// `bytes` as a file of on-calls.
pub fn on_call(bytes: &[u8]) {
    let file = NamedBytes { name: "fuzz.json".to_owned(), bytes: bytes.to_vec() };
    let _ = on_call::read(&file);
}

/// `bytes` as an incident file.
pub fn incident_file(bytes: &[u8]) {
    let _ = incident_file::read("fuzz.json", bytes);
}

/// `bytes` as a file whose content tells what it is.
pub fn any(bytes: &[u8]) {
    let _ = crate::recognise(bytes);
    read(bytes, None);
}

/// `bytes` as a file of `source`, whatever is in it.
pub fn of(source: Source, bytes: &[u8]) {
    read(bytes, Some(source));
}

fn read(bytes: &[u8], source: Option<Source>) {
    let file = NamedBytes { name: "fuzz".to_owned(), bytes: bytes.to_vec() };
    let options = Options { source, ..Options::default() };
    let Ok(exports) = crate::read(&[file], &options) else { return };
    for evidence in exports.iter().flat_map(crate::Export::evidence) {
        assert!(evidence.source_id.len() <= 300, "an id is longer than can be kept");
        assert!(!evidence.text.contains('\0'), "a text cannot be stored");
    }
}

/// `bytes` as a zip archive from Slack; every channel is read.
pub fn slack(bytes: &[u8]) {
    let Ok(mut export) = slack::Export::open_within(Cursor::new(bytes), "fuzz.zip", SMALL) else { return };
    let _ = export.preview(&mut |_| {});
    let ids: Vec<String> = export.channels().iter().map(|(id, _)| (*id).to_owned()).collect();
    for channel in ids {
        let _ = export.gather(&slack::Choice { channel, from: None, to: None }, &mut |_| {});
    }
}

/// `bytes` as one day file inside a sound export: reaches the messages without finding a zip first.
pub fn slack_day(bytes: &[u8]) {
    let _ = slack::read_day(bytes);
}
