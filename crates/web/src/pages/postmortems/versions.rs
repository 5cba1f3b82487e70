//! What a post-mortem said earlier: its versions, one of them, what changed between two, and bringing one back.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{Number, Version, Which},
    words::{done, standing, text},
};
use app::{
    versions::{self, History, Listed, Moment},
    withdrawing,
};
use askama::Template;
use axum::http::StatusCode;
use domain::{
    difference,
    document::Live,
    incident::IncidentNumber,
    postmortem::PostmortemState,
    version::{VersionKind, VersionNumber},
};
use exports::{Article, Questions};

#[derive(Template)]
#[template(path = "postmortems/versions.html")]
struct VersionsPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    number: String,
    url: String,
    title: String,
    state: &'static str,
    sign: &'static str,
    since: String,
    newest: i64,
    versions: Vec<Row>,
    /// Passages that left for good, for their authors and administrators: when, and whose.
    withdrawn: Vec<(String, String)>,
}

struct Row {
    version: i64,
    label: String,
    when: String,
    state: &'static str,
    sign: &'static str,
    by: String,
    wrote: String,
}

impl Row {
    fn of(version: &Listed, frame: &Frame) -> Self {
        let names: Vec<&str> = version.writers.iter().map(String::as_str).collect();
        Self {
            version: version.number.0,
            label: label(version),
            when: frame.zone.moment(version.made_at).to_string(),
            state: version.standing.label(),
            sign: standing::class(version.standing),
            by: version.made_by.clone().unwrap_or_default(),
            wrote: if names.is_empty() {
                String::new()
            } else {
                format!("Written by {}", text::listed(&names))
            },
        }
    }
}

/// Why a version was made, in a few words.
fn label(version: &Listed) -> String {
    match &version.kind {
        VersionKind::Named(name) => name.clone(),
        VersionKind::StateChange => match version.standing {
            PostmortemState::Draft if version.number == VersionNumber(1) => {
                "The draft as it began".to_owned()
            }
            PostmortemState::Draft => "Back to writing".to_owned(),
            PostmortemState::InReview => "Asked for review".to_owned(),
            PostmortemState::Published => "Published".to_owned(),
        },
        VersionKind::Automatic => "Kept while it was written".to_owned(),
        VersionKind::BeforeRestore => "Just before an earlier version came back".to_owned(),
        VersionKind::Restored { from } => format!("Version {from} came back"),
    }
}

/// Every version, the newest first.
pub(crate) async fn list(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let done = done::words(asked.text("done"));
    list_page(&state, &visitor, number, StatusCode::OK, Kept::default(), done).await
}

async fn list_page(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    status: StatusCode,
    form: Kept,
    done: Option<&'static str>,
) -> Answer {
    let (history, since) = versions::list(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("Versions of {number}"), Room::Library);
    let names: Vec<&str> = since.iter().map(String::as_str).collect();
    let withdrawn = withdrawing::of_history(&state.app, visitor.actor(), history.document).await?;
    let withdrawn = withdrawn.into_iter().map(|it| {
        let own = visitor.actor().person == Some(it.author);
        let whose = match (own, it.moved) {
            (true, false) => "You took a passage of yours out for good".to_owned(),
            (true, true) => "A passage of yours was moved out, and is kept for you".to_owned(),
            (false, false) => format!("Passage withdrawn by its author, {}", it.name),
            (false, true) => format!("A passage of {} was moved out", it.name),
        };
        (frame.zone.moment(it.at).to_string(), whose)
    });
    let page = VersionsPage {
        withdrawn: withdrawn.collect(),
        done,
        form,
        number: number.to_string(),
        url: format!("/postmortems/{number}"),
        title: history.title.clone(),
        state: history.standing.label(),
        sign: standing::class(history.standing),
        since: text::listed(&names),
        newest: history.versions.last().map_or(0, |version| version.number.0),
        versions: history.versions.iter().rev().map(|version| Row::of(version, &frame)).collect(),
        frame,
    };
    html::with(status, &page)
}

/// Gives this moment a name.
pub(crate) async fn name(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    match versions::name(&state.app, visitor.actor(), number, sent.text("name")).await {
        Ok(_) => go(&format!("/postmortems/{number}/versions?done=version-named")),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            list_page(&state, &visitor, number, status, form, None).await
        }
    }
}

/// Brings an earlier version back.
pub(crate) async fn restore(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Version(version): Version,
    sent: Submitted,
) -> Answer {
    match versions::restore(&state.app, visitor.actor(), number, version).await {
        Ok(_) => go(&format!("/postmortems/{number}/versions?done=version-restored")),
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            list_page(&state, &visitor, number, status, form, None).await
        }
    }
}

#[derive(Template)]
#[template(path = "postmortems/changes.html")]
struct ChangesPage {
    frame: Frame,
    number: String,
    url: String,
    title: String,
    before: Row,
    /// `None`: now.
    after: Option<Row>,
    /// The version before the earlier one and after the later one, to step through them.
    step_back: Option<String>,
    step_on: Option<String>,
    wrote: String,
    body: String,
    is_same: bool,
}

#[derive(Template)]
#[template(path = "postmortems/version.html")]
struct VersionPage {
    frame: Frame,
    number: String,
    url: String,
    title: String,
    version: Row,
    body: String,
}

/// One version to be read (`/versions/3`), or what changed between two (`/versions/3..5`, `/versions/3..now`).
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Which(one, other): Which,
) -> Answer {
    match other {
        None => one_version(&state, &visitor, number, one).await,
        Some(other) => compare(&state, &visitor, number, one, other).await,
    }
}

async fn one_version(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    version: VersionNumber,
) -> Answer {
    let shown = versions::show(&state.app, visitor.actor(), number, version).await?;
    let frame = visitor.frame(format!("Version {version} of {number}"), Room::Library);
    let article = Article {
        title: shown.history.title.clone(),
        kicker: String::new(),
        facts: Vec::new(),
        document: shown.document,
        timeline: Vec::new(),
        follow_ups: Vec::new(),
        questions: Questions::Shown,
    };
    let mut stands = |live: Live| exports::changes::live(live);
    html::ok(&VersionPage {
        number: number.to_string(),
        url: format!("/postmortems/{number}"),
        title: shown.history.title,
        version: Row::of(&shown.version, &frame),
        body: exports::html::body(&article, &mut stands),
        frame,
    })
}

async fn compare(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    one: VersionNumber,
    other: Moment,
) -> Answer {
    let compared = versions::compare(&state.app, visitor.actor(), number, one, other).await?;
    let frame = visitor.frame(format!("Changes in {number}"), Room::Library);
    let names: Vec<&str> = compared.writers.iter().map(String::as_str).collect();
    let (step_back, step_on) = steps(&compared.history, &compared.before, compared.after.as_ref());
    html::ok(&ChangesPage {
        number: number.to_string(),
        url: format!("/postmortems/{number}"),
        title: compared.history.title.clone(),
        before: Row::of(&compared.before, &frame),
        after: compared.after.as_ref().map(|after| Row::of(after, &frame)),
        step_back,
        step_on,
        wrote: text::listed(&names),
        is_same: difference::is_none(&compared.changes),
        body: exports::changes::html(&compared.changes),
        frame,
    })
}

/// The comparisons before and after this one, where it is one step of the history.
fn steps(history: &History, before: &Listed, after: Option<&Listed>) -> (Option<String>, Option<String>) {
    let number = before.number.0;
    let newest = history.versions.last().map_or(0, |version| version.number.0);
    let back = (number > 1).then(|| format!("{}..{number}", number - 1));
    let on = after.map(|after| after.number.0).map(|after| {
        if after < newest { format!("{after}..{}", after + 1) } else { format!("{after}..now") }
    });
    (back, on)
}
