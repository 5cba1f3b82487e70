//! Hashes of passphrases lie sealed: whoever has the database or a backup, and not the key beside it, has nothing to
//! try passphrases on (ASVS 2.4.5; NIST SP 800-63B-4, 3.1.1.2).
//!
//! A sealed hash stands where the hash stood, as `sealed:KEY:BASE64`, bound to its person. Unlike a secret that goes into
//! the hash itself, the seal can be made anew without the passphrase, so that keys change whenever somebody wants.
//! Hashes that earlier versions wrote are good as they are, and sealed when the server starts.

use super::NOBODYS;
use crate::{App, Error, Result, secrets, secrets::Keys};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    PersonId,
    access::{Action, Actor},
};
use serde_json::json;
use store::{
    Tx, audit,
    people::{self, Account},
    secrets::Sealed,
};

/// What people read who could sign in if the key were there; the cause is for the log.
const NO_KEY: &str = "Passphrases cannot be looked at just now, because the key that they are sealed with is not here. \
     Come in by a sign-in link, or try again later.";

/// A hash as it is kept for this person; in the transaction that keeps it, after [`people::lock`], so that a rotation
/// on another node comes before or after.
pub(crate) async fn seal(app: &App, tx: &mut Tx, person: PersonId, hash: &str) -> Result<String> {
    let keys = secrets::keys_or_first(app, tx).await.inspect_err(say_why).map_err(|error| match error {
        Error::Unavailable(_) => Error::Unavailable(NO_KEY.into()),
        other => other,
    })?;
    written(app, &keys, person, hash)
}

/// The hash to try a passphrase on, and whether it is somebody's. Costs the same whoever is asked for; without the
/// key it says so to everybody alike.
pub(super) async fn open(app: &App, account: Option<&Account>) -> Result<(String, bool)> {
    let keys = match secrets::keys(app).await {
        Ok(keys) => Some(keys),
        Err(error) if people::any_sealed(&mut app.db().read().await?).await? => {
            say_why(&error);
            return Err(Error::Unavailable(NO_KEY.into()));
        }
        Err(_) => None,
    };
    let kept = account.and_then(|account| Some((account.person.id, account.passphrase_hash.as_deref()?)));
    let Some((person, kept)) = kept else { return Ok((NOBODYS.into(), false)) };
    match read(keys.as_ref(), person, kept) {
        Ok(hash) => Ok((hash, true)),
        Err(error) => {
            // Said to them as to anybody whose passphrase is wrong: that theirs is broken would say that they are here.
            tracing::warn!(%person, %error, "the hash of a passphrase does not open");
            Ok((NOBODYS.into(), false))
        }
    }
}

/// Whether an account is what it was, its passphrase included; a hash that was sealed anew meanwhile is the same.
pub(crate) async fn unchanged(app: &App, before: &Account, now: &Account) -> Result<bool> {
    if before == now || before.person != now.person {
        return Ok(before == now);
    }
    Ok(open(app, Some(before)).await? == open(app, Some(now)).await?)
}

/// Seals what earlier versions left open, and says in the log if what is sealed cannot be opened here. Answers how many
/// were sealed.
pub async fn seal_all(app: &App) -> Result<usize> {
    let actor = Actor::installation();
    let all = people::hashes(&mut app.db().read().await?).await?;
    if all.iter().all(|(_, kept)| is_sealed(kept)) {
        if !all.is_empty() {
            secrets::keys(app).await?;
        }
        return Ok(0);
    }
    let mut tx = app.write(&actor, Action::Administer).await?;
    people::lock(&mut tx).await?;
    let keys = secrets::keys_or_first(app, &mut tx).await?;
    let mut sealed = 0;
    for (person, kept) in people::hashes(&mut tx).await?.iter().filter(|(_, kept)| !is_sealed(kept)) {
        people::keep_hash(&mut tx, *person, &written(app, &keys, *person, kept)?).await?;
        sealed += 1;
    }
    let detail = json!({ "passphrases": sealed, "key": keys.current() }).to_string();
    audit::record(&mut tx, app.now(), &actor, "secrets.seal", &keys.current(), &detail).await?;
    tx.commit().await?;
    Ok(sealed)
}

/// Seals every hash anew with the first of `keys`; how many, and how many stay under a key that is not here.
pub(crate) async fn seal_anew(app: &App, tx: &mut Tx, keys: &Keys, leave: bool) -> Result<(usize, usize)> {
    let (mut sealed, mut left) = (0, 0);
    for (person, kept) in people::hashes(tx).await? {
        match read(Some(keys), person, &kept) {
            Ok(hash) => {
                people::keep_hash(tx, person, &written(app, keys, person, &hash)?).await?;
                sealed += 1;
            }
            Err(_) if leave => left += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((sealed, left))
}

/// Whether every hash is sealed with this key.
pub(crate) async fn all_under(tx: &mut Tx, key: &str) -> Result<bool> {
    let all = people::hashes(tx).await?;
    Ok(all.iter().all(|(person, kept)| parsed(*person, kept).is_some_and(|sealed| sealed.key == key)))
}

/// How many hashes are sealed, and of those that do not open whose they are and why; for `check`.
pub(crate) async fn that_stay_closed(app: &App, tx: &mut Tx) -> Result<(usize, Vec<String>)> {
    let all = people::hashes(tx).await?;
    let sealed: Vec<_> = all.iter().filter(|(_, kept)| is_sealed(kept)).collect();
    let keys = if sealed.is_empty() { None } else { Some(secrets::keys(app).await) };
    let mut closed = Vec::new();
    for (person, kept) in &sealed {
        let opened = match &keys {
            Some(Err(error)) => Err(error.to_string()),
            Some(Ok(keys)) => read(Some(keys), *person, kept).map(drop).map_err(|error| error.to_string()),
            None => Ok(()),
        };
        if let Err(why) = opened {
            let whose = people::get(tx, *person).await?.map_or(person.to_string(), |it| it.email.to_string());
            closed.push(format!("passphrase of {whose} ({why})"));
        }
    }
    Ok((sealed.len(), closed))
}

fn is_sealed(kept: &str) -> bool {
    kept.starts_with(people::SEALED)
}

fn name(person: PersonId) -> String {
    format!("passphrase:{person}")
}

fn written(app: &App, keys: &Keys, person: PersonId, hash: &str) -> Result<String> {
    let Sealed { key, sealed, .. } = keys.seal(&name(person), hash.as_bytes(), app.random())?;
    Ok(format!("{}{key}:{}", people::SEALED, STANDARD.encode(sealed)))
}

/// What is kept, as a seal; `None` if it is none, or broken.
fn parsed(person: PersonId, kept: &str) -> Option<Sealed> {
    let (key, sealed) = kept.strip_prefix(people::SEALED)?.split_once(':')?;
    Some(Sealed { name: name(person), key: key.into(), sealed: STANDARD.decode(sealed).ok()? })
}

fn read(keys: Option<&Keys>, person: PersonId, kept: &str) -> Result<String> {
    if !is_sealed(kept) {
        return Ok(kept.to_owned());
    }
    let broken = || Error::internal(format!("the hash of {person} is no seal"));
    let sealed = parsed(person, kept).ok_or_else(broken)?;
    let hash = keys.ok_or_else(broken)?.open(&sealed)?;
    String::from_utf8(hash).map_err(Error::internal)
}

fn say_why(error: &Error) {
    tracing::error!(%error, "passphrases cannot be opened; `debrief check` says which, `debrief user link` lets people in");
}
