//! The record of acts against the lines that were streamed to a second place (quality.md A3): whoever can change the
//! database can make a chain that follows in itself, and cannot change what is already elsewhere.

use super::{Fault, some};
use crate::{App, Error, Result, acts::line, acts::line::Line};
use domain::evidence::Digest32;
use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};
use store::{Tx, audit};

const BATCH: usize = 1_000;
const REMEDY: &str = "Find out who can write to the database, and compare with a backup from before.";
const FILE_REMEDY: &str = "Find out who can write to the second place, and compare with another copy of it.";

/// What was compared, and what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Acts that were held against the record.
    pub acts: u64,
    /// Signed heads that were.
    pub heads: u64,
    /// What differs.
    pub faults: Vec<Fault>,
}

#[derive(Default)]
struct Found {
    compared: Compared,
    cut_off: Vec<String>,
    anew: Vec<String>,
    changed_lines: Vec<String>,
    missing_lines: Vec<String>,
    before: Option<(i64, Digest32)>,
    /// A line that cannot be read, and what to say of it.
    unfinished: Option<(Vec<u8>, String)>,
}

/// Holds the record against a file of streamed acts. A last line without its end is passed over: it was being written.
pub async fn against(app: &App, path: &Path) -> Result<Compared> {
    let unreadable = |cause: std::io::Error| Error::Invalid {
        field: None,
        message: format!("{} cannot be read: {cause}.", path.display()),
    };
    let mut lines = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut tx = app.db().read().await?;
    let (mut found, mut number) = (Found::default(), 0);
    loop {
        // Reading a file blocks, so it happens beside the tasks that serve.
        let reading = tokio::task::spawn_blocking(move || {
            let batch = next(&mut lines);
            (lines, batch)
        });
        let (back, batch) = reading.await.map_err(Error::internal)?;
        lines = back;
        let batch = batch.map_err(unreadable)?;
        if batch.is_empty() {
            break;
        }
        look(&mut tx, &mut found, &batch, &mut number).await?;
    }
    Ok(found.report())
}

fn next(lines: &mut BufReader<File>) -> std::io::Result<Vec<Vec<u8>>> {
    let mut batch = Vec::new();
    while batch.len() < BATCH {
        let mut text = Vec::new();
        if lines.read_until(b'\n', &mut text)? == 0 || text.pop() != Some(b'\n') {
            break;
        }
        batch.push(text);
    }
    Ok(batch)
}

async fn look(tx: &mut Tx, found: &mut Found, batch: &[Vec<u8>], number: &mut u64) -> Result<()> {
    let mut read = Vec::new();
    for text in batch {
        *number += 1;
        // An empty line ends one that a crash left unfinished.
        if !text.is_empty() {
            read.push((*number, text, line::read(text)));
        }
    }
    let acts = read.iter().filter_map(|(_, _, line)| match line {
        Ok(Line::Act(entry)) => Some(entry.seq),
        _ => None,
    });
    let mut on_record = HashMap::new();
    if let (Some(first), Some(last)) = (acts.clone().min(), acts.max()) {
        let mut after = first - 1;
        while after < last {
            let entries = audit::since(tx, after, 1_000).await?;
            let Some(newest) = entries.last() else { break };
            after = newest.seq;
            on_record.extend(entries.into_iter().map(|entry| (entry.seq, entry.digest)));
        }
    }
    for (number, text, line) in read {
        // What a crash left unfinished is followed by the same act again, whole.
        if let Some((torn, why)) = found.unfinished.take()
            && !text.starts_with(&torn)
        {
            found.changed_lines.push(why);
        }
        match line {
            Ok(Line::Act(entry)) => found.act(number, &entry, on_record.get(&entry.seq)),
            Ok(Line::Head(head)) => {
                found.compared.heads += 1;
                let there = audit::sum_at(tx, head.seq).await?;
                found.hold(format!("{} (its head)", head.seq), head.digest, there.as_ref());
            }
            Err(why) => found.unfinished = Some((text.clone(), format!("{number} ({why})"))),
        }
    }
    Ok(())
}

impl Found {
    fn act(&mut self, number: u64, entry: &audit::Entry, there: Option<&Digest32>) {
        match self.before {
            // A stream that was interrupted begins again a little before.
            Some((seq, _)) if entry.seq <= seq => {}
            Some((seq, digest)) if entry.seq == seq + 1 => self.links(number, entry, &digest),
            Some((seq, _)) => self.missing_lines.push(format!("{} to {}", seq + 1, entry.seq - 1)),
            None if entry.seq == 1 => self.links(number, entry, &Digest32([0; 32])),
            None => {}
        }
        if self.before.is_none_or(|(seq, _)| entry.seq > seq) {
            self.before = Some((entry.seq, entry.digest));
        }
        self.compared.acts += 1;
        self.hold(entry.seq.to_string(), entry.digest, there);
    }

    fn links(&mut self, number: u64, entry: &audit::Entry, before: &Digest32) {
        if !entry.follows(before) {
            self.changed_lines.push(format!("{number} (act {} does not follow)", entry.seq));
        }
    }

    fn hold(&mut self, what: String, noted: Digest32, there: Option<&Digest32>) {
        match there {
            Some(sum) if *sum == noted => {}
            Some(_) => self.anew.push(what),
            None => self.cut_off.push(what),
        }
    }

    fn report(mut self) -> Compared {
        self.changed_lines.extend(self.unfinished.take().map(|(_, why)| why));
        let mut compared = self.compared;
        let mut add = |cases: &[String], what: &str, remedy| {
            if !cases.is_empty() {
                let what = what.replace("{}", &some(cases));
                compared.faults.push(Fault { what, remedy });
            }
        };
        add(&self.anew, "Acts are not those that were streamed, they were written anew: {}.", REMEDY);
        add(&self.cut_off, "Acts that were streamed are not on record: {}.", REMEDY);
        add(&self.changed_lines, "Lines of the stream were changed: {}.", FILE_REMEDY);
        add(&self.missing_lines, "The stream lacks acts: {}.", FILE_REMEDY);
        compared
    }
}
