//! Ideas and follow-ups: what waits for a choice, what rests, what somebody promised, what became of it.

use super::choices;
use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    picture::soak::Soak,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{Id, Number},
    words::{done, time},
    zone::Zone,
};
use app::{
    Error,
    follow_ups::{self, Row},
};
use askama::Template;
use axum::{http::StatusCode, response::IntoResponse};
use domain::{
    FollowUpId, Instant, PersonId,
    follow_up::{FollowUpState, Intent},
};

#[derive(Template)]
#[template(path = "follow_ups/list.html")]
struct ListPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    groups: Vec<Group>,
    people: Vec<(String, String)>,
    soak_hours: i64,
}

struct Group {
    key: &'static str,
    title: &'static str,
    about: String,
    ideas: Vec<Idea>,
}

/// An idea or follow-up as people see it.
#[derive(Debug, Clone)]
pub(crate) struct Idea {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) incident: String,
    pub(crate) text: String,
    pub(crate) intent: &'static str,
    /// Where it stands, in words.
    pub(crate) state: String,
    /// Who had it.
    pub(crate) by: String,
    /// The event in whose words it was parked; empty if in none.
    pub(crate) event: String,
    /// The line of an idea.
    pub(crate) soak: Option<Soak>,
    /// Why it was dropped.
    pub(crate) reason: String,
    pub(crate) may_commit: bool,
    pub(crate) may_finish: bool,
    pub(crate) may_drop: bool,
    group: &'static str,
}

impl Idea {
    /// What `row` is at `now`.
    pub(crate) fn of(row: &Row, zone: &Zone, now: Instant) -> Self {
        let one = &row.follow_up;
        let (idea, rests) = (one.state == FollowUpState::Idea, one.rests(now));
        let owner = row.owner.as_deref().unwrap_or("somebody");
        let day = |at: Instant| zone.say(at, "%a %-d %b %Y");
        let (group, state) = match &one.state {
            FollowUpState::Idea if rests => {
                let opens = zone.say(one.opens_at, "%a %-d %b, %H:%M");
                ("resting", format!("resting, {} left; opens {opens}", time::left(one.opens_at.since(now))))
            }
            FollowUpState::Idea => ("choose", "rested, waits for a choice".to_owned()),
            FollowUpState::Committed { due, .. } if *due < now => {
                ("committed", format!("{owner}, was due {}", day(*due)))
            }
            FollowUpState::Committed { due, .. } => ("committed", format!("{owner}, by {}", day(*due))),
            FollowUpState::Done { at, .. } => ("done", format!("done by {owner}, {}", day(*at))),
            FollowUpState::Dropped { at, .. } => ("dropped", format!("dropped {}", day(*at))),
        };
        let hours = one.opens_at.since(one.raised_at).as_minutes() / 60;
        Self {
            id: one.id.to_string(),
            number: row.number.to_string(),
            incident: row.incident_title.clone(),
            text: one.text.clone(),
            intent: one.intent.label(),
            state,
            by: row.raised_by.clone().unwrap_or_default(),
            event: one.event.map(|event| event.to_string()).unwrap_or_default(),
            soak: idea.then(|| Soak::new(one.rested(now), hours)),
            reason: match &one.state {
                FollowUpState::Dropped { reason, .. } => reason.clone(),
                _ => String::new(),
            },
            may_commit: row.may_change && idea && !rests,
            may_finish: row.may_change && group == "committed",
            may_drop: row.may_change && (idea || group == "committed"),
            group,
        }
    }
}

/// All follow-ups, those that wait for a choice first.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    list_page(&state, &visitor, StatusCode::OK, Kept::default(), done::words(asked.text("done"))).await
}

async fn list_page(
    state: &State,
    visitor: &Visitor,
    status: StatusCode,
    form: Kept,
    done: Option<&'static str>,
) -> Answer {
    let frame = visitor.frame("Follow-ups", Room::FollowUps);
    let rows = follow_ups::list(&state.app, visitor.actor(), None).await?;
    let ideas: Vec<Idea> = rows.iter().map(|row| Idea::of(row, &frame.zone, frame.now)).collect();
    let waits = ideas.iter().any(|idea| idea.may_commit);
    let people = if waits { choices::people(state, visitor).await? } else { vec![] };
    let soak_hours = frame.workspace.soak_hours;
    html::with(status, &ListPage { done, form, groups: groups(ideas, soak_hours), people, soak_hours, frame })
}

fn groups(ideas: Vec<Idea>, hours: i64) -> Vec<Group> {
    let table = [
        (
            "choose",
            "To choose",
            "Their rest is over. Promise it, or drop it with the reason; both are good.".to_owned(),
        ),
        (
            "resting",
            "Resting",
            format!("Ideas rest for {hours} hours, so that the first thought is not the only one."),
        ),
        ("committed", "Promised", "Somebody does it, by a day.".to_owned()),
        ("done", "Done", String::new()),
        ("dropped", "Dropped, with the reason", String::new()),
    ];
    let mut groups: Vec<Group> =
        table.into_iter().map(|(key, title, about)| Group { key, title, about, ideas: vec![] }).collect();
    for idea in ideas {
        if let Some(group) = groups.iter_mut().find(|group| group.key == idea.group) {
            group.ideas.push(idea);
        }
    }
    groups.retain(|group| !group.ideas.is_empty());
    groups
}

/// Writes an idea down.
pub(crate) async fn add(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let intent = Intent::from_key(sent.text("intent"))
        .ok_or_else(|| Error::invalid("intent", "Say what the idea is for."))?;
    let event = match sent.filled("event") {
        Some(_) => Some(sent.value("event", "There is no such event in this incident.")?),
        None => None,
    };
    follow_ups::add_from(&state.app, visitor.actor(), number, sent.text("text"), intent, event).await?;
    // Whoever parks an idea from the card stays where they are.
    if sent.text("back") == "field" {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let words = [sent.text("text")];
    let done =
        super::language::notice(&state, &visitor, Some(number), &words, app::language::Surface::Idea, "idea")
            .await;
    if sent.text("back") == "document" {
        return go(&format!("/postmortems/{number}/edit?done={done}"));
    }
    go(&format!("/follow-ups?done={done}"))
}

/// Makes it a commitment: owner and day.
pub(crate) async fn commit(
    state: State,
    visitor: Visitor,
    Id(id): Id<FollowUpId>,
    sent: Submitted,
) -> Answer {
    let act = async {
        let owner: PersonId = sent.value("owner", "Choose who does it.")?;
        let due = visitor.zone().read_field(&format!("{}T23:59:00", sent.text("due")));
        let due = due.ok_or_else(|| Error::invalid("due", "Choose the day by which it is done."))?;
        follow_ups::commit(&state.app, visitor.actor(), id, owner, due).await
    };
    ended(act.await.map(std::mem::drop), "committed", &state, &visitor, &sent).await
}

/// Marks a commitment as done.
pub(crate) async fn finish(
    state: State,
    visitor: Visitor,
    Id(id): Id<FollowUpId>,
    sent: Submitted,
) -> Answer {
    let outcome = follow_ups::finish(&state.app, visitor.actor(), id).await;
    ended(outcome.map(std::mem::drop), "finished", &state, &visitor, &sent).await
}

/// Lets go of it, with the reason.
pub(crate) async fn drop(state: State, visitor: Visitor, Id(id): Id<FollowUpId>, sent: Submitted) -> Answer {
    let outcome = follow_ups::drop_with(&state.app, visitor.actor(), id, sent.text("reason")).await;
    let reason = [sent.text("reason")];
    let surface = app::language::Surface::FollowUp;
    let about = sent.text("about").parse().ok();
    let done = super::language::notice(&state, &visitor, about, &reason, surface, "dropped").await;
    ended(outcome.map(std::mem::drop), &done, &state, &visitor, &sent).await
}

/// Back to the list, or the list with the refusal above it.
async fn ended(
    outcome: app::Result<()>,
    done: &str,
    state: &State,
    visitor: &Visitor,
    sent: &Submitted,
) -> Answer {
    let Err(error) = outcome else { return go(&format!("/follow-ups?done={done}")) };
    let words = error.to_string();
    let (status, mut form) = sent.refused(error)?;
    form.general = Some(words);
    list_page(state, visitor, status, form, None).await
}
