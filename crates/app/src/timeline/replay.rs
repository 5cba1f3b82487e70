//! An incident as it could be seen at an instant.

use crate::{App, Result, reach};
use domain::{
    EventId, Instant,
    access::{Action, Actor},
    evidence::{Signal, StoredEvidence},
    incident::IncidentNumber,
    instant::Span,
    timeline::{
        TimelineEvent,
        replay::{Seen, lanes, seen},
    },
};
use std::collections::BTreeMap;
use store::{events, evidence, timeline_acts};

/// What was said and recorded shortly before is shown for so long.
pub const SHORTLY: Span = Span::minutes(10);
/// At most so many records of that time.
const SAID: i64 = 40;
/// A menu offers at most so many lanes.
const LANES: usize = 60;

/// The replay at one instant.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The instant.
    pub at: Instant,
    /// The first and the last instant of the timeline.
    pub range: (Instant, Instant),
    /// What could be seen, oldest first.
    pub seen: Vec<Seen>,
    /// Records of the last minutes that stand in no event, newest last.
    pub said: Vec<StoredEvidence>,
    /// The instants of every event of the lane: where one can step to.
    pub steps: Vec<Instant>,
    /// Teams and actors to look with.
    pub lanes: Vec<String>,
}

/// What could be seen at `at`, or at the first event; for one lane if given. Four statements.
pub async fn at(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    at: Option<Instant>,
    lane: Option<&str>,
) -> Result<Replay> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let (all, _) = events::timeline(&mut tx, held.id()).await?;
    let words = first_words(timeline_acts::first_words(&mut tx, held.id()).await?);
    let mut names: Vec<String> =
        all.iter().filter(|event| !event.hidden).flat_map(lanes).map(str::to_owned).collect();
    names.sort_by_cached_key(|name| name.to_lowercase());
    names.dedup();
    names.truncate(LANES);
    let whole = seen(&all, &words, Instant::MAX, lane);
    let mut steps: Vec<Instant> = whole.iter().map(|one| one.event.at).collect();
    steps.dedup();
    let everything = || all.iter().filter(|event| !event.hidden).map(|event| event.at);
    let first = everything().min().unwrap_or(held.incident().declared_at);
    let last = everything().max().unwrap_or(first);
    let at = at.or_else(|| steps.first().copied()).unwrap_or(first).clamp(first, last);
    let filter = evidence::Filter {
        from: Some(at.plus(SHORTLY.reversed())),
        to: Some(at),
        not_in_timeline: true,
        limit: SAID,
        ..evidence::Filter::default()
    };
    let said = evidence::list(&mut tx, held.id(), &filter).await?;
    let said = said.into_iter().map(|listed| listed.evidence).filter(is_said).collect();
    let range = (first, last);
    Ok(Replay { at, range, seen: seen(&all, &words, at, lane), said, steps, lanes: names })
}

/// The whole course as it was seen step by step, for a storyboard. Three statements.
pub async fn course(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    lane: Option<&str>,
) -> Result<Vec<Seen>> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let (all, _) = events::timeline(&mut tx, held.id()).await?;
    let words = first_words(timeline_acts::first_words(&mut tx, held.id()).await?);
    // Each event as it stood when it happened: an explanation is raised, not yet set aside.
    let then = |event: &TimelineEvent| seen(std::slice::from_ref(event), &words, event.at, lane);
    let mut course: Vec<Seen> = all.iter().flat_map(then).collect();
    course.sort_by_key(|one| one.event.order());
    Ok(course)
}

fn first_words(events: Vec<TimelineEvent>) -> BTreeMap<EventId, TimelineEvent> {
    events.into_iter().map(|event| (event.id, event)).collect()
}

fn is_said(piece: &StoredEvidence) -> bool {
    !matches!(piece.evidence.signal, Signal::Housekeeping | Signal::NotUnderstood)
        && !piece.evidence.text.is_empty()
}
