//! Grafana: the webhook of its alerting, the webhook of the time before unified alerting, and definitions of
//! rules, which tell of nothing that happened.

use crate::{
    alertmanager,
    collect::Collector,
    json,
    record::{Word, clean, list, machine, sum_id, web_address},
};
use domain::evidence::{Evidence, Facts, Signal};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow, deserialize_with = "list")]
    alerts: Option<Vec<&'a RawValue>>,
    rule_name: Word<'a>,
    rule_id: Word<'a>,
    rule_url: Word<'a>,
    state: Word<'a>,
    title: Word<'a>,
    message: Word<'a>,
    exec_err_state: Word<'a>,
}

/// Reads one notification.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let it: Page<'_> = json::typed(raw)?;
    if let Some(rule) = it.rule_name.line() {
        let state = it.state.get().unwrap_or_default();
        let signal = if state == "ok" { Signal::AlertCleared } else { Signal::AlertFired };
        let title = it.title.line().unwrap_or_else(|| rule.clone());
        let message = it.message.get().map(clean).unwrap_or_default();
        // This form has no time of its own; whoever receives it knows when it came.
        collector.problem(place, "the notification does not say when its state changed");
        let evidence = Evidence {
            author: machine(Some("Grafana")),
            text: if message.is_empty() { title } else { format!("{title}\n{message}") },
            place: Some(rule),
            url: web_address(it.rule_url.get()),
            facts: Facts {
                source_type: state.to_owned(),
                alert: it.rule_id.line().map(|id| format!("rule/{id}")),
                ..Facts::default()
            },
            ..collector.piece(signal, format!("legacy/{}", sum_id(raw.get())), None, raw.get())
        };
        collector.add(None, evidence);
        return Ok(());
    }
    if it.exec_err_state.get().is_some() {
        return Err("this defines a rule for alerts and tells of none that fired".to_owned());
    }
    match &it.alerts {
        Some(alerts) => alertmanager::all(collector, alerts, raw.get().len(), "Grafana", place),
        None => return alertmanager::alert(collector, raw, "Grafana", place),
    }
    Ok(())
}
