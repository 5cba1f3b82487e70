//! Google Cloud Monitoring: notifications of alerting policies, versions 1.0 to 1.2.

use crate::{
    collect::Collector,
    json,
    record::{When, Word, clean, machine, sum_id, web_address},
};
use domain::evidence::{Evidence, Facts, Signal};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page<'a> {
    #[serde(borrow)]
    incident: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Incident<'a> {
    #[serde(borrow)]
    incident_id: Word<'a>,
    url: Word<'a>,
    started_at: When,
    ended_at: When,
    state: Word<'a>,
    summary: Word<'a>,
    policy_name: Word<'a>,
    condition_name: Word<'a>,
    observed_value: Word<'a>,
    threshold_value: Word<'a>,
    resource_display_name: Word<'a>,
    resource_name: Word<'a>,
    resource_id: Word<'a>,
    severity: Word<'a>,
}

/// Reads one notification.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let page: Page<'_> = json::typed(raw)?;
    let raw = page.incident.ok_or("the notification has no incident in it")?;
    let it: Incident<'_> = json::typed(raw)?;
    let key = it.incident_id.line().unwrap_or_else(|| sum_id(raw.get()));
    let name = it.condition_name.line().or_else(|| it.policy_name.line());
    let name = name.unwrap_or_else(|| "An alert without a name".to_owned());
    let mut text = match it.summary.get().map(clean) {
        Some(summary) if summary != name => format!("{name}: {summary}"),
        _ => name,
    };
    if let (Some(seen), Some(limit)) = (it.observed_value.line(), it.threshold_value.line()) {
        text.push_str(&format!("\nobserved {seen}, limit {limit}"));
    }
    if it.started_at.0.is_none() {
        collector.problem(place, "the alert does not say when it began");
    }
    let resource = [&it.resource_display_name, &it.resource_name, &it.resource_id];
    let resource = resource.into_iter().find_map(Word::line);
    let base = Evidence {
        author: machine(Some("Google Cloud Monitoring")),
        text,
        place: resource.clone(),
        url: web_address(it.url.get()),
        facts: Facts {
            source_type: it.severity.line().unwrap_or_default(),
            service: resource,
            alert: Some(key.clone()),
            ..Facts::default()
        },
        ..collector.piece(Signal::AlertFired, format!("{key}/opened"), it.started_at.0, raw.get())
    };
    let closed = it.state.get().is_some_and(|state| state.eq_ignore_ascii_case("closed"));
    if let (true, Some(at)) = (closed, it.ended_at.0) {
        let cleared = Evidence {
            signal: Signal::AlertCleared,
            source_id: collector.piece(Signal::AlertCleared, format!("{key}/closed"), None, "").source_id,
            at,
            ..base.clone()
        };
        collector.add(None, cleared);
    }
    collector.add(None, base);
    Ok(())
}
