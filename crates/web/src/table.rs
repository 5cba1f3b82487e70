//! The table of routes: no address without a rule, and the guard that keeps it.

use crate::{
    error::{Failure, Problem, dress},
    headers, metrics, origin,
    render::{Asked, Frame},
    repeats,
    session::{self, Bearer, Surroundings},
    state::State,
    urls,
};
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, FromRequestParts, Request},
    handler::Handler,
    http::{HeaderValue, Method, StatusCode, header::HeaderName, request::Parts},
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use domain::access::{self, Action, Actor};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody, signed in or not.
    Open,
    /// Whoever is signed in (or has a token, below `/api/`) and may do this.
    May(Action),
    /// Whoever may do this with the incident whose `{number}` stands in the address: by their role, or by what
    /// they are to that incident. For others it is asked whether they see it, so that absent and hidden are the
    /// same.
    Here(Action),
    /// Whoever may do this by their role, or could by some part in some incident. Which incident it is about, only
    /// what the act loads tells; the act asks.
    Somewhere(Action),
}

/// Everybody.
pub(crate) const OPEN: Rule = Rule::Open;
/// Whoever reads.
pub(crate) const READ: Rule = Rule::May(Action::Read);
/// Whoever writes.
pub(crate) const WRITE: Rule = Rule::May(Action::Write);
/// Whoever writes in the incident of the address.
pub(crate) const WRITE_HERE: Rule = Rule::Here(Action::Write);
/// Whoever writes in the incident of what the address names.
pub(crate) const WRITE_SOMEWHERE: Rule = Rule::Somewhere(Action::Write);
/// Whoever publishes its post-mortem.
pub(crate) const PUBLISH_HERE: Rule = Rule::Here(Action::Publish);
/// Whoever chooses who sees it.
pub(crate) const NARROW_HERE: Rule = Rule::Here(Action::Narrow);
/// Whoever can look into what was narrowed to others.
pub(crate) const LOOK_INTO: Rule = Rule::May(Action::LookInto);
/// Whoever brings records in.
pub(crate) const IMPORT: Rule = Rule::May(Action::Import);
/// Whoever brings records into the incident of the address.
pub(crate) const IMPORT_HERE: Rule = Rule::Here(Action::Import);
/// Whoever has brought records in, into an incident at least.
pub(crate) const IMPORT_SOMEWHERE: Rule = Rule::Somewhere(Action::Import);
/// Whoever looks after people and the workspace.
pub(crate) const ADMINISTER: Rule = Rule::May(Action::Administer);

/// How long a route may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Half a minute, and bodies of 1 MiB.
    Quick,
    /// As long as bytes come, and bodies as large as uploads may be.
    Upload,
    /// As long as it lives.
    Socket,
}

const QUICK: Duration = Duration::from_secs(30);

/// Bytes of a form or a JSON body.
pub(crate) const BODY_LIMIT: usize = 1 << 20;

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The method.
    pub method: Method,
    /// The address, with `{parts}`.
    pub path: &'static str,
    /// Who may use it.
    pub rule: Rule,
}

/// Routes with their rules.
#[derive(Debug, Default)]
pub(crate) struct Table {
    router: Router<State>,
    rows: Vec<Row>,
}

impl Table {
    /// A page or a fragment.
    pub(crate) fn get<H: Handler<T, State>, T: 'static>(
        self,
        rule: Rule,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::GET, Pace::Quick, rule, path, on(MethodFilter::GET, handler))
    }

    /// A change.
    pub(crate) fn post<H: Handler<T, State>, T: 'static>(
        self,
        rule: Rule,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::POST, Pace::Quick, rule, path, on(MethodFilter::POST, handler))
    }

    /// A value put in place of another.
    pub(crate) fn put<H: Handler<T, State>, T: 'static>(
        self,
        rule: Rule,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::PUT, Pace::Quick, rule, path, on(MethodFilter::PUT, handler))
    }

    /// A change of some members.
    pub(crate) fn patch<H: Handler<T, State>, T: 'static>(
        self,
        rule: Rule,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::PATCH, Pace::Quick, rule, path, on(MethodFilter::PATCH, handler))
    }

    /// A large body, read as it comes.
    pub(crate) fn upload<H: Handler<T, State>, T: 'static>(
        self,
        rule: Rule,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::POST, Pace::Upload, rule, path, on(MethodFilter::POST, handler))
    }

    /// A socket.
    pub(crate) fn socket<H: Handler<T, State>, T: 'static>(
        self,
        rule: Rule,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.add(Method::GET, Pace::Socket, rule, path, on(MethodFilter::GET, handler))
    }

    fn add(
        mut self,
        method: Method,
        pace: Pace,
        rule: Rule,
        path: &'static str,
        handler: MethodRouter<State>,
    ) -> Self {
        let limit = if pace == Pace::Upload {
            DefaultBodyLimit::disable()
        } else {
            DefaultBodyLimit::max(BODY_LIMIT)
        };
        let asked_by = method.clone();
        let guarded = handler.layer(limit).layer(from_fn(move |request, next| {
            let guarded = move |request| guard(rule, pace, request, next);
            metrics::timed(asked_by.clone(), path, request, guarded)
        }));
        self.router = self.router.route(path, guarded);
        self.rows.push(Row { method, path, rule });
        self
    }

    /// The table's lines, for tests that try each of them.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The router, with every line guarded.
    pub(crate) fn into_router(self, state: State) -> Router {
        let state_for_outside = state.clone();
        self.router
            .with_state(state.clone())
            .layer(from_fn(move |request, next| outside(state_for_outside.clone(), request, next)))
            .layer(Extension(state))
    }
}

/// What the rule says about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Come in.
    Pass,
    /// Say who you are first.
    SignIn,
    /// Your role does not allow it.
    Forbidden,
    /// Your role does not allow it, but what you are to the incident of the address might.
    AskThere(Action),
    /// Set up the second factor that is asked for first.
    Enrol,
}

/// Applies the rule to whoever asks.
pub(crate) fn judge(rule: Rule, who: Option<&Actor>) -> Verdict {
    match (rule, who) {
        (Rule::Open, _) => Verdict::Pass,
        (Rule::May(_) | Rule::Here(_) | Rule::Somewhere(_), None) => Verdict::SignIn,
        (Rule::May(action) | Rule::Here(action), Some(actor)) if access::allowed(actor, action) => {
            Verdict::Pass
        }
        (Rule::Somewhere(action), Some(actor)) if access::could(actor, action) => Verdict::Pass,
        (Rule::Here(action), Some(actor)) if access::could(actor, action) => Verdict::AskThere(action),
        (Rule::May(_) | Rule::Here(_) | Rule::Somewhere(_), Some(_)) => Verdict::Forbidden,
    }
}

/// Stands before each handler: finds out who asks, applies the rule, and gives refusals their form.
async fn guard(rule: Rule, pace: Pace, mut request: Request, next: Next) -> Response {
    let Some(state) = request.extensions().get::<State>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let asked = Asked::of(request.uri().path(), request.headers());
    let mut frame: Option<Frame> = None;
    let mut who: Option<Actor> = None;
    let mut once: Option<Actor> = None;
    let verdict = if rule == Rule::Open {
        Verdict::Pass
    } else if asked == Asked::Json {
        match session::caller(&state, request.headers()).await {
            Ok(caller) => {
                let verdict = judge(rule, caller.as_ref().map(|caller| &caller.0));
                who = caller.as_ref().map(|caller| caller.0.clone());
                if pace == Pace::Quick && repeats::asked_for(request.method(), request.headers()) {
                    once = caller.as_ref().map(|caller| caller.0.clone());
                }
                request.extensions_mut().extend(caller.map(into_extension).unwrap_or_default());
                verdict
            }
            Err(failure) => return failure.into_response(),
        }
    } else {
        let incident = urls::number_in(request.uri().path());
        match session::visitor_at(&state, request.headers(), incident).await {
            Ok(visitor) => {
                let enrols = visitor.as_ref().is_some_and(|visitor| visitor.session.must_enrol);
                let verdict = if enrols && !leads_to_a_factor(request.uri().path()) {
                    Verdict::Enrol
                } else {
                    judge(rule, visitor.as_ref().map(session::Visitor::actor))
                };
                who = visitor.as_ref().map(|visitor| visitor.actor().clone());
                frame = visitor.as_ref().map(|visitor| visitor.frame("", crate::render::Room::Nowhere));
                request.extensions_mut().extend(visitor.map(into_extension).unwrap_or_default());
                verdict
            }
            Err(error) => return Failure(error).into_response(),
        }
    };
    headers::note_who(who.as_ref());
    let response = match verdict {
        Verdict::Pass => pass(&state, once.as_ref(), pace, request, next).await,
        Verdict::SignIn if pace == Pace::Socket => session::unknown().into_response(),
        Verdict::SignIn => ask_to_sign_in(asked, &request),
        Verdict::Forbidden => Failure(app::Error::Forbidden).into_response(),
        Verdict::AskThere(action) => {
            let (mut parts, body) = request.into_parts();
            match ask_there(&state, &mut parts, who.as_ref(), action).await {
                Ok(()) => pass(&state, once.as_ref(), pace, Request::from_parts(parts, body), next).await,
                Err(failure) => failure.into_response(),
            }
        }
        Verdict::Enrol if asked == Asked::Page => Redirect::to(urls::HOW_ONE_SIGNS_IN).into_response(),
        Verdict::Enrol => Failure(app::Error::Forbidden).into_response(),
    };
    match frame {
        Some(frame) => dress(asked, || frame, response),
        None => response,
    }
}

/// Lets a request in; one that comes again under the same key is answered as before.
async fn pass(state: &State, once: Option<&Actor>, pace: Pace, request: Request, next: Next) -> Response {
    match once {
        Some(actor) => repeats::once(state, actor, request, |request| run(pace, request, next)).await,
        None => run(pace, request, next).await,
    }
}

/// Whether somebody whose role does not allow it may do this with the incident of the address.
async fn ask_there(
    state: &State,
    parts: &mut Parts,
    who: Option<&Actor>,
    action: Action,
) -> Result<(), Failure> {
    let urls::Number(number) = urls::Number::from_request_parts(parts, state).await?;
    let who = who.ok_or(app::Error::Forbidden)?;
    Ok(app::sharing::ask(&state.app, who, number, action).await?)
}

/// What somebody can still do who has to set up a second factor first.
fn leads_to_a_factor(path: &str) -> bool {
    path == "/sign-out" || path == "/settings/proof" || path.starts_with(urls::HOW_ONE_SIGNS_IN)
}

fn into_extension<T: Clone + Send + Sync + 'static>(value: T) -> axum::http::Extensions {
    let mut extensions = axum::http::Extensions::new();
    extensions.insert(value);
    extensions
}

async fn run(pace: Pace, request: Request, next: Next) -> Response {
    let work = app::error::carrying_out(next.run(request));
    if pace != Pace::Quick {
        return work.await;
    }
    match tokio::time::timeout(QUICK, work).await {
        Ok(response) => response,
        Err(_) => Failure(app::Error::Unavailable(
            "This took longer than half a minute and was given up. Look whether it happened before trying again."
                .into(),
        ))
        .into_response(),
    }
}

fn ask_to_sign_in(asked: Asked, request: &Request) -> Response {
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let back = if request.method() == Method::GET { here } else { "/" };
    match asked {
        Asked::Page => Redirect::to(&urls::sign_in(back)).into_response(),
        Asked::Json => session::unknown().into_response(),
        Asked::Fragment => {
            let mut response = session::unknown().into_response();
            let to =
                HeaderValue::from_str(&urls::sign_in("/")).unwrap_or(HeaderValue::from_static("/sign-in"));
            response.headers_mut().insert(HeaderName::from_static("hx-redirect"), to);
            response
        }
    }
}

/// Whether only programs that are no browsers send changes here, and no cookie counts: a product that sends a webhook,
/// whose address is its right, and the provider of single sign-on, whose signature is.
fn is_for_programs(path: &str) -> bool {
    path.starts_with("/hooks/") || path == "/sign-out/provider"
}

/// Stands before everything: changes come from our own pages, a panic harms one request only, and whatever
/// is still undressed gets its form.
async fn outside(state: State, request: Request, next: Next) -> Response {
    let asked = Asked::of(request.uri().path(), request.headers());
    let surroundings = Surroundings::of(&state, request.headers()).await;
    let by_token = asked == Asked::Json && session::bearer(request.headers()) != Bearer::None;
    let hook = is_for_programs(request.uri().path());
    let response = if by_token
        || hook
        || origin::may_change(request.method(), request.headers(), &state.settings)
    {
        let caught = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        caught.unwrap_or_else(|_| Failure(app::Error::internal("a handler panicked")).into_response())
    } else {
        Problem::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "This change did not come from a page of this installation, so nothing was changed. Open the page here and try again.",
        )
        .into_response()
    };
    dress(asked, || surroundings.frame(""), response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{person::Role, scope::Scopes};

    const P: Verdict = Verdict::Pass;
    const F: Verdict = Verdict::Forbidden;

    #[test]
    fn rules_are_kept_for_every_role() {
        let actor = |role| Actor { person: None, name: String::new(), role, scopes: Scopes::ALL };
        for rule in [READ, WRITE, PUBLISH_HERE, NARROW_HERE, LOOK_INTO, ADMINISTER] {
            assert_eq!(judge(rule, None), Verdict::SignIn, "{rule:?}");
        }
        assert_eq!(judge(OPEN, None), Verdict::Pass);
        assert_eq!(judge(WRITE_SOMEWHERE, None), Verdict::SignIn);
        for role in Role::ALL {
            assert_eq!(judge(WRITE_SOMEWHERE, Some(&actor(role))), Verdict::Pass, "{role:?}");
            let reads = actor(role).within(Scopes::NONE);
            assert_eq!(judge(IMPORT_SOMEWHERE, Some(&reads)), Verdict::Forbidden, "{role:?}");
        }
        for (role, verdicts) in [
            (
                Role::Reader,
                [P, F, Verdict::AskThere(Action::Publish), Verdict::AskThere(Action::Narrow), F, F],
            ),
            (Role::Member, [P, P, P, P, F, F]),
            (Role::Administrator, [P; 6]),
        ] {
            let given = [READ, WRITE, PUBLISH_HERE, NARROW_HERE, LOOK_INTO, ADMINISTER]
                .map(|rule| judge(rule, Some(&actor(role))));
            assert_eq!(given, verdicts, "{role:?}");
        }
    }
}
