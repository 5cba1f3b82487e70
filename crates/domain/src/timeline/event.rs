//! One event of a timeline.

use super::Context;
use crate::{EventId, EvidenceId, Instant, PersonId};
use serde::{Deserialize, Serialize};

/// What happened at an instant, by whom, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// Which event.
    pub id: EventId,
    /// When it happened.
    pub at: Instant,
    /// How exactly that is known.
    pub precision: Precision,
    /// Order among events of one instant, smallest first; ties go by id.
    pub rank: i64,
    /// What sort of event.
    pub kind: EventKind,
    /// What happened, in one line of at most [`TITLE_MAX`] characters.
    pub title: String,
    /// More, in plain text of at most [`DETAIL_MAX`] characters; may be empty. What somebody said stays
    /// in their words.
    pub detail: String,
    /// Who or what did it.
    pub actor: Option<Actor>,
    /// The responsible team (TML-03).
    pub team: Option<String>,
    /// What shows that it happened; an event without evidence is marked as claimed (TML-04).
    pub evidence: Vec<EvidenceId>,
    /// What it means to the story beyond its words.
    #[serde(default)]
    pub context: Context,
    /// Why it stands in the timeline.
    pub chosen: Chosen,
    /// Left out of the story without being lost.
    pub hidden: bool,
    /// Whether a person changed it; the rules then leave it alone when more evidence arrives.
    pub touched: bool,
    /// Counts changes, so that two people editing the same event notice each other.
    pub revision: i64,
}

/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest detail, in characters.
pub const DETAIL_MAX: usize = 20_000;

impl TimelineEvent {
    /// The key by which a timeline is in order.
    pub fn order(&self) -> (Instant, i64, EventId) {
        (self.at, self.rank, self.id)
    }

    /// What is left for later (TML-07): the title of what somebody marked so, or what was said so during the
    /// response (“for later: why …”) and stands as it was said.
    pub fn for_later(&self) -> Option<&str> {
        if self.context.for_later {
            return Some(&self.title);
        }
        let as_said = !self.touched && matches!(self.chosen, Chosen::Rule { .. });
        let begins = |phrase: &&str| {
            let begin = self.title.get(..phrase.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(phrase))
        };
        let phrase = FOR_LATER.into_iter().find(begins).filter(|_| as_said)?;
        let question = self.title[phrase.len()..].trim_start_matches([':', ',', '-', ' ']);
        Some(if question.is_empty() { &self.title } else { question })
    }
}

/// How people leave something for later while they respond.
const FOR_LATER: [&str; 7] = [
    "for later:",
    "for later,",
    "later:",
    "todo:",
    "for the post-mortem:",
    "for the postmortem:",
    "note for later",
];

/// How exactly the instant of an event is known (domain.md 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// To the second.
    #[default]
    Second,
    /// To the minute.
    Minute,
    /// Within about five minutes.
    FiveMinutes,
    /// Within about an hour.
    Hour,
}

impl Precision {
    /// Every precision, finest first.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::FiveMinutes, Self::Hour];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::FiveMinutes => "five_minutes",
            Self::Hour => "hour",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Second => "to the second",
            Self::Minute => "to the minute",
            Self::FiveMinutes => "about five minutes",
            Self::Hour => "about an hour",
        }
    }

    /// The precision of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.key() == key)
    }
}

/// What sort of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A machine noticed something.
    Alert,
    /// A person or customer reported it first.
    Report,
    /// The incident changed its state.
    Status,
    /// Somebody took it, was asked, or handed it on.
    Response,
    /// A change took effect: a deploy, a setting, a rollback.
    Change,
    /// Somebody decided something.
    Decision,
    /// Somebody did something.
    Action,
    /// Something was done to limit the impact.
    Mitigation,
    /// An explanation was raised; later it is set aside or confirmed.
    Hypothesis,
    /// A way that looked right at the time and was turned back from. Not a fault.
    WrongTurn,
    /// Something was seen or found out.
    Observation,
    /// People who wait were told something.
    Update,
    /// A note or a remark.
    Note,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Alert,
        Self::Report,
        Self::Status,
        Self::Response,
        Self::Change,
        Self::Decision,
        Self::Action,
        Self::Mitigation,
        Self::Hypothesis,
        Self::WrongTurn,
        Self::Observation,
        Self::Update,
        Self::Note,
    ];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Report => "report",
            Self::Status => "status",
            Self::Response => "response",
            Self::Change => "change",
            Self::Decision => "decision",
            Self::Action => "action",
            Self::Mitigation => "mitigation",
            Self::Hypothesis => "hypothesis",
            Self::WrongTurn => "wrong_turn",
            Self::Observation => "observation",
            Self::Update => "update",
            Self::Note => "note",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Alert => "Alert",
            Self::Report => "Report",
            Self::Status => "Status",
            Self::Response => "Response",
            Self::Change => "Change",
            Self::Decision => "Decision",
            Self::Action => "Action",
            Self::Mitigation => "Mitigation",
            Self::Hypothesis => "Explanation",
            Self::WrongTurn => "Way turned back from",
            Self::Observation => "Observation",
            Self::Update => "Update",
            Self::Note => "Note",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// Who or what did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// The name people read.
    pub name: String,
    /// A person, a role, or a system.
    pub kind: ActorKind,
}

/// What sort of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A human being.
    Person,
    /// A role such as incident lead or support desk.
    Role,
    /// A system, a bot, a rule.
    System,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Person, Self::Role, Self::System];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Role => "role",
            Self::System => "system",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// Why an event stands in the timeline: everything automatic shows its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Chosen {
    /// A rule chose it from evidence.
    Rule {
        /// The name of the rule, for instance `chat.decision`.
        rule: String,
        /// What makes the choice stable over repeated runs: rule and evidence together.
        key: String,
        /// One sentence for people, for instance “Pinned by three people”.
        reason: String,
    },
    /// A person wrote it or took it from the evidence.
    Person {
        /// Who; `None` for the installation itself.
        person: Option<PersonId>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_for_later_during_the_response_is_a_question() {
        let at = Instant::from_seconds(0);
        let event = |title: &str, touched: bool, for_later: bool| TimelineEvent {
            id: EventId::new(at, [0; 10]),
            at,
            precision: Precision::Second,
            rank: 0,
            kind: EventKind::Note,
            title: title.to_owned(),
            detail: String::new(),
            actor: None,
            team: None,
            evidence: vec![],
            context: Context { for_later, ..Context::default() },
            chosen: Chosen::Rule { rule: "chat.pinned".into(), key: "1".into(), reason: "Pinned".into() },
            hidden: false,
            touched,
            revision: 0,
        };
        for (title, touched, marked, question) in [
            ("For later: why did nobody get paged?", false, false, Some("why did nobody get paged?")),
            ("For later: why did nobody get paged?", true, false, None),
            ("todo:", false, false, Some("todo:")),
            ("We look at it later: tomorrow", false, false, None),
            ("Gates refused", false, true, Some("Gates refused")),
            ("é", false, false, None),
        ] {
            assert_eq!(event(title, touched, marked).for_later(), question, "{title}");
        }
    }

    #[test]
    fn names_lead_back_to_the_value() {
        assert!(EventKind::ALL.into_iter().all(|kind| EventKind::from_key(kind.key()) == Some(kind)));
        assert!(Precision::ALL.into_iter().all(|it| Precision::from_key(it.key()) == Some(it)));
        assert!(ActorKind::ALL.into_iter().all(|it| ActorKind::from_key(it.key()) == Some(it)));
    }
}
