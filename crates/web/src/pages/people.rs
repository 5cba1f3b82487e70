//! People of the workspace: who is there, inviting, roles, closing accounts.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id},
};
use app::{Error, people};
use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use domain::{
    PersonId, TokenId,
    person::{Person, Role},
};

#[derive(Template)]
#[template(path = "people/list.html")]
struct PeoplePage {
    frame: Frame,
    done: Option<&'static str>,
    /// What was refused about a person in the list.
    refused: Option<String>,
    form: Kept,
    /// The link of somebody who was just invited; it cannot be shown again.
    link: Option<String>,
    people: Vec<Person>,
    /// Invitations that nobody used yet; only administrators see them.
    invited: Vec<people::Invited>,
    /// Whether invitations are sent by mail.
    mail: bool,
    me: PersonId,
    roles: [Role; 3],
}

#[derive(Default)]
struct Parts {
    status: StatusCode,
    done: Option<&'static str>,
    refused: Option<String>,
    form: Kept,
    link: Option<String>,
}

/// What a role may do, in the fewest words.
pub(super) fn role_words(role: &Role) -> &'static str {
    match role {
        Role::Reader => "reads",
        Role::Member => "reads and writes",
        Role::Administrator => "looks after the place",
    }
}

/// Everybody.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let done = match asked.text("done") {
        "role" => Some("The new role counts from the next click on."),
        "closed" => Some("The account is closed and its sessions have ended. What the person wrote stays."),
        "factor" => Some("Second factor and passkeys are removed and the sessions have ended."),
        "invitation" => Some("The invitation has ended. Its link opens nothing any more."),
        "invited" => Some("The invitation is on its way to the address you gave."),
        _ => None,
    };
    page(&state, &visitor, Parts { done, ..Parts::default() }).await
}

/// Invites somebody and shows the link, this once.
pub(crate) async fn invite(state: State, visitor: Visitor, headers: HeaderMap, sent: Submitted) -> Answer {
    let act = async {
        let role = role(&sent)?;
        people::invite(&state.app, visitor.actor(), sent.text("name"), sent.text("email"), role).await
    };
    let parts = match act.await {
        // The letter brings a link of its own, which takes the place of this one.
        Ok(_) if app::mail::is_set(&state.app) => return go("/settings/people?done=invited"),
        Ok(token) => {
            let link = state.settings.absolute(&headers, &urls::link(&token));
            Parts { link: Some(link), ..Parts::default() }
        }
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            Parts { status, form, ..Parts::default() }
        }
    };
    let mut answer = page(&state, &visitor, parts).await?;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Gives somebody another role.
pub(crate) async fn set_role(
    state: State,
    visitor: Visitor,
    Id(person): Id<PersonId>,
    sent: Submitted,
) -> Answer {
    visitor.proved(&state)?;
    let act = async { people::set_role(&state.app, visitor.actor(), person, role(&sent)?).await };
    changed(&state, &visitor, act.await, "/settings/people?done=role").await
}

/// Closes an account.
pub(crate) async fn deactivate(state: State, visitor: Visitor, Id(person): Id<PersonId>) -> Answer {
    visitor.proved(&state)?;
    let result = people::deactivate(&state.app, visitor.actor(), person).await;
    changed(&state, &visitor, result, "/settings/people?done=closed").await
}

/// Removes second factor and passkeys of somebody who lost their devices.
pub(crate) async fn reset_factor(state: State, visitor: Visitor, Id(person): Id<PersonId>) -> Answer {
    visitor.proved(&state)?;
    let result = app::factor::reset(&state.app, visitor.actor(), person).await;
    changed(&state, &visitor, result, "/settings/people?done=factor").await
}

/// Ends an invitation that nobody used yet.
pub(crate) async fn end_invitation(state: State, visitor: Visitor, Id(id): Id<TokenId>) -> Answer {
    people::end_invitation(&state.app, visitor.actor(), id).await?;
    go("/settings/people?done=invitation")
}

async fn changed(state: &State, visitor: &Visitor, result: Result<(), Error>, to: &str) -> Answer {
    match result {
        Ok(()) => go(to),
        Err(Error::Conflict { message, .. }) => {
            let refused = Some(message);
            page(state, visitor, Parts { status: StatusCode::CONFLICT, refused, ..Parts::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

fn role(sent: &Submitted) -> Result<Role, Error> {
    Role::from_key(sent.text("role")).ok_or(Error::invalid("role", "Choose one of the three roles."))
}

async fn page(state: &State, visitor: &Visitor, parts: Parts) -> Answer {
    let administers = domain::access::allowed(visitor.actor(), domain::access::Action::Administer);
    let invited =
        if administers { people::invitations(&state.app, visitor.actor()).await? } else { Vec::new() };
    let template = PeoplePage {
        frame: visitor.frame("People", Room::Settings),
        done: parts.done,
        refused: parts.refused,
        form: parts.form,
        link: parts.link,
        people: people::list(&state.app, visitor.actor()).await?,
        invited,
        mail: app::mail::is_set(&state.app),
        me: visitor.session.person.id,
        roles: Role::ALL,
    };
    html::with(parts.status, &template)
}
