//! Blocks of a document that live on the server: header facts, timeline, follow-ups. Writing and reading view
//! show the same ones; only the writing view offers to change them.

use crate::{
    error::Answer,
    pages::{
        follow_ups::Idea,
        timeline::item::{self, Piece},
    },
    render::html,
    session::Visitor,
    state::State,
    urls::{self, Number},
    words::{facts, said, time::Stamp},
    zone::Zone,
};
use app::{
    Error,
    postmortems::{self, Shown},
};
use askama::Template;
use axum::extract::Path;
use domain::{Instant, document::Live, follow_up::Intent};

#[derive(Template)]
#[template(path = "postmortems/blocks/facts.html")]
pub(super) struct FactsBlock {
    facts: Vec<(&'static str, String)>,
    /// Who took part, in a line of their own; empty when nobody is known.
    people: String,
}

#[derive(Template)]
#[template(path = "postmortems/blocks/timeline.html")]
pub(super) struct TimelineBlock {
    url: String,
    span: String,
    parts: Vec<Line>,
    reading: bool,
}

struct Line {
    day: Option<String>,
    id: String,
    class: &'static str,
    at: Stamp,
    title: String,
    by: String,
    detail: String,
    quote: bool,
    chips: Vec<&'static str>,
    evidence: Vec<Piece>,
    claimed: bool,
}

#[derive(Template)]
#[template(path = "postmortems/blocks/follow-ups.html")]
pub(super) struct FollowUpsBlock {
    number: String,
    ideas: Vec<Idea>,
    intents: [Intent; 8],
    may_add: bool,
}

/// One block as an HTML fragment.
pub(crate) async fn block(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Path(parts): Path<Vec<(String, String)>>,
) -> Answer {
    let name = parts.iter().find(|(key, _)| key == "block").map_or("", |(_, value)| value.as_str());
    let live = Live::from_key(name).ok_or(Error::NotFound)?;
    let shown = postmortems::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame("", crate::render::Room::Library);
    match live {
        Live::Facts => html::ok(&facts_block(&shown, &frame.zone)),
        Live::Timeline => html::ok(&timeline_block(&shown, &frame.zone, false)),
        Live::FollowUps => html::ok(&follow_ups_block(&shown, &frame.zone, frame.now, frame.may_write())),
    }
}

/// Date, severity, services, durations, participants: only what is known.
pub(super) fn facts_block(shown: &Shown, zone: &Zone) -> FactsBlock {
    let incident = &shown.incident.incident;
    let known = facts::known(&shown.incident);
    let measures = facts::measures(&known).into_iter().filter(|one| one.known);
    let mut facts = vec![("Date", zone.say(incident.declared_at, "%-d %B %Y"))];
    if let Some(severity) = incident.severity {
        facts.push(("Severity", format!("{} of 4", severity.level())));
    }
    if !incident.services.is_empty() {
        facts.push(("Services", incident.services.join(", ")));
    }
    facts.extend(measures.map(|one| (one.label, one.words)));
    let people = &shown.incident.participants;
    let named = people.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
    let more = people.len().saturating_sub(12);
    FactsBlock { facts, people: if more == 0 { named } else { format!("{named} and {more} more") } }
}

/// Every event of the story on a line of its own; readers unfold its evidence.
pub(super) fn timeline_block(shown: &Shown, zone: &Zone, reading: bool) -> TimelineBlock {
    let url = urls::incident(shown.incident.incident.number);
    let mut events: Vec<_> = shown.incident.timeline.iter().filter(|one| !one.event.hidden).collect();
    events.sort_by_key(|one| one.event.order());
    let mut day = String::new();
    let parts: Vec<Line> = events
        .iter()
        .map(|one| {
            let today = zone.say(one.event.at, "%A %-d %B");
            let new = (today != day).then(|| today.clone());
            day = today;
            Line::of(one, zone, &url, new)
        })
        .collect();
    let ends = events.first().zip(events.last());
    let clock = |at: Instant| zone.say(at, "%H:%M");
    let span =
        ends.map_or_else(String::new, |(a, b)| format!("{} to {}", clock(a.event.at), clock(b.event.at)));
    let days = parts.iter().filter(|line| line.day.is_some()).count();
    TimelineBlock { url, span: if days > 1 { format!("{days} days") } else { span }, parts, reading }
}

impl Line {
    fn of(one: &app::timeline::Shown, zone: &Zone, url: &str, day: Option<String>) -> Self {
        let event = &one.event;
        let piece = |cited: &app::timeline::Cited| Piece {
            icon: item::icon(cited.source),
            words: [Some(cited.source.label()), cited.place.as_deref(), cited.author.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
            url: format!("{url}/evidence/{}", cited.id),
            picture: item::picture(cited, url),
        };
        let (title, detail) = said::apart(&event.title, &event.detail);
        let by = [event.actor.as_ref().map(|actor| actor.name.as_str()), event.team.as_deref()];
        Self {
            day,
            id: event.id.to_string(),
            class: item::class(item::shape(one)),
            at: Stamp::clock(zone, event.at),
            title,
            by: by.into_iter().flatten().collect::<Vec<_>>().join(", "),
            detail,
            quote: one.evidence.first().is_some_and(|cited| cited.source.is_talk()),
            chips: one.instants.iter().map(|key| key.label()).collect(),
            evidence: one.evidence.iter().map(piece).collect(),
            claimed: event.evidence.is_empty(),
        }
    }
}

/// Resting ideas with their lines, and the form for another.
pub(super) fn follow_ups_block(shown: &Shown, zone: &Zone, now: Instant, may_add: bool) -> FollowUpsBlock {
    FollowUpsBlock {
        number: shown.incident.incident.number.to_string(),
        ideas: shown.follow_ups.iter().map(|row| Idea::of(row, zone, now)).collect(),
        intents: Intent::ALL,
        may_add,
    }
}
