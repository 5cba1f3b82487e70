//! Prometheus Alertmanager: the webhook of version 4, and the list of alerts of its API v2.

use crate::{
    collect::Collector,
    json,
    record::{When, Word, clean, line, list, machine, sum_id, web_address},
    said::{Named, text},
};
use domain::evidence::{Evidence, Facts, Signal};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A notification: several alerts that belong together.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Notification<'a> {
    #[serde(borrow, deserialize_with = "list")]
    alerts: Option<Vec<&'a RawValue>>,
}

/// One alert, as the webhook, the API v2, and Grafana write it; or a notification, which has alerts instead. Every
/// field may be missing.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Alert<'a> {
    #[serde(borrow, deserialize_with = "list")]
    alerts: Option<Vec<&'a RawValue>>,
    /// The answer of the API of Prometheus wraps its alerts.
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(deserialize_with = "text")]
    status: Word<'a>,
    state: Word<'a>,
    labels: Named<'a, Word<'a>>,
    annotations: Named<'a, Word<'a>>,
    starts_at: When,
    active_at: When,
    ends_at: When,
    #[serde(rename = "generatorURL")]
    generator_url: Word<'a>,
    #[serde(rename = "panelURL")]
    panel_url: Word<'a>,
    fingerprint: Word<'a>,
    value_string: Word<'a>,
    /// A rule written by hand says so beside the labels.
    summary: Word<'a>,
}

/// Reads a notification, an answer, or one alert.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let it: Alert<'_> = json::typed(raw)?;
    let wrapped: Option<Notification<'_>> = it.data.and_then(|it| json::typed(it).ok());
    match it.alerts.as_ref().or(wrapped.as_ref().and_then(|it| it.alerts.as_ref())) {
        Some(alerts) => all(collector, alerts, raw.get().len(), "Alertmanager", place),
        None => return one(collector, &it, raw, "Alertmanager", place),
    }
    Ok(())
}

/// The alerts of one notification of `bytes`, many of them by several processors.
pub fn all(collector: &mut Collector, alerts: &[&RawValue], bytes: usize, system: &str, place: &str) {
    collector.side_by_side(alerts, bytes, |collector, from, alerts| {
        for (index, raw) in (from..).zip(alerts) {
            let place = format!("{place}, alert {}", index + 1);
            if let Err(reason) = alert(collector, raw, system, &place) {
                collector.keep(None, &place, &reason, raw.get());
            }
        }
    });
}

/// One alert; `system` is who tells of it.
pub fn alert(collector: &mut Collector, raw: &RawValue, system: &str, place: &str) -> Result<(), String> {
    one(collector, &json::typed(raw)?, raw, system, place)
}

fn one(
    collector: &mut Collector,
    it: &Alert<'_>,
    raw: &RawValue,
    system: &str,
    place: &str,
) -> Result<(), String> {
    if it.labels.is_empty() && it.annotations.is_empty() {
        return Err("an alert has labels or annotations, and this has neither".to_owned());
    }
    let said = |names: &[&str], map: &Named<'_, Word<'_>>| {
        names.iter().find_map(|name| map.get(name).and_then(Word::line))
    };
    let summary = it.summary.line().or_else(|| said(&["summary", "title", "message"], &it.annotations));
    let name = said(&["alertname", "rulename"], &it.labels)
        .or_else(|| summary.clone())
        .unwrap_or_else(|| "An alert without a name".to_owned());
    let mut text = match &summary {
        Some(summary) if *summary != name => format!("{name}: {summary}"),
        _ => name,
    };
    for more in ["description", "value"] {
        if let Some(more) = it.annotations.get(more).and_then(Word::get) {
            text.push('\n');
            text.push_str(&clean(more));
        }
    }
    if let Some(values) = it.value_string.line() {
        text.push('\n');
        text.push_str(&values);
    }
    let key = it.fingerprint.line().unwrap_or_else(|| {
        // Written as ever, so that ids stay what they are.
        let labels = it.labels.in_order().into_iter();
        let labels: Vec<_> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
        sum_id(&labels.join(","))
    });
    let service = said(&["service", "app", "job", "namespace"], &it.labels);
    let starts = it.starts_at.0.or(it.active_at.0);
    if starts.is_none() {
        collector.problem(place, "the alert does not say when it fired");
    }
    let base = Evidence {
        author: machine(Some(system)),
        text,
        place: said(&["instance", "host", "pod"], &it.labels).or_else(|| service.clone()),
        url: web_address(it.generator_url.get()).or_else(|| web_address(it.panel_url.get())),
        facts: Facts {
            source_type: said(&["severity"], &it.labels).map_or_else(String::new, |it| line(&it)),
            service,
            alert: Some(key.clone()),
            ..Facts::default()
        },
        ..collector.piece(Signal::AlertFired, format!("{key}/{}", ident(starts)), starts, raw.get())
    };
    let state = it.status.0.as_deref().or(it.state.get()).unwrap_or_default();
    if let (true, Some(ends)) = (state == "resolved", it.ends_at.0) {
        let cleared = Evidence {
            signal: Signal::AlertCleared,
            source_id: format!("{}/cleared", base.source_id),
            at: ends,
            ..base.clone()
        };
        collector.add(None, cleared);
    }
    collector.add(None, base);
    Ok(())
}

/// A time in an id.
fn ident(at: Option<domain::Instant>) -> String {
    at.map_or_else(|| "no-time".to_owned(), |at| at.to_string())
}
