//! The files of the stories, moved so that the latest of them happened just now.

use domain::{Instant, instant::Span};
use rust_embed::RustEmbed;
use serde_json::Value;
use std::{
    io::{Cursor, Write as _},
    sync::LazyLock,
};
use zip::write::SimpleFileOptions;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../data/stories"]
struct Files;

/// When the stories were set down; all of them lie before this instant.
static TOLD: LazyLock<Instant> = LazyLock::new(|| Instant::from_seconds(1_795_284_000));

/// A file that cannot be used. Shipped files are tested, so people never see this.
#[derive(Debug, thiserror::Error)]
#[error("the story file {file} cannot be read: {reason}")]
pub struct Unreadable {
    file: String,
    reason: String,
}

/// The folders of the stories, in the order in which they happened.
pub fn folders() -> Vec<String> {
    let mut folders: Vec<String> =
        Files::iter().filter_map(|path| path.split_once('/').map(|(folder, _)| folder.to_owned())).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// How far stories are moved: whole weeks, so that a Saturday stays a Saturday, to end before `now`.
pub fn shift(now: Instant) -> Span {
    let week = Span::days(7).as_micros();
    Span::micros(now.since(*TOLD).as_micros().div_euclid(week) * week)
}

/// How far ideas that still rest are moved, so that they still rest: to the very distance from now.
pub fn shift_of_resting(now: Instant) -> Span {
    now.since(*TOLD)
}

/// Whether an instant of a moved story lies after the day it was set down.
pub fn still_rests(opens_at: Instant, moved: Span) -> bool {
    opens_at > TOLD.plus(moved)
}

/// A file as JSON with every instant moved.
pub fn json(path: &str, by: Span) -> Result<Value, Unreadable> {
    let unreadable = |reason: String| Unreadable { file: path.to_owned(), reason };
    let file = Files::get(path).ok_or_else(|| unreadable("it is not there".into()))?;
    let mut value = serde_json::from_slice(&file.data).map_err(|error| unreadable(error.to_string()))?;
    move_instants(&mut value, by);
    Ok(value)
}

/// A file of known shape with every instant moved.
pub fn read<T: serde::de::DeserializeOwned>(path: &str, by: Span) -> Result<T, Unreadable> {
    serde_json::from_value(json(path, by)?)
        .map_err(|error| Unreadable { file: path.to_owned(), reason: error.to_string() })
}

/// Moves what looks like an instant: RFC 3339 in UTC, and the `seconds.micros` of Slack.
fn move_instants(value: &mut Value, by: Span) {
    match value {
        Value::String(text) => {
            if let Some(moved) = moved(text, by) {
                *text = moved;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| move_instants(item, by)),
        Value::Object(fields) => fields.values_mut().for_each(|field| move_instants(field, by)),
        _ => {}
    }
}

fn moved(text: &str, by: Span) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() == 20 && bytes[10] == b'T' && bytes[19] == b'Z' {
        return Some(text.parse::<Instant>().ok()?.plus(by).to_string());
    }
    let (seconds, micros) = text.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if seconds.len() == 10 && micros.len() == 6 && digits(seconds) && digits(micros) {
        return Some(format!("{}.{micros}", seconds.parse::<i64>().ok()?.saturating_add(by.as_seconds())));
    }
    None
}

/// A Slack export of one channel, as Slack would hand it out: the stories travel the way real chat does.
pub fn slack_export(
    slack: &Value,
    people: &[super::format::Person],
) -> Result<Vec<u8>, zip::result::ZipError> {
    let users: Vec<Value> = people
        .iter()
        .map(|person| {
            serde_json::json!({
                "id": person.slack_id, "name": person.key, "real_name": person.name,
                "profile": { "real_name": person.name, "display_name": person.name }
            })
        })
        .collect();
    let channel = &slack["channel"];
    let name = channel["name"].as_str().unwrap_or_default();
    let mut days: std::collections::BTreeMap<String, Vec<&Value>> = std::collections::BTreeMap::new();
    for message in slack["messages"].as_array().into_iter().flatten() {
        let seconds = message["ts"].as_str().and_then(|ts| ts.split('.').next()?.parse().ok()).unwrap_or(0);
        let day = Instant::from_seconds(seconds).format(&jiff::tz::TimeZone::UTC, "%Y-%m-%d");
        days.entry(day).or_default().push(message);
    }
    let mut files = vec![
        ("users.json".to_owned(), Value::Array(users).to_string()),
        ("channels.json".to_owned(), serde_json::json!([channel]).to_string()),
    ];
    files.extend(days.into_iter().map(|(day, messages)| {
        (format!("{name}/{day}.json"), Value::Array(messages.into_iter().cloned().collect()).to_string())
    }));
    let mut export = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        export.start_file(path, SimpleFileOptions::default())?;
        export.write_all(text.as_bytes())?;
    }
    Ok(export.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_both_forms_move_and_nothing_else_does() {
        let day = Span::days(1);
        assert_eq!(moved("2026-11-14T05:47:00Z", day).as_deref(), Some("2026-11-15T05:47:00Z"));
        assert_eq!(moved("1789192330.093147", day).as_deref(), Some("1789278730.093147"));
        for other in ["1.500000", "INC-12", "10.0.0.1", "2026-11-14"] {
            assert_eq!(moved(other, day), None);
        }
    }

    #[test]
    fn stories_end_before_now_and_keep_their_weekday() {
        for later in [0, 1, 6, 7, 400] {
            let by = shift(TOLD.plus(Span::days(later)));
            assert_eq!(by.as_seconds() % (7 * 86_400), 0);
            assert!(TOLD.plus(by) <= TOLD.plus(Span::days(later)));
        }
    }

    #[test]
    fn every_file_can_be_read() {
        assert!(folders().len() >= 8);
        let cast: super::super::format::Cast = read("people.json", Span::ZERO).unwrap();
        for folder in folders() {
            let story: super::super::format::Story =
                read(&format!("{folder}/story.json"), Span::ZERO).unwrap();
            assert_eq!(story.key, folder);
            assert!(json(&format!("{folder}/pagerduty.json"), Span::ZERO).is_ok());
            let slack = json(&format!("{folder}/slack.json"), Span::ZERO).unwrap();
            assert!(slack_export(&slack, &cast.people).unwrap().starts_with(b"PK"));
        }
    }
}
