//! Proving again who one is, before something that would outlast a borrowed browser.

use super::{Session, record, table};
use crate::{App, Error, Result, factor, passphrase};
use domain::{Instant, access::Action, instant::Span};
use serde_json::json;
use store::people;

/// For so long nothing more is asked after somebody proved who they are, by signing in or again.
pub const RECENT: Span = Span::minutes(10);

/// Refuses with [`Error::ProveFirst`] if the person of a session did not prove lately who they are.
pub fn recent(session: &Session, now: Instant) -> Result<()> {
    let since = now.since(session.proved_at);
    if since < RECENT { Ok(()) } else { Err(Error::ProveFirst) }
}

/// With what somebody can prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    /// Their passphrase.
    pub passphrase: bool,
    /// A code of their device.
    pub code: bool,
}

/// What the person of a session can prove with; with neither, signing in again does it.
pub async fn means(app: &App, session: &Session) -> Result<Means> {
    let mut tx = app.read(&session.actor, Action::Read).await?;
    let account = people::account(&mut tx, session.person.id).await?.ok_or(Error::NotFound)?;
    let factor = store::factors::of(&mut tx, session.person.id).await?;
    Ok(Means {
        passphrase: account.passphrase_hash.is_some(),
        code: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
    })
}

/// Proves it by passphrase or, if that is left empty, by a code. Wrong ones are slowed down as at the sign-in.
pub async fn prove(app: &App, session: &Session, given: &str, code: &str) -> Result<()> {
    let (now, person, place) = (app.now(), session.person.id, session.id.to_string());
    if given.is_empty() {
        factor::slow_down(app, person, &place, now)?;
    } else {
        let email = session.person.email.as_str();
        app.sign_ins().allow(email, &place, now)?;
        let account = people::account(&mut app.db().read().await?, person).await?.ok_or(Error::NotFound)?;
        if !passphrase::verify(app, given, Some(&account)).await? {
            super::note_refusal("proof", Some(person), &place, &Error::ProveFirst);
            return Err(Error::invalid("passphrase", "This is not your passphrase."));
        }
        app.sign_ins().forget(email, &place);
    }
    let mut tx = app.write(&session.actor, Action::Read).await?;
    if given.is_empty() {
        tx = factor::require(app, tx, person, code, now).await?;
    }
    table::proved(&mut tx, session.id, now).await?;
    let by = if given.is_empty() { "code" } else { "passphrase" };
    record(&mut tx, now, &session.actor, "session.prove", person, &json!({ "by": by })).await?;
    tx.commit().await?;
    Ok(())
}
