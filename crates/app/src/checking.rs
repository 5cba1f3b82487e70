//! Whether the record is whole: the database, the chain of acts, every document, every piece of evidence.

mod against;
mod head;
mod versions;

pub use against::{Compared, against};
pub use head::{Head, HeadError, export as export_head, own_key};

use crate::{App, Result};
use domain::evidence::Digest32;
use std::collections::HashMap;
use store::{
    Tx, audit,
    copying::{self, Value},
    inspection,
    tables::{Column, TABLES, Table},
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// A fault names at most so many of its cases.
const NAMED: usize = 10;
/// A record that takes longer to answer is not ready.
const READY: std::time::Duration = std::time::Duration::from_secs(5);

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What was found, one sentence.
    pub what: String,
    /// What to do, one sentence.
    pub remedy: &'static str,
}

/// What a check looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many acts are on record.
    pub acts: i64,
    /// How many shared documents were loaded and written out.
    pub documents: usize,
    /// How many pieces of evidence were compared with their sums.
    pub evidence: usize,
    /// How many versions of documents were compared with their sums.
    pub versions: usize,
    /// What is wrong, worst first.
    pub faults: Vec<Fault>,
}

impl Report {
    fn add(&mut self, what: impl Into<String>, remedy: &'static str) {
        self.faults.push(Fault { what: what.into(), remedy });
    }
}

const FROM_BACKUP: &str = "Restore the newest backup that passes this check into an empty installation.";

/// Goes through everything; with `head`, also whether the acts up to that head are those that it was made of.
/// Reads only.
pub async fn check(app: &App, head: Option<&Head>) -> Result<Report> {
    let mut report = Report::default();
    let mut tx = app.db().read().await?;
    database(&mut tx, &mut report).await?;
    if !report.faults.is_empty() {
        // With tables missing the rest could only fail.
        let (missing, _) = inspection::schema_differences(&mut tx).await?;
        if !missing.is_empty() {
            return Ok(report);
        }
    }
    chain(&mut tx, &mut report, head).await?;
    orphans(&mut tx, &mut report).await?;
    edits(&mut tx, &mut report).await?;
    evidence(&mut tx, &mut report).await?;
    secrets(app, &mut tx, &mut report).await?;
    jobs(&mut tx, &mut report).await?;
    versions::compare(&mut tx, &mut report).await?;
    let all = inspection::documents(&mut tx).await?;
    drop(tx);
    documents(app, &all, &mut report).await;
    Ok(report)
}

/// Whether the record can be read and written just now, and the process means to go on; changes nothing.
pub async fn ready(app: &App) -> Result<()> {
    if app.is_stopping() {
        return Err(crate::Error::Unavailable("This server is stopping.".into()));
    }
    let asked = async {
        app.db().read().await?;
        // Dropped without a commit.
        inspection::try_writing(&mut app.db().write().await?).await
    };
    match tokio::time::timeout(READY, asked).await {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(crate::Error::Unavailable("The record does not answer just now.".into())),
    }
}

async fn database(tx: &mut Tx, report: &mut Report) -> Result<()> {
    for fault in inspection::damage(tx).await? {
        report.add(format!("The database says of itself: {fault}."), FROM_BACKUP);
    }
    let (missing, unknown) = inspection::schema_differences(tx).await?;
    if !missing.is_empty() {
        report.add(format!("The database lacks {}.", missing.join(", ")), FROM_BACKUP);
    }
    if !unknown.is_empty() {
        report.add(
            format!(
                "The database has {}, which Debrief did not make; backups do not hold it.",
                unknown.join(", ")
            ),
            "Move it elsewhere, or use a database that only Debrief uses.",
        );
    }
    Ok(())
}

async fn chain(tx: &mut Tx, report: &mut Report, head: Option<&Head>) -> Result<()> {
    match audit::verify(tx).await? {
        Ok(acts) => report.acts = acts,
        Err(broken) => {
            report.acts = broken - 1;
            report.add(
                format!(
                    "The chain of acts breaks at act {broken}: it, the one before it or the end of the chain was changed outside Debrief."
                ),
                "Find out who can write to the database, and compare with a backup from before.",
            );
        }
    }
    let differ: Vec<String> = audit::words_that_differ(tx).await?.iter().map(i64::to_string).collect();
    if !differ.is_empty() {
        report.add(
            format!("The words beside acts {} are not those that they were written with.", some(&differ)),
            "Find out who can write to the database, and compare with a backup from before.",
        );
    }
    let Some(head) = head else { return Ok(()) };
    let remedy =
        "Find out who can write to the database, and compare with a backup from the time of that head.";
    match audit::sum_at(tx, head.seq).await? {
        // The head of a place where nothing was done yet.
        _ if head.seq == 0 => {}
        Some(sum) if sum == head.digest => {}
        Some(_) => report.add(
            format!(
                "Act {} is not the one that the head of {} was made of: acts were written anew.",
                head.seq, head.at
            ),
            remedy,
        ),
        None => report.add(
            format!(
                "The head of {} was made of {} acts, and there are only {}: acts were cut off.",
                head.at, head.seq, report.acts
            ),
            remedy,
        ),
    }
    Ok(())
}

async fn orphans(tx: &mut Tx, report: &mut Report) -> Result<()> {
    for table in TABLES {
        for column in table.columns {
            let Some(target) = column.points_to else { continue };
            let lost = inspection::orphans(tx, table, column, target).await?;
            if lost > 0 {
                report.add(
                    format!(
                        "{lost} rows of {} point to rows of {target} that are not there ({}).",
                        table.name, column.name
                    ),
                    FROM_BACKUP,
                );
            }
        }
    }
    Ok(())
}

async fn edits(tx: &mut Tx, report: &mut Report) -> Result<()> {
    let doubled = inspection::doubled_edits(tx).await?;
    if doubled > 0 {
        report.add(format!("{doubled} edits of documents have the number of another edit."), FROM_BACKUP);
    }
    Ok(())
}

/// Shows the named columns of every row of a table.
async fn columns_of(tx: &mut Tx, table: &str, wanted: &[&str], mut show: impl FnMut(&[Value])) -> Result<()> {
    let Some(table) = Table::named(table) else { return Ok(()) };
    let columns: Vec<&'static Column> =
        wanted.iter().filter_map(|name| table.columns.iter().find(|column| column.name == *name)).collect();
    let (to, mut batches) = mpsc::channel(4);
    let reading = async {
        let read = copying::read(tx, table, &columns, &to).await;
        drop(to);
        read
    };
    let showing = async {
        while let Some(batch) = batches.recv().await {
            batch.rows.iter().for_each(|row| show(row));
        }
    };
    let (read, ()) = tokio::join!(reading, showing);
    read?;
    Ok(())
}

/// Every piece against its sum.
async fn evidence(tx: &mut Tx, report: &mut Report) -> Result<()> {
    // The sums first, 48 bytes a piece; then the raw forms as they come. What is left over has none.
    let mut sums: HashMap<Uuid, Vec<u8>> = HashMap::new();
    columns_of(tx, "evidence", &["id", "digest"], |row| {
        if let [Value::Id(Some(id)), Value::Bytes(Some(digest))] = row {
            sums.insert(*id, digest.clone());
        }
    })
    .await?;
    report.evidence = sums.len();
    let mut changed = Vec::new();
    columns_of(tx, "evidence_raw", &["evidence", "raw"], |row| {
        if let [Value::Id(Some(id)), Value::Text(Some(raw))] = row
            && let Some(digest) = sums.remove(id)
            && Digest32::of(raw.as_bytes()).0.as_slice() != digest.as_slice()
        {
            changed.push(id.to_string());
        }
    })
    .await?;
    changed.extend(sums.keys().map(Uuid::to_string));
    changed.sort_unstable();
    if !changed.is_empty() {
        report.add(
            format!("{} pieces of evidence do not match their sums: {}.", changed.len(), some(&changed)),
            "Bring the export they came from into an empty installation and compare, or restore a backup.",
        );
    }
    Ok(())
}

/// Every secret is opened once.
async fn secrets(app: &App, tx: &mut Tx, report: &mut Report) -> Result<()> {
    let (all, closed) = crate::secrets::that_stay_closed(app, tx).await?;
    if !closed.is_empty() {
        report.add(
            format!("{} of {all} secrets do not open: {}.", closed.len(), some(&closed)),
            "Bring the file with their key back (secret_key_file). If it is lost, `debrief secrets rotate --leave-closed` \
             makes a new one, `debrief user link` lets people in who then choose a passphrase, and the other secrets are \
             entered anew.",
        );
    }
    Ok(())
}

async fn jobs(tx: &mut Tx, report: &mut Report) -> Result<()> {
    let given_up = store::jobs::counts(tx).await?.given_up;
    if given_up > 0 {
        report.add(
            format!("{given_up} jobs did not succeed and were given up."),
            "See why under Settings, Jobs; there each can begin anew or be left undone.",
        );
    }
    Ok(())
}

/// Every document is loaded, read and written out once.
async fn documents(
    app: &App,
    all: &[(domain::PostmortemId, domain::incident::IncidentNumber)],
    report: &mut Report,
) {
    let mut broken = Vec::new();
    for (document, number) in all {
        let whole = match app.rooms().read(*document).await {
            Ok(_) => app.rooms().state(*document).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = whole {
            broken.push(format!("{number} ({error})"));
        }
    }
    report.documents = all.len();
    if !broken.is_empty() {
        report.add(
            format!("{} documents cannot be read: {}.", broken.len(), some(&broken)),
            "Restore the newest backup in which they can into an empty installation and copy their text over.",
        );
    }
}

fn some(all: &[String]) -> String {
    let more = all.len().saturating_sub(NAMED);
    let named = all.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}
