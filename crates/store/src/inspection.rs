//! What `debrief check` asks the database: nothing here changes anything.

use crate::{
    dialect,
    sql::{rows, run},
    statement::Statement,
    tables::{Column, LEFT_BEHIND, TABLES, Table},
    tx::{Result, Tx},
};
use domain::{PostmortemId, incident::IncidentNumber};
use std::collections::BTreeSet;

/// The tables and columns that the database says it has, in no order.
pub async fn catalog(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let text = dialect::choose(tx, dialect::sqlite::CATALOG, dialect::postgres::CATALOG);
    rows!(tx, (String, String), text)
}

/// What the database itself finds wrong with its files, in its own words; empty if nothing.
pub async fn damage(tx: &mut Tx) -> Result<Vec<String>> {
    let text = dialect::choose(tx, dialect::sqlite::DAMAGE, dialect::postgres::DAMAGE);
    Ok(rows!(tx, (String,), text)?.into_iter().map(|(fault,)| fault).filter(|fault| fault != "ok").collect())
}

/// How many rows of `table` point to a row of `target` that is not there.
pub async fn orphans(
    tx: &mut Tx,
    table: &'static Table,
    column: &'static Column,
    target: &'static str,
) -> Result<i64> {
    let mut lost = 0;
    for place in table.places() {
        let mut statement = Statement::new("SELECT COUNT(*) FROM ");
        statement.text(place).text(" r LEFT JOIN ").text(target).text(" t ON t.id = r.").text(column.name);
        statement.text(" WHERE t.id IS NULL AND r.").text(column.name).text(" IS NOT NULL");
        lost += statement.rows::<(i64,)>(tx).await?.first().map_or(0, |(count,)| *count);
    }
    Ok(lost)
}

/// How many edits of shared documents have the number of another one. No rule of the database keeps recent ones from
/// that (see `documents/recent.rs`).
pub async fn doubled_edits(tx: &mut Tx) -> Result<i64> {
    let found = rows!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM (
            SELECT document, seq FROM (SELECT document, seq FROM document_updates
                WHERE document IN (SELECT document FROM recent_edits)
                UNION ALL SELECT document, seq FROM recent_edits) a
            GROUP BY document, seq HAVING COUNT(*) > 1) d"
    )?;
    Ok(found.first().map_or(0, |(count,)| *count))
}

/// Tables and columns, as `table.column`, that the record needs and the database lacks, and the other way
/// round.
pub async fn schema_differences(tx: &mut Tx) -> Result<(Vec<String>, Vec<String>)> {
    let left_behind = |table: &str| LEFT_BEHIND.iter().any(|(name, _)| *name == table);
    let found: BTreeSet<String> = catalog(tx)
        .await?
        .into_iter()
        .filter(|(table, _)| !left_behind(table))
        .map(|(table, column)| format!("{table}.{column}"))
        .collect();
    let known: BTreeSet<String> = TABLES
        .iter()
        .flat_map(|table| table.columns.iter().map(move |column| format!("{}.{}", table.name, column.name)))
        .collect();
    Ok((known.difference(&found).cloned().collect(), found.difference(&known).cloned().collect()))
}

/// Every shared document with the incident it is about, by number.
pub async fn documents(tx: &mut Tx) -> Result<Vec<(PostmortemId, IncidentNumber)>> {
    let found = rows!(
        tx,
        (uuid::Uuid, i64),
        "SELECT p.id, i.number FROM postmortems p JOIN incidents i ON i.id = p.incident ORDER BY i.number"
    )?;
    Ok(found.into_iter().map(|(id, number)| (PostmortemId(id), IncidentNumber(number))).collect())
}

/// Whether the record can be written: changes a row into itself. The transaction is not to be committed.
pub async fn try_writing(tx: &mut Tx) -> Result<()> {
    run!(tx, "UPDATE counters SET value = value WHERE name = 'people'").map(drop)
}
