//! Slack: the zip archive that a workspace export is.
//!
//! At its top lie `channels.json`, `groups.json`, `dms.json`, `mpims.json` and `users.json` (or
//! `org_users.json`); every channel has a folder with one file of messages a day. The archive may be
//! wrapped in one more folder, as happens when people unpack and pack it again. Messages are read one
//! day at a time.

mod archive;
mod directory;
mod live;
mod message;
#[cfg(test)]
mod tests;
mod text;

pub use archive::Limits;
pub(crate) use live::read as live;

use crate::{Gathered, ImportError, Problem, Progress, json, side_by_side};
use archive::{Archive, Entry};
use directory::ChannelRecord;
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal, Source},
    instant::Span,
};
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    io::{Read, Seek},
    sync::mpsc,
    thread,
};
use text::Names;

/// An opened workspace export.
pub struct Export<R> {
    archive: Archive<R>,
    names: Names,
    channels: Vec<Channel>,
    problems: Vec<Problem>,
}

struct Channel {
    id: String,
    label: String,
    folder: String,
    pinned: HashSet<String>,
    days: Vec<(String, Entry)>,
}

/// A channel as a person chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelPreview {
    /// Slack's id, or the name of the folder when the export does not list the channel.
    pub id: String,
    /// How people read it: `#inc-checkout`, or who talked for direct messages.
    pub label: String,
    /// Messages and other records in it.
    pub messages: u64,
    /// Per day file, in order: the date in the workspace's calendar (`2026-11-14`) and how many records.
    pub days: Vec<(String, u64)>,
    /// The earliest and the latest record.
    pub span: Option<(Instant, Instant)>,
    /// Records whose time is zero or cannot be read; they are kept as they came, at the day of their file.
    pub untimed: u64,
}

/// Which part of an export is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The id or the name of a channel, with or without `#`.
    pub channel: String,
    /// The earliest instant; all from the beginning when `None`.
    pub from: Option<Instant>,
    /// The first instant that is no longer wanted; all to the end when `None`.
    pub to: Option<Instant>,
}

impl<R> fmt::Debug for Export<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("channels", &self.channels.len()).finish_non_exhaustive()
    }
}

impl<R: Read + Seek + Send> Export<R> {
    /// Opens the archive and reads who and which channels; `name` is for messages.
    ///
    /// # Errors
    /// When this is no zip archive, is encrypted or too large, or holds no Slack export.
    pub fn open(reader: R, name: &str) -> Result<Self, ImportError> {
        Self::open_within(reader, name, Limits::default())
    }

    /// [`Export::open`] with other limits.
    ///
    /// # Errors
    /// As for [`Export::open`].
    pub fn open_within(reader: R, name: &str, limits: Limits) -> Result<Self, ImportError> {
        let (mut archive, (entries, mut problems)) = Archive::open(reader, name, limits)?;
        let root = root(&entries).ok_or_else(|| ImportError::Shape {
            file: name.to_owned(),
            reason: "this archive holds neither channels.json nor day files, so it is no Slack export"
                .to_owned(),
        })?;
        let mut names = Names::default();
        let mut listed = Vec::new();
        for file in ["org_users.json", "users.json"] {
            if let Some(entry) = entries.get(&format!("{root}{file}")) {
                let bytes = archive.read(entry)?;
                let records = json::array(&entry.path, &bytes)?;
                strange(&mut problems, &entry.path, directory::people(&records, &mut names));
            }
        }
        for file in ["channels.json", "groups.json", "mpims.json", "dms.json"] {
            if let Some(entry) = entries.get(&format!("{root}{file}")) {
                let bytes = archive.read(entry)?;
                let records = json::array(&entry.path, &bytes)?;
                let read: Vec<ChannelRecord> = records.iter().filter_map(|it| json::typed(it).ok()).collect();
                strange(&mut problems, &entry.path, records.len() - read.len());
                listed.extend(read.into_iter().map(|it| (it, file == "dms.json")));
            }
        }
        for (channel, direct) in &listed {
            if let (Some(id), Some(name), false) = (&channel.id, &channel.name, direct) {
                names.channels.insert(id.clone(), crate::record::line(name));
            }
        }
        let channels = channels(&entries, &root, &listed, &names);
        Ok(Self { archive, names, channels, problems })
    }

    /// Counts what is in every channel, the fullest first. Reads every day file once.
    ///
    /// # Errors
    /// When a day file cannot be unpacked or is not JSON.
    pub fn preview(
        &mut self,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<ChannelPreview>, ImportError> {
        let total = self.channels.iter().flat_map(|it| &it.days).map(|(_, day)| day.size).sum();
        let mut done = 0;
        let mut previews = Vec::with_capacity(self.channels.len());
        self.archive.start_over();
        for channel in &self.channels {
            let mut preview = ChannelPreview {
                id: channel.id.clone(),
                label: channel.label.clone(),
                messages: 0,
                days: Vec::with_capacity(channel.days.len()),
                span: None,
                untimed: 0,
            };
            for (date, entry) in &channel.days {
                let bytes = self.archive.read(entry)?;
                self.archive.spend(bytes.len() as u64);
                let records = json::array(&entry.path, &bytes)?;
                preview.messages += records.len() as u64;
                preview.days.push((date.clone(), records.len() as u64));
                for record in &records {
                    let Some(at) = message::ts(record).and_then(|ts| message::instant(&ts)) else {
                        preview.untimed += 1;
                        continue;
                    };
                    let (first, last) = preview.span.unwrap_or((at, at));
                    preview.span = Some((first.min(at), last.max(at)));
                }
                done += entry.size;
                progress(Progress { done, total });
            }
            previews.push(preview);
        }
        previews.sort_by(|a, b| (b.messages, &a.label, &a.id).cmp(&(a.messages, &b.label, &b.id)));
        Ok(previews)
    }

    /// What of the lists of channels and people was left out, and why.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The ids and labels of all channels, by label. Reads nothing.
    pub fn channels(&self) -> Vec<(&str, &str)> {
        self.channels.iter().map(|it| (it.id.as_str(), it.label.as_str())).collect()
    }

    /// The name of the only channel that has messages, as far as the sizes of its day files tell; `None` if there are
    /// several, or none. Reads nothing.
    pub fn only_channel(&self) -> Option<&str> {
        // An empty list with a line break after it is no message yet.
        let spoken = |it: &&Channel| it.days.iter().any(|(_, day)| day.size > "[\r\n]\r\n".len() as u64);
        let mut spoken = self.channels.iter().filter(spoken);
        match (spoken.next(), spoken.next()) {
            (Some(only), None) => Some(&only.id),
            _ => None,
        }
    }

    /// Everything of one channel within the window.
    ///
    /// # Errors
    /// When there is no such channel, or one of its day files cannot be unpacked or is not JSON.
    pub fn gather(
        &mut self,
        choice: &Choice,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Gathered, ImportError> {
        let wanted = choice.channel.trim();
        let bare = wanted.trim_start_matches('#');
        let named = |it: &&Channel| it.id == wanted || it.folder == bare || it.label == wanted;
        let channel = self.channels.iter().find(named).ok_or_else(|| ImportError::NoSuchChannel {
            file: self.archive.name.clone(),
            channel: crate::pagerduty::shorten(&crate::record::line(wanted), 200),
        })?;
        let days: Vec<_> = channel.days.iter().filter(|(date, _)| near(date, choice)).collect();
        let total = days.iter().map(|(_, day)| day.size).sum();
        let mut gathering =
            Gathering { choice, out: Gathered::default(), seen: HashMap::new(), pins: HashSet::new() };
        gathering.out.not_understood.extend(self.problems.iter().cloned());
        let around = message::Around {
            names: &self.names,
            channel: &channel.id,
            place: &channel.label,
            pinned: &channel.pinned,
        };
        let (mut done, archive) = (0, &mut self.archive);
        archive.start_over();
        thread::scope(|scope| {
            // One day is unpacked while the one before it is read; no more than that is kept.
            let (send, unpacked) = mpsc::sync_channel(0);
            scope.spawn(move || {
                for (date, entry) in days {
                    let bytes = archive.read(entry).inspect(|bytes| archive.spend(bytes.len() as u64));
                    let ends = bytes.is_err();
                    // Nobody listens any more once a day was refused.
                    if send.send((date, entry, bytes)).is_err() || ends {
                        return;
                    }
                }
            });
            for (date, entry, bytes) in unpacked {
                let bytes = bytes?;
                let records = json::array(&entry.path, &bytes)?;
                // Messages of a crowded day are read by several processors, and kept in their order.
                let read = side_by_side::each(&records, side_by_side::runs(bytes.len()), |_, records| {
                    records.iter().map(|raw| message::read(raw, &around)).collect::<Vec<_>>()
                });
                for (index, (raw, read)) in records.into_iter().zip(read.into_iter().flatten()).enumerate() {
                    gathering.take(raw, read, &around, &entry.path, index, day(date));
                }
                done += entry.size;
                progress(Progress { done, total });
            }
            Ok::<_, ImportError>(())
        })?;
        Ok(gathering.finish())
    }
}

struct Gathering<'a> {
    choice: &'a Choice,
    out: Gathered,
    /// Where the evidence with a `source_id` stands.
    seen: HashMap<String, usize>,
    pins: HashSet<String>,
}

impl Gathering<'_> {
    fn take(
        &mut self,
        raw: &RawValue,
        read: Result<message::Read, String>,
        around: &message::Around<'_>,
        file: &str,
        index: usize,
        day: Option<Instant>,
    ) {
        match read {
            Ok(read) => {
                self.pins.extend(read.pins.map(|ts| message::id(around.channel, &ts)));
                let at = read.evidence.at;
                if self.choice.from.is_none_or(|from| at >= from) && self.choice.to.is_none_or(|to| at < to) {
                    self.keep(read.evidence);
                }
            }
            Err(reason) => {
                self.out.not_understood.push(Problem {
                    file: file.to_owned(),
                    place: format!("record {}", index + 1),
                    reason: reason.clone(),
                });
                self.keep(Evidence {
                    source: Source::Slack,
                    source_id: format!("{}:{}", around.channel, crate::record::sum_id(raw.get())),
                    at: day.or(self.choice.from).unwrap_or(Instant::from_micros(0)),
                    author: None,
                    signal: Signal::NotUnderstood,
                    text: String::new(),
                    place: Some(around.place.to_owned()),
                    url: None,
                    facts: Facts { problem: Some(reason), ..Facts::default() },
                    raw: raw.get().to_owned(),
                });
            }
        }
    }

    /// The same record twice is one; another record of the same instant gets an id of its own.
    fn keep(&mut self, mut evidence: Evidence) {
        if let Some(&at) = self.seen.get(&evidence.source_id) {
            if self.out.evidence.get(at).is_some_and(|it| it.raw == evidence.raw) {
                return;
            }
            evidence.source_id = format!("{}~{}", evidence.source_id, crate::record::sum_id(&evidence.raw));
            if self.seen.contains_key(&evidence.source_id) {
                return;
            }
        }
        self.seen.insert(evidence.source_id.clone(), self.out.evidence.len());
        self.out.evidence.push(evidence);
    }

    fn finish(mut self) -> Gathered {
        for id in &self.pins {
            if let Some(evidence) = self.seen.get(id).and_then(|at| self.out.evidence.get_mut(*at)) {
                evidence.facts.pinned = true;
            }
        }
        self.out.evidence.sort_by(|a, b| (a.at, &a.source_id).cmp(&(b.at, &b.source_id)));
        self.out
    }
}

fn strange(problems: &mut Vec<Problem>, file: &str, count: usize) {
    if count > 0 {
        let place = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        let reason = "not of the shape that Slack writes, so left out".to_owned();
        problems.push(Problem { file: file.to_owned(), place, reason });
    }
}

/// The folder in which the export lies inside the archive: empty, or a path with `/` at its end.
fn root(entries: &BTreeMap<String, Entry>) -> Option<String> {
    let known = ["channels.json", "groups.json", "dms.json", "mpims.json", "users.json", "org_users.json"];
    let listed = entries.keys().filter_map(|path| {
        let (folder, file) =
            path.rsplit_once('/').map_or(("", path.as_str()), |(folder, file)| (folder, file));
        known.contains(&file).then_some(folder)
    });
    let folder = listed.min_by_key(|folder| (folder.split('/').count(), folder.len()));
    let days = || entries.keys().find(|path| day_file(path).is_some()).map(|_| "");
    folder.or_else(days).map(|it| if it.is_empty() { String::new() } else { format!("{it}/") })
}

/// The folder and the date of a path such as `inc-checkout/2026-11-14.json`.
fn day_file(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    let date = file.strip_suffix(".json")?;
    day(date).map(|_| (folder, date))
}

/// The beginning of a date in UTC.
fn day(date: &str) -> Option<Instant> {
    if date.len() != 10 {
        return None;
    }
    let date: jiff::civil::Date = date.parse().ok()?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Instant::from_timestamp(start.timestamp()))
}

/// Whether a day file can hold anything of the window. The date is of the workspace's calendar, so a
/// day more on either side is looked at.
fn near(date: &str, choice: &Choice) -> bool {
    let Some(start) = day(date) else { return true };
    choice.from.is_none_or(|from| start.plus(Span::days(2)) >= from)
        && choice.to.is_none_or(|to| start.plus(Span::days(-1)) <= to)
}

/// Channels that have a folder or are listed, by label.
fn channels(
    entries: &BTreeMap<String, Entry>,
    root: &str,
    listed: &[(ChannelRecord, bool)],
    names: &Names,
) -> Vec<Channel> {
    let mut by_folder: BTreeMap<&str, Vec<(String, Entry)>> = BTreeMap::new();
    for (path, entry) in entries {
        if let Some((folder, date)) = path.strip_prefix(root).and_then(day_file) {
            by_folder.entry(folder).or_default().push((date.to_owned(), entry.clone()));
        }
    }
    let mut channels = Vec::new();
    let mut ids = HashSet::new();
    for (record, direct) in listed {
        let Some(folder) = record.folder() else { continue };
        let id = crate::record::bounded_id(crate::record::line(record.id.as_deref().unwrap_or(folder)));
        let days = by_folder.remove(folder).or_else(|| by_folder.remove(id.as_str())).unwrap_or_default();
        if !ids.insert(id.clone()) {
            continue;
        }
        let label = if *direct {
            let people: Vec<_> = record.members.iter().flatten().take(9).map(|it| names.person(it)).collect();
            format!("Direct messages of {}", people.join(", "))
        } else {
            format!("#{}", crate::record::line(folder))
        };
        channels.push(Channel { id, label, folder: folder.to_owned(), pinned: record.pinned(), days });
    }
    for (folder, days) in by_folder {
        let id = crate::record::bounded_id(crate::record::line(folder));
        if ids.insert(id.clone()) {
            let label = format!("#{}", crate::record::line(folder));
            channels.push(Channel { id, label, folder: folder.to_owned(), pinned: HashSet::new(), days });
        }
    }
    channels.sort_by(|a, b| (&a.label, &a.id).cmp(&(&b.label, &b.id)));
    channels
}

/// One day file without an archive around it, for fuzzing.
pub(crate) fn read_day(bytes: &[u8]) -> Result<Gathered, ImportError> {
    let choice = Choice { channel: "C1".to_owned(), from: None, to: None };
    let (names, pinned) = (Names::default(), HashSet::new());
    let around = message::Around { names: &names, channel: "C1", place: "#fuzz", pinned: &pinned };
    let mut gathering =
        Gathering { choice: &choice, out: Gathered::default(), seen: HashMap::new(), pins: HashSet::new() };
    for (index, raw) in json::array("fuzz.json", bytes)?.into_iter().enumerate() {
        gathering.take(raw, message::read(raw, &around), &around, "fuzz.json", index, None);
    }
    Ok(gathering.finish())
}
