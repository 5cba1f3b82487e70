//! Narrowing a timeline down: words, team, person, source, kind.

use crate::{forms::Submitted, urls};
use app::{incidents, timeline::Shown};
use domain::{evidence::Source, timeline::EventKind};
use std::collections::BTreeSet;

/// What every shown event must have.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    /// Words that all occur in title, detail, actor or team.
    pub(super) words: String,
    team: String,
    who: String,
    source: Option<Source>,
    kind: Option<EventKind>,
}

/// One menu of the tools above the list.
#[derive(Debug, Clone)]
pub(crate) struct Menu {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// Value, words, whether it is chosen.
    pub(crate) options: Vec<(String, String, bool)>,
}

/// A menu offers at most so many names.
const NAMES: usize = 60;

impl Narrow {
    pub(super) fn of(asked: &Submitted) -> Self {
        Self {
            words: asked.text("find").to_owned(),
            team: asked.text("team").to_owned(),
            who: asked.text("who").to_owned(),
            source: Source::from_key(asked.text("source")),
            kind: EventKind::from_key(asked.text("kind")),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && !self.chosen()
    }

    /// Whether a menu is set, beside words.
    pub(super) fn chosen(&self) -> bool {
        !self.team.is_empty() || !self.who.is_empty() || self.source.is_some() || self.kind.is_some()
    }

    pub(super) fn hold(&self, one: &Shown) -> bool {
        let event = &one.event;
        let actor = event.actor.as_ref().map_or("", |actor| actor.name.as_str());
        let team = event.team.as_deref().unwrap_or("");
        let said = || {
            let whole = format!("{} {} {actor} {team}", event.title, event.detail).to_lowercase();
            self.words.to_lowercase().split_whitespace().all(|word| whole.contains(word))
        };
        (self.words.is_empty() || said())
            && (self.team.is_empty() || self.team == team)
            && (self.who.is_empty() || self.who == actor)
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.source.is_none_or(|source| one.evidence.iter().any(|cited| cited.source == source))
    }

    /// Its part of an address.
    pub(super) fn add_to(&self, parts: &mut Vec<String>) {
        let source = self.source.map_or("", Source::key);
        let kind = self.kind.map_or("", EventKind::key);
        let all = [
            ("find", self.words.as_str()),
            ("team", &self.team),
            ("who", &self.who),
            ("source", source),
            ("kind", kind),
        ];
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            parts.push(format!("{name}={}", urls::part(value)));
        }
    }

    /// The menus, each only where there is a choice.
    pub(super) fn menus(&self, shown: &incidents::Shown) -> Vec<Menu> {
        let events = || shown.timeline.iter().filter(|one| !one.event.hidden);
        let names = |all: BTreeSet<&str>, chosen: &str| {
            let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
            all.sort_by_cached_key(|name| name.to_lowercase());
            all.truncate(NAMES);
            if !chosen.is_empty() && !all.iter().any(|name| name == chosen) {
                all.push(chosen.to_owned());
            }
            all.into_iter().map(|name| (name.clone(), name.clone(), name == chosen)).collect::<Vec<_>>()
        };
        let teams = names(events().filter_map(|one| one.event.team.as_deref()).collect(), &self.team);
        let people = names(
            events().filter_map(|one| Some(one.event.actor.as_ref()?.name.as_str())).collect(),
            &self.who,
        );
        let sources = Source::ALL
            .into_iter()
            .filter(|source| events().any(|one| one.evidence.iter().any(|cited| cited.source == *source)))
            .map(|source| (source.key().to_owned(), source.label().to_owned(), self.source == Some(source)))
            .collect();
        let kinds = EventKind::ALL
            .into_iter()
            .filter(|kind| events().any(|one| one.event.kind == *kind))
            .map(|kind| (kind.key().to_owned(), kind.label().to_owned(), self.kind == Some(kind)))
            .collect();
        let menu = |name, label, options: Vec<_>| Menu { name, label, options };
        [
            menu("team", "Team", teams),
            menu("who", "Who or what", people),
            menu("source", "Source", sources),
            menu("kind", "Sort", kinds),
        ]
        .into_iter()
        .filter(|menu| menu.options.len() > 1 || menu.options.iter().any(|(.., chosen)| *chosen))
        .collect()
    }
}
