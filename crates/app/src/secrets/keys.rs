//! The file of keys, and what they seal.
//!
//! A line a key, 32 bytes as base64; the first seals, all open. Blank lines and lines that begin with `#` are
//! passed over. A key is named by the first 8 hexadecimal digits of the SHA-256 over itself.

use crate::key_file;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::evidence::Digest32;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::{
    fmt, io,
    path::{Path, PathBuf},
};
use store::secrets::Sealed;

/// What is bound into every seal besides its name.
const PURPOSE: &str = "debrief secret 1";

/// Why a secret cannot be sealed or opened. The text is for whoever looks after the installation.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// There is no such file.
    #[error("The file with the key for secrets, {0}, is not there. Bring it back from where it is kept.")]
    Absent(PathBuf),
    /// It cannot be read or written.
    #[error("The file with the key for secrets, {0}, cannot be used: {1}.")]
    Unusable(PathBuf, io::Error),
    /// It holds something else.
    #[error("Line {1} of {0} is no key of 32 bytes in base64.")]
    Form(PathBuf, usize),
    /// Sealed by a key that the file does not hold.
    #[error("It was sealed with the key {0}, which is not here.")]
    Unknown(String),
    /// The row was changed, or moved from another name.
    #[error("Its seal is broken.")]
    Broken,
}

/// The keys of an installation, the one that seals first.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Keys(Vec<[u8; 32]>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} …)", self.current())
    }
}

impl Keys {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Self, KeysError> {
        let text = std::fs::read_to_string(path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => KeysError::Absent(path.to_owned()),
            _ => KeysError::Unusable(path.to_owned(), cause),
        })?;
        let mut keys = Vec::new();
        for (n, line) in text.lines().map(str::trim).enumerate() {
            if !line.is_empty() && !line.starts_with('#') {
                let key = STANDARD.decode(line).ok().and_then(|key| key.try_into().ok());
                keys.push(key.ok_or_else(|| KeysError::Form(path.to_owned(), n + 1))?);
            }
        }
        if keys.is_empty() { Err(KeysError::Form(path.to_owned(), 1)) } else { Ok(Self(keys)) }
    }

    /// Reads the file, or makes it with `first` as its key if there is none.
    pub(crate) fn read_or_first(path: &Path, first: [u8; 32]) -> Result<Self, KeysError> {
        match Self::read(path) {
            Err(KeysError::Absent(_)) => {
                let first = Self(vec![first]);
                // If somebody else made it at the same moment, theirs is the one.
                key_file::make(path, &first.current(), first.text().as_bytes())
                    .map_err(|cause| KeysError::Unusable(path.to_owned(), cause))?;
                Self::read(path)
            }
            read => read,
        }
    }

    /// No key at all, where there is no file.
    ///
    /// # Errors
    /// As [`Keys::read`] if there is a file that cannot be read: nothing is written over it.
    pub(crate) fn none_at(path: &Path) -> Result<Self, KeysError> {
        match Self::read(path) {
            Err(KeysError::Absent(_)) => Ok(Self(Vec::new())),
            read => read,
        }
    }

    /// These and a new key, which seals from now on.
    pub(crate) fn with(&self, key: [u8; 32]) -> Self {
        Self([&[key], self.0.as_slice()].concat())
    }

    /// Without older keys.
    pub(crate) fn only_current(&self) -> Self {
        Self(self.0.iter().take(1).copied().collect())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The name of the key that seals.
    pub(crate) fn current(&self) -> String {
        self.0.first().map(name).unwrap_or_default()
    }

    /// Puts the file in place of the one before.
    pub(crate) fn save(&self, path: &Path) -> Result<(), KeysError> {
        let saved = key_file::replace(path, &self.current(), self.text().as_bytes());
        saved.map_err(|cause| KeysError::Unusable(path.to_owned(), cause))
    }

    /// What the file says.
    fn text(&self) -> String {
        let words =
            "# Keys for the secrets of Debrief: the first seals, all open. Keep a copy where no backup is.\n";
        let keys = self.0.iter().map(|key| STANDARD.encode(key) + "\n");
        std::iter::once(words.to_owned()).chain(keys).collect()
    }

    /// Seals a secret under this name. `nonce` is drawn anew each time.
    pub(crate) fn seal(
        &self,
        name: &str,
        secret: &[u8],
        nonce: [u8; NONCE_LEN],
    ) -> Result<Sealed, KeysError> {
        let key = self.0.first().ok_or(KeysError::Broken)?;
        let mut text = secret.to_vec();
        cipher(key)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(name), &mut text)
            .map_err(|_| KeysError::Broken)?;
        Ok(Sealed { name: name.to_owned(), key: self::name(key), sealed: [nonce.as_slice(), &text].concat() })
    }

    /// Opens what was sealed.
    pub(crate) fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, KeysError> {
        let key = self.0.iter().find(|key| name(key) == sealed.key);
        let key = key.ok_or_else(|| KeysError::Unknown(sealed.key.clone()))?;
        let (nonce, text) = sealed.sealed.split_at_checked(NONCE_LEN).ok_or(KeysError::Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeysError::Broken)?;
        let mut text = text.to_vec();
        let opened = cipher(key)?.open_in_place(nonce, bound(&sealed.name), &mut text);
        Ok(opened.map_err(|_| KeysError::Broken)?.to_vec())
    }
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, KeysError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| KeysError::Broken)
}

fn bound(name: &str) -> Aad<Vec<u8>> {
    Aad::from([PURPOSE.as_bytes(), b"\0", name.as_bytes()].concat())
}

fn name(key: &[u8; 32]) -> String {
    Digest32::of(key).to_string().chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_under_its_name_and_key_only() {
        let keys = Keys(vec![[1; 32]]);
        let sealed = keys.seal("webhook:7", b"eleven wet lanterns", [9; 12]).unwrap();
        assert!(!sealed.sealed.windows(6).any(|part| part == b"eleven"));
        assert_eq!(keys.open(&sealed).unwrap(), b"eleven wet lanterns");
        assert_eq!(keys.with([2; 32]).open(&sealed).unwrap(), b"eleven wet lanterns");
        let moved = Sealed { name: "webhook:8".into(), ..sealed.clone() };
        assert!(matches!(keys.open(&moved), Err(KeysError::Broken)));
        assert!(matches!(Keys(vec![[2; 32]]).open(&sealed), Err(KeysError::Unknown(_))));
        for at in 0..sealed.sealed.len() {
            let mut changed = sealed.clone();
            changed.sealed[at] ^= 1;
            assert!(matches!(keys.open(&changed), Err(KeysError::Broken)), "byte {at}");
            changed.sealed.truncate(at);
            assert!(matches!(keys.open(&changed), Err(KeysError::Broken)), "{at} bytes");
        }
    }

    #[test]
    fn the_file_is_for_its_owner_alone_and_says_where_it_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        assert!(matches!(Keys::read(&path), Err(KeysError::Absent(_))));
        let first = Keys::read_or_first(&path, [1; 32]).unwrap();
        assert_eq!(Keys::read_or_first(&path, [2; 32]).unwrap(), first);
        let both = first.with([3; 32]);
        both.save(&path).unwrap();
        assert_eq!(Keys::read(&path).unwrap(), both);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(!format!("{both:?}").contains(&STANDARD.encode([3; 32])));
        for (text, line) in [("", 1), ("# only words\n", 1), ("# fine\nAAAA\n", 2), ("\u{fffd}", 1)] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(Keys::read(&path), Err(KeysError::Form(_, at)) if at == line), "{text:?}");
        }
    }
}
