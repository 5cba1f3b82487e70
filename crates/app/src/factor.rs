//! The second factor: a code that a device shows, asked for after a passphrase or a link.

pub(crate) mod totp;

use crate::{
    App, Error, Result, mail, people, secret,
    sign_in::{self, Session, record},
};
use domain::{
    Instant, PersonId, TokenId,
    access::{Action, Actor},
    person::Role,
};
use serde_json::json;
use store::{Tx, factors, people as accounts};

/// How many recovery codes somebody gets.
const CODES: usize = 10;
/// Bytes of chance in a recovery code; written as 16 letters and digits.
const CODE: usize = 10;

/// What is shown while a second factor is set up.
#[derive(Clone)]
pub struct Enrolment {
    /// The secret in base 32, in groups of four, for those who type it.
    pub secret: String,
    /// What the picture says: an `otpauth:` address.
    pub address: String,
    /// The same as a picture, an SVG element.
    pub picture: String,
}

/// What somebody's second factor is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    None,
    /// It was begun and waits for its first code.
    Begun,
    /// It is asked for at every sign-in.
    Asked {
        /// Since when.
        since: Instant,
        /// How many recovery codes are left.
        codes_left: i64,
    },
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}

/// Everything about how somebody signs in, for the page that shows it.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Whether changes can be made now without proving first who one is.
    pub proved: bool,
    /// Whether they came by a link a moment ago, so that no passphrase so far is asked for.
    pub by_link: bool,
    /// With what they can prove who they are.
    pub means: sign_in::proof::Means,
    /// Their second factor.
    pub standing: Standing,
    /// What to put into the device, while a second factor waits for its first code.
    pub enrolment: Option<Enrolment>,
    /// Their passkeys, newest first.
    pub passkeys: Vec<store::passkeys::Passkey>,
    /// From which role on a second factor is asked for.
    pub factor_from: Option<Role>,
}

/// Everything about how one signs in.
pub async fn overview(app: &App, session: &Session) -> Result<Overview> {
    let mut tx = app.read(&session.actor, Action::Read).await?;
    let person = session.person.id;
    let account = accounts::account(&mut tx, person).await?.ok_or(Error::NotFound)?;
    let factor = factors::of(&mut tx, person).await?;
    let standing = factor.map_or(Standing::None, |factor| match factor.confirmed_at {
        None => Standing::Begun,
        Some(since) => Standing::Asked { since, codes_left: factor.codes_left },
    });
    let proved = sign_in::proof::recent(session, app.now()).is_ok();
    let enrolment = match standing {
        Standing::Begun if proved => Some(enrolment(app, &mut tx, session).await?),
        _ => None,
    };
    Ok(Overview {
        proved,
        by_link: proved && session.how == sign_in::How::Link,
        means: sign_in::proof::Means {
            passphrase: account.passphrase_hash.is_some(),
            code: matches!(standing, Standing::Asked { .. }),
        },
        standing,
        enrolment,
        passkeys: store::passkeys::of(&mut tx, person).await?,
        factor_from: session.factor_from,
    })
}

/// Begins a second factor with a new secret; nothing is asked for until its first code came. Needs that one has
/// just proved who one is.
pub async fn begin(app: &App, session: &Session) -> Result<()> {
    sign_in::proof::recent(session, app.now())?;
    let mut tx = app.write(&session.actor, Action::Read).await?;
    let (person, now) = (session.person.id, app.now());
    accounts::lock(&mut tx).await?;
    if !factors::begin(&mut tx, person, now).await? {
        return Err(Error::conflict("There is a second factor already. Remove it first to begin another."));
    }
    crate::secrets::keep(app, &mut tx, &name(person), &app.random::<{ totp::SECRET }>()).await?;
    record(&mut tx, now, &session.actor, "factor.begin", person, &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

async fn enrolment(app: &App, tx: &mut Tx, session: &Session) -> Result<Enrolment> {
    let key = totp::base32(&sealed(app, tx, session.person.id).await?);
    let part = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let (place, email) = (part(&app.workspace().name), part(session.person.email.as_str()));
    let address = format!("otpauth://totp/{place}:{email}?secret={key}&issuer={place}&digits=6&period=30");
    let picture = qrcode::QrCode::new(&address).map_err(Error::internal)?;
    let picture = picture
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(200, 200)
        .dark_color(qrcode::render::svg::Color("#000"))
        .light_color(qrcode::render::svg::Color("#fff"))
        .build();
    let picture = picture.find("<svg").map_or(String::new(), |start| picture[start..].to_owned());
    let groups: Vec<String> =
        key.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    Ok(Enrolment { secret: groups.join(" "), address, picture })
}

/// Confirms a second factor by its first code; answers recovery codes, which cannot be shown again. From now on a
/// code is asked for at every sign-in, and other sessions end.
pub async fn confirm(app: &App, session: &Session, code: &str) -> Result<Vec<String>> {
    sign_in::proof::recent(session, app.now())?;
    let (person, now) = (session.person.id, app.now());
    slow_down(app, person, &session.id.to_string(), now)?;
    let mut tx = app.write(&session.actor, Action::Read).await?;
    accounts::lock(&mut tx).await?;
    let secret = sealed(app, &mut tx, person).await?;
    let step = totp::step_of(&secret, code, 0, now).ok_or_else(wrong_code)?;
    if !factors::confirm(&mut tx, person, step, now).await? {
        return Err(Error::NotFound);
    }
    let codes = renew(app, &mut tx, person).await?;
    let ended = store::sessions::end_others_of(&mut tx, person, session.id).await?;
    mail::notice(app, &mut tx, person, mail::Change::FactorSet).await?;
    record(&mut tx, now, &session.actor, "factor.confirm", person, &json!({ "other_sessions": ended }))
        .await?;
    tx.commit().await?;
    app.turn_away(collab::Whose::Person(person));
    Ok(codes)
}

/// New recovery codes in place of the old ones; they cannot be shown again.
pub async fn renew_codes(app: &App, session: &Session) -> Result<Vec<String>> {
    sign_in::proof::recent(session, app.now())?;
    let mut tx = app.write(&session.actor, Action::Read).await?;
    let person = session.person.id;
    if factors::of(&mut tx, person).await?.is_none_or(|factor| factor.confirmed_at.is_none()) {
        return Err(Error::NotFound);
    }
    let codes = renew(app, &mut tx, person).await?;
    record(&mut tx, app.now(), &session.actor, "factor.renew_codes", person, &json!({})).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Removes one's second factor.
pub async fn remove(app: &App, session: &Session) -> Result<()> {
    sign_in::proof::recent(session, app.now())?;
    let mut tx = app.write(&session.actor, Action::Read).await?;
    take_away(app, &mut tx, &session.actor, session.person.id).await?;
    Ok(tx.commit().await?)
}

/// Removes the second factor and the passkeys of somebody who lost their devices, and ends their sessions.
pub async fn reset(app: &App, actor: &Actor, person: PersonId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    people::here(&mut tx, actor, person).await?;
    let had = factors::remove(&mut tx, person).await?;
    crate::secrets::forget(&mut tx, &name(person)).await?;
    let passkeys = store::passkeys::remove_all_of(&mut tx, person).await?;
    let sessions = store::sessions::end_all_of(&mut tx, person).await?;
    let detail = json!({ "codes": had, "passkeys": passkeys, "sessions": sessions });
    mail::notice(app, &mut tx, person, mail::Change::FactorRemoved).await?;
    record(&mut tx, app.now(), actor, "factor.reset", person, &detail).await?;
    tx.commit().await?;
    app.turn_away(collab::Whose::Person(person));
    Ok(())
}

/// Asks for a second factor from a role on. People of such a role who have none can do nothing else before they
/// set one up; tokens and single sign-on are not touched.
pub async fn ask_from(app: &App, actor: &Actor, role: Option<Role>) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    factors::ask_from(&mut tx, role).await?;
    record(&mut tx, app.now(), actor, "factor.ask_from", "workspace", &json!({ "role": role })).await?;
    tx.commit().await?;
    app.turn_away(collab::Whose::Everybody);
    Ok(())
}

/// What a code is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It is the one that the device shows now, or a recovery code; it is used up.
    Right,
    /// It would be, had it not been used before.
    Again,
    Wrong,
}

/// Lets whoever has the code that the device shows now, or a recovery code, go on in the same transaction; either is used
/// up by it. A code that is good now and was used before may have been looked at by somebody else: that is noted, and
/// its owner is told (ASVS 2.8.5).
///
/// # Errors
/// [`wrong_code`] for every other code, in the same words.
pub(crate) async fn require(app: &App, mut tx: Tx, person: PersonId, code: &str, now: Instant) -> Result<Tx> {
    match worth(app, &mut tx, person, code, now).await? {
        Worth::Right => Ok(tx),
        Worth::Wrong => Err(wrong_code()),
        Worth::Again => {
            tracing::warn!(%person, "a one-time code came a second time");
            mail::notice(app, &mut tx, person, mail::Change::CodeAgain).await?;
            record(&mut tx, now, &Actor::installation(), "factor.code_again", person, &json!({})).await?;
            tx.commit().await?;
            Err(wrong_code())
        }
    }
}

async fn worth(app: &App, tx: &mut Tx, person: PersonId, code: &str, now: Instant) -> Result<Worth> {
    let Some(factor) = factors::of(tx, person).await?.filter(|factor| factor.confirmed_at.is_some()) else {
        return Ok(Worth::Wrong);
    };
    let secret = sealed(app, tx, person).await?;
    let (newer, any) =
        (totp::step_of(&secret, code, factor.last_step, now), totp::step_of(&secret, code, i64::MIN, now));
    if let Some(step) = newer {
        // Another node may have taken it at this moment.
        return Ok(if factors::use_step(tx, person, step).await? { Worth::Right } else { Worth::Again });
    }
    if any.is_some() {
        return Ok(Worth::Again);
    }
    let used = factors::use_code(tx, person, digest_of(person, code), now).await?;
    Ok(if used { Worth::Right } else { Worth::Wrong })
}

/// Slows down whoever tries codes, per person and per place.
pub(crate) fn slow_down(app: &App, person: PersonId, place: &str, now: Instant) -> Result<()> {
    app.sign_ins().allow(&format!("code of {person}"), place, now)
}

pub(crate) fn wrong_code() -> Error {
    Error::invalid("code", "This code is not good now. Codes change every 30 seconds and work once.")
}

async fn take_away(app: &App, tx: &mut Tx, actor: &Actor, person: PersonId) -> Result<()> {
    if !factors::remove(tx, person).await? {
        return Err(Error::NotFound);
    }
    crate::secrets::forget(tx, &name(person)).await?;
    mail::notice(app, tx, person, mail::Change::FactorRemoved).await?;
    record(tx, app.now(), actor, "factor.remove", person, &json!({})).await
}

async fn renew(app: &App, tx: &mut Tx, person: PersonId) -> Result<Vec<String>> {
    let now = app.now();
    let codes: Vec<String> = (0..CODES).map(|_| written(&app.random::<CODE>())).collect();
    let kept: Vec<_> =
        codes.iter().map(|code| (TokenId::new(now, app.random()), digest_of(person, code))).collect();
    factors::renew_codes(tx, person, &kept).await?;
    Ok(codes)
}

/// Four groups of four, in small letters, because people copy them by hand.
fn written(chance: &[u8; CODE]) -> String {
    let text = totp::base32(chance).to_lowercase();
    let groups: Vec<&str> =
        (0..text.len()).step_by(4).map(|at| &text[at..(at + 4).min(text.len())]).collect();
    groups.join("-")
}

/// However it is typed, with or without signs between, and bound to its person.
fn digest_of(person: PersonId, code: &str) -> domain::evidence::Digest32 {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    secret::digest(&format!("recovery {person} {}", plain.to_lowercase()))
}

async fn sealed(app: &App, tx: &mut Tx, person: PersonId) -> Result<Vec<u8>> {
    let opened = crate::secrets::open(app, tx, &name(person)).await?.ok_or(Error::NotFound)?;
    Ok(opened.bytes().to_vec())
}

fn name(person: PersonId) -> String {
    format!("second-factor/{person}")
}
