//! What the command palette and mentions find.

use crate::{App, Result};
use domain::{
    EventId, Instant, PersonId,
    access::{Action, Actor},
    incident::IncidentNumber,
};
use store::palette as record;

/// A thing to go to.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The incident.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// Whether it has a post-mortem.
    pub has_postmortem: bool,
}

/// Something to mention in a document.
#[derive(Debug, Clone, Default)]
pub struct Mentions {
    /// People by name.
    pub people: Vec<(PersonId, String)>,
    /// Events of the incident's timeline: id, instant, title.
    pub events: Vec<(EventId, Instant, String)>,
}

/// How many incidents are found at most.
const HITS: i64 = 12;
/// How many people and how many events are offered at most.
const OFFERED: usize = 8;

/// Incidents that match the words by number, title or what else the list looks through, at most 12. The one
/// whose number was typed stands first, then the newest.
pub async fn find(app: &App, actor: &Actor, words: &str) -> Result<Vec<Hit>> {
    let mut tx = app.read(actor, Action::Read).await?;
    let hits = record::incidents(&mut tx, words, words.trim().parse().ok(), HITS, app.sight(actor)).await?;
    Ok(hits
        .into_iter()
        .map(|(number, title, has_postmortem)| Hit { number, title, has_postmortem })
        .collect())
}

/// People and events to mention in the document of an incident, at most 8 of each. Two statements.
pub async fn mentions(app: &App, actor: &Actor, number: IncidentNumber, words: &str) -> Result<Mentions> {
    let mut tx = app.read(actor, Action::Read).await?;
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let matches = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut people = record::people(&mut tx).await?;
    people.retain(|(_, name)| matches(name));
    people.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    people.truncate(OFFERED);
    let mut events = record::events(&mut tx, number, app.sight(actor)).await?;
    events.retain(|(_, _, title)| matches(title));
    events.truncate(OFFERED);
    Ok(Mentions { people, events })
}
