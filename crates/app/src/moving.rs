//! A whole installation from one database into another, equal row by row.

use crate::{
    App, Error, Result,
    backup::{Sums, not_empty},
};
use domain::access::{Action, Actor};
use store::{
    Db, Tx, copying,
    tables::{Column, TABLES, Table},
};
use tokio::sync::mpsc;

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// How many rows, of all tables.
    pub rows: u64,
    /// How many tables.
    pub tables: usize,
}

/// Copies everything into the empty database at `url`, reads it back there and compares, then commits.
///
/// What people change here while this runs is not part of it, so the server is stopped first. Documents keep
/// their lives: browsers go on with the text they hold.
pub async fn move_to(app: &App, actor: &Actor, url: &str) -> Result<Moved> {
    let mut here = app.read(actor, Action::Administer).await?;
    let target =
        Db::open(url).await.map_err(|error| Error::Invalid { field: None, message: error.to_string() })?;
    let moved = copy(&mut here, &target).await;
    target.close().await;
    moved
}

async fn copy(here: &mut Tx, target: &Db) -> Result<Moved> {
    let mut there = target.write().await?;
    if !copying::is_empty(&mut there).await? {
        return Err(not_empty("Move into an empty database."));
    }
    if copying::schema(here).await? != copying::schema(&mut there).await? {
        return Err(Error::conflict("The two databases have different schemas. Nothing was moved."));
    }
    copying::clear(&mut there).await?;
    let mut rows = 0;
    for table in TABLES {
        let sums = carry(here, &mut there, table).await?;
        let arrived = sum(&mut there, table).await?;
        if (sums.rows, sums.digest()) != (arrived.rows, arrived.digest()) {
            return Err(Error::internal(format!("{} arrived changed", table.name)));
        }
        rows += sums.rows;
    }
    there.commit().await?;
    Ok(Moved { rows, tables: TABLES.len() })
}

async fn carry(here: &mut Tx, there: &mut Tx, table: &'static Table) -> Result<Sums> {
    let columns = table.all();
    let (to, mut batches) = mpsc::channel(4);
    let reading = async {
        let read = copying::read(here, table, &columns, &to).await;
        drop(to);
        read
    };
    let writing = async {
        let mut sums = Sums::default();
        while let Some(batch) = batches.recv().await {
            sums.add_rows(&batch.rows).map_err(Error::internal)?;
            copying::insert(there, table, &columns, batch.rows).await?;
        }
        // Without the receiver the reader stops at once where writing failed.
        Ok::<_, Error>(sums)
    };
    together(reading, writing).await
}

/// The sums of a table as it is read.
async fn sum(tx: &mut Tx, table: &'static Table) -> Result<Sums> {
    let columns: Vec<&'static Column> = table.all();
    let (to, mut batches) = mpsc::channel(4);
    let reading = async {
        let read = copying::read(tx, table, &columns, &to).await;
        drop(to);
        read
    };
    let adding = async {
        let mut sums = Sums::default();
        while let Some(batch) = batches.recv().await {
            sums.add_rows(&batch.rows).map_err(Error::internal)?;
        }
        Ok::<_, Error>(sums)
    };
    together(reading, adding).await
}

async fn together(
    reading: impl Future<Output = store::Result<bool>>,
    taking: impl Future<Output = Result<Sums>>,
) -> Result<Sums> {
    // The first failure ends both.
    let reading = async { reading.await.map_err(Error::from) };
    tokio::try_join!(reading, taking).map(|(_, sums)| sums)
}
