//! Words of people in acts on incidents, apart from the chain.
//!
//! The chain of acts is never changed, and words that people wrote must be able to leave for good (PER-02). So an
//! act holds the sum of such words and its number among them; the words stand beside it, and can go. Somebody who
//! changes them is found out by the sum; words that left are NULL.
//!
//! Acts of earlier releases hold their words themselves. Only administrators read them.

use super::Entry;
use crate::{
    sql::{rows, run},
    tx::{Result, Tx},
};
use domain::{PersonId, evidence::Digest32};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whatever stands below these names in the detail of an act was written by people.
const FREE: [&str; 11] = [
    "title",
    "summary",
    "detail",
    "text",
    "note",
    "could_see",
    "could_not_see",
    "other_ways",
    "made_sense",
    "lets_harm",
    "settled",
];

/// What stands in the place of words that left.
const LEFT: &str = "(withdrawn by its author)";

/// The detail of an act with sums in place of the words that people wrote, and those words.
pub(super) fn apart(subject: &str, detail: &str) -> (Option<String>, Vec<String>) {
    let mut words = Vec::new();
    // Only what belongs to an incident is written by people about one.
    if !subject.starts_with("INC-") {
        return (None, words);
    }
    let Ok(mut value) = serde_json::from_str::<Value>(detail) else { return (None, words) };
    take(&mut value, false, &mut words);
    ((!words.is_empty()).then(|| value.to_string()), words)
}

fn take(value: &mut Value, free: bool, words: &mut Vec<String>) {
    match value {
        Value::String(text) if free && !text.is_empty() => {
            let sum = Digest32::of(text.as_bytes()).to_string();
            words.push(std::mem::take(text));
            *value = json!({ "words": words.len(), "sha256": sum });
        }
        Value::Array(all) => all.iter_mut().for_each(|one| take(one, free, words)),
        Value::Object(all) => {
            for (name, one) in all.iter_mut() {
                take(one, free || FREE.contains(&name.as_str()), words);
            }
        }
        _ => {}
    }
}

/// Keeps the words of an act.
pub(super) async fn keep(tx: &mut Tx, seq: i64, words: &[String]) -> Result<()> {
    for (place, text) in (1_i64..).zip(words) {
        run!(
            tx,
            "INSERT INTO audit_words (seq, place, words) VALUES ($1, $2, $3)",
            seq,
            place,
            text.as_str()
        )?;
    }
    Ok(())
}

type Words = BTreeMap<(i64, i64), Option<String>>;

async fn between(tx: &mut Tx, first: i64, last: i64) -> Result<Words> {
    let found = rows!(
        tx,
        (i64, i64, Option<String>),
        "SELECT seq, place, words FROM audit_words WHERE seq >= $1 AND seq <= $2",
        first,
        last
    )?;
    Ok(found.into_iter().map(|(seq, place, words)| ((seq, place), words)).collect())
}

/// Puts the words back into acts that are to be read by people. Their sums are then no longer those of the chain.
/// One statement.
pub async fn with_words(tx: &mut Tx, entries: &mut [Entry]) -> Result<()> {
    let numbers = entries.iter().map(|entry| entry.seq);
    let (Some(first), Some(last)) = (numbers.clone().min(), numbers.max()) else { return Ok(()) };
    let words = between(tx, first, last).await?;
    for entry in entries {
        let Ok(mut value) = serde_json::from_str::<Value>(&entry.detail) else { continue };
        let mut changed = false;
        each(&mut value, &mut |place, _| {
            changed = true;
            let found = words.get(&(entry.seq, place)).cloned().flatten();
            Some(found.unwrap_or_else(|| LEFT.to_owned()))
        });
        if changed {
            entry.detail = value.to_string();
        }
    }
    Ok(())
}

/// Acts whose words beside the chain are not those that it has the sums of, or are gone without a trace.
pub async fn words_that_differ(tx: &mut Tx) -> Result<Vec<i64>> {
    let (mut differ, mut after) = (Vec::new(), 0);
    loop {
        let entries = super::since(tx, after, 1_000).await?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(differ) };
        after = last.seq;
        let words = between(tx, first.seq, last.seq).await?;
        for entry in &entries {
            let Ok(mut value) = serde_json::from_str::<Value>(&entry.detail) else { continue };
            let mut good = true;
            each(&mut value, &mut |place, sum| {
                good &= match words.get(&(entry.seq, place)) {
                    Some(Some(text)) => Digest32::of(text.as_bytes()).to_string() == sum,
                    Some(None) => true,
                    None => false,
                };
                None
            });
            if !good {
                differ.push(entry.seq);
            }
        }
    }
}

/// Shows each place where words were taken, and puts there what comes back.
fn each(value: &mut Value, show: &mut impl FnMut(i64, &str) -> Option<String>) {
    let taken = match &*value {
        Value::Object(all) if all.len() == 2 => all
            .get("words")
            .and_then(Value::as_i64)
            .zip(all.get("sha256").and_then(Value::as_str))
            .map(|(place, sum)| show(place, sum)),
        _ => None,
    };
    match (taken, value) {
        (Some(Some(text)), value) => *value = Value::String(text),
        (Some(None), _) => {}
        (None, Value::Array(all)) => all.iter_mut().for_each(|one| each(one, show)),
        (None, Value::Object(all)) => all.values_mut().for_each(|one| each(one, show)),
        (None, _) => {}
    }
}

/// Words of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The number of the act, and of the words in it.
    pub at: (i64, i64),
    /// Which act, for instance `event.edit`.
    pub act: String,
    /// Who did it.
    pub person: Option<PersonId>,
    /// The words.
    pub words: String,
}

/// Words in acts on a subject, the oldest first.
pub async fn words_about(tx: &mut Tx, subject: &str) -> Result<Vec<Said>> {
    let found = rows!(
        tx,
        (i64, i64, String, Option<uuid::Uuid>, String),
        "SELECT w.seq, w.place, a.act, a.person, w.words FROM audit_words w JOIN audit a ON a.seq = w.seq
         WHERE a.subject = $1 AND w.words IS NOT NULL ORDER BY w.seq, w.place",
        subject
    )?;
    let said = found.into_iter().map(|(seq, place, act, person, words)| Said {
        at: (seq, place),
        act,
        person: person.map(PersonId),
        words,
    });
    Ok(said.collect())
}

/// Lets words of an act go for good; that there were some stays.
pub async fn let_go(tx: &mut Tx, (seq, place): (i64, i64)) -> Result<()> {
    run!(tx, "UPDATE audit_words SET words = NULL WHERE seq = $1 AND place = $2", seq, place).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_from_below_their_names_and_from_nowhere_else() {
        let detail = json!({
            "event": "018f", "words": { "title": { "old": "A", "new": "B" }, "detail": "", "kind": "note" },
            "context": { "could_see": "C" }, "reason": "D",
        });
        let (left, words) = apart("INC-4", &detail.to_string());
        let mut sorted = words.clone();
        sorted.sort();
        assert_eq!(sorted, ["A", "B", "C"]);
        let mut value: Value = serde_json::from_str(&left.unwrap()).unwrap();
        assert!(value["reason"] == "D" && value["words"]["kind"] == "note" && value["words"]["detail"] == "");
        each(&mut value, &mut |place, sum| {
            let text = &words[usize::try_from(place).unwrap() - 1];
            assert_eq!(Digest32::of(text.as_bytes()).to_string(), sum);
            Some(text.clone())
        });
        assert_eq!(value, detail, "put back, it is what was said");
        assert_eq!(apart("018f", &detail.to_string()), (None, vec![]), "no incident is meant");
        assert_eq!(apart("INC-4", "{}"), (None, vec![]));
    }
}
