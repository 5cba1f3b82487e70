//! The record of acts as administrators read it and take it with them.

use super::line;
use crate::{App, Result};
use domain::access::{Action, Actor};
use std::{collections::BTreeMap, fmt::Write as _};
use store::{audit, people, teams};

pub use store::audit::{Entry, Wanted};

/// As many on a page.
const PAGE: i64 = 50;
/// As many in a file: the newest that are wanted.
pub const EXPORTED: i64 = 100_000;

/// A page of acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Newest first.
    pub acts: Vec<Entry>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<i64>,
    /// What the people, programs and teams that these acts are about are called now, by the ids in the entries.
    pub names: BTreeMap<String, String>,
}

/// The acts that are wanted, newest first. What is about an incident that the actor does not see is left out.
pub async fn list(app: &App, actor: &Actor, wanted: &Wanted) -> Result<Listing> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let mut acts = audit::wanted(&mut tx, app.sight(actor), wanted, PAGE + 1).await?;
    let more = acts.len() > usize::try_from(PAGE).unwrap_or(0);
    if more {
        acts.pop();
    }
    audit::with_words(&mut tx, &mut acts).await?;
    let next = acts.last().filter(|_| more).map(|last| last.seq);
    let people = people::all(&mut tx).await?.into_iter();
    let mut names: BTreeMap<String, String> =
        people.map(|person| (person.id.to_string(), person.name.to_string())).collect();
    names.extend(
        teams::all(&mut tx).await?.into_iter().map(|team| (team.id.to_string(), team.name.to_string())),
    );
    names.retain(|id, _| acts.iter().any(|act| act.subject == *id));
    Ok(Listing { acts, next, names })
}

/// How the acts are written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A table for spreadsheets.
    Csv,
    /// One JSON object a line, as they are streamed to a second place.
    JsonLines,
}

/// The acts that are wanted as a file, newest first, at most [`EXPORTED`].
pub async fn export(app: &App, actor: &Actor, wanted: &Wanted, form: Form) -> Result<Vec<u8>> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let acts = audit::wanted(&mut tx, app.sight(actor), wanted, EXPORTED).await?;
    drop(tx);
    Ok(match form {
        Form::JsonLines => {
            let mut text = Vec::new();
            acts.iter().for_each(|entry| line::push(entry, &mut text));
            text
        }
        Form::Csv => csv(&acts).into_bytes(),
    })
}

fn csv(acts: &[Entry]) -> String {
    let mut text = "number,at,person,name,act,subject,detail,digest\r\n".to_owned();
    for entry in acts {
        let person = entry.person.map(|person| person.to_string()).unwrap_or_default();
        let (at, digest) = (entry.at.to_string(), entry.digest.to_string());
        let cells = [&at, &person, &entry.actor, &entry.act, &entry.subject, &entry.detail, &digest];
        let _ = write!(text, "{}", entry.seq);
        for value in cells {
            let _ = write!(text, ",{}", cell(value));
        }
        text.push_str("\r\n");
    }
    text
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection) and that holds any text (RFC 4180).
fn cell(value: &str) -> String {
    let formula =
        value.trim_start().starts_with(['=', '+', '-', '@']) || value.starts_with(['\t', '\r', '\n']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, value.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_any_text_and_are_never_formulas() {
        assert_eq!(cell("Wren, \"the\" Okafor\n"), "\"Wren, \"\"the\"\" Okafor\n\"");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1"] {
            assert!(cell(formula).starts_with("\"'"), "{formula:?}");
        }
        for text in ["INC-12", "", "a=b", "{\"x\":-1}"] {
            assert!(!cell(text).starts_with("\"'"), "{text:?}");
        }
    }
}
