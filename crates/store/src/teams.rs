//! Teams with their members. A team ends; it is not deleted.

use crate::{
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{Instant, PersonId, TeamId, team::GroupName};
use uuid::Uuid;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Which one.
    pub id: TeamId,
    /// What it is called.
    pub name: GroupName,
    /// Who is in it, by name; people whose account is closed are left out.
    pub members: Vec<(PersonId, String)>,
}

/// The teams that have not ended, by name, with their members. One statement.
pub async fn all(tx: &mut Tx) -> Result<Vec<Team>> {
    let rows: Vec<(Uuid, String, Option<Uuid>, Option<String>)> = rows!(
        tx,
        (Uuid, String, Option<Uuid>, Option<String>),
        "SELECT t.id, t.name, p.id, p.name
         FROM teams t
         LEFT JOIN team_members m ON m.team = t.id
         LEFT JOIN people p ON p.id = m.person AND p.deactivated_at IS NULL
         WHERE t.ended_at IS NULL ORDER BY t.matches, t.id, p.id"
    )?;
    let mut teams: Vec<Team> = Vec::new();
    for (id, name, person, called) in rows {
        if teams.last().is_none_or(|last| last.id.0 != id) {
            let name = name.parse().map_err(|_| Error::unknown("the name of a team", name))?;
            teams.push(Team { id: TeamId(id), name, members: Vec::new() });
        }
        if let (Some(last), Some(person), Some(called)) = (teams.last_mut(), person, called) {
            last.members.push((PersonId(person), called));
        }
    }
    for team in &mut teams {
        team.members.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    }
    Ok(teams)
}

/// Keeps a new team; `false` if there is one of that name.
pub async fn add(tx: &mut Tx, id: TeamId, name: &GroupName, at: Instant) -> Result<bool> {
    let added = run!(
        tx,
        "INSERT INTO teams (id, name, matches, created_at, revision) VALUES ($1, $2, $3, $4, 0)
         ON CONFLICT DO NOTHING",
        id.0,
        name.as_str(),
        name.matches(),
        at.as_micros()
    )?;
    Ok(added == 1)
}

/// The name of a team that has not ended.
pub async fn find(tx: &mut Tx, id: TeamId) -> Result<Option<String>> {
    let found = row!(tx, (String,), "SELECT name FROM teams WHERE id = $1 AND ended_at IS NULL", id.0)?;
    Ok(found.map(|(name,)| name))
}

/// Ends a team. Its name is free again, and nobody sees anything through it any more.
pub async fn end(tx: &mut Tx, id: TeamId, at: Instant) -> Result<()> {
    run!(
        tx,
        "UPDATE teams SET ended_at = $2, matches = $3, revision = revision + 1 WHERE id = $1",
        id.0,
        at.as_micros(),
        id.to_string()
    )?;
    run!(tx, "DELETE FROM team_members WHERE team = $1", id.0)?;
    Ok(())
}

/// Takes somebody into a team; `false` if they are in it.
pub async fn take_in(tx: &mut Tx, team: TeamId, person: PersonId, at: Instant) -> Result<bool> {
    let added = run!(
        tx,
        "INSERT INTO team_members (team, person, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        team.0,
        person.0,
        at.as_micros()
    )?;
    Ok(added == 1)
}

/// Lets somebody leave a team; `false` if they are not in it.
pub async fn let_go(tx: &mut Tx, team: TeamId, person: PersonId) -> Result<bool> {
    let gone = run!(tx, "DELETE FROM team_members WHERE team = $1 AND person = $2", team.0, person.0)?;
    Ok(gone == 1)
}
