//! Amazon CloudWatch: alarms as SNS delivers them, as EventBridge does, and as the API lists them.

use crate::{
    collect::Collector,
    json,
    record::{Text, When, Word, clean, line, machine, stamp, sum_id, web_address},
};
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page<'a> {
    #[serde(rename = "Type")]
    sns_type: Word<'a>,
    #[serde(rename = "MessageId")]
    message_id: Word<'a>,
    #[serde(rename = "Subject")]
    subject: Word<'a>,
    #[serde(rename = "Message")]
    message: Option<&'a RawValue>,
    #[serde(rename = "Timestamp")]
    timestamp: When,
    #[serde(rename = "detail-type")]
    detail_type: Word<'a>,
    id: Word<'a>,
    time: When,
    detail: Option<&'a RawValue>,
    source: Word<'a>,
    #[serde(rename = "MetricAlarms", borrow)]
    alarms: Option<&'a RawValue>,
    #[serde(rename = "AlarmHistoryItems", borrow)]
    history: Option<&'a RawValue>,
    #[serde(rename = "AlarmName")]
    alarm_name: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Alarm<'a> {
    #[serde(borrow)]
    alarm_name: Word<'a>,
    alarm_description: Word<'a>,
    new_state_value: Word<'a>,
    state_value: Word<'a>,
    new_state_reason: Word<'a>,
    state_reason: Word<'a>,
    state_change_time: When,
    state_updated_timestamp: When,
    timestamp: When,
    history_item_type: Word<'a>,
    history_summary: Word<'a>,
    region: Word<'a>,
    namespace: Word<'a>,
    trigger: Trigger<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Trigger<'a> {
    #[serde(borrow)]
    namespace: Word<'a>,
}

/// Reads one notification, one event, or a page of the API.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let page: Page<'_> = json::typed(raw)?;
    // What SNS wraps is read first and alone: of a message, nothing else is signed.
    if page.sns_type.get().is_some() && page.message.is_some_and(is_text) {
        return message(collector, &page, raw, place);
    }
    let many = json::each(page.alarms).into_iter().chain(json::each(page.history));
    let mut found = false;
    for (index, raw) in many.enumerate() {
        found = true;
        let place = format!("{place}, alarm {}", index + 1);
        match json::typed::<Alarm<'_>>(raw) {
            Ok(alarm) => tell(collector, &alarm, None, raw.get(), &place),
            Err(reason) => collector.keep(None, &place, &reason, raw.get()),
        }
    }
    if found || page.alarms.is_some() || page.history.is_some() {
        return Ok(());
    }
    if page.detail_type.get().is_some() {
        return bus(collector, &page, raw.get());
    }
    if page.alarm_name.get().is_some() {
        tell(collector, &json::typed(raw)?, None, raw.get(), place);
        return Ok(());
    }
    message(collector, &page, raw, place)
}

fn is_text(value: &RawValue) -> bool {
    value.get().starts_with('"')
}

/// A message of SNS.
fn message(collector: &mut Collector, page: &Page<'_>, raw: &RawValue, place: &str) -> Result<(), String> {
    match (page.message, page.sns_type.get()) {
        (_, Some("SubscriptionConfirmation" | "UnsubscribeConfirmation")) => {
            let text = "Amazon SNS asks to confirm the subscription; open SubscribeURL once".to_owned();
            note(collector, page, Signal::Housekeeping, text, raw.get());
        }
        // The message is JSON in a text, or, where somebody unpacked it, JSON.
        (Some(message), _) if is_text(message) => {
            let text: Text<'_> = json::typed(message)?;
            match serde_json::from_str::<Alarm<'_>>(&text) {
                Ok(alarm) if alarm.alarm_name.get().is_some() => {
                    tell(collector, &alarm, page.timestamp.0, raw.get(), place);
                }
                _ => note(collector, page, Signal::Note, clean(&text), raw.get()),
            }
        }
        (Some(message), _) if message.get().starts_with('{') => {
            tell(collector, &json::typed(message)?, page.timestamp.0, raw.get(), place);
        }
        _ => return Err("there is neither an alarm nor a message in it".to_owned()),
    }
    Ok(())
}

fn tell(collector: &mut Collector, it: &Alarm<'_>, sent: Option<Instant>, raw: &str, place: &str) {
    let name = it.alarm_name.line().unwrap_or_else(|| "An alarm without a name".to_owned());
    let at = it.state_change_time.0.or(it.state_updated_timestamp.0).or(it.timestamp.0).or(sent);
    if at.is_none() {
        collector.problem(place, "the alarm does not say when its state changed");
    }
    let state = it.new_state_value.get().or(it.state_value.get()).unwrap_or_default();
    let summary = it.history_summary.line();
    // “Alarm updated from OK to ALARM”
    let ended_as = summary.as_deref().and_then(|it| it.rsplit(' ').next()).unwrap_or_default();
    let signal = match (state, it.history_item_type.get()) {
        ("OK", _) => Signal::AlertCleared,
        ("INSUFFICIENT_DATA", _) => Signal::Changed,
        (_, Some("StateUpdate")) if ended_as == "OK" => Signal::AlertCleared,
        (_, Some("StateUpdate")) if ended_as != "ALARM" => Signal::Changed,
        (_, Some("ConfigurationUpdate" | "Action")) => Signal::Housekeeping,
        _ => Signal::AlertFired,
    };
    let mut text = name.clone();
    for more in [&it.alarm_description, &it.new_state_reason, &it.state_reason, &it.history_summary] {
        if let Some(more) = more.get() {
            text.push_str(if text.contains('\n') { "\n" } else { ": " });
            text.push_str(&clean(more));
            text.push('\n');
        }
    }
    let key = name.clone();
    let when = at.map_or_else(|| sum_id(raw), |at| at.to_string());
    let evidence = Evidence {
        author: machine(Some("CloudWatch")),
        text: clean(&text),
        place: it.namespace.line().or_else(|| it.trigger.namespace.line()).or_else(|| it.region.line()),
        facts: Facts { source_type: line(state), alert: Some(key), ..Facts::default() },
        ..collector.piece(signal, format!("{name}/{when}/{}", signal.key()), at, raw)
    };
    collector.add(None, evidence);
}

/// An event of EventBridge.
fn bus(collector: &mut Collector, page: &Page<'_>, raw: &str) -> Result<(), String> {
    let detail: Value = page.detail.map(json::typed).transpose()?.unwrap_or_default();
    let kind = page.detail_type.line().unwrap_or_default();
    let field = |path: &[&str]| {
        let found = path.iter().try_fold(&detail, |value, name| value.get(name))?;
        found.as_str().map(clean).filter(|it| !it.is_empty())
    };
    let state = field(&["state", "value"]);
    let name =
        field(&["alarmName"]).or_else(|| field(&["applicationName"])).or_else(|| field(&["clusterArn"]));
    let signal = match state.as_deref() {
        Some("OK") => Signal::AlertCleared,
        Some("ALARM") => Signal::AlertFired,
        _ if kind.contains("Deployment") || kind.contains("CloudFormation") => Signal::Deployed,
        _ => Signal::Changed,
    };
    let at = field(&["state", "timestamp"]).and_then(|it| stamp(&it)).or(page.time.0);
    let mut text = name.clone().unwrap_or_else(|| kind.clone());
    let more = [field(&["configuration", "description"]), field(&["state", "reason"]), field(&["reason"])];
    for more in more.into_iter().flatten() {
        text = format!("{text}\n{more}");
    }
    let evidence = Evidence {
        author: machine(Some(if state.is_some() { "CloudWatch" } else { "EventBridge" })),
        text,
        place: page.source.line(),
        facts: Facts { source_type: kind, alert: state.and(name), ..Facts::default() },
        ..collector.piece(signal, page.id.line().unwrap_or_else(|| sum_id(raw)), at, raw)
    };
    collector.add(None, evidence);
    Ok(())
}

fn note(collector: &mut Collector, page: &Page<'_>, signal: Signal, text: String, raw: &str) {
    let id = page.message_id.line().unwrap_or_else(|| sum_id(raw));
    let text = match page.subject.line() {
        Some(subject) => format!("{subject}\n{text}"),
        None => text,
    };
    let evidence = Evidence {
        author: machine(Some("Amazon SNS")),
        text,
        url: web_address(None),
        ..collector.piece(signal, id, page.timestamp.0, raw)
    };
    collector.add(None, evidence);
}
