//! Everything a reader gets, in the order of the document.

use domain::{
    Instant,
    document::Document,
    timeline::{EventKind, KeyInstant, Precision},
};

/// A post-mortem ready to be written out.
#[derive(Debug, Clone)]
pub struct Article {
    /// The headline.
    pub title: String,
    /// One line below it, for instance `INC-12 · Being written`; may be empty.
    pub kicker: String,
    /// Header facts in order: label and value.
    pub facts: Vec<(String, String)>,
    /// What people wrote.
    pub document: Document,
    /// The timeline without hidden events, in order.
    pub timeline: Vec<Moment>,
    /// Ideas and follow-ups in order.
    pub follow_ups: Vec<Outlook>,
    /// Whether open questions are shown.
    pub questions: Questions,
}

/// What becomes of the questions of a template that nobody answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Questions {
    /// They stand as questions: for drafts.
    Shown,
    /// They are left out, and sections without anything else too: for readers.
    LeftOut,
}

/// An event of the timeline for readers.
#[derive(Debug, Clone)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// How exactly that is known.
    pub precision: Precision,
    /// What sort.
    pub kind: EventKind,
    /// What happened.
    pub title: String,
    /// More; may be empty.
    pub detail: String,
    /// Who or what did it.
    pub actor: Option<String>,
    /// The responsible team.
    pub team: Option<String>,
    /// Which key instants are taken from it.
    pub instants: Vec<KeyInstant>,
    /// Where it was recorded, in words; empty for a claim without evidence.
    pub sources: Vec<String>,
    /// Files, links and queries that somebody attached.
    pub attached: Vec<Attached>,
}

/// What somebody attached to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attached {
    /// A file.
    File {
        /// Its name.
        name: String,
        /// How many bytes it has.
        bytes: i64,
        /// Their SHA-256 in hexadecimal digits.
        sum: String,
        /// A picture of it to stand in the article: its media type and its bytes.
        picture: Option<(String, Vec<u8>)>,
    },
    /// A page elsewhere.
    Link {
        /// Its title.
        title: String,
        /// Its address.
        url: String,
    },
    /// A query, so that others can repeat it.
    Query {
        /// Where it was asked.
        place: String,
        /// The query, word by word.
        text: String,
        /// The address of its result.
        url: Option<String>,
    },
}

/// An idea or follow-up for readers.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// What.
    pub text: String,
    /// What for.
    pub intent: String,
    /// Where it stands, in words.
    pub state: String,
    /// Whether it is done.
    pub done: bool,
}

impl Moment {
    /// The instant as its precision allows, in UTC: `05:47:12`, `05:47`, `about 05:45`.
    pub fn clock(&self) -> String {
        let utc = jiff_utc();
        match self.precision {
            Precision::Second => self.at.format(&utc, "%H:%M:%S"),
            Precision::Minute => self.at.format(&utc, "%H:%M"),
            Precision::FiveMinutes | Precision::Hour => format!("about {}", self.at.format(&utc, "%H:%M")),
        }
    }

    /// The day in UTC: `Saturday 14 November 2026`.
    pub fn day(&self) -> String {
        self.at.format(&jiff_utc(), "%A %-d %B %Y")
    }

    /// Who and which team, in words; empty if neither is known.
    pub fn who(&self) -> String {
        match (&self.actor, &self.team) {
            (Some(actor), Some(team)) => format!("{actor}, {team}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        }
    }
}

/// A size as people read it: 812 bytes, 14 KB, 3.2 MB.
pub(crate) fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn jiff_utc() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::UTC
}

/// Which blocks of an article are written, in order: without questions and empty sections for readers.
pub(crate) fn told(article: &Article) -> Vec<&domain::document::Block> {
    use domain::document::{Block, Live};
    let says = |block: &Block| match block {
        Block::Question { .. } => article.questions == Questions::Shown,
        Block::Live(Live::Facts) => !article.facts.is_empty(),
        Block::Live(Live::Timeline) => !article.timeline.is_empty(),
        Block::Live(Live::FollowUps) => !article.follow_ups.is_empty(),
        other => !other.is_blank(),
    };
    let blocks = &article.document.blocks;
    blocks
        .iter()
        .enumerate()
        .filter(|(place, block)| match block {
            Block::Heading { level, .. } if !block.is_blank() => {
                // A heading stays if anything below it, up to the next of its rank, is said.
                blocks[place + 1..]
                    .iter()
                    .take_while(|next| !matches!(next, Block::Heading { level: other, .. } if other <= level))
                    .any(|next| !matches!(next, Block::Heading { .. }) && says(next))
            }
            Block::Heading { .. } => false,
            other => says(other),
        })
        .map(|(_, block)| block)
        .collect()
}
