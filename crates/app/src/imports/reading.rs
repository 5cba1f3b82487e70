//! Files become material: which product they come from, what is in them. Takes processor time and the disk,
//! so it runs beside the tasks that serve pages.

use super::{File, FoundChannel, FoundIncident, FoundRecords, Order, Preview, Selection};
use crate::{Error, Result};
use domain::{
    Instant,
    evidence::{Signal, Source},
};
use importers::{
    Export, ImportError, Looked, NamedBytes, Options, Problem, Records, SourceIncident, slack, table,
};
use std::{
    fs,
    io::{self, BufReader, Read},
};

/// The most bytes of JSON files taken together: they are read whole.
const JSON_MAX: u64 = 256 << 20;
/// How many problems a preview tells one by one.
const PROBLEMS_TOLD: usize = 50;

/// What came of reading.
#[derive(Debug)]
pub(super) struct Material {
    /// What belongs together.
    pub parts: Vec<Part>,
    /// Pieces that name no incident while several are there.
    pub left_out: u64,
}

/// What goes into one incident.
#[derive(Debug)]
pub(super) struct Part {
    /// What a product says about the incident; its evidence was taken out.
    pub about: Option<(Source, SourceIncident)>,
    /// What was recorded.
    pub evidence: Records,
}

impl Part {
    /// How many records were kept without being understood.
    pub fn not_understood(&self) -> u64 {
        self.evidence.iter().filter(|piece| piece.signal == Signal::NotUnderstood).count() as u64
    }
}

enum Kind {
    Json,
    Zip,
}

/// What would come of bringing `files` in.
pub(super) fn preview(files: &[File]) -> Result<Preview> {
    match kind(files)? {
        Kind::Zip => {
            let channels = open_slack(files)?.preview(&mut |_| {}).map_err(invalid)?;
            let channels = channels
                .into_iter()
                .map(|it| FoundChannel {
                    name: it.label.strip_prefix('#').unwrap_or(&it.label).to_owned(),
                    messages: usize::try_from(it.messages).unwrap_or(usize::MAX),
                    first: it.span.map(|(first, _)| first),
                    last: it.span.map(|(_, last)| last),
                    untimed: usize::try_from(it.untimed).unwrap_or(usize::MAX),
                })
                .collect();
            Ok(Preview::Slack { channels })
        }
        Kind::Json => records(&bytes(files)?),
    }
}

/// The only channel of an archive that was spoken in.
pub(super) fn only_channel(files: &[File]) -> Result<Option<String>> {
    match kind(files)? {
        Kind::Zip => Ok(open_slack(files)?.only_channel().map(str::to_owned)),
        Kind::Json => Ok(None),
    }
}

/// What files hold that are not an archive.
fn records(files: &[NamedBytes]) -> Result<Preview> {
    let table = files.iter().find(|file| importers::recognise(&file.bytes) == Source::Csv);
    let table = table.map(|file| Box::new(table::head(&String::from_utf8_lossy(&file.bytes))));
    let rest: Vec<NamedBytes>;
    // A table whose columns nobody can guess is read once a person has named them.
    let files = match &table {
        Some(head) if head.guess.time.is_none() || head.guess.text.is_none() => {
            rest =
                files.iter().filter(|it| importers::recognise(&it.bytes) != Source::Csv).cloned().collect();
            &rest
        }
        _ => files,
    };
    let looked = importers::look(files, &Options::default()).map_err(invalid)?;
    let problems = looked.iter().flat_map(|it| &it.not_understood);
    let not_understood: Vec<String> = problems.take(PROBLEMS_TOLD).map(in_words).collect();
    let incidents: Vec<FoundIncident> = looked
        .iter()
        .flat_map(|of| of.incidents.iter().map(move |it| (of.source, it)))
        .map(|(source, it)| FoundIncident {
            source,
            title: title(source, &it.about),
            id: it.about.id.clone(),
            created_at: it.about.created_at,
            evidence: it.records,
            known_as: None,
        })
        .collect();
    let only_pages = looked.iter().all(|it| it.source == Source::Pagerduty);
    if only_pages && table.is_none() && !incidents.is_empty() {
        return Ok(Preview::Pagerduty { incidents, not_understood });
    }
    Ok(Preview::Records { found: looked.iter().map(found).collect(), incidents, not_understood, table })
}

fn found(it: &Looked) -> FoundRecords {
    FoundRecords {
        source: it.source,
        records: it.records(),
        loose: it.loose,
        first: it.span.map(|(first, _)| first),
        last: it.span.map(|(_, last)| last),
    }
}

/// Reads what `order` asks for; tells the share that is done.
pub(super) fn read(order: &Order, tell: &mut dyn FnMut(f32)) -> Result<Material> {
    let mut share = |progress: importers::Progress| {
        #[expect(clippy::cast_precision_loss, reason = "a share for a bar needs no exact bytes")]
        tell(progress.done as f32 / progress.total.max(1) as f32);
    };
    match (&order.selection, kind(&order.files)?) {
        (Selection::Slack { channel, from, to }, Kind::Zip) => {
            // The choice names the last instant that is wanted, the reader the first that is not.
            let to = to.map(|to| Instant::from_micros(to.as_micros().saturating_add(1)));
            let choice = slack::Choice { channel: channel.clone(), from: *from, to };
            let gathered = open_slack(&order.files)?.gather(&choice, &mut share).map_err(invalid)?;
            if order.incident.is_none() {
                return Err(Error::invalid("incident", "Choose the incident that these messages belong to."));
            }
            Ok(Material {
                parts: vec![Part { about: None, evidence: gathered.evidence.into() }],
                left_out: 0,
            })
        }
        (Selection::Pagerduty { incidents }, Kind::Json) => {
            let options = Options { source: Some(Source::Pagerduty), ..Options::default() };
            let export = importers::read(&bytes(&order.files)?, &options).map_err(invalid)?;
            share(importers::Progress { done: 1, total: 1 });
            chosen(export, incidents, order.incident.is_some())
        }
        (Selection::Records { incidents, options }, Kind::Json) => {
            let exports = importers::read(&bytes(&order.files)?, options).map_err(invalid)?;
            share(importers::Progress { done: 1, total: 1 });
            chosen(exports, incidents, order.incident.is_some())
        }
        (Selection::Slack { .. }, Kind::Json) => Err(other_sort("a Slack export is one zip archive")),
        (Selection::Pagerduty { .. } | Selection::Records { .. }, Kind::Zip) => {
            Err(other_sort("a PagerDuty export is one or several JSON files"))
        }
    }
}

/// The chosen incidents of what was read, as one part when they go into one incident.
pub(super) fn chosen(exports: Vec<Export>, ids: &[String], into_one: bool) -> Result<Material> {
    let all = || exports.iter().flat_map(|export| &export.incidents);
    if let Some(missing) = ids.iter().find(|id| all().all(|it| it.id != **id)) {
        let message = format!("There is no incident {missing} in these files. Nothing was brought in.");
        return Err(Error::invalid("incidents", message));
    }
    // Files of which nothing was understood are refused with the reason, unless somebody says where to keep them.
    let nothing = exports.iter().all(|export| export.kept() == export.evidence().count());
    if let (false, true, Some(problem)) =
        (into_one, nothing, exports.iter().find_map(|export| export.not_understood.first()))
    {
        let message = format!("{}: {}. Nothing was brought in.", problem.file, problem.reason);
        return Err(Error::invalid("files", message));
    }
    let (mut parts, mut loose) = (Vec::new(), Records::default());
    for mut export in exports {
        let wanted = export.incidents.into_iter().filter(|it| ids.is_empty() || ids.contains(&it.id));
        parts.extend(wanted.map(|mut it| Part {
            evidence: std::mem::take(&mut it.evidence),
            about: Some((export.source, it)),
        }));
        loose.append(&mut export.unattached);
    }
    if !into_one {
        if parts.is_empty() {
            let message = "These records name no incident. Choose the incident they belong to.";
            return Err(Error::invalid("incident", message));
        }
        return Ok(Material { parts, left_out: loose.len() as u64 });
    }
    if parts.len() > 1 {
        // Several incidents of the source went into one here; none of them alone says what it is called.
        let evidence = parts.into_iter().flat_map(|part| part.evidence).collect();
        parts = vec![Part { about: None, evidence }];
    }
    if parts.is_empty() {
        parts.push(Part { about: None, evidence: Records::default() });
    }
    if let Some(part) = parts.first_mut() {
        part.evidence.append(&mut loose);
    }
    Ok(Material { parts, left_out: 0 })
}

/// What an incident of a product is called.
pub(super) fn title(source: Source, incident: &SourceIncident) -> String {
    match &incident.title {
        Some(title) if !title.trim().is_empty() => title.trim().to_owned(),
        _ => format!("{} incident {}", source.label(), incident.id),
    }
}

/// Which product the files come from, by their first bytes.
fn kind(files: &[File]) -> Result<Kind> {
    let mut zips = 0;
    for file in files {
        let mut first = [0; 4];
        let mut opened = fs::File::open(&file.path).map_err(|error| unreadable(file, &error))?;
        let read = fill(&mut opened, &mut first).map_err(|error| unreadable(file, &error))?;
        if first[..read].starts_with(b"PK") {
            zips += 1;
        }
    }
    match (files.len(), zips) {
        (0, _) => Err(Error::invalid("files", "Choose at least one file.")),
        (_, 0) => Ok(Kind::Json),
        (1, 1) => Ok(Kind::Zip),
        _ => Err(Error::invalid(
            "files",
            "A Slack archive is brought in alone. Bring the other files in after it; nothing was brought in yet.",
        )),
    }
}

fn fill(file: &mut fs::File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

fn open_slack(files: &[File]) -> Result<slack::Export<BufReader<fs::File>>> {
    let Some(file) = files.first() else { return Err(Error::invalid("files", "Choose at least one file.")) };
    let opened = fs::File::open(&file.path).map_err(|error| unreadable(file, &error))?;
    slack::Export::open(BufReader::new(opened), &file.name).map_err(invalid)
}

fn bytes(files: &[File]) -> Result<Vec<NamedBytes>> {
    let mut total = 0;
    let mut read = Vec::with_capacity(files.len());
    for file in files {
        total += fs::metadata(&file.path).map_err(|error| unreadable(file, &error))?.len();
        if total > JSON_MAX {
            let message = format!(
                "{}: with this file there are more than 256 MB of JSON. Bring them in one after another; nothing \
                 was brought in.",
                file.name
            );
            return Err(Error::invalid("files", message));
        }
        let bytes = fs::read(&file.path).map_err(|error| unreadable(file, &error))?;
        read.push(NamedBytes { name: file.name.clone(), bytes });
    }
    Ok(read)
}

fn unreadable(file: &File, error: &io::Error) -> Error {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => error.to_string(),
    };
    Error::invalid("files", format!("{}: {reason}. Nothing was brought in.", file.name))
}

fn invalid(error: ImportError) -> Error {
    Error::invalid("files", error.to_string())
}

fn other_sort(expected: &str) -> Error {
    Error::invalid("files", format!("These files are of another sort: {expected}. Nothing was brought in."))
}

fn in_words(problem: &Problem) -> String {
    format!("{}, {}: {}", problem.file, problem.place, problem.reason)
}
