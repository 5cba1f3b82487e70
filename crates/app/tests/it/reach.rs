//! Who sees which incident: narrowing, parts, teams, looking in; and that nothing tells of one to anybody else.

#![expect(clippy::print_stdout, reason = "how often was asked is what is reported")]

use crate::{acts, field, is_absent, is_conflict, is_forbidden};
use app::{
    evidence, exporting, follow_ups, incidents, palette, postmortems,
    sharing::{self, Choice},
    teams, timeline, versions,
};
use domain::{
    PersonId, TeamId,
    access::{Actor, Part},
    follow_up::Intent,
    incident::{IncidentKind, IncidentNumber},
    instant::Span,
    person::Role,
    timeline::{EventKind, Precision},
};
use std::collections::{BTreeMap, BTreeSet};
use testing::{Installation, both};

fn said(title: &str, team: &str) -> incidents::Declaration {
    incidents::Declaration {
        title: title.into(),
        summary: format!("{title} in short"),
        kind: IncidentKind::Incident,
        severity: None,
        services: vec![format!("service of {title}")],
        team: Some(team.into()),
        declared_at: None,
    }
}

/// An incident with an event, a follow-up and a post-mortem, all with the word in them.
async fn whole(place: &Installation, by: &Actor, word: &str) -> IncidentNumber {
    let app = &place.app;
    let number = incidents::declare(app, by, said(word, &format!("team {word}"))).await.unwrap().number;
    let draft = timeline::Draft {
        at: app.now(),
        precision: Precision::Minute,
        kind: EventKind::Action,
        title: format!("event {word}"),
        detail: String::new(),
        actor: None,
        team: None,
        evidence: vec![],
        context: Default::default(),
    };
    timeline::add(app, by, number, draft).await.unwrap();
    follow_ups::add(app, by, number, &format!("idea {word}"), Intent::ALL[0]).await.unwrap();
    incidents::resolve(app, by, number, incidents::Resolution::default()).await.unwrap();
    number
}

fn only(people: &[&Actor]) -> Choice {
    let people = people.iter().filter_map(|actor| actor.person).collect();
    Choice { reason: "Names a customer".into(), people, ..Choice::default() }
}

async fn sees(place: &Installation, actor: &Actor, number: IncidentNumber) -> bool {
    let shown = incidents::show(&place.app, actor, number).await;
    assert!(shown.is_ok() || is_absent(shown.map(drop)), "seen or absent, nothing between");
    incidents::show(&place.app, actor, number).await.is_ok()
}

both! {
    async fn narrowed_to_some_it_is_absent_for_the_others(place: Installation) {
        let app = &place.app;
        let (ada, wren) = (place.somebody("Ada Lind", Role::Administrator).await, place.somebody("Wren Okafor", Role::Member).await);
        let (noor, otto) = (place.somebody("Noor Vos", Role::Member).await, place.somebody("Otto Reader", Role::Reader).await);
        let number = whole(&place, &wren, "quokka").await;
        assert!(sees(&place, &otto, number).await && sees(&place, &noor, number).await);
        assert!(is_forbidden(sharing::narrow(app, &otto, number, only(&[&otto])).await));
        let without = Choice { reason: "  ".into(), ..only(&[&noor]) };
        assert_eq!(field(sharing::narrow(app, &wren, number, without).await), Some("reason"));
        let past = Choice { until: Some(app.now()), ..only(&[&noor]) };
        assert_eq!(field(sharing::narrow(app, &wren, number, past).await), Some("until"));
        assert!(is_conflict(sharing::widen(app, &wren, number).await));

        sharing::narrow(app, &wren, number, only(&[&noor])).await.unwrap();
        assert!(sees(&place, &wren, number).await, "whoever narrows it is named");
        assert!(sees(&place, &noor, number).await);
        assert!(!sees(&place, &ada, number).await, "administrators are no exception");
        assert!(!sees(&place, &otto, number).await);
        assert!(sees(&place, &Actor::installation(), number).await);
        // Every way in.
        let absent: IncidentNumber = "INC-99".parse().unwrap();
        for it in [number, absent] {
            assert!(is_absent(sharing::show(app, &ada, it).await));
            assert!(is_absent(sharing::widen(app, &ada, it).await));
            assert!(is_absent(sharing::narrow(app, &ada, it, only(&[&ada])).await));
            assert!(is_absent(sharing::give_part(app, &ada, it, ada.person.unwrap(), Part::Responder).await));
            assert!(is_absent(evidence::list(app, &ada, it, &evidence::Filter::default()).await));
            assert!(is_absent(postmortems::show(app, &ada, it).await));
            assert!(is_absent(postmortems::join(app, &ada, it).await));
            assert!(is_absent(versions::list(app, &ada, it).await));
            assert!(is_absent(exporting::export(app, &ada, it, exporting::Format::Markdown).await));
            assert!(is_absent(incidents::reopen(app, &ada, it).await));
            assert!(is_absent(postmortems::hand_to(app, &ada, it, ada.person.unwrap()).await));
            assert!(palette::mentions(app, &ada, it, "").await.unwrap().events.is_empty());
            assert!(follow_ups::list(app, &ada, Some(it)).await.unwrap().is_empty());
        }
        let idea = follow_ups::list(app, &wren, Some(number)).await.unwrap()[0].follow_up.id;
        assert!(is_absent(follow_ups::drop_with(app, &ada, idea, "because").await));
        sharing::widen(app, &noor, number).await.unwrap();
        assert!(sees(&place, &otto, number).await);
        let written = acts(&place).await;
        assert!(written.iter().any(|act| act == "incident.narrow") && written.iter().any(|act| act == "incident.widen"));
    }

    async fn a_narrowing_ends_when_it_said(place: Installation) {
        let (wren, otto) = (place.somebody("Wren Okafor", Role::Member).await, place.somebody("Otto Reader", Role::Reader).await);
        let number = whole(&place, &wren, "quokka").await;
        let choice = Choice { until: Some(place.app.now().plus(Span::hours(2))), ..only(&[]) };
        sharing::narrow(&place.app, &wren, number, choice).await.unwrap();
        assert!(!sees(&place, &otto, number).await);
        place.clock.advance(Span::hours(2));
        assert!(sees(&place, &otto, number).await);
        assert_eq!(sharing::show(&place.app, &otto, number).await.unwrap().who.narrowed, None);
    }

    async fn whoever_has_a_part_sees_it_and_may_what_the_table_says(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        let number = whole(&place, &wren, "quokka").await;
        sharing::narrow(app, &wren, number, only(&[])).await.unwrap();
        let title = |seen: &incidents::Shown| said(&seen.incident.title, "Gates");
        for (part, narrows) in [(Part::Responder, true), (Part::Facilitator, true), (Part::Participant, false)] {
            let reader = place.somebody(&format!("Reads {}", part.key()), Role::Reader).await;
            assert!(!sees(&place, &reader, number).await);
            sharing::give_part(app, &wren, number, reader.person.unwrap(), part).await.unwrap();
            let shown = incidents::show(app, &reader, number).await.unwrap();
            let change = incidents::Change { revision: shown.incident.revision, declaration: title(&shown) };
            incidents::edit(app, &reader, number, change).await.unwrap();
            let narrowed = sharing::narrow(app, &reader, number, only(&[&wren])).await;
            assert_eq!(narrowed.is_ok(), narrows, "{part:?}");
            assert!(narrows || is_forbidden(narrowed));
            sharing::take_part(app, &wren, number, reader.person.unwrap(), part).await.unwrap();
            sharing::narrow(app, &wren, number, only(&[])).await.unwrap();
            assert!(!sees(&place, &reader, number).await);
        }
        let owner = place.somebody("Olu Owner", Role::Reader).await;
        postmortems::hand_to(app, &wren, number, owner.person.unwrap()).await.unwrap();
        assert!(sees(&place, &owner, number).await);
        assert_eq!(field(sharing::give_part(app, &wren, number, owner.person.unwrap(), Part::Owner).await), Some("part"));
        // Elsewhere a part means nothing.
        let other = whole(&place, &wren, "numbat").await;
        assert!(is_forbidden(incidents::reopen(app, &owner, other).await));
    }

    async fn members_of_a_named_team_see_it_while_they_are_members(place: Installation) {
        let app = &place.app;
        let us = Actor::installation();
        let (wren, noor) = (place.somebody("Wren Okafor", Role::Member).await, place.somebody("Noor Vos", Role::Member).await);
        assert!(is_forbidden(teams::create(app, &wren, "Gates").await));
        let gates = teams::create(app, &us, " Gates ").await.unwrap();
        assert_eq!(field(teams::create(app, &us, "gates").await), Some("name"));
        let number = whole(&place, &wren, "quokka").await;
        sharing::narrow(app, &wren, number, Choice { teams: vec![gates], ..only(&[]) }).await.unwrap();
        assert!(!sees(&place, &noor, number).await);
        teams::take_in(app, &us, gates, noor.person.unwrap()).await.unwrap();
        assert!(sees(&place, &noor, number).await);
        teams::let_go(app, &us, gates, noor.person.unwrap()).await.unwrap();
        assert!(!sees(&place, &noor, number).await);
        teams::take_in(app, &us, gates, noor.person.unwrap()).await.unwrap();
        teams::end(app, &us, gates).await.unwrap();
        assert!(!sees(&place, &noor, number).await);
        assert!(is_absent(teams::take_in(app, &us, gates, noor.person.unwrap()).await));
        teams::create(app, &us, "Gates").await.unwrap();
    }

    async fn an_administrator_looks_in_with_a_reason_that_stays(place: Installation) {
        let app = &place.app;
        let (ada, wren) = (place.somebody("Ada Lind", Role::Administrator).await, place.somebody("Wren Okafor", Role::Member).await);
        place.somebody("Ines Ott", Role::Administrator).await;
        let number = whole(&place, &wren, "quokka").await;
        assert!(is_absent(sharing::look_into(app, &ada, number, "Curious").await), "there is nothing to look into");
        sharing::narrow(app, &wren, number, only(&[])).await.unwrap();
        assert!(is_forbidden(sharing::look_into(app, &wren, number, "Mine").await));
        assert!(is_absent(sharing::look_into(app, &ada, "INC-99".parse().unwrap(), "Which").await));
        assert_eq!(field(sharing::look_into(app, &ada, number, " ").await), Some("reason"));
        assert!(!sees(&place, &ada, number).await);
        sharing::look_into(app, &ada, number, "A legal request").await.unwrap();
        assert!(sees(&place, &ada, number).await);
        let openings = sharing::show(app, &wren, number).await.unwrap().who.openings;
        assert_eq!((openings.len(), openings[0].name.as_str(), openings[0].reason.as_str()), (1, "Ada Lind", "A legal request"));
        place.clock.advance(Span::hours(1));
        assert!(!sees(&place, &ada, number).await);
        sharing::look_into(app, &ada, number, "Once more").await.unwrap();
        app::people::set_role(app, &Actor::installation(), ada.person.unwrap(), Role::Member).await.unwrap();
        let ada = Actor { role: Role::Member, ..ada };
        assert!(!sees(&place, &ada, number).await, "no administrator any more");
        assert_eq!(acts(&place).await.iter().filter(|act| *act == "incident.look_into").count(), 2);
    }

    async fn nothing_tells_of_an_incident_to_those_who_cannot_see_it(place: Installation) {
        Trial::set_up(&place).await.run(&place).await;
    }
}

/// Chance that repeats itself (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    fn some<T: Copy>(&mut self, all: &[T], most: usize) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| all[self.below(all.len())]).collect()
    }
}

/// What is known of one incident without asking the program.
struct Known {
    number: IncidentNumber,
    word: String,
    /// `None`: everybody.
    named: Option<BTreeSet<PersonId>>,
    teams: BTreeSet<TeamId>,
    parts: BTreeSet<PersonId>,
}

struct Trial {
    chance: Chance,
    people: Vec<Actor>,
    members: BTreeMap<TeamId, BTreeSet<PersonId>>,
    incidents: Vec<Known>,
}

const INCIDENTS: usize = 14;

impl Trial {
    async fn set_up(place: &Installation) -> Self {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0xD3B1_2026);
        println!("SEED={seed}");
        let mut people = Vec::new();
        for n in 0..6 {
            people.push(place.somebody(&format!("Person {n}"), Role::ALL[n % 3]).await);
        }
        let us = Actor::installation();
        let mut members = BTreeMap::new();
        for name in ["Gates", "Boards"] {
            members.insert(teams::create(&place.app, &us, name).await.unwrap(), BTreeSet::new());
        }
        let mut incidents = Vec::new();
        for n in 0..INCIDENTS {
            // Declared at different times, so that pages of the list differ.
            place.clock.advance(Span::minutes(1));
            let word = format!("word{n}x");
            let number = whole(place, &us, &word).await;
            incidents.push(Known {
                number,
                word,
                named: None,
                teams: BTreeSet::new(),
                parts: BTreeSet::new(),
            });
        }
        Self { chance: Chance(seed), people, members, incidents }
    }

    /// The oracle.
    fn may_see(&self, who: &Actor, it: &Known) -> bool {
        let me = who.person.unwrap();
        let Some(named) = &it.named else { return true };
        named.contains(&me)
            || it.parts.contains(&me)
            || it.teams.iter().any(|team| self.members[team].contains(&me))
    }

    async fn run(mut self, place: &Installation) {
        // A long run asks a hundred thousand times: PAIRS=100000.
        let pairs = std::env::var("PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(240);
        let (mut asked, mut hidden) = (0_usize, 0_usize);
        while asked < pairs {
            self.change(place).await;
            for _ in 0..12 {
                let who = self.people[self.chance.below(self.people.len())].clone();
                hidden += self.ask(place, &who).await;
                asked += 1;
            }
        }
        println!("pairs={asked} hidden={hidden} leaks=0");
        assert!(hidden > asked, "hardly anything was hidden: {hidden}");
    }

    /// Changes who sees something.
    async fn change(&mut self, place: &Installation) {
        let (app, us) = (&place.app, Actor::installation());
        let ids: Vec<PersonId> = self.people.iter().filter_map(|person| person.person).collect();
        let all_teams: Vec<TeamId> = self.members.keys().copied().collect();
        let n = self.chance.below(self.incidents.len());
        let (number, person) = (self.incidents[n].number, ids[self.chance.below(ids.len())]);
        match self.chance.below(8) {
            0 => {
                if self.incidents[n].named.take().is_some() {
                    sharing::widen(app, &us, number).await.unwrap();
                    self.incidents[n].teams.clear();
                }
            }
            1 => {
                let part = [Part::Responder, Part::Participant][self.chance.below(2)];
                if self.incidents[n].parts.insert(person) {
                    sharing::give_part(app, &us, number, person, part).await.unwrap();
                } else if sharing::take_part(app, &us, number, person, part).await.is_ok() {
                    self.incidents[n].parts.remove(&person);
                }
            }
            2 => {
                let team = all_teams[self.chance.below(all_teams.len())];
                if self.members.get_mut(&team).unwrap().insert(person) {
                    teams::take_in(app, &us, team, person).await.unwrap();
                } else {
                    self.members.get_mut(&team).unwrap().remove(&person);
                    teams::let_go(app, &us, team, person).await.unwrap();
                }
            }
            _ => {
                let (people, named_teams) = (self.chance.some(&ids, 2), self.chance.some(&all_teams, 1));
                let choice = Choice {
                    reason: "Chance".into(),
                    until: None,
                    people: people.clone(),
                    teams: named_teams.clone(),
                };
                sharing::narrow(app, &us, number, choice).await.unwrap();
                self.incidents[n].named = Some(people.into_iter().collect());
                self.incidents[n].teams = named_teams.into_iter().collect();
            }
        }
    }

    /// Asks everything that lists, searches, suggests or counts; how many incidents were hidden from the asker.
    async fn ask(&mut self, place: &Installation, who: &Actor) -> usize {
        let app = &place.app;
        let seen: Vec<usize> =
            (0..self.incidents.len()).filter(|n| self.may_see(who, &self.incidents[*n])).collect();
        let mut told = String::new();
        let target = self.chance.below(self.incidents.len());
        let word = self.incidents[target].word.clone();
        // All of them, those with a word, and a page after some number.
        let everything = incidents::list(app, who, &incidents::Filter::default()).await.unwrap();
        let rows: BTreeSet<String> = everything.rows.iter().map(|row| row.incident.title.clone()).collect();
        let expected: BTreeSet<String> = seen.iter().map(|n| self.incidents[*n].word.clone()).collect();
        assert_eq!(rows, expected, "{who:?}");
        assert_eq!(everything.total as usize, seen.len());
        assert_eq!(everything.teams.len(), seen.len(), "team names are facets");
        let with_word = incidents::Filter { words: Some(word.clone()), ..Default::default() };
        let found = incidents::list(app, who, &with_word).await.unwrap();
        let visible = seen.contains(&target);
        assert_eq!((found.rows.len(), found.total), (usize::from(visible), i64::from(visible)));
        let after = incidents::Filter { after: Some(self.incidents[target].number), ..Default::default() };
        let page = incidents::list(app, who, &after).await.unwrap();
        let older = if visible { seen.iter().filter(|n| **n < target).count() } else { 0 };
        assert_eq!(page.rows.len(), older, "an unseen number leads nowhere");
        let of_team = incidents::Filter { team: Some(format!("team {word}")), ..Default::default() };
        assert_eq!(incidents::list(app, who, &of_team).await.unwrap().rows.len(), usize::from(visible));
        let library = postmortems::list(app, who, None).await.unwrap();
        assert_eq!(library.len(), seen.len());
        assert_eq!(postmortems::list(app, who, Some(&word)).await.unwrap().len(), usize::from(visible));
        let ideas = follow_ups::list(app, who, None).await.unwrap();
        assert_eq!(ideas.len(), seen.len());
        let hits = palette::find(app, who, &word).await.unwrap();
        assert_eq!(hits.len(), usize::from(visible));
        let by_number = palette::find(app, who, &self.incidents[target].number.to_string()).await.unwrap();
        let exact = by_number.iter().any(|hit| hit.number == self.incidents[target].number);
        assert_eq!(exact, visible);
        let suggested = palette::mentions(app, who, self.incidents[target].number, "").await.unwrap();
        assert_eq!(
            suggested.events.iter().filter(|(.., title)| title.contains("word")).count(),
            usize::from(visible)
        );
        told.push_str(&format!(
            "{everything:?}{found:?}{page:?}{library:?}{ideas:?}{hits:?}{by_number:?}{suggested:?}"
        ));
        for (n, it) in self.incidents.iter().enumerate() {
            assert!(seen.contains(&n) || !told.contains(&it.word), "{} leaks to {who:?}", it.number);
        }
        self.incidents.len() - seen.len()
    }
}
