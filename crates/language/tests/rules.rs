//! The examples of the rules are their tests: each must fire in its own and keep silent in the others. And every rule that is
//! asked for is there.

use language::{Aid, Context, Surface};

/// A surface on which the rule speaks.
fn surface(rule: &language::RuleFile) -> Surface {
    rule.only
        .as_ref()
        .map_or(Surface::Any, |only| only.iter().find(|on| **on == Surface::Any).copied().unwrap_or(only[0]))
}

#[test]
fn every_example_does_what_its_rule_says() {
    let aid = Aid::english().unwrap();
    let mut wrong = Vec::new();
    for rule in aid.rules() {
        let context = Context {
            surface: Some(surface(rule)),
            partial_impact: true,
            no_follow_up: true,
            ..Context::default()
        };
        if rule.needs == Some(language::Need::Graph) {
            continue;
        }
        assert!(rule.fires.len() + rule.silent.len() > 1, "{} has no examples", rule.id);
        for (sentences, fires) in [(&rule.fires, true), (&rule.silent, false)] {
            for sentence in sentences {
                let found = aid.read(sentence, &context).iter().any(|finding| finding.rule.id == rule.id);
                if found != fires {
                    wrong.push(format!(
                        "{} must {}fire: {sentence}",
                        rule.id,
                        if fires { "" } else { "not " }
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every rule of domain.md 2.3 with the strength that it asks for there, in that order.
const ASKED_FOR: [(&str, &str); 22] = [
    ("CF-1", "question"),
    ("CF-2", "question"),
    ("CF-3", "question"),
    ("CF-4", "note"),
    ("OM-1", "question"),
    ("OM-2", "note"),
    ("HE-1", "strong"),
    ("HE-2", "strong"),
    ("NJ-1", "strong"),
    ("NJ-2", "question"),
    ("AN-1", "note"),
    ("BL-1", "strong"),
    ("HB-1", "note"),
    ("MN-1", "note"),
    ("RC-1", "note"),
    ("AI-1", "question"),
    ("AI-2", "note"),
    ("AI-3", "note"),
    ("WQ-1", "question"),
    ("DD-1", "note"),
    ("EX-1", "note"),
    ("PL-1", "strong"),
];

#[test]
fn every_rule_that_is_asked_for_is_there_with_its_strength_and_reasons() {
    let aid = Aid::english().unwrap();
    let of = |id: &str| aid.rules().find(|rule| rule.id == id).unwrap_or_else(|| panic!("there is no {id}"));
    for (id, strength) in ASKED_FOR {
        assert_eq!(of(id).strength.to_string(), strength, "{id}");
    }
    // LR-1 is asked of a graph; whatever its strength, a text never hears it.
    assert_eq!(of("LR-1").needs, Some(language::Need::Graph));
    for rule in aid.rules() {
        let id = &rule.id;
        assert!(rule.question.ends_with(['?', '.']) && rule.question.len() > 10, "{id} asks nothing");
        assert!(rule.why.ends_with('.') && rule.why.len() > 20, "{id} does not say why");
        assert!(rule.source.len() > 5, "{id} does not say where that is known from");
        assert!(!rule.why.contains('\n') && !rule.question.contains('\n'), "{id}: one line each");
    }
    let once: Vec<&str> = aid.rules().filter(|rule| rule.once).map(|rule| rule.id.as_str()).collect();
    assert_eq!(once, ["CF-5", "RC-1"]);
}

#[test]
fn the_rule_about_graphs_is_silent_without_one() {
    let aid = Aid::english().unwrap();
    let text = "The root cause was a full disk. The disk was full because the log grew. The log grew because nobody rotated it.";
    for surface in language::SURFACES.map(|(_, surface)| surface) {
        let context = Context { surface: Some(surface), partial_impact: true, ..Context::default() };
        assert!(aid.read(text, &context).iter().all(|finding| finding.rule.id != "LR-1"));
    }
}
