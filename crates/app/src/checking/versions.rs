//! Versions of documents against the record of acts: each act that kept one said which, and the sum of what it holds.

use super::{FROM_BACKUP, Report, some};
use crate::Result;
use domain::evidence::Digest32;
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Tx, audit, versions};

/// How many acts are read at once.
const ACTS: i64 = 1_000;

/// Which versions of an incident's document acts kept, by its number as they write it, with the sum of each.
type Sums = BTreeMap<(String, i64), String>;

pub(super) async fn compare(tx: &mut Tx, report: &mut Report) -> Result<()> {
    let mut sums = told(tx).await?;
    let (mut changed, mut unknown) = (Vec::new(), Vec::new());
    for kept in versions::all(tx).await? {
        let name = format!("version {} of {}", kept.number.0, kept.incident);
        match sums.remove(&(kept.incident.to_string(), kept.number.0)) {
            Some(sum) => {
                let states = versions::states(tx, kept.document, kept.number, kept.number).await?;
                let same = states.iter().any(|(_, state)| Digest32::of(state).to_string() == sum);
                report.versions += 1;
                if !same {
                    changed.push(name);
                }
            }
            // Hourly versions are made by no act.
            None if kept.automatic => {}
            None => unknown.push(name),
        }
    }
    let missing: Vec<String> =
        sums.keys().map(|(incident, number)| format!("version {number} of {incident}")).collect();
    for (found, what) in [
        (changed, "do not hold what the acts that kept them say"),
        (missing, "were kept by an act and are gone"),
        (unknown, "were kept by no act"),
    ] {
        if !found.is_empty() {
            report
                .add(format!("{} versions of documents {what}: {}.", found.len(), some(&found)), FROM_BACKUP);
        }
    }
    Ok(())
}

async fn told(tx: &mut Tx) -> Result<Sums> {
    let (mut sums, mut after) = (Sums::new(), 0);
    loop {
        let acts = audit::since(tx, after, ACTS).await?;
        let Some(last) = acts.last() else { return Ok(sums) };
        after = last.seq;
        for act in &acts {
            let Ok(detail) = serde_json::from_str::<Value>(&act.detail) else { continue };
            let one = ["version", "before"].into_iter().filter_map(|name| detail.get(name));
            for (number, sum) in one.filter_map(told_of) {
                sums.insert((act.subject.clone(), number), sum);
            }
            // Versions from which a passage was withdrawn say something else since that act; hourly ones were kept
            // by no act and may be gone.
            let rewritten = detail.get("versions").and_then(Value::as_array).into_iter().flatten();
            for (number, sum) in rewritten.filter_map(told_of) {
                if let Some(known) = sums.get_mut(&(act.subject.clone(), number)) {
                    *known = sum;
                }
            }
        }
    }
}

/// The number of a version and its sum, where an act tells them.
fn told_of(kept: &Value) -> Option<(i64, String)> {
    Some((kept.get("number")?.as_i64()?, kept.get("sha256")?.as_str()?.to_owned()))
}
