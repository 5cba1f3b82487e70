//! The rules in words, for `docs/language.md`.

use crate::{
    reading::Aid,
    rules::{Need, RuleFile},
};
use std::fmt::Write as _;

/// Every rule with its question, why, source, and sentences in which it speaks and keeps silent, as Markdown.
pub fn guide(aid: &Aid) -> String {
    let mut out = String::new();
    for rule in aid.rules() {
        describe(&mut out, rule);
    }
    out
}

fn describe(out: &mut String, rule: &RuleFile) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "\n### {} {}\n", rule.id, rule.name);
    let _ = writeln!(out, "**{}**\n", rule.question);
    let _ = writeln!(out, "{} ({})\n", rule.why, rule.source);
    let mut told = format!("Family {}, strength {}", rule.family, rule.strength);
    if let Some(only) = &rule.only {
        let names: Vec<&str> = only.iter().map(|surface| surface.name()).collect();
        let _ = write!(told, "; only on {}", names.join(", "));
    }
    let silent: Vec<&str> = rule
        .surfaces
        .iter()
        .filter(|(_, voice)| **voice == crate::rules::Voice::Silent)
        .map(|(surface, _)| surface.name())
        .collect();
    if !silent.is_empty() {
        let _ = write!(told, "; silent on {}", silent.join(", "));
    }
    if rule.once {
        told.push_str("; once in a document");
    }
    match rule.needs {
        Some(Need::PartialImpact) => {
            told.push_str("; only where the record says that the impact was partial")
        }
        Some(Need::NoFollowUp) => {
            told.push_str("; only where the record says that nobody has promised a follow-up yet")
        }
        Some(Need::Graph) => told.push_str("; reads the graph of what contributed, not sentences"),
        None => {}
    }
    let _ = writeln!(out, "{told}.");
    if !rule.fires.is_empty() {
        let _ = writeln!(out, "\nSpeaks in: {}", rule.fires.join(" · "));
        let _ = writeln!(out, "\nKeeps silent in: {}", rule.silent.join(" · "));
    }
}
