//! The course of an incident in one picture: key instants, phases, impact, who did what, and how loud the chat
//! was. Drawn three times, wide, compact and narrow; the list below it holds the same in words, and every mark leads
//! to its event there.

use super::{
    chat, felt,
    ink::{Anchor, Ink, Sheet},
    labels::{self, Wish, letters, shortened},
    lanes::{self, Dot, Mark, Shape},
    phases,
    scale::Scale,
};
use crate::zone::Zone;
use domain::{
    EventId, Instant,
    instant::Span,
    timeline::{KeyInstant, impact::Interval},
};
use std::collections::{BTreeMap, HashSet};

/// What the picture shows.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    /// The number people say, for the picture's title.
    pub(crate) name: String,
    /// The reader's zone.
    pub(crate) zone: &'a Zone,
    /// Events in order of time.
    pub(crate) events: Vec<Spot<'a>>,
    /// The events that the list below holds; the others are asked for at `elsewhere`, which their id follows.
    pub(crate) listed: &'a HashSet<EventId>,
    /// Up to where an address names an event.
    pub(crate) elsewhere: &'a str,
    /// The instant that somebody came from, drawn as a line.
    pub(crate) here: Option<Instant>,
    /// Key instants that are known.
    pub(crate) instants: &'a BTreeMap<KeyInstant, Instant>,
    /// Chat messages per slice: start, length in seconds, count.
    pub(crate) chat: &'a [(Instant, i64, i64)],
    /// Who was affected, from when to when; without any, the key instants say it.
    pub(crate) felt: &'a [Interval],
    /// Stretches without a record.
    pub(crate) gaps: &'a [(Instant, Instant)],
    /// Where an impact that goes on ends.
    pub(crate) now: Instant,
    /// The part to draw; all that matters if not given.
    pub(crate) part: Option<(Instant, Instant)>,
}

/// An event in the picture.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'a> {
    pub(crate) id: EventId,
    pub(crate) at: Instant,
    /// Whose lane it stands on.
    pub(crate) lane: &'a str,
    pub(crate) shape: Shape,
    pub(crate) title: &'a str,
}

/// The three drawings.
#[derive(Debug, Clone)]
pub(crate) struct Overview {
    /// From 68 rem on.
    pub(crate) wide: String,
    /// From 48 rem on.
    pub(crate) compact: String,
    /// Below.
    pub(crate) narrow: String,
    /// What lies outside the drawn range, in words; empty when nothing does.
    pub(crate) outside: String,
    /// From where to where it is drawn.
    pub(crate) range: (Instant, Instant),
}

/// The measures of a drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    class: &'static str,
    id: &'static str,
    pub(super) width: f64,
    pub(super) left: f64,
    /// Names stand above their lanes instead of beside them.
    pub(super) above: bool,
    pub(super) letter: f64,
    /// Letters of a name that have room.
    pub(super) name: usize,
    lane: f64,
    most_lanes: usize,
    most_felt: usize,
    most_ticks: usize,
    mark: f64,
}

const WIDE: Frame = Frame {
    class: "overview full",
    id: "ov",
    width: 1180.0,
    left: 172.0,
    above: false,
    letter: 6.7,
    name: 23,
    lane: 24.0,
    most_lanes: 7,
    most_felt: 6,
    most_ticks: 10,
    mark: 4.0,
};
const COMPACT: Frame = Frame {
    class: "overview compact",
    id: "oc",
    width: 780.0,
    left: 140.0,
    above: false,
    letter: 6.7,
    name: 18,
    lane: 24.0,
    most_lanes: 6,
    most_felt: 5,
    most_ticks: 7,
    mark: 4.0,
};
const NARROW: Frame = Frame {
    class: "overview narrow",
    id: "on",
    width: 340.0,
    left: 8.0,
    above: true,
    letter: 6.1,
    name: 44,
    lane: 32.0,
    most_lanes: 4,
    most_felt: 3,
    most_ticks: 5,
    mark: 3.5,
};

/// Up to so many rows of key instants have the room that a few have.
const ROOMY: usize = 6;

/// Draws the scene; `None` when there is nothing to draw.
pub(crate) fn draw(scene: &Scene<'_>) -> Option<Overview> {
    let (from, to) = scene.part.or_else(|| range(scene))?;
    let before = scene.events.iter().filter(|spot| spot.at < from).count();
    let later = scene.events.iter().filter(|spot| spot.at > to).count();
    Some(Overview {
        wide: drawing(scene, WIDE, from, to),
        compact: drawing(scene, COMPACT, from, to),
        narrow: drawing(scene, NARROW, from, to),
        outside: outside(before, later),
        range: (from, to),
    })
}

/// The range to draw: around the key instants when both ends are known, so that a note written a week later
/// does not press the hour that mattered into a corner; otherwise everything there is.
fn range(scene: &Scene<'_>) -> Option<(Instant, Instant)> {
    let ends = |times: &mut dyn Iterator<Item = Instant>| {
        times.fold(None, |ends: Option<(Instant, Instant)>, at| {
            Some(ends.map_or((at, at), |(from, to)| (from.min(at), to.max(at))))
        })
    };
    let everything =
        ends(&mut scene.events.iter().map(|spot| spot.at).chain(scene.instants.values().copied()))?;
    // What came long before or after must not press the hours that mattered into a corner.
    let within = |key: &KeyInstant| (KeyInstant::ImpactStart..=KeyInstant::Resolved).contains(key);
    let felt = scene.felt.iter().flat_map(|it| [it.from, it.to.unwrap_or(scene.now).max(it.from)]);
    let chosen = scene.instants.iter().filter(|(key, _)| within(key)).map(|(_, at)| *at);
    let core = ends(&mut chosen.chain(felt)).filter(|(from, to)| to > from);
    let (from, to) = core.map_or(everything, |(from, to)| {
        let margin = Span::seconds(to.since(from).as_seconds() / 3);
        let (low, high) = (from.plus(Span::seconds(-margin.as_seconds())), to.plus(margin));
        let inside = scene.events.iter().map(|spot| spot.at).filter(|at| *at >= low && *at <= high);
        let near = ends(&mut inside.into_iter()).unwrap_or((from, to));
        (from.min(near.0), to.max(near.1))
    });
    let pad = (to.since(from).as_seconds() / 50).max(30);
    Some((from.plus(Span::seconds(-pad)), to.plus(Span::seconds(pad))))
}

fn outside(before: usize, later: usize) -> String {
    let events = |count: usize| if count == 1 { "1 event".to_owned() } else { format!("{count} events") };
    match (before, later) {
        (0, 0) => String::new(),
        (before, 0) => format!("{} earlier than this picture, in the list below.", events(before)),
        (0, later) => format!("{} later than this picture, in the list below.", events(later)),
        (before, later) => {
            format!("{} earlier and {later} later than this picture, in the list below.", events(before))
        }
    }
}

fn drawing(scene: &Scene<'_>, frame: Frame, from: Instant, to: Instant) -> String {
    let clock = |at: Instant| scene.zone.say(at, "%H:%M");
    let whole = Scale::new(from, to, frame.left, frame.width);
    let mut instants: Vec<(KeyInstant, Instant)> =
        scene.instants.iter().map(|(key, at)| (*key, *at)).filter(|(_, at)| whole.holds(*at)).collect();
    instants.sort_by_key(|(key, at)| (*at, *key));
    let wishes: Vec<Wish> = instants
        .iter()
        .map(|(key, at)| Wish {
            share: whole.share(*at).clamp(0.0, 1.0),
            width: (letters(key.label()) + 6.0) * frame.letter,
        })
        .collect();
    let felt = match phases::impact(scene).filter(|_| scene.felt.is_empty()) {
        Some(impact) => vec![felt::Row::outside(impact)],
        None => felt::rows(scene.felt, scene.now, frame.most_felt),
    };
    let right = labels::room(&wishes, frame.left, frame.width).min(frame.width - 6.0);
    let right = felt::right(&felt, (from, to), frame, right);
    let scale = Scale::new(from, to, frame.left, right);
    let placed = labels::place(&wishes, frame.left, right);
    let rows = placed.iter().map(|p| p.row + 1).max().unwrap_or(0);
    // Many rows stand closer, so that what they point at stays near.
    let pitch = if rows > ROOMY { 17.0 } else { 24.0 };

    let dots: Vec<Dot<'_>> = scene
        .events
        .iter()
        .enumerate()
        .filter(|(_, spot)| scale.holds(spot.at))
        .map(|(of, spot)| Dot { lane: spot.lane, shape: spot.shape, x: scale.x(spot.at), of })
        .collect();
    let lanes = lanes::lanes(&dots, frame.most_lanes, frame.mark * 2.0 + 1.0);

    let phases_at = rows as f64 * pitch + 2.0;
    let has_phases = instants.len() > 1;
    let impact_at = phases_at + if has_phases { 30.0 } else { 6.0 };
    let felt_high = felt::high(&felt, frame);
    let impact_high = if felt.is_empty() { 4.0 } else { felt.len() as f64 * felt_high + 8.0 };
    let lanes_at = impact_at + impact_high + if frame.above { 16.0 } else { 6.0 };
    let chat_at = lanes_at + lanes.len() as f64 * frame.lane;
    let chat_height = if scene.chat.is_empty() { 0.0 } else { 50.0 };
    let floor = chat_at + chat_height;
    let height = floor + 22.0;

    let title = format!("The course of {} from {} to {}", scene.name, clock(from), clock(to));
    let sheet = Sheet { class: frame.class, id: frame.id, role: "group", width: frame.width, height };
    let mut ink = Ink::begin(&sheet, &title, &about(scene, &instants));

    for (x, words) in scale.ticks(scene.zone, frame.most_ticks, frame.width - 14.0, frame.letter) {
        ink.line("line-grid", (x, phases_at), (x, floor));
        let half = letters(&words) * frame.letter / 2.0;
        ink.text("tick", (x.clamp(half, frame.width - half), height - 6.0), Anchor::Middle, &words);
    }
    if !frame.above && !placed.is_empty() {
        ink.text("lab", (0.0, 15.0), Anchor::Start, "Key instants");
    }
    for place in &placed {
        let (key, at) = instants[place.of];
        let top = place.row as f64 * pitch + 5.0;
        ink.line("line-key", (place.x, top), (place.x, phases_at + 20.0));
        ink.label((place.words.0, top + 10.0), key.label(), &clock(at));
    }
    if has_phases {
        phases::draw(&mut ink, &instants, &scale, frame, phases_at);
    }
    for (n, row) in felt.iter().enumerate() {
        let top = impact_at + n as f64 * felt_high;
        let y = top + felt_high - 11.0;
        let again = n.checked_sub(1).and_then(|before| felt.get(before));
        let again = again.is_some_and(|before| before.service == row.service);
        felt::draw(&mut ink, row, &scale, y, frame, again);
    }
    let gaps = || scene.gaps.iter().filter(|(from, to)| scale.holds(*from) || scale.holds(*to));
    for (from, to) in gaps() {
        let (a, b) = (scale.x(*from), scale.x(*to));
        ink.rect("hatch gap", (a, lanes_at), (b - a, lanes.len() as f64 * frame.lane));
    }
    let most = lanes.iter().flat_map(|lane| &lane.marks).map(|mark| mark.count).max().unwrap_or(1);
    for (n, lane) in lanes.iter().enumerate() {
        let y = lanes_at + n as f64 * frame.lane + frame.lane / 2.0;
        one_lane(&mut ink, scene, lane, frame, (y, most));
    }
    for (from, to) in gaps() {
        let (a, b) = (scale.x(*from), scale.x(*to));
        if b - a > 64.0 {
            let at = ((a + b) / 2.0, lanes_at + frame.lane / 2.0 + 4.0);
            ink.text("dir", at, Anchor::Middle, "no record");
        }
    }
    chat::draw(&mut ink, scene, &scale, frame, chat_at, floor);
    if let Some(here) = scene.here.filter(|at| scale.holds(*at)) {
        let x = scale.x(here);
        ink.line("line-here", (x, impact_at), (x, floor + 4.0));
    }
    ink.finish()
}

/// A lane at a height, with how many the busiest mark of the picture holds: the busier, the thicker.
fn one_lane(ink: &mut Ink, scene: &Scene<'_>, lane: &lanes::Lane, frame: Frame, (y, most): (f64, usize)) {
    let name = shortened(&lane.name, frame.name);
    if frame.above {
        ink.text("dir", (0.0, y - 9.0), Anchor::Start, &name);
        ink.line("line-lane", (0.0, y), (frame.width, y));
    } else {
        ink.text("lab", (0.0, y + 4.5), Anchor::Start, &name);
        ink.line("line-lane", (frame.left - 12.0, y), (frame.width, y));
    }
    let half = frame.mark;
    for mark in &lane.marks {
        let words = said(scene, mark);
        let (first, last) = (&scene.events[mark.of.0], &scene.events[mark.of.1]);
        let address = if scene.listed.contains(&first.id) {
            format!("#e-{}", first.id)
        } else {
            format!("{}{}#e-{}", scene.elsewhere, first.id, first.id)
        };
        let seconds = |at: Instant| at.as_micros().div_euclid(1_000_000);
        ink.begin_link(&address, (seconds(first.at), seconds(last.at)), &words);
        let x = mark.from;
        match mark.shape {
            Some(Shape::Person) => ink.dot("ink", x, y, half),
            Some(Shape::Machine) => ink.rect("sys", (x - half, y - half), (half * 2.0, half * 2.0)),
            Some(Shape::Decision) => ink.diamond("dec", x, y, half + 2.5),
            Some(Shape::Claimed) => ink.dot("claim", x, y, half),
            None if most <= FEW => ink.pill("ink", x, mark.to, y, half),
            None => {
                let high = half * (0.5 + 1.3 * mark.count as f64 / most as f64);
                ink.rect("ink", (x - half, y - high), (mark.to - x + 2.0 * half - 1.5, high * 2.0));
            }
        }
        ink.end_link(&words);
    }
}

/// Up to so many events in one mark, thickness would tell nothing.
const FEW: usize = 6;

/// A mark in words: when and what, or how many from when to when.
fn said(scene: &Scene<'_>, mark: &Mark) -> String {
    let clock = |at: Instant| scene.zone.say(at, "%H:%M");
    let (first, last) = (&scene.events[mark.of.0], &scene.events[mark.of.1]);
    let title = shortened(first.title, 60);
    match (mark.count, mark.shape) {
        (1, _) => format!("{} {title}", clock(first.at)),
        (count, Some(_)) => format!("{} {title}, and {} more decisions", clock(first.at), count - 1),
        (count, None) => format!("{count} events, {} to {}", clock(first.at), clock(last.at)),
    }
}

/// The same in words.
fn about(scene: &Scene<'_>, instants: &[(KeyInstant, Instant)]) -> String {
    let mut words: Vec<String> = instants
        .iter()
        .map(|(key, at)| format!("{} {}", key.label(), scene.zone.say(*at, "%-d %B %H:%M")))
        .collect();
    if words.is_empty() {
        words.push("No key instant is chosen yet".to_owned());
    }
    for row in felt::rows(scene.felt, scene.now, usize::MAX) {
        words.push(format!("{}: {}", row.service, row.said(usize::MAX)));
    }
    let count = scene.events.len();
    words.push(if count == 1 { "1 event".to_owned() } else { format!("{count} events") });
    format!("{}. The list below holds the same in words.", words.join(". "))
}

#[cfg(test)]
#[path = "overview_tests.rs"]
mod tests;
