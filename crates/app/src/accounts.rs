//! Accounts of those who were there (LAN-07), on top of [`crate::sealed`]: only the author changes one, and the
//! author decides who reads it, from one moment to the next.

use crate::{
    App, Error, Result, reach,
    reports::{self, Report},
    sealed::{self, Audience, Change, Door, Kind, New, Place},
};
use domain::{
    SealedId,
    access::{Action, Actor},
    account::Account,
    incident::IncidentNumber,
};

/// What is told of an incident, and what is kept apart from it, as somebody finds it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The incident's number.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// Accounts that are open to whoever asked, the oldest first.
    pub accounts: Vec<(Place, Account)>,
    /// Passages that are open to them.
    pub passages: Vec<Place>,
    /// What they could open with a reason.
    pub closed: Vec<Place>,
    /// What somebody asked them to look at.
    pub reports: Vec<Report>,
    /// Whether they may tell an account here.
    pub may_tell: bool,
}

/// What is told of an incident. Four statements.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let (mut accounts, mut passages, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for place in sealed::found_in(app, &mut tx, actor, &held).await? {
        match (place.door, place.terms.kind) {
            (Door::Open, Kind::Passage) => passages.push(place),
            (Door::Open, Kind::Account) => {
                let account = place.words.as_ref().map(|words| Account::read(words.text()));
                accounts.push((place, account.unwrap_or_default()));
            }
            _ => closed.push(place),
        }
    }
    let reports = reports::found_in(app, &mut tx, actor, &held).await?;
    Ok(Shown {
        reports,
        number,
        title: held.incident().title.clone(),
        accounts,
        passages,
        closed,
        may_tell: actor.person.is_some() && held.allows(actor, Action::Write),
    })
}

/// Tells an account, in place of one's own earlier one if `id` is given. Whom it is open to holds at once.
pub async fn tell(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    id: Option<SealedId>,
    account: &Account,
    audience: Audience,
) -> Result<SealedId> {
    let words = account.write().into();
    match id {
        None => {
            let new = New { kind: Kind::Account, words, audience, named: Vec::new() };
            sealed::seal(app, actor, number, new).await
        }
        Some(id) => {
            let change = Change { words: Some(words), audience, named: None };
            sealed::change(app, actor, number, id, change).await.map(|()| id)
        }
    }
}

/// An account of what `said` answers for each part.
pub fn said<'a>(said: impl Fn(&'static str) -> &'a str) -> Result<Account> {
    Account::of(said).map_err(|(part, wrong)| Error::invalid(part, wrong.to_string()))
}
