//! The course of an incident in one picture: key instants, phases, impact, who did what, and how loud the chat
//! was. Drawn twice, wide and narrow; the list below it holds the same in words.

use super::{
    felt,
    ink::{Anchor, Ink},
    labels::{self, Wish},
    lanes::{self, Mark, Shape},
    scale::Scale,
};
use crate::zone::Zone;
use domain::{
    Instant,
    instant::Span,
    timeline::{KeyInstant, impact::Interval},
};
use std::collections::BTreeMap;

/// What the picture shows.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    /// The number people say, for the picture's title.
    pub(crate) name: String,
    /// The reader's zone.
    pub(crate) zone: &'a Zone,
    /// Events in any order: when, on whose lane, which shape.
    pub(crate) events: Vec<(Instant, &'a str, Shape)>,
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

/// The two drawings.
#[derive(Debug, Clone)]
pub(crate) struct Overview {
    /// From 48 rem on.
    pub(crate) wide: String,
    /// Below.
    pub(crate) narrow: String,
    /// What lies outside the drawn range, in words; empty when nothing does.
    pub(crate) outside: String,
    /// From where to where it is drawn.
    pub(crate) range: (Instant, Instant),
}

/// The measures of a drawing.
#[derive(Debug, Clone, Copy)]
struct Frame {
    class: &'static str,
    id: &'static str,
    width: f64,
    left: f64,
    /// Names stand above their lanes instead of beside them.
    above: bool,
    letter: f64,
    lane: f64,
    most_lanes: usize,
    most_felt: usize,
    most_ticks: usize,
    mark: f64,
}

const WIDE: Frame = Frame {
    class: "overview",
    id: "ov",
    width: 1180.0,
    left: 172.0,
    above: false,
    letter: 6.7,
    lane: 24.0,
    most_lanes: 7,
    most_felt: 6,
    most_ticks: 10,
    mark: 4.0,
};
const NARROW: Frame = Frame {
    class: "overview narrow",
    id: "on",
    width: 340.0,
    left: 8.0,
    above: true,
    letter: 6.1,
    lane: 32.0,
    most_lanes: 4,
    most_felt: 3,
    most_ticks: 5,
    mark: 3.5,
};

/// Draws the scene; `None` when there is nothing to draw.
pub(crate) fn draw(scene: &Scene<'_>) -> Option<Overview> {
    let (from, to) = scene.part.or_else(|| range(scene))?;
    let before = scene.events.iter().filter(|(at, ..)| *at < from).count();
    let later = scene.events.iter().filter(|(at, ..)| *at > to).count();
    Some(Overview {
        wide: drawing(scene, WIDE, from, to),
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
        ends(&mut scene.events.iter().map(|(at, ..)| *at).chain(scene.instants.values().copied()))?;
    // What came long before or after must not press the hours that mattered into a corner.
    let within = |key: &KeyInstant| (KeyInstant::ImpactStart..=KeyInstant::Resolved).contains(key);
    let core = ends(&mut scene.instants.iter().filter(|(key, _)| within(key)).map(|(_, at)| *at))
        .filter(|(from, to)| to > from);
    let (from, to) = core.map_or(everything, |(from, to)| {
        let margin = Span::seconds(to.since(from).as_seconds() / 3);
        let (low, high) = (from.plus(Span::seconds(-margin.as_seconds())), to.plus(margin));
        let inside = |(at, ..): &&(Instant, &str, Shape)| *at >= low && *at <= high;
        let near = ends(&mut scene.events.iter().filter(inside).map(|(at, ..)| *at)).unwrap_or((from, to));
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
            width: (key.label().chars().count() + 6) as f64 * frame.letter,
        })
        .collect();
    let right = labels::room(&wishes, frame.left, frame.width).min(frame.width - 6.0);
    let scale = Scale::new(from, to, frame.left, right);
    let placed = labels::place(&wishes, frame.left, right);
    let rows = placed.iter().map(|p| p.row + 1).max().unwrap_or(0) as f64;

    let marks: Vec<(&str, Shape, f64)> = scene
        .events
        .iter()
        .filter(|(at, ..)| scale.holds(*at))
        .map(|(at, name, shape)| (*name, *shape, scale.x(*at)))
        .collect();
    let lanes = lanes::lanes(&marks, frame.most_lanes, frame.mark * 2.0 + 1.0);

    let phases_at = rows * 24.0 + 2.0;
    let has_phases = instants.len() > 1;
    let impact_at = phases_at + if has_phases { 30.0 } else { 6.0 };
    let felt = felt::rows(scene.felt, scene.now, frame.most_felt);
    let impact = impact(scene).filter(|_| felt.is_empty());
    let felt_high = if frame.above { 34.0 } else { 20.0 };
    let impact_high = match (&impact, felt.len()) {
        (_, rows) if rows > 0 => rows as f64 * felt_high + 8.0,
        (Some(_), _) => 28.0,
        (None, _) => 4.0,
    };
    let lanes_at = impact_at + impact_high + if frame.above { 16.0 } else { 6.0 };
    let chat_at = lanes_at + lanes.len() as f64 * frame.lane;
    let chat_height = if scene.chat.is_empty() { 0.0 } else { 50.0 };
    let floor = chat_at + chat_height;
    let height = floor + 22.0;

    let title = format!("The course of {} from {} to {}", scene.name, clock(from), clock(to));
    let mut ink = Ink::begin(frame.class, frame.id, frame.width, height, &title, &about(scene, &instants));

    for (x, words) in scale.ticks(scene.zone, frame.most_ticks, frame.width - 14.0) {
        ink.line("line-grid", (x, phases_at), (x, floor));
        let anchor = if x < frame.left + 14.0 && frame.above { Anchor::Start } else { Anchor::Middle };
        ink.text("tick", (x, height - 6.0), anchor, &words);
    }
    if !frame.above && !placed.is_empty() {
        ink.text("lab", (0.0, 15.0), Anchor::Start, "Key instants");
    }
    for place in &placed {
        let (key, at) = instants[place.of];
        let top = place.row as f64 * 24.0 + 5.0;
        ink.line("line-key", (place.x, top), (place.x, phases_at + 20.0));
        ink.label((place.words.0, top + 10.0), key.label(), &clock(at));
    }
    if has_phases {
        phases(&mut ink, &instants, &scale, frame, phases_at);
    }
    if let Some((start, end, sure)) = impact {
        let (a, b) = (scale.x(start), scale.x(end));
        if !frame.above {
            ink.text("lab", (0.0, impact_at + 11.0), Anchor::Start, "Felt outside");
        }
        ink.rect(if sure { "impact" } else { "impact-est" }, (a, impact_at), ((b - a).max(2.0), 12.0));
        let words = if sure { end.since(start).to_string() } else { format!("{} at most", end.since(start)) };
        let wide = words.chars().count() as f64 * frame.letter;
        if b + 8.0 + wide < frame.width {
            ink.text("dir", (b + 7.0, impact_at + 10.5), Anchor::Start, &words);
        } else {
            ink.text("dir", (a - 7.0, impact_at + 10.5), Anchor::End, &words);
        }
    }
    for (n, row) in felt.iter().enumerate() {
        let top = impact_at + n as f64 * felt_high;
        let y = top + felt_high - 11.0;
        let name = shortened(&row.name, if frame.above { 44 } else { 23 });
        if frame.above {
            ink.text("dir", (0.0, y - 10.0), Anchor::Start, &name);
        } else {
            ink.text("lab", (0.0, y + 4.5), Anchor::Start, &name);
        }
        felt::draw(&mut ink, row, &scale, y, frame.width, frame.letter);
    }
    for (from, to) in scene.gaps.iter().filter(|(from, to)| scale.holds(*from) || scale.holds(*to)) {
        let (a, b) = (scale.x(*from), scale.x(*to));
        ink.rect("hatch gap", (a, lanes_at), (b - a, lanes.len() as f64 * frame.lane));
        if b - a > 64.0 {
            ink.text(
                "tick",
                ((a + b) / 2.0, lanes_at + lanes.len() as f64 * frame.lane + 12.0),
                Anchor::Middle,
                "no record",
            );
        }
    }
    for (n, lane) in lanes.iter().enumerate() {
        let y = lanes_at + n as f64 * frame.lane + frame.lane / 2.0;
        one_lane(&mut ink, lane, frame, y);
    }
    chat(&mut ink, scene, &scale, frame, chat_at, floor);
    ink.finish()
}

/// From when to when people outside felt it, and whether the end is known to be its end.
fn impact(scene: &Scene<'_>) -> Option<(Instant, Instant, bool)> {
    let start = *scene.instants.get(&KeyInstant::ImpactStart)?;
    let limited = scene.instants.get(&KeyInstant::Mitigated).map(|at| (*at, true));
    let (end, sure) = limited.or_else(|| scene.instants.get(&KeyInstant::Resolved).map(|at| (*at, false)))?;
    (end >= start).then_some((start, end, sure))
}

/// Between one key instant and the next: hatched while nobody had seen it, then washed, filled, dashed.
fn phases(ink: &mut Ink, instants: &[(KeyInstant, Instant)], scale: &Scale, frame: Frame, y: f64) {
    if !frame.above {
        ink.text("lab", (0.0, y + 14.0), Anchor::Start, "Phases");
    }
    use KeyInstant::{Acknowledged, Detected, Diagnosed, ImpactStart, Mitigated, Resolved};
    let bounds: Vec<(KeyInstant, Instant)> = instants
        .iter()
        .copied()
        .filter(|(key, _)| {
            [ImpactStart, Detected, Acknowledged, Diagnosed, Mitigated, Resolved].contains(key)
        })
        .collect();
    let understood = bounds.iter().any(|(key, _)| *key == Diagnosed);
    for pair in bounds.windows(2) {
        let ((key, from), (next, to)) = (pair[0], pair[1]);
        // Instants out of their usual order contradict each other; a phase between them would claim too much.
        if next < key {
            continue;
        }
        let (class, words) = match key {
            ImpactStart => ("hatch", "not yet seen"),
            Detected | Acknowledged if understood => ("ph1", "finding out"),
            Detected => ("ph1", "seen"),
            Acknowledged | Diagnosed => ("ph2", "limiting"),
            _ => ("ph3", "making sure"),
        };
        let (a, b) = (scale.x(from), scale.x(to));
        ink.rect(class, (a, y), ((b - a).max(1.0), 20.0));
        if words.len() as f64 * frame.letter + 14.0 < b - a {
            ink.text(&format!("in {class}-t"), (a + 8.0, y + 14.0), Anchor::Start, words);
        }
    }
}

fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() > most {
        name.chars().take(most - 1).chain(['…']).collect()
    } else {
        name.to_owned()
    }
}

fn one_lane(ink: &mut Ink, lane: &lanes::Lane, frame: Frame, y: f64) {
    let most = if frame.above { 44 } else { 23 };
    let name = shortened(&lane.name, most);
    if frame.above {
        ink.text("dir", (0.0, y - 9.0), Anchor::Start, &name);
        ink.line("line-lane", (0.0, y), (frame.width, y));
    } else {
        ink.text("lab", (0.0, y + 4.5), Anchor::Start, &name);
        ink.line("line-lane", (frame.left - 12.0, y), (frame.width, y));
    }
    let half = frame.mark;
    for mark in &lane.marks {
        match *mark {
            Mark::One(Shape::Person, x) => ink.dot("ink", x, y, half),
            Mark::One(Shape::Machine, x) => ink.rect("sys", (x - half, y - half), (half * 2.0, half * 2.0)),
            Mark::One(Shape::Decision, x) => ink.diamond("dec", x, y, half + 2.5),
            Mark::One(Shape::Claimed, x) => ink.dot("claim", x, y, half),
            Mark::Many(from, to, _) => ink.pill("ink", from, to, y, half),
        }
    }
}

fn chat(ink: &mut Ink, scene: &Scene<'_>, scale: &Scale, frame: Frame, top: f64, floor: f64) {
    let shown = || scene.chat.iter().filter(|(at, ..)| scale.holds(*at));
    let most = shown().map(|(.., count)| *count).max().unwrap_or(0);
    if scene.chat.is_empty() {
        return;
    }
    ink.line("line-base", (if frame.above { 0.0 } else { frame.left - 12.0 }, floor), (frame.width, floor));
    let name_at = if frame.above { top + 12.0 } else { floor - 16.0 };
    ink.text(if frame.above { "dir" } else { "lab" }, (0.0, name_at), Anchor::Start, "Chat");
    let minutes = scene.chat.first().map_or(0, |(_, seconds, _)| seconds / 60);
    if !frame.above && minutes > 0 {
        ink.text("sub", (0.0, floor - 2.0), Anchor::Start, &format!("messages / {}", Span::minutes(minutes)));
    }
    let mut peak = None;
    // Slices thinner than a pixel would be thousands of marks; the loudest of each pixel is drawn.
    let mut columns: BTreeMap<i64, (f64, f64, i64)> = BTreeMap::new();
    for (at, seconds, count) in shown() {
        let (a, b) = (scale.x(*at), scale.x(at.plus(Span::seconds(*seconds))));
        let column = columns.entry(a as i64).or_insert((a, b, 0));
        column.1 = column.1.max(b);
        column.2 = column.2.max(*count);
    }
    for (a, b, count) in columns.into_values().filter(|(.., count)| *count > 0) {
        let high = (count as f64 / most.max(1) as f64 * 30.0).max(1.5);
        ink.rect("chat", (a, floor - high), ((b - a - 1.5).max(1.0), high));
        if count == most && peak.is_none() {
            peak = Some((a, high));
        }
    }
    if let Some((x, high)) = peak {
        let words = format!("{most} at most");
        let anchor =
            if x + words.len() as f64 * frame.letter > frame.width { Anchor::End } else { Anchor::Start };
        ink.text("dir", (x, floor - high - 4.0), anchor, &words);
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
    let count = scene.events.len();
    words.push(if count == 1 { "1 event".to_owned() } else { format!("{count} events") });
    format!("{}. The list below holds the same in words.", words.join(". "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scene<'a>(
        zone: &'a Zone,
        events: Vec<(Instant, &'a str, Shape)>,
        instants: &'a BTreeMap<KeyInstant, Instant>,
        chat: &'a [(Instant, i64, i64)],
    ) -> Scene<'a> {
        Scene {
            name: "INC-12".into(),
            zone,
            events,
            instants,
            chat,
            felt: &[],
            gaps: &[],
            now: Instant::from_seconds(0),
            part: None,
        }
    }

    #[test]
    fn nothing_is_not_drawn_and_one_event_is() {
        let (zone, none) = (Zone::of(None), BTreeMap::new());
        assert!(draw(&scene(&zone, vec![], &none, &[])).is_none());
        let one = draw(&scene(&zone, vec![(Instant::from_seconds(0), "Gates", Shape::Person)], &none, &[]))
            .unwrap();
        assert!(one.wide.contains("circle") && one.wide.contains("Gates") && one.outside.is_empty());
    }

    #[test]
    fn names_cannot_break_out_of_the_picture() {
        let (zone, none) = (Zone::of(None), BTreeMap::new());
        let evil = "</svg><script>alert(1)</script>";
        let drawn =
            draw(&scene(&zone, vec![(Instant::from_seconds(0), evil, Shape::Person)], &none, &[])).unwrap();
        assert!(!drawn.wide.contains("<script") && !drawn.narrow.contains("<script"));
    }

    #[test]
    fn a_late_note_does_not_press_the_hour_into_a_corner() {
        let zone = Zone::of(None);
        let at = |minutes: i64| Instant::from_seconds(minutes * 60);
        let instants = BTreeMap::from([(KeyInstant::Detected, at(0)), (KeyInstant::Resolved, at(60))]);
        let events = vec![(at(0), "Gates", Shape::Person), (at(20_000), "Gates", Shape::Person)];
        assert_eq!(
            draw(&scene(&zone, events, &instants, &[])).unwrap().outside,
            "1 event later than this picture, in the list below."
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_incident_can_be_drawn_and_stays_small(
            times in prop::collection::vec(any::<i64>(), 0..400),
            keys in prop::collection::vec(any::<i64>(), 15),
            mask in 0u16..=u16::MAX,
            chat in prop::collection::vec((any::<i64>(), any::<i64>(), any::<i64>()), 0..50),
        ) {
            let zone = Zone::of(Some("Europe/Amsterdam"));
            let events: Vec<_> = times.into_iter()
                .map(|at| (Instant::from_micros(at), "Gates", Shape::Machine)).collect();
            let instants: BTreeMap<_, _> = KeyInstant::ALL.into_iter().zip(keys).enumerate()
                .filter(|(n, _)| mask & (1 << n) != 0)
                .map(|(_, (key, at))| (key, Instant::from_micros(at))).collect();
            let chat: Vec<_> = chat.into_iter().map(|(at, s, n)| (Instant::from_micros(at), s, n)).collect();
            if let Some(drawn) = draw(&scene(&zone, events, &instants, &chat)) {
                prop_assert!(drawn.wide.len() < 60_000, "{}", drawn.wide.len());
                prop_assert!(!drawn.wide.contains("NaN") && !drawn.wide.contains("inf"));
            }
        }
    }
}
