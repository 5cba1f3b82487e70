//! Backups that make themselves: one every so many hours, the oldest removed when there are too many.

use super::{Backup, write};
use crate::{App, Error, Result};
use domain::{Instant, access::Actor, instant::Span};
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// When and where backups are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Where they go; made if it is not there.
    pub folder: PathBuf,
    /// So many hours after the one before, at least 1.
    pub every_hours: u32,
    /// How many are kept, at least 1.
    pub keep: usize,
}

const PREFIX: &str = "debrief-";
const ENDING: &str = ".zip";

/// Makes a backup if the newest one in the folder is old enough, and removes the oldest beyond those to keep.
pub async fn make_if_due(app: &App, schedule: &Schedule) -> Result<Option<Backup>> {
    let unusable = |cause: std::io::Error| {
        Error::Unavailable(format!(
            "The folder for backups, {}, cannot be used: {cause}.",
            schedule.folder.display()
        ))
    };
    crate::app::make_private_folder(&schedule.folder).map_err(unusable)?;
    let now = app.now();
    let newest = names(&schedule.folder).map_err(unusable)?.pop();
    let due = Span::hours(i64::from(schedule.every_hours.max(1)));
    // Names sort by time, so the name that a backup of one period ago would have says which are old enough.
    if newest.is_some_and(|newest| newest > name(now.plus(due.reversed()))) {
        return Ok(None);
    }
    let backup = write(app, &Actor::installation(), &schedule.folder.join(name(now)), false).await?;
    let all = names(&schedule.folder).map_err(unusable)?;
    for old in all.iter().take(all.len().saturating_sub(schedule.keep.max(1))) {
        std::fs::remove_file(schedule.folder.join(old)).map_err(unusable)?;
    }
    Ok(Some(backup))
}

fn name(at: Instant) -> String {
    format!("{PREFIX}{}{ENDING}", at.format(&TimeZone::UTC, "%Y%m%dT%H%M%SZ"))
}

/// The backups in a folder, oldest first. Other files, also those with names people gave, are left alone.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string().ok().filter(|name| is_ours(name)));
    }
    names.sort_unstable();
    Ok(names)
}

fn is_ours(name: &str) -> bool {
    let middle = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(ENDING));
    middle.is_some_and(|time| {
        time.len() == 16
            && time.bytes().enumerate().all(|(at, byte)| match at {
                8 => byte == b'T',
                15 => byte == b'Z',
                _ => byte.is_ascii_digit(),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_count() {
        assert!(is_ours(&name(Instant::from_seconds(1_794_635_220))));
        assert_eq!(name(Instant::from_seconds(1_794_635_220)), "debrief-20261114T054700Z.zip");
        for other in
            ["debrief-.zip", "debrief-before-upgrade.zip", "debrief-20261114T054700Z.zip.partial", "x"]
        {
            assert!(!is_ours(other), "{other}");
        }
    }
}
