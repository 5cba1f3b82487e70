//! Services: who looks after them, who is on call, which incidents name them.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::Id,
};
use app::{
    Error,
    on_call::{self, NamedBytes},
    services::{self, Row, Shown},
};
use askama::Template;
use axum::{extract::Multipart, http::StatusCode};
use domain::{Instant, PersonId, ServiceId, TeamId};

/// Bytes of a file of schedules.
const FILE_MAX: usize = 16 << 20;

#[derive(Template)]
#[template(path = "services/list.html")]
struct ListPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    services: Vec<Row>,
    teams: Vec<(TeamId, String)>,
}

#[derive(Template)]
#[template(path = "services/show.html")]
struct ShowPage {
    frame: Frame,
    done: Option<String>,
    form: Kept,
    url: String,
    shown: Shown,
    /// On call now, then later, then before.
    groups: Vec<(&'static str, Vec<Line>)>,
    incidents: Vec<(String, String, String)>,
    /// Names that it had before, and until when.
    earlier: Vec<(String, String)>,
}

struct Line {
    id: String,
    name: String,
    /// From when to when, the place in line, and where that is known from.
    said: String,
    by_hand: bool,
}

/// All services.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "ended" => Some("The service has ended. Incidents keep its name."),
        _ => None,
    };
    list_page(&state, &visitor, StatusCode::OK, Kept::default(), done).await
}

async fn list_page(
    state: &State,
    visitor: &Visitor,
    status: StatusCode,
    form: Kept,
    done: Option<&'static str>,
) -> Answer {
    let (services, teams) = services::list(&state.app, visitor.actor()).await?;
    let frame = visitor.frame("Services", Room::Settings);
    html::with(status, &ListPage { frame, done, form, services, teams })
}

/// Makes a service.
pub(crate) async fn create(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let act = async { services::create(&state.app, visitor.actor(), sent.text("name"), team(&sent)?).await };
    match act.await {
        Ok(id) => go(&format!("{}?done=made", address(id))),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            list_page(&state, &visitor, status, form, None).await
        }
    }
}

/// One service.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Id(id): Id<ServiceId>,
    Asking(asked): Asking,
) -> Answer {
    let done = match asked.text("done") {
        "made" => Some("The service is there. Incidents that name it are listed below."),
        "renamed" => Some("Saved. What it was called before still finds it."),
        "team" => Some("Saved. It looks after this service from now on."),
        "on-call" => Some("Written down."),
        "off-call" => Some("Taken back."),
        "schedules" => Some(
            "The schedule is brought in. Within its range it is right; outside of it stands what was known before.",
        ),
        _ => None,
    };
    page(&state, &visitor, id, StatusCode::OK, Kept::default(), done.map(str::to_owned)).await
}

async fn page(
    state: &State,
    visitor: &Visitor,
    id: ServiceId,
    status: StatusCode,
    form: Kept,
    done: Option<String>,
) -> Answer {
    let shown = services::show(&state.app, visitor.actor(), id).await?;
    let frame = visitor.frame(shown.service.name.to_string(), Room::Settings);
    let incidents = shown.incidents.iter().map(|it| {
        (
            format!("/incidents/{}", it.number),
            format!("{} {}", it.number, it.title),
            frame.zone.say(it.at, "%-d %B %Y"),
        )
    });
    let page = ShowPage {
        groups: groups(&frame, &shown.duties),
        earlier: earlier(&frame, &shown.called),
        incidents: incidents.collect(),
        url: address(id),
        shown,
        form,
        done,
        frame,
    };
    html::with(status, &page)
}

/// What it was called before, each with the time.
fn earlier(frame: &Frame, called: &[services::Called]) -> Vec<(String, String)> {
    let day = |at: Instant| frame.zone.say(at, "%-d %B %Y");
    let line = |it: &services::Called| Some((it.name.clone(), format!("until {}", day(it.until?))));
    called.iter().filter_map(line).collect()
}

fn groups(frame: &Frame, duties: &[services::Duty]) -> Vec<(&'static str, Vec<Line>)> {
    let mut groups = vec![("Now", Vec::new()), ("Later", Vec::new()), ("In the last 30 days", Vec::new())];
    for stored in duties {
        let (duty, now) = (&stored.duty, frame.now);
        let at = if duty.from > now { 1 } else { usize::from(duty.to.is_some_and(|to| to <= now)) * 2 };
        let day = |at: Instant| frame.zone.say(at, "%a %-d %b %Y, %H:%M");
        let from = if duty.from == domain::on_call::ALWAYS {
            "always".into()
        } else {
            format!("from {}", day(duty.from))
        };
        let to = duty.to.map(|to| format!(" until {}", day(to))).unwrap_or_default();
        let place =
            if duty.level == 1 { "asked first".into() } else { format!("asked as number {}", duty.level) };
        let by_hand = stored.source == "hand";
        let source = if by_hand {
            String::new()
        } else {
            format!(" · {} of {}", stored.rota, product(&stored.source))
        };
        let line = Line {
            id: stored.id.to_string(),
            name: duty.name.clone(),
            said: format!("{from}{to} · {place}{source}"),
            by_hand,
        };
        if let Some((_, lines)) = groups.get_mut(at) {
            lines.push(line);
        }
    }
    groups.retain(|(_, lines)| !lines.is_empty());
    groups
}

fn product(source: &str) -> &'static str {
    if source == "opsgenie" { "Opsgenie" } else { "PagerDuty" }
}

/// Gives it another name.
pub(crate) async fn rename(state: State, visitor: Visitor, Id(id): Id<ServiceId>, sent: Submitted) -> Answer {
    let act = services::rename(&state.app, visitor.actor(), id, sent.text("name")).await;
    after(&state, &visitor, id, &sent, act, "renamed").await
}

/// Says which team looks after it.
pub(crate) async fn set_team(
    state: State,
    visitor: Visitor,
    Id(id): Id<ServiceId>,
    sent: Submitted,
) -> Answer {
    let act = async { services::set_team(&state.app, visitor.actor(), id, team(&sent)?).await };
    after(&state, &visitor, id, &sent, act.await, "team").await
}

/// Ends it.
pub(crate) async fn end(state: State, visitor: Visitor, Id(id): Id<ServiceId>) -> Answer {
    services::end(&state.app, visitor.actor(), id).await?;
    go("/settings/services?done=ended")
}

/// Writes down who is on call.
pub(crate) async fn add_duty(
    state: State,
    visitor: Visitor,
    Id(id): Id<ServiceId>,
    sent: Submitted,
) -> Answer {
    let act = async {
        let zone = visitor.zone();
        let time = |name: &'static str| match sent.filled(name) {
            None => Ok(None),
            Some(text) => zone
                .read_field(text)
                .map(Some)
                .ok_or_else(|| Error::invalid(name, "This is no day and time such as 14.11.2026, 05:47.")),
        };
        let from = time("from")?.ok_or_else(|| Error::invalid("from", "Say from when on."))?;
        let person: PersonId = sent.value("person", "Choose somebody from the list.")?;
        let level = sent.value("level", "The place in line is a number from 1 to 9.")?;
        let new = on_call::New { person: Some(person), name: String::new(), level, from, to: time("to")? };
        on_call::add(&state.app, visitor.actor(), id, new).await
    };
    after(&state, &visitor, id, &sent, act.await, "on-call").await
}

/// Takes back who is on call.
pub(crate) async fn remove_duty(
    state: State,
    visitor: Visitor,
    Id(id): Id<ServiceId>,
    sent: Submitted,
) -> Answer {
    let act = async {
        let duty = sent.value("duty", "Choose a line of the list.")?;
        on_call::remove(&state.app, visitor.actor(), id, duty).await
    };
    after(&state, &visitor, id, &sent, act.await, "off-call").await
}

/// Brings a schedule in.
pub(crate) async fn bring_in(
    state: State,
    visitor: Visitor,
    Id(id): Id<ServiceId>,
    files: Multipart,
) -> Answer {
    let act = async {
        let shown = services::show(&state.app, visitor.actor(), id).await?;
        let files = receive(files).await?;
        let names = [shown.service.name.to_string()];
        on_call::import(&state.app, visitor.actor(), &files, &names).await
    };
    match act.await {
        Ok(outcome) if outcome.unknown.is_empty() => go(&format!("{}?done=schedules", address(id))),
        Ok(outcome) => {
            let words = format!(
                "The schedule is brought in. Nobody here goes by {}; the names are kept as they came.",
                outcome.unknown.join(", ")
            );
            page(&state, &visitor, id, StatusCode::OK, Kept::default(), Some(words)).await
        }
        Err(error) => {
            let (status, form) = Submitted::default().refused(error)?;
            page(&state, &visitor, id, status, form, None).await
        }
    }
}

async fn receive(mut form: Multipart) -> Result<Vec<NamedBytes>, Error> {
    let broken = |_| Error::invalid("files", "The file did not arrive whole. Nothing was brought in.");
    let (mut files, mut room) = (Vec::new(), FILE_MAX);
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name: String = field.file_name().unwrap_or_default().chars().take(200).collect();
        if name.is_empty() {
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            room = room.checked_sub(piece.len()).ok_or_else(|| {
                Error::invalid("files", "Files of schedules have at most 16 MiB. Nothing was brought in.")
            })?;
            bytes.extend_from_slice(&piece);
        }
        files.push(NamedBytes { name, bytes });
    }
    if files.is_empty() {
        return Err(Error::invalid("files", "No file was chosen. Choose at least one."));
    }
    Ok(files)
}

async fn after(
    state: &State,
    visitor: &Visitor,
    id: ServiceId,
    sent: &Submitted,
    result: Result<(), Error>,
    key: &str,
) -> Answer {
    match result {
        Ok(()) => go(&format!("{}?done={key}", address(id))),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(state, visitor, id, status, form, None).await
        }
    }
}

fn team(sent: &Submitted) -> Result<Option<TeamId>, Error> {
    match sent.filled("team") {
        None => Ok(None),
        Some(_) => sent.value("team", "Choose a team from the list.").map(Some),
    }
}

fn address(id: ServiceId) -> String {
    format!("/settings/services/{id}")
}
