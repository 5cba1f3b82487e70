//! One event of a timeline as its readers see it.

use crate::{
    picture::lanes::Shape,
    words::{said, time::Stamp},
    zone::Zone,
};
use app::timeline::Shown;
use domain::{
    evidence::Source,
    timeline::{
        EventKind, KeyInstant, Precision,
        context::Standing,
        event::{ActorKind, Chosen},
    },
};

/// One event in the list.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The day, where a new one begins.
    pub(crate) day: Option<String>,
    pub(crate) id: String,
    pub(crate) class: String,
    pub(crate) at: Stamp,
    pub(crate) about: &'static str,
    pub(crate) title: String,
    pub(crate) by: String,
    pub(crate) detail: String,
    /// The detail is what somebody said.
    pub(crate) quote: bool,
    pub(crate) chips: Vec<&'static str>,
    pub(crate) evidence: Vec<Piece>,
    pub(crate) claimed: bool,
    pub(crate) why: Vec<(String, String)>,
    pub(crate) url: String,
    pub(crate) insert_url: Option<String>,
    pub(crate) hidden: bool,
    /// Where it says what it said before, once somebody changed it.
    pub(crate) history_url: Option<String>,
    /// Beside the title: where an explanation stands, who was told.
    pub(crate) note: String,
    /// A decision's or a contributing action's circumstances: name and words, or none for what nobody said yet.
    pub(crate) choice: Vec<(&'static str, String)>,
    /// Temporary fix, for later, a tool that was not there.
    pub(crate) marks: Vec<String>,
    /// Other accounts of the same event, and how they were settled.
    pub(crate) accounts: Vec<Account>,
    pub(crate) settled: String,
    /// A stretch without a record before this event.
    pub(crate) gap: Option<Gap>,
}

/// What somebody else tells of the same event.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) words: String,
    pub(crate) by: String,
    pub(crate) url: String,
}

/// A stretch in which nothing was recorded.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    pub(crate) from: Stamp,
    pub(crate) to: Stamp,
    pub(crate) words: String,
    pub(crate) url: String,
}

/// A piece of evidence at the side.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) icon: &'static str,
    pub(crate) words: String,
    pub(crate) url: String,
    /// A small picture of it.
    pub(crate) picture: Option<String>,
}

/// Where the small picture of a piece is, if there is one.
pub(crate) fn picture(cited: &app::timeline::Cited, url: &str) -> Option<String> {
    cited.pictured.then(|| format!("{url}/files/{}/thumbnail", cited.id))
}

/// The shape of an event's mark.
pub(crate) fn shape(one: &Shown) -> Shape {
    let event = &one.event;
    let machine = match &event.actor {
        Some(actor) => actor.kind == ActorKind::System,
        None => matches!(event.kind, EventKind::Alert | EventKind::Status),
    };
    match event.kind {
        EventKind::Decision => Shape::Decision,
        _ if event.evidence.is_empty() => Shape::Claimed,
        _ if machine => Shape::Machine,
        _ => Shape::Person,
    }
}

/// The class that draws it.
pub(crate) const fn class(shape: Shape) -> &'static str {
    match shape {
        Shape::Person => "people",
        Shape::Machine => "system",
        Shape::Decision => "decision",
        Shape::Claimed => "unsourced",
    }
}

/// The icon of a source.
pub(crate) const fn icon(source: Source) -> &'static str {
    match source {
        Source::Slack | Source::Transcript => "message-square",
        Source::Pagerduty
        | Source::Opsgenie
        | Source::Alertmanager
        | Source::Grafana
        | Source::Datadog
        | Source::Sentry
        | Source::Cloudwatch
        | Source::GoogleCloud => "bell-ring",
        Source::Statuspage
        | Source::Github
        | Source::Jira
        | Source::Calendar
        | Source::Json
        | Source::Csv
        | Source::File
        | Source::Debrief => "file-text",
    }
}

const fn about(precision: Precision) -> &'static str {
    match precision {
        Precision::Second | Precision::Minute => "",
        Precision::FiveMinutes => "about",
        Precision::Hour => "within an hour",
    }
}

impl Item {
    pub(super) fn of(one: &Shown, zone: &Zone, url: &str, instants: Option<&Vec<(String, String)>>) -> Self {
        let event = &one.event;
        let by: Vec<&str> = [event.actor.as_ref().map(|actor| actor.name.as_str()), event.team.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        let mut why: Vec<(String, String)> = instants.cloned().unwrap_or_default();
        if let Chosen::Rule { reason, .. } = &event.chosen {
            why.push(("Why is this here?".to_owned(), reason.clone()));
        }
        let mut class = class(shape(one)).to_owned();
        if event.context.standing == Some(Standing::Discarded) || event.kind == EventKind::WrongTurn {
            class.push_str(" wrong");
        }
        if !one.instants.is_empty() {
            class.push_str(" is-key");
        }
        let (title, detail) = said::apart(&event.title, &event.detail);
        Self {
            day: None,
            id: event.id.to_string(),
            class,
            at: Stamp::clock(zone, event.at),
            about: about(event.precision),
            title,
            by: by.join(", "),
            detail,
            quote: one.evidence.first().is_some_and(|cited| cited.source.is_talk()),
            chips: one.instants.iter().map(|key: &KeyInstant| key.label()).collect(),
            evidence: one
                .evidence
                .iter()
                .map(|cited| {
                    let words: Vec<&str> =
                        [cited.place.as_deref(), cited.author.as_deref()].into_iter().flatten().collect();
                    Piece {
                        icon: icon(cited.source),
                        words: if words.is_empty() {
                            cited.source.label().to_owned()
                        } else {
                            words.join(", ")
                        },
                        url: format!("{url}/evidence/{}", cited.id),
                        picture: picture(cited, url),
                    }
                })
                .collect(),
            claimed: event.evidence.is_empty(),
            why,
            url: format!("{url}/events/{}", event.id),
            insert_url: None,
            hidden: event.hidden,
            history_url: event.touched.then(|| format!("{url}/events/{}/history", event.id)),
            note: note(one),
            choice: choice(one),
            marks: marks(one, zone),
            accounts: Vec::new(),
            settled: event.context.settled.clone(),
            gap: None,
        }
    }
}

/// What stands quietly beside the title.
fn note(one: &Shown) -> String {
    let event = &one.event;
    let standing = (event.kind == EventKind::Hypothesis)
        .then(|| event.context.standing.unwrap_or(Standing::Raised).label().to_owned());
    let turn = (event.kind == EventKind::WrongTurn).then(|| "A way that was turned back from".to_owned());
    let told = event.context.audience.as_ref().map(|audience| format!("Told: {audience}"));
    standing.or(turn).or(told).unwrap_or_default()
}

/// All four circumstances of a decision, whether somebody said them or not (TML-05).
pub(super) fn decided(one: &Shown) -> Vec<(&'static str, String)> {
    one.event.context.decision().map(|(name, words)| (name, words.to_owned())).to_vec()
}

/// The circumstances of a decision, all four; of a contributing action both follow-ups (TML-05, TML-06).
fn choice(one: &Shown) -> Vec<(&'static str, String)> {
    let context = &one.event.context;
    let parts: Vec<(&'static str, &str)> = if one.event.kind == EventKind::Decision {
        context.decision().to_vec()
    } else if context.contributing {
        vec![
            ("What made it make sense", context.made_sense.as_str()),
            ("Why the system lets it do harm", context.lets_harm.as_str()),
        ]
    } else {
        return Vec::new();
    };
    let any = parts.iter().any(|(_, words)| !words.is_empty());
    if !any && !context.contributing {
        return Vec::new();
    }
    parts.into_iter().map(|(name, words)| (name, words.to_owned())).collect()
}

fn marks(one: &Shown, zone: &Zone) -> Vec<String> {
    let context = &one.event.context;
    let mut marks = Vec::new();
    if let Some(at) = context.revisit {
        marks.push(format!("Temporary fix, to revisit by {}", zone.say(at, "%a %-d %b")));
    }
    if one.event.for_later().is_some() {
        marks.push("For later".to_owned());
    }
    if context.tool_trouble {
        marks.push("A needed tool was not there".to_owned());
    }
    marks
}
