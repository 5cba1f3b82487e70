//! The shape of a story's files (`data/schemas/story.json`).

use domain::{
    Instant,
    follow_up::Intent,
    incident::{IncidentKind, Severity},
    timeline::{EventKind, KeyInstant, Precision, event::ActorKind},
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub struct Cast {
    pub company: Company,
    pub teams: Vec<Team>,
    pub people: Vec<Person>,
}

#[derive(Debug, Deserialize)]
pub struct Company {
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub struct Team {
    pub key: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub struct Person {
    pub key: String,
    pub name: String,
    pub email: String,
    pub role: String,
    pub slack_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub key: String,
    pub title: String,
    pub summary: String,
    pub kind: IncidentKind,
    pub severity: Option<Severity>,
    pub team: String,
    pub services: Vec<String>,
    pub state: State,
    pub declared_at: Instant,
    pub resolved_at: Option<Instant>,
    #[serde(rename = "people")]
    pub _people: Vec<String>,
    pub postmortem: Option<Postmortem>,
    pub follow_ups: Vec<FollowUp>,
    #[serde(default)]
    pub timeline_edits: Edits,
    #[serde(default)]
    pub key_instants: BTreeMap<KeyInstant, Chosen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Active,
    Mitigated,
    Resolved,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postmortem {
    pub title: String,
    pub state: domain::postmortem::PostmortemState,
    pub owner: Option<String>,
    pub published_at: Option<Instant>,
    pub document: Option<Document>,
}

#[derive(Debug, Deserialize)]
pub struct Document {
    pub sections: Vec<Section>,
}

#[derive(Debug, Deserialize)]
pub struct Section {
    pub key: String,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    P(String),
    H3(String),
    Ul(Vec<String>),
    Ol(Vec<String>),
    Tasks(Vec<Task>),
    Quote(String),
    Code(Code),
    Table(Vec<Vec<String>>),
    Question(String),
    Live(String),
}

#[derive(Debug, Deserialize)]
pub struct Task {
    pub done: bool,
    pub text: String,
}

#[derive(Debug, Deserialize)]
pub struct Code {
    pub language: Option<String>,
    pub text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    pub text: String,
    pub intent: Intent,
    pub raised_by: String,
    pub raised_at: Instant,
    #[serde(default = "usual_soak")]
    pub soak_hours: i64,
    pub state: Became,
}

const fn usual_soak() -> i64 {
    48
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    Idea,
    Committed { owner: String, due: Instant, at: Instant },
    Done { owner: String, at: Instant },
    Dropped { reason: String, at: Instant },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edits {
    pub events: Vec<Event>,
    pub hide: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub at: Instant,
    pub precision: Precision,
    pub kind: EventKind,
    pub title: String,
    #[serde(default)]
    pub detail: String,
    pub actor: Option<String>,
    pub actor_kind: Option<ActorKind>,
    pub team: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    pub event: String,
    pub note: String,
}
