//! Sentences of our own, read on the surface `any`: families that must be found, and nothing else.

use language::{Aid, Context, Surface};
use std::collections::BTreeSet;

const SENTENCES: &str = include_str!("sentences.txt");
/// Families that count here; the quieter ones may speak too.
const COUNTED: [&str; 5] = ["blame", "human_error", "hindsight", "single_root_cause", "vague_action"];

#[test]
fn every_sentence_is_understood() {
    let aid = Aid::english().unwrap();
    let context = Context { surface: Some(Surface::Any), ..Context::default() };
    let mut wrong = Vec::new();
    for line in SENTENCES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (families, sentence) = line.split_once(": ").unwrap();
        let asked: BTreeSet<&str> = families.split(' ').filter(|family| *family != "-").collect();
        let findings = aid.read(sentence, &context);
        let found: BTreeSet<String> = findings.iter().map(|finding| finding.family.to_string()).collect();
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id.as_str()).collect();
        // An omission may be filed under blame or under hindsight.
        let has = |family: &str| {
            found.contains(family)
                || (family == "blame" && found.contains("hindsight"))
                || (family == "hindsight" && found.contains("blame"))
        };
        let missing = asked.iter().any(|family| !has(family));
        let extra = found.iter().any(|family| {
            let alike = asked.contains("blame") || asked.contains("hindsight");
            COUNTED.contains(&family.as_str())
                && !asked.contains(family.as_str())
                && !(alike && ["blame", "hindsight"].contains(&family.as_str()))
        });
        if missing || extra {
            wrong.push(format!("{families}: {sentence}\n    found {found:?} by {rules:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
