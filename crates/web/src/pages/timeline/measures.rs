//! Key instants, durations and impact of an incident: each with its reason, and a way to put it right.

use crate::{
    error::Answer,
    forms::{Asking, Submitted},
    pages::language,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
    words::{done, facts, time::Stamp},
    zone::Zone,
};
use app::{
    Error,
    language::Surface,
    timeline::impact::{self, Measures, Stored},
};
use askama::Template;
use domain::{
    IntervalId,
    incident::IncidentNumber,
    timeline::{
        EventKind, KeyInstant, Precision, TimelineEvent,
        impact::{Degree, Interval},
        key_instant::DetectedBy,
    },
};

#[derive(Template)]
#[template(path = "timeline/measures.html")]
struct MeasuresPage {
    frame: Frame,
    done: Option<&'static str>,
    number: String,
    url: String,
    durations: Vec<facts::Measure>,
    instants: Vec<KeyLine>,
    /// How many are proposed that nobody confirmed yet.
    proposed: usize,
    ways: [DetectedBy; 7],
    felt: Vec<(String, String)>,
    intervals: Vec<IntervalLine>,
    precisions: [Precision; 4],
    degrees: [Degree; 2],
    services: Vec<String>,
}

/// A key instant with its choice.
struct KeyLine {
    key: KeyInstant,
    at: Option<Stamp>,
    title: String,
    event_url: String,
    /// What is known of it: a reason, a proposal, or that nothing shows it.
    why: String,
    decided: String,
    none: bool,
    detected_by: Option<DetectedBy>,
    /// Events to take it from: id, words, chosen.
    events: Vec<(String, String, bool)>,
}

impl KeyLine {
    fn noticed(&self, by: &str) -> bool {
        self.detected_by.is_some_and(|it| it.key() == by)
    }
}

struct IntervalLine {
    id: String,
    interval: Interval,
    note: String,
    words: String,
    share: String,
    affected: String,
    from: String,
    to: String,
}

/// The page.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let measures = impact::measures(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("Key instants and durations, {number}"), Room::Incidents);
    let url = urls::incident(number);
    let known = facts::known(&measures.shown);
    let shown = |event| measures.shown.timeline.iter().any(|it| it.event.id == event && !it.event.hidden);
    let proposed = measures.instants.iter().filter(|it| !it.confirmed && it.event.is_some_and(shown)).count();
    html::ok(&MeasuresPage {
        done: done::words(asked.text("done")),
        number: number.to_string(),
        durations: facts::all(&known),
        instants: KeyInstant::ALL
            .into_iter()
            .map(|key| key_line(key, &measures, &frame.zone, &url))
            .collect(),
        proposed,
        ways: DetectedBy::ALL,
        felt: felt(&measures),
        intervals: measures.shown.intervals.iter().map(|it| interval_line(it, &frame.zone)).collect(),
        precisions: Precision::ALL,
        degrees: Degree::ALL,
        services: measures.shown.incident.services.clone(),
        url,
        frame,
    })
}

fn key_line(key: KeyInstant, measures: &Measures, zone: &Zone, url: &str) -> KeyLine {
    let stored = measures.instants.iter().find(|it| it.instant == key);
    let events = &measures.shown.timeline;
    let chosen = stored.and_then(|it| events.iter().find(|one| Some(one.event.id) == it.event));
    let why = match stored {
        None => "Nobody chose it yet, and no rule proposes it.".to_owned(),
        Some(it) if it.confirmed => it.reason.clone(),
        Some(it) => format!("{} Proposed by a rule; nobody confirmed it yet.", it.reason),
    };
    KeyLine {
        key,
        at: chosen.map(|one| Stamp::short(zone, one.event.at)),
        title: chosen.map(|one| one.event.title.clone()).unwrap_or_default(),
        event_url: chosen.map(|one| format!("{url}#e-{}", one.event.id)).unwrap_or_default(),
        why,
        decided: stored.and_then(|it| it.decided_by.clone()).unwrap_or_default(),
        none: stored.is_some_and(|it| it.event.is_none()),
        detected_by: stored.and_then(|it| it.detected_by),
        events: candidates(key, measures, zone),
    }
}

/// A menu offers at most so many events; any other is chosen on its own page.
const CANDIDATES: usize = 40;

fn candidates(key: KeyInstant, measures: &Measures, zone: &Zone) -> Vec<(String, String, bool)> {
    let stored = measures.instants.iter().find(|it| it.instant == key);
    let visible = || measures.shown.timeline.iter().map(|one| &one.event).filter(|event| !event.hidden);
    let chosen = |event: &TimelineEvent| stored.is_some_and(|it| it.event == Some(event.id));
    let few = visible().count() <= CANDIDATES;
    let mut events: Vec<&TimelineEvent> =
        visible().filter(|event| few || fits(key, event) || chosen(event)).collect();
    if events.len() > CANDIDATES {
        let kept: Vec<_> = events.iter().copied().filter(|event| chosen(event)).collect();
        events.truncate(CANDIDATES);
        events.extend(
            kept.into_iter()
                .filter(|event| !events.iter().any(|known| known.id == event.id))
                .collect::<Vec<_>>(),
        );
    }
    events
        .into_iter()
        .map(|event| {
            let title: String = event.title.chars().take(70).collect();
            (event.id.to_string(), format!("{} {title}", zone.say(event.at, "%a %H:%M")), chosen(event))
        })
        .collect()
}

/// Whether an event of this sort usually shows it.
fn fits(key: KeyInstant, event: &TimelineEvent) -> bool {
    use EventKind as E;
    let kinds: &[EventKind] = match key {
        KeyInstant::Origin | KeyInstant::Trigger => &[E::Change, E::Action, E::Observation],
        KeyInstant::ImpactStart | KeyInstant::ImpactEnd => &[E::Observation, E::Report, E::Alert, E::Change],
        KeyInstant::FirstSignal | KeyInstant::Detected => &[E::Alert, E::Report, E::Observation],
        KeyInstant::Declared | KeyInstant::Acknowledged | KeyInstant::Engaged => &[E::Response, E::Status],
        KeyInstant::FirstTold | KeyInstant::FirstPublic => &[E::Update],
        KeyInstant::Diagnosed => &[E::Decision, E::Hypothesis, E::Observation],
        KeyInstant::Mitigated => &[E::Mitigation, E::Change, E::Action, E::Decision, E::Status],
        KeyInstant::Resolved | KeyInstant::DamageEnd => &[E::Status, E::Action],
    };
    kinds.contains(&event.kind)
}

/// The impact in words: what, and how long or why not.
fn felt(measures: &Measures) -> Vec<(String, String)> {
    let impact = &measures.impact;
    let Some(length) = impact.length else { return Vec::new() };
    let goes_on = if impact.open { ", and it goes on" } else { "" };
    let mut felt = vec![("Anything affected".to_owned(), format!("{length}{goes_on}"))];
    if impact.services.len() > 1 {
        felt.extend(impact.services.iter().map(|it| (it.service.clone(), it.length.to_string())));
    }
    if impact.audiences.len() > impact.services.len() {
        let named = impact.audiences.iter().map(|it| {
            let audience = it.audience.as_deref().filter(|name| !name.is_empty()).unwrap_or("everybody");
            (format!("{}, {audience}", it.service), it.length.to_string())
        });
        felt.extend(named);
    }
    let number = |value: &Result<f64, String>, unit: &str| match value {
        Ok(value) => format!("{value:.0} {unit}"),
        Err(why) => format!("not known: {why}"),
    };
    felt.push(("Weighted by share and degree".to_owned(), number(&impact.weighted_minutes, "min")));
    felt.push(("Time of everybody affected".to_owned(), number(&impact.user_minutes, "user-minutes")));
    felt
}

fn interval_line(stored: &Stored, zone: &Zone) -> IntervalLine {
    let it = &stored.interval;
    let share = it.share.map(|share| format!("{}", f64::from(share) / 100.0)).unwrap_or_default();
    let affected = it.affected.map(|number| number.to_string()).unwrap_or_default();
    let clock = |at| zone.say(at, "%a %-d %b, %H:%M");
    let mut words = vec![match it.to {
        Some(to) => format!("{} to {}", clock(it.from), clock(to)),
        None => format!("from {}, goes on", clock(it.from)),
    }];
    if let Some(to) = it.to {
        words.push(to.since(it.from).to_string());
    }
    words.push(it.degree.label().to_owned());
    if !share.is_empty() {
        words.push(format!("{share} % of its users"));
    }
    if !affected.is_empty() {
        words.push(format!("{affected} affected"));
    }
    IntervalLine {
        id: stored.id.to_string(),
        note: stored.note.clone(),
        words: words.join(" · "),
        share,
        affected,
        from: zone.field(it.from),
        to: it.to.map(|to| zone.field(to)).unwrap_or_default(),
        interval: it.clone(),
    }
}

/// Writes an interval down.
pub(crate) async fn add(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let interval = read(&sent, &visitor.zone())?;
    impact::set(&state.app, visitor.actor(), number, None, interval, sent.text("note")).await?;
    written(&state, &visitor, number, &sent).await
}

/// Changes an interval, or takes it away.
pub(crate) async fn change(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<IntervalId>,
    sent: Submitted,
) -> Answer {
    if sent.has("remove") {
        impact::remove(&state.app, visitor.actor(), number, id).await?;
    } else {
        let interval = read(&sent, &visitor.zone())?;
        impact::set(&state.app, visitor.actor(), number, Some(id), interval, sent.text("note")).await?;
    }
    written(&state, &visitor, number, &sent).await
}

async fn written(state: &State, visitor: &Visitor, number: IncidentNumber, sent: &Submitted) -> Answer {
    let done =
        language::notice(state, visitor, Some(number), &[sent.text("note")], Surface::Narrative, "impact")
            .await;
    go(&format!("{}/measures?done={done}#impact", urls::incident(number)))
}

fn read(sent: &Submitted, zone: &Zone) -> Result<Interval, Error> {
    let at = |name: &'static str| match sent.filled(name) {
        None => Ok(None),
        Some(text) => zone
            .read_field(text)
            .map(Some)
            .ok_or_else(|| Error::invalid(name, "This is no day and time such as 14.11.2026, 05:47.")),
    };
    let from = at("from")?.ok_or_else(|| Error::invalid("from", "Say from when on it was felt."))?;
    let share = match sent.filled("share") {
        None => None,
        Some(text) => {
            let percent: f64 = text.trim_end_matches('%').trim().replace(',', ".").parse().unwrap_or(-1.0);
            if !(0.0..=100.0).contains(&percent) {
                return Err(Error::invalid("share", "A share is a number from 0 to 100 percent."));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 10,000")]
            let share = (percent * 100.0).round() as u16;
            Some(share)
        }
    };
    let affected = match sent.filled("affected") {
        None => None,
        Some(_) => Some(sent.value("affected", "The number affected is a whole number.")?),
    };
    Ok(Interval {
        service: sent.text("service").to_owned(),
        audience: sent.text("audience").to_owned(),
        from,
        to: at("to")?,
        precision: Precision::from_key(sent.text("precision")).unwrap_or(Precision::Minute),
        degree: Degree::from_key(sent.text("degree")).unwrap_or_default(),
        share,
        affected,
    })
}
