//! A zip archive of unknown origin: names are checked, sizes bounded, and only asked-for entries inflated.

use crate::{ImportError, Problem};
use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};
use zip::{ZipArchive, result::ZipError};

/// How much an archive may hold. Only entries that would be read count; others are never inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries in the archive.
    pub entries: usize,
    /// Bytes of one entry, uncompressed.
    pub entry_bytes: u64,
    /// Bytes of all entries that are read, uncompressed.
    pub total_bytes: u64,
    /// How many times larger than its compressed form an entry of more than 1 MiB may be. Chat compresses
    /// 5 to 40 times; the most that deflate can do is about 1,030.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 200_000, entry_bytes: 64 << 20, total_bytes: 2 << 30, ratio: 300 }
    }
}

/// An entry that may be read.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The path inside the archive, relative and with `/`.
    pub path: String,
    /// Declared size, uncompressed.
    pub size: u64,
    index: usize,
}

/// An open archive.
pub struct Archive<R> {
    pub name: String,
    zip: ZipArchive<R>,
    limits: Limits,
    spent: u64,
}

/// The entries by path, and those that were left out with a reason.
pub type Listing = (BTreeMap<String, Entry>, Vec<Problem>);

impl<R: Read + Seek> Archive<R> {
    /// Opens the archive and lists its JSON entries.
    pub fn open(reader: R, name: &str, limits: Limits) -> Result<(Self, Listing), ImportError> {
        let zip = ZipArchive::new(reader)
            .map_err(|error| ImportError::Archive { file: name.to_owned(), reason: words(&error) })?;
        if zip.len() > limits.entries {
            let reason = format!("it holds {} files, more than {}", zip.len(), limits.entries);
            return Err(ImportError::TooLarge { file: name.to_owned(), reason });
        }
        let archive = Self { name: name.to_owned(), zip, limits, spent: 0 };
        let listing = archive.list()?;
        Ok((archive, listing))
    }

    fn list(&self) -> Result<Listing, ImportError> {
        let mut entries = BTreeMap::new();
        let mut problems = Vec::new();
        for index in 0..self.zip.len() {
            let Ok(data) = self.zip.by_index_data(index) else { continue };
            let path = String::from_utf8_lossy(data.name_raw()).into_owned();
            if let Some(reason) = strange(&path) {
                let place = crate::pagerduty::shorten(&crate::record::line(&path), 200);
                problems.push(Problem { file: self.name.clone(), place, reason: reason.to_owned() });
                continue;
            }
            let path = path.trim_start_matches("./").to_owned();
            if !path.ends_with(".json") || path.starts_with("__MACOSX/") || path.contains("/__MACOSX/") {
                continue;
            }
            let size = data.size();
            if data.encrypted() {
                return Err(self.refused(&path, "is encrypted; an export without a password is needed"));
            }
            if size > self.limits.entry_bytes {
                let reason = format!("is larger than {} MiB", self.limits.entry_bytes >> 20);
                return Err(self.refused(&path, &reason));
            }
            if size > 1 << 20 && size / data.compressed_size().max(1) > self.limits.ratio {
                let reason = format!("unpacks to more than {} times its size", self.limits.ratio);
                return Err(self.refused(&path, &reason));
            }
            entries.insert(path.clone(), Entry { path, size, index });
        }
        let total: u64 = entries.values().map(|it| it.size).fold(0, u64::saturating_add);
        if total > self.limits.total_bytes {
            return Err(self.too_large());
        }
        Ok((entries, problems))
    }

    /// The bytes of one entry. The declared size is not believed.
    pub fn read(&mut self, entry: &Entry) -> Result<Vec<u8>, ImportError> {
        let limit = self.limits.entry_bytes.min(self.limits.total_bytes.saturating_sub(self.spent));
        // What is declared was checked against the limits when listing.
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size.min(8 << 20)).unwrap_or(0));
        let file = self.zip.by_index(entry.index);
        let read = file.map_err(|it| words(&it)).and_then(|file| {
            file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|it| it.to_string())
        });
        if let Err(reason) = read {
            return Err(self.refused(&entry.path, &format!("cannot be unpacked ({reason})")));
        }
        let length = bytes.len() as u64;
        if length > limit {
            return Err(if length > self.limits.entry_bytes {
                self.refused(&entry.path, &format!("is larger than {} MiB", self.limits.entry_bytes >> 20))
            } else {
                self.too_large()
            });
        }
        Ok(bytes)
    }

    /// Counts bytes against the limit of the whole; called once per pass over the archive.
    pub fn spend(&mut self, bytes: u64) {
        self.spent = self.spent.saturating_add(bytes);
    }

    /// Begins a pass over the archive.
    pub fn start_over(&mut self) {
        self.spent = 0;
    }

    fn refused(&self, path: &str, reason: &str) -> ImportError {
        let entry = crate::pagerduty::shorten(&crate::record::line(path), 200);
        ImportError::Entry { file: self.name.clone(), entry, reason: reason.to_owned() }
    }

    fn too_large(&self) -> ImportError {
        let reason = format!("it unpacks to more than {} MiB", self.limits.total_bytes >> 20);
        ImportError::TooLarge { file: self.name.clone(), reason }
    }
}

/// Why a path is not one that belongs inside an archive.
fn strange(path: &str) -> Option<&'static str> {
    if path.contains('\0') || path.contains('\u{FFFD}') {
        Some("its name is not text, so it was left out")
    } else if path.starts_with('/') || path.contains('\\') || path.as_bytes().get(1) == Some(&b':') {
        Some("its name is not a path inside the archive, so it was left out")
    } else if path.split('/').any(|part| part == "..") {
        Some("its name leads out of the archive, so it was left out")
    } else {
        None
    }
}

/// The reason in few words.
fn words(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => error.to_string(),
        ZipError::InvalidArchive(why) => why.to_string(),
        ZipError::UnsupportedArchive(why) => (*why).to_owned(),
        ZipError::CompressionMethodNotSupported(method) => {
            format!("compression method {method} is not supported")
        }
        other => other.to_string(),
    }
}
