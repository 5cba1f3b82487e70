//! Mail: links to sign in and to join, and a word when something about an account changed.
//!
//! A letter is a job: it is asked for by the transaction of the act it follows, and sent by whichever node takes
//! it up. What waits in the queue holds no secret; a link is drawn when its letter is written.

mod writing;

use crate::{
    App, Error, Result,
    jobs::Then,
    secret,
    sign_in::{self, add_link},
};
use domain::{Instant, PersonId, TokenId, access::Actor, instant::Span, person::Email};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{fmt, time::Duration};
use store::{
    links::{self, Purpose},
    people,
};
pub(crate) use writing::Written;

/// For so long a link that was asked for by mail is good, from the moment its letter is written (ASVS 2.7.2).
pub const LINK: Span = Span::minutes(10);
const PATIENCE: Duration = Duration::from_secs(20);

/// How mail is sent.
#[derive(Clone)]
pub struct Settings {
    /// `smtp://host:port`, with `?tls=required` for STARTTLS, or `smtps://user:password@host:port`.
    pub smtp_url: String,
    /// Whom letters come from, for instance `Debrief <debrief@larkfare.example>`.
    pub from: String,
    /// The address under which people reach the pages; links in letters begin with it.
    pub public_url: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of the server may hold a password.
        f.debug_struct("Settings").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Why mail cannot be sent as it is set. The text is for whoever starts the installation.
#[derive(Debug, thiserror::Error)]
#[error("Mail cannot be sent as it is set: {0}.")]
pub struct NotSet(String);

/// Sends letters.
#[derive(Clone)]
pub(crate) struct Mailer {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    base: String,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    pub(crate) fn new(settings: &Settings) -> std::result::Result<Self, NotSet> {
        let from = settings.from.parse().map_err(|_| NotSet("mail_from is no address".into()))?;
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.smtp_url)
            .map_err(|error| {
                let no_roots = "the system has no certificates to know the server by (ca-certificates)";
                let no_address = "smtp_url is no address of a mail server";
                NotSet(if error.is_tls() { no_roots } else { no_address }.into())
            })?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { server, from, base: settings.public_url.trim_end_matches('/').to_owned() })
    }

    async fn send(&self, to: &str, name: Option<&str>, written: Written) -> Result<()> {
        let address = to.parse().map_err(Error::internal)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name.map(writing::in_head), address))
            .subject(written.subject)
            .multipart(MultiPart::alternative_plain_html(written.text, written.html))
            .map_err(Error::internal)?;
        // What a server says may name the address; the log has no need of it.
        let sent = self.server.send(message).await;
        sent.map(drop).map_err(|error| {
            let sort = if error.is_permanent() { "refused the letter" } else { "cannot be reached now" };
            tracing::warn!(
                permanent = error.is_permanent(),
                timeout = error.is_timeout(),
                "mail was not sent"
            );
            Error::Unavailable(format!("The mail server {sort}."))
        })
    }
}

/// A letter to be written. It waits in the record, so nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// A link to sign in, if somebody has this address. Whether anybody has shows nowhere.
    SignIn {
        /// What was typed.
        email: String,
    },
    /// An invitation that was made.
    Invitation {
        /// Which one.
        link: TokenId,
    },
    /// Something about an account changed, perhaps by somebody else.
    Notice {
        /// Whose account.
        person: PersonId,
        /// What changed.
        change: Change,
        /// When.
        at: Instant,
    },
    /// A token ends soon.
    TokenEnds {
        /// Which one.
        token: TokenId,
        /// Who is told: its owner, or an administrator.
        to: PersonId,
    },
    /// An administrator opened what somebody had sealed.
    Opened {
        /// Which opening.
        opening: uuid::Uuid,
    },
    /// Whoever leads a debrief moved out what somebody wrote.
    MovedOut {
        /// Where it is sealed.
        place: uuid::Uuid,
    },
}

/// What changed about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A sign-in from a browser that was not seen before.
    NewDevice,
    /// Another passphrase.
    Passphrase,
    /// A passkey was added.
    Passkey,
    /// A second factor was set up.
    FactorSet,
    /// The second factor was removed.
    FactorRemoved,
    /// A one-time code came a second time, and was refused.
    CodeAgain,
}

/// Whether letters are sent at all.
pub fn is_set(app: &App) -> bool {
    app.mailer().is_some()
}

/// Asks for a link to sign in to be sent to an address. Takes the same time and does the same whoever has it.
/// Many are slowed down ([`Error::Slowed`]).
pub async fn ask_for_link(app: &App, email: &str, device: &sign_in::Device) -> Result<()> {
    if !is_set(app) {
        return Err(Error::conflict("This installation sends no mail. Whoever runs it can make you a link."));
    }
    let email: Email = email.parse().map_err(|refused| sign_in::not_accepted("email", &refused))?;
    app.sign_ins().allow(&format!("link to {email}"), &device.address, app.now())?;
    let mut tx = app.db().write().await?;
    crate::provider::refuse_other_ways(&mut tx).await?;
    let letter = Letter::SignIn { email: email.to_string() };
    crate::jobs::enqueue(app, &mut tx, &crate::jobs::Job::Mail(letter)).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks for a notice in the transaction of the change; nothing where no mail is sent.
pub(crate) async fn notice(app: &App, tx: &mut store::Tx, person: PersonId, change: Change) -> Result<()> {
    if is_set(app) {
        let letter = Letter::Notice { person, change, at: app.now() };
        crate::jobs::enqueue(app, tx, &crate::jobs::Job::Mail(letter)).await?;
    }
    Ok(())
}

/// Writes and sends a letter.
pub(crate) async fn deliver(app: &App, letter: &Letter) -> Result<Then> {
    let Some(mailer) = app.mailer() else {
        return Ok(Then::Never("No mail server is set any more.".into()));
    };
    let place = app.workspace().name;
    let letter_to = match letter {
        Letter::SignIn { email } => sign_in_letter(app, mailer, email, &place).await?,
        Letter::Invitation { link } => invitation(app, mailer, *link, &place).await?,
        Letter::Notice { person, change, at } => {
            let person = people::get(&mut app.db().read().await?, *person).await?;
            person.map(|person| {
                let base = format!("{}/settings/sessions", mailer.base);
                let written = writing::notice(&place, *change, *at, &base);
                (person.email.to_string(), Some(person.name.to_string()), written)
            })
        }
        Letter::TokenEnds { token, to } => token_ends(app, mailer, *token, *to, &place).await?,
        Letter::Opened { opening } => opened(app, mailer, *opening, &place).await?,
        Letter::MovedOut { place: sealed } => moved_out(app, mailer, *sealed, &place).await?,
    };
    if let Some((to, name, written)) = letter_to {
        mailer.send(&to, name.as_deref(), written).await?;
    }
    Ok(Then::Done)
}

type Addressed = (String, Option<String>, Written);

async fn sign_in_letter(app: &App, mailer: &Mailer, email: &str, place: &str) -> Result<Option<Addressed>> {
    let Ok(email) = email.parse::<Email>() else { return Ok(None) };
    let mut tx = app.db().write().await?;
    let person = people::by_email(&mut tx, &email).await?.map(|account| account.person);
    let Some(person) = person.filter(sign_in::may_enter) else { return Ok(None) };
    let now = app.now();
    let (_, token) = add_link(app, &mut tx, Purpose::SignIn(person.id), now, LINK).await?;
    let detail = json!({ "by": "mail" });
    sign_in::record(&mut tx, now, &Actor::installation(), "link.sign_in", person.id, &detail).await?;
    tx.commit().await?;
    let written = writing::sign_in(place, &format!("{}/links/{token}", mailer.base));
    Ok(Some((person.email.to_string(), Some(person.name.to_string()), written)))
}

async fn token_ends(
    app: &App,
    mailer: &Mailer,
    token: TokenId,
    to: PersonId,
    place: &str,
) -> Result<Option<Addressed>> {
    let mut tx = app.db().read().await?;
    // Revoked or over by now: there is nothing to renew.
    let Some((whose, token)) = store::tokens::get(&mut tx, token).await? else { return Ok(None) };
    let Some(ends_at) = token.ends_at.filter(|end| *end > app.now()) else { return Ok(None) };
    let (Some(to), Some(whose)) = (people::get(&mut tx, to).await?, people::get(&mut tx, whose).await?)
    else {
        return Ok(None);
    };
    let of = whose.service.then(|| whose.name.as_str());
    let page = if of.is_some() { "service-accounts" } else { "tokens" };
    let written =
        writing::token_ends(place, &token.label, of, ends_at, &format!("{}/settings/{page}", mailer.base));
    Ok(Some((to.email.to_string(), Some(to.name.to_string()), written)))
}

/// To whoever sealed it; what was sealed is not in the letter.
async fn opened(app: &App, mailer: &Mailer, opening: uuid::Uuid, place: &str) -> Result<Option<Addressed>> {
    let mut tx = app.db().read().await?;
    let Some((author, number, opening)) = store::sealed::told_of(&mut tx, opening).await? else {
        return Ok(None);
    };
    let author = people::get(&mut tx, author).await?;
    Ok(author.map(|author| {
        let address = format!("{}/incidents/{number}/accounts", mailer.base);
        let written = writing::opened(place, &number.to_string(), &opening, &address);
        (author.email.to_string(), Some(author.name.to_string()), written)
    }))
}

/// To whoever wrote it; what they wrote is not in the letter.
async fn moved_out(app: &App, mailer: &Mailer, sealed: uuid::Uuid, place: &str) -> Result<Option<Addressed>> {
    let mut tx = app.db().read().await?;
    let Some((author, number)) = store::sealed::author_of(&mut tx, domain::SealedId(sealed)).await? else {
        return Ok(None);
    };
    let author = people::get(&mut tx, author).await?;
    Ok(author.map(|author| {
        let address = format!("{}/incidents/{number}/accounts", mailer.base);
        let written = writing::moved_out(place, &number.to_string(), &address);
        (author.email.to_string(), Some(author.name.to_string()), written)
    }))
}

async fn invitation(app: &App, mailer: &Mailer, link: TokenId, place: &str) -> Result<Option<Addressed>> {
    let mut tx = app.db().write().await?;
    let drawn = secret::draw(app, "");
    // Ended, used or outdated by now: there is nothing to send.
    let Some(purpose) = links::renew(&mut tx, link, drawn.digest, app.now()).await? else { return Ok(None) };
    let Purpose::Invitation { email, name, .. } = purpose else { return Ok(None) };
    tx.commit().await?;
    let written = writing::invitation(place, name.as_str(), &format!("{}/links/{}", mailer.base, drawn.text));
    Ok(Some((email.to_string(), Some(name.to_string()), written)))
}
