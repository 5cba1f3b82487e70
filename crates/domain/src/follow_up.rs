//! Ideas rest before they become commitments (TIM-06): the soak is a rule of the state machine, not a label.

use crate::{EventId, FollowUpId, IncidentId, Instant, PersonId, instant::Span};
use serde::{Deserialize, Serialize};

/// How long ideas rest: 48 hours unless chosen otherwise (`soak.default`, domain.md 1).
pub const SOAK_DEFAULT: Span = Span::hours(48);
/// The shortest rest without a recorded waiver.
pub const SOAK_MIN: Span = Span::hours(24);
/// The longest rest.
pub const SOAK_MAX: Span = Span::hours(72);

/// An idea, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Which one.
    pub id: FollowUpId,
    /// The incident it came from.
    pub incident: IncidentId,
    /// What could be done, in the words of whoever had the idea.
    pub text: String,
    /// What it is for.
    pub intent: Intent,
    /// Who had the idea; `None` when it came with the installation.
    pub raised_by: Option<PersonId>,
    /// When the idea was written down.
    pub raised_at: Instant,
    /// When its rest ends.
    pub opens_at: Instant,
    /// Where it stands.
    pub state: FollowUpState,
    /// Counts changes.
    pub revision: i64,
    /// The event in whose words it was parked; it may be gone.
    pub event: Option<EventId>,
}

/// What an idea is for (domain.md 0.1): preventing is one answer among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Make it impossible.
    Prevent,
    /// Make it less likely.
    ReduceLikelihood,
    /// Notice sooner.
    DetectSooner,
    /// Keep the damage small.
    LimitDamage,
    /// Be back sooner.
    RecoverFaster,
    /// Respond better together.
    ImproveResponse,
    /// Let others know.
    SpreadKnowledge,
    /// Be ready for a next time.
    Prepare,
}

impl Intent {
    /// Every intent.
    pub const ALL: [Self; 8] = [
        Self::DetectSooner,
        Self::LimitDamage,
        Self::RecoverFaster,
        Self::ReduceLikelihood,
        Self::Prevent,
        Self::ImproveResponse,
        Self::SpreadKnowledge,
        Self::Prepare,
    ];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Prevent => "prevent",
            Self::ReduceLikelihood => "reduce_likelihood",
            Self::DetectSooner => "detect_sooner",
            Self::LimitDamage => "limit_damage",
            Self::RecoverFaster => "recover_faster",
            Self::ImproveResponse => "improve_response",
            Self::SpreadKnowledge => "spread_knowledge",
            Self::Prepare => "prepare",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Prevent => "prevent",
            Self::ReduceLikelihood => "make less likely",
            Self::DetectSooner => "notice sooner",
            Self::LimitDamage => "limit damage",
            Self::RecoverFaster => "recover faster",
            Self::ImproveResponse => "respond better",
            Self::SpreadKnowledge => "spread knowledge",
            Self::Prepare => "be prepared",
        }
    }

    /// The intent of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|intent| intent.key() == key)
    }
}

/// Where an idea or follow-up stands. A commitment cannot exist without its owner and due date (ACT-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FollowUpState {
    /// An idea; resting until `opens_at`, then waiting for a choice.
    Idea,
    /// Somebody will do it by a day.
    Committed {
        /// Who.
        owner: PersonId,
        /// By when.
        due: Instant,
        /// When the commitment was made.
        at: Instant,
    },
    /// It was done.
    Done {
        /// Who did it.
        owner: PersonId,
        /// When.
        at: Instant,
    },
    /// It will not be done, and that is an outcome too.
    Dropped {
        /// Why not.
        reason: String,
        /// When that was decided.
        at: Instant,
    },
}

impl FollowUpState {
    /// The name in the record.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Idea => "idea",
            Self::Committed { .. } => "committed",
            Self::Done { .. } => "done",
            Self::Dropped { .. } => "dropped",
        }
    }
}

/// Why a follow-up cannot take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The idea still rests.
    #[error("This idea rests until {opens_at}. Nothing was changed; it can become a commitment then.")]
    StillResting {
        /// When it can become a commitment.
        opens_at: Instant,
    },
    /// The due date lies in the past.
    #[error("The due date lies in the past. Choose a later day.")]
    DueInThePast,
    /// The step does not lead from where it stands.
    #[error("This follow-up is already {0}.")]
    Already(&'static str),
    /// Dropping an idea is welcome, with its reason.
    #[error("Say why it is dropped; the reason stays in the document.")]
    NoReason,
}

impl FollowUp {
    /// Whether the idea still rests at `now`.
    pub fn rests(&self, now: Instant) -> bool {
        self.state == FollowUpState::Idea && now < self.opens_at
    }

    /// The part of the rest that is over at `now`, from 0 to 1.
    pub fn rested(&self, now: Instant) -> f64 {
        let whole = self.opens_at.since(self.raised_at).as_micros();
        if whole <= 0 || now >= self.opens_at {
            return 1.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a share for a picture needs no exact microseconds")]
        let share = now.since(self.raised_at).as_micros().max(0) as f64 / whole as f64;
        share.clamp(0.0, 1.0)
    }

    /// Makes it a commitment of `owner` by `due`, once its rest is over.
    pub fn commit(self, owner: PersonId, due: Instant, now: Instant) -> Result<Self, Refused> {
        match self.state {
            FollowUpState::Idea if now < self.opens_at => {
                Err(Refused::StillResting { opens_at: self.opens_at })
            }
            FollowUpState::Idea if due < now => Err(Refused::DueInThePast),
            FollowUpState::Idea => {
                Ok(Self { state: FollowUpState::Committed { owner, due, at: now }, ..self })
            }
            ref state => Err(Refused::Already(state.key())),
        }
    }

    /// Marks a commitment as done.
    pub fn finish(self, now: Instant) -> Result<Self, Refused> {
        match self.state {
            FollowUpState::Committed { owner, .. } => {
                Ok(Self { state: FollowUpState::Done { owner, at: now }, ..self })
            }
            ref state => Err(Refused::Already(state.key())),
        }
    }

    /// Lets go of an idea or a commitment, with the reason; possible at any time, also while it rests.
    pub fn drop_with(self, reason: &str, now: Instant) -> Result<Self, Refused> {
        let reason = reason.trim();
        match self.state {
            FollowUpState::Idea | FollowUpState::Committed { .. } if reason.is_empty() => {
                Err(Refused::NoReason)
            }
            FollowUpState::Idea | FollowUpState::Committed { .. } => {
                Ok(Self { state: FollowUpState::Dropped { reason: reason.to_owned(), at: now }, ..self })
            }
            ref state => Err(Refused::Already(state.key())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn idea(raised: i64, soak: i64) -> FollowUp {
        FollowUp {
            id: FollowUpId::new(Instant::from_seconds(0), [0; 10]),
            incident: IncidentId::new(Instant::from_seconds(0), [0; 10]),
            text: "Show which list a gate reads".into(),
            intent: Intent::DetectSooner,
            raised_by: None,
            raised_at: Instant::from_seconds(raised),
            opens_at: Instant::from_seconds(raised + soak),
            state: FollowUpState::Idea,
            revision: 0,
            event: None,
        }
    }

    fn somebody() -> PersonId {
        PersonId::new(Instant::from_seconds(0), [9; 10])
    }

    proptest! {
        /// The invariant of domain.md 1.20: no commitment before the rest ends.
        #[test]
        fn no_idea_becomes_a_commitment_before_its_rest_ends(soak in 0i64..400_000, wait in 0i64..400_000) {
            let now = Instant::from_seconds(1000 + wait);
            let outcome = idea(1000, soak).commit(somebody(), now.plus(Span::days(7)), now);
            if wait < soak {
                prop_assert_eq!(outcome, Err(Refused::StillResting { opens_at: Instant::from_seconds(1000 + soak) }));
            } else {
                prop_assert_eq!(outcome.unwrap().state.key(), "committed");
            }
        }

        #[test]
        fn the_share_rested_stays_between_nothing_and_all(soak in 0i64..400_000, now in -1000i64..900_000) {
            let share = idea(1000, soak).rested(Instant::from_seconds(now));
            prop_assert!((0.0..=1.0).contains(&share));
        }
    }

    #[test]
    fn dropping_is_always_open_and_always_has_a_reason() {
        let now = Instant::from_seconds(1001);
        assert_eq!(idea(1000, 9999).drop_with("  ", now), Err(Refused::NoReason));
        let dropped = idea(1000, 9999).drop_with("It would cost more than it saves.", now).unwrap();
        assert_eq!(dropped.clone().commit(somebody(), now, now), Err(Refused::Already("dropped")));
        assert_eq!(dropped.finish(now), Err(Refused::Already("dropped")));
    }

    #[test]
    fn a_commitment_is_finished_by_its_owner_of_record() {
        let now = Instant::from_seconds(5000);
        let committed = idea(1000, 0).commit(somebody(), now, now).unwrap();
        assert_eq!(committed.clone().commit(somebody(), now, now), Err(Refused::Already("committed")));
        assert_eq!(committed.finish(now).unwrap().state, FollowUpState::Done { owner: somebody(), at: now });
    }

    #[test]
    fn a_due_date_in_the_past_is_refused() {
        let now = Instant::from_seconds(5000);
        assert_eq!(
            idea(0, 0).commit(somebody(), Instant::from_seconds(4999), now),
            Err(Refused::DueInThePast)
        );
    }
}
