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
    PersonId,
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
    let act = async { people::set_role(&state.app, visitor.actor(), person, role(&sent)?).await };
    changed(&state, &visitor, act.await, "/settings/people?done=role").await
}

/// Closes an account.
pub(crate) async fn deactivate(state: State, visitor: Visitor, Id(person): Id<PersonId>) -> Answer {
    let result = people::deactivate(&state.app, visitor.actor(), person).await;
    changed(&state, &visitor, result, "/settings/people?done=closed").await
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
    let template = PeoplePage {
        frame: visitor.frame("People", Room::Settings),
        done: parts.done,
        refused: parts.refused,
        form: parts.form,
        link: parts.link,
        people: people::list(&state.app, visitor.actor()).await?,
        me: visitor.session.person.id,
        roles: Role::ALL,
    };
    html::with(parts.status, &template)
}
