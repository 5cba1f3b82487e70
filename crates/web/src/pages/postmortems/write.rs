//! Writing: the document with its outline, its owner and what a reader would miss.

use super::blocks;
use crate::{
    error::Answer,
    forms::{Asking, Kept},
    render::{Frame, Room, html},
    session::Visitor,
    state::State,
    urls::Number,
    words::{done, standing},
};
use app::{
    exporting, language,
    postmortems::{self, Shown},
};
use askama::Template;
use axum::http::StatusCode;
use domain::{
    Instant,
    document::Live,
    incident::IncidentNumber,
    postmortem::{Ownership, PostmortemState, Step},
};
use exports::Questions;

#[derive(Template)]
#[template(path = "postmortems/write.html")]
struct WritePage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    number: String,
    url: String,
    id: String,
    title: String,
    revision: i64,
    state: PostmortemState,
    sign: &'static str,
    owner: Option<String>,
    owner_due: String,
    writers: Vec<String>,
    misses: Vec<String>,
    epoch: i64,
    me_id: String,
    me_name: String,
    began: String,
    steps: Vec<(&'static str, &'static str)>,
    contents: Vec<(String, String)>,
    fallback: String,
    first_idea: String,
    /// The text explains the incident by human error (DEC-16).
    recommends_debrief: bool,
    /// What was asked for beside the document and waits.
    asked: Vec<(&'static str, Instant)>,
}

impl WritePage {
    /// Whether this was asked for already.
    fn waits(&self, kind: &str) -> bool {
        self.asked.iter().any(|(asked, _)| *asked == kind)
    }
}

/// The page on which a post-mortem is written together.
pub(crate) async fn write(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let done = done::words(asked.text("done"));
    write_page(&state, &visitor, number, StatusCode::OK, Kept::default(), done).await
}

pub(super) async fn write_page(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    status: StatusCode,
    form: Kept,
    done: Option<&'static str>,
) -> Answer {
    let shown = postmortems::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("Writing {number}"), Room::Incidents);
    let Fallback { contents, document: fallback, first_idea } = fallback(&shown, &frame)?;
    let postmortem = &shown.postmortem;
    let person = &visitor.session.person;
    let text = exports::markdown::write(&exporting::gather(&shown, frame.term(), state.app.now()));
    let text = format!("{}.\n\n{text}", postmortem.title);
    let page = WritePage {
        recommends_debrief: language::recommends_debrief(&state.app, &text)?,
        asked: shown.asked.clone(),
        done,
        form,
        number: number.to_string(),
        url: format!("/postmortems/{number}"),
        id: postmortem.id.to_string(),
        title: postmortem.title.clone(),
        revision: postmortem.revision,
        state: postmortem.state,
        sign: standing::class(postmortem.state),
        owner: shown.owner.clone(),
        owner_due: match postmortem.ownership {
            Ownership::ToBeChosen { due } => frame.zone.say(due, "%a %-d %b, %H:%M"),
            Ownership::Owned { .. } => String::new(),
        },
        writers: shown.writers.iter().filter(|name| Some(*name) != shown.owner.as_ref()).cloned().collect(),
        misses: shown.misses.clone(),
        epoch: shown.epoch,
        me_id: person.id.to_string(),
        me_name: person.name.to_string(),
        began: frame.zone.say(shown.incident.incident.declared_at, "%a %-d %b %Y, %H:%M"),
        steps: postmortem.steps().iter().map(|step| (key(*step), label(*step))).collect(),
        contents,
        fallback,
        first_idea,
        frame,
    };
    html::with(status, &page)
}

/// What stands in place of the editor where it cannot run.
struct Fallback {
    /// The sections: id and words.
    contents: Vec<(String, String)>,
    /// The document, to be read.
    document: String,
    /// The form for a first idea, as a block without ideas is no part of what is read; empty otherwise.
    first_idea: String,
}

fn fallback(shown: &Shown, frame: &Frame) -> Result<Fallback, askama::Error> {
    let mut article = exporting::gather(shown, frame.term(), frame.now);
    article.questions = Questions::Shown;
    let facts = blocks::facts_block(shown, &frame.zone).render()?;
    let timeline = blocks::timeline_block(shown, &frame.zone, false).render()?;
    let follow_ups = blocks::follow_ups_block(shown, &frame.zone, frame.now, frame.may_write()).render()?;
    let mut live = |live| match live {
        Live::Facts => facts.clone(),
        Live::Timeline => timeline.clone(),
        Live::FollowUps => follow_ups.clone(),
    };
    let first_idea = if article.follow_ups.is_empty() { follow_ups.clone() } else { String::new() };
    let document = exports::html::body(&article, &mut live);
    Ok(Fallback { contents: exports::html::contents(&article), document, first_idea })
}

/// The name of a step in forms.
pub(super) const fn key(step: Step) -> &'static str {
    match step {
        Step::AskForReview => "ask_for_review",
        Step::BackToDraft => "back_to_draft",
        Step::Publish => "publish",
    }
}

/// The words on its button.
const fn label(step: Step) -> &'static str {
    match step {
        Step::AskForReview => "Ask for review",
        Step::BackToDraft => "Back to writing",
        Step::Publish => "Publish",
    }
}
