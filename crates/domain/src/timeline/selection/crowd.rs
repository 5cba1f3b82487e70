//! One event for one fact, and no more of an hour of chat than people read.

use super::{Candidate, Proposal, rank};
use crate::{EvidenceId, instant::Span};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The same words from two sources within this time are one fact.
const SAME: Span = Span::minutes(10);
/// How many events an hour of chat may give, by the clock in UTC. What was pinned, marked or reported
/// first is always kept, and so is what states that the incident is over.
pub const MOST_PER_HOUR: usize = 15;
/// From this score on a candidate is never left out.
const ALWAYS: u8 = 92;

/// Joins candidates that rest on the same evidence or say the same at the same time. The rule that
/// stands first in the table keeps its event; the evidence of both is cited.
pub fn join(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut candidates: Vec<_> = candidates.into_iter().map(|it| (rank(it.proposal.rule), it)).collect();
    candidates.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut kept: Vec<Candidate> = Vec::new();
    let mut cited: HashMap<EvidenceId, usize> = HashMap::new();
    let mut keys: HashSet<String> = HashSet::new();
    let mut worded: HashMap<String, Vec<usize>> = HashMap::new();
    for (_, candidate) in candidates {
        let own = candidate.proposal.evidence.first().is_some_and(|id| cited.contains_key(id));
        // A stated start stands at another time than its record, so the record may give two events.
        let elsewhere = candidate.proposal.rule.ends_with("impact_start");
        if own && !elsewhere {
            continue;
        }
        let words = comparable(&candidate.proposal);
        let twin = worded.get(&words).into_iter().flatten().rev().take(20).copied().find(|at| {
            kept.get(*at).is_some_and(|it| {
                let apart = candidate.proposal.at.since(it.proposal.at).as_micros().abs();
                apart <= SAME.as_micros() && !elsewhere && sources_differ(it, &candidate)
            })
        });
        let index = match twin {
            Some(at) => at,
            None if !keys.insert(candidate.proposal.key.clone()) => continue,
            None => kept.len(),
        };
        if !elsewhere {
            for id in &candidate.proposal.evidence {
                cited.entry(*id).or_insert(index);
            }
        }
        match kept.get_mut(index) {
            Some(first) => first.proposal.evidence.extend(candidate.proposal.evidence),
            None => {
                worded.entry(words).or_default().push(index);
                kept.push(candidate);
            }
        }
    }
    kept
}

/// Keeps the [`MOST_PER_HOUR`] strongest events of every hour of chat.
pub fn thin_out(candidates: Vec<Candidate>) -> Vec<Proposal> {
    let mut hours: BTreeMap<i64, Vec<Candidate>> = BTreeMap::new();
    let mut kept = Vec::new();
    for candidate in candidates {
        if candidate.chat {
            hours
                .entry(candidate.proposal.at.as_micros().div_euclid(3_600_000_000))
                .or_default()
                .push(candidate);
        } else {
            kept.push(candidate.proposal);
        }
    }
    for mut hour in hours.into_values() {
        let found = hour.len();
        hour.sort_by(|a, b| {
            (b.score, a.proposal.at, &a.proposal.key).cmp(&(a.score, b.proposal.at, &b.proposal.key))
        });
        let chosen =
            hour.into_iter().enumerate().filter(|(at, it)| *at < MOST_PER_HOUR || it.score >= ALWAYS);
        kept.extend(chosen.map(|(_, mut it)| {
            if found > MOST_PER_HOUR && it.score < ALWAYS {
                let crowded = format!(" Kept among the strongest {MOST_PER_HOUR} of {found} in this hour.");
                it.proposal.reason.push_str(&crowded);
            }
            it.proposal
        }));
    }
    kept
}

fn order((rank, it): &(usize, Candidate)) -> (usize, crate::Instant, &str) {
    (*rank, it.proposal.at, &it.proposal.key)
}

/// The words by which two sources are seen to tell the same fact.
fn comparable(it: &Proposal) -> String {
    let title = it.title.to_ascii_lowercase();
    let title = title.strip_prefix("triggered: ").unwrap_or(&title);
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(100).collect()
}

/// Two messages with the same words are two facts; a note and a message with the same words are one.
fn sources_differ(a: &Candidate, b: &Candidate) -> bool {
    a.chat != b.chat || a.proposal.rule != b.proposal.rule
}
