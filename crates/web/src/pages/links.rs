//! One-time links: the first set-up, an invitation, a sign-in. Looking never uses a link up, because mail
//! programs and chats look at every address they pass on.

use crate::{
    error::Answer,
    forms::{Kept, Submitted},
    pages::sign_in::come_in,
    render::{Frame, html},
    session::{Surroundings, Whence},
    state::State,
    urls,
};
use app::{
    Error,
    provider::{self, Shown},
    sign_in::{Entered, Link, SetUp},
};
use askama::Template;
use axum::{extract::Path, http::StatusCode};

#[derive(Template)]
#[template(path = "links/set_up.html")]
struct SetUpPage {
    frame: Frame,
    form: Kept,
    action: String,
}

#[derive(Template)]
#[template(path = "links/invitation.html")]
struct InvitationPage {
    frame: Frame,
    form: Kept,
    action: String,
    email: String,
    /// What single sign-on is called, if there is any.
    provider: Option<Shown>,
    enter: String,
}

impl InvitationPage {
    /// Whether a passphrase opens anything here.
    fn has_other_ways(&self) -> bool {
        self.provider.as_ref().is_none_or(|provider| provider.other_ways)
    }
}

#[derive(Template)]
#[template(path = "links/sign_in.html")]
struct SignInPage {
    frame: Frame,
    form: Kept,
    action: String,
    name: String,
}

#[derive(Template)]
#[template(path = "links/gone.html")]
struct GonePage {
    frame: Frame,
}

/// What a link is for, with the form that uses it.
pub(crate) async fn show(state: State, here: Surroundings, Path(token): Path<String>) -> Answer {
    match app::sign_in::look_at_link(&state.app, &token).await {
        Ok(link) => {
            let form = match &link {
                Link::Invitation { name, .. } => Kept::with([("name", name.clone())]),
                Link::SetUp | Link::SignIn { .. } => Kept::default(),
            };
            page(&state, &here, StatusCode::OK, &token, link, form).await
        }
        Err(Error::NotFound) => gone(&here),
        Err(error) => Err(error.into()),
    }
}

/// Uses a link.
pub(crate) async fn use_link(
    state: State,
    here: Surroundings,
    Path(token): Path<String>,
    Whence(device): Whence,
    sent: Submitted,
) -> Answer {
    let link = match app::sign_in::look_at_link(&state.app, &token).await {
        Ok(link) => link,
        Err(Error::NotFound) => return gone(&here),
        Err(error) => return Err(error.into()),
    };
    let entered = match &link {
        Link::SetUp => {
            app::sign_in::set_up(&state.app, &token, answers(&sent), &device).await.map(Entered::In)
        }
        Link::Invitation { .. } => {
            let (name, passphrase) = (sent.text("name"), sent.raw("passphrase"));
            app::sign_in::accept_invitation(&state.app, &token, name, passphrase, &device)
                .await
                .map(Entered::In)
        }
        Link::SignIn { .. } => app::sign_in::use_sign_in_link(&state.app, &token, &device).await,
    };
    match entered {
        Ok(entered) => come_in(&state, &here, entered, urls::HOME),
        Err(Error::NotFound) => gone(&here),
        Err(error) => {
            let (status, kept) = sent.refused(error)?;
            page(&state, &here, status, &token, link, kept).await
        }
    }
}

fn answers(sent: &Submitted) -> SetUp {
    SetUp {
        workspace: sent.text("workspace").to_owned(),
        name: sent.text("name").to_owned(),
        email: sent.text("email").to_owned(),
        passphrase: sent.raw("passphrase").to_owned(),
    }
}

async fn page(
    state: &State,
    here: &Surroundings,
    status: StatusCode,
    token: &str,
    link: Link,
    form: Kept,
) -> Answer {
    let action = urls::link(token);
    match link {
        Link::SetUp => html::with(status, &SetUpPage { frame: here.frame("Set up"), form, action }),
        Link::Invitation { email, .. } => {
            let provider = provider::shown(&state.app).await?;
            let enter = urls::enter_by_provider(urls::HOME);
            let frame = here.frame("Your account");
            html::with(status, &InvitationPage { frame, form, action, email, provider, enter })
        }
        Link::SignIn { name } => {
            html::with(status, &SignInPage { frame: here.frame("Sign in"), form, action, name })
        }
    }
}

/// Unknown, used and outdated links look alike.
fn gone(here: &Surroundings) -> Answer {
    html::with(StatusCode::NOT_FOUND, &GonePage { frame: here.frame("This link is over") })
}
