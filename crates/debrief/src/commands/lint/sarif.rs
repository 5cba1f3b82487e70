//! Findings as SARIF 2.1.0, for forges that show them beside a change.

use super::Checked;
use language::{Aid, Finding, Places, Strength};
use serde_json::{Value, json};

/// One run over all files.
pub fn log(aid: &Aid, checked: &[Checked<'_>]) -> Value {
    let rules: Vec<Value> = aid
        .rules()
        .map(|rule| {
            json!({
                "id": rule.id,
                "name": rule.name,
                "shortDescription": { "text": rule.name },
                "fullDescription": { "text": rule.why },
                "help": { "text": format!("{}\n{}\nSource: {}", rule.question, rule.why, rule.source) },
                "defaultConfiguration": { "level": level(rule.strength) },
                "properties": { "family": rule.family },
            })
        })
        .collect();
    let mut results = Vec::new();
    for file in checked {
        let places = Places::new(&file.text);
        let mut last: Option<&Finding<'_>> = None;
        for finding in &file.findings {
            // A rule that is filed under two families is one result.
            let again =
                last.is_some_and(|last| last.rule.id == finding.rule.id && last.range == finding.range);
            last = Some(finding);
            if !again {
                results.push(result(aid, file, finding, &places));
            }
        }
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "debrief", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(aid: &Aid, file: &Checked<'_>, finding: &Finding<'_>, places: &Places<'_>) -> Value {
    let (line, column) = places.of(finding.range.start);
    let (end_line, end_column) = places.of(finding.range.end);
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": aid.rules().position(|rule| rule.id == finding.rule.id),
        "level": level(finding.strength),
        "message": { "text": finding.rule.question },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&file.name) },
                "region": {
                    "startLine": line,
                    "startColumn": column,
                    "endLine": end_line,
                    "endColumn": end_column,
                    "snippet": { "text": file.text[finding.range.clone()] },
                },
            },
        }],
        "partialFingerprints": { "sentence/v1": format!("{:016x}", finding.sentence_key) },
        "properties": { "family": finding.family, "strength": finding.strength },
    })
}

/// A finding is never an error: nothing here stands in anybody's way.
fn level(strength: Strength) -> &'static str {
    match strength {
        Strength::Note => "note",
        Strength::Question | Strength::Strong => "warning",
    }
}

/// A path as a relative reference: slashes, and everything unusual escaped.
fn uri(path: &str) -> String {
    let plain = path.strip_prefix("./").unwrap_or(path);
    plain
        .bytes()
        .map(|byte| match byte {
            b'\\' => "/".to_owned(),
            b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
