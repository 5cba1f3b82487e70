//! Sentry: webhooks about issues, issue alerts and metric alerts, the older plugin's webhook, and lists of
//! issues and events from its API.

use crate::{
    collect::Collector,
    json,
    record::{When, Word, clean, line, machine, person, sum_id, web_address},
};
use domain::{
    Instant,
    evidence::{Author, Evidence, Facts, Signal},
};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Hook<'a> {
    action: Word<'a>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    actor: Actor<'a>,
    /// The older plugin wraps the event in facts about its issue.
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    project_name: Word<'a>,
    culprit: Word<'a>,
    message: Word<'a>,
    url: Word<'a>,
    id: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Actor<'a> {
    #[serde(borrow, rename = "type")]
    kind: Word<'a>,
    name: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data<'a> {
    #[serde(borrow)]
    issue: Option<&'a RawValue>,
    #[serde(borrow, alias = "error")]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    metric_alert: Option<&'a RawValue>,
    triggered_rule: Word<'a>,
    description_title: Word<'a>,
    description_text: Word<'a>,
    web_url: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Issue<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    short_id: Word<'a>,
    title: Word<'a>,
    culprit: Word<'a>,
    first_seen: When,
    last_seen: When,
    level: Word<'a>,
    permalink: Word<'a>,
    #[serde(alias = "web_url")]
    web_url: Word<'a>,
    project: Project<'a>,
    count: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Project<'a> {
    #[serde(borrow)]
    name: Word<'a>,
    slug: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event<'a> {
    #[serde(borrow, alias = "eventID")]
    event_id: Word<'a>,
    issue_id: Word<'a>,
    #[serde(alias = "groupID")]
    group_id: Word<'a>,
    title: Word<'a>,
    message: Word<'a>,
    culprit: Word<'a>,
    datetime: When,
    timestamp: When,
    #[serde(alias = "dateCreated")]
    date_created: When,
    level: Word<'a>,
    environment: Word<'a>,
    web_url: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MetricAlert<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    title: Word<'a>,
    date_started: When,
    date_detected: When,
    date_closed: When,
    alert_rule: Project<'a>,
}

/// Reads one webhook, or one issue or event of a list.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let hook: Hook<'_> = json::typed(raw)?;
    let data: Data<'_> = hook.data.map(json::typed).transpose()?.unwrap_or_default();
    let action = hook.action.line().unwrap_or_default();
    if let Some(inner) = data.metric_alert {
        return metric(collector, &json::typed(inner)?, &data, &action, raw.get());
    }
    if let Some(inner) = data.issue {
        let by = match hook.actor.kind.get() {
            Some("user") => person(hook.actor.name.get()),
            _ => None,
        };
        issue(collector, &json::typed(inner)?, &action, by, raw.get(), place);
        return Ok(());
    }
    if let Some(inner) = data.event {
        let what = data.triggered_rule.line().map(|rule| format!("Rule: {rule}"));
        event(collector, &json::typed(inner)?, what, None, raw.get(), place);
        return Ok(());
    }
    if let Some(inner) = hook.event {
        let mut it: Event<'_> = json::typed(inner)?;
        let own = [
            (&mut it.culprit, hook.culprit),
            (&mut it.web_url, hook.url),
            (&mut it.message, hook.message),
            (&mut it.issue_id, hook.id),
        ];
        for (known, other) in own.into_iter().filter(|(_, other)| other.get().is_some()) {
            *known = other;
        }
        event(collector, &it, None, hook.project_name.line(), raw.get(), place);
        return Ok(());
    }
    let alone: Issue<'_> = json::typed(raw)?;
    if alone.short_id.get().is_some() {
        issue(collector, &alone, "listed", None, raw.get(), place);
        return Ok(());
    }
    let alone: Event<'_> = json::typed(raw)?;
    if alone.event_id.get().is_some() {
        event(collector, &alone, None, None, raw.get(), place);
        return Ok(());
    }
    Err("there is neither an issue nor an event nor an alert in it".to_owned())
}

fn issue(
    collector: &mut Collector,
    it: &Issue<'_>,
    action: &str,
    by: Option<Author>,
    raw: &str,
    place: &str,
) {
    let id = it.id.line().or_else(|| it.short_id.line()).unwrap_or_else(|| sum_id(raw));
    let title = it.title.line().unwrap_or_else(|| "An issue without a title".to_owned());
    let (signal, words, at) = match action {
        "created" | "unresolved" | "listed" | "" => {
            (Signal::AlertFired, title, it.first_seen.0.or(it.last_seen.0))
        }
        "resolved" => (Signal::AlertCleared, format!("Resolved: {title}"), it.last_seen.0),
        other => (Signal::Changed, format!("{}: {title}", capital(other)), it.last_seen.0),
    };
    if at.is_none() {
        collector.problem(place, "the issue does not say when it was seen");
    }
    let mut text = words;
    if let Some(culprit) = it.culprit.line() {
        text = format!("{text}\nin {culprit}");
    }
    if let Some(count) = it.count.line().filter(|it| it != "1") {
        text = format!("{text}\n{count} events");
    }
    let project = it.project.name.line().or_else(|| it.project.slug.line());
    let evidence = Evidence {
        author: by.or_else(|| machine(Some("Sentry"))),
        text,
        place: it.short_id.line().or_else(|| project.clone()),
        url: web_address(it.permalink.get()).or_else(|| web_address(it.web_url.get())),
        facts: Facts {
            source_type: line(&format!("issue {action} {}", it.level.get().unwrap_or_default())),
            service: project,
            alert: Some(format!("issue/{id}")),
            ..Facts::default()
        },
        ..collector.piece(signal, format!("issue/{id}/{action}/{}", said(at)), at, raw)
    };
    collector.add(None, evidence);
}

fn event(
    collector: &mut Collector,
    it: &Event<'_>,
    more: Option<String>,
    project: Option<String>,
    raw: &str,
    place: &str,
) {
    let at = it.datetime.0.or(it.timestamp.0).or(it.date_created.0);
    if at.is_none() {
        collector.problem(place, "the event does not say when it happened");
    }
    let title = it.title.line().or_else(|| it.message.line());
    let mut text = title.unwrap_or_else(|| "An event without a title".to_owned());
    if let Some(message) = it.message.get().map(clean).filter(|it| *it != text) {
        text = format!("{text}\n{message}");
    }
    for more in [it.culprit.line().map(|it| format!("in {it}")), more].into_iter().flatten() {
        text = format!("{text}\n{more}");
    }
    let issue = it.issue_id.line().or_else(|| it.group_id.line());
    let evidence = Evidence {
        author: machine(Some("Sentry")),
        text,
        place: it.environment.line(),
        url: web_address(it.web_url.get()),
        facts: Facts {
            source_type: line(&format!("event {}", it.level.get().unwrap_or_default())),
            service: project,
            alert: issue.map(|id| format!("issue/{id}")),
            ..Facts::default()
        },
        ..collector.piece(
            Signal::AlertFired,
            format!("event/{}", it.event_id.line().unwrap_or_else(|| sum_id(raw))),
            at,
            raw,
        )
    };
    collector.add(None, evidence);
}

fn metric(
    collector: &mut Collector,
    it: &MetricAlert<'_>,
    data: &Data<'_>,
    action: &str,
    raw: &str,
) -> Result<(), String> {
    let id = it.id.line().ok_or("the metric alert has no id")?;
    let cleared = action == "resolved";
    let signal = if cleared { Signal::AlertCleared } else { Signal::AlertFired };
    let began = it.date_started.0.or(it.date_detected.0);
    let at = if cleared { it.date_closed.0.or(began) } else { began };
    let title =
        data.description_title.line().or_else(|| it.title.line()).or_else(|| it.alert_rule.name.line());
    let mut text = title.unwrap_or_else(|| "A metric alert".to_owned());
    if let Some(more) = data.description_text.get() {
        text = format!("{text}\n{}", clean(more));
    }
    let evidence = Evidence {
        author: machine(Some("Sentry")),
        text,
        place: it.alert_rule.name.line(),
        url: web_address(data.web_url.get()),
        facts: Facts {
            source_type: format!("metric_alert {action}"),
            alert: Some(format!("metric/{id}")),
            ..Facts::default()
        },
        ..collector.piece(signal, format!("metric/{id}/{action}/{}", said(at)), at, raw)
    };
    collector.add(None, evidence);
    Ok(())
}

fn said(at: Option<Instant>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
