//! Who wrote what: Yjs knows client ids, the log knows who sent an update.

use crate::anatomy::Anatomy;
use domain::PersonId;
use std::collections::{BTreeMap, BTreeSet};

/// Which person each Yjs client id belongs to, from updates and their authors in the order of the log. The
/// first who sent a client's text keeps it, even if that was nobody: others may pass text on, not claim it.
pub fn authors_of<U: AsRef<[u8]>>(
    updates: impl IntoIterator<Item = (U, Option<PersonId>)>,
) -> BTreeMap<u64, PersonId> {
    let mut people = BTreeMap::new();
    let mut nobodys = BTreeSet::new();
    for (update, author) in updates {
        let Ok(anatomy) = Anatomy::of(update.as_ref()) else { continue };
        for client in anatomy.clients.into_keys() {
            match author {
                Some(person) if !nobodys.contains(&client) => _ = people.entry(client).or_insert(person),
                None if !people.contains_key(&client) => _ = nobodys.insert(client),
                _ => {}
            }
        }
    }
    people
}
