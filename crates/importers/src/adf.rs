//! The Atlassian Document Format as plain text: headings with `#`, lists with `-` and numbers, quotes with `>`.

use crate::{json, record::clean};
use serde_json::{Value, value::RawValue};

/// Reading stops at this depth, so that a document of brackets takes no stack. JSON is read to 128.
const DEEPEST: usize = 60;

/// The text of a document; a plain text stands for itself, also one that holds a document as JSON.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) if text.trim_start().starts_with('{') => match serde_json::from_str(text) {
            Ok(Value::Object(document)) => whole(&Value::Object(document)),
            _ => clean(text),
        },
        Value::String(text) => clean(text),
        Value::Object(_) => whole(value),
        _ => String::new(),
    }
}

/// [`text`] of a field as it stands in its record; nothing where there is none.
pub fn read(field: Option<&RawValue>) -> Result<String, String> {
    field.map_or_else(|| Ok(String::new()), |it| json::typed(it).map(|value| text(&value)))
}

fn whole(value: &Value) -> String {
    let mut out = String::new();
    walk(value, &mut out, "", 0);
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    clean(&lines.join("\n"))
}

fn walk(node: &Value, out: &mut String, before: &str, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let kind = node.get("type").and_then(Value::as_str).unwrap_or_default();
    let attribute = |name: &str| node.get("attrs").and_then(|it| it.get(name));
    let word = |name: &str| attribute(name).and_then(Value::as_str).unwrap_or_default();
    let children = || node.get("content").and_then(Value::as_array).into_iter().flatten();
    let inside = |out: &mut String, before: &str| children().for_each(|it| walk(it, out, before, depth + 1));
    match kind {
        "text" => {
            out.push_str(node.get("text").and_then(Value::as_str).unwrap_or_default());
            let marks = node.get("marks").and_then(Value::as_array).into_iter().flatten();
            let link = |it: &Value| it.get("attrs")?.get("href")?.as_str().map(str::to_owned);
            if let Some(address) = marks.filter_map(link).next() {
                out.push_str(&format!(" ({address})"));
            }
        }
        "hardBreak" => out.push('\n'),
        "mention" | "status" | "emoji" => out.push_str(match word("text") {
            "" => word("shortName"),
            text => text,
        }),
        "date" => {
            let at = attribute("timestamp").and_then(crate::record::when);
            out.push_str(
                &at.map(|it| it.to_string().chars().take(10).collect::<String>()).unwrap_or_default(),
            );
        }
        "inlineCard" | "blockCard" => out.push_str(word("url")),
        "heading" => {
            let level = attribute("level").and_then(Value::as_u64).unwrap_or(1).clamp(1, 6);
            begin(out, before);
            out.push_str(&"#######".chars().take(usize::try_from(level).unwrap_or(1)).collect::<String>());
            out.push(' ');
            inside(out, before);
            out.push('\n');
        }
        "paragraph" | "codeBlock" | "taskItem" | "decisionItem" | "caption" => {
            if !out.ends_with("- ") && !out.ends_with(". ") {
                begin(out, before);
            }
            inside(out, before);
            out.push('\n');
        }
        "bulletList" | "orderedList" | "taskList" | "decisionList" => {
            for (index, item) in children().enumerate() {
                let sign = if kind == "orderedList" { format!("{}. ", index + 1) } else { "- ".to_owned() };
                begin(out, before);
                out.push_str(&sign);
                walk(item, out, &format!("{before}  "), depth + 1);
            }
        }
        "blockquote" => inside(out, &format!("{before}> ")),
        "tableRow" => {
            begin(out, before);
            for (index, cell) in children().enumerate() {
                let mut own = String::new();
                walk(cell, &mut own, "", depth + 1);
                out.push_str(if index > 0 { " | " } else { "" });
                out.push_str(&own.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            out.push('\n');
        }
        _ => inside(out, before),
    }
}

/// A line begins with what stands before all lines of its list or quote.
fn begin(out: &mut String, before: &str) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(before);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_reads_as_text() {
        let words = |text: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
        let document = json!({"type": "doc", "version": 1, "content": [
            {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "What happened"}]},
            words("Queues grew."),
            {"type": "bulletList", "content": [
                {"type": "listItem", "content": [words("first"), {"type": "orderedList", "content": [
                    {"type": "listItem", "content": [words("inner")]}]}]},
                {"type": "listItem", "content": [words("second")]}]},
            {"type": "blockquote", "content": [words("quoted")]},
            {"type": "table", "content": [{"type": "tableRow", "content": [
                {"type": "tableCell", "content": [words("10:00")]},
                {"type": "tableCell", "content": [words("paged")]}]}]},
        ]});
        let expected =
            "## What happened\nQueues grew.\n- first\n  1. inner\n- second\n> quoted\n10:00 | paged";
        assert_eq!(text(&document), expected);
        assert_eq!(text(&json!(document.to_string())), expected);
        assert_eq!(text(&json!("plain")), "plain");
        assert_eq!(text(&json!(null)), "");
    }
}
