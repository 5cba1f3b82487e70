//! The file: a zip with one part of JSON lines for each table, and a manifest that counts and sums them.
//!
//! Everything here blocks and runs on a thread of its own; batches come and go through channels.

use super::lines::{self, Sums};
use domain::Instant;
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use store::{
    copying::Batch,
    tables::{Column, TABLES, Table},
};
use tokio::sync::mpsc;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

const FORMAT: &str = "debrief backup";
const VERSION: u32 = 1;
const MANIFEST: &str = "manifest.json";
/// A manifest is some kilobytes.
const MANIFEST_LIMIT: u64 = 1 << 20;
/// A row is at most one record of a source or one document.
const LINE_LIMIT: u64 = 256 << 20;
/// Rows handed on at once.
const ROWS: usize = 256;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    version: u32,
    /// The version of Debrief that wrote it.
    pub made_by: String,
    /// The schema it was written from.
    pub schema: i64,
    /// The state it holds is that of this instant.
    pub created_at: Instant,
    /// The end of the chain of acts.
    pub acts: Acts,
    /// The newest life of a document; restored ones get a newer one.
    pub newest_life: i64,
    /// One for each table.
    pub parts: Vec<Part>,
}

/// Where the chain of acts ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acts {
    /// The number of the last act.
    pub seq: i64,
    /// Its sum, in hexadecimal digits.
    pub digest: String,
}

/// The rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Whose.
    pub table: String,
    /// What the values of each line are, in order.
    pub columns: Vec<String>,
    /// How many lines.
    pub rows: u64,
    /// How many bytes, unpacked.
    pub bytes: u64,
    /// SHA-256 of the unpacked bytes, in hexadecimal digits.
    pub sha256: String,
}

/// What is known of a backup before its rows are.
#[derive(Debug)]
pub(super) struct Begun {
    pub schema: i64,
    pub created_at: Instant,
    pub acts: Acts,
    pub newest_life: i64,
}

/// Says that every row was given. No table has this name.
pub(super) const END: Batch = Batch { table: &NONE, rows: Vec::new() };
static NONE: Table = Table { name: "", columns: &[], key: &[] };

/// Why a file cannot be restored from.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("{0} cannot be read: {1}.")]
    Unreadable(PathBuf, io::Error),
    #[error("{0} is not a backup of Debrief, or only a part of one ({1}).")]
    NoBackup(PathBuf, String),
    #[error("{0} was made by a later version of Debrief ({1}). Restore it with that version.")]
    Later(PathBuf, String),
    #[error("{0} was damaged after it was made: its part {1} does not match its sum. Take another backup.")]
    Damaged(PathBuf, String),
}

/// Where a backup is while it is not complete.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

/// Writes what comes until [`END`] into `path`; its manifest and size. Nothing is left behind by a failure.
pub(super) fn write(
    path: &Path,
    begun: Begun,
    batches: mpsc::Receiver<Batch>,
) -> io::Result<(Manifest, u64)> {
    let partial = partial(path);
    let written = write_partial(&partial, begun, batches).and_then(|manifest| {
        let bytes = std::fs::metadata(&partial)?.len();
        std::fs::rename(&partial, path)?;
        // The name is on disk too only once its folder is.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok((manifest, bytes))
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn write_partial(path: &Path, begun: Begun, mut batches: mpsc::Receiver<Batch>) -> io::Result<Manifest> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 18, options.open(path)?));
    let packed = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(3));
    let mut parts: Vec<Part> = Vec::new();
    let mut open: Option<(&'static Table, Sums)> = None;
    let mut lines = Vec::new();
    loop {
        let Some(batch) = batches.blocking_recv() else {
            return Err(io::Error::other("the record could not be read to its end"));
        };
        if open.as_ref().is_none_or(|(table, _)| table.name != batch.table.name) {
            parts.extend(open.take().map(|(table, sums)| part(table, &sums)));
            if batch.table.name == NONE.name {
                break;
            }
            // 64-bit sizes: evidence can outgrow 4 GiB.
            zip.start_file(file_name(batch.table.name), packed.large_file(true))?;
            open = Some((batch.table, Sums::default()));
        }
        if let Some((_, sums)) = &mut open {
            lines.clear();
            batch.rows.iter().try_for_each(|row| lines::push(row, &mut lines))?;
            sums.add(batch.rows.len() as u64, &lines);
            zip.write_all(&lines)?;
        }
    }
    let manifest = Manifest {
        format: FORMAT.into(),
        version: VERSION,
        made_by: env!("CARGO_PKG_VERSION").into(),
        schema: begun.schema,
        created_at: begun.created_at,
        acts: begun.acts,
        newest_life: begun.newest_life,
        parts,
    };
    zip.start_file(MANIFEST, packed)?;
    zip.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(manifest)
}

fn file_name(table: &str) -> String {
    format!("{table}.jsonl")
}

fn part(table: &Table, sums: &Sums) -> Part {
    Part {
        table: table.name.to_owned(),
        columns: table.carried().iter().map(|column| column.name.to_owned()).collect(),
        rows: sums.rows,
        bytes: sums.bytes,
        sha256: sums.digest().to_string(),
    }
}

type Archive = ZipArchive<BufReader<File>>;

fn open(path: &Path) -> Result<(Archive, Manifest), Unusable> {
    let file = File::open(path).map_err(|cause| Unusable::Unreadable(path.to_owned(), cause))?;
    let no_backup = |why: String| Unusable::NoBackup(path.to_owned(), why);
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| no_backup(error.to_string()))?;
    let mut text = Vec::new();
    zip.by_name(MANIFEST)
        .map_err(|_| no_backup("it has no manifest".into()))?
        .take(MANIFEST_LIMIT)
        .read_to_end(&mut text)
        .map_err(|error| no_backup(error.to_string()))?;
    // A later version may have another manifest: only these two members are asked for first.
    #[derive(Deserialize)]
    struct Header {
        format: String,
        version: u32,
    }
    let header: Header = serde_json::from_slice(&text).map_err(|error| no_backup(error.to_string()))?;
    if header.format != FORMAT {
        return Err(no_backup(format!("its format is “{}”", header.format)));
    }
    if header.version != VERSION {
        return Err(Unusable::Later(path.to_owned(), format!("format {}", header.version)));
    }
    let manifest = serde_json::from_slice(&text).map_err(|error| no_backup(error.to_string()))?;
    Ok((zip, manifest))
}

/// Reads every part and compares it with its count and sum; `schema` is the newest that can be read.
pub(super) fn verify(path: &Path, schema: i64) -> Result<Manifest, Unusable> {
    let (mut zip, manifest) = open(path)?;
    if manifest.schema > schema {
        return Err(Unusable::Later(path.to_owned(), manifest.made_by));
    }
    let mut buffer = vec![0; 1 << 18];
    for part in &manifest.parts {
        columns(part).ok_or_else(|| Unusable::Later(path.to_owned(), manifest.made_by.clone()))?;
        let damaged = || Unusable::Damaged(path.to_owned(), part.table.clone());
        let mut lines = zip.by_name(&file_name(&part.table)).map_err(|_| damaged())?;
        let mut sums = Sums::default();
        loop {
            let read = lines.read(&mut buffer).map_err(|_| damaged())?;
            if read == 0 {
                break;
            }
            let read = &buffer[..read];
            sums.add(read.iter().filter(|byte| **byte == b'\n').count() as u64, read);
            if sums.bytes > part.bytes {
                return Err(damaged());
            }
        }
        if (sums.rows, sums.bytes, sums.digest().to_string()) != (part.rows, part.bytes, part.sha256.clone())
        {
            return Err(damaged());
        }
    }
    Ok(manifest)
}

/// The columns of a part, if this version knows its table and all of them.
pub(super) fn columns(part: &Part) -> Option<Vec<&'static Column>> {
    let known = Table::named(&part.table)?.carried();
    part.columns.iter().map(|name| known.iter().find(|column| column.name == name).copied()).collect()
}

/// Sends the rows of every part, in an order in which each row finds what it points to.
pub(super) fn read(path: &Path, to: &mpsc::Sender<Batch>) -> Result<(), Unusable> {
    let (mut zip, manifest) = open(path)?;
    for table in TABLES {
        let Some(part) = manifest.parts.iter().find(|part| part.table == table.name) else { continue };
        let damaged = || Unusable::Damaged(path.to_owned(), part.table.clone());
        let columns = columns(part).ok_or_else(damaged)?;
        let mut lines = BufReader::new(zip.by_name(&file_name(&part.table)).map_err(|_| damaged())?);
        let (mut line, mut rows, mut weight) = (Vec::new(), Vec::new(), 0);
        loop {
            line.clear();
            let length =
                lines.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line).map_err(|_| damaged())?;
            if length > 0 {
                rows.push(lines::read(&line, &columns).ok_or_else(damaged)?);
                weight += length;
            }
            if length == 0 || rows.len() >= ROWS || weight > 1 << 20 {
                weight = 0;
                // Nobody listens any more when a row could not be kept; they know why.
                if to.blocking_send(Batch { table, rows: std::mem::take(&mut rows) }).is_err() {
                    return Ok(());
                }
            }
            if length == 0 {
                break;
            }
        }
    }
    Ok(())
}
