//! Settings of single sign-on: which provider, who comes in by it, and as what.

use super::provider::addresses;
use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
};
use app::{
    Error,
    provider::{self, Change, Overview, Provider},
    sign_in::How,
};
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use domain::{group_roles::GroupRoles, person::Role};

#[derive(Template)]
#[template(path = "settings/single_sign_on.html")]
struct SingleSignOnPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    /// What the provider must know of this place.
    addresses: [(&'static str, String); 3],
    /// What it is called now; none: there is no provider.
    label: Option<String>,
    linked: i64,
    /// Whether the settings of the installation say how it is.
    configured: bool,
    /// Whether changes can be made now without proving first who one is.
    proved: bool,
    /// Whether the visitor came by it, so that the other ways in may be closed.
    came_by_it: bool,
}

/// How it is set.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    headers: HeaderMap,
    Asking(asked): Asking,
) -> Answer {
    let done = match asked.text("done") {
        "set" => Some("Saved. Whoever signs in next does it in this way."),
        "removed" => Some("Removed. Whoever came in by it stays until their session ends."),
        "forgotten" => Some("Forgotten. At their next sign-in people are found by their address again."),
        _ => None,
    };
    page(&state, &visitor, &headers, StatusCode::OK, None, done).await
}

/// Sets it.
pub(crate) async fn set(state: State, visitor: Visitor, headers: HeaderMap, sent: Submitted) -> Answer {
    visitor.proved(&state)?;
    let act = async {
        let change = Change { provider: wanted(&sent)?, secret: sent.text("secret").to_owned() };
        provider::set(&state.app, &visitor.session, change).await
    };
    match act.await {
        Ok(()) => go("/settings/single-sign-on?done=set"),
        Err(error) => {
            let (status, mut kept) = sent.refused(error)?;
            // Secrets do not go back into a page.
            kept = kept.and("secret", String::new());
            if status == StatusCode::CONFLICT {
                let now = provider::overview(&state.app, visitor.actor()).await?.provider;
                kept = kept.and("revision", now.map_or(0, |now| now.revision).to_string());
            }
            page(&state, &visitor, &headers, status, Some(kept), None).await
        }
    }
}

/// Removes it.
pub(crate) async fn remove(state: State, visitor: Visitor) -> Answer {
    visitor.proved(&state)?;
    provider::remove(&state.app, visitor.actor()).await?;
    go("/settings/single-sign-on?done=removed")
}

/// Forgets who people are to it.
pub(crate) async fn forget_links(state: State, visitor: Visitor) -> Answer {
    visitor.proved(&state)?;
    provider::forget_links(&state.app, visitor.actor()).await?;
    go("/settings/single-sign-on?done=forgotten")
}

/// What the form says.
fn wanted(sent: &Submitted) -> Result<Provider, Error> {
    let mut roles = GroupRoles::default();
    let fields =
        [(Role::Administrator, "administrators"), (Role::Member, "members"), (Role::Reader, "readers")];
    for (role, field) in fields {
        provider::name_groups(&mut roles, role, sent.text(field))?;
    }
    provider::let_others_be(&mut roles, sent.text("others"))?;
    Ok(Provider {
        label: sent.text("label").to_owned(),
        issuer: sent.text("issuer").to_owned(),
        client: sent.text("client").to_owned(),
        scopes: sent.text("scopes").to_owned(),
        groups_claim: sent.text("groups_claim").to_owned(),
        roles,
        newcomers: sent.text("newcomers") == "yes",
        other_ways: sent.text("other_ways") != "no",
        revision: sent.value("revision", "This page is too old. Load it again.")?,
    })
}

/// What is set now, as the form has it.
fn form(provider: Option<&Provider>) -> Kept {
    let nothing = GroupRoles::default();
    let roles = provider.map_or(&nothing, |provider| &provider.roles);
    let lines = |role| roles.of(role).join("\n");
    let of =
        |field: fn(&Provider) -> &str| provider.map_or(String::new(), |provider| field(provider).to_owned());
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    Kept::with([
        ("label", of(|provider| &provider.label)),
        ("issuer", of(|provider| &provider.issuer)),
        ("client", of(|provider| &provider.client)),
        ("scopes", provider.map_or(provider::SCOPES.to_owned(), |provider| provider.scopes.clone())),
        ("groups_claim", provider.map_or("groups".to_owned(), |provider| provider.groups_claim.clone())),
        ("administrators", lines(Role::Administrator)),
        ("members", lines(Role::Member)),
        ("readers", lines(Role::Reader)),
        ("others", roles.others().map_or("", Role::key).to_owned()),
        ("newcomers", yes(provider.is_some_and(|provider| provider.newcomers))),
        ("other_ways", yes(provider.is_none_or(|provider| provider.other_ways))),
        ("revision", provider.map_or(0, |provider| provider.revision).to_string()),
    ])
}

async fn page(
    state: &State,
    visitor: &Visitor,
    headers: &HeaderMap,
    status: StatusCode,
    kept: Option<Kept>,
    done: Option<&'static str>,
) -> Answer {
    let Overview { provider, linked, configured } = provider::overview(&state.app, visitor.actor()).await?;
    let template = SingleSignOnPage {
        frame: visitor.frame("Single sign-on", Room::Settings),
        done,
        form: kept.unwrap_or_else(|| form(provider.as_ref())),
        addresses: addresses(&state.settings, headers),
        label: provider.map(|provider| provider.label),
        linked,
        configured,
        proved: visitor.proved(state).is_ok(),
        came_by_it: visitor.session.how == How::Provider,
    };
    html::with(status, &template)
}
