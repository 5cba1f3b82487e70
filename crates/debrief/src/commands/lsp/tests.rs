//! A scripted editor.

use super::{frames, serve};
use language::Aid;
use serde_json::{Value, json};

const HERE: &str = "file:///late-mail.md";

/// Sends messages and returns what came back.
fn talk(messages: &[Value]) -> Vec<Value> {
    let mut input = Vec::new();
    for message in messages {
        frames::write(&mut input, message).unwrap();
    }
    let mut output = Vec::new();
    serve(&Aid::english().unwrap(), &mut input.as_slice(), &mut output).unwrap();
    let mut answers = Vec::new();
    let mut rest = output.as_slice();
    while let Some(answer) = frames::read(&mut rest).unwrap() {
        answers.push(answer);
    }
    answers
}

fn open(text: &str) -> Value {
    let document = json!({ "uri": HERE, "languageId": "markdown", "version": 1, "text": text });
    json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } })
}

fn request(id: u64, method: &str, params: Value) -> Value {
    let mut params = params;
    params["textDocument"] = json!({ "uri": HERE });
    json!({ "id": id, "method": method, "params": params })
}

#[test]
fn an_editor_opens_changes_asks_and_dismisses() {
    let at = |line: u64, character: u64| json!({ "line": line, "character": character });
    // 🦀 is one character for people, two units for editors and four bytes.
    let text = "# Late mail\n\n🦀 The vendor failed to call.\n";
    let change = json!({ "range": { "start": at(2, 14), "end": at(2, 20) }, "text": "forgot" });
    let answers = talk(&[
        json!({ "id": 1, "method": "initialize", "params": {} }),
        json!({ "method": "initialized", "params": {} }),
        open(text),
        request(2, "textDocument/hover", json!({ "position": at(2, 16) })),
        json!({ "method": "textDocument/didChange", "params": {
            "textDocument": { "uri": HERE, "version": 2 }, "contentChanges": [change] } }),
        request(3, "textDocument/codeAction", json!({ "range": { "start": at(2, 14), "end": at(2, 14) } })),
        json!({ "id": 9, "method": "workspace/unheardOf", "params": {} }),
        json!({ "id": 4, "method": "shutdown" }),
        json!({ "method": "exit" }),
        open("never read"),
    ]);
    assert_eq!(answers.len(), 7);
    assert_eq!(answers[0]["result"]["capabilities"]["hoverProvider"], true);
    let first = &answers[1]["params"]["diagnostics"][0];
    assert_eq!((&first["code"], &first["range"]["start"]), (&json!("OM-1"), &at(2, 14)));
    assert!(first["severity"].as_u64().unwrap() > 2, "never a warning");
    assert!(answers[2]["result"]["contents"]["value"].as_str().unwrap().contains("doing instead"));
    assert_eq!(answers[3]["params"]["version"], 2);
    assert_eq!(answers[3]["params"]["diagnostics"][0]["code"], "OM-1");
    let action = &answers[4]["result"][0]["command"];
    assert_eq!(answers[5]["error"]["code"], -32601);
    let said = json!({ "id": 5, "method": "workspace/executeCommand",
        "params": { "command": action["command"], "arguments": action["arguments"] } });
    let after = talk(&[open(&text.replace("failed", "forgot")), said]);
    assert_eq!(after[0]["params"]["diagnostics"].as_array().unwrap().len(), 1);
    assert!(after[2]["params"]["diagnostics"].as_array().unwrap().is_empty(), "it is not asked again");
}

#[test]
fn odd_messages_are_survived() {
    let positions = json!({ "position": { "line": 900, "character": 4_000_000_000_u64 } });
    let answers = talk(&[
        json!(null),
        json!({ "method": "textDocument/didChange", "params": { "textDocument": { "uri": "file:///unknown" } } }),
        open("We failed to ask."),
        request(1, "textDocument/hover", positions),
        request(2, "textDocument/codeAction", json!({})),
        json!({ "id": 3, "method": "workspace/executeCommand", "params": { "command": "rm", "arguments": 4 } }),
        json!({ "method": "textDocument/didChange", "params": { "textDocument": { "uri": HERE },
            "contentChanges": [{ "range": { "start": { "line": 5, "character": 1 }, "end": { "line": 0, "character": 0 } }, "text": "é" }] } }),
    ]);
    assert!(answers.iter().all(|answer| answer["error"].is_null()), "{answers:?}");
    let (mut rest, aid) = (b"Content-Length: 99999999999\r\n\r\n".as_slice(), Aid::english().unwrap());
    assert!(serve(&aid, &mut rest, &mut Vec::new()).is_err(), "nothing of that length is read");
}
