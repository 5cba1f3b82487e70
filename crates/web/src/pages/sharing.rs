//! Who can see an incident and what people are to it; and how an administrator looks into one.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Number},
    words::done,
    zone::Zone,
};
use app::{
    Error,
    sharing::{self, Choice, Shown},
};
use askama::Template;
use axum::http::StatusCode;
use domain::{Instant, PersonId, TeamId, access::Part, incident::IncidentNumber};

#[derive(Template)]
#[template(path = "incidents/people.html")]
struct PeoplePage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    number: String,
    url: String,
    shown: Shown,
    /// The parts that are given here, each with whoever has it.
    parts: Vec<PartShown>,
    /// What is said of a narrowing: since when and by whom, and until when.
    narrowed: Option<(String, String)>,
    openings: Vec<String>,
    on_call: Vec<OnCall>,
}

/// Somebody who was on call then.
struct OnCall {
    /// With an account here, and no responder yet.
    person: Option<PersonId>,
    name: String,
    said: String,
}

struct PartShown {
    key: &'static str,
    label: &'static str,
    help: &'static str,
    people: Vec<(PersonId, String)>,
}

const PARTS: [(Part, &str, &str); 4] = [
    (Part::Owner, "Sees the document through", "Chosen with the document. An administrative task."),
    (Part::Facilitator, "Leads the debrief", "Can publish, and choose who sees this."),
    (Part::Responder, "Took part in the response", "Can write, and choose who sees this."),
    (Part::Participant, "Takes part in the debrief", "Can write here."),
];

/// Everybody about an incident.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    page(&state, &visitor, number, StatusCode::OK, None, done::words(asked.text("done"))).await
}

async fn page(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    status: StatusCode,
    form: Option<Kept>,
    done: Option<&'static str>,
) -> Answer {
    let shown = sharing::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("People of {number}"), Room::Incidents);
    let zone = &frame.zone;
    let said = |at: Instant| zone.say(at, "%-d %B %Y, %H:%M");
    let narrowed = shown.who.narrowed.as_ref().map(|it| {
        let by = it.by.as_deref().unwrap_or("Debrief");
        let end = it.until.map_or_else(
            || "Until somebody widens it.".to_owned(),
            |until| format!("Until {}; then everybody sees it again.", said(until)),
        );
        (format!("Narrowed by {by}, {}: {}", said(it.since), it.reason), end)
    });
    let openings = shown.who.openings.iter().map(|it| {
        format!("{} looked into this, {}, until {}: {}", it.name, said(it.at), said(it.ends_at), it.reason)
    });
    let template = PeoplePage {
        done,
        form: form.unwrap_or_else(|| begun(&shown, zone)),
        number: number.to_string(),
        url: urls::incident(number),
        parts: PARTS.map(|(part, label, help)| PartShown::of(&shown, part, label, help)).into(),
        narrowed,
        openings: openings.collect(),
        on_call: shown.on_call.iter().map(|then| OnCall::of(&shown, then)).collect(),
        shown,
        frame,
    };
    html::with(status, &template)
}

impl OnCall {
    fn of(shown: &Shown, then: &sharing::Then) -> Self {
        let responds =
            |id| shown.who.parts.iter().any(|(part, it, _)| *part == Part::Responder && Some(*it) == id);
        let place = match then.duty.level {
            1 => "asked first".to_owned(),
            level => format!("asked as number {level}"),
        };
        Self {
            person: then.duty.person.filter(|id| !responds(Some(*id))),
            name: then.duty.name.clone(),
            said: format!("{}, {place}", then.service),
        }
    }
}

impl PartShown {
    fn of(shown: &Shown, part: Part, label: &'static str, help: &'static str) -> Self {
        let of_part = shown.who.parts.iter().filter(|(it, ..)| *it == part);
        let people = of_part.map(|(_, id, name)| (*id, name.clone())).collect();
        Self { key: part.key(), label, help, people }
    }

    /// Whether people are given this part here.
    fn chosen_here(&self) -> bool {
        self.key != Part::Owner.key()
    }
}

/// The form as things stand now.
fn begun(shown: &Shown, zone: &Zone) -> Kept {
    let narrowed = shown.who.narrowed.as_ref();
    let until = narrowed.and_then(|it| it.until).map(|until| zone.field(until)).unwrap_or_default();
    let form =
        Kept::with([("reason", narrowed.map(|it| it.reason.clone()).unwrap_or_default()), ("until", until)]);
    let people = shown.who.named.iter().map(|(id, _)| ("people", id.to_string()));
    let teams = shown.who.teams.iter().map(|(id, _)| ("teams", id.to_string()));
    people.chain(teams).fold(form, |form, (name, value)| form.also(name, value))
}

/// Narrows who sees it, or changes to whom it is narrowed.
pub(crate) async fn narrow(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let act = async {
        let choice = choice(&sent, &visitor.zone())?;
        sharing::narrow(&state.app, visitor.actor(), number, choice).await
    };
    after(&state, &visitor, number, &sent, act.await, "narrowed").await
}

fn choice(sent: &Submitted, zone: &Zone) -> Result<Choice, Error> {
    let until: Option<Instant> =
        match sent.filled("until") {
            None => None,
            Some(text) => Some(zone.read_field(text).ok_or_else(|| {
                Error::invalid("until", "This is no day and time such as 14.11.2026, 05:47.")
            })?),
        };
    Ok(Choice {
        reason: sent.text("reason").to_owned(),
        until,
        people: ids::<PersonId>(sent, "people")?,
        teams: ids::<TeamId>(sent, "teams")?,
    })
}

fn ids<T: std::str::FromStr>(sent: &Submitted, name: &'static str) -> Result<Vec<T>, Error> {
    let wrong = || Error::invalid(name, "Choose from the list.");
    sent.all(name).map(|id| id.parse().map_err(|_| wrong())).collect()
}

/// Lets everybody see it again.
pub(crate) async fn widen(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let result = sharing::widen(&state.app, visitor.actor(), number).await;
    after(&state, &visitor, number, &sent, result, "widened").await
}

/// Gives somebody a part.
pub(crate) async fn give(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let act = async {
        let (person, part) = part(&sent)?;
        sharing::give_part(&state.app, visitor.actor(), number, person, part).await
    };
    after(&state, &visitor, number, &sent, act.await, "part-given").await
}

/// Takes a part from somebody.
pub(crate) async fn take(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let act = async {
        let (person, part) = part(&sent)?;
        sharing::take_part(&state.app, visitor.actor(), number, person, part).await
    };
    after(&state, &visitor, number, &sent, act.await, "part-taken").await
}

fn part(sent: &Submitted) -> Result<(PersonId, Part), Error> {
    let part = Part::from_key(sent.text("part"))
        .ok_or_else(|| Error::invalid("part", "Choose what they are to this incident."))?;
    Ok((sent.value("person", "Choose somebody from the list.")?, part))
}

async fn after(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    sent: &Submitted,
    result: Result<(), Error>,
    key: &str,
) -> Answer {
    match result {
        Ok(()) => go(&format!("{}/people?done={key}", urls::incident(number))),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(state, visitor, number, status, Some(form), None).await
        }
    }
}

#[derive(Template)]
#[template(path = "incidents/look.html")]
struct LookPage {
    frame: Frame,
    form: Kept,
}

/// The form for looking into an incident that was narrowed to others.
pub(crate) async fn look(visitor: Visitor) -> Answer {
    html::ok(&LookPage {
        frame: visitor.frame("Look into an incident", Room::Settings),
        form: Kept::default(),
    })
}

/// Looks into it: written down first, shown then.
pub(crate) async fn look_into(state: State, visitor: Visitor, sent: Submitted) -> Answer {
    let act = async {
        let number: IncidentNumber = sent.value("number", "A number looks like INC-12.")?;
        let nothing = "There is no such incident, or you can see it without looking into it.";
        sharing::look_into(&state.app, visitor.actor(), number, sent.text("reason")).await.map_err(
            |error| match error {
                Error::NotFound => Error::invalid("number", nothing),
                other => other,
            },
        )?;
        Ok(number)
    };
    match act.await {
        Ok(number) => go(&format!("{}/people?done=looking", urls::incident(number))),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            html::with(
                status,
                &LookPage { frame: visitor.frame("Look into an incident", Room::Settings), form },
            )
        }
    }
}
