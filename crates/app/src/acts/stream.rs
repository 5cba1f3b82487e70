//! Writes each act, soon after it was done, to a second place that whoever holds the database need not hold: a file
//! that only grows (`chattr +a`, or on another machine), or a named pipe that something else reads.
//!
//! The file itself says how far it got, so nothing is left out whatever is stopped when; a line may come twice. For a
//! pipe that is noted in the data directory. Signed heads stand between the acts.

use super::line;
use crate::{App, Error, Result, checking};
use domain::{access::Actor, instant::Span};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::atomic::Ordering::Relaxed,
    time::Duration,
};
use store::audit;

/// How often the record is asked for what is new.
const LOOK: Duration = Duration::from_secs(1);
/// After the place could not be written.
const PAUSE: Duration = Duration::from_secs(10);
/// As many acts at once.
const BATCH: i64 = 500;
/// A head stands after so many acts, and so long after the one before.
const ACTS_BETWEEN_HEADS: i64 = 1_000;
const TIME_BETWEEN_HEADS: Span = Span::hours(1);
/// The end of a file in which its last whole line is looked for.
const TAIL: u64 = 1 << 20;
/// Where it is noted how far a pipe got.
const SENT: &str = "acts-sent";

/// Writes acts to `place` until it is dropped. What fails is logged, counted, and tried again.
pub async fn run(app: App, place: PathBuf) {
    let mut stream = Stream { app, place, sent: None, head_at: None };
    loop {
        let wait = match stream.catch_up().await {
            Ok(()) => LOOK,
            Err(error) => {
                stream.app.counted().acts_not_streamed.fetch_add(1, Relaxed);
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    place = %stream.place.display(),
                    "acts are not written to their second place just now"
                );
                PAUSE
            }
        };
        tokio::time::sleep(wait).await;
    }
}

struct Stream {
    app: App,
    place: PathBuf,
    /// The number of the last act written; `None`: not looked up yet.
    sent: Option<i64>,
    /// Act and time of the last head written.
    head_at: Option<(i64, domain::Instant)>,
}

impl Stream {
    async fn catch_up(&mut self) -> Result<()> {
        let mut sent = match self.sent {
            Some(sent) => sent,
            None => self.look_up().await?,
        };
        loop {
            let mut tx = self.app.db().read().await?;
            let (newest, _) = audit::head(&mut tx).await?;
            if sent > newest {
                return Err(Error::conflict(format!(
                    "{} holds {sent} acts and the record only {newest}. Run debrief check --against it.",
                    self.place.display()
                )));
            }
            let entries = audit::since(&mut tx, sent, BATCH).await?;
            drop(tx);
            let mut text = Vec::new();
            entries.iter().for_each(|entry| line::push(entry, &mut text));
            sent = entries.last().map_or(sent, |entry| entry.seq);
            let now = self.app.now();
            let due = self.head_at.is_none_or(|(seq, at)| {
                sent > seq && (sent >= seq + ACTS_BETWEEN_HEADS || now >= at.plus(TIME_BETWEEN_HEADS))
            });
            // A head is made of the newest act, so it stands after it.
            if due && sent == newest && sent > 0 {
                let head = checking::export_head(&self.app, &Actor::installation()).await?;
                if head.seq == sent {
                    line::push_head(&head, &mut text);
                    self.head_at = Some((sent, now));
                }
            }
            if text.is_empty() {
                return Ok(());
            }
            self.write(text, sent).await?;
            self.sent = Some(sent);
        }
    }

    async fn look_up(&mut self) -> Result<i64> {
        let (place, noted) = (self.place.clone(), self.app.data_dir().join(SENT));
        let found =
            tokio::task::spawn_blocking(
                move || {
                    if is_pipe(&place) { noted_in(&noted) } else { last_of(&place) }
                },
            );
        let sent = found.await.map_err(Error::internal)?.map_err(|cause| unusable(&self.place, &cause))?;
        self.sent = Some(sent);
        Ok(sent)
    }

    async fn write(&self, text: Vec<u8>, sent: i64) -> Result<()> {
        let place = self.place.clone();
        if is_pipe(&place) {
            use tokio::io::AsyncWriteExt as _;
            let written = async {
                // Without a reader this fails at once instead of waiting.
                let mut pipe = tokio::net::unix::pipe::OpenOptions::new().open_sender(&place)?;
                pipe.write_all(&text).await?;
                tokio::fs::write(self.app.data_dir().join(SENT), sent.to_string()).await
            };
            return written.await.map_err(|cause| unusable(&self.place, &cause));
        }
        let written = tokio::task::spawn_blocking(move || {
            let mut file = open(&place)?;
            file.write_all(&text)?;
            file.sync_data()
        });
        written.await.map_err(Error::internal)?.map_err(|cause| unusable(&self.place, &cause))
    }
}

fn unusable(place: &Path, cause: &io::Error) -> Error {
    Error::Unavailable(format!("{} cannot be written: {cause}.", place.display()))
}

fn is_pipe(place: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(place).is_ok_and(|found| found.file_type().is_fifo())
}

fn open(place: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(place)
}

fn noted_in(noted: &Path) -> io::Result<i64> {
    match std::fs::read_to_string(noted) {
        Ok(text) => Ok(text.trim().parse().unwrap_or(0)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// The number of the last whole act in the file. A line that a crash left unfinished is ended, so that the next one
/// begins anew; the act it began comes again whole.
fn last_of(place: &Path) -> io::Result<i64> {
    let mut file = match File::open(place) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    if tail.last().is_some_and(|last| *last != b'\n') {
        open(place)?.write_all(b"\n")?;
    }
    let acts = tail.split(|byte| *byte == b'\n').rev().filter_map(|text| match line::read(text) {
        Ok(line::Line::Act(entry)) => Some(entry.seq),
        _ => None,
    });
    Ok(acts.take(1).next().unwrap_or(0))
}
