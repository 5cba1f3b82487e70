//! Who may do what: one table, one function.
//!
//! Every act of the application asks [`allowed`] before it loads or changes a thing; nothing is allowed
//! that the table does not say.

use crate::{PersonId, person::Role};
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
}

impl Actor {
    /// The installation itself: the command line and jobs, run by whoever has the machine.
    pub fn installation() -> Self {
        Self { person: None, name: "Debrief".into(), role: Role::Administrator }
    }
}

/// Everything that can be done, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read incidents, timelines, evidence, documents, follow-ups.
    Read,
    /// Change incidents, timelines, documents and follow-ups, and bring records in.
    Write,
    /// Move a post-mortem to review and back, and publish it.
    Publish,
    /// Look after people, invitations and the workspace.
    Administer,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Publish, Self::Administer];

    /// The weakest role that may.
    pub const fn needs(self) -> Role {
        match self {
            Self::Read => Role::Reader,
            Self::Write | Self::Publish => Role::Member,
            Self::Administer => Role::Administrator,
        }
    }
}

/// Whether `actor` may do `action`.
pub fn allowed(actor: &Actor, action: Action) -> bool {
    actor.role >= action.needs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_roles() {
        let may = |role, action| allowed(&Actor { person: None, name: String::new(), role }, action);
        let table = [
            (Role::Reader, [true, false, false, false]),
            (Role::Member, [true, true, true, false]),
            (Role::Administrator, [true, true, true, true]),
        ];
        for (role, row) in table {
            assert_eq!(Action::ALL.map(|action| may(role, action)), row, "{role:?}");
        }
    }
}
