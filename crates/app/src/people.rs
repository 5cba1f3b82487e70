//! People of the workspace.

use crate::{App, Error, Result};
use domain::{
    PersonId,
    access::Actor,
    person::{Person, Role},
};

/// Everybody, by name; deactivated people last.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Person>> {
    let _ = (app, actor);
    Err(Error::internal("not built yet"))
}

/// Invites somebody; answers the token of a link that is good for seven days.
pub async fn invite(app: &App, actor: &Actor, name: &str, email: &str, role: Role) -> Result<String> {
    let _ = (app, actor, name, email, role);
    Err(Error::internal("not built yet"))
}

/// Changes a role. The last administrator cannot step down ([`Error::Conflict`]).
pub async fn set_role(app: &App, actor: &Actor, person: PersonId, role: Role) -> Result<()> {
    let _ = (app, actor, person, role);
    Err(Error::internal("not built yet"))
}

/// Closes an account and ends its sessions; the person stays in the record.
pub async fn deactivate(app: &App, actor: &Actor, person: PersonId) -> Result<()> {
    let _ = (app, actor, person);
    Err(Error::internal("not built yet"))
}

/// Changes one's own name and zone (IANA name, or none to follow the browser).
pub async fn update_me(app: &App, actor: &Actor, name: &str, zone: Option<&str>) -> Result<Person> {
    let _ = (app, actor, name, zone);
    Err(Error::internal("not built yet"))
}
