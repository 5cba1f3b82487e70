//! Surfaces, headings, names and limits.
#![expect(clippy::unwrap_used, reason = "the shipped rules are known to fit together")]

use language::{Aid, Context, Places, Strength, Surface, Written, strongest};

fn rules(text: &str, context: &Context) -> Vec<String> {
    Aid::english().unwrap().read(text, context).iter().map(|finding| finding.rule.id.clone()).collect()
}

#[test]
fn headings_say_where_a_text_lives() {
    let text = "# Late mail\n\n## What happened\n\nWe should have called.\n\nImprove the alerting.\n\n\
                ## Where we got lucky\n\nWithout the drill we would have noticed later and should have lost a day.\n\n\
                ## Action items\n\n- We should have drills.\n- Improve the alerting\n";
    let aid = Aid::english().unwrap();
    let findings = aid.read(text, &Context::default());
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule.id.as_str(), finding.surface)).collect();
    assert_eq!(found, [("CF-1", Surface::Narrative), ("AI-2", Surface::FollowUp)]);
}

#[test]
fn ones_own_account_gets_a_gentle_note() {
    let context = Context { surface: Some(Surface::Account), ..Context::default() };
    assert_eq!(rules("I should have called earlier.", &context), ["CF-5"]);
}

#[test]
fn names_leave_with_a_public_version_only() {
    let public = Context { surface: Some(Surface::Public), ..Context::default() };
    assert_eq!(rules("Ana restarted the relay.", &public), ["PL-1"]);
    assert!(rules("Ana restarted the relay.", &Context::default()).is_empty());
}

#[test]
fn a_workspace_knows_its_people_and_services() {
    let mut context = Context::default();
    assert!(rules("Then Quorra failed to reply.", &context).is_empty());
    context.people.insert("quorra".to_owned());
    assert_eq!(rules("Then Quorra failed to reply.", &context), ["OM-1"]);
    context.services.insert("quorra".to_owned());
    assert!(rules("Then Quorra failed to reply.", &context).is_empty());
    assert_eq!(rules("Then @quorra failed to reply.", &context), ["OM-1"]);
}

#[test]
fn a_rule_that_is_off_is_silent() {
    let mut context = Context::default();
    context.off.insert("OM-1".to_owned());
    assert!(rules("The team failed to reply.", &context).is_empty());
}

#[test]
fn a_workspace_adds_rules_of_its_own() {
    let own = r#"
rules:
  - id: X-1
    name: War room
    family: animated
    strength: note
    question: Who met where?
    why: Nobody is at war.
    source: ourselves
    fires: [A war room was opened.]
    silent: [A call was opened.]
    when:
      - phrase: ["war room"]
"#;
    let aid = Aid::with(&[Written::Yaml(own)]).unwrap();
    let context = Context::default();
    assert_eq!(aid.read("A war room was opened.", &context).len(), 1);
    let broken = own.replace("war room\"]", "@nothing\"]");
    assert!(Aid::with(&[Written::Yaml(&broken)]).unwrap_err().to_string().contains("X-1"));
}

#[test]
fn one_finding_a_sentence_the_strongest() {
    let aid = Aid::english().unwrap();
    let text = "It was ridiculous that the vendor failed to reply, and the cause was human error. The team forgot the key.";
    let findings = aid.read(text, &Context::default());
    let shown = strongest(&findings);
    assert_eq!(shown.len(), 2);
    assert_eq!((shown[0].rule.id.as_str(), shown[0].strength), ("HE-1", Strength::Strong));
    assert_eq!(shown[1].rule.id, "OM-1");
    let again = aid.read(&format!("New first.\n\n{text}"), &Context::default());
    assert_eq!(strongest(&again)[1].sentence_key, shown[1].sentence_key);
}

#[test]
fn a_pronoun_stands_for_the_nearest_noun() {
    let context = Context::default();
    assert_eq!(rules("The reviewers met at noon. They missed the second page.", &context), ["OM-1"]);
    assert!(rules("The probes ran at noon. They missed the second page.", &context).is_empty());
}

#[test]
fn places_count_characters() {
    let places = Places::new("é\nüü the team\r\n");
    assert_eq!(places.of(3), (2, 1));
    assert_eq!(places.of(8), (2, 4));
    assert_eq!(places.excerpt(8, 100), 3..16);
    assert_eq!(Places::new("  a b  \nc").excerpt(4, 100), 2..5);
    assert_eq!(Places::new("a\n \nb").excerpt(2, 100).len(), 0);
}

#[test]
fn own_rules_are_tried_before_they_are_used() {
    let rule = |phrase: &str, fires: &str, silent: &str| {
        format!(
            "rules:\n  - id: X-2\n    name: A\n    family: animated\n    strength: note\n    question: Q\n    why: W\n    source: S\n    \
             fires: [\"{fires}\"]\n    silent: [\"{silent}\"]\n    when:\n      - phrase: [\"{phrase}\"]\n"
        )
    };
    let own = rule("war room", "A war room was opened.", "A call was opened.");
    assert!(Aid::with(&[Written::Yaml(&own)]).is_ok());
    let refused = |file: String| Aid::with(&[Written::Yaml(&file)]).unwrap_err().to_string();
    assert!(
        refused(rule("war room", "A call was opened.", "Nothing."))
            .contains("must speak in “A call was opened.”")
    );
    assert!(
        refused(rule("war room", "A war room.", "The war room."))
            .contains("must keep silent in “The war room.”")
    );
    assert!(refused(rule("a ..20 b ..20 c ..20 d", "a b c d", "e")).contains("could be slow"));
    assert!(refused("rules:\n  - id: [4]".to_owned()).contains("line 2"));
}

#[test]
fn little_is_shown_at_once() {
    let aid = Aid::english().unwrap();
    let text = "The team failed to reply. The vendor was careless. The crew forgot the key. The shift ignored the alarm.\n\n\
                The root cause was a lock.\n\nThe root cause was a disk.\n\nIt was their fault. The reviewer overlooked the index. We should have asked.";
    let findings = aid.read(text, &Context::default());
    let shown = language::within_limits(&findings, false);
    let rules: Vec<&str> = shown.iter().map(|finding| finding.rule.id.as_str()).collect();
    assert_eq!(rules, ["OM-1", "NJ-1", "OM-1", "RC-1", "BL-1", "OM-1", "CF-1"]);
    assert_eq!(language::within_limits(&findings, true).len(), 5);
    let (open, beside) = language::shown_and_beside(&findings, false);
    assert_eq!(open.len(), shown.len());
    let rules: Vec<&str> = beside.iter().map(|finding| finding.rule.id.as_str()).collect();
    assert_eq!(rules, ["OM-1"], "the fourth of its paragraph; what speaks once is not said again");
}

#[test]
fn a_rule_most_dismiss_speaks_lower_and_then_not_at_all() {
    let aid = Aid::english().unwrap();
    let mut context = Context::default();
    context.demoted.extend(["OM-1", "RC-1"].map(str::to_owned));
    assert_eq!(aid.read("The team failed to reply.", &context)[0].strength, Strength::Note);
    assert!(aid.read("The root cause was a lock.", &context).is_empty());
}

#[test]
fn outage_is_asked_about_where_the_record_says_partial() {
    let mut context = Context { surface: Some(Surface::Public), ..Context::default() };
    assert!(rules("The outage lasted an hour.", &context).is_empty());
    context.partial_impact = true;
    assert_eq!(rules("The outage lasted an hour.", &context), ["EX-1"]);
}

#[test]
fn a_workspace_says_whose_names_leave() {
    let mut context = Context { surface: Some(Surface::Public), ..Context::default() };
    context.people.insert("quorra".to_owned());
    context.services.insert("dana".to_owned());
    assert_eq!(rules("Then Quorra restarted it.", &context), ["PL-1"]);
    assert!(rules("Then Dana restarted it.", &context).is_empty());
}

#[test]
fn a_graph_in_one_line_is_asked_about() {
    let aid = Aid::english().unwrap();
    let graph = language::Graph { people: &[false, false, true], edges: &[(0, 1), (1, 2)] };
    assert_eq!(aid.read_graph(&graph, &Context::default()).unwrap().id, "LR-1");
    let graph = language::Graph { people: &[false, false, true], edges: &[(0, 1)] };
    assert!(aid.read_graph(&graph, &Context::default()).is_none());
}
