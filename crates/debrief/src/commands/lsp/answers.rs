//! What the server sends: the shapes of the protocol.

use super::{NOT_HERE, text::Lines};
use language::{Finding, Strength};
use serde_json::{Value, json};

/// What the server can do.
pub fn capabilities() -> Value {
    json!({
        "serverInfo": { "name": "debrief", "version": env!("CARGO_PKG_VERSION") },
        "capabilities": {
            // Changes come as ranges; positions are counted in UTF-16 units.
            "textDocumentSync": { "openClose": true, "change": 2 },
            "positionEncoding": "utf-16",
            "hoverProvider": true,
            "codeActionProvider": { "codeActionKinds": ["quickfix"] },
            "executeCommandProvider": { "commands": [NOT_HERE] },
        },
    })
}

/// The answer to a request.
pub fn result(id: &Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// The answer to a request that is not known.
pub fn unknown(id: &Value, method: &str) -> Value {
    let message = format!("{method} is not known here");
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": message } })
}

/// News about a text: all of its findings.
pub fn diagnostics(address: &str, version: &Value, found: Vec<Value>) -> Value {
    let mut params = json!({ "uri": address, "diagnostics": found });
    if version.is_number() {
        params["version"] = version.clone();
    }
    json!({ "jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params })
}

/// A finding. It is never a warning or an error: nothing here stands in anybody's way.
pub fn diagnostic(finding: &Finding<'_>, lines: &Lines<'_>) -> Value {
    let severity = if finding.strength == Strength::Note { 4 } else { 3 };
    json!({
        "range": lines.range(&finding.range),
        "severity": severity,
        "source": "debrief",
        "code": finding.rule.id,
        "message": finding.rule.question,
    })
}

/// The question, why it is asked and where that is known from.
pub fn hover(finding: &Finding<'_>, lines: &Lines<'_>) -> Value {
    let rule = finding.rule;
    let words = format!("**{}**\n\n{}\n\n*{}* ({})", rule.question, rule.why, rule.source, rule.id);
    json!({ "contents": { "kind": "markdown", "value": words }, "range": lines.range(&finding.range) })
}

/// “Not here”: this sentence is not asked about again.
pub fn not_here(address: &str, finding: &Finding<'_>, lines: &Lines<'_>) -> Value {
    let title = format!("Not here: {}", finding.rule.name);
    json!({
        "title": title,
        "kind": "quickfix",
        "diagnostics": [diagnostic(finding, lines)],
        "command": {
            "title": title,
            "command": NOT_HERE,
            "arguments": [address, finding.sentence_name(), finding.rule.id],
        },
    })
}
