//! Passkeys: signing in with a device that asks for a finger, a face or a PIN, and keeps its key to itself.

pub(crate) mod assertion;

use crate::{
    App, Error, Result, mail, secret,
    sign_in::{self, Begun, Device, How, Session, record},
};
use assertion::{Expected, PublicKey, Refused};
use domain::{Instant, PersonId, TokenId, access::Action, instant::Span};
use serde_json::json;
pub use store::passkeys::Passkey;
use store::{Tx, ceremonies, passkeys as table, people};

/// For so long a browser may take to come back with an answer.
const WAITS: Span = Span::minutes(5);
/// So many passkeys one person can have.
const MOST: usize = 20;
const ADDING: &str = "passkey-new";
const ENTERING: &str = "passkey-in";
/// Bytes of client data and of authenticator data; real ones have a few hundred.
const LARGEST: usize = 8 << 10;

/// Where our pages are, for the browser and for us the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// For instance `https://debrief.example`.
    pub origin: String,
    /// The name of its host, for instance `debrief.example`.
    pub host: String,
}

impl Place {
    /// Of the address under which pages are reached. Browsers have passkeys only for names, and only over https
    /// or on `localhost`; elsewhere there are none.
    pub fn of(address: &str) -> Option<Self> {
        let url = url::Url::parse(address).ok()?;
        let host = url.domain()?.to_owned();
        let safe = url.scheme() == "https" || host == "localhost";
        safe.then(|| Self { origin: url.origin().ascii_serialization(), host })
    }
}

/// What a browser needs to make a passkey.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ToAdd {
    /// What is to be signed.
    pub challenge: String,
    /// The host the passkey is for.
    pub host: String,
    /// The person, as authenticators know them; tells nothing about them.
    pub person: String,
    /// What the authenticator shows.
    pub name: String,
    /// Credentials that are there already, base64url.
    pub known: Vec<String>,
    /// COSE algorithms.
    pub algorithms: [i64; 3],
}

/// What a browser needs to sign in.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ToEnter {
    /// What is to be signed.
    pub challenge: String,
    /// The host the passkey is for.
    pub host: String,
}

/// What a browser came back with, each as base64url. Nothing in it is believed before it was verified.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The credential's id.
    pub credential: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `authenticatorData`.
    pub authenticator_data: String,
    /// The signature; empty when a passkey is made.
    pub signature: String,
}

/// One's own passkeys, newest first.
pub async fn list(app: &App, session: &Session) -> Result<Vec<Passkey>> {
    let mut tx = app.read(&session.actor, Action::Read).await?;
    Ok(table::of(&mut tx, session.person.id).await?)
}

/// Begins to add a passkey. Needs that one has just proved who one is.
pub async fn begin_adding(app: &App, session: &Session, place: &Place) -> Result<ToAdd> {
    sign_in::proof::recent(session, app.now())?;
    let mut tx = app.write(&session.actor, Action::Read).await?;
    let person = &session.person;
    let known = table::of(&mut tx, person.id).await?;
    if known.len() >= MOST {
        return Err(Error::conflict("You have 20 passkeys. Remove one that is not needed any more first."));
    }
    let challenge = challenge(app, &mut tx, ADDING, Some(person.id)).await?;
    tx.commit().await?;
    Ok(ToAdd {
        challenge,
        host: place.host.clone(),
        person: secret::encoded(person.id.0.as_bytes()),
        name: person.email.to_string(),
        known: known.iter().map(|one| secret::encoded(&one.credential)).collect(),
        algorithms: assertion::ALGORITHMS,
    })
}

/// Adds the passkey that a browser made. The label has 1 to 100 characters.
pub async fn add(app: &App, session: &Session, place: &Place, label: &str, answer: &Answer) -> Result<()> {
    sign_in::proof::recent(session, app.now())?;
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
        return Err(Error::invalid("label", "A passkey has a label of 1 to 100 characters."));
    }
    let (person, now) = (session.person.id, app.now());
    let read = || {
        let client_data = assertion::decoded(&answer.client_data, LARGEST)?;
        let expected = Expected { kind: "webauthn.create", origin: &place.origin };
        let challenge = assertion::challenge(&client_data, expected)?;
        let data = assertion::decoded(&answer.authenticator_data, LARGEST)?;
        Ok((challenge, assertion::credential(&data, &place.host)?))
    };
    let (challenge, credential) = read().map_err(refused)?;
    let mut tx = app.write(&session.actor, Action::Read).await?;
    let waits = ceremonies::take(&mut tx, ADDING, secret::digest(&challenge), now).await?;
    if waits.and_then(|waits| waits.person) != Some(person) {
        return Err(not_good());
    }
    let id = TokenId::new(now, app.random());
    let passkey = Passkey {
        id,
        person,
        credential: credential.id,
        algorithm: credential.key.algorithm,
        public_key: credential.key.bytes,
        counter: credential.counter.into(),
        label: label.to_owned(),
        created_at: now,
        used_at: None,
    };
    match table::add(&mut tx, &passkey).await {
        Err(store::Error::Taken(_)) => return Err(Error::conflict("This passkey is there already.")),
        other => other?,
    }
    mail::notice(app, &mut tx, person, mail::Change::Passkey).await?;
    record(&mut tx, now, &session.actor, "passkey.add", id, &json!({ "label": label })).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a passkey of one's own. Needs that one has just proved who one is.
pub async fn remove(app: &App, session: &Session, id: TokenId) -> Result<()> {
    sign_in::proof::recent(session, app.now())?;
    let mut tx = app.write(&session.actor, Action::Read).await?;
    if !table::remove(&mut tx, id, session.person.id).await? {
        return Err(Error::NotFound);
    }
    record(&mut tx, app.now(), &session.actor, "passkey.remove", id, &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// Begins a sign-in with whichever passkey the browser has for this place.
pub async fn begin_entering(app: &App, place: &Place, device: &Device) -> Result<ToEnter> {
    // Costs a row for five minutes, so nobody may ask for many.
    app.sign_ins().allow_from(&device.address, app.now())?;
    let mut tx = app.db().write().await?;
    crate::provider::refuse_other_ways(&mut tx).await?;
    let challenge = challenge(app, &mut tx, ENTERING, None).await?;
    tx.commit().await?;
    Ok(ToEnter { challenge, host: place.host.clone() })
}

/// Signs in with a passkey. Forged, replayed, unknown and closed cannot be told apart.
pub async fn enter(app: &App, place: &Place, answer: &Answer, device: &Device) -> Result<Begun> {
    let now: Instant = app.now();
    // Nobody is named before the signature is read, so tries count for where they come from and never for others.
    app.sign_ins().allow_from(&device.address, now)?;
    let read = || {
        let client_data = assertion::decoded(&answer.client_data, LARGEST)?;
        let expected = Expected { kind: "webauthn.get", origin: &place.origin };
        let challenge = assertion::challenge(&client_data, expected)?;
        let data = assertion::decoded(&answer.authenticator_data, LARGEST)?;
        let signed = assertion::decoded(&answer.signature, 1 << 10)?;
        Ok((challenge, client_data, data, signed, assertion::decoded(&answer.credential, 1023)?))
    };
    let (challenge, client_data, data, signed, credential) = read().map_err(refused)?;
    let mut tx = app.db().write().await?;
    people::lock(&mut tx).await?;
    crate::provider::refuse_other_ways(&mut tx).await?;
    if ceremonies::take(&mut tx, ENTERING, secret::digest(&challenge), now).await?.is_none() {
        return Err(not_good());
    }
    let Some(passkey) = table::find(&mut tx, &credential).await? else { return Err(not_good()) };
    let key = PublicKey { algorithm: passkey.algorithm, bytes: passkey.public_key };
    let before = u32::try_from(passkey.counter).unwrap_or(u32::MAX);
    let counter =
        assertion::verify(&key, before, &place.host, &data, &client_data, &signed).map_err(refused)?;
    let Some(person) = sign_in::active(&mut tx, passkey.person).await? else { return Err(not_good()) };
    if !table::used(&mut tx, passkey.id, passkey.counter, counter.into(), now).await? {
        return Err(not_good());
    }
    let begun = sign_in::begin(app, &mut tx, person, How::Passkey, device).await?;
    let detail = json!({ "by": "passkey", "passkey": passkey.id });
    record(&mut tx, now, &sign_in::actor_of(&begun.person), "session.begin", begun.person.id, &detail)
        .await?;
    tx.commit().await?;
    // One for the challenge, one for the answer.
    app.sign_ins().forget_from(&device.address);
    app.sign_ins().forget_from(&device.address);
    Ok(begun)
}

async fn challenge(app: &App, tx: &mut Tx, kind: &'static str, person: Option<PersonId>) -> Result<String> {
    let (drawn, now) = (secret::draw(app, ""), app.now());
    let waits = ceremonies::Ceremony {
        id: TokenId::new(now, app.random()),
        kind,
        person,
        detail: "{}".into(),
        ends_at: now.plus(WAITS),
    };
    ceremonies::begin(tx, &waits, drawn.digest, now).await?;
    Ok(drawn.text)
}

fn refused(why: Refused) -> Error {
    tracing::info!(%why, "a passkey was refused");
    not_good()
}

fn not_good() -> Error {
    Error::Invalid {
        field: None,
        message: "This passkey is not known here, or it took too long. Try again, or sign in another way."
            .into(),
    }
}
