//! Declaring an incident, changing its words, and the steps from active to resolved and back.

use crate::{
    error::Answer,
    forms::{Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Number},
    zone::Zone,
};
use app::{
    Error,
    incidents::{self, Change, Declaration, Resolution},
};
use askama::Template;
use axum::http::StatusCode;
use domain::{
    access::Action,
    incident::{Incident, IncidentKind, IncidentNumber, Severity},
};

#[derive(Template)]
#[template(path = "incidents/new.html")]
struct NewPage {
    frame: Frame,
    form: Kept,
    kinds: [IncidentKind; 3],
    severities: [(&'static str, &'static str); 4],
}

#[derive(Template)]
#[template(path = "incidents/edit.html")]
struct EditPage {
    frame: Frame,
    form: Kept,
    kinds: [IncidentKind; 3],
    severities: [(&'static str, &'static str); 4],
    number: String,
    url: String,
    /// What somebody else saved meanwhile: field and text.
    theirs: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "incidents/resolve.html")]
struct ResolvePage {
    frame: Frame,
    form: Kept,
    number: String,
    url: String,
    people: Vec<(String, String)>,
}

/// Severities as a form sends and shows them.
const SEVERITIES: [(&str, &str); 4] = [("1", "1, the worst"), ("2", "2"), ("3", "3"), ("4", "4")];

/// The empty form.
pub(crate) async fn new(visitor: Visitor) -> Answer {
    new_page(&visitor, StatusCode::OK, Kept::default())
}

fn new_page(visitor: &Visitor, status: StatusCode, form: Kept) -> Answer {
    let frame = visitor.frame("New incident", Room::Incidents);
    html::with(status, &NewPage { frame, form, kinds: IncidentKind::ALL, severities: SEVERITIES })
}

/// Writes an incident down.
pub(crate) async fn declare(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let act =
        async { incidents::declare(&state.app, visitor.actor(), declaration(&sent, &visitor.zone())?).await };
    match act.await {
        Ok(incident) => {
            let words = [sent.text("title"), sent.text("summary")];
            let surface = app::language::Surface::Narrative;
            let done =
                crate::pages::language::notice(&state, &visitor, None, &words, surface, "declared").await;
            go(&format!("{}?done={done}", urls::incident(incident.number)))
        }
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            new_page(&visitor, status, form)
        }
    }
}

fn declaration(sent: &Submitted, zone: &Zone) -> Result<Declaration, Error> {
    let severity = match sent.filled("severity") {
        None => None,
        Some(text) => {
            let level = text.parse().ok().and_then(Severity::new);
            Some(level.ok_or_else(|| Error::invalid("severity", "A severity is a number from 1 to 4."))?)
        }
    };
    Ok(Declaration {
        title: sent.text("title").to_owned(),
        summary: sent.text("summary").to_owned(),
        kind: IncidentKind::from_key(sent.text("kind")).unwrap_or(IncidentKind::Incident),
        severity,
        services: sent
            .text("services")
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|n| !n.is_empty())
            .collect(),
        team: sent.filled("team").map(str::to_owned),
        declared_at: instant(sent, zone, "declared_at")?,
    })
}

/// A `datetime-local` field; empty is none.
fn instant(sent: &Submitted, zone: &Zone, name: &'static str) -> Result<Option<domain::Instant>, Error> {
    let Some(text) = sent.filled(name) else { return Ok(None) };
    let at = zone.read_field(text);
    at.map(Some).ok_or_else(|| Error::invalid(name, "This is no day and time such as 14.11.2026, 05:47."))
}

/// The form with what the incident says now.
pub(crate) async fn form(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    let incident = incidents::show(&state.app, visitor.actor(), number).await?.incident;
    let kept = words_of(&incident, &visitor.zone());
    edit_page(&visitor, StatusCode::OK, number, kept, vec![])
}

fn words_of(incident: &Incident, zone: &Zone) -> Kept {
    Kept::with([
        ("revision", incident.revision.to_string()),
        ("title", incident.title.clone()),
        ("summary", incident.summary.clone()),
        ("kind", incident.kind.key().to_owned()),
        ("severity", incident.severity.map(|severity| severity.level().to_string()).unwrap_or_default()),
        ("services", incident.services.join(", ")),
        ("team", incident.team.clone().unwrap_or_default()),
        ("declared_at", zone.field(incident.declared_at)),
    ])
}

fn edit_page(
    visitor: &Visitor,
    status: StatusCode,
    number: IncidentNumber,
    form: Kept,
    theirs: Vec<(&'static str, String)>,
) -> Answer {
    let frame = visitor.frame(format!("Change {number}"), Room::Incidents);
    let (kinds, severities, url) = (IncidentKind::ALL, SEVERITIES, urls::incident(number));
    html::with(status, &EditPage { frame, form, kinds, severities, number: number.to_string(), url, theirs })
}

/// Saves the incident's words. When somebody else saved first, both texts are shown.
pub(crate) async fn edit(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let revision = sent.text("revision").parse().unwrap_or_default();
    let act = async {
        let change = Change { revision, declaration: declaration(&sent, &visitor.zone())? };
        incidents::edit(&state.app, visitor.actor(), number, change).await
    };
    let error = match act.await {
        Ok(_) => {
            let words = [sent.text("title"), sent.text("summary")];
            let surface = app::language::Surface::Narrative;
            let done =
                crate::pages::language::notice(&state, &visitor, Some(number), &words, surface, "edited")
                    .await;
            return go(&format!("{}?done={done}", urls::incident(number)));
        }
        Err(error) => error,
    };
    let (status, mut form) = sent.refused(error)?;
    if status != StatusCode::CONFLICT {
        return edit_page(&visitor, status, number, form, vec![]);
    }
    let now = incidents::show(&state.app, visitor.actor(), number).await?.incident;
    let theirs = vec![
        ("What happened", now.title.clone()),
        ("For somebody who was not there", now.summary.clone()),
        ("Affected services", now.services.join(", ")),
        ("Team", now.team.clone().unwrap_or_default()),
    ];
    form = form.and("revision", now.revision.to_string());
    edit_page(&visitor, status, number, form, theirs)
}

/// Impact is limited.
pub(crate) async fn mitigate(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    incidents::mitigate(&state.app, visitor.actor(), number).await?;
    go(&format!("{}?done=mitigated", urls::incident(number)))
}

/// The form for the end of the response.
pub(crate) async fn resolution(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    resolve_page(&state, &visitor, number, StatusCode::OK, Kept::default()).await
}

async fn resolve_page(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    status: StatusCode,
    form: Kept,
) -> Answer {
    app::sharing::ask(&state.app, visitor.actor(), number, Action::Write).await?;
    let people = crate::pages::choices::people(state, visitor).await?;
    let frame = visitor.frame(format!("Resolve {number}"), Room::Incidents);
    html::with(
        status,
        &ResolvePage { frame, form, number: number.to_string(), url: urls::incident(number), people },
    )
}

/// The response ended; the draft begins.
pub(crate) async fn resolve(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let act = async {
        let owner = match sent.filled("owner") {
            None => None,
            Some(_) => Some(sent.value("owner", "This person is not known here.")?),
        };
        let resolution = Resolution { at: instant(&sent, &visitor.zone(), "at")?, owner, template: None };
        incidents::resolve(&state.app, visitor.actor(), number, resolution).await
    };
    match act.await {
        Ok(_) => go(&format!("{}?done=resolved", urls::incident(number))),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            resolve_page(&state, &visitor, number, status, form).await
        }
    }
}

/// It was not over after all.
pub(crate) async fn reopen(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    incidents::reopen(&state.app, visitor.actor(), number).await?;
    go(&format!("{}?done=reopened", urls::incident(number)))
}
