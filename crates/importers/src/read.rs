//! Files of any product: which one each comes from, by its content, and what is in it.

use crate::{
    Export, ImportError, NamedBytes, Records, SourceIncident, alertmanager, calendar, cloudwatch,
    collect::{Collector, Reader},
    datadog, github, google_cloud, grafana, jira,
    json::{self, Document},
    look::Looked,
    opsgenie, pagerduty, sentry, slack,
    sniff::Outline,
    statuspage, table, told, transcript,
};
use domain::{
    Instant,
    evidence::{Signal, Source},
};
use serde_json::value::RawValue;
use std::fmt::Write as _;

/// The largest file that is kept whole although nothing in it is understood.
const KEPT: usize = 32 << 20;

/// The fields under which PagerDuty's answers hold records.
const PAGERDUTY_RECORDS: [&str; 16] = [
    "incident",
    "incidents",
    "log_entry",
    "log_entries",
    "note",
    "notes",
    "alert",
    "alerts",
    "status_update",
    "status_updates",
    "event",
    "change_events",
    "payload",
    "postmortem",
    "incident_number",
    "created_at",
];

/// What a person knows beyond the files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The product, if the person says so; otherwise the content tells.
    pub source: Option<Source>,
    /// Which columns of a table hold what.
    pub columns: Option<table::Columns>,
    /// When the recording of a transcript began.
    pub began: Option<Instant>,
}

/// Which product a file comes from. Every text is of some sort, in the end a plain [`Source::File`].
pub fn recognise(bytes: &[u8]) -> Source {
    if bytes.starts_with(b"PK") {
        return Source::Slack;
    }
    // UTF-16, as some programs save text; it is refused with these words and not guessed at.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Source::File;
    }
    match Outline::of(bytes) {
        Some(outline) => json_source(&outline),
        None => text_source(&String::from_utf8_lossy(bytes.get(..64 << 10).unwrap_or(bytes))),
    }
}

fn text_source(text: &str) -> Source {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let start = text.trim_start();
    if transcript::is(text) {
        Source::Transcript
    } else if calendar::is(text) {
        Source::Calendar
    } else if start.starts_with('<') && text.contains("<feed") && text.contains("http://www.w3.org/2005/Atom")
    {
        Source::Statuspage
    } else if table::is(start) && !start.starts_with(['<', '-', '#', '/']) {
        Source::Csv
    } else {
        Source::File
    }
}

/// The marks of each product, those that no other one has first.
fn json_source(it: &Outline) -> Source {
    let own_address = |field: &str, part: &str| it.value(field).contains(part);
    let rules: [(Source, bool); 24] = [
        (Source::Slack, ["event_callback", "url_verification"].contains(&it.value("type"))),
        (Source::Slack, it.has("event.event_ts") || it.has_all(&["event", "team_id"])),
        (
            Source::Slack,
            it.has("ok") && it.has_any(&["messages", "message", "channel", "channels", "user", "members"]),
        ),
        (Source::Slack, it.has("ts") && it.has_any(&["user", "text", "subtype", "bot_id"])),
        (
            Source::Slack,
            it.list && it.has_any(&["profile.real_name", "is_archived", "change_type", "app_type"]),
        ),
        (Source::Pagerduty, it.has("event.event_type") || it.has("routing_key") || it.has("event_action")),
        (
            Source::Jira,
            it.has("webhookEvent")
                || own_address("self", "/rest/")
                || own_address("issues.self", "/rest/")
                || own_address("comments.self", "/rest/")
                || it.has_all(&["startAt", "maxResults"])
                || it.has_all(&["issueLinkTypes"])
                || own_address("transitions.to.self", "/rest/")
                || it.has_all(&["clauseNames", "schema"])
                || it.has("transitions.to"),
        ),
        (
            Source::Cloudwatch,
            it.has_any(&["TopicArn", "AlarmName", "detail-type", "MetricAlarms", "AlarmHistoryItems"])
                || it.has("Message.AlarmName"),
        ),
        (
            Source::GoogleCloud,
            it.has_any(&["incident.policy_name", "incident.condition_name", "incident.scoping_project_id"]),
        ),
        (
            Source::Opsgenie,
            it.has_any(&["alert.alertId", "integrationId", "incident.incidentId", "data.tinyId", "tinyId"])
                || it.has_any(&[
                    "data.executiveSummary",
                    "executiveSummary",
                    "data.entries.eventTime",
                    "data.offset",
                ]),
        ),
        (
            Source::Sentry,
            it.has_any(&[
                "data.issue",
                "data.metric_alert",
                "data.triggered_rule",
                "data.event.event_id",
                "data.error.event_id",
                "event.event_id",
                "shortId",
                "eventID",
            ]),
        ),
        (
            Source::Statuspage,
            it.has_any(&[
                "incident.incident_updates",
                "incidents.incident_updates",
                "incident_updates",
                "component_update",
                "scheduled_maintenances",
            ]) || it.has_all(&["page", "incidents"]),
        ),
        (
            Source::Grafana,
            it.has_any(&["ruleUrl", "execErrState", "folderUID", "ruleName"])
                || it.has_all(&["orgId", "alerts"])
                || it.has("alerts.silenceURL"),
        ),
        (Source::Alertmanager, it.has_any(&["groupKey", "alerts.startsAt", "data.alerts", "startsAt"])),
        (
            Source::Pagerduty,
            it.has_any(&[
                "log_entries",
                "log_entry",
                "change_events",
                "escalation_policies",
                "priorities",
                "schedule",
                "schedules",
                "webhook_subscription",
                "webhook_subscriptions",
                "postmortem.reported_at",
                "acknowledgements",
            ]) || own_address("incidents.type", "incident")
                || own_address("incident.type", "incident")
                || it.has("notes.content")
                || it.has_any(&["alerts.alert_key", "incident.incident_number", "incidents.incident_number"])
                || it.has_any(&[
                    "status_updates.message",
                    "alerts.html_url",
                    "escalation_policy",
                    "note.content",
                ])
                || own_address("self", "api.pagerduty.com")
                || own_address("users.self", "pagerduty")
                || own_address("services.self", "pagerduty")
                || it.value("type").ends_with("_log_entry")
                || it.has_all(&["incident_number", "title"])
                || it.has_all(&["id", "content", "created_at"]),
        ),
        (
            Source::Github,
            it.has_any(&["repository.full_name", "workflow_runs", "check_runs", "zen", "hook.config"])
                || own_address("url", "api.github.com")
                || own_address("url", "/repos/")
                || it.has_any(&["tag_name", "deployment_url", "repository_url", "statuses_url"])
                || it.has_all(&["sha", "commit.message"]),
        ),
        (
            Source::Datadog,
            it.has_any(&[
                "alert_transition",
                "monitor_id",
                "alert_cycle_key",
                "aggreg_key",
                "date_happened",
                "events.date_happened",
                "event.date_happened",
                "text_only_msg",
            ]) || ["incidents", "event"].contains(&it.value("data.type")),
        ),
        (
            Source::Json,
            it.has_any(&[
                "timeline.time",
                "timeline.text",
                "key_events",
                "answers.detected_at",
                "answers.resolved_at",
            ]),
        ),
        (Source::Pagerduty, it.has_any(&["incidents", "incident"]) && !it.has("incident.name")),
        (Source::Alertmanager, it.has("labels") && it.has_any(&["summary", "annotations"]) && !it.has("id")),
        (Source::Datadog, it.has_all(&["title", "alert_type"]) || it.has_all(&["event_type", "org"])),
        (Source::Pagerduty, it.has_any(&["notes", "alerts", "status_updates"])),
        (Source::Jira, it.has_all(&["key", "fields"]) || it.has_all(&["id", "statusCategory"])),
        (Source::Slack, it.has_all(&["channel_type", "channel"])),
    ];
    rules.into_iter().find(|(_, fits)| *fits).map_or(Source::File, |(source, _)| source)
}

/// Reads `files`, each as what it is; files of one product are read together.
///
/// # Errors
/// When a file is broken off, is no text, or is larger than can be kept without being understood.
pub fn read(files: &[NamedBytes], options: &Options) -> Result<Vec<Export>, ImportError> {
    sorted(files, options).into_iter().map(|(source, files)| one_source(source, &files, options)).collect()
}

/// The files of each product.
pub(crate) fn sorted<'a>(files: &'a [NamedBytes], options: &Options) -> Vec<(Source, Vec<&'a NamedBytes>)> {
    let mut sorted: Vec<(Source, Vec<&NamedBytes>)> = Vec::new();
    for file in files {
        let source = options.source.unwrap_or_else(|| recognise(&file.bytes));
        match sorted.iter_mut().find(|(known, _)| *known == source) {
            Some((_, files)) => files.push(file),
            None => sorted.push((source, vec![file])),
        }
    }
    sorted
}

fn one_source(source: Source, files: &[&NamedBytes], options: &Options) -> Result<Export, ImportError> {
    if source == Source::Pagerduty {
        return of_pagerduty(files, false);
    }
    let mut collector = Collector::new(source);
    collect(&mut collector, source, files, options)?;
    Ok(collector.finish())
}

/// What files of one product hold, without keeping it.
pub(crate) fn look(source: Source, files: &[&NamedBytes], options: &Options) -> Result<Looked, ImportError> {
    if source == Source::Pagerduty {
        return of_pagerduty(files, true).map(Looked::from);
    }
    let mut collector = Collector::counting(source);
    collect(&mut collector, source, files, options)?;
    Ok(collector.looked())
}

/// What has no records in it is kept as it came, and does not stand in the way of the others.
fn of_pagerduty(files: &[&NamedBytes], lean: bool) -> Result<Export, ImportError> {
    let mut kept = Collector::new(Source::Pagerduty);
    let (understood, others): (Vec<&NamedBytes>, Vec<&NamedBytes>) = files.iter().partition(|file| {
        let known = |it: &Outline| it.list || it.has_any(&PAGERDUTY_RECORDS);
        Outline::of(&file.bytes).is_none_or(|it| known(&it) || it.value("type").contains("log_entry"))
    });
    for file in others {
        kept.file(&file.name);
        whole(&mut kept, file, "there are no incidents, log entries, notes or alerts in it")?;
    }
    let mut export = if understood.is_empty() {
        Export::empty(Source::Pagerduty)
    } else {
        pagerduty::gather(&understood, lean)?.into()
    };
    let kept = kept.finish();
    export.unattached.extend(kept.unattached);
    export.not_understood.extend(kept.not_understood);
    Ok(export)
}

fn collect(
    collector: &mut Collector,
    source: Source,
    files: &[&NamedBytes],
    options: &Options,
) -> Result<(), ImportError> {
    for file in files {
        collector.file(&file.name);
        match (source, reader(source)) {
            (_, Some(_)) if source == Source::Statuspage && Outline::of(&file.bytes).is_none() => {
                statuspage::feed(collector, json::text(&file.name, &file.bytes)?);
            }
            (_, Some(reader)) => documents(collector, file, reader)?,
            (Source::Transcript, _) => {
                let text = json::text(&file.name, &file.bytes)?;
                transcript::read(collector, &file.name, text, options.began);
            }
            (Source::Json, _) => told::read(collector, file)?,
            (Source::Calendar, _) => {
                let text = String::from_utf8_lossy(&file.bytes);
                calendar::read(collector, text.trim_start_matches('\u{FEFF}'));
            }
            (Source::Csv, _) => {
                let text = json::text(&file.name, &file.bytes)?;
                table::read(collector, text, options.columns.as_ref())
                    .map_err(|reason| ImportError::Shape { file: file.name.clone(), reason })?;
            }
            _ => {
                // What begins as JSON and is none is damaged, not of another form; a person can still say “file”.
                if options.source.is_none() && Outline::of(&file.bytes).is_some() {
                    json::documents(&file.name, &file.bytes)?;
                }
                whole(collector, file, "the form of this file is not known, so it is kept as it came")?;
            }
        }
    }
    Ok(())
}

/// The reader for the JSON of a product.
pub(crate) fn reader(source: Source) -> Option<Reader> {
    Some(match source {
        Source::Slack => slack::live,
        Source::Opsgenie => opsgenie::read,
        Source::Alertmanager => alertmanager::read,
        Source::Grafana => grafana::read,
        Source::Datadog => datadog::read,
        Source::Sentry => sentry::read,
        Source::Statuspage => statuspage::read,
        Source::Github => github::read,
        Source::Cloudwatch => cloudwatch::read,
        Source::GoogleCloud => google_cloud::read,
        Source::Jira => jira::read,
        _ => return None,
    })
}

/// Every document of a file, or every element of its list. A line that is broken does not spoil the others:
/// if the file as a whole is no JSON, its lines are tried one by one.
fn documents(collector: &mut Collector, file: &NamedBytes, reader: Reader) -> Result<(), ImportError> {
    let parts: Vec<Document<'_, &RawValue>> = match json::parts(&file.name, &file.bytes) {
        Ok(parts) => parts,
        Err(error) => return lines(collector, file, reader, error),
    };
    if let [only] = &parts[..] {
        take(collector, only, reader, "record 1");
    } else {
        collector.side_by_side(&parts, file.bytes.len(), |collector, from, parts| {
            let mut place = String::new();
            for (index, part) in (from..).zip(parts) {
                numbered(&mut place, index);
                take(collector, part, reader, &place);
            }
        });
    }
    if collector.is_empty() {
        whole(collector, file, "there is nothing in it")?;
    }
    Ok(())
}

/// Writes where a record stands.
fn numbered(place: &mut String, index: usize) {
    place.clear();
    let written = write!(place, "record {}", index + 1);
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

fn take(collector: &mut Collector, part: &Document<'_, &RawValue>, reader: Reader, place: &str) {
    let (elements, raw) = match part {
        Document::One(document, _) => return take_one(collector, document, reader, place),
        Document::Strange(reason, raw) => return collector.keep(None, place, reason, raw),
        Document::List(elements, raw) => (elements, *raw),
    };
    let failed = collector.side_by_side(elements, raw.len(), |collector, from, elements| {
        let (mut failed, mut place) = (Vec::new(), String::new());
        for (index, element) in (from..).zip(elements) {
            numbered(&mut place, index);
            if let Err(reason) = reader(collector, element, &place) {
                failed.push((index, reason));
            }
        }
        failed
    });
    let failed: Vec<_> = failed.into_iter().flatten().collect();
    // A list of which nothing was understood is one thing that was not understood.
    if let (true, Some((_, reason))) = (failed.len() > 1 && failed.len() == elements.len(), failed.first()) {
        return collector.keep(None, place, reason, raw);
    }
    for (index, reason) in failed {
        let raw = elements.get(index).map_or("", |it| it.get());
        collector.keep(None, &format!("record {}", index + 1), &reason, raw);
    }
}

fn take_one(collector: &mut Collector, document: &RawValue, reader: Reader, place: &str) {
    if let Err(reason) = reader(collector, document, place) {
        collector.keep(None, place, &reason, document.get());
    }
}

fn lines(
    collector: &mut Collector,
    file: &NamedBytes,
    reader: Reader,
    error: ImportError,
) -> Result<(), ImportError> {
    let text = String::from_utf8_lossy(&file.bytes);
    let mut lines = text.lines().filter(|it| !it.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let by_line = serde_json::from_str::<&RawValue>(first).is_ok() && lines.next().is_some();
    if !by_line {
        return Err(error);
    }
    for (index, text) in text.lines().enumerate().filter(|(_, it)| !it.trim().is_empty()) {
        let place = format!("line {}", index + 1);
        match json::parts::<&RawValue>(&file.name, text.as_bytes()).as_deref() {
            Ok([document]) => take(collector, document, reader, &place),
            _ => collector.keep(None, &place, "the line is not JSON", text),
        }
    }
    Ok(())
}

/// A file that nobody understands is kept as one piece.
fn whole(collector: &mut Collector, file: &NamedBytes, reason: &str) -> Result<(), ImportError> {
    if file.bytes.len() > KEPT {
        let reason =
            "nothing in it is understood, and it is larger than the 32 MB that are kept unread".to_owned();
        return Err(ImportError::Shape { file: file.name.clone(), reason });
    }
    if file.bytes.iter().all(u8::is_ascii_whitespace) {
        let reason = "there is nothing in it".to_owned();
        return Err(ImportError::Shape { file: file.name.clone(), reason });
    }
    // A calendar or a dump may be in an older encoding; a file that is no text at all is refused.
    if file.bytes.contains(&0) {
        let reason = match file.bytes.get(..2) {
            Some([0xff, 0xfe] | [0xfe, 0xff]) => "this is text in UTF-16; saved as UTF-8 it can be read",
            Some([0x1f, 0x8b]) => "this is packed by gzip; unpacked it can be read",
            _ => "this is neither text nor a zip archive",
        };
        let reason = reason.to_owned();
        return Err(ImportError::Shape { file: file.name.clone(), reason });
    }
    let text = String::from_utf8_lossy(&file.bytes);
    collector.keep(None, "the file", reason, &text);
    Ok(())
}

impl From<pagerduty::PagerdutyExport> for Export {
    fn from(export: pagerduty::PagerdutyExport) -> Self {
        let incidents = export.incidents.into_iter().map(|it| {
            let pagerduty::PagerdutyIncident {
                id,
                title,
                url,
                created_at,
                resolved_at,
                status,
                severity,
                services,
                teams,
                evidence,
                ..
            } = it;
            let ended = resolved_at.is_some() || status.as_deref() == Some("resolved");
            SourceIncident {
                id,
                title,
                url,
                created_at,
                resolved_at,
                ended,
                severity,
                services,
                teams,
                evidence,
                intervals: Vec::new(),
            }
        });
        Self {
            source: Source::Pagerduty,
            incidents: incidents.collect(),
            unattached: export.unattached,
            not_understood: export.not_understood,
        }
    }
}

impl Export {
    fn empty(source: Source) -> Self {
        Self { source, incidents: Vec::new(), unattached: Records::default(), not_understood: Vec::new() }
    }

    /// Every record, those of incidents first.
    pub fn evidence(&self) -> impl Iterator<Item = &domain::evidence::Evidence> {
        self.incidents.iter().flat_map(|it| &it.evidence).chain(&self.unattached)
    }

    /// How many records were kept without being understood.
    pub fn kept(&self) -> usize {
        self.evidence().filter(|it| it.signal == Signal::NotUnderstood).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_as_it_is_says_what_would_help() {
        let utf16: Vec<u8> = "\u{feff}time,text\n2026-11-14 10:00,caf\u{e9}\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, words) in [
            (utf16, "UTF-16; saved as UTF-8"),
            (b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "gzip; unpacked"),
            (vec![0; 200], "neither text nor a zip archive"),
        ] {
            let file = NamedBytes { name: "a".to_owned(), bytes };
            let refused = read(std::slice::from_ref(&file), &Options::default()).unwrap_err().to_string();
            assert!(refused.contains(words) && refused.ends_with("Nothing was brought in."), "{refused}");
            assert_eq!(look(Source::File, &[&file], &Options::default()).unwrap_err().to_string(), refused);
        }
    }
}
