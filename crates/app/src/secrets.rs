//! Secrets that must be read again: what others gave us to prove ourselves with, or to prove themselves to us
//! (webhook keys, OpenID Connect client secrets, TOTP seeds, mail passwords).
//!
//! Each is sealed with AES-256-GCM under a key that is in no database and in no backup, and bound to its name, so
//! that a row moved to another name does not open. A secret is named after what it belongs to, for instance
//! `webhook:018f…`, `totp:018f…` or `sealed:018f…`, and kept, opened and forgotten in the transaction of whatever it belongs to.
//! Secrets that only need to be compared are kept as sums instead ([`crate::secret`], [`crate::passphrase`]).

mod keys;

pub(crate) use keys::Keys;
pub use keys::KeysError;

use crate::{App, Error, Result};
use domain::access::{Action, Actor};
use std::fmt;
use store::{Tx, audit, secrets};

/// A secret out of its seal. Its text is in no log: only [`Opened::bytes`] shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened(Vec<u8>);

impl Opened {
    /// What was kept.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What was kept, if it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(…)")
    }
}

/// Seals a secret and keeps it under this name; one that was there is replaced. The first time makes the key.
pub async fn keep(app: &App, tx: &mut Tx, name: &str, secret: &[u8]) -> Result<()> {
    let keys = keys_or_first(app, tx).await?;
    let sealed = keys.seal(name, secret, app.random())?;
    secrets::put(tx, &sealed, app.now()).await?;
    Ok(())
}

/// Opens the secret of this name, if there is one.
///
/// # Errors
/// [`Error::Unavailable`] if the key that sealed it is not here, [`Error::Internal`] if the row was changed.
pub async fn open(app: &App, tx: &mut Tx, name: &str) -> Result<Option<Opened>> {
    let Some(sealed) = secrets::find(tx, name).await? else { return Ok(None) };
    open_seal(app, &sealed).await.map(Some)
}

/// Opens a seal that was loaded with something else.
pub(crate) async fn open_seal(app: &App, sealed: &secrets::Sealed) -> Result<Opened> {
    Ok(Opened(keys(app).await?.open(sealed)?))
}

/// Forgets the secret of this name; whether there was one.
pub async fn forget(tx: &mut Tx, name: &str) -> Result<bool> {
    Ok(secrets::remove(tx, name).await?)
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// How many secrets were sealed anew.
    pub secrets: usize,
    /// The new key, as `check` and the record name it.
    pub key: String,
    /// How many keys the file holds now.
    pub keys: usize,
}

/// Draws a new key and seals every secret anew under it. The file with both keys is on disk before the first
/// secret changes, so that whatever happens, every secret opens. Older keys stay for backups made until now,
/// unless `forget_older`.
pub async fn rotate(app: &App, actor: &Actor, forget_older: bool) -> Result<Rotated> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let older = keys_or_first(app, &mut tx).await?;
    let mut keys = older.with(app.random());
    save(app, &keys).await?;
    let all = secrets::all(&mut tx).await?;
    for sealed in &all {
        let secret = keys.open(sealed)?;
        secrets::put(&mut tx, &keys.seal(&sealed.name, &secret, app.random())?, app.now()).await?;
    }
    let detail = serde_json::json!({ "secrets": all.len(), "key": keys.current() }).to_string();
    audit::record(&mut tx, app.now(), actor, "secrets.rotate", &keys.current(), &detail).await?;
    tx.commit().await?;
    if forget_older {
        let current = keys.current();
        let mut tx = app.read(actor, Action::Administer).await?;
        // Another process may have sealed something under the older key just before.
        if secrets::all(&mut tx).await?.iter().all(|sealed| sealed.key == current) {
            keys = keys.only_current();
            save(app, &keys).await?;
        }
    }
    Ok(Rotated { secrets: all.len(), key: keys.current(), keys: keys.len() })
}

/// Names of secrets that do not open here, each with the reason; for `check`.
pub(crate) async fn that_stay_closed(app: &App, tx: &mut Tx) -> Result<(usize, Vec<String>)> {
    let all = secrets::all(tx).await?;
    let mut closed = Vec::new();
    if !all.is_empty() {
        match keys(app).await {
            Ok(keys) => {
                closed.extend(all.iter().filter_map(|sealed| {
                    keys.open(sealed).err().map(|error| format!("{} ({error})", sealed.name))
                }));
            }
            Err(error) => closed.extend(all.iter().map(|sealed| format!("{} ({error})", sealed.name))),
        }
    }
    Ok((all.len(), closed))
}

impl From<KeysError> for Error {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Broken => Self::internal(error),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

async fn keys(app: &App) -> Result<Keys> {
    let path = app.secret_key_file().to_owned();
    let read = tokio::task::spawn_blocking(move || Keys::read(&path)).await;
    Ok(read.map_err(Error::internal)??)
}

/// The keys; the first of them is made before the first secret, and never in place of a lost one.
async fn keys_or_first(app: &App, tx: &mut Tx) -> Result<Keys> {
    if secrets::any(tx).await? {
        return keys(app).await;
    }
    let (path, first) = (app.secret_key_file().to_owned(), app.random());
    let read = tokio::task::spawn_blocking(move || Keys::read_or_first(&path, first)).await;
    Ok(read.map_err(Error::internal)??)
}

async fn save(app: &App, keys: &Keys) -> Result<()> {
    let (path, keys) = (app.secret_key_file().to_owned(), keys.clone());
    let saved = tokio::task::spawn_blocking(move || keys.save(&path)).await;
    Ok(saved.map_err(Error::internal)??)
}
