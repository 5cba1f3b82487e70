//! What PagerDuty tells as it happens: webhooks of version 3, change events, and events of the Events API v2.

use super::{
    entry,
    gather::{Gathering, blank, details, own_id},
    shape,
};
use crate::{
    collect::NO_TIME,
    json,
    record::{bounded_id, clean, instant, line, machine, sum_id, web_address, without_markup},
};
use domain::evidence::{Evidence, Facts, Signal};

impl Gathering {
    /// A webhook: something happened to an incident.
    pub(super) fn webhook(
        &mut self,
        file: &str,
        place: &str,
        it: &shape::Event<'_>,
        raw: &str,
    ) -> Result<(), String> {
        let kind = it.event_type.as_deref().map(line).unwrap_or_default();
        let inner = it.data.ok_or("the webhook does not say what it is about")?;
        let data: shape::EventData<'_> = json::typed(inner)?;
        let at = instant(it.occurred_at.as_deref()).ok_or("the webhook has no time that can be read")?;
        let incident: shape::Incident<'_> = json::typed(inner).unwrap_or_default();
        let itself = data.incident.is_none() && kind.starts_with("incident.");
        let id =
            if itself { incident.id.clone() } else { data.incident.as_ref().and_then(|it| it.id.clone()) };
        let id = id.as_deref().map(own_id);
        if itself {
            // A webhook tells how the incident stands, not when it was closed; that is when this one came.
            let ended = (kind == "incident.resolved").then(|| at.to_string().into());
            self.incident(&shape::Incident { resolved_at: ended, ..incident }, inner.get());
        } else if let Some(summary) = data.incident.as_ref().and_then(|it| it.summary.as_deref()) {
            self.learn_title(id.as_deref(), summary);
        }
        let by = entry::author(it.agent.as_ref());
        let who = by.as_ref().map(|it| format!(" by {}", it.name)).unwrap_or_default();
        let people = entry::names(data.assignees.as_deref());
        let to = if people.is_empty() { String::new() } else { format!(" to {}", people.join(", ")) };
        let user = data.user.as_ref().and_then(shape::Reference::label).unwrap_or_default();
        let said = data.message.as_deref().or(data.content.as_deref()).map(clean).unwrap_or_default();
        let about: shape::Incident<'_> = json::typed(inner).unwrap_or_default();
        let title = about.title.as_deref().map(line).unwrap_or_default();
        let priority = about.priority.as_ref().and_then(shape::Reference::label);
        let (signal, text) = match kind.strip_prefix("incident.").unwrap_or(&kind) {
            "triggered" => (Signal::Triggered, format!("Triggered: {title}")),
            "acknowledged" => (Signal::Acknowledged, format!("Acknowledged{who}")),
            "unacknowledged" => (Signal::Unacknowledged, "The acknowledgement ended".to_owned()),
            "annotated" => (Signal::Note, said),
            "delegated" => (Signal::Assigned, format!("Delegated{to}{who}")),
            "reassigned" => (Signal::Assigned, format!("Assigned{to}{who}")),
            "escalated" => (Signal::Escalated, format!("Escalated{to}")),
            "priority_updated" => {
                let to = priority.map_or_else(String::new, |it| format!(" to {it}"));
                (Signal::Changed, format!("Priority changed{to}{who}"))
            }
            "reopened" => (Signal::Changed, format!("Status: opened again{who}")),
            "resolved" => (Signal::Resolved, format!("Resolved{who}")),
            "responder.added" => (Signal::Assigned, format!("{user} was asked to respond{who}")),
            "responder.replied" => {
                let state = data.state.as_deref().map(line).unwrap_or_default();
                let reply = if said.is_empty() { said } else { format!(": {said}") };
                (Signal::Note, format!("{user} replied “{state}”{reply}"))
            }
            "status_update_published" => (Signal::StatusUpdate, said),
            "pagey.ping" => (Signal::Housekeeping, "PagerDuty tried the webhook".to_owned()),
            other => {
                let known =
                    ["conference_bridge.updated", "field_values.updated", "custom_field_values.updated"];
                let known = known.contains(&other)
                    || ["workflow.", "incident_type.", "role.", "action_invocation.", "service.", "impacted"]
                        .iter()
                        .any(|it| other.starts_with(it));
                if !known {
                    let reason = format!("“{}” is not a known type of webhook", entry::cut(other, 80));
                    self.problem(file, place.to_owned(), reason);
                }
                (Signal::Housekeeping, format!("{}{who}", other.replace(['.', '_'], " ")))
            }
        };
        let told = if people.is_empty() && !user.is_empty() { vec![user] } else { people };
        let service = about.service.as_ref().and_then(shape::Reference::label);
        let own = it.id.as_deref().map_or_else(|| sum_id(raw), str::to_owned);
        let evidence = Evidence {
            author: by,
            text,
            place: service.clone(),
            url: web_address(about.html_url.as_deref()),
            facts: Facts {
                source_type: kind,
                people: if matches!(signal, Signal::Assigned | Signal::Escalated) {
                    told
                } else {
                    Vec::new()
                },
                service,
                alert: data.incident_key.map(|it| line(&it)).filter(|_| signal == Signal::Triggered),
                ..Facts::default()
            },
            ..blank(signal, bounded_id(format!("webhook/{own}")), at, raw)
        };
        self.push(id, evidence);
        Ok(())
    }

    /// A change event: something was built, merged or deployed.
    pub(super) fn change(&mut self, it: &shape::Change<'_>, raw: &str) {
        let own = it.id.as_deref().map_or_else(|| sum_id(raw), str::to_owned);
        let evidence = changed(Signal::Deployed, it, bounded_id(format!("change/{own}")), raw);
        self.push(None, evidence);
    }

    /// An event as a monitoring system sends it: an alert, or a change if it has no action.
    pub(super) fn enqueued(&mut self, raw: &str) -> Result<(), String> {
        let page: shape::Page<'_> = json::of(raw)?;
        let outer: shape::Change<'_> = json::of(raw)?;
        let mut it: shape::Change<'_> = page.payload.map(json::typed).transpose()?.unwrap_or_default();
        it.links = it.links.or(outer.links);
        let key = outer.dedup_key.as_deref().map(line);
        let (signal, word) = match outer.event_action.as_deref() {
            None => (Signal::Deployed, "change"),
            Some("resolve") => (Signal::AlertCleared, "resolve"),
            Some("acknowledge") => (Signal::Acknowledged, "acknowledge"),
            Some(_) => (Signal::AlertFired, "trigger"),
        };
        let mut evidence = changed(signal, &it, bounded_id(format!("{word}/{}", sum_id(raw))), raw);
        evidence.facts.alert = key;
        self.push(None, evidence);
        Ok(())
    }

    /// A post-mortem that was published on a status page.
    pub(super) fn postmortem(&mut self, it: &shape::Postmortem<'_>, raw: &str) {
        let own = it.id.as_deref().map_or_else(|| sum_id(raw), str::to_owned);
        let at = instant(it.reported_at.as_deref()).unwrap_or(NO_TIME);
        let evidence = Evidence {
            text: without_markup(it.message.as_deref().unwrap_or_default()),
            facts: Facts { source_type: "postmortem".to_owned(), ..Facts::default() },
            ..blank(Signal::StatusUpdate, bounded_id(format!("postmortem/{own}")), at, raw)
        };
        self.push(None, evidence);
    }
}

fn changed(signal: Signal, it: &shape::Change<'_>, id: String, raw: &str) -> Evidence {
    let summary = it.summary.as_deref().map(clean).unwrap_or_default();
    let link = it.links.iter().flatten().find_map(|it| web_address(it.href.as_deref()));
    Evidence {
        author: machine(it.source.as_deref()),
        text: format!("{summary}{}", details(&it.custom_details)),
        place: it.component.as_deref().or(it.source.as_deref()).map(line),
        url: link,
        facts: Facts {
            source_type: it.severity.as_deref().map(line).unwrap_or_default(),
            service: it.component.as_deref().map(line),
            ..Facts::default()
        },
        ..blank(signal, id, it.timestamp.and_then(|it| it.0).unwrap_or(NO_TIME), raw)
    }
}
