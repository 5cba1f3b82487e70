//! From exported files to a draft without an installation: import, timeline, document, all in memory.

use crate::{article, templates};
use domain::{
    EvidenceId, Instant,
    document::{Block, Inline},
    evidence::{Evidence, StoredEvidence, participants},
    incident::{IncidentKind, Severity},
    timeline::selection::{Selection, select},
    vocabulary::Term,
};
use exports::{Article, Moment, Questions};
use std::collections::{BTreeMap, HashMap};

/// What a draft is made of.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// The headline; a neutral one if no source gave any.
    pub title: Option<String>,
    /// Everything that was gathered, in any order.
    pub evidence: Vec<Evidence>,
    /// How bad, if a source said so.
    pub severity: Option<Severity>,
    /// Affected services.
    pub services: Vec<String>,
    /// The teams that responded.
    pub teams: Vec<String>,
    /// When a source opened it.
    pub declared_at: Option<Instant>,
    /// When a source closed it.
    pub resolved_at: Option<Instant>,
}

/// Why no draft can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDraft {
    /// There is no such template.
    #[error("There is no template “{name}”. Known are: {known}.")]
    Template {
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The files hold nothing.
    #[error("The files hold no record of this incident, so there is nothing to draft from.")]
    Empty,
}

/// The draft of a post-mortem: facts, the timeline that the rules chose, and questions where people think.
pub fn draft(material: Material, template: &str) -> Result<Article, NoDraft> {
    let template = templates::find(template).ok_or_else(|| NoDraft::Template {
        name: template.to_owned(),
        known: templates::all().iter().map(|template| template.key.as_str()).collect::<Vec<_>>().join(", "),
    })?;
    if material.evidence.is_empty() {
        return Err(NoDraft::Empty);
    }
    let evidence = number(material.evidence);
    let selection = select(&evidence);
    let participants = participants(evidence.iter().map(|stored| &stored.evidence));
    let by_key: HashMap<&str, Instant> =
        selection.events.iter().map(|event| (event.key.as_str(), event.at)).collect();
    let instants: BTreeMap<_, _> = selection
        .instants
        .iter()
        .filter_map(|proposal| Some((proposal.instant, *by_key.get(proposal.key.as_str())?)))
        .collect();
    let team = (!material.teams.is_empty()).then(|| material.teams.join(", "));
    let facts = article::Facts {
        kind: Some(IncidentKind::Incident),
        severity: material.severity,
        services: &material.services,
        team: team.as_deref(),
        declared_at: material.declared_at,
        resolved_at: material.resolved_at,
        instants,
        participants: &participants,
        owner: None,
        term: &Term::default(),
    };
    let mut document = template.begin();
    if let Some(opening) = opening(&material.title, &material.services, &facts) {
        // Facts only; what they mean is for people to write.
        document.blocks.insert(1, Block::Paragraph(vec![Inline::text(opening)]));
    }
    Ok(Article {
        title: material.title.unwrap_or_else(|| "An incident".to_owned()),
        kicker: "Draft".to_owned(),
        facts: facts.lines(),
        document,
        timeline: moments(&selection, &evidence),
        follow_ups: Vec::new(),
        questions: Questions::Shown,
    })
}

/// One sentence of facts that every source agrees on, so that the summary does not begin empty.
fn opening(title: &Option<String>, services: &[String], facts: &article::Facts<'_>) -> Option<String> {
    let at = facts.declared_at?.format(&jiff::tz::TimeZone::UTC, "%-d %B %Y at %H:%M UTC");
    let what = title.as_deref()?.trim().trim_end_matches('.');
    let on = match services {
        [] => String::new(),
        services => format!(" ({})", services.join(", ")),
    };
    let end = match facts.resolved_at {
        Some(end) => format!(" The response ended {} later.", end.since(facts.declared_at.unwrap_or(end))),
        None => " No source says when the response ended.".to_owned(),
    };
    Some(format!("“{what}”{on} was opened on {at}.{end}"))
}

/// Evidence with ids that follow the order of the records, so that the same files give the same draft.
fn number(evidence: Vec<Evidence>) -> Vec<StoredEvidence> {
    evidence
        .into_iter()
        .enumerate()
        .map(|(place, evidence)| {
            let mut random = [0; 10];
            random[2..].copy_from_slice(&(place as u64).to_be_bytes());
            StoredEvidence { id: EvidenceId::new(evidence.at, random), digest: evidence.digest(), evidence }
        })
        .collect()
}

fn moments(selection: &Selection, evidence: &[StoredEvidence]) -> Vec<Moment> {
    let by_id: HashMap<EvidenceId, &Evidence> =
        evidence.iter().map(|stored| (stored.id, &stored.evidence)).collect();
    selection
        .events
        .iter()
        .map(|event| Moment {
            attached: Vec::new(),
            at: event.at,
            precision: event.precision,
            kind: event.kind,
            title: event.title.clone(),
            detail: event.detail.clone(),
            actor: event.actor.as_ref().map(|actor| actor.name.clone()),
            team: None,
            instants: selection
                .instants
                .iter()
                .filter(|proposal| proposal.key == event.key)
                .map(|proposal| proposal.instant)
                .collect(),
            sources: article::sources(
                event
                    .evidence
                    .iter()
                    .filter_map(|id| by_id.get(id))
                    .map(|evidence| (evidence.source.label(), evidence.place.as_deref())),
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_template_is_named_with_those_that_exist() {
        let refused = draft(Material::default(), "waterfall").unwrap_err();
        assert_eq!(refused.to_string(), "There is no template “waterfall”. Known are: incident-io.");
    }

    #[test]
    fn nothing_gives_no_draft() {
        assert_eq!(draft(Material::default(), "incident-io").unwrap_err(), NoDraft::Empty);
    }
}
