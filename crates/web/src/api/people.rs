//! People of the workspace.

use super::{
    body::ok,
    views::{All, PersonView},
};
use crate::{error::Answer, session::Caller, state::State};

/// Everybody, by name.
pub(super) async fn list(state: State, Caller(actor): Caller) -> Answer {
    let people = app::people::list(&state.app, &actor).await?;
    ok(&All { items: people.into_iter().map(PersonView::from).collect() })
}
