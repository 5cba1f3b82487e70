//! Evidence of an incident: searched and read as it came, taken into the timeline from here.

use super::timeline::item;
use crate::{
    error::Answer,
    forms::Asking,
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
    words::{text, time::Stamp},
    zone::Zone,
};
use app::{
    evidence::{self, Filter},
    timeline::{
        attaching,
        snapshots::{self, State as Became},
    },
};
use askama::Template;
use domain::{
    EvidenceId, Instant,
    evidence::{AuthorKind, Signal, Source},
};

#[derive(Template)]
#[template(path = "evidence/list.html")]
struct ListPage {
    frame: Frame,
    number: String,
    url: String,
    title: String,
    words: String,
    source: String,
    signal: String,
    left_out: bool,
    filtered: bool,
    sources: [Source; 18],
    signals: Vec<(&'static str, &'static str)>,
    count: String,
    days: Vec<Day>,
    next: Option<String>,
}

struct Day {
    name: String,
    pieces: Vec<Piece>,
}

struct Piece {
    url: String,
    at: Stamp,
    icon: &'static str,
    author: String,
    signal: &'static str,
    place: String,
    text: String,
    said: bool,
    event_url: Option<String>,
    problem: Option<String>,
}

/// All evidence of an incident in order, or what matches.
pub(crate) async fn list(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let filter = Filter {
        words: asked.filled("words").map(str::to_owned),
        source: Source::from_key(asked.text("source")),
        signal: Signal::from_key(asked.text("signal")),
        not_in_timeline: asked.has("left_out"),
        after: after(asked.text("after")),
        ..Filter::default()
    };
    let listing = evidence::list(&state.app, visitor.actor(), number, &filter).await?;
    let frame = visitor.frame(format!("Evidence of {number}"), Room::Incidents);
    let query = |name: &str| asked.filled(name).map(|value| format!("{name}={}&", urls::part(value)));
    let kept: String = ["words", "source", "signal", "left_out"].into_iter().filter_map(query).collect();
    let url = urls::incident(number);
    html::ok(&ListPage {
        number: number.to_string(),
        title: listing.incident.title.clone(),
        words: filter.words.clone().unwrap_or_default(),
        source: filter.source.map(|source| source.key().to_owned()).unwrap_or_default(),
        signal: filter.signal.map(|signal| signal.key().to_owned()).unwrap_or_default(),
        left_out: filter.not_in_timeline,
        filtered: !kept.is_empty(),
        sources: Source::ALL,
        signals: Signal::ALL.into_iter().map(|signal| (signal.key(), words_of(signal))).collect(),
        count: match listing.total {
            total if filter.words.is_some() && total > evidence::COUNTED => {
                "more than 1,000 pieces".to_owned()
            }
            total => text::count(total, "piece", "pieces"),
        },
        days: days(&listing.rows, &frame.zone, &url),
        next: listing.next.map(|(at, id)| format!("{url}/evidence?{kept}after={}_{id}", at.as_micros())),
        url,
        frame,
    })
}

/// The place in the list after which the page begins: microseconds and id.
fn after(text: &str) -> Option<(Instant, EvidenceId)> {
    let (at, id) = text.split_once('_')?;
    Some((Instant::from_micros(at.parse().ok()?), id.parse().ok()?))
}

fn days(rows: &[evidence::Row], zone: &Zone, url: &str) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for row in rows {
        let name = zone.say(row.evidence.evidence.at, "%A %-d %B %Y");
        let piece = Piece::of(row, zone, url);
        match days.last_mut() {
            Some(day) if day.name == name => day.pieces.push(piece),
            _ => days.push(Day { name, pieces: vec![piece] }),
        }
    }
    days
}

impl Piece {
    fn of(row: &evidence::Row, zone: &Zone, url: &str) -> Self {
        let piece = &row.evidence.evidence;
        let id = row.evidence.id;
        let said = piece.author.as_ref().is_some_and(|author| author.kind == AuthorKind::Person)
            && matches!(piece.signal, Signal::Message | Signal::Note | Signal::StatusUpdate | Signal::File);
        Self {
            url: format!("{url}/evidence/{id}"),
            at: Stamp::clock(zone, piece.at),
            icon: item::icon(piece.source),
            author: piece.author.as_ref().map(|author| author.name.clone()).unwrap_or_default(),
            signal: words_of(piece.signal),
            place: piece.place.clone().unwrap_or_default(),
            text: text::opening(&piece.text, 1200),
            said,
            event_url: row.event.map(|event| format!("{url}#e-{event}")),
            problem: piece.facts.problem.clone(),
        }
    }
}

/// What sort of record, in words.
const fn words_of(signal: Signal) -> &'static str {
    match signal {
        Signal::Triggered => "opened",
        Signal::Acknowledged => "acknowledged",
        Signal::Unacknowledged => "handed back",
        Signal::Escalated => "escalated",
        Signal::Assigned => "assigned",
        Signal::Notified => "notified",
        Signal::Snoozed => "put off",
        Signal::Changed => "changed",
        Signal::Resolved => "resolved",
        Signal::Note => "note",
        Signal::StatusUpdate => "status update",
        Signal::AlertFired => "alert",
        Signal::AlertCleared => "alert cleared",
        Signal::Message => "message",
        Signal::BotMessage => "message of a machine",
        Signal::File => "file",
        Signal::Marked => "pinned or topic set",
        Signal::Housekeeping => "joined, left",
        Signal::Deployed => "change of the system",
        Signal::NotUnderstood => "not understood",
    }
}

#[derive(Template)]
#[template(path = "evidence/show.html")]
struct ShowPage {
    frame: Frame,
    number: String,
    url: String,
    id: String,
    when: Stamp,
    exact: String,
    author: String,
    signal: &'static str,
    source: &'static str,
    place: String,
    text: String,
    original: Option<String>,
    source_id: String,
    source_type: String,
    digest: String,
    problem: Option<String>,
    /// Where its file is, if it is one that was attached here.
    file_url: Option<String>,
    raw: String,
    /// Whether it is a picture with a small one to show.
    picture: Option<String>,
    /// What its page said: state in words, title, text.
    snapshot: Option<(String, String, String)>,
    /// Where its page is asked for once more, if that would help and the reader may.
    again: Option<String>,
}

/// One piece, with its raw form and its sum.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<EvidenceId>,
) -> Answer {
    let stored = evidence::show(&state.app, visitor.actor(), number, id).await?;
    let by_hand = stored.evidence.source == Source::Debrief;
    let snapshot = match by_hand && stored.evidence.url.is_some() {
        true => snapshots::find(&state.app, visitor.actor(), number, id).await?,
        false => None,
    };
    let small = match by_hand && stored.evidence.facts.source_type == "file" {
        true => attaching::thumbnail(&state.app, visitor.actor(), number, id).await.ok(),
        false => None,
    };
    let piece = &stored.evidence;
    let frame = visitor.frame(format!("Evidence of {number}"), Room::Incidents);
    let web = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
    let again = snapshot.as_ref().filter(|it| snapshots::may_ask_again(&state.app, it));
    html::ok(&ShowPage {
        again: again.map(|_| format!("{}/evidence/{id}/page", urls::incident(number))),
        number: number.to_string(),
        url: urls::incident(number),
        id: id.to_string(),
        when: Stamp::short(&frame.zone, piece.at),
        exact: piece.at.to_string(),
        author: piece.author.as_ref().map(|author| author.name.clone()).unwrap_or_default(),
        signal: words_of(piece.signal),
        source: piece.source.label(),
        place: piece.place.clone().unwrap_or_default(),
        text: piece.text.clone(),
        original: piece.url.as_ref().filter(web).cloned(),
        source_id: piece.source_id.clone(),
        source_type: piece.facts.source_type.clone(),
        digest: stored.digest.to_string(),
        problem: piece.facts.problem.clone(),
        file_url: (piece.source == Source::Debrief && piece.facts.source_type == "file")
            .then(|| format!("{}/files/{id}", urls::incident(number))),
        raw: pretty(&piece.raw),
        picture: small.map(|_| format!("{}/files/{id}/thumbnail", urls::incident(number))),
        snapshot: snapshot.map(|it| {
            let at = frame.zone.say(it.at, "%-d %B %Y, %H:%M");
            let words = match it.state {
                Became::Waiting => "It is being fetched.".to_owned(),
                Became::Kept => format!("As it was on {at}."),
                Became::Refused => format!("Nothing was fetched. {}", it.reason),
            };
            (words, it.title, it.text)
        }),
        frame,
    })
}

/// Asks once more for the page of a link.
pub(crate) async fn ask_again(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<EvidenceId>,
) -> Answer {
    snapshots::ask_again(&state.app, visitor.actor(), number, id).await?;
    go(&format!("{}/evidence/{id}?done=asked-again", urls::incident(number)))
}

/// JSON set out for reading; what is no JSON stays as it is.
fn pretty(raw: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(raw);
    value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| raw.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_the_list_survives_its_address() {
        let id = EvidenceId::new(Instant::from_seconds(5), [7; 10]);
        assert_eq!(after(&format!("5000000_{id}")), Some((Instant::from_seconds(5), id)));
        for wrong in ["", "_", "x_y", "5000000"] {
            assert_eq!(after(wrong), None);
        }
    }
}
