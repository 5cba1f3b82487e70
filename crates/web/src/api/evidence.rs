//! Evidence of an incident.

use super::{
    body::{key, ok},
    views::{EvidenceView, Listed},
};
use crate::{
    error::Answer,
    forms::{Asking, Submitted},
    session::Caller,
    state::State,
    urls::Number,
};
use app::{
    Error,
    evidence::{self, Filter},
};
use domain::{
    EvidenceId, Instant,
    evidence::{Signal, Source},
};

const TIME: &str = "This is a time such as 2026-11-14T05:47:00Z.";

/// Lists evidence in order of time: `words`, `source`, `signal`, `from`, `to`, `not_in_timeline`, `after`,
/// `limit`.
pub(super) async fn list(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let listing = evidence::list(&state.app, &actor, number, &filter(&asked)?).await?;
    ok(&Listed {
        items: listing.rows.into_iter().map(EvidenceView::from).collect(),
        total: listing.total,
        next: listing.next.map(|(at, id)| format!("{at},{id}")),
    })
}

fn filter(asked: &Submitted) -> Result<Filter, Error> {
    let source = asked
        .filled("source")
        .map(|text| key("source", text, Source::from_key, "pagerduty, slack and debrief"));
    let signal = asked
        .filled("signal")
        .map(|text| key("signal", text, Signal::from_key, "the signals in openapi.json"));
    let time = |name| asked.filled(name).map(|_| asked.value::<Instant>(name, TIME)).transpose();
    Ok(Filter {
        words: asked.filled("words").map(str::to_owned),
        source: source.transpose()?,
        signal: signal.transpose()?,
        from: time("from")?,
        to: time("to")?,
        not_in_timeline: asked.text("not_in_timeline") == "true",
        after: asked.filled("after").map(place).transpose()?,
        limit: match asked.filled("limit") {
            Some(_) => asked.value("limit", "This is a number from 1 to 500.")?,
            None => 100,
        },
    })
}

/// The `next` of the page before: an instant and an id.
fn place(text: &str) -> Result<(Instant, EvidenceId), Error> {
    let read = text.split_once(',').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    read.ok_or(Error::invalid("after", "This is the “next” of the page before."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_filter_says_which_part_is_wrong() {
        for (text, field) in [
            ("source=carrier_pigeon", "source"),
            ("signal=x", "signal"),
            ("from=noon", "from"),
            ("after=2026", "after"),
            ("limit=-1", "limit"),
        ] {
            let error = filter(&Submitted::read(text)).unwrap_err();
            assert!(matches!(error, Error::Invalid { field: Some(name), .. } if name == field), "{text}");
        }
        assert!(filter(&Submitted::read("source=slack&not_in_timeline=true")).unwrap().not_in_timeline);
    }
}
