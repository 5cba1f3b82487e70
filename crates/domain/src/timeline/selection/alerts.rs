//! Alerts that fired and went quiet, from the paging system and from bots in a chat.

use super::{
    Candidate, bots,
    phrases::Topic,
    story::{Record, Story},
    title,
};
use crate::{Instant, evidence::Signal, instant::Span, timeline::EventKind};
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// The same alert again within this time belongs to the same episode.
const EPISODE: Span = Span::hours(1);
/// A time without a date in a message is the latest such time before it, at most this long ago.
const STATED_BEFORE: Span = Span::hours(24);

/// Alerts that fired; one that fired again and again is one event that cites all.
pub fn fired(story: &Story<'_>) -> Vec<Candidate> {
    episodes(story, true)
        .into_iter()
        .filter_map(|(name, records)| {
            let (first, last) = (records.first(), records.last());
            let mut event = candidate(&name, &records, "alert.fired")?;
            if let (Some(first), Some(last), true) = (first, last, records.len() > 1) {
                let until = last.evidence().at.format(&TimeZone::UTC, "%H:%M");
                let times = records.len();
                event.proposal.title =
                    title::of(&format!("{name} fired {times} times until {until} UTC"), None);
                event.proposal.at = first.evidence().at;
                event.proposal.reason = format!("An alert that fired {times} times.");
            } else {
                event.proposal.reason = "An alert fired.".to_owned();
            }
            Some(event)
        })
        .collect()
}

/// Alerts that went quiet: the last time of each episode.
pub fn cleared(story: &Story<'_>) -> Vec<Candidate> {
    episodes(story, false)
        .into_iter()
        .filter_map(|(name, records)| {
            let mut event = candidate(&name, &records, "alert.cleared")?;
            event.proposal.at = records.last().map_or(event.proposal.at, |it| it.evidence().at);
            let said = event.proposal.title.to_ascii_lowercase();
            if !["cleared", "recovered", "resolved"].iter().any(|word| said.contains(word)) {
                event.proposal.title = title::of(&format!("{name} cleared"), None);
            }
            event.proposal.reason = match records.len() {
                1 => "An alert is quiet again.".to_owned(),
                times => format!("An alert is quiet again, the last of {times} times."),
            };
            event.score = 45;
            Some(event)
        })
        .collect()
}

/// Alerts whose own words state since when: the event stands at that time.
pub fn impact_start(story: &Story<'_>) -> Vec<Candidate> {
    let event = |it: &Record<'_>| {
        let (at, sentence) =
            stated_start(it, Topic::Since).or_else(|| stated_start(it, Topic::ImpactStart))?;
        let event = it.candidate("alert.impact_start", EventKind::Observation, Some(sentence)).score(100);
        let mut event = event.because("The alert states since when; the event stands at that time.");
        event.proposal.title =
            title::sentences(&it.evidence().text).nth(sentence).map_or(event.proposal.title, title::line);
        event.proposal.at = at;
        Some(event)
    };
    story.with(&[Signal::AlertFired]).filter_map(event).collect()
}

/// The start that a record states in a sentence about `topic`, and that sentence.
pub fn stated_start(it: &Record<'_>, topic: Topic) -> Option<(Instant, usize)> {
    let mark = it.reading.states(topic)?;
    let sentence = title::sentences(&it.evidence().text).nth(mark.sentence)?;
    stated_time(sentence, it.evidence().at).map(|at| (at, mark.sentence))
}

/// The instant that a sentence names: RFC 3339, or a clock time with `UTC`, `GMT` or `Z`. A time without
/// its zone names no instant.
pub fn stated_time(sentence: &str, said: Instant) -> Option<Instant> {
    let words: Vec<&str> =
        sentence.split_whitespace().map(|it| it.trim_matches([',', '.', ';', '(', ')', '!', '"'])).collect();
    let whole = words.iter().find_map(|it| it.parse::<Instant>().ok());
    whole.filter(|it| *it <= said).or_else(|| {
        words.iter().enumerate().find_map(|(at, word)| {
            let next = words.get(at + 1).map(|it| it.to_ascii_uppercase());
            let zoned = matches!(next.as_deref(), Some("UTC" | "GMT" | "Z"));
            let bare = word.strip_suffix(['Z', 'z']);
            clock(bare.unwrap_or(word), said).filter(|_| zoned || bare.is_some())
        })
    })
}

/// The latest instant not after `said` at which a clock in UTC shows `text`.
fn clock(text: &str, said: Instant) -> Option<Instant> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
    let number = |text: &str, below: i64| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<i64>().ok().filter(|it| digits && *it < below)
    };
    let day = 86_400;
    let time = number(hours, 24)? * 3600 + number(minutes, 60)? * 60 + number(seconds, 60)?;
    let now = said.as_micros().div_euclid(1_000_000);
    let today = now.div_euclid(day) * day + time;
    let at = Instant::from_seconds(if today > now { today - day } else { today });
    (said.since(at) <= STATED_BEFORE).then_some(at)
}

/// Records of alerts by name and episode, in order of their beginning.
fn episodes<'s, 'a>(story: &'s Story<'a>, fired: bool) -> Vec<(String, Vec<&'s Record<'a>>)> {
    let signal = if fired { Signal::AlertFired } else { Signal::AlertCleared };
    let said = if fired { bots::Says::Fired } else { bots::Says::Cleared };
    // Triggers after the first are alerts that joined the same incident.
    let joined = story.with(&[Signal::Triggered]).skip(1).filter(|_| fired);
    let own = match signal {
        Signal::AlertFired => story.with(&[Signal::AlertFired]),
        _ => story.with(&[Signal::AlertCleared]),
    };
    let posted = story.bots().filter(|it| bots::says(it) == Some(said));
    let mut all: Vec<_> = joined.chain(own).chain(posted).collect();
    all.sort_by_key(|it| (it.evidence().at, it.evidence().source, &it.evidence().source_id));
    let mut episodes: Vec<(String, Vec<&Record<'_>>)> = Vec::new();
    let mut open: HashMap<String, usize> = HashMap::new();
    for it in all {
        let name = name(&it.evidence().text);
        let key = it.evidence().facts.alert.clone().unwrap_or_else(|| name.to_ascii_lowercase());
        let near = |at: &usize| {
            let last = episodes.get(*at).and_then(|(_, records)| records.last());
            last.is_some_and(|last| it.evidence().at.since(last.evidence().at) <= EPISODE)
        };
        match open.get(&key).copied().filter(near).and_then(|at| episodes.get_mut(at)) {
            Some((_, records)) => records.push(it),
            None => {
                open.insert(key, episodes.len());
                episodes.push((name, vec![it]));
            }
        }
    }
    episodes
}

fn candidate(name: &str, records: &[&Record<'_>], rule: &'static str) -> Option<Candidate> {
    let mut event = records.first()?.candidate(rule, EventKind::Alert, None);
    if !name.is_empty() {
        event.proposal.title = title::of(name, None);
    }
    event.proposal.evidence = records.iter().map(|it| it.stored.id).collect();
    Some(event.score(50))
}

/// The name of an alert: its first line without `[FIRING:2]`, `Triggered:` and the like.
fn name(text: &str) -> String {
    let mut rest = text.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or_default();
    loop {
        let bare =
            rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[' && c != '(' && c != '/');
        let inner = bare.strip_prefix('[').and_then(|it| it.split_once(']')).filter(|(tag, _)| state(tag));
        let word = bare.split_once(':').filter(|(tag, after)| state(tag) && after.starts_with(' '));
        match inner.or(word) {
            Some((_, after)) if !after.trim().is_empty() => rest = after.trim(),
            _ => return bare.to_owned(),
        }
    }
}

/// Whether a tag only tells the state of an alert.
fn state(tag: &str) -> bool {
    let tag = tag.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    let states = "firing,triggered,re-triggered,alert,alerting,alarm,warn,warning,critical,recovered,resolved,ok,cleared,no data,problem,recovery";
    states.split(',').any(|it| it == tag)
}
