//! Datadog: webhooks of monitors, whose bodies people write themselves, events, and incidents of its API v2.

use crate::{
    SourceIncident,
    collect::Collector,
    json,
    record::{Text, When, Word, clean, line, machine, sum_id, web_address},
    said::Loose,
};
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// The names people commonly give to the variables of a webhook, and the fields of an event of API v1.
const TITLE: &[&str] = &["title", "event_title", "alert_title", "name"];
const BODY: &[&str] = &["body", "text", "message", "event_msg", "text_only_msg", "msg"];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

/// A resource of the API v2.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Resource<'a> {
    id: Word<'a>,
    #[serde(rename = "type")]
    kind: Word<'a>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Incident<'a> {
    #[serde(borrow)]
    title: Word<'a>,
    public_id: Word<'a>,
    created: When,
    detected: When,
    resolved: When,
    state: Word<'a>,
    severity: Word<'a>,
    customer_impact_start: When,
    customer_impact_end: When,
    customer_impact_scope: Word<'a>,
    fields: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LoggedEvent<'a> {
    timestamp: When,
    #[serde(borrow)]
    message: Word<'a>,
    tags: Option<&'a RawValue>,
    attributes: Inner<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inner<'a> {
    #[serde(borrow)]
    title: Word<'a>,
    status: Word<'a>,
    service: Word<'a>,
    monitor_id: Word<'a>,
}

/// Reads one webhook, or a page of the API.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let page: Page<'_> = json::typed(raw)?;
    if page.data.is_some() {
        for (index, raw) in json::each(page.data).into_iter().enumerate() {
            let place = format!("{place}, record {}", index + 1);
            if let Err(reason) = resource(collector, raw) {
                collector.keep(None, &place, &reason, raw.get());
            }
        }
        return Ok(());
    }
    if page.events.is_some() || page.event.is_some() {
        let all = json::each(page.events).into_iter().chain(json::each(page.event));
        for (index, raw) in all.enumerate() {
            let place = format!("{place}, event {}", index + 1);
            match json::typed(raw) {
                Ok(it) => notification(collector, &it, raw.get(), &place),
                Err(reason) => collector.keep(None, &place, &reason, raw.get()),
            }
        }
        return Ok(());
    }
    let it: Loose<'_> = json::typed(raw)?;
    if it.word(TITLE).get().is_none() && it.word(BODY).get().is_none() {
        return Err("there is neither a title nor a message in it".to_owned());
    }
    notification(collector, &it, raw.get(), place);
    Ok(())
}

fn notification(collector: &mut Collector, it: &Loose<'_>, raw: &str, place: &str) {
    // A body that nobody filled in still shows its variables: `$EVENT_TITLE`.
    let filled = |names: &[&str]| it.word(names).line().filter(|it| !it.starts_with('$'));
    if it.word(TITLE).get().is_some_and(|title| title.starts_with('$')) {
        collector.problem(place, "this is the template of a webhook; its variables were not filled in");
    }
    let at = it.when(&["date", "date_happened", "timestamp", "last_updated"]);
    if at.is_none() {
        collector.problem(place, "the notification does not say when it was sent; add $DATE to its body");
    }
    let title = filled(TITLE).unwrap_or_else(|| "A notification without a title".to_owned());
    let transition =
        filled(&["alert_transition", "transition", "alert_status", "alert_type"]).unwrap_or_default();
    let state = format!("{transition} {title}").to_ascii_lowercase();
    let monitor = filled(&["alert_id", "monitor_id"]);
    let tags = tags(it.raw("tags"));
    let deploy = filled(&["event_type"]).is_some_and(|kind| kind.contains("deploy"));
    let signal =
        if state.starts_with("recovered") || state.contains("[recovered") || state.starts_with("success") {
            Signal::AlertCleared
        } else if deploy || tags.iter().any(|tag| tag.contains("deployment")) {
            Signal::Deployed
        } else if monitor.is_some() || !transition.is_empty() || state.contains("[triggered") {
            Signal::AlertFired
        } else {
            Signal::Note
        };
    let body = it.word(BODY);
    let body = body.get().filter(|it| !it.starts_with('$'));
    let text = match body.map(clean).filter(|body| *body != title) {
        Some(body) => format!("{title}\n{body}"),
        None => title,
    };
    let tagged = |name: &str| tags.iter().find_map(|tag| tag.strip_prefix(name)).map(line);
    let id = filled(&["id", "event_id"]).unwrap_or_else(|| sum_id(raw));
    let cycle = filled(&["alert_cycle_key", "alert_cycle", "aggreg_key"]).or(monitor);
    let evidence = Evidence {
        author: machine(Some("Datadog")),
        text,
        place: filled(&["hostname", "host"]).or_else(|| tagged("host:")),
        url: web_address(it.word(&["link", "url"]).get()),
        facts: Facts {
            source_type: line(&format!("{transition} {}", filled(&["priority"]).unwrap_or_default())),
            service: tagged("service:"),
            alert: cycle,
            ..Facts::default()
        },
        ..collector.piece(signal, format!("event/{id}"), at, raw)
    };
    collector.add(None, evidence);
}

fn resource(collector: &mut Collector, raw: &RawValue) -> Result<(), String> {
    let it: Resource<'_> = json::typed(raw)?;
    let attributes = it.attributes.ok_or("the record has no attributes")?;
    match it.kind.get().unwrap_or_default() {
        "incidents" => {
            let id = it.id.line().ok_or("the incident has no id")?;
            incident(collector, &id, &json::typed(attributes)?, raw.get());
            Ok(())
        }
        "event" => {
            let event: LoggedEvent<'_> = json::typed(attributes)?;
            let title = event.attributes.title.line().unwrap_or_default();
            let text = match event.message.get().map(clean) {
                Some(message) if !title.is_empty() => format!("{title}\n{message}"),
                Some(message) => message,
                None => title,
            };
            let status = event.attributes.status.line().unwrap_or_default();
            let signal = match (status.as_str(), event.attributes.monitor_id.get()) {
                ("ok" | "success" | "recovery", Some(_)) => Signal::AlertCleared,
                ("error" | "warn" | "warning" | "critical", _) => Signal::AlertFired,
                _ if tags(event.tags).iter().any(|tag| tag.contains("deploy")) => Signal::Deployed,
                _ => Signal::Note,
            };
            let evidence = Evidence {
                author: machine(Some("Datadog")),
                text,
                facts: Facts {
                    source_type: status,
                    service: event.attributes.service.line(),
                    alert: event.attributes.monitor_id.line(),
                    ..Facts::default()
                },
                ..collector.piece(
                    signal,
                    format!("event/{}", it.id.line().unwrap_or_else(|| sum_id(raw.get()))),
                    event.timestamp.0,
                    raw.get(),
                )
            };
            collector.add(None, evidence);
            Ok(())
        }
        other => {
            Err(format!("“{}” is not a sort of record that is read here", crate::record::cut(other, 80)))
        }
    }
}

fn incident(collector: &mut Collector, id: &str, it: &Incident<'_>, raw: &str) {
    let field =
        |name: &str| it.fields.get(name).and_then(|it| it.get("value")).and_then(Value::as_str).map(line);
    let state = it.state.line().or_else(|| field("state")).unwrap_or_default();
    let severity = it.severity.line().or_else(|| field("severity"));
    let title = it.title.line();
    collector.incident(SourceIncident {
        id: id.to_owned(),
        title: title.clone(),
        created_at: it.created.0,
        resolved_at: it.resolved.0,
        ended: matches!(state.as_str(), "resolved" | "completed"),
        severity: severity.as_deref().and_then(crate::pagerduty::severity),
        ..SourceIncident::default()
    });
    let name = title.unwrap_or_else(|| format!("Incident {}", it.public_id.line().unwrap_or_default()));
    let scope = it.customer_impact_scope.line().map(|it| format!(": {it}")).unwrap_or_default();
    let mut tell = |signal, what: &str, at: Option<Instant>, text: String, kind: Option<&str>| {
        if at.is_some() {
            let mut evidence = collector.piece(signal, format!("incident/{id}/{what}"), at, raw);
            evidence.author = machine(Some("Datadog"));
            evidence.text = text;
            evidence.facts = Facts {
                source_type: format!("incident {what}"),
                kind: kind.map(str::to_owned),
                ..Facts::default()
            };
            collector.add(Some(id), evidence);
        }
    };
    tell(Signal::Triggered, "created", it.created.0, format!("Triggered: {name}"), None);
    let seen = Some("observation");
    tell(Signal::Note, "detected", it.detected.0, format!("Detected: {name}"), seen);
    tell(Signal::Note, "impact", it.customer_impact_start.0, format!("Customer impact began{scope}"), seen);
    tell(
        Signal::Note,
        "impact-end",
        it.customer_impact_end.0,
        "Customer impact ended".to_owned(),
        Some("status"),
    );
    tell(Signal::Resolved, "resolved", it.resolved.0, "Resolved".to_owned(), None);
}

/// Tags as a list, whether they come as one or as a text with commas.
fn tags(tags: Option<&RawValue>) -> Vec<String> {
    match tags.filter(|it| it.get().starts_with('"')).and_then(|it| json::typed::<Text<'_>>(it).ok()) {
        Some(text) => text.split(',').map(|it| it.trim().to_owned()).take(100).collect(),
        None => {
            let all = json::each(tags).into_iter().filter_map(|it| json::typed::<Text<'_>>(it).ok());
            all.map(|it| it.to_string()).take(100).collect()
        }
    }
}
