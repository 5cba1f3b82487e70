//! Out of the notes beside what is measured: why an event is a key instant, how impact is known, what somebody said of
//! coordination; with what stood there before each act on the timeline.

use super::{
    Found, Where,
    fields::{first_who_said, holds, redact},
};
use crate::{Error, Result, reach::Held};
use domain::passage::without;
use serde_json::Value;
use store::{Tx, coordination, impact, key_instants, timeline_acts};

/// Where the words stand, now and earlier, and who wrote them first.
pub(super) async fn find(tx: &mut Tx, held: &Held, words: &str) -> Result<Found> {
    let instants = key_instants::list(tx, held.id()).await?;
    let intervals = impact::list(tx, held.id()).await?;
    let said = coordination::notes(tx, held.id()).await?;
    let texts = instants.iter().map(|it| &it.reason).chain(intervals.iter().map(|it| &it.note));
    let now = texts.chain(said.iter().map(|(_, note)| note)).filter(|text| holds(text, words)).count();
    let acts = timeline_acts::befores(tx, held.id()).await?;
    let earlier = acts.iter().filter(|(_, before)| cleaned(before, words).is_some()).count();
    Ok(Found::of(now, earlier, first_who_said(tx, held, Where::Notes, words).await?))
}

/// Takes the words out of all of them.
pub(super) async fn take_out(tx: &mut Tx, held: &Held, words: &str) -> Result<()> {
    for mut stored in key_instants::list(tx, held.id()).await? {
        let Some(left) = without(&stored.reason, words) else { continue };
        // A key instant says why it is one; this one says who decided and no more.
        let chosen = || format!("Chosen by {}", stored.decided_by.as_deref().unwrap_or("somebody"));
        stored.reason = if left.is_empty() { chosen() } else { left };
        key_instants::put(tx, held.id(), &stored).await?;
    }
    for mut stored in impact::list(tx, held.id()).await? {
        let Some(left) = without(&stored.note, words) else { continue };
        stored.note = left;
        impact::put(tx, held.id(), &stored).await?;
    }
    for (candidate, note) in coordination::notes(tx, held.id()).await? {
        if let Some(left) = without(&note, words) {
            coordination::reword(tx, held.id(), &candidate, &left).await?;
        }
    }
    for (act, before) in timeline_acts::befores(tx, held.id()).await? {
        if let Some(left) = cleaned(&before, words) {
            timeline_acts::reword_before(tx, act, &left?).await?;
        }
    }
    Ok(())
}

/// What stood before an act, as JSON without the words; `None` if they are not in it.
fn cleaned(before: &str, words: &str) -> Option<Result<String>> {
    let mut value: Value = serde_json::from_str(before).ok()?;
    redact(&mut value, words).then(|| serde_json::to_string(&value).map_err(Error::internal))
}
