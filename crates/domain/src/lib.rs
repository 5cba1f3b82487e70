//! The nouns and rules of learning from incidents: values in, values out.
//!
//! Nothing here is asynchronous, reads a clock, draws a random number, speaks SQL or HTML. Whatever
//! changes with time takes the time as an argument, so that every rule can be tested at any instant.

pub mod access;
pub mod account;
pub mod difference;
pub mod document;
pub mod evidence;
pub mod follow_up;
pub mod group_roles;
pub mod ids;
pub mod incident;
pub mod instant;
pub mod lookalike;
pub mod misses;
pub mod on_call;
pub mod passage;
pub mod person;
pub mod postmortem;
pub mod reach;
pub mod scope;
pub mod sealed;
pub mod team;
pub mod template;
pub mod timeline;
pub mod version;
pub mod vocabulary;

pub use ids::{
    DeliveryId, EventId, EvidenceId, FollowUpId, HookId, ImportId, IncidentId, IntervalId, JobId, PersonId,
    PostmortemId, SealedId, ServiceId, SessionId, TeamId, TimelineActId, TokenId,
};
pub use instant::Instant;
