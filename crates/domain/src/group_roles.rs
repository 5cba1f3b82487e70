//! Which role the groups of an identity provider give: never more than was written down.

use crate::person::{NotAccepted, Role};
use serde::{Deserialize, Serialize};

/// By role, the groups whose members have it. None at all: roles are given by administrators, not by groups.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupRoles {
    #[serde(default)]
    administrator: Vec<String>,
    #[serde(default)]
    member: Vec<String>,
    #[serde(default)]
    reader: Vec<String>,
    /// The role of those whom no group gives one; none: they stay outside.
    #[serde(default)]
    others: Option<Role>,
}

/// What becomes of somebody who comes from the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// They have this role from now on.
    Role(Role),
    /// They keep the role they have; if they are new, they begin with this one.
    Theirs {
        /// The role of whoever is new.
        new: Role,
    },
    /// No group lets them in.
    Nothing,
}

impl GroupRoles {
    /// So many groups can be named for one role.
    pub const MOST: usize = 100;

    /// Names the groups of a role, one on each line.
    ///
    /// # Errors
    /// For too many, and for names that are too long or hold control characters.
    pub fn name(&mut self, role: Role, lines: &str) -> Result<(), NotAccepted> {
        let groups: Vec<String> =
            lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        if groups.len() > Self::MOST {
            return Err(NotAccepted("A role has at most 100 groups."));
        }
        if groups.iter().any(|group| group.chars().count() > 200 || group.chars().any(char::is_control)) {
            return Err(NotAccepted("A group has a name of at most 200 characters."));
        }
        *match role {
            Role::Administrator => &mut self.administrator,
            Role::Member => &mut self.member,
            Role::Reader => &mut self.reader,
        } = groups;
        Ok(())
    }

    /// Chooses the role of those whom no group gives one; none: they stay outside.
    ///
    /// # Errors
    /// For [`Role::Administrator`]: that is given by name or by group.
    pub fn let_others_be(&mut self, role: Option<Role>) -> Result<(), NotAccepted> {
        if role == Some(Role::Administrator) {
            return Err(NotAccepted("Not everybody can be an administrator. Name a group for that."));
        }
        self.others = role;
        Ok(())
    }

    /// The groups of a role.
    pub fn of(&self, role: Role) -> &[String] {
        match role {
            Role::Administrator => &self.administrator,
            Role::Member => &self.member,
            Role::Reader => &self.reader,
        }
    }

    /// The role of those whom no group gives one.
    pub const fn others(&self) -> Option<Role> {
        self.others
    }

    /// Whether groups decide at all.
    pub fn decide(&self) -> bool {
        Role::ALL.iter().any(|role| !self.of(*role).is_empty())
    }

    /// What these groups give: the strongest role that one of them was written down for, else that of the others. Names
    /// are compared letter by letter.
    pub fn given(&self, groups: &[String]) -> Given {
        if !self.decide() {
            return Given::Theirs { new: self.others.unwrap_or(Role::Reader) };
        }
        let has = |role: &Role| self.of(*role).iter().any(|group| groups.contains(group));
        let named = Role::ALL.into_iter().rev().find(has);
        named.or(self.others).map_or(Given::Nothing, Given::Role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(roles: &GroupRoles, groups: &[&str]) -> Given {
        roles.given(&groups.iter().map(|&group| group.into()).collect::<Vec<_>>())
    }

    #[test]
    fn the_strongest_named_group_counts_and_others_give_nothing() {
        let mut roles = GroupRoles::default();
        assert!(!roles.decide());
        assert_eq!(given(&roles, &["sre"]), Given::Theirs { new: Role::Reader });
        roles.name(Role::Administrator, " leads \n\n").unwrap();
        roles.name(Role::Member, "sre\nplatform").unwrap();
        assert!(roles.decide());
        for (groups, role) in [
            (&["sre"][..], Given::Role(Role::Member)),
            (&["sre", "leads"], Given::Role(Role::Administrator)),
            (&["SRE"], Given::Nothing),
            (&["leads "], Given::Nothing),
            (&["administrator"], Given::Nothing),
            (&[""], Given::Nothing),
            (&[], Given::Nothing),
        ] {
            assert_eq!(given(&roles, groups), role, "{groups:?}");
        }
        roles.let_others_be(Some(Role::Reader)).unwrap();
        assert_eq!(given(&roles, &["SRE"]), Given::Role(Role::Reader));
        assert_eq!(given(&roles, &["sre"]), Given::Role(Role::Member));
        assert!(roles.let_others_be(Some(Role::Administrator)).is_err());
        assert!(roles.name(Role::Reader, &"g\n".repeat(101)).is_err());
        assert!(roles.name(Role::Reader, &"g".repeat(201)).is_err());
        let kept = serde_json::to_string(&roles).unwrap();
        assert_eq!(serde_json::from_str::<GroupRoles>(&kept).unwrap(), roles);
    }
}
