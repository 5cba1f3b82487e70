//! What a token may do at most, within the rights of whoever it acts for.

use crate::access::Action;
use std::fmt;

/// A sort of work that a token can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Read what its owner may read.
    Read,
    /// Change incidents, timelines, documents and follow-ups.
    Write,
    /// Move post-mortems to review and back, and publish them.
    Publish,
    /// Bring records in.
    Import,
    /// Look after people, invitations and the workspace.
    Administer,
}

impl Scope {
    /// Every scope, the mildest first.
    pub const ALL: [Self; 5] = [Self::Read, Self::Write, Self::Publish, Self::Import, Self::Administer];

    /// The name in the record, in the API and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Publish => "publish",
            Self::Import => "import",
            Self::Administer => "administer",
        }
    }

    /// The scope of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }

    /// The scope that an action takes. This is the one place where the two meet: a new action does not compile
    /// without a line here.
    pub const fn of(action: Action) -> Self {
        match action {
            Action::Read => Self::Read,
            Action::Write | Action::Narrow => Self::Write,
            Action::Publish => Self::Publish,
            Action::Import => Self::Import,
            Action::LookInto | Action::Administer => Self::Administer,
        }
    }

    const fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// A set of scopes. Whoever is signed in has all of them; a token has those it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// No limit: sessions, the installation itself, and tokens from before there were scopes.
    pub const ALL: Self = Self(0b1_1111);
    /// Nothing at all.
    pub const NONE: Self = Self(0);

    /// The same with one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bit())
    }

    /// Whether `scope` is one of them.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether each of them is one of `others`.
    pub const fn within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, the mildest first.
    pub fn each(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    /// The scopes of a list such as `read,import`; `None` if one of the names is unknown.
    pub fn from_keys(keys: &str) -> Option<Self> {
        let names = keys.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(Scope::from_key).try_fold(Self::NONE, |set, scope| Some(set.with(scope?)))
    }
}

impl fmt::Display for Scopes {
    /// As [`Scopes::from_keys`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.each().map(Scope::key).collect();
        f.write_str(&keys.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_survive_their_text() {
        for bits in 0..=Scopes::ALL.0 {
            let scopes = Scopes(bits);
            assert_eq!(Scopes::from_keys(&scopes.to_string()), Some(scopes));
        }
        assert_eq!(
            Scopes::from_keys(" read , import "),
            Some(Scopes::NONE.with(Scope::Read).with(Scope::Import))
        );
        for unknown in ["reads", "read;write", "READ", "read,owner"] {
            assert_eq!(Scopes::from_keys(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_set_knows_what_lies_within_it() {
        let reading = Scopes::NONE.with(Scope::Read);
        assert!(reading.within(Scopes::ALL) && reading.within(reading) && Scopes::NONE.within(reading));
        assert!(!Scopes::ALL.within(reading) && !reading.within(Scopes::NONE));
        assert_eq!(Scope::ALL.into_iter().fold(Scopes::NONE, Scopes::with), Scopes::ALL);
    }
}
