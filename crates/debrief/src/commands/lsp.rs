//! `debrief lsp`: the aid for editors that speak the Language Server Protocol (3.17) over standard input and output.
//!
//! Needs no installation and no network, keeps nothing, and reads what the editor shows it. A sentence that somebody does not
//! want to be asked about stays silent until the server ends.

mod answers;
mod frames;
#[cfg(test)]
mod tests;
mod text;

use crate::failure::Failure;
use language::{Aid, Context, Finding};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, Write},
};

/// The command that an editor sends for “not here”.
const NOT_HERE: &str = "debrief.notHere";
/// Texts longer than this get no findings, in bytes; an editor must not wait.
const LONGEST: usize = 4 << 20;

/// Serves until the editor says goodbye or goes.
pub fn run() -> Result<(), Failure> {
    let aid = Aid::english().map_err(Failure::typed)?;
    serve(&aid, &mut std::io::stdin().lock(), &mut std::io::stdout().lock()).map_err(Failure::system)
}

/// Answers what comes in from `input` until it ends.
fn serve(aid: &Aid, input: &mut impl BufRead, output: &mut impl Write) -> std::io::Result<()> {
    let mut server = Server { aid, texts: HashMap::new(), silent: HashSet::new() };
    while let Some(message) = frames::read(input)? {
        if message["method"] == "exit" {
            break;
        }
        for answer in server.take(&message) {
            frames::write(output, &answer)?;
        }
    }
    Ok(())
}

/// What is open.
struct Server<'a> {
    aid: &'a Aid,
    /// By address.
    texts: HashMap<String, Open>,
    /// Sentences nobody wants to be asked about, with the rule.
    silent: HashSet<(u64, String)>,
}

/// A text that the editor shows.
struct Open {
    version: Value,
    text: String,
    markdown: bool,
}

impl<'a> Server<'a> {
    /// What is sent in answer to one message: nothing, an answer, or news about a text.
    fn take(&mut self, message: &Value) -> Vec<Value> {
        let params = &message["params"];
        let address = params["textDocument"]["uri"].as_str().unwrap_or_default().to_owned();
        let result = match message["method"].as_str().unwrap_or_default() {
            "initialize" => answers::capabilities(),
            "textDocument/didOpen" => {
                let document = &params["textDocument"];
                let language = document["languageId"].as_str().unwrap_or_default();
                let open = Open {
                    version: document["version"].clone(),
                    text: document["text"].as_str().unwrap_or_default().to_owned(),
                    markdown: language != "plaintext",
                };
                self.texts.insert(address.clone(), open);
                return vec![self.news(&address)];
            }
            "textDocument/didChange" => {
                if let Some(open) = self.texts.get_mut(&address) {
                    open.version = params["textDocument"]["version"].clone();
                    for change in params["contentChanges"].as_array().into_iter().flatten() {
                        text::apply(&mut open.text, change);
                    }
                }
                return vec![self.news(&address)];
            }
            "textDocument/didClose" => {
                self.texts.remove(&address);
                return vec![answers::diagnostics(&address, &Value::Null, Vec::new())];
            }
            "textDocument/hover" => self.hover(&address, &params["position"]),
            "textDocument/codeAction" => self.actions(&address, &params["range"]),
            "workspace/executeCommand" => {
                let news = self.not_here(params);
                return std::iter::once(answers::result(&message["id"], Value::Null)).chain(news).collect();
            }
            "shutdown" => Value::Null,
            // Notifications that are not known are passed over; requests get an answer.
            _ if message["id"].is_null() => return Vec::new(),
            method => return vec![answers::unknown(&message["id"], method)],
        };
        if message["id"].is_null() { Vec::new() } else { vec![answers::result(&message["id"], result)] }
    }

    /// One finding a sentence, without what nobody wants to hear of.
    fn findings(&self, open: &Open) -> Vec<Finding<'a>> {
        if open.text.len() > LONGEST {
            return Vec::new();
        }
        let context = Context { markdown: open.markdown, ..Context::default() };
        let mut findings = self.aid.read(&open.text, &context);
        findings.retain(|finding| !self.silent.contains(&(finding.sentence_key, finding.rule.id.clone())));
        language::within_limits(&findings, false)
    }

    fn news(&self, address: &str) -> Value {
        let Some(open) = self.texts.get(address) else {
            return answers::diagnostics(address, &Value::Null, Vec::new());
        };
        let lines = text::Lines::of(&open.text);
        let found = self.findings(open).iter().map(|finding| answers::diagnostic(finding, &lines)).collect();
        answers::diagnostics(address, &open.version, found)
    }

    fn hover(&self, address: &str, position: &Value) -> Value {
        let Some(open) = self.texts.get(address) else { return Value::Null };
        let lines = text::Lines::of(&open.text);
        let at = lines.byte(position);
        let found = self.findings(open);
        let under = found.iter().find(|finding| finding.range.start <= at && at <= finding.range.end);
        under.map_or(Value::Null, |finding| answers::hover(finding, &lines))
    }

    fn actions(&self, address: &str, range: &Value) -> Value {
        let Some(open) = self.texts.get(address) else { return json!([]) };
        let lines = text::Lines::of(&open.text);
        let (from, to) = (lines.byte(&range["start"]), lines.byte(&range["end"]));
        let found = self.findings(open);
        let touched = found.iter().filter(|finding| finding.range.start <= to && from <= finding.range.end);
        Value::Array(touched.map(|finding| answers::not_here(address, finding, &lines)).collect())
    }

    fn not_here(&mut self, params: &Value) -> Option<Value> {
        let arguments = &params["arguments"];
        if params["command"] != NOT_HERE {
            return None;
        }
        let key = u64::from_str_radix(arguments[1].as_str()?, 16).ok()?;
        self.silent.insert((key, arguments[2].as_str()?.to_owned()));
        Some(self.news(arguments[0].as_str()?))
    }
}
