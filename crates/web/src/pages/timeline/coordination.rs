//! What happened to coordination: facts with their reasons, candidates that somebody settles. No number per person.

use crate::{
    error::Answer,
    forms::{Asking, Submitted},
    pages::language,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Number},
    words::{done, text, time::Stamp},
};
use app::{Error, language::Surface, timeline::coordinating};
use askama::Template;
use domain::{
    Instant,
    incident::IncidentKind,
    timeline::coordination::{Audience, Coordination, Suspicion, UPDATE_EVERY},
};

#[derive(Template)]
#[template(path = "timeline/coordination.html")]
struct CoordinationPage {
    frame: Frame,
    done: Option<&'static str>,
    number: String,
    url: String,
    facts: Vec<Fact>,
    hand_offs: Vec<(Stamp, String, bool)>,
    silences: Vec<(String, Stamp, Stamp, String)>,
    audiences: Vec<AudienceLine>,
    candidates: Vec<CandidateLine>,
}

/// A fact: what, the words, why it can be said or not.
struct Fact {
    label: &'static str,
    words: String,
    why: String,
}

struct AudienceLine {
    name: String,
    affected: bool,
    every: String,
    untold: bool,
}

struct CandidateLine {
    key: String,
    what: &'static str,
    reason: String,
    length: String,
    verdict: Option<(bool, String, String)>,
}

/// The page.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let shown = coordinating::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("Coordination, {number}"), Room::Incidents);
    let zone = &frame.zone;
    let clock = |at: Instant| Stamp::short(zone, at);
    let read = &shown.read;
    html::ok(&CoordinationPage {
        done: done::words(asked.text("done")),
        number: number.to_string(),
        url: urls::incident(number),
        facts: facts(&shown, &frame),
        hand_offs: read.hand_offs.iter().map(|it| (clock(it.at), it.words.clone(), it.briefed)).collect(),
        silences: read
            .silences
            .iter()
            .map(|it| (it.audience.clone(), clock(it.from), clock(it.to), it.to.since(it.from).to_string()))
            .collect(),
        audiences: shown.audiences.iter().map(|it| audience_line(it, read)).collect(),
        candidates: read
            .candidates
            .iter()
            .map(|it| CandidateLine {
                key: it.key.clone(),
                what: match it.what {
                    Suspicion::Expert => "A while until somebody could act on it?",
                    Suspicion::Misrouted => "A page that went elsewhere first?",
                    Suspicion::Duplicate => "The same work twice?",
                    Suspicion::Dropped => "Asked, and left undone for a while?",
                    Suspicion::Doubled => "Leading and working at once?",
                },
                reason: it.reason.clone(),
                length: match it.what {
                    Suspicion::Duplicate | Suspicion::Dropped => format!("{} apart.", it.length),
                    Suspicion::Doubled if it.length == domain::instant::Span::ZERO => String::new(),
                    Suspicion::Doubled => format!("From the first to the last: {}.", it.length),
                    // The sentence says it.
                    Suspicion::Expert | Suspicion::Misrouted => String::new(),
                },
                verdict: shown
                    .verdicts
                    .get(&it.key)
                    .map(|said| (said.confirmed, said.note.clone(), said.decided_by.clone())),
            })
            .collect(),
        frame,
    })
}

fn audience_line(it: &Audience, read: &Coordination) -> AudienceLine {
    AudienceLine {
        name: it.name.clone(),
        affected: it.affected,
        every: it.every.unwrap_or(UPDATE_EVERY).to_string(),
        untold: read.untold.contains(&it.name),
    }
}

fn facts(shown: &coordinating::Shown, frame: &Frame) -> Vec<Fact> {
    let (read, pages) = (&shown.read, shown.pages.as_slice());
    let fact = |label, words: String, why: &str| Fact { label, words, why: why.to_owned() };
    let none = |list: &[String]| if list.is_empty() { "nobody named".to_owned() } else { list.join(", ") };
    // 22:00 to 07:00 and the days of rest, on the reader's clock: the record knows no other.
    let out_of_hours = pages.iter().filter(|at| {
        let zoned = at.timestamp().to_zoned(frame.zone.rules().clone());
        let hour = zoned.hour();
        !(7..22).contains(&hour) || zoned.weekday().to_monday_one_offset() >= 6
    });
    let woken = out_of_hours.count();
    let whose = format!("Between 22:00 and 07:00 or on a day of rest, in {} time.", frame.zone.name());
    let lasted = |length: Option<domain::instant::Span>| match length {
        None => "not known".to_owned(),
        Some(length) if length == domain::instant::Span::ZERO => "none marked".to_owned(),
        Some(length) => length.to_string(),
    };
    let (raised, aside, held) = read.explanations;
    let mut facts = vec![
        fact(
            "Responded",
            none(&read.responders),
            "By their acts on the timeline between detection and resolution.",
        ),
        fact("Teams", none(&read.teams), "As the events name them."),
        fact(
            "Time of all people together",
            shown.active.map_or_else(|| "not known".to_owned(), |active| active.to_string()),
            "By what they said and did between detection and resolution; pauses over 30 minutes are left out.",
        ),
        fact(
            "Pages out of hours",
            if pages.is_empty() {
                "no page recorded".to_owned()
            } else {
                format!("{woken} of {}", pages.len())
            },
            &whose,
        ),
        fact(
            "Explanations",
            format!("{raised} raised, {aside} set aside, {held} held"),
            "Events of the sort “Explanation”.",
        ),
        fact(
            "Ways turned back from",
            lasted(read.turned_back),
            "From the event to the end it names. Not a fault.",
        ),
        fact(
            "Needed tools not there",
            lasted(read.tool_trouble),
            "Events marked so, until the end they name.",
        ),
    ];
    if shown.incident.kind == IncidentKind::FalseAlarm {
        let (ideas, done) = shown.follow_ups;
        let words = match (ideas, done) {
            (0, _) => "yes, and no idea yet what to tune".to_owned(),
            (ideas, done) => format!("yes; {done} of {} done", text::count(ideas, "idea", "ideas")),
        };
        facts.push(fact("A false alarm", words, "There was nothing to respond to."));
    }
    facts
}

/// Says who had to be told.
pub(crate) async fn audience(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let needed = if sent.has("remove") {
        None
    } else {
        let every = match sent.filled("every") {
            None => None,
            Some(_) => Some(sent.value("every", "Say after how many minutes an update was owed.")?),
        };
        Some((sent.has("affected"), every))
    };
    coordinating::set_audience(&state.app, visitor.actor(), number, sent.text("name"), needed).await?;
    go(&format!("{}/coordination?done=said#audiences", urls::incident(number)))
}

/// Confirms or dismisses a candidate.
pub(crate) async fn settle(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let confirmed = match sent.text("verdict") {
        "confirmed" => true,
        "dismissed" => false,
        _ => return Err(Error::invalid("verdict", "Say whether it was so.").into()),
    };
    let (app, actor) = (&state.app, visitor.actor());
    coordinating::settle(app, actor, number, sent.text("candidate"), confirmed, sent.text("note")).await?;
    let note = [sent.text("note")];
    let done = language::notice(&state, &visitor, Some(number), &note, Surface::Narrative, "said").await;
    go(&format!("{}/coordination?done={done}#candidates", urls::incident(number)))
}
