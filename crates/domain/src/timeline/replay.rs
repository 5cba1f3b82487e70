//! What could be seen at an instant, without hindsight: nothing later, nothing that was only understood afterwards.

use super::{Chosen, Context, EventKind, TimelineEvent, context::Standing};
use crate::{EventId, Instant};
use std::collections::BTreeMap;

/// An event as it could be seen at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The event in its first words, with nothing in it that was learnt later.
    pub event: TimelineEvent,
    /// It rests on nothing that was recorded then: somebody told it afterwards.
    pub told_afterwards: bool,
}

/// The events that had happened by `at`, in order; those of one lane (a team or an actor) if given. `first_words`
/// holds what changed events said before anybody changed them.
pub fn seen(
    events: &[TimelineEvent],
    first_words: &BTreeMap<EventId, TimelineEvent>,
    at: Instant,
    lane: Option<&str>,
) -> Vec<Seen> {
    let mut seen: Vec<Seen> = events
        .iter()
        .filter(|event| !event.hidden && event.context.account_of.is_none())
        .filter(|event| lane.is_none_or(|lane| lanes(event).any(|name| name == lane)))
        // The time may have been put right since; what was learnt of when it happened stays.
        .filter(|event| event.at <= at)
        .map(|event| as_it_was(event, first_words.get(&event.id), at))
        .collect();
    seen.sort_by_key(|seen| seen.event.order());
    seen
}

/// The lanes an event belongs to: its team and its actor.
pub fn lanes(event: &TimelineEvent) -> impl Iterator<Item = &str> {
    event.team.as_deref().into_iter().chain(event.actor.as_ref().map(|actor| actor.name.as_str()))
}

fn as_it_was(event: &TimelineEvent, first: Option<&TimelineEvent>, at: Instant) -> Seen {
    let words = first.unwrap_or(event);
    let by_hand = matches!(event.chosen, Chosen::Person { .. });
    let raised = event.kind == EventKind::Hypothesis;
    let standing = match event.context.standing {
        Some(standing) if event.context.until.is_some_and(|until| until <= at) => Some(standing),
        Some(_) | None => raised.then_some(Standing::Raised),
    };
    // A way is only known to be wrong once it was turned back from.
    let turned = event.kind == EventKind::WrongTurn && event.context.until.is_none_or(|until| until > at);
    Seen {
        told_afterwards: by_hand && event.evidence.is_empty(),
        event: TimelineEvent {
            title: words.title.clone(),
            detail: words.detail.clone(),
            kind: if turned { EventKind::Action } else { event.kind },
            context: Context { standing, audience: event.context.audience.clone(), ..Context::default() },
            ..event.clone()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Actor, Precision, event::ActorKind};

    fn event(n: u8, minutes: i64, kind: EventKind) -> TimelineEvent {
        let at = Instant::from_seconds(1_800_000_000 + minutes * 60);
        TimelineEvent {
            id: EventId::new(at, [n; 10]),
            at,
            precision: Precision::Second,
            rank: 0,
            kind,
            title: format!("Event {n}"),
            detail: String::new(),
            actor: Some(Actor { name: "Rafe".into(), kind: ActorKind::Person }),
            team: Some("Gates".into()),
            evidence: vec![],
            context: Context::default(),
            chosen: Chosen::Rule { rule: "r".into(), key: n.to_string(), reason: "r".into() },
            hidden: false,
            touched: false,
            revision: 0,
        }
    }

    #[test]
    fn nothing_later_and_nothing_learnt_later_is_seen() {
        let mut clock = event(1, 0, EventKind::Hypothesis);
        clock.context = Context {
            standing: Some(Standing::Discarded),
            until: Some(clock.at.plus(crate::instant::Span::minutes(20))),
            made_sense: "It looked like October".into(),
            ..Context::default()
        };
        let mut turn = event(2, 5, EventKind::WrongTurn);
        turn.context.until = Some(turn.at.plus(crate::instant::Span::minutes(30)));
        let first = TimelineEvent { title: "gates down?".into(), ..event(3, 6, EventKind::Note) };
        let edited = TimelineEvent { title: "The key was missing on 31 gates".into(), ..first.clone() };
        let all = [clock.clone(), turn, edited, event(4, 60, EventKind::Status)];
        let words = BTreeMap::from([(first.id, first)]);
        let now = all[0].at.plus(crate::instant::Span::minutes(10));
        let then = seen(&all, &words, now, None);
        assert_eq!(
            then.iter().map(|it| it.event.title.as_str()).collect::<Vec<_>>(),
            ["Event 1", "Event 2", "gates down?"]
        );
        assert_eq!(then[0].event.context, Context { standing: Some(Standing::Raised), ..Context::default() });
        assert_eq!(then[1].event.kind, EventKind::Action);
        let later = seen(&all, &words, now.plus(crate::instant::Span::hours(1)), None);
        assert_eq!(later[0].event.context.standing, Some(Standing::Discarded));
        assert_eq!((later.len(), later[1].event.kind), (4, EventKind::WrongTurn));
        assert_eq!(seen(&all, &words, now, Some("Care")), []);
        assert_eq!(seen(&all, &words, now, Some("Rafe")).len(), 3);
    }
}
