//! Teams and who is in them.

use crate::{App, Error, Result, sign_in::record};
use collab::Whose;
use domain::{
    PersonId, TeamId,
    access::{Action, Actor},
    person::NotAccepted,
    team::GroupName,
};
use serde_json::json;
pub use store::teams::Team;
use store::{people, teams as table};

/// How many teams there can be.
const MOST: usize = 1_000;

/// All teams with their members, by name.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Team>> {
    let mut tx = app.read(actor, Action::Read).await?;
    Ok(table::all(&mut tx).await?)
}

/// Makes a team. Its name has 1 to 100 characters and belongs to no other.
pub async fn create(app: &App, actor: &Actor, name: &str) -> Result<TeamId> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let name = chosen(name)?;
    let all = table::all(&mut tx).await?;
    refuse_lookalike(&name, all.iter().map(|it| &it.name))?;
    if all.len() >= MOST {
        return Err(Error::conflict("There are 1,000 teams. End one that is not needed any more first."));
    }
    let (now, id) = (app.now(), TeamId::new(app.now(), app.random()));
    if !table::add(&mut tx, id, &name, now).await? {
        return Err(Error::invalid("name", "There is a team of this name already."));
    }
    record(&mut tx, now, actor, "team.create", id, &json!({ "name": name })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Ends a team: whatever was open to its members only through it is so no longer.
pub async fn end(app: &App, actor: &Actor, team: TeamId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let name = table::find(&mut tx, team).await?.ok_or(Error::NotFound)?;
    table::end(&mut tx, team, app.now()).await?;
    record(&mut tx, app.now(), actor, "team.end", team, &json!({ "name": name })).await?;
    tx.commit().await?;
    app.turn_away(Whose::Everybody);
    Ok(())
}

/// Takes somebody into a team. They see from then on what is open to its members.
pub async fn take_in(app: &App, actor: &Actor, team: TeamId, person: PersonId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    table::find(&mut tx, team).await?.ok_or(Error::NotFound)?;
    let known = people::get(&mut tx, person).await?.filter(|person| !person.deactivated);
    known.ok_or_else(|| Error::invalid("person", "Choose somebody with an account."))?;
    if !table::take_in(&mut tx, team, person, app.now()).await? {
        return Ok(());
    }
    record(&mut tx, app.now(), actor, "team.take_in", team, &json!({ "person": person })).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets somebody leave a team. What they saw only through it is closed to them at once.
pub async fn let_go(app: &App, actor: &Actor, team: TeamId, person: PersonId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    table::find(&mut tx, team).await?.ok_or(Error::NotFound)?;
    if !table::let_go(&mut tx, team, person).await? {
        return Err(Error::NotFound);
    }
    record(&mut tx, app.now(), actor, "team.let_go", team, &json!({ "person": person })).await?;
    tx.commit().await?;
    app.turn_away(Whose::Person(person));
    Ok(())
}

/// The name of a team or a service that somebody chooses.
pub(crate) fn chosen(name: &str) -> Result<GroupName> {
    GroupName::chosen(name).map_err(|wrong: NotAccepted| Error::invalid("name", wrong.to_string()))
}

/// Refuses a name that looks like one of `others` in letters of another script: whoever chooses from a list would
/// take one for the other.
pub(crate) fn refuse_lookalike<'a>(
    name: &GroupName,
    mut others: impl Iterator<Item = &'a GroupName>,
) -> Result<()> {
    if others.any(|other| domain::lookalike::texts_alike(name.as_str(), other.as_str())) {
        return Err(Error::invalid(
            "name",
            "This looks like another name in this list, with letters of another script. Write all of it in one.",
        ));
    }
    Ok(())
}
