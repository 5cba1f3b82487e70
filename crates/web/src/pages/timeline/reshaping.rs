//! Several events at once, one that becomes two, accounts that are settled, and undoing.

use crate::{
    error::Answer,
    forms::Submitted,
    pages::language,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
    words::time::Stamp,
};
use app::{
    Error,
    language::Surface,
    timeline::{self, history},
};
use askama::Template;
use domain::{
    EventId, TimelineActId,
    timeline::{Precision, TimelineEvent},
};

/// What is done with the events that were ticked.
pub(crate) async fn selected(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    let events: Vec<EventId> = sent.all("event").filter_map(|id| id.parse().ok()).collect();
    let (app, actor) = (&state.app, visitor.actor());
    let done = match sent.text("do") {
        _ if events.is_empty() => return go(&format!("{}#timeline", urls::incident(number))),
        "hide" => timeline::set_hidden(app, actor, number, &events, true).await.map(|_| "hidden")?,
        "show" => timeline::set_hidden(app, actor, number, &events, false).await.map(|_| "shown")?,
        "merge" => timeline::merge(app, actor, number, &events).await.map(|_| "merged")?,
        _ => return Err(Error::invalid("do", "Choose what to do with these events.").into()),
    };
    go(&format!("{}?done={done}#timeline", urls::incident(number)))
}

/// Takes a part of an event out as one of its own.
pub(crate) async fn split(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(event): Id<EventId>,
    sent: Submitted,
) -> Answer {
    let at = visitor.zone().read_field(sent.text("at"));
    let at = at.ok_or_else(|| Error::invalid("at", "Say when that part happened."))?;
    let part = timeline::split(&state.app, visitor.actor(), number, event, at, sent.text("title")).await?;
    let done =
        language::notice(&state, &visitor, Some(number), &[sent.text("title")], Surface::Timeline, "split")
            .await;
    go(&format!("{}?done={done}#e-{}", urls::incident(number), part.id))
}

/// Says what settled conflicting accounts.
pub(crate) async fn settle(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(event): Id<EventId>,
    sent: Submitted,
) -> Answer {
    let keep = match sent.filled("keep") {
        None => None,
        Some(_) => Some(sent.value("keep", "This account is not known here.")?),
    };
    timeline::settle(&state.app, visitor.actor(), number, event, keep, sent.text("why")).await?;
    let done =
        language::notice(&state, &visitor, Some(number), &[sent.text("why")], Surface::Timeline, "settled")
            .await;
    go(&format!("{}?done={done}#e-{event}", urls::incident(number)))
}

#[derive(Template)]
#[template(path = "timeline/acts.html")]
struct ActsPage {
    frame: Frame,
    number: String,
    url: String,
    acts: Vec<ActLine>,
}

struct ActLine {
    id: String,
    at: Stamp,
    actor: String,
    words: &'static str,
    undone: bool,
}

/// What was done to the timeline, newest first.
pub(crate) async fn acts(state: State, visitor: Visitor, Number(number): Number) -> Answer {
    let (incident, acts) = history::acts(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("Changes of the timeline, {number}"), Room::Incidents);
    let line = |it: history::Entry| ActLine {
        id: it.id.to_string(),
        at: Stamp::short(&frame.zone, it.at),
        words: act_words(&it.act),
        actor: it.actor,
        undone: it.undone,
    };
    let acts = acts.into_iter().map(line).collect();
    html::ok(&ActsPage { number: incident.number.to_string(), url: urls::incident(number), acts, frame })
}

/// Undoes one act.
pub(crate) async fn undo(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(act): Id<TimelineActId>,
) -> Answer {
    history::undo(&state.app, visitor.actor(), number, act).await?;
    go(&format!("{}?done=undone#timeline", urls::incident(number)))
}

/// An act in words, for people.
fn act_words(act: &str) -> &'static str {
    match act {
        "event.add" => "added an event",
        "event.edit" => "changed an event",
        "event.hide" => "hid events",
        "event.unhide" => "showed events again",
        "event.take" => "took an event from evidence",
        "event.split" => "made two events of one",
        "event.merge" => "made one event of several",
        "event.settle" => "settled two accounts",
        "event.attach" => "added evidence to an event",
        "timeline.choose_instant" => "chose a key instant",
        "timeline.accept_instants" => "confirmed the proposed key instants",
        "timeline.put_clock_right" => "put a clock right",
        "timeline.undo" => "undid a change",
        "impact.add" => "wrote an impact down",
        "impact.edit" => "changed an impact",
        "impact.remove" => "took an impact away",
        "coordination.audience" => "said who had to be told",
        "coordination.settle" => "settled what the record suggests",
        _ => "changed the timeline",
    }
}

#[derive(Template)]
#[template(path = "timeline/history.html")]
struct HistoryPage {
    frame: Frame,
    number: String,
    url: String,
    event: String,
    event_url: String,
    title: String,
    revisions: Vec<RevisionLine>,
}

struct RevisionLine {
    at: Stamp,
    actor: String,
    words: &'static str,
    undone: bool,
    /// What differs: name, before, after.
    parts: Vec<(&'static str, String, String)>,
}

/// What one event said over time.
pub(crate) async fn history(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(event): Id<EventId>,
) -> Answer {
    let (now, revisions) = history::of_event(&state.app, visitor.actor(), number, event).await?;
    let frame = visitor.frame(format!("What an event said before, {number}"), Room::Incidents);
    let line = |it: history::Revision| {
        let said = |event: &TimelineEvent| told(event, &frame);
        let before = it.before.as_ref().map(said);
        let parts = said(&it.after).into_iter().enumerate().map(|(n, (name, after))| {
            let before = before.as_ref().and_then(|all| all.get(n)).map(|(_, words)| words.clone());
            (name, before.unwrap_or_default(), after)
        });
        RevisionLine {
            at: Stamp::short(&frame.zone, it.entry.at),
            words: act_words(&it.entry.act),
            actor: it.entry.actor,
            undone: it.entry.undone,
            parts: parts.filter(|(_, before, after)| before != after).collect(),
        }
    };
    let revisions = revisions.into_iter().map(line).collect();
    html::ok(&HistoryPage {
        number: number.to_string(),
        event: event.to_string(),
        event_url: format!("{}/events/{event}", urls::incident(number)),
        url: urls::incident(number),
        title: now.title,
        revisions,
        frame,
    })
}

/// What an event says, part by part, always the same parts in the same order.
fn told(event: &TimelineEvent, frame: &Frame) -> Vec<(&'static str, String)> {
    let context = &event.context;
    let exactly = if event.precision == Precision::Second {
        String::new()
    } else {
        format!(", {}", event.precision.label())
    };
    let seen = if event.hidden { "hidden" } else { "part of the story" };
    let mut parts = vec![
        ("What happened", event.title.clone()),
        ("When", format!("{}{exactly}", frame.zone.say(event.at, "%-d %B %Y, %H:%M:%S"))),
        ("More", event.detail.clone()),
        ("What sort", event.kind.label().to_owned()),
        ("Who or what did it", event.actor.as_ref().map(|actor| actor.name.clone()).unwrap_or_default()),
        ("Team", event.team.clone().unwrap_or_default()),
        ("Evidence", format!("{} pieces", event.evidence.len())),
        ("Shown", seen.to_owned()),
        ("Settled", context.settled.clone()),
        ("Why the system lets it do harm", context.lets_harm.clone()),
    ];
    parts.extend(context.decision().map(|(name, words)| (name, words.to_owned())));
    parts
}
