//! Places that nobody reads by their role: passages that left a document (PER-02) and accounts in somebody's own
//! words (LAN-07).
//!
//! The author opens them, and whoever the author lets in. An administrator opens them only by an act with a
//! reason that stays on record and that the author is told of. For everybody else there is nothing there.

use crate::{
    PersonId,
    access::{Action, Actor, Part, allowed},
    person::NotAccepted,
};
use serde::{Deserialize, Serialize};

/// The longest words, in characters.
pub const WORDS_MAX: usize = 20_000;
/// How many people can be let in by name.
pub const NAMED_MAX: usize = 50;

/// A sort of sealed place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A passage that its author took out of a document (PER-02). Open to nobody but those named.
    Passage,
    /// What somebody saw, knew and did, as they tell it (LAN-07).
    Account,
}

impl Kind {
    /// Every sort.
    pub const ALL: [Self; 2] = [Self::Passage, Self::Account];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Passage => "passage",
            Self::Account => "account",
        }
    }

    /// The sort of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// Where a passage stood before it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The document of a post-mortem.
    Document,
    /// An event of the timeline.
    Event,
    /// An idea or a follow-up.
    Idea,
    /// The title or summary of an incident.
    Incident,
    /// The headline of a post-mortem.
    Headline,
    /// Notes on key instants, on impact and on coordination.
    Notes,
    /// An account in somebody's own words: it can be reported, and nobody but its author changes it.
    Account,
}

impl Surface {
    /// Every surface.
    pub const ALL: [Self; 7] =
        [Self::Document, Self::Event, Self::Idea, Self::Incident, Self::Headline, Self::Notes, Self::Account];

    /// The name in the record and in forms.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Event => "event",
            Self::Idea => "idea",
            Self::Incident => "incident",
            Self::Headline => "headline",
            Self::Notes => "notes",
            Self::Account => "account",
        }
    }

    /// The surface of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|surface| surface.key() == key)
    }
}

/// Whom the author lets in without naming them (LAN-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Nobody else.
    Author,
    /// Whoever leads the debrief.
    Facilitator,
    /// Everybody with a part in the incident.
    Participants,
    /// Everybody who sees the incident.
    Readers,
}

impl Audience {
    /// Every audience, the smallest first.
    pub const ALL: [Self; 4] = [Self::Author, Self::Facilitator, Self::Participants, Self::Readers];

    /// The name in the record and in forms.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Facilitator => "facilitator",
            Self::Participants => "participants",
            Self::Readers => "readers",
        }
    }

    /// The audience of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.key() == key)
    }

    fn has(self, parts: &[Part]) -> bool {
        match self {
            Self::Author => false,
            Self::Facilitator => parts.contains(&Part::Facilitator),
            Self::Participants => !parts.is_empty(),
            Self::Readers => true,
        }
    }
}

/// What a place stands under: everything that decides who opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Its sort.
    pub kind: Kind,
    /// Whose words it holds. Only they change it.
    pub author: PersonId,
    /// Whom they let in.
    pub audience: Audience,
    /// Whom they let in by name, in the order of their ids.
    pub named: Vec<PersonId>,
}

/// How somebody who sees the incident finds a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// They read it.
    Open,
    /// They know that it is there, and read it by an act on record.
    Recorded,
    /// For them there is no such place.
    Absent,
}

impl Terms {
    /// Terms that hold together.
    pub fn new(
        kind: Kind,
        author: PersonId,
        audience: Audience,
        mut named: Vec<PersonId>,
    ) -> Result<Self, NotAccepted> {
        if kind == Kind::Passage && audience != Audience::Author {
            return Err(NotAccepted("A passage that left a document is open to nobody but those named."));
        }
        named.retain(|person| *person != author);
        named.sort_unstable();
        named.dedup();
        if named.len() > NAMED_MAX {
            return Err(NotAccepted("At most 50 people can be let in by name."));
        }
        Ok(Self { kind, author, audience, named })
    }

    /// How `actor`, who sees the incident and is `parts` to it, finds the place. The installation itself finds
    /// nothing: no job and no command reads what is in here.
    pub fn door(&self, actor: &Actor, parts: &[Part]) -> Door {
        let Some(person) = actor.person.filter(|_| allowed(actor, Action::Read)) else { return Door::Absent };
        if person == self.author || self.named.contains(&person) || self.audience.has(parts) {
            Door::Open
        } else if allowed(actor, Action::LookInto) {
            Door::Recorded
        } else {
            Door::Absent
        }
    }

    /// Whether `actor` may change it, or forget its words.
    pub fn is_of(&self, actor: &Actor) -> bool {
        actor.person == Some(self.author)
    }
}

/// Words that can be sealed: not blank, at most [`WORDS_MAX`] characters.
pub fn words(text: &str) -> Result<&str, NotAccepted> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NotAccepted("There are no words here yet."));
    }
    if text.chars().count() > WORDS_MAX {
        return Err(NotAccepted("At most 20,000 characters can be kept here."));
    }
    if text.contains('\0') {
        return Err(NotAccepted("This text contains characters that cannot be kept."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        person::Role,
        scope::{Scope, Scopes},
    };
    use Door::{Absent, Open, Recorded};
    use uuid::Uuid;

    fn person(n: u128) -> PersonId {
        PersonId(Uuid::from_u128(n))
    }

    fn actor(n: u128, role: Role) -> Actor {
        Actor { person: Some(person(n)), name: String::new(), role, scopes: Scopes::ALL }
    }

    fn terms(kind: Kind, audience: Audience, named: &[u128]) -> Terms {
        Terms::new(kind, person(1), audience, named.iter().map(|n| person(*n)).collect()).unwrap()
    }

    #[test]
    fn the_table_of_doors() {
        // Columns: the author, somebody named, a facilitator, a responder, a reader, an administrator.
        let table = [
            (Kind::Passage, Audience::Author, [Open, Open, Absent, Absent, Absent, Recorded]),
            (Kind::Account, Audience::Author, [Open, Open, Absent, Absent, Absent, Recorded]),
            (Kind::Account, Audience::Facilitator, [Open, Open, Open, Absent, Absent, Recorded]),
            (Kind::Account, Audience::Participants, [Open, Open, Open, Open, Absent, Recorded]),
            (Kind::Account, Audience::Readers, [Open, Open, Open, Open, Open, Open]),
        ];
        for (kind, audience, row) in table {
            let terms = terms(kind, audience, &[2]);
            let found = [
                terms.door(&actor(1, Role::Reader), &[]),
                terms.door(&actor(2, Role::Reader), &[]),
                terms.door(&actor(3, Role::Member), &[Part::Facilitator]),
                terms.door(&actor(4, Role::Member), &[Part::Responder]),
                terms.door(&actor(5, Role::Reader), &[]),
                terms.door(&actor(6, Role::Administrator), &[]),
            ];
            assert_eq!(found, row, "{kind:?} {audience:?}");
        }
    }

    #[test]
    fn the_installation_and_tokens_without_the_scope_open_nothing() {
        let terms = terms(Kind::Account, Audience::Readers, &[]);
        assert_eq!(terms.door(&Actor::installation(), &Part::ALL), Absent);
        let closed = Terms { audience: Audience::Author, ..terms.clone() };
        for scope in Scope::ALL {
            let ada = actor(6, Role::Administrator).within(Scopes::NONE.with(scope));
            assert_eq!(closed.door(&ada, &[]), Absent, "{scope:?} alone neither reads nor looks in");
            let author = actor(1, Role::Member).within(Scopes::NONE.with(scope));
            assert_eq!(closed.door(&author, &[]) == Open, scope == Scope::Read);
        }
    }

    #[test]
    fn terms_hold_together() {
        for audience in Audience::ALL {
            let passage = Terms::new(Kind::Passage, person(1), audience, vec![]);
            assert_eq!(passage.is_ok(), audience == Audience::Author, "{audience:?}");
            assert_eq!(Audience::from_key(audience.key()), Some(audience));
        }
        let doubled = terms(Kind::Account, Audience::Author, &[3, 2, 3, 1]);
        assert_eq!(doubled.named, [person(2), person(3)], "each once, and the author needs no name");
        let many = (0..=NAMED_MAX as u128).map(|n| person(n + 2)).collect();
        assert!(Terms::new(Kind::Account, person(1), Audience::Author, many).is_err());
        assert!(Kind::ALL.into_iter().all(|kind| Kind::from_key(kind.key()) == Some(kind)));
    }

    #[test]
    fn words_are_some_and_not_too_many() {
        assert_eq!(words("  The gate was open.\n"), Ok("The gate was open."));
        for wrong in ["", " \n", "a\0b", &"x".repeat(WORDS_MAX + 1)] {
            assert!(words(wrong).is_err());
        }
        assert!(words(&"ü".repeat(WORDS_MAX)).is_ok());
        assert!(Surface::ALL.into_iter().all(|surface| Surface::from_key(surface.key()) == Some(surface)));
    }
}
