//! What forms let people choose from.

use crate::{session::Visitor, state::State};
use app::Result;
use domain::person::Role;

/// Everybody who can look after something: id and name, by name.
pub(crate) async fn people(state: &State, visitor: &Visitor) -> Result<Vec<(String, String)>> {
    let everybody = app::people::list(&state.app, visitor.actor()).await?;
    let can = everybody.into_iter().filter(|person| !person.deactivated && person.role >= Role::Member);
    Ok(can.map(|person| (person.id.to_string(), person.name.to_string())).collect())
}
