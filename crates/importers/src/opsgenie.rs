//! Opsgenie: webhooks about alerts and incidents; alerts, logs, notes, incidents and post-mortems of its API.
//! An alert is what pages people there, so it is taken as an incident of its own.

use crate::{
    SourceIncident, adf,
    collect::Collector,
    json,
    record::{Text, When, Word, clean, lenient, line, machine, person, sum_id, web_address},
    said::Loose,
};
use domain::{
    Instant,
    evidence::{Author, Evidence, Facts, Signal},
};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page<'a> {
    action: Word<'a>,
    #[serde(borrow)]
    alert: Option<&'a RawValue>,
    #[serde(borrow)]
    incident: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// A list inside `data`: the timeline of an incident.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Entries<'a> {
    #[serde(borrow)]
    entries: Option<&'a RawValue>,
}

/// An alert, an incident, a log entry, a note or a post-mortem: told apart by what they have.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    alert_id: Word<'a>,
    incident_id: Word<'a>,
    tiny_id: Word<'a>,
    alias: Word<'a>,
    message: Word<'a>,
    description: Option<&'a RawValue>,
    status: Word<'a>,
    priority: Word<'a>,
    created_at: When,
    updated_at: When,
    username: Word<'a>,
    owner: Word<'a>,
    note: Word<'a>,
    entity: Word<'a>,
    source: Word<'a>,
    impacted_services: Option<&'a RawValue>,
    owner_team: Word<'a>,
    report: Report<'a>,
    log: Word<'a>,
    offset: Word<'a>,
    r#type: Word<'a>,
    executive_summary: Option<&'a RawValue>,
    content: Option<&'a RawValue>,
    title: Option<&'a RawValue>,
    event_time: When,
    group: Word<'a>,
    actor: Option<&'a RawValue>,
    impact_start_date: When,
    links: Links<'a>,
    start_time: When,
    respond_time: When,
    resolve_time: When,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Report<'a> {
    /// Milliseconds from creation.
    #[serde(deserialize_with = "lenient")]
    ack_time: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    close_time: Option<i64>,
    #[serde(borrow)]
    acknowledged_by: Word<'a>,
    closed_by: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Links<'a> {
    #[serde(borrow)]
    web: Word<'a>,
}

/// Reads one webhook, or one answer of the API.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let page: Page<'_> = json::typed(raw)?;
    if let (Some(action), Some(inner)) = (page.action.line(), page.alert.or(page.incident)) {
        return hook(collector, &action, &json::typed(inner)?, raw.get(), place);
    }
    let Some(data) = page.data else { return record(collector, raw, place) };
    let entries: Option<Entries<'_>> = json::typed(data).ok();
    let records = match entries.and_then(|it| it.entries) {
        Some(entries) => json::each(Some(entries)),
        None => json::each(Some(data)),
    };
    for (index, raw) in records.into_iter().enumerate() {
        let place = format!("{place}, record {}", index + 1);
        if let Err(reason) = record(collector, raw, &place) {
            collector.keep(None, &place, &reason, raw.get());
        }
    }
    Ok(())
}

fn about(it: &Record<'_>, id: &str) -> SourceIncident {
    let ended = matches!(it.status.get(), Some("closed" | "resolved"));
    let services = match it.impacted_services.filter(|it| it.get().starts_with('[')) {
        Some(all) => json::each(Some(all)).into_iter().filter_map(title).take(50).collect(),
        None => it.entity.line().into_iter().collect(),
    };
    SourceIncident {
        id: id.to_owned(),
        title: it.message.line(),
        url: web_address(it.links.web.get()),
        created_at: it.created_at.0,
        resolved_at: it.updated_at.0.filter(|_| ended),
        ended,
        severity: it.priority.get().and_then(severity),
        services,
        teams: it.owner_team.line().into_iter().collect(),
        ..SourceIncident::default()
    }
}

/// A text on one line, if the field is one.
fn title(field: &RawValue) -> Option<String> {
    json::typed::<Text<'_>>(field).ok().map(|it| line(&it))
}

/// `P1`, or the bare number that webhooks write.
fn severity(priority: &str) -> Option<domain::incident::Severity> {
    let priority = if priority.len() == 1 { format!("P{priority}") } else { priority.to_owned() };
    crate::pagerduty::severity(&priority)
}

/// What somebody did to an alert or an incident.
fn hook(
    collector: &mut Collector,
    action: &str,
    it: &Record<'_>,
    raw: &str,
    place: &str,
) -> Result<(), String> {
    let id = [&it.alert_id, &it.incident_id, &it.id].into_iter().find_map(Word::line);
    let id = id.ok_or("the webhook does not say which alert it is about")?;
    let closed = matches!(action, "Close" | "close" | "resolve" | "Resolve");
    let at = if action == "Create" { it.created_at.0 } else { it.updated_at.0.or(it.created_at.0) };
    let mut facts = about(it, &id);
    facts.ended = closed;
    facts.resolved_at = at.filter(|_| closed);
    collector.incident(facts);
    let by = person(it.username.get());
    let who = by.as_ref().map(|it| format!(" by {}", it.name)).unwrap_or_default();
    let message = it.message.line().unwrap_or_default();
    let note = it.note.get().map(clean).unwrap_or_default();
    let (signal, text) = match action.to_ascii_lowercase().as_str() {
        "create" => (Signal::Triggered, format!("Triggered: {message}")),
        "acknowledge" => (Signal::Acknowledged, format!("Acknowledged{who}")),
        "unacknowledge" => (Signal::Unacknowledged, format!("Acknowledgement taken back{who}")),
        "addnote" => (Signal::Note, note),
        "close" | "resolve" => (Signal::Resolved, format!("Resolved{who}")),
        "assignownership" | "takeownership" | "addteam" | "addrecipient" | "addresponder" => {
            let to = it.owner.line().map(|it| format!(" to {it}")).unwrap_or_default();
            (Signal::Assigned, format!("Assigned{to}{who}"))
        }
        "escalate" | "escalatetonext" => (Signal::Escalated, format!("Escalated{who}")),
        "snooze" => (Signal::Snoozed, format!("Snoozed{who}")),
        "snoozeend" | "snoozeended" => (Signal::Unacknowledged, "The snooze ended".to_owned()),
        "updatepriority" => {
            let to = it.priority.line().map(|it| format!(" to {it}")).unwrap_or_default();
            (Signal::Changed, format!("Priority changed{to}{who}"))
        }
        "updatemessage" | "updatedescription" | "updatedetails" | "addtags" | "removetags" | "adddetails"
        | "removedetails" => (Signal::Housekeeping, format!("{action}{who}")),
        "delete" => (Signal::Changed, format!("Deleted{who}")),
        other => {
            collector.problem(place, format!("“{}” is not a known action", crate::record::cut(other, 80)));
            (Signal::Changed, format!("{action}{who}: {message}"))
        }
    };
    let when = at.map_or_else(|| sum_id(raw), |at| at.to_string());
    let mut evidence = collector.piece(signal, format!("{id}/{action}/{when}"), at, raw);
    evidence.author = if signal == Signal::Triggered { machine(it.source.get()) } else { by };
    evidence.text = text;
    evidence.place = it.entity.line();
    evidence.facts = Facts {
        source_type: line(action),
        service: it.entity.line(),
        alert: it.alias.line().filter(|_| signal == Signal::Triggered),
        people: it.owner.line().filter(|_| signal == Signal::Assigned).into_iter().collect(),
        ..Facts::default()
    };
    collector.add(Some(&id), evidence);
    Ok(())
}

fn record(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let it: Record<'_> = json::typed(raw)?;
    let text = raw.get();
    let document = |field: Option<&RawValue>| field.is_some_and(|it| it.get().starts_with(['{', '"']));
    if document(it.executive_summary) || (document(it.content) && it.resolve_time.0.is_some()) {
        return postmortem(collector, &it, text);
    }
    if let Some(log) = it.log.get() {
        let kind = it.r#type.line().unwrap_or_default();
        let by = it.owner.get().filter(|it| *it != "System");
        let signal = logged(&log.to_ascii_lowercase());
        let key = it.offset.line().unwrap_or_else(|| sum_id(text));
        return said(
            collector,
            signal,
            format!("log/{key}"),
            it.created_at.0,
            clean(log),
            person(by),
            kind,
            text,
        );
    }
    if let Some(note) = it.note.get() {
        let key = it.offset.line().unwrap_or_else(|| sum_id(text));
        let kind = "note".to_owned();
        let by = person(it.owner.get());
        return said(
            collector,
            Signal::Note,
            format!("note/{key}"),
            it.created_at.0,
            clean(note),
            by,
            kind,
            text,
        );
    }
    if it.event_time.0.is_some() {
        let inner = it.title.filter(|it| it.get().starts_with('{'));
        let inner: Option<Loose<'_>> = inner.map(json::typed).transpose()?;
        let title = inner.map_or(it.title, |it| it.raw("content"));
        let words = [adf::read(title)?, adf::read(it.description)?].join("\n");
        let actor: Loose<'_> = it.actor.and_then(|it| json::typed(it).ok()).unwrap_or_default();
        let by = actor.word(&["name"]);
        let kind = it.group.line().or_else(|| it.r#type.line()).unwrap_or_default();
        let key = it.id.line().unwrap_or_else(|| sum_id(text));
        let signal = logged(&words.to_ascii_lowercase());
        return said(
            collector,
            signal,
            format!("entry/{key}"),
            it.event_time.0,
            clean(&words),
            person(by.get()),
            kind,
            text,
        );
    }
    let id = it.id.line().ok_or("there is no alert, incident, log entry, note or post-mortem in it")?;
    if it.message.get().is_none() {
        return Err("the record has no message".to_owned());
    }
    if it.created_at.0.is_none() {
        collector.problem(place, "the record does not say when it was created");
    }
    collector.incident(about(&it, &id));
    course(collector, &it, &id, text);
    Ok(())
}

/// Opening, acknowledgement and closing as the record of an alert or incident states them.
fn course(collector: &mut Collector, it: &Record<'_>, id: &str, raw: &str) {
    let after = |millis: Option<i64>| {
        let micros = millis?.checked_mul(1_000)?;
        Some(it.created_at.0?.plus(domain::instant::Span::seconds(micros / 1_000_000)))
    };
    let message = it.message.line().unwrap_or_default();
    let closed = about(it, id).resolved_at;
    let by = |name: &Word<'_>| name.line().map(|it| format!(" by {it}")).unwrap_or_default();
    let steps = [
        (Signal::Triggered, it.created_at.0, format!("Triggered: {message}"), machine(it.source.get())),
        (
            Signal::Acknowledged,
            after(it.report.ack_time),
            format!("Acknowledged{}", by(&it.report.acknowledged_by)),
            person(it.report.acknowledged_by.get()),
        ),
        (
            Signal::Resolved,
            after(it.report.close_time).or(closed),
            format!("Resolved{}", by(&it.report.closed_by)),
            person(it.report.closed_by.get()),
        ),
        (Signal::Note, it.impact_start_date.0, format!("Impact began: {message}"), None),
    ];
    for (signal, at, text, author) in steps {
        // An alert without any time is still told once.
        if at.is_some() || signal == Signal::Triggered {
            let mut evidence = collector.piece(signal, format!("{id}/{}", signal.key()), at, raw);
            (evidence.author, evidence.text, evidence.place) = (author, text, it.entity.line());
            evidence.facts.source_type = it.status.line().unwrap_or_default();
            collector.add(Some(id), evidence);
        }
    }
}

/// What a line of a log is about, by its first words.
fn logged(log: &str) -> Signal {
    let begins = |words: &[&str]| words.iter().any(|word| log.contains(word));
    if begins(&["acknowledged"]) && !begins(&["unacknowledged"]) {
        Signal::Acknowledged
    } else if begins(&["closed", "resolved"]) {
        Signal::Resolved
    } else if begins(&["escalat"]) {
        Signal::Escalated
    } else if begins(&["notification", "notified", "sent ", "email", "sms", "voice"]) {
        Signal::Notified
    } else if begins(&["assigned", "ownership", "added team", "responder"]) {
        Signal::Assigned
    } else if begins(&["snooz"]) {
        Signal::Snoozed
    } else if begins(&["unacknowledged"]) {
        Signal::Unacknowledged
    } else if begins(&["note added", "added note"]) {
        Signal::Note
    } else {
        Signal::Changed
    }
}

#[expect(clippy::too_many_arguments, reason = "one record in its parts")]
fn said(
    collector: &mut Collector,
    signal: Signal,
    id: String,
    at: Option<Instant>,
    text: String,
    author: Option<Author>,
    kind: String,
    raw: &str,
) -> Result<(), String> {
    at.ok_or("the record has no time that can be read")?;
    let mut evidence: Evidence = collector.piece(signal, id, at, raw);
    (evidence.author, evidence.text) = (author, text);
    evidence.facts.source_type = line(&kind);
    collector.add(None, evidence);
    Ok(())
}

/// A post-mortem in the Atlassian Document Format, kept whole as text: the service ends in April 2027.
fn postmortem(collector: &mut Collector, it: &Record<'_>, raw: &str) -> Result<(), String> {
    let parts = [adf::read(it.executive_summary)?, adf::read(it.content)?];
    let text = parts.iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join("\n\n");
    if text.is_empty() {
        return Err("the post-mortem has no text".to_owned());
    }
    let title = it.title.and_then(title).or_else(|| it.message.line());
    let at = it.updated_at.0.or(it.created_at.0).or(it.resolve_time.0);
    let key = it.id.line().unwrap_or_else(|| sum_id(raw));
    let heading = title.clone().map(|it| format!("Post-mortem: {it}\n\n")).unwrap_or_default();
    let mut evidence = collector.piece(Signal::Note, format!("postmortem/{key}"), at, raw);
    evidence.text = clean(&format!("{heading}{text}"));
    evidence.facts = Facts { source_type: "postmortem".to_owned(), ..Facts::default() };
    collector.add(None, evidence);
    for (what, words, at) in [
        ("start", "The incident began, as its post-mortem states", it.start_time.0),
        ("respond", "The response began, as its post-mortem states", it.respond_time.0),
        ("resolve", "The incident was resolved, as its post-mortem states", it.resolve_time.0),
    ] {
        if at.is_some() {
            let mut evidence = collector.piece(Signal::Note, format!("postmortem/{key}/{what}"), at, raw);
            evidence.text = words.to_owned();
            evidence.facts.kind = Some("status".to_owned());
            collector.add(None, evidence);
        }
    }
    Ok(())
}
