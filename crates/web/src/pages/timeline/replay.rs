//! Replay: an incident as it could be seen at an instant, without hindsight, and the same as a storyboard on paper.

use crate::{
    error::Answer,
    forms::Asking,
    picture::replay as picture,
    render::{Frame, Room, html},
    session::Visitor,
    state::State,
    urls::{self, Number, part},
    words::{said, time::Stamp},
    zone::Zone,
};
use app::timeline::replay::{self, Replay};
use askama::Template;
use domain::{Instant, evidence::StoredEvidence, timeline::replay::Seen};

#[derive(Template)]
#[template(path = "timeline/replay.html")]
struct ReplayPage {
    frame: Frame,
    number: String,
    url: String,
    at: Stamp,
    day: String,
    field: String,
    /// How long after the first event.
    after: String,
    strip: String,
    lanes: Vec<(String, bool)>,
    lane: String,
    seen: Vec<Line>,
    earlier: usize,
    said: Vec<Said>,
    first: Option<String>,
    back: Option<String>,
    next: Option<String>,
    last: Option<String>,
    print: String,
    link: String,
}

/// An event as it could be seen.
struct Line {
    at: Stamp,
    title: String,
    by: String,
    detail: String,
    note: String,
    class: &'static str,
    fresh: bool,
}

/// A record of the last minutes.
struct Said {
    at: Stamp,
    by: String,
    words: String,
    url: String,
}

/// How many events the page shows in full; the ones before are counted.
const SHOWN: usize = 40;

/// The page, at `?at=`, looked at with `?lane=`.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let zone = visitor.zone();
    let at = asked.text("at").parse().ok().or_else(|| zone.read_field(asked.text("at")));
    let lane = asked.filled("lane");
    let found = replay::at(&state.app, visitor.actor(), number, at, lane).await?;
    // Neither title nor summary: both were written when it was over.
    let frame = visitor.frame(format!("Replay of {number}"), Room::Incidents);
    let url = urls::incident(number);
    let to = |at: Instant| {
        let lane = lane.map(|lane| format!("&lane={}", part(lane))).unwrap_or_default();
        format!("{url}/replay?at={}{lane}", part(&at.to_string()))
    };
    let back = found.steps.iter().rev().find(|step| **step < found.at);
    let next = found.steps.iter().find(|step| **step > found.at);
    let marks: Vec<Instant> = found.seen.iter().map(|one| one.event.at).collect();
    let strip = picture::strip(found.range, found.at, &marks, &zone);
    let count = found.seen.len();
    html::ok(&ReplayPage {
        number: number.to_string(),
        at: Stamp::clock(&zone, found.at),
        day: zone.say(found.at, "%A %-d %B %Y"),
        field: zone.field(found.at),
        after: found.at.since(found.range.0).to_string(),
        strip,
        lanes: found.lanes.iter().map(|name| (name.clone(), Some(name.as_str()) == lane)).collect(),
        lane: lane.unwrap_or_default().to_owned(),
        earlier: count.saturating_sub(SHOWN),
        seen: lines(&found, &zone),
        said: found.said.iter().map(|piece| said_line(piece, &zone, &url)).collect(),
        first: back.and(found.steps.first()).map(|at| to(*at)),
        back: back.map(|at| to(*at)),
        next: next.map(|at| to(*at)),
        last: next.and(found.steps.last()).map(|at| to(*at)),
        print: format!(
            "{url}/replay/print{}",
            lane.map(|lane| format!("?lane={}", part(lane))).unwrap_or_default()
        ),
        link: to(found.at),
        url,
        frame,
    })
}

fn lines(found: &Replay, zone: &Zone) -> Vec<Line> {
    let skip = found.seen.len().saturating_sub(SHOWN);
    found
        .seen
        .iter()
        .skip(skip)
        .map(|one| Line { fresh: one.event.at == found.at, ..line(one, zone) })
        .collect()
}

fn line(one: &Seen, zone: &Zone) -> Line {
    let event = &one.event;
    let (title, detail) = said::apart(&event.title, &event.detail);
    let by = [event.actor.as_ref().map(|actor| actor.name.as_str()), event.team.as_deref()];
    let standing = event.context.standing.map(|standing| standing.label().to_owned());
    let afterwards = one.told_afterwards.then(|| "told afterwards".to_owned());
    Line {
        at: Stamp::clock(zone, event.at),
        title,
        by: by.into_iter().flatten().collect::<Vec<_>>().join(", "),
        detail,
        note: standing.or(afterwards).unwrap_or_default(),
        class: match event.kind {
            _ if one.told_afterwards => "unsourced",
            domain::timeline::EventKind::Decision => "decision",
            domain::timeline::EventKind::Alert => "system",
            _ => "people",
        },
        fresh: false,
    }
}

fn said_line(piece: &StoredEvidence, zone: &Zone, url: &str) -> Said {
    let evidence = &piece.evidence;
    let place = evidence.place.as_deref().unwrap_or(evidence.source.label());
    Said {
        at: Stamp::clock(zone, evidence.at),
        by: evidence
            .author
            .as_ref()
            .map_or_else(|| place.to_owned(), |author| format!("{}, {place}", author.name)),
        words: evidence.text.chars().take(400).collect(),
        url: format!("{url}/evidence/{}", piece.id),
    }
}

#[derive(Template)]
#[template(path = "timeline/storyboard.html")]
struct StoryboardPage {
    frame: Frame,
    number: String,
    url: String,
    lane: String,
    days: String,
    frames: Vec<Scene>,
}

/// One picture of the storyboard: what became visible within a short while.
struct Scene {
    at: Stamp,
    /// Its day, where the course takes several.
    day: String,
    /// How far it was.
    so_far: String,
    after: String,
    lines: Vec<Line>,
}

/// A storyboard has at most so many pictures; a longer course has more in each.
const SCENES: usize = 60;

/// The whole course on paper, each step as it could be seen then.
pub(crate) async fn storyboard(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let lane = asked.filled("lane");
    let course = replay::course(&state.app, visitor.actor(), number, lane).await?;
    let frame = visitor.frame(format!("Storyboard of {number}"), Room::Incidents);
    let zone = visitor.zone();
    let first = course.first().map(|one| one.event.at);
    let each = course.len().div_ceil(SCENES).max(1);
    let marks: Vec<Instant> = course.iter().map(|one| one.event.at).collect();
    let range = marks.first().copied().zip(marks.last().copied());
    let several = range.is_some_and(|(from, to)| zone.say(from, "%F") != zone.say(to, "%F"));
    let frames = course.chunks(each).filter_map(|chunk| {
        let at = chunk.first()?.event.at;
        Some(Scene {
            at: Stamp::clock(&zone, at),
            day: if several { zone.say(at, "%a %-d %b") } else { String::new() },
            so_far: picture::so_far(range?, chunk.last()?.event.at, &marks),
            after: at.since(first?).to_string(),
            lines: chunk.iter().map(|one| line(one, &zone)).collect(),
        })
    });
    let frames: Vec<Scene> = frames.collect();
    let days = course.first().zip(course.last());
    html::ok(&StoryboardPage {
        number: number.to_string(),
        url: urls::incident(number),
        lane: lane.unwrap_or_default().to_owned(),
        days: days.map(|(a, b)| crate::words::time::days(&zone, a.event.at, b.event.at)).unwrap_or_default(),
        frames,
        frame,
    })
}
