//! The record row by row, out of one database and into another.
//!
//! Both directions work in batches of bounded size and know nothing of what the rows mean. Reading happens in
//! the caller's transaction, so what is read is one consistent state however long it takes.

use crate::{
    dialect,
    inspection::catalog,
    sql::{each_row, row},
    statement::{Bind, Statement},
    tables::{Column, Kind, LEFT_BEHIND, TABLES, Table},
    tx::{Error, Result, Tx},
};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashSet;
use tokio::sync::mpsc;
use uuid::Uuid;

/// A batch has at most so many rows.
const ROWS: usize = 256;
/// A batch is handed on once its values have so many bytes.
const BYTES: usize = 1 << 20;
/// Values of one statement, below the 32,766 that SQLite takes.
const BINDS: usize = 30_000;

/// A value of a row; `None` is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words or JSON.
    Text(Option<String>),
    /// A whole number.
    Number(Option<i64>),
    /// A UUID.
    Id(Option<Uuid>),
    /// Yes or no.
    Flag(Option<bool>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

impl Value {
    fn weight(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len(),
            Self::Bytes(Some(bytes)) => bytes.len(),
            _ => 16,
        }
    }
}

/// The values of a row, in the order of the columns that were asked for.
pub type Row = Vec<Value>;

/// Rows of one table.
#[derive(Debug)]
pub struct Batch {
    /// Which table.
    pub table: &'static Table,
    /// Its rows; empty in the first batch of each table, which only says that the table begins.
    pub rows: Vec<Row>,
}

/// Hands every row of `table` to `to`, in the order of its key, only the given columns. Stops early if nobody
/// listens any more; then the answer is `false`.
pub async fn read(
    tx: &mut Tx,
    table: &'static Table,
    columns: &[&'static Column],
    to: &mpsc::Sender<Batch>,
) -> Result<bool> {
    if to.send(Batch { table, rows: Vec::new() }).await.is_err() {
        return Ok(false);
    }
    let text = select(tx, table, columns);
    let (mut rows, mut weight) = (Vec::new(), 0);
    each_row!(tx, text, |found| {
        let mut values = Vec::with_capacity(columns.len());
        for (at, column) in columns.iter().enumerate() {
            let value = match column.kind {
                Kind::Text => Value::Text(found.try_get(at)?),
                Kind::Number | Kind::Life => Value::Number(found.try_get(at)?),
                Kind::Id => Value::Id(found.try_get(at)?),
                Kind::Flag => Value::Flag(found.try_get(at)?),
                Kind::Bytes => Value::Bytes(found.try_get(at)?),
            };
            weight += value.weight();
            values.push(value);
        }
        rows.push(values);
        if rows.len() >= ROWS || weight >= BYTES {
            weight = 0;
            if to.send(Batch { table, rows: std::mem::take(&mut rows) }).await.is_err() {
                return Ok(false);
            }
        }
    });
    Ok(rows.is_empty() || to.send(Batch { table, rows }).await.is_ok())
}

fn select(tx: &Tx, table: &'static Table, columns: &[&'static Column]) -> String {
    let bytewise = dialect::choose(tx, dialect::sqlite::BYTEWISE, dialect::postgres::BYTEWISE);
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let order: Vec<String> = table
        .key
        .iter()
        .map(|key| {
            let text = table.columns.iter().any(|column| column.name == *key && column.kind == Kind::Text);
            if text { format!("{key} COLLATE {bytewise}") } else { (*key).to_owned() }
        })
        .collect();
    let names = names.join(", ");
    let all: Vec<String> =
        table.places().iter().map(|place| format!("SELECT {names} FROM {place}")).collect();
    format!("{} ORDER BY {}", all.join(" UNION ALL "), order.join(", "))
}

/// Adds rows of a table, each with values for the given columns in their order.
pub async fn insert(tx: &mut Tx, table: &Table, columns: &[&'static Column], rows: Vec<Row>) -> Result<()> {
    let at_once = (BINDS / columns.len().max(1)).max(1);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut statement = Statement::new("INSERT INTO ");
        statement.text(table.name).text(" (");
        for (n, column) in columns.iter().enumerate() {
            statement.text(if n > 0 { ", " } else { "" }).text(column.name);
        }
        statement.text(") VALUES ");
        for (n, row) in rows.by_ref().take(at_once).enumerate() {
            statement.text(if n > 0 { ", " } else { "" }).list(row.into_iter().map(Bind::from));
        }
        statement.run(tx).await?;
    }
    Ok(())
}

impl From<Value> for Bind {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Number(number) => Self::Number(number),
            Value::Id(id) => Self::Id(id),
            Value::Flag(flag) => Self::Flag(flag),
            Value::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

/// Whether nothing is on record yet: nobody, no incident, no act but those of starting.
pub async fn is_empty(tx: &mut Tx) -> Result<bool> {
    let found: Option<(i64,)> =
        row!(tx, (i64,), "SELECT (SELECT COUNT(*) FROM people) + (SELECT COUNT(*) FROM incidents)")?;
    Ok(found.is_none_or(|(count,)| count == 0))
}

/// Removes what a new database begins with, so that everything can be added.
pub async fn clear(tx: &mut Tx) -> Result<()> {
    // An earlier schema has not all of them.
    let there: HashSet<String> = catalog(tx).await?.into_iter().map(|(table, _)| table).collect();
    let left_behind = LEFT_BEHIND.iter().map(|(name, _)| *name).filter(|name| *name != "migrations");
    for name in left_behind.chain(TABLES.iter().rev().map(|table| table.name)) {
        if there.contains(name) {
            let mut statement = Statement::new("DELETE FROM ");
            statement.text(name);
            statement.run(tx).await?;
        }
    }
    Ok(())
}

/// The newest life of any document, 0 if there is none.
pub async fn newest_life(tx: &mut Tx) -> Result<i64> {
    let found: Option<(i64,)> = row!(tx, (i64,), "SELECT COALESCE(MAX(epoch), 0) FROM postmortems")?;
    Ok(found.map_or(0, |(life,)| life))
}

/// The number of the newest migration of this database.
pub async fn schema(tx: &mut Tx) -> Result<i64> {
    let newest: Option<(i64,)> = row!(tx, (i64,), "SELECT COALESCE(MAX(version), 0) FROM migrations")?;
    newest.map(|(version,)| version).ok_or_else(|| Error::unknown("the schema", "none"))
}
