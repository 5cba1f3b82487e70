//! Secrets that must be read again: what others gave us to prove ourselves with, or to prove themselves to us
//! (webhook keys, OpenID Connect client secrets, TOTP seeds, mail passwords).
//!
//! Each is sealed with AES-256-GCM under a key that is in no database and in no backup, and bound to its name, so
//! that a row moved to another name does not open. A secret is named after what it belongs to, for instance
//! `webhook:018f…`, `totp:018f…` or `sealed:018f…`, and kept, opened and forgotten in the transaction of whatever it belongs to.
//! Secrets that only need to be compared are kept as sums instead ([`crate::secret`]); those that could be guessed from
//! their sums, passphrases, as sealed sums ([`crate::passphrase`]).

mod keys;

pub(crate) use keys::Keys;
pub use keys::KeysError;

use crate::{App, Error, Result, passphrase};
use domain::access::{Action, Actor};
use std::fmt;
use store::{Tx, audit, people, secrets};

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

/// What becomes of keys, and of what they sealed, when a new one is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Older keys go, once nothing lies under them; what older backups hold then opens nowhere.
    pub forget_older: bool,
    /// What does not open stays as it is instead of keeping everything from being done: for a key that was lost.
    pub leave_closed: bool,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// How many secrets and passphrases were sealed anew.
    pub secrets: usize,
    /// How many stay under a key that is not here.
    pub closed: usize,
    /// The new key, as `check` and the record name it.
    pub key: String,
    /// How many keys the file holds now.
    pub keys: usize,
}

/// Draws a new key and seals every secret and every passphrase anew under it. The file with both keys is on disk before
/// the first secret changes, so that whatever happens, every secret opens. Older keys stay for backups made until now,
/// unless they are to be forgotten.
pub async fn rotate(app: &App, actor: &Actor, rotation: Rotation) -> Result<Rotated> {
    let mut tx = app.write(actor, Action::Administer).await?;
    // Whoever chooses a passphrase at this moment has sealed it before this, or reads the new file.
    people::lock(&mut tx).await?;
    let older = match keys_or_first(app, &mut tx).await {
        Err(Error::Unavailable(_)) if rotation.leave_closed => Keys::none_at(app.secret_key_file())?,
        read => read?,
    };
    let mut keys = older.with(app.random());
    save(app, &keys).await?;
    let (mut sealed, mut closed) = (0, 0);
    for secret in secrets::all(&mut tx).await? {
        match keys.open(&secret) {
            Ok(opened) => {
                secrets::put(&mut tx, &keys.seal(&secret.name, &opened, app.random())?, app.now()).await?;
                sealed += 1;
            }
            Err(_) if rotation.leave_closed => closed += 1,
            Err(error) => return Err(error.into()),
        }
    }
    let (hashes, left) = passphrase::seal_anew(app, &mut tx, &keys, rotation.leave_closed).await?;
    let rotated =
        Rotated { secrets: sealed + hashes, closed: closed + left, key: keys.current(), keys: keys.len() };
    let detail = serde_json::json!({ "secrets": sealed, "passphrases": hashes, "closed": rotated.closed, "key": rotated.key });
    audit::record(&mut tx, app.now(), actor, "secrets.rotate", &rotated.key, &detail.to_string()).await?;
    tx.commit().await?;
    if rotation.forget_older {
        let mut tx = app.read(actor, Action::Administer).await?;
        // Another process may have sealed something under the older key just before.
        let secrets = secrets::all(&mut tx).await?.iter().all(|sealed| sealed.key == rotated.key);
        if secrets && passphrase::all_under(&mut tx, &rotated.key).await? {
            keys = keys.only_current();
            save(app, &keys).await?;
        }
    }
    Ok(Rotated { keys: keys.len(), ..rotated })
}

/// What does not open here, each with the reason, of how many; for `check`.
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
    let (hashes, left) = passphrase::that_stay_closed(app, tx).await?;
    closed.extend(left);
    Ok((all.len() + hashes, closed))
}

impl From<KeysError> for Error {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Broken => Self::internal(error),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

pub(crate) async fn keys(app: &App) -> Result<Keys> {
    let path = app.secret_key_file().to_owned();
    let read = tokio::task::spawn_blocking(move || Keys::read(&path)).await;
    Ok(read.map_err(Error::internal)??)
}

/// The keys; the first of them is made before the first secret, and never in place of a lost one.
pub(crate) async fn keys_or_first(app: &App, tx: &mut Tx) -> Result<Keys> {
    if secrets::any(tx).await? || people::any_sealed(tx).await? {
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
