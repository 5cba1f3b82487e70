//! What the command palette and mentions look through: few columns, few rows.

use crate::{
    reach::seen,
    sql::rows,
    statement::{Statement, words},
    tx::Result,
    tx::Tx,
};
use domain::{EventId, Instant, PersonId, access::Sight, incident::IncidentNumber};

/// Incidents whose words all occur: number, title, whether there is a post-mortem. The one with the number
/// `exact` first, then the newest.
pub async fn incidents(
    tx: &mut Tx,
    typed: &str,
    exact: Option<IncidentNumber>,
    limit: i64,
    sight: Sight,
) -> Result<Vec<(IncidentNumber, String, bool)>> {
    let exact = exact.map_or(0, |number| number.0);
    let mut statement = Statement::new(
        "SELECT i.number, i.title, EXISTS (SELECT 1 FROM postmortems p WHERE p.incident = i.id)
         FROM incidents i WHERE ",
    );
    statement
        .seen(sight)
        .text(" AND (i.number = ")
        .bind(exact)
        .text(" OR (TRUE")
        .containing("i.words", &words(Some(typed)));
    statement.text(")) ORDER BY CASE WHEN i.number = ").bind(exact);
    statement.text(" THEN 0 ELSE 1 END, i.declared_at DESC, i.number DESC LIMIT ").bind(limit);
    let rows: Vec<(i64, String, bool)> = statement.rows(tx).await?;
    Ok(rows.into_iter().map(|(number, title, has)| (IncidentNumber(number), title, has)).collect())
}

/// Everybody with an open account.
pub async fn people(tx: &mut Tx) -> Result<Vec<(PersonId, String)>> {
    let rows = rows!(tx, (uuid::Uuid, String), "SELECT id, name FROM people WHERE deactivated_at IS NULL")?;
    Ok(rows.into_iter().map(|(id, name)| (PersonId(id), name)).collect())
}

/// The visible events of an incident, in order.
pub async fn events(
    tx: &mut Tx,
    number: IncidentNumber,
    sight: Sight,
) -> Result<Vec<(EventId, Instant, String)>> {
    let rows = rows!(
        tx,
        (uuid::Uuid, i64, String),
        concat!(
            "SELECT e.id, e.at, e.title FROM events e JOIN incidents i ON i.id = e.incident
             WHERE i.number = $1 AND NOT e.hidden AND ",
            seen!("$2", "$3"),
            " ORDER BY e.at, e.rank, e.id"
        ),
        number.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    Ok(rows.into_iter().map(|(id, at, title)| (EventId(id), Instant::from_micros(at), title)).collect())
}
