//! API tokens: of people, with some or all of their rights, and of service accounts.

use crate::{App, Error, Result, jobs, mail, secret, sign_in::record};
use domain::{
    Instant, PersonId, TokenId,
    access::{Action, Actor},
    evidence::Digest32,
    instant::Span,
    person::{Person, Role},
    scope::Scopes,
};
use serde_json::json;
use store::{Tx, people, tokens as table};
pub use table::Token as Row;

/// What the token of a person begins with, so that scanners for leaked secrets know it.
const PERSONAL: &str = "dbp_";
/// What the token of a service account begins with.
const OF_SERVICE: &str = "dbs_";
/// What tokens began with before there were scopes. They had no checksum.
const EARLIER: &str = "debrief_";
/// So many characters follow the prefix; with 62 to choose from, 43 hold 256 bits.
const RANDOM: usize = 43;
/// So many characters of checksum stand at the end.
const CHECKSUM: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// So many good tokens one person or service account can have.
const MOST: usize = 50;
/// So long before its end a token is spoken of.
const TOLD_BEFORE: Span = Span::days(7);
/// The longest life that can be asked for, in days.
const LONGEST_DAYS: i64 = 3 * 366;

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// What it is for, 1 to 100 characters.
    pub label: String,
    /// What it may do at most; at least one scope, none that its maker lacks.
    pub scopes: Scopes,
    /// After how many days it ends by itself, 1 to 1098; `None`: never.
    pub days: Option<i64>,
}

impl<T: AsRef<str> + ?Sized> From<&T> for New {
    /// All that its maker may do, until it is revoked.
    fn from(label: &T) -> Self {
        Self { label: label.as_ref().to_owned(), scopes: Scopes::ALL, days: None }
    }
}

/// One's own tokens, newest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Row>> {
    let mut tx = app.read(actor, Action::Read).await?;
    Ok(table::of(&mut tx, owner(actor)?).await?)
}

/// Makes a token for oneself; answers the secret, which cannot be shown again.
pub async fn create(app: &App, actor: &Actor, new: impl Into<New>) -> Result<String> {
    let new = new.into();
    let mut tx = app.write(actor, Action::Read).await?;
    let secret = add(app, &mut tx, actor, owner(actor)?, new).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Makes a token for a service account; answers the secret, which cannot be shown again.
pub async fn create_for_service(app: &App, actor: &Actor, account: PersonId, new: New) -> Result<String> {
    let mut tx = app.write(actor, Action::Administer).await?;
    if !people::get(&mut tx, account).await?.is_some_and(|person| person.service) {
        return Err(Error::NotFound);
    }
    let secret = add(app, &mut tx, actor, account, new).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Ends a token of one's own.
pub async fn revoke(app: &App, actor: &Actor, id: TokenId) -> Result<()> {
    let mut tx = app.write(actor, Action::Read).await?;
    end(app, &mut tx, actor, owner(actor)?, id).await?;
    Ok(tx.commit().await?)
}

/// Ends a token of a service account.
pub async fn revoke_of_service(app: &App, actor: &Actor, account: PersonId, id: TokenId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    if !people::get(&mut tx, account).await?.is_some_and(|person| person.service) {
        return Err(Error::NotFound);
    }
    end(app, &mut tx, actor, account, id).await?;
    Ok(tx.commit().await?)
}

/// Tells by mail of tokens that end within a week, each once: their owner, or the administrators for a service account.
/// One that was made for a short time is spoken of when half of it is over.
pub(crate) async fn tell_of_ends(app: &App) -> Result<()> {
    if !mail::is_set(app) {
        return Ok(());
    }
    let now = app.now();
    let mut tx = app.db().write().await?;
    let ending = table::ending(&mut tx, now, now.plus(TOLD_BEFORE)).await?;
    let soon = |token: &Row| {
        token
            .ends_at
            .is_some_and(|end| end.since(now).as_micros() <= end.since(token.created_at).as_micros() / 2)
    };
    let ending: Vec<_> = ending.into_iter().filter(|(_, token)| soon(token)).collect();
    if ending.is_empty() {
        return Ok(());
    }
    let everybody = people::all(&mut tx).await?;
    for (whose, token) in ending {
        if !table::told(&mut tx, token.id).await? {
            continue;
        }
        let of_service = everybody.iter().any(|person| person.id == whose && person.service);
        let tells = |person: &&Person| match of_service {
            true => person.role == Role::Administrator && !person.deactivated && !person.service,
            false => person.id == whose,
        };
        for person in everybody.iter().filter(tells) {
            let letter = mail::Letter::TokenEnds { token: token.id, to: person.id };
            jobs::enqueue(app, &mut tx, &jobs::Job::Mail(letter)).await?;
        }
    }
    Ok(tx.commit().await?)
}

async fn add(app: &App, tx: &mut Tx, actor: &Actor, whose: PersonId, new: New) -> Result<String> {
    let (now, label) = (app.now(), new.label.trim());
    if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
        return Err(Error::invalid("label", "A token has a label of 1 to 100 characters."));
    }
    if new.scopes.is_empty() {
        return Err(Error::invalid("scopes", "Choose at least one thing that the token may do."));
    }
    if !new.scopes.within(actor.scopes) {
        return Err(Error::invalid("scopes", "A token cannot make one that may do more than itself."));
    }
    let ends_at = ends_at(now, new.days)?;
    // A token must not outlive an account that is being closed at this moment.
    people::lock(tx).await?;
    let person = people::get(tx, whose).await?.ok_or(Error::NotFound)?;
    if person.deactivated {
        return Err(Error::Forbidden);
    }
    if table::of(tx, whose).await?.len() >= MOST {
        return Err(Error::conflict(
            "There are 50 tokens already. End one that is not needed any more first.",
        ));
    }
    let text = draw(app, if person.service { OF_SERVICE } else { PERSONAL });
    let digest = secret::digest(&text);
    let id = TokenId::new(now, app.random());
    let token =
        table::Token { id, label: label.into(), created_at: now, used_at: None, scopes: new.scopes, ends_at };
    table::add(tx, &token, whose, digest).await?;
    let detail = json!({ "label": label, "scopes": new.scopes.to_string(), "ends_at": ends_at, "of": whose });
    record(tx, now, actor, "token.create", id, &detail).await?;
    Ok(text)
}

async fn end(app: &App, tx: &mut Tx, actor: &Actor, whose: PersonId, id: TokenId) -> Result<()> {
    let now = app.now();
    if !table::revoke(tx, id, whose, now).await? {
        return Err(Error::NotFound);
    }
    record(tx, now, actor, "token.revoke", id, &json!({})).await
}

fn ends_at(now: Instant, days: Option<i64>) -> Result<Option<Instant>> {
    match days {
        None => Ok(None),
        Some(days) if (1..=LONGEST_DAYS).contains(&days) => Ok(Some(now.plus(Span::days(days)))),
        Some(_) => Err(Error::invalid("days", "A token ends after 1 to 1098 days, or not by itself.")),
    }
}

/// The installation itself has no tokens.
fn owner(actor: &Actor) -> Result<PersonId> {
    actor.person.ok_or(Error::Forbidden)
}

/// A secret of letters and digits with a checksum, so that it is one word for everybody and a scanner can tell
/// it from chance.
fn draw(app: &App, prefix: &str) -> String {
    let mut text = prefix.to_owned();
    while text.len() < prefix.len() + RANDOM {
        // Bytes from 248 on would make some characters likelier than others.
        let fair = app.random::<64>().into_iter().filter(|byte| *byte < 248);
        let digits = fair.map(|byte| char::from(DIGITS[usize::from(byte) % DIGITS.len()]));
        let missing = prefix.len() + RANDOM - text.len();
        text.extend(digits.take(missing));
    }
    let checksum = checksum(&text);
    text + &checksum
}

/// Six digits of base 62 from the first four bytes of the SHA-256.
fn checksum(text: &str) -> String {
    let Digest32(sum) = Digest32::of(text.as_bytes());
    let mut number = u32::from_be_bytes([sum[0], sum[1], sum[2], sum[3]]) as usize;
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[number % DIGITS.len()];
        number /= DIGITS.len();
    }
    digits.into_iter().map(char::from).collect()
}

/// Whether a text can be a token at all; what is cut off or mistyped costs no look into the record.
pub(crate) fn has_its_form(token: &str) -> bool {
    if token.starts_with(EARLIER) {
        return true;
    }
    let whole = PERSONAL.len() + RANDOM + CHECKSUM;
    let known = token.starts_with(PERSONAL) || token.starts_with(OF_SERVICE);
    known && token.is_ascii() && token.len() == whole && {
        let (text, sum) = token.split_at(whole - CHECKSUM);
        checksum(text) == sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_tells_tokens_from_chance() {
        let text = format!("{PERSONAL}{}", "a".repeat(RANDOM));
        let token = format!("{text}{}", checksum(&text));
        assert!(has_its_form(&token));
        assert!(has_its_form("debrief_from-before"));
        let mut wrong =
            vec![String::new(), "dbp_".into(), format!("{token}x"), token.replace("dbp_", "dbx_")];
        wrong.extend((0..token.len()).map(|at| token[..at].to_owned()));
        wrong.extend((4..token.len()).map(|at| {
            let other = if &token[at..=at] == "Z" { "Y" } else { "Z" };
            format!("{}{other}{}", &token[..at], &token[at + 1..])
        }));
        wrong.push(token.replacen('a', "é", 1));
        for wrong in wrong {
            assert!(!has_its_form(&wrong), "{wrong}");
        }
    }
}
