//! Who was on call for a service.

use crate::{
    sql::{rows, run},
    statement::{Bind, Statement, VALUES},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, ServiceId, TeamId, on_call::Duty};
use uuid::Uuid;

/// Where a duty entered by people comes from.
pub const BY_HAND: &str = "hand";

/// A duty as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Which one.
    pub id: Uuid,
    /// Who, and from when to when; with the name that they have here now.
    pub duty: Duty,
    /// [`BY_HAND`], or where its schedule is kept.
    pub source: String,
    /// The schedule's name.
    pub rota: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    source: String,
    rota_name: String,
    person: Option<Uuid>,
    name: String,
    level: i64,
    from_at: i64,
    to_at: Option<i64>,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        let duty = Duty {
            person: row.person.map(PersonId),
            name: row.name,
            level: row.level,
            from: Instant::from_micros(row.from_at),
            to: row.to_at.map(Instant::from_micros),
        };
        Self { id: row.id, duty, source: row.source, rota: row.rota_name }
    }
}

/// Duties of a service that end after `after`, the earliest first, at most `most`.
pub async fn after(tx: &mut Tx, service: ServiceId, after: Instant, most: i64) -> Result<Vec<Stored>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT o.id, o.source, o.rota_name, o.person, COALESCE(p.name, o.name) AS name, o.level, o.from_at, o.to_at
         FROM on_call o LEFT JOIN people p ON p.id = o.person
         WHERE o.service = $1 AND (o.to_at IS NULL OR o.to_at > $2)
         ORDER BY o.from_at, o.level, o.id LIMIT $3",
        service.0,
        after.as_micros(),
        most
    )?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// Who is on call at an instant: service and name, those asked first first. One statement.
pub async fn now(tx: &mut Tx, at: Instant) -> Result<Vec<(ServiceId, i64, String)>> {
    let rows = rows!(
        tx,
        (Uuid, i64, String),
        "SELECT o.service, o.level, COALESCE(p.name, o.name) FROM on_call o LEFT JOIN people p ON p.id = o.person
         WHERE o.from_at <= $1 AND (o.to_at IS NULL OR o.to_at > $1) ORDER BY o.level, o.from_at, o.id",
        at.as_micros()
    )?;
    Ok(rows.into_iter().map(|(id, level, name)| (ServiceId(id), level, name)).collect())
}

/// What one schedule gave a service.
pub async fn of_rota(tx: &mut Tx, service: ServiceId, source: &str, rota: &str) -> Result<Vec<Duty>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT id, source, rota_name, person, name, level, from_at, to_at FROM on_call
         WHERE service = $1 AND source = $2 AND rota = $3 ORDER BY from_at, level, id",
        service.0,
        source,
        rota
    )?;
    Ok(rows.into_iter().map(|row| Stored::from(row).duty).collect())
}

/// Of which schedule duties are.
#[derive(Debug, Clone, Copy)]
pub struct Rota<'a> {
    /// [`BY_HAND`], or where it is kept.
    pub source: &'a str,
    /// What it is called by there.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
}

/// Removes what one schedule gave a service.
pub async fn clear(tx: &mut Tx, service: ServiceId, rota: Rota<'_>) -> Result<()> {
    run!(
        tx,
        "DELETE FROM on_call WHERE service = $1 AND source = $2 AND rota = $3",
        service.0,
        rota.source,
        rota.id
    )?;
    Ok(())
}

/// Keeps duties, each with a new id.
pub async fn add(tx: &mut Tx, service: ServiceId, rota: Rota<'_>, duties: &[(Uuid, Duty)]) -> Result<()> {
    for some in duties.chunks(VALUES / 10) {
        let mut statement = Statement::new(
            "INSERT INTO on_call (id, service, source, rota, rota_name, person, name, level, from_at, to_at) VALUES ",
        );
        for (n, (id, duty)) in some.iter().enumerate() {
            if n > 0 {
                statement.text(", ");
            }
            statement.list([
                Bind::from(*id),
                Bind::from(service.0),
                Bind::from(rota.source),
                Bind::from(rota.id),
                Bind::from(rota.name),
                Bind::from(duty.person.map(|person| person.0)),
                Bind::from(duty.name.as_str()),
                Bind::from(duty.level),
                Bind::from(duty.from.as_micros()),
                Bind::Number(duty.to.map(Instant::as_micros)),
            ]);
        }
        statement.run(tx).await?;
    }
    Ok(())
}

/// Removes a duty that was entered by hand; whether there was one.
pub async fn remove(tx: &mut Tx, service: ServiceId, id: Uuid) -> Result<bool> {
    let gone =
        run!(tx, "DELETE FROM on_call WHERE id = $1 AND service = $2 AND source = 'hand'", id, service.0)?;
    Ok(gone == 1)
}

/// Somebody who was on call for a service in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Then {
    /// What the service is called now.
    pub service: String,
    /// Who, and from when to when.
    pub duty: Duty,
}

/// What a form about an incident chooses from: everybody with an open account, all teams, and who was on call
/// for the services whose names are compared as `services`, from `from` until `to`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// By name.
    pub people: Vec<(PersonId, String)>,
    /// By name.
    pub teams: Vec<(TeamId, String)>,
    /// Those asked first first.
    pub on_call: Vec<Then>,
    /// What these services are called now, each with every name that finds it.
    pub called: Vec<(String, String)>,
}

/// Everything that a form about an incident chooses from. One statement, whatever is asked.
pub async fn choices(tx: &mut Tx, services: &[String], from: Instant, to: Instant) -> Result<Choices> {
    #[derive(sqlx::FromRow)]
    struct Row {
        what: String,
        id: Option<Uuid>,
        name: String,
        service: String,
        level: i64,
        from_at: i64,
        to_at: Option<i64>,
    }
    let mut statement = Statement::new(
        "SELECT 'person' AS what, id, name, '' AS service, CAST(0 AS BIGINT) AS level, CAST(0 AS BIGINT) AS from_at,
             CAST(NULL AS BIGINT) AS to_at FROM people WHERE deactivated_at IS NULL
         UNION ALL SELECT 'team', id, name, '', CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(NULL AS BIGINT)
         FROM teams WHERE ended_at IS NULL
         UNION ALL SELECT 'called', n.service, n.name, s.name, CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(NULL AS BIGINT)
         FROM service_names n JOIN services s ON s.id = n.service
         WHERE n.holds AND n.service IN (SELECT service FROM service_names WHERE holds AND matches IN ",
    );
    // A list without a member would be no SQL; no name is empty.
    let nothing = [String::new()];
    let names = if services.is_empty() { &nothing[..] } else { services };
    statement.list(names.iter().map(String::as_str)).text(
        ") UNION ALL SELECT 'duty', p.id, COALESCE(p.name, o.name), s.name, o.level, o.from_at, o.to_at
         FROM on_call o JOIN services s ON s.id = o.service
         LEFT JOIN people p ON p.id = o.person AND p.deactivated_at IS NULL
         WHERE s.ended_at IS NULL AND o.from_at < ",
    );
    statement.bind(to.as_micros()).text(" AND (o.to_at IS NULL OR o.to_at > ").bind(from.as_micros());
    statement.text(") AND o.service IN (SELECT service FROM service_names WHERE holds AND matches IN ");
    statement.list(names.iter().map(String::as_str)).text(")");
    let rows: Vec<Row> = statement.rows(tx).await?;
    let mut choices = Choices::default();
    for row in rows {
        match (row.what.as_str(), row.id) {
            ("person", Some(id)) => choices.people.push((PersonId(id), row.name)),
            ("team", Some(id)) => choices.teams.push((TeamId(id), row.name)),
            ("called", _) => choices.called.push((row.service, row.name)),
            (_, person) => choices.on_call.push(Then {
                service: row.service,
                duty: Duty {
                    person: person.map(PersonId),
                    name: row.name,
                    level: row.level,
                    from: Instant::from_micros(row.from_at),
                    to: row.to_at.map(Instant::from_micros),
                },
            }),
        }
    }
    choices.people.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    choices.teams.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    choices.on_call.sort_by_cached_key(|it| {
        (it.duty.level, it.service.to_lowercase(), it.duty.from, it.duty.name.to_lowercase())
    });
    Ok(choices)
}
