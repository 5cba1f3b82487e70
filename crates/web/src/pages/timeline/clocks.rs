//! Clocks of sources that ran wrong: what the evidence suggests, and putting one right with a reason.

use crate::{
    error::Answer,
    forms::{Asking, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Number},
    words::{done, time::Stamp},
};
use app::{Error, timeline::clocks};
use askama::Template;
use domain::{evidence::Source, instant::Span};

#[derive(Template)]
#[template(path = "timeline/clocks.html")]
struct ClocksPage {
    frame: Frame,
    done: Option<&'static str>,
    number: String,
    url: String,
    set: Vec<SetLine>,
    proposed: Vec<ProposedLine>,
    sources: Vec<Source>,
}

struct SetLine {
    name: &'static str,
    words: String,
    reason: String,
    decided: String,
}

struct ProposedLine {
    source: Source,
    seconds: i64,
    words: String,
    reason: String,
    pairs: Vec<(String, Stamp, Stamp)>,
}

/// The page.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let clocks = clocks::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("Clocks, {number}"), Room::Incidents);
    let later = |offset: Span| {
        let length = Span::micros(offset.as_micros().abs());
        let way = if offset.is_negative() { "earlier" } else { "later" };
        if offset == Span::ZERO { "as it came".to_owned() } else { format!("{length} {way} than it came") }
    };
    let set = clocks.offsets.iter().map(|it| SetLine {
        name: it.source.label(),
        words: later(it.offset),
        reason: it.reason.clone(),
        decided: it.decided_by.clone(),
    });
    let proposed = clocks.proposed.iter().map(|it| ProposedLine {
        source: it.source,
        seconds: it.offset.as_seconds(),
        words: format!("{}: {}", it.source.label(), later(it.offset)),
        reason: format!(
            "Both {} and {} record the same in the same words",
            it.against.label(),
            it.source.label()
        ),
        pairs: it
            .pairs
            .iter()
            .map(|pair| {
                let clock = |at| Stamp::short(&frame.zone, at);
                (pair.words.clone(), clock(pair.trusted.1), clock(pair.other.1))
            })
            .collect(),
    });
    html::ok(&ClocksPage {
        done: done::words(asked.text("done")),
        number: number.to_string(),
        url: urls::incident(number),
        set: set.collect(),
        proposed: proposed.collect(),
        sources: clocks.sources,
        frame,
    })
}

/// Puts a clock right.
pub(crate) async fn set(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let source = Source::from_key(sent.text("source"))
        .ok_or_else(|| Error::invalid("source", "Choose whose clock ran wrong."))?;
    let seconds: i64 = sent.value("seconds", "Say by how many seconds, for instance 95 or -95.")?;
    let (app, actor) = (&state.app, visitor.actor());
    clocks::set(app, actor, number, source, Span::seconds(seconds), sent.text("reason")).await?;
    go(&format!("{}/clocks?done=clock", urls::incident(number)))
}
