//! A timeline as its readers see it: which events, in which order, folded where it is long.

use super::{
    item::{self, Account, Gap, Item},
    narrow::{Menu, Narrow},
};
use crate::{
    forms::Submitted,
    render::Frame,
    urls,
    words::{facts, text, time::Stamp},
    zone::Zone,
};
use app::{incidents, timeline::Shown};
use domain::{
    EventId, Instant,
    instant::Span,
    timeline::{EventKind, KeyInstant, durations::Known, event::Chosen, gaps::gaps},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What list and picture need of the whole timeline, read once however many events it has.
pub(crate) struct Once<'a> {
    pub(crate) shown: &'a incidents::Shown,
    pub(crate) known: BTreeMap<KeyInstant, Known>,
    /// Stretches of the response without a record.
    pub(crate) gaps: Vec<(Instant, Instant)>,
    /// What others tell of the same event.
    accounts: HashMap<EventId, Vec<&'a Shown>>,
    /// How many events each view of the list holds, in the order of [`Which::ALL`].
    counts: [usize; Which::ALL.len()],
}

impl<'a> Once<'a> {
    pub(crate) fn of(shown: &'a incidents::Shown) -> Self {
        let known = facts::known(shown);
        let gaps = gaps_of(shown, &known);
        let mut accounts: HashMap<EventId, Vec<&Shown>> = HashMap::new();
        let mut counts = [0; Which::ALL.len()];
        for one in &shown.timeline {
            for (count, which) in counts.iter_mut().zip(Which::ALL) {
                *count += usize::from(which.holds(one));
            }
            if let Some(main) = one.event.context.account_of.filter(|_| !one.event.hidden) {
                accounts.entry(main).or_default().push(one);
            }
        }
        Self { shown, known, gaps, accounts, counts }
    }
}

/// Which events are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Everything,
    Decisions,
    KeyInstants,
    WithoutEvidence,
    ForLater,
    Hidden,
}

impl Which {
    const ALL: [Self; 6] = [
        Self::Everything,
        Self::Decisions,
        Self::KeyInstants,
        Self::WithoutEvidence,
        Self::ForLater,
        Self::Hidden,
    ];

    const fn key(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::Decisions => "decisions",
            Self::KeyInstants => "instants",
            Self::WithoutEvidence => "claimed",
            Self::ForLater => "later",
            Self::Hidden => "hidden",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Everything => "Everything",
            Self::Decisions => "Decisions",
            Self::KeyInstants => "Key instants",
            Self::WithoutEvidence => "Without evidence",
            Self::ForLater => "For later",
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
            Self::ForLater => one.event.for_later().is_some(),
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
    /// The parts of a long list before and after this one, and which this is.
    pub(crate) newer: Option<String>,
    pub(crate) older: Option<String>,
    pub(crate) place: String,
    /// Which events stand in this part.
    pub(crate) listed: HashSet<EventId>,
    /// Teams, people, sources and kinds to choose from.
    pub(crate) menus: Vec<Menu>,
    /// Whether one of them is chosen.
    pub(crate) narrowed: bool,
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

/// From how many events on runs of ordinary ones are folded.
const LONG: usize = 60;
/// How many events a page of the list holds.
const PAGE: usize = 300;
/// The shortest run that is worth a fold.
const RUN: usize = 5;

impl View {
    /// The timeline of an incident as asked for (`view`, `find`, `team`, `who`, `source`, `kind`, `order`, `page`, or
    /// `event` for the part that holds it).
    pub(crate) fn of(once: &Once<'_>, asked: &Submitted, frame: &Frame, url: &str) -> Self {
        let shown = once.shown;
        let wanted: Option<EventId> = asked.text("event").parse().ok();
        let asked = Choices::of(asked);
        let newest_first = asked.newest_first;
        let is_account = |one: &Shown| one.event.context.account_of.is_some();
        let holds = |one: &Shown| asked.which.holds(one) && asked.narrow.hold(one);
        let mut events: Vec<&Shown> = shown
            .timeline
            .iter()
            .filter(|one| holds(one) && (asked.which == Which::Hidden || !is_account(one)))
            .collect();
        events.sort_by_key(|one| one.event.order());
        if newest_first {
            events.reverse();
        }
        let total = events.len();
        let pages = total.div_ceil(PAGE).max(1);
        let holds_it = wanted.and_then(|id| events.iter().position(|one| one.event.id == id));
        let page = holds_it.map_or(asked.page, |place| place / PAGE + 1).clamp(1, pages);
        let window: Vec<&Shown> = events.iter().skip((page - 1) * PAGE).take(PAGE).copied().collect();
        let plain = asked.which == Which::Everything && asked.narrow.is_empty();
        let mut items = items(once, &window, frame, url, plain, newest_first);
        if asked.which == Which::Decisions {
            // Decisions alone are to tell the story, so what nobody said yet is asked.
            items.iter_mut().zip(&window).for_each(|((item, _), one)| item.choice = item::decided(one));
        }
        let parts = folded(items, plain);
        let count = i64::try_from(total).unwrap_or(i64::MAX);
        let turn = |page: usize| asked.url(url, asked.which, newest_first, page);
        Self {
            bare: shown.timeline.is_empty(),
            listed: window.iter().map(|one| one.event.id).collect(),
            switch: Which::ALL
                .into_iter()
                .zip(once.counts)
                .filter_map(|(choice, count)| {
                    let needed = choice != Which::ForLater || count > 0;
                    needed.then(|| Choice {
                        label: choice.label(),
                        count,
                        url: asked.url(url, choice, newest_first, 1),
                        current: choice == asked.which,
                    })
                })
                .collect(),
            which: asked.which.key(),
            turn_url: asked.url(url, asked.which, !newest_first, 1),
            count: text::count(count, "event", "events"),
            parts,
            empty: empty(asked.which, !asked.narrow.is_empty()),
            newer: (page > 1).then(|| turn(page - 1)),
            older: (page < pages).then(|| turn(page + 1)),
            place: if pages > 1 { format!("Part {page} of {pages}") } else { String::new() },
            menus: asked.narrow.menus(shown),
            narrowed: asked.narrow.chosen(),
            words: asked.narrow.words.clone(),
            newest_first,
        }
    }
}

/// How the list was asked for.
struct Choices {
    which: Which,
    narrow: Narrow,
    newest_first: bool,
    page: usize,
}

impl Choices {
    fn of(asked: &Submitted) -> Self {
        let which = Which::ALL.into_iter().find(|which| which.key() == asked.text("view"));
        Self {
            which: which.unwrap_or(Which::Everything),
            narrow: Narrow::of(asked),
            newest_first: asked.text("order") == "desc",
            page: asked.text("page").parse().unwrap_or(1),
        }
    }

    fn url(&self, url: &str, which: Which, desc: bool, page: usize) -> String {
        let mut parts = Vec::new();
        if which != Which::Everything {
            parts.push(format!("view={}", which.key()));
        }
        self.narrow.add_to(&mut parts);
        if desc {
            parts.push("order=desc".to_owned());
        }
        if page > 1 {
            parts.push(format!("page={page}"));
        }
        if parts.is_empty() {
            format!("{url}#timeline")
        } else {
            format!("{url}?{}#timeline", parts.join("&"))
        }
    }
}

/// The window as items, each with whether a fold may hold it.
fn items(
    once: &Once<'_>,
    window: &[&Shown],
    frame: &Frame,
    url: &str,
    plain: bool,
    newest_first: bool,
) -> Vec<(Item, bool)> {
    let reasons = reasons(once.shown);
    let gaps = if plain && !newest_first { once.gaps.as_slice() } else { &[] };
    let days = several_days(window, &frame.zone);
    let mut day = String::new();
    let mut items = Vec::with_capacity(window.len());
    for (n, one) in window.iter().enumerate() {
        let today = frame.zone.say(one.event.at, "%A %-d %B");
        let new_day = (today != day && (n > 0 || days)).then(|| today.clone());
        day = today;
        let next = window.get(n + 1).filter(|_| plain && !newest_first && frame.may_write());
        let middle = next.map(|next| between(one.event.at, next.event.at));
        let mut item = Item::of(one, &frame.zone, url, reasons.get(&one.event.id));
        item.day = new_day;
        item.insert_url = middle.map(|at| format!("{url}/events/new?at={}", urls::part(&at.to_string())));
        item.accounts = once.accounts.get(&one.event.id).map(|of| accounts(of, url)).unwrap_or_default();
        if !item.accounts.is_empty() && item.settled.is_empty() {
            item.class.push_str(" conflict");
        }
        item.gap =
            gaps.iter().find(|(_, to)| *to == one.event.at).map(|(from, to)| gap(*from, *to, frame, url));
        let ordinary = ordinary(one) && item.accounts.is_empty() && item.gap.is_none();
        items.push((item, ordinary));
    }
    items
}

/// What others tell of the same event.
fn accounts(of: &[&Shown], url: &str) -> Vec<Account> {
    of.iter()
        .map(|one| Account {
            words: if one.event.detail.is_empty() {
                one.event.title.clone()
            } else {
                format!("{} {}", one.event.title, one.event.detail)
            },
            by: one
                .event
                .actor
                .as_ref()
                .map_or_else(|| "Another account".to_owned(), |actor| actor.name.clone()),
            url: format!("{url}/events/{}", one.event.id),
        })
        .collect()
}

/// Stretches of the response without a record; none while its ends are not known.
fn gaps_of(shown: &incidents::Shown, known: &BTreeMap<KeyInstant, Known>) -> Vec<(Instant, Instant)> {
    let start = known.get(&KeyInstant::Detected).or_else(|| known.get(&KeyInstant::ImpactStart));
    let (Some(start), Some(end)) = (start, known.get(&KeyInstant::Resolved)) else { return Vec::new() };
    let visible = shown.timeline.iter().filter(|one| !one.event.hidden).map(|one| one.event.at);
    // A slice of chat is busy somewhere within; both its ends count as recorded.
    let chat = shown.chat_density.iter().filter(|(.., count)| *count > 0);
    let chat = chat.flat_map(|(at, seconds, _)| [*at, at.plus(Span::seconds(*seconds))]);
    gaps(visible.chain(chat), start.at, end.at)
}

fn gap(from: Instant, to: Instant, frame: &Frame, url: &str) -> Gap {
    Gap {
        from: Stamp::clock(&frame.zone, from),
        to: Stamp::clock(&frame.zone, to),
        words: format!("{} with no record.", to.since(from)),
        url: format!("{url}/events/new?at={}", urls::part(&between(from, to).to_string())),
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
        Which::ForLater => "Nothing is marked for later.",
        Which::Hidden => "Nothing is hidden.",
    }
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
fn reasons(shown: &incidents::Shown) -> BTreeMap<EventId, Vec<(String, String)>> {
    let mut reasons: BTreeMap<_, Vec<(String, String)>> = BTreeMap::new();
    for chosen in &shown.instants {
        let summary = format!("Why is this “{}”?", chosen.instant.label().to_lowercase());
        let state = if chosen.confirmed { "" } else { " Proposed by a rule; nobody has confirmed it yet." };
        let reason = if chosen.reason.is_empty() { "Chosen by a person." } else { chosen.reason.as_str() };
        reasons.entry(chosen.event).or_default().push((summary, format!("{reason}{state}")));
    }
    reasons
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
