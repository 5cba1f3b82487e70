//! The examples of the rules are their tests: each must fire in its own and keep silent in the others.

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
        let context = Context { surface: Some(surface(rule)), partial_impact: true, ..Context::default() };
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
