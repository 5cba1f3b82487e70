//! A post-mortem: one owner, and the way from draft to published and closed.

use crate::{IncidentId, Instant, PersonId, PostmortemId};
use serde::{Deserialize, Serialize};

/// A post-mortem of one incident (several incidents per post-mortem come with X-44).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postmortem {
    /// Which post-mortem; also names the shared document.
    pub id: PostmortemId,
    /// The incident it is about.
    pub incident: IncidentId,
    /// The headline; the incident's title until somebody finds a better one.
    pub title: String,
    /// The key of the template it began from.
    pub template: String,
    /// Who looks after it.
    pub ownership: Ownership,
    /// Where it stands.
    pub state: PostmortemState,
    /// When it was created.
    pub created_at: Instant,
    /// When it was last published.
    pub published_at: Option<Instant>,
    /// Counts changes, so that two people pressing buttons notice each other.
    pub revision: i64,
}

/// Who looks after a post-mortem: exactly one person, or nobody yet with a time by which to choose (OWN-01,
/// OWN-02). A team cannot stand here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Nobody yet; somebody is to be chosen by this time.
    ToBeChosen {
        /// When the choice is due.
        due: Instant,
    },
    /// One person.
    Owned {
        /// Who.
        owner: PersonId,
        /// Since when.
        since: Instant,
    },
}

impl Ownership {
    /// The owner, if there is one.
    pub const fn owner(self) -> Option<PersonId> {
        match self {
            Self::Owned { owner, .. } => Some(owner),
            Self::ToBeChosen { .. } => None,
        }
    }
}

/// Where a post-mortem stands (LIF-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostmortemState {
    /// Being written.
    Draft,
    /// Others read it before it is published.
    InReview,
    /// Open to its readers.
    Published,
}

impl PostmortemState {
    /// Every state, in order.
    pub const ALL: [Self; 3] = [Self::Draft, Self::InReview, Self::Published];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Published => "published",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Being written",
            Self::InReview => "In review",
            Self::Published => "Published",
        }
    }

    /// The state of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// A step a person can take with a post-mortem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Ask others to read it.
    AskForReview,
    /// Take it back to writing.
    BackToDraft,
    /// Open it to its readers.
    Publish,
}

/// Why a step is not possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// The step does not lead from here.
    #[error("It is {} now, and this step does not lead on from there.", .from.label().to_lowercase())]
    NotFromHere {
        /// Where it stands.
        from: PostmortemState,
        /// What was tried.
        step: Step,
    },
    /// Publishing needs somebody who looks after it.
    #[error("Nobody looks after this document yet. Choose its owner first.")]
    NoOwner,
}

impl Postmortem {
    /// Takes a step at `now`, or says why not.
    pub fn step(self, step: Step, now: Instant) -> Result<Self, StepRefused> {
        use PostmortemState::{Draft, InReview, Published};
        match (self.state, step) {
            (Draft, Step::AskForReview) => Ok(Self { state: InReview, ..self }),
            (InReview | Published, Step::BackToDraft) => Ok(Self { state: Draft, ..self }),
            (InReview, Step::Publish) if self.ownership.owner().is_none() => Err(StepRefused::NoOwner),
            (InReview, Step::Publish) => Ok(Self { state: Published, published_at: Some(now), ..self }),
            (from, step) => Err(StepRefused::NotFromHere { from, step }),
        }
    }

    /// Gives it to `owner`, who replaces whoever looked after it before.
    pub fn hand_to(self, owner: PersonId, now: Instant) -> Self {
        Self { ownership: Ownership::Owned { owner, since: now }, ..self }
    }

    /// The steps that lead from here, for buttons; the first one is the usual next.
    pub fn steps(&self) -> &'static [Step] {
        match self.state {
            PostmortemState::Draft => &[Step::AskForReview],
            PostmortemState::InReview => &[Step::Publish, Step::BackToDraft],
            PostmortemState::Published => &[Step::BackToDraft],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Postmortem {
        Postmortem {
            id: PostmortemId::new(Instant::from_seconds(0), [1; 10]),
            incident: IncidentId::new(Instant::from_seconds(0), [2; 10]),
            title: "The gates".into(),
            template: "incident-io".into(),
            ownership: Ownership::ToBeChosen { due: Instant::from_seconds(86_400) },
            state: PostmortemState::Draft,
            created_at: Instant::from_seconds(0),
            published_at: None,
            revision: 0,
        }
    }

    #[test]
    fn from_draft_to_published_needs_an_owner() {
        let now = Instant::from_seconds(10);
        let review = draft().step(Step::AskForReview, now).unwrap();
        assert_eq!(review.clone().step(Step::Publish, now), Err(StepRefused::NoOwner));
        let owner = PersonId::new(now, [3; 10]);
        let published = review.hand_to(owner, now).step(Step::Publish, now).unwrap();
        assert_eq!((published.state, published.published_at), (PostmortemState::Published, Some(now)));
        assert_eq!(published.ownership.owner(), Some(owner));
        assert_eq!(published.step(Step::BackToDraft, now).unwrap().state, PostmortemState::Draft);
    }

    #[test]
    fn offered_steps_are_exactly_the_possible_ones() {
        let now = Instant::from_seconds(10);
        let owned = draft().hand_to(PersonId::new(now, [3; 10]), now);
        for state in PostmortemState::ALL {
            let here = Postmortem { state, ..owned.clone() };
            for step in [Step::AskForReview, Step::BackToDraft, Step::Publish] {
                assert_eq!(
                    here.clone().step(step, now).is_ok(),
                    here.steps().contains(&step),
                    "{state:?} {step:?}"
                );
            }
        }
    }

    #[test]
    fn handing_over_replaces_the_owner() {
        let (a, b) = (
            PersonId::new(Instant::from_seconds(1), [1; 10]),
            PersonId::new(Instant::from_seconds(1), [2; 10]),
        );
        let twice = draft().hand_to(a, Instant::from_seconds(1)).hand_to(b, Instant::from_seconds(2));
        assert_eq!(twice.ownership, Ownership::Owned { owner: b, since: Instant::from_seconds(2) });
    }
}
