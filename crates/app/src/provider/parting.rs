//! Signing out at the provider (OpenID Connect RP-Initiated Logout 1.0), and being signed out by it (Back-Channel
//! Logout 1.0).

use super::{asking, load};
use crate::{
    App, Error, Result, secret,
    sign_in::{Device, record},
};
use collab::Whose;
use domain::{PersonId, TokenId, access::Actor};
use serde_json::json;
use std::collections::BTreeSet;
use store::{
    ceremonies::{self, Ceremony},
    providers as table,
};

const KIND: &str = "farewell";

/// Where a browser goes to sign out at the provider as well, and then back to `back`.
///
/// # Errors
/// [`Error::NotFound`] without a provider, [`Error::Conflict`] if it has no such place.
pub async fn way_out(app: &App, back: &str) -> Result<String> {
    let provider = load(&mut app.db().read().await?).await?.ok_or(Error::NotFound)?;
    let discovery =
        asking::discovery(app, &provider.issuer).await.map_err(|failed| failed.told(&provider.label))?;
    let Some(address) = discovery.end_session_endpoint else {
        return Err(Error::conflict(format!(
            "You are signed out here. {} has no page for signing out; close the browser, or look there.",
            provider.label
        )));
    };
    let query = asking::form(&[("client_id", &provider.client), ("post_logout_redirect_uri", back)]);
    let joint = if address.contains('?') { '&' } else { '?' };
    Ok(format!("{address}{joint}{query}"))
}

/// Ends the sessions that a logout token names, with every document they have open; how many. A token works once.
///
/// # Errors
/// [`Error::Invalid`] for what is not believed, or came before.
pub async fn farewell(app: &App, token: &str, device: &Device) -> Result<usize> {
    let provider = load(&mut app.db().read().await?).await?.ok_or(Error::NotFound)?;
    let now = app.now();
    app.sign_ins().allow_from(&device.address, now)?;
    let farewell =
        asking::farewell(app, &provider, token).await.map_err(|failed| failed.told(&provider.label))?;

    let mut tx = app.db().write().await?;
    let used = Ceremony {
        id: TokenId::new(now, app.random()),
        kind: KIND,
        person: None,
        detail: "{}".into(),
        ends_at: farewell.good_until,
    };
    let name = secret::digest(&format!("{KIND} {} {}", provider.issuer, farewell.id));
    match ceremonies::begin(&mut tx, &used, name, now).await {
        Err(store::Error::Taken(_)) => return Err(came_before()),
        other => other?,
    }
    let person = match &farewell.subject {
        None => None,
        Some(subject) => match table::person(&mut tx, &provider.issuer, subject).await? {
            Some(person) => Some(person),
            // Nobody here is meant, so nothing ends; a session that is named beside them cannot be somebody else's.
            None => return finish(app, tx, device, BTreeSet::new()).await.map(|()| 0),
        },
    };
    let ended = table::end_sessions(&mut tx, person, farewell.session.as_deref()).await?;
    let people: BTreeSet<PersonId> = ended.iter().copied().collect();
    for person in &people {
        let sessions = ended.iter().filter(|one| *one == person).count();
        let detail = json!({ "sessions": sessions, "by": "provider" });
        record(&mut tx, now, &Actor::installation(), "session.end_by_provider", person, &detail).await?;
    }
    finish(app, tx, device, people).await?;
    Ok(ended.len())
}

async fn finish(app: &App, tx: store::Tx, device: &Device, people: BTreeSet<PersonId>) -> Result<()> {
    tx.commit().await?;
    app.sign_ins().forget_from(&device.address);
    for person in people {
        app.turn_away(Whose::Person(person));
    }
    Ok(())
}

fn came_before() -> Error {
    Error::Invalid { field: None, message: "This logout token came before. Nothing was changed.".into() }
}
