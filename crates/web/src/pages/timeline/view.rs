//! A timeline as its readers see it: which events, in which order, folded where it is long.

use crate::{
    forms::Submitted,
    picture::{
        lanes::Shape,
        overview::{self, Overview, Scene},
    },
    render::Frame,
    urls,
    words::{said, text, time::Stamp},
    zone::Zone,
};
use app::{incidents, timeline::Shown};
use domain::{
    Instant,
    evidence::Source,
    timeline::{
        EventKind, KeyInstant, Precision,
        durations::Known,
        event::{ActorKind, Chosen},
    },
};
use std::collections::BTreeMap;

/// Which events are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Everything,
    Decisions,
    KeyInstants,
    WithoutEvidence,
    Hidden,
}

impl Which {
    const ALL: [Self; 5] =
        [Self::Everything, Self::Decisions, Self::KeyInstants, Self::WithoutEvidence, Self::Hidden];

    const fn key(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::Decisions => "decisions",
            Self::KeyInstants => "instants",
            Self::WithoutEvidence => "claimed",
            Self::Hidden => "hidden",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Everything => "Everything",
            Self::Decisions => "Decisions",
            Self::KeyInstants => "Key instants",
            Self::WithoutEvidence => "Without evidence",
            Self::Hidden => "Hidden",
        }
    }

    fn holds(self, one: &Shown) -> bool {
        match self {
            Self::Hidden => one.event.hidden,
            _ if one.event.hidden => false,
            Self::Everything => true,
            Self::Decisions => one.event.kind == EventKind::Decision,
            Self::KeyInstants => !one.instants.is_empty(),
            Self::WithoutEvidence => one.event.evidence.is_empty(),
        }
    }
}

/// The timeline below the picture.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// There is nothing at all, so nothing to choose from.
    pub(crate) bare: bool,
    pub(crate) switch: Vec<Choice>,
    pub(crate) which: &'static str,
    pub(crate) words: String,
    pub(crate) newest_first: bool,
    pub(crate) turn_url: String,
    pub(crate) count: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) empty: &'static str,
}

/// One choice of the view switch.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) label: &'static str,
    pub(crate) count: usize,
    pub(crate) url: String,
    pub(crate) current: bool,
}

/// Events that stand in full, or a fold of them.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The words of the fold; empty when the events stand in full.
    pub(crate) fold: String,
    pub(crate) items: Vec<Item>,
}

/// One event in the list.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The day, where a new one begins.
    pub(crate) day: Option<String>,
    pub(crate) id: String,
    pub(crate) class: String,
    pub(crate) at: Stamp,
    pub(crate) about: &'static str,
    pub(crate) title: String,
    pub(crate) by: String,
    pub(crate) detail: String,
    /// The detail is what somebody said.
    pub(crate) quote: bool,
    pub(crate) chips: Vec<&'static str>,
    pub(crate) evidence: Vec<Piece>,
    pub(crate) claimed: bool,
    pub(crate) why: Vec<(String, String)>,
    pub(crate) url: String,
    pub(crate) insert_url: Option<String>,
    pub(crate) hidden: bool,
}

/// A piece of evidence at the side.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) icon: &'static str,
    pub(crate) words: String,
    pub(crate) url: String,
}

/// From how many events on runs of ordinary ones are folded.
const LONG: usize = 60;
/// The shortest run that is worth a fold.
const RUN: usize = 5;

impl View {
    /// The timeline of an incident as asked for (`view`, `find`, `order`).
    pub(crate) fn of(shown: &incidents::Shown, asked: &Submitted, frame: &Frame, url: &str) -> Self {
        let which = Which::ALL
            .into_iter()
            .find(|which| which.key() == asked.text("view"))
            .unwrap_or(Which::Everything);
        let words = asked.text("find").to_owned();
        let newest_first = asked.text("order") == "desc";
        let mut events: Vec<&Shown> =
            shown.timeline.iter().filter(|one| which.holds(one) && mentions(one, &words)).collect();
        events.sort_by_key(|one| one.event.order());
        if newest_first {
            events.reverse();
        }
        let reasons: BTreeMap<_, Vec<(String, String)>> = reasons(shown);
        let plain = which == Which::Everything && words.is_empty();
        let mut day = String::new();
        let mut items = Vec::with_capacity(events.len());
        for (n, one) in events.iter().enumerate() {
            let today = frame.zone.say(one.event.at, "%A %-d %B");
            let new_day =
                (today != day && (n > 0 || several_days(&events, &frame.zone))).then(|| today.clone());
            day = today;
            let next = events.get(n + 1).filter(|_| plain && !newest_first && frame.may_write());
            let middle = next.map(|next| between(one.event.at, next.event.at));
            let mut item = Item::of(one, &frame.zone, url, reasons.get(&one.event.id));
            item.day = new_day;
            item.insert_url = middle.map(|at| format!("{url}/events/new?at={}", urls::part(&at.to_string())));
            items.push((item, ordinary(one)));
        }
        let query = |which: Which, desc: bool| {
            let mut parts = Vec::new();
            if which != Which::Everything {
                parts.push(format!("view={}", which.key()));
            }
            if !words.is_empty() {
                parts.push(format!("find={}", urls::part(&words)));
            }
            if desc {
                parts.push("order=desc".to_owned());
            }
            if parts.is_empty() {
                format!("{url}#timeline")
            } else {
                format!("{url}?{}#timeline", parts.join("&"))
            }
        };
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        Self {
            bare: shown.timeline.is_empty(),
            switch: Which::ALL
                .into_iter()
                .map(|choice| Choice {
                    label: choice.label(),
                    count: shown.timeline.iter().filter(|one| choice.holds(one)).count(),
                    url: query(choice, newest_first),
                    current: choice == which,
                })
                .collect(),
            which: which.key(),
            turn_url: query(which, !newest_first),
            count: text::count(count, "event", "events"),
            parts: folded(items, plain),
            empty: empty(which, !words.is_empty()),
            words,
            newest_first,
        }
    }
}

fn empty(which: Which, searched: bool) -> &'static str {
    match which {
        _ if searched => "No event says that. Words are looked for in titles, details, actors and teams.",
        Which::Everything => "Nothing is on the timeline yet. Bring records in, or add what you remember.",
        Which::Decisions => {
            "No decision is marked yet. What was chosen, and when, is often the heart of the story."
        }
        Which::KeyInstants => "No key instant is chosen yet. Open an event to say that impact started there.",
        Which::WithoutEvidence => "Every event rests on evidence.",
        Which::Hidden => "Nothing is hidden.",
    }
}

fn mentions(one: &Shown, words: &str) -> bool {
    let event = &one.event;
    let actor = event.actor.as_ref().map_or("", |actor| actor.name.as_str());
    let whole = format!("{} {} {actor} {}", event.title, event.detail, event.team.as_deref().unwrap_or(""))
        .to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| whole.contains(word))
}

fn several_days(events: &[&Shown], zone: &Zone) -> bool {
    let ends = events.first().zip(events.last());
    ends.is_some_and(|(a, b)| zone.say(a.event.at, "%F") != zone.say(b.event.at, "%F"))
}

/// The instant in the middle, to the whole second where there is one.
fn between(a: Instant, b: Instant) -> Instant {
    let middle = a.as_micros() / 2 + b.as_micros() / 2;
    let whole = Instant::from_seconds(middle.div_euclid(1_000_000));
    if whole >= a.min(b) { whole } else { Instant::from_micros(middle) }
}

/// Events that a fold may hold: neither key instants nor decisions nor what people wrote themselves.
fn ordinary(one: &Shown) -> bool {
    one.instants.is_empty()
        && !matches!(one.event.kind, EventKind::Decision | EventKind::Change | EventKind::Report)
        && matches!(one.event.chosen, Chosen::Rule { .. })
        && !one.event.touched
}

fn folded(items: Vec<(Item, bool)>, plain: bool) -> Vec<Part> {
    let long = plain && items.len() > LONG;
    let mut parts: Vec<Part> = Vec::new();
    let mut run: Vec<Item> = Vec::new();
    let full = |parts: &mut Vec<Part>, new: Vec<Item>| match parts.last_mut() {
        Some(last) if last.fold.is_empty() => last.items.extend(new),
        _ => parts.push(Part { fold: String::new(), items: new }),
    };
    let close = |parts: &mut Vec<Part>, run: Vec<Item>| {
        if run.len() < RUN {
            full(parts, run);
        } else {
            parts.push(Part { fold: format!("Show {} more", run.len()), items: run });
        }
    };
    for (item, ordinary) in items {
        if long && ordinary && item.day.is_none() {
            run.push(item);
        } else {
            close(&mut parts, std::mem::take(&mut run));
            full(&mut parts, vec![item]);
        }
    }
    close(&mut parts, run);
    parts.retain(|part| !part.items.is_empty());
    parts
}

/// Why each event is here and why its instants were taken from it.
fn reasons(shown: &incidents::Shown) -> BTreeMap<domain::EventId, Vec<(String, String)>> {
    let mut reasons: BTreeMap<_, Vec<(String, String)>> = BTreeMap::new();
    for chosen in &shown.instants {
        let summary = format!("Why is this “{}”?", chosen.instant.label().to_lowercase());
        let state = if chosen.confirmed { "" } else { " Proposed by a rule; nobody has confirmed it yet." };
        let reason = if chosen.reason.is_empty() { "Chosen by a person." } else { chosen.reason.as_str() };
        reasons.entry(chosen.event).or_default().push((summary, format!("{reason}{state}")));
    }
    reasons
}

/// The shape of an event's mark.
pub(crate) fn shape(one: &Shown) -> Shape {
    let event = &one.event;
    let machine = match &event.actor {
        Some(actor) => actor.kind == ActorKind::System,
        None => matches!(event.kind, EventKind::Alert | EventKind::Status),
    };
    match event.kind {
        EventKind::Decision => Shape::Decision,
        _ if event.evidence.is_empty() => Shape::Claimed,
        _ if machine => Shape::Machine,
        _ => Shape::Person,
    }
}

/// The class that draws it.
pub(crate) const fn class(shape: Shape) -> &'static str {
    match shape {
        Shape::Person => "people",
        Shape::Machine => "system",
        Shape::Decision => "decision",
        Shape::Claimed => "unsourced",
    }
}

/// The icon of a source.
pub(crate) const fn icon(source: Source) -> &'static str {
    match source {
        Source::Slack => "message-square",
        Source::Pagerduty => "bell-ring",
        Source::Debrief => "file-text",
    }
}

const fn about(precision: Precision) -> &'static str {
    match precision {
        Precision::Second | Precision::Minute => "",
        Precision::FiveMinutes => "about",
        Precision::Hour => "within an hour",
    }
}

impl Item {
    fn of(one: &Shown, zone: &Zone, url: &str, instants: Option<&Vec<(String, String)>>) -> Self {
        let event = &one.event;
        let by: Vec<&str> = [event.actor.as_ref().map(|actor| actor.name.as_str()), event.team.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        let mut why: Vec<(String, String)> = instants.cloned().unwrap_or_default();
        if let Chosen::Rule { reason, .. } = &event.chosen {
            why.push(("Why is this here?".to_owned(), reason.clone()));
        }
        let mut class = class(shape(one)).to_owned();
        if !one.instants.is_empty() {
            class.push_str(" is-key");
        }
        let (title, detail) = said::apart(&event.title, &event.detail);
        Self {
            day: None,
            id: event.id.to_string(),
            class,
            at: Stamp::clock(zone, event.at),
            about: about(event.precision),
            title,
            by: by.join(", "),
            detail,
            quote: one.evidence.first().is_some_and(|cited| cited.source == Source::Slack),
            chips: one.instants.iter().map(|key: &KeyInstant| key.label()).collect(),
            evidence: one
                .evidence
                .iter()
                .map(|cited| {
                    let words: Vec<&str> =
                        [cited.place.as_deref(), cited.author.as_deref()].into_iter().flatten().collect();
                    Piece {
                        icon: icon(cited.source),
                        words: if words.is_empty() {
                            cited.source.label().to_owned()
                        } else {
                            words.join(", ")
                        },
                        url: format!("{url}/evidence/{}", cited.id),
                    }
                })
                .collect(),
            claimed: event.evidence.is_empty(),
            why,
            url: format!("{url}/events/{}", event.id),
            insert_url: None,
            hidden: event.hidden,
        }
    }
}

/// The picture above the list.
pub(crate) fn overview(
    shown: &incidents::Shown,
    known: &BTreeMap<KeyInstant, Known>,
    zone: &Zone,
) -> Option<Overview> {
    let instants: BTreeMap<KeyInstant, Instant> = known.iter().map(|(key, known)| (*key, known.at)).collect();
    let lane = |one: &'_ Shown| -> String {
        let event = &one.event;
        let actor = event.actor.as_ref().map(|actor| actor.name.clone());
        let source = || one.evidence.first().map(|cited| cited.source.label().to_owned());
        event.team.clone().or(actor).or_else(source).unwrap_or_else(|| "Not said by whom".to_owned())
    };
    let named: Vec<(Instant, String, Shape)> = shown
        .timeline
        .iter()
        .filter(|one| !one.event.hidden)
        .map(|one| (one.event.at, lane(one), shape(one)))
        .collect();
    overview::draw(&Scene {
        name: shown.incident.number.to_string(),
        zone,
        events: named.iter().map(|(at, name, shape)| (*at, name.as_str(), *shape)).collect(),
        instants: &instants,
        chat: &shown.chat_density,
    })
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
