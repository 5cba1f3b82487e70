//! What the three formats say about one text.

use super::{Checked, human, records, sarif};
use language::{Aid, Context};

const TEXT: &str = "# Late mail\n\nWe waited. Ünal and the vendor failed to call, by human error.\n";

fn checked(aid: &Aid) -> Vec<Checked<'_>> {
    let findings = aid.read(TEXT, &Context::default());
    vec![Checked { name: "./late mail.md".to_owned(), text: TEXT.to_owned(), findings }]
}

#[test]
fn json_has_the_documented_fields() {
    let aid = Aid::english().unwrap();
    let records = records(&checked(&aid));
    let records = records.as_array().unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|record| (record["rule"].as_str().unwrap(), record["family"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("OM-1", "blame"), ("HE-1", "human_error")]);
    let first = &records[0];
    assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(3), Some(32)));
    let (start, end) = (first["start"].as_u64().unwrap(), first["end"].as_u64().unwrap());
    assert_eq!(first["text"], TEXT[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]);
    for field in ["file", "strength", "question", "why", "source"] {
        assert!(first[field].as_str().is_some_and(|text| !text.is_empty()), "{field}");
    }
}

#[test]
fn sarif_points_to_words_and_rules() {
    let aid = Aid::english().unwrap();
    let log = sarif::log(&aid, &checked(&aid));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "late%20mail.md");
    assert_eq!(place["region"]["startColumn"], 32);
    assert!(run["results"].as_array().unwrap().iter().all(|result| result["level"] != "error"));
}

#[test]
fn the_line_stands_under_the_words_that_are_meant() {
    let aid = Aid::english().unwrap();
    let text = "\tThe router ignored it, and the vendor\nignored the alarm after the crew ignored\nit. é The vendor failed\nto call.\n";
    let findings = aid.read(text, &Context { markdown: false, ..Context::default() });
    let shown = human::write(&[Checked { name: "a".to_owned(), text: text.to_owned(), findings }]);
    for line in shown.lines().filter(|line| line.trim_start().starts_with('~')) {
        let above = shown.lines().nth(shown.lines().position(|it| it == line).unwrap() - 1).unwrap();
        let at = line.chars().position(|c| c == '~').unwrap();
        let many = line.chars().filter(|c| *c == '~').count();
        let words: String = above.chars().skip(at).take(many).collect();
        assert!(["ignored", "failed"].contains(&words.as_str()), "{shown}");
    }
    assert!(shown.contains('~'), "{shown}");
}

#[test]
fn people_see_one_question_a_sentence() {
    let aid = Aid::english().unwrap();
    let shown = human::write(&checked(&aid));
    assert!(shown.contains("strong HE-1") && !shown.contains("OM-1"), "{shown}");
    assert!(shown.ends_with("One sentence to look at again in one file.\n"), "{shown}");
}
