//! Who can see an incident, and what people are to it.

use crate::{
    incidents::names,
    reach::{Reached, seen},
    sql::{row, rows, run},
    statement::{Bind, Statement},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, PersonId, TeamId,
    access::{Part, Sight},
    incident::IncidentNumber,
};
use uuid::Uuid;

/// The part of those who are only named.
const NAMED: &str = "named";

/// Who can see an incident, beside those with a part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowed {
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Instant,
    /// Who narrowed it; `None`: the installation.
    pub by: Option<String>,
    /// Until when; `None`: until somebody widens it.
    pub until: Option<Instant>,
}

/// An administrator who looked into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Their name.
    pub name: String,
    /// When.
    pub at: Instant,
    /// Until when they see it.
    pub ends_at: Instant,
    /// Why.
    pub reason: String,
}

/// Everybody about an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// If not everybody sees it.
    pub narrowed: Option<Narrowed>,
    /// Who took part, by the evidence.
    pub participants: Vec<String>,
    /// People with a part in it, by part and name.
    pub parts: Vec<(Part, PersonId, String)>,
    /// People who were named so that they see it, by name.
    pub named: Vec<(PersonId, String)>,
    /// Teams whose members see it, by name.
    pub teams: Vec<(TeamId, String)>,
    /// Looks into it, the latest first.
    pub openings: Vec<Opening>,
}

/// Everybody about an incident. Two statements.
pub async fn who(tx: &mut Tx, incident: Reached, now: Instant) -> Result<Who> {
    #[derive(sqlx::FromRow)]
    struct Own {
        narrowed_until: i64,
        narrowed_at: Option<i64>,
        narrowed_reason: Option<String>,
        by_name: Option<String>,
        participants: String,
    }
    let own = row!(
        tx,
        Own,
        "SELECT i.narrowed_until, i.narrowed_at, i.narrowed_reason, b.name AS by_name, i.participants
         FROM incidents i LEFT JOIN people b ON b.id = i.narrowed_by WHERE i.id = $1",
        incident.0.0
    )?;
    let mut who = Who::default();
    if let Some(own) = own {
        who.participants = names(&own.participants)?;
        if let (Some(at), Some(reason)) = (own.narrowed_at, own.narrowed_reason)
            && own.narrowed_until > now.as_micros()
        {
            let until = Instant::from_micros(own.narrowed_until);
            who.narrowed = Some(Narrowed {
                reason,
                since: Instant::from_micros(at),
                by: own.by_name,
                until: (until != Sight::NEVER).then_some(until),
            });
        }
    }
    let rows = rows!(
        tx,
        (String, Uuid, String, Option<i64>, Option<i64>, Option<String>),
        "SELECT a.part AS what, p.id, p.name, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS TEXT)
         FROM incident_people a JOIN people p ON p.id = a.person WHERE a.incident = $1
         UNION ALL SELECT 'owner', p.id, p.name, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS TEXT)
         FROM postmortems m JOIN people p ON p.id = m.owner WHERE m.incident = $1
         UNION ALL SELECT 'team', t.id, t.name, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS TEXT)
         FROM incident_teams a JOIN teams t ON t.id = a.team WHERE a.incident = $1
         UNION ALL SELECT 'opening', p.id, p.name, o.at, o.ends_at, o.reason
         FROM incident_openings o JOIN people p ON p.id = o.person WHERE o.incident = $1",
        incident.0.0
    )?;
    for (what, id, name, at, ends_at, reason) in rows {
        match (what.as_str(), at, ends_at, reason) {
            ("opening", Some(at), Some(ends_at), Some(reason)) => {
                let (at, ends_at) = (Instant::from_micros(at), Instant::from_micros(ends_at));
                who.openings.push(Opening { name, at, ends_at, reason });
            }
            ("team", ..) => who.teams.push((TeamId(id), name)),
            (NAMED, ..) => who.named.push((PersonId(id), name)),
            (key, ..) => {
                let part = Part::from_key(key).ok_or_else(|| Error::unknown("a part in an incident", key))?;
                who.parts.push((part, PersonId(id), name));
            }
        }
    }
    who.parts.sort_by_cached_key(|(part, id, name)| (*part, name.to_lowercase(), *id));
    who.named.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    who.teams.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    who.openings.sort_by_key(|opening| std::cmp::Reverse(opening.at));
    Ok(who)
}

/// Everybody with an open account and all teams that have not ended, by name. One statement.
pub async fn choices(tx: &mut Tx) -> Result<(Vec<(PersonId, String)>, Vec<(TeamId, String)>)> {
    let rows = rows!(
        tx,
        (bool, Uuid, String),
        "SELECT TRUE AS person, id, name FROM people WHERE deactivated_at IS NULL
         UNION ALL SELECT FALSE, id, name FROM teams WHERE ended_at IS NULL"
    )?;
    let (mut people, mut teams) = (Vec::new(), Vec::new());
    for (person, id, name) in rows {
        if person { people.push((PersonId(id), name)) } else { teams.push((TeamId(id), name)) }
    }
    people.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    teams.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    Ok((people, teams))
}

/// Narrows who sees it. `until` is [`Sight::NEVER`] where no end was chosen.
pub async fn narrow(
    tx: &mut Tx,
    incident: Reached,
    reason: &str,
    until: Instant,
    by: Option<PersonId>,
    at: Instant,
) -> Result<()> {
    run!(
        tx,
        "UPDATE incidents SET narrowed_until = $2, narrowed_at = $3, narrowed_by = $4, narrowed_reason = $5
         WHERE id = $1",
        incident.0.0,
        until.as_micros(),
        at.as_micros(),
        by.map(|person| person.0),
        reason
    )?;
    Ok(())
}

/// Lets everybody see it again, and forgets who was named.
pub async fn widen(tx: &mut Tx, incident: Reached) -> Result<()> {
    run!(
        tx,
        "UPDATE incidents SET narrowed_until = 0, narrowed_at = NULL, narrowed_by = NULL,
             narrowed_reason = NULL WHERE id = $1",
        incident.0.0
    )?;
    name(tx, incident, &[], &[], Instant::from_micros(0)).await
}

/// Names people and teams in place of those who were named before.
pub async fn name(
    tx: &mut Tx,
    incident: Reached,
    people: &[PersonId],
    teams: &[TeamId],
    at: Instant,
) -> Result<()> {
    run!(tx, "DELETE FROM incident_people WHERE incident = $1 AND part = 'named'", incident.0.0)?;
    run!(tx, "DELETE FROM incident_teams WHERE incident = $1", incident.0.0)?;
    for person in people {
        put(tx, incident, *person, NAMED, at).await?;
    }
    for teams in teams.chunks(100) {
        let mut statement = Statement::new("INSERT INTO incident_teams (incident, team, since) VALUES ");
        for (n, team) in teams.iter().enumerate() {
            if n > 0 {
                statement.text(", ");
            }
            statement.list([Bind::from(incident.0.0), Bind::from(team.0), Bind::from(at.as_micros())]);
        }
        statement.text(" ON CONFLICT DO NOTHING");
        statement.run(tx).await?;
    }
    Ok(())
}

async fn put(tx: &mut Tx, incident: Reached, person: PersonId, part: &str, at: Instant) -> Result<u64> {
    run!(
        tx,
        "INSERT INTO incident_people (incident, person, part, since) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        incident.0.0,
        person.0,
        part,
        at.as_micros()
    )
}

/// Gives somebody a part; `false` if they have it.
pub async fn give(tx: &mut Tx, incident: Reached, person: PersonId, part: Part, at: Instant) -> Result<bool> {
    Ok(put(tx, incident, person, part.key(), at).await? == 1)
}

/// Takes a part from somebody; `false` if they did not have it.
pub async fn take(tx: &mut Tx, incident: Reached, person: PersonId, part: Part) -> Result<bool> {
    let taken = run!(
        tx,
        "DELETE FROM incident_people WHERE incident = $1 AND person = $2 AND part = $3",
        incident.0.0,
        person.0,
        part.key()
    )?;
    Ok(taken == 1)
}

/// The incident with a number that `sight` does not see; only for looking into it.
pub async fn unseen(tx: &mut Tx, number: IncidentNumber, sight: Sight) -> Result<Option<Reached>> {
    let found = row!(
        tx,
        (Uuid,),
        concat!("SELECT i.id FROM incidents i WHERE i.number = $1 AND NOT ", seen!("$2", "$3")),
        number.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    Ok(found.map(|(id,)| Reached(domain::IncidentId(id))))
}

/// Writes down that an administrator looks into it until `ends_at`.
pub async fn open(
    tx: &mut Tx,
    id: Uuid,
    incident: Reached,
    person: PersonId,
    (at, ends_at): (Instant, Instant),
    reason: &str,
) -> Result<()> {
    run!(
        tx,
        "INSERT INTO incident_openings (id, incident, person, at, ends_at, reason)
         VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        incident.0.0,
        person.0,
        at.as_micros(),
        ends_at.as_micros(),
        reason
    )?;
    Ok(())
}

/// Ends whatever somebody looks into: they are no administrator any more.
pub async fn end_openings_of(tx: &mut Tx, person: PersonId, now: Instant) -> Result<()> {
    run!(
        tx,
        "UPDATE incident_openings SET ends_at = $2 WHERE person = $1 AND ends_at > $2",
        person.0,
        now.as_micros()
    )?;
    Ok(())
}
