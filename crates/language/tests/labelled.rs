//! The fixtures and labelled sentences that may lie beside this project; without them these tests say so and pass.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its data must fail")]

use language::{Aid, Context, Surface};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

fn lines(name: &str) -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/lint").join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("{name} is not beside the project; nothing is checked.");
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn every_fixture_gets_the_rules_it_asks_for_and_no_other() {
    let Some(fixtures) = lines("fixtures.jsonl") else { return };
    let aid = Aid::english().unwrap();
    for fixture in fixtures {
        let surface: Surface = fixture["surface"].as_str().unwrap().parse().unwrap();
        let context = Context { surface: Some(surface), ..Context::default() };
        let findings = aid.read(fixture["text"].as_str().unwrap(), &context);
        let found: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.id.as_str()).collect();
        let asked: BTreeSet<&str> =
            fixture["rules"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(found, asked, "{}", fixture["text"]);
    }
}

#[test]
fn clean_sentences_are_left_alone() {
    let Some(sentences) = lines("lint-dev.jsonl") else { return };
    let aid = Aid::english().unwrap();
    let context = Context { surface: Some(Surface::Any), ..Context::default() };
    let counted = ["blame", "human_error", "hindsight", "single_root_cause", "vague_action"];
    let clean: Vec<&Value> =
        sentences.iter().filter(|sentence| sentence["labels"].as_array().unwrap().is_empty()).collect();
    let flagged = clean.iter().filter(|sentence| {
        let findings = aid.read(sentence["text"].as_str().unwrap(), &context);
        findings.iter().any(|finding| counted.contains(&finding.family.to_string().as_str()))
    });
    assert!(flagged.count() * 100 <= clean.len() * 5);
}
