//! How the picture of a timeline is looked at: which part of it, and what a lane is.

use super::{item::shape, view::Once};
use crate::{
    forms::Submitted,
    picture::{
        overview::{self, Overview, Scene, Spot},
        zoom,
    },
    urls,
    zone::Zone,
};
use app::timeline::Shown;
use domain::{EventId, Instant, timeline::KeyInstant};
use std::collections::{BTreeMap, HashSet};

/// How the picture is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looked {
    /// Only this part.
    pub(crate) part: Option<(Instant, Instant)>,
    /// What a lane is.
    pub(crate) lanes: Lanes,
    /// The event that somebody came from.
    pub(crate) here: Option<EventId>,
}

/// What a lane is (TML-09).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lanes {
    /// A team; whoever did it where none is said.
    #[default]
    Team,
    /// Whoever did it.
    Person,
    /// The product that recorded it.
    Source,
}

impl Lanes {
    pub(crate) const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Team, "team", "By team"),
        (Self::Person, "person", "By who did it"),
        (Self::Source, "source", "By source"),
    ];

    /// Its part of an address; nothing for what is usual.
    fn kept(self) -> String {
        let named = Self::ALL.into_iter().find(|(lanes, ..)| *lanes == self && self != Self::default());
        named.map(|(_, key, _)| format!("lanes={key}&")).unwrap_or_default()
    }
}

impl Looked {
    /// As asked for by `from`, `to` and `lanes`.
    pub(crate) fn of(asked: &Submitted) -> Self {
        let lanes = Lanes::ALL.into_iter().find(|(_, key, _)| *key == asked.text("lanes"));
        Self {
            part: zoom::asked(asked.text("from"), asked.text("to")),
            lanes: lanes.map(|(lanes, ..)| lanes).unwrap_or_default(),
            here: asked.text("event").parse().ok(),
        }
    }

    /// Its part of an address, to be followed by more.
    fn kept(&self) -> String {
        let mut kept = self.lanes.kept();
        if let Some((from, to)) = self.part {
            kept.push_str(&format!(
                "from={}&to={}&",
                urls::part(&from.to_string()),
                urls::part(&to.to_string())
            ));
        }
        kept
    }
}

/// Links below the picture: closer, wider, earlier, later, and other lanes.
pub(crate) fn ways(
    overview: &Overview,
    looked: &Looked,
    url: &str,
) -> (Vec<zoom::Way>, Vec<(&'static str, String, bool)>) {
    let rest = match looked.lanes.kept().trim_end_matches('&') {
        "" => String::new(),
        kept => format!("&{kept}"),
    };
    let part = looked.part.map(|(from, to)| {
        format!("&from={}&to={}", urls::part(&from.to_string()), urls::part(&to.to_string()))
    });
    let part = part.unwrap_or_default();
    let lanes = Lanes::ALL.into_iter().map(|(lanes, key, label)| {
        (label, format!("{url}?lanes={key}{part}#timeline"), lanes == looked.lanes)
    });
    (zoom::ways(url, &rest, overview.range, looked.part.is_some()), lanes.collect())
}

/// Whose lane an event stands on.
fn lane(one: &Shown, lanes: Lanes) -> &str {
    let event = &one.event;
    let actor = event.actor.as_ref().map(|actor| actor.name.as_str());
    let source = one.evidence.first().map(|cited| cited.source.label());
    let team = event.team.as_deref();
    let named = match lanes {
        Lanes::Team => team.or(actor).or(source),
        Lanes::Person => actor.or(team).or(source),
        Lanes::Source => source.or(actor),
    };
    named.unwrap_or("Not said by whom")
}

/// The picture above the list, whose marks lead to the events that `listed` holds, or to where they are listed.
pub(crate) fn overview(
    once: &Once<'_>,
    zone: &Zone,
    now: Instant,
    looked: &Looked,
    listed: &HashSet<EventId>,
) -> Option<Overview> {
    let shown = once.shown;
    let instants: BTreeMap<KeyInstant, Instant> =
        once.known.iter().map(|(key, known)| (*key, known.at)).collect();
    let visible = || shown.timeline.iter().filter(|one| !one.event.hidden);
    let events: Vec<Spot<'_>> = visible()
        .map(|one| Spot {
            id: one.event.id,
            at: one.event.at,
            lane: lane(one, looked.lanes),
            shape: shape(one),
            title: &one.event.title,
        })
        .collect();
    let intervals: Vec<_> = shown.intervals.iter().map(|it| it.interval.clone()).collect();
    let url = urls::incident(shown.incident.number);
    overview::draw(&Scene {
        name: shown.incident.number.to_string(),
        zone,
        here: looked.here.and_then(|id| events.iter().find(|spot| spot.id == id)).map(|spot| spot.at),
        events,
        listed,
        elsewhere: &format!("{url}?{}event=", looked.kept()),
        instants: &instants,
        chat: &shown.chat_density,
        felt: &intervals,
        gaps: &once.gaps,
        now,
        part: looked.part,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_kept_in_the_addresses_that_lead_on() {
        let of = |query: &str| Looked::of(&Submitted::read(query)).kept();
        assert_eq!(of(""), "");
        assert_eq!(of("lanes=team&from=x&to=y"), "");
        assert_eq!(
            of("lanes=person&from=2026-11-14T05:00:00Z&to=2026-11-14T06:00:00Z"),
            "lanes=person&from=2026-11-14T05%3A00%3A00Z&to=2026-11-14T06%3A00%3A00Z&"
        );
    }
}
