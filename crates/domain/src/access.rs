//! Who may do what: one table, and two questions asked of it.
//!
//! Acts on the workspace ask [`allowed`]. Acts on an incident, or on anything that belongs to one, ask [`may`]
//! with what the actor is to that incident; whether they may know of it at all is asked before, by [`Sight`].
//! Nothing is allowed that the table does not say.

use crate::{
    Instant, PersonId,
    person::{Person, Role},
    scope::{Scope, Scopes},
};
use serde::Serialize;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person on whose behalf this is done; `None` for the installation itself (jobs, the command line).
    pub person: Option<PersonId>,
    /// The name written beside what was done.
    pub name: String,
    /// The role that counts.
    pub role: Role,
    /// What may be done at most with what was shown to prove who it is: everything in a session, less with a token.
    pub scopes: Scopes,
}

impl Actor {
    /// The installation itself: the command line and jobs, run by whoever has the machine.
    pub fn installation() -> Self {
        Self { person: None, name: "Debrief".into(), role: Role::Administrator, scopes: Scopes::ALL }
    }

    /// A person with all of their rights.
    pub fn of(person: &Person) -> Self {
        Self {
            person: Some(person.id),
            name: person.name.to_string(),
            role: person.role,
            scopes: Scopes::ALL,
        }
    }

    /// The same, limited to `scopes`.
    #[must_use]
    pub fn within(self, scopes: Scopes) -> Self {
        Self { scopes, ..self }
    }
}

/// Everything that can be done, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read incidents, timelines, evidence, documents, follow-ups.
    Read,
    /// Change incidents, timelines, documents and follow-ups.
    Write,
    /// Bring records in.
    Import,
    /// Move a post-mortem to review and back, and publish it.
    Publish,
    /// Choose who can see an incident (SHR-05).
    Narrow,
    /// Look into an incident that one cannot see, with a reason that everybody on it reads.
    LookInto,
    /// Look after people, teams, invitations and the workspace.
    Administer,
}

/// What somebody can be to one incident, beside their role in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Sees the post-mortem through.
    Owner,
    /// Leads the debrief.
    Facilitator,
    /// Took part in the response.
    Responder,
    /// Takes part in the debrief.
    Participant,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Facilitator, Self::Responder, Self::Participant];

    /// The name in the record and in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Facilitator => "facilitator",
            Self::Responder => "responder",
            Self::Participant => "participant",
        }
    }

    /// The part of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.key() == key)
    }
}

/// The table: the weakest role in the workspace that may, and the parts that may whatever their role.
const TABLE: [(Action, Role, &[Part]); 7] = [
    (Action::Read, Role::Reader, &Part::ALL),
    (Action::Write, Role::Member, &Part::ALL),
    (Action::Import, Role::Member, &Part::ALL),
    (Action::Publish, Role::Member, &[Part::Owner, Part::Facilitator]),
    (Action::Narrow, Role::Member, &[Part::Owner, Part::Facilitator, Part::Responder]),
    (Action::LookInto, Role::Administrator, &[]),
    (Action::Administer, Role::Administrator, &[]),
];

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Write,
        Self::Import,
        Self::Publish,
        Self::Narrow,
        Self::LookInto,
        Self::Administer,
    ];

    fn rule(self) -> (Role, &'static [Part]) {
        let rule = TABLE.iter().find(|(action, ..)| *action == self);
        rule.map_or((Role::Administrator, &[]), |(_, role, parts)| (*role, *parts))
    }

    /// The weakest role that may, whatever it is about.
    pub fn needs(self) -> Role {
        self.rule().0
    }
}

/// Whether `actor` may do `action` by their role in the workspace, within what they showed to prove who they are.
pub fn allowed(actor: &Actor, action: Action) -> bool {
    within(actor, action) && actor.role >= action.needs()
}

/// Whether the scopes of a token hold `action`; sessions have no limit.
fn within(actor: &Actor, action: Action) -> bool {
    actor.scopes.has(Scope::of(action))
}

/// Whether `actor`, who is `parts` to an incident that they can see, may do `action` with it.
pub fn may(actor: &Actor, parts: &[Part], action: Action) -> bool {
    let by_part = || parts.iter().any(|part| action.rule().1.contains(part));
    allowed(actor, action) || within(actor, action) && by_part()
}

/// Whether `actor` may do `action` with some incident, depending on what they are to it.
pub fn could(actor: &Actor, action: Action) -> bool {
    may(actor, &Part::ALL, action)
}

/// For whose eyes the record is read, and when. Whatever can tell of an incident is read with a sight, and only
/// an actor has one.
///
/// An incident is seen by everybody, unless it was narrowed and the narrowing has not ended; then by those who
/// were named, members of teams that were named, whoever has a [`Part`] in it, and an administrator for a while
/// after they looked into it. The installation itself (backups, the command line, jobs) sees all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    person: Option<PersonId>,
    at: Instant,
}

impl Sight {
    /// The latest instant: when a narrowing without an end ends.
    pub const NEVER: Instant = Instant::from_micros(i64::MAX);

    /// What `actor` sees at `now`.
    pub const fn of(actor: &Actor, now: Instant) -> Self {
        Self { person: actor.person, at: now }
    }

    /// Whose eyes; an id that nobody has for the installation.
    pub fn person(self) -> PersonId {
        self.person.unwrap_or(PersonId(uuid::Uuid::nil()))
    }

    /// Narrowings that ended by then hide nothing; for the installation none hides anything.
    pub fn at(self) -> Instant {
        if self.person.is_none() { Self::NEVER } else { self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role) -> Actor {
        Actor { person: None, name: String::new(), role, scopes: Scopes::ALL }
    }

    #[test]
    fn the_table_of_roles() {
        let table = [
            (Role::Reader, [true, false, false, false, false, false, false]),
            (Role::Member, [true, true, true, true, true, false, false]),
            (Role::Administrator, [true, true, true, true, true, true, true]),
        ];
        for (role, row) in table {
            assert_eq!(Action::ALL.map(|action| allowed(&actor(role), action)), row, "{role:?}");
        }
    }

    #[test]
    fn the_table_of_parts_for_somebody_who_only_reads_otherwise() {
        let table = [
            (Part::Owner, [true, true, true, true, true, false, false]),
            (Part::Facilitator, [true, true, true, true, true, false, false]),
            (Part::Responder, [true, true, true, false, true, false, false]),
            (Part::Participant, [true, true, true, false, false, false, false]),
        ];
        for (part, row) in table {
            assert_eq!(Action::ALL.map(|it| may(&actor(Role::Reader), &[part], it)), row, "{part:?}");
        }
        // A part never takes anything away.
        for (part, action) in Part::ALL.into_iter().flat_map(|part| Action::ALL.map(|it| (part, it))) {
            for role in Role::ALL {
                assert!(may(&actor(role), &[part], action) || !allowed(&actor(role), action));
            }
        }
    }

    #[test]
    fn scopes_only_take_away_also_from_parts() {
        for (role, scope) in Role::ALL.into_iter().flat_map(|role| Scope::ALL.map(|scope| (role, scope))) {
            let limited = actor(role).within(Scopes::NONE.with(scope));
            for action in Action::ALL {
                let held = Scope::of(action) == scope;
                assert_eq!(
                    allowed(&limited, action),
                    held && allowed(&actor(role), action),
                    "{scope:?} {action:?}"
                );
                for part in Part::ALL {
                    let whole = may(&actor(role), &[part], action);
                    assert_eq!(
                        may(&limited, &[part], action),
                        held && whole,
                        "{scope:?} {part:?} {action:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_action_has_one_line_in_the_table() {
        for action in Action::ALL {
            assert_eq!(TABLE.iter().filter(|(it, ..)| *it == action).count(), 1, "{action:?}");
        }
    }

    #[test]
    fn only_the_installation_sees_past_every_narrowing() {
        let now = Instant::from_seconds(1);
        assert_eq!(Sight::of(&Actor::installation(), now).at(), Sight::NEVER);
        let somebody = Actor { person: Some(PersonId(uuid::Uuid::max())), ..actor(Role::Administrator) };
        let sight = Sight::of(&somebody, now);
        assert_eq!((sight.at(), Some(sight.person())), (now, somebody.person));
    }
}
