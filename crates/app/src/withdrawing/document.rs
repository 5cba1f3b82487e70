//! Out of the shared document: its log begins anew without the words, every version that holds them is rewritten,
//! and whoever has it open starts afresh.

use super::{Found, Taking, nowhere};
use crate::{
    App, Error, Result,
    neighbours::Word,
    postmortems::opening,
    reach::Held,
    versions::{Kept, Now},
};
use collab::{CloseReason, Place};
use domain::{PersonId, PostmortemId, access::Actor, evidence::Digest32, passage::QUOTED};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Tx, documents, notices, postmortems, versions};

/// Words in a document and its versions.
pub(super) struct InDocument {
    pub(super) found: Found,
    now: Now,
    people: BTreeMap<u64, PersonId>,
    places: Vec<Place>,
}

/// Where the words stand, now and earlier. Reads every version once.
pub(super) async fn find(tx: &mut Tx, held: &Held, words: &str) -> Result<InDocument> {
    let document = held.postmortem().ok_or(Error::NotFound)?;
    let now = Now::read(tx, document).await?;
    let people = people_of(tx, document).await?;
    let (mut places, mut earlier) = (Vec::new(), 0);
    for number in versions::numbers(tx, document).await? {
        let states = versions::states(tx, document, number, number).await?;
        let here = places_in(states.into_iter().map(|(_, state)| state).collect(), words).await?;
        earlier += usize::from(!here.is_empty());
        places.extend(here);
    }
    let standing = places_in(now.updates.clone(), words).await?;
    let found = Found {
        now: standing.len(),
        earlier,
        first: places.iter().chain(&standing).next().and_then(|place| writer(place, &people)),
        writers: places.iter().chain(&standing).filter_map(|place| writer(place, &people)).collect(),
    };
    places.extend(standing);
    Ok(InDocument { found, now, people, places })
}

/// Takes the words out, with what stands in their place in earlier wordings; what the act says of it.
pub(super) async fn take_out(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    held: &Held,
    words: &str,
    taking: Taking,
) -> Result<Value> {
    let document = held.postmortem().ok_or(Error::NotFound)?;
    documents::lock(tx, document).await?.ok_or(Error::NotFound)?;
    let all = find(tx, held, words).await?;
    if all.places.is_empty() {
        return Err(nowhere());
    }
    if !taking.moved && !all.found.is_of(actor) {
        return Err(Error::Forbidden);
    }
    let quoted = words.split_whitespace().count() >= QUOTED;
    let leaves = |place: &Place| {
        let writer = writer(place, &all.people);
        writer == Some(taking.author) || taking.moved || (quoted && all.found.first == Some(taking.author))
    };
    let traces: BTreeSet<(u64, u32)> =
        all.places.iter().filter(|place| leaves(place)).flat_map(|place| place.traces.clone()).collect();
    let mut rewritten = Vec::new();
    for number in versions::numbers(tx, document).await? {
        let Some((_, state)) = versions::states(tx, document, number, number).await?.pop() else { continue };
        let out = collab::without(&[state], words, &traces, leaves).map_err(Error::internal)?;
        if out.taken > 0 {
            versions::withdraw_from(tx, document, number, &out.state).await?;
            rewritten.push(Kept { number, digest: Digest32::of(&out.state) });
        }
    }
    let out = collab::without(&all.now.updates, words, &traces, leaves).map_err(Error::internal)?;
    let state = out.state;
    let epoch = documents::begin_anew(tx, document, &state, all.people.clone(), app.now()).await?;
    let says = collab::project(&[&state]).map_err(Error::internal)?;
    postmortems::set_opening(tx, document, &opening(&says)).await?;
    notices::say(tx, &app.node().word(&Word::Appended(document))).await?;
    Ok(json!({ "epoch": epoch, "versions": rewritten }))
}

/// Sends everybody who has the document open away, to come back to what it says now. Other processes see that it
/// began anew when they hear that it was written.
pub(super) fn tell(app: &App, document: PostmortemId) {
    app.rooms().close(document, CloseReason::Replaced);
}

async fn places_in(updates: Vec<Vec<u8>>, words: &str) -> Result<Vec<Place>> {
    let words = words.to_owned();
    let read = tokio::task::spawn_blocking(move || collab::places_of(&updates, &words));
    read.await.map_err(Error::internal)?.map_err(Error::internal)
}

async fn people_of(tx: &mut Tx, document: PostmortemId) -> Result<BTreeMap<u64, PersonId>> {
    let mut people = collab::authors_of(documents::signed(tx, document, i64::MAX).await?);
    people.extend(documents::authors(tx, document).await?);
    Ok(people)
}

/// Who wrote most of a stretch.
fn writer(place: &Place, people: &BTreeMap<u64, PersonId>) -> Option<PersonId> {
    let mut by: BTreeMap<Option<PersonId>, usize> = BTreeMap::new();
    for (client, many) in &place.by {
        *by.entry(people.get(client).copied()).or_insert(0) += many;
    }
    by.into_iter().max_by_key(|(_, many)| *many).and_then(|(person, _)| person)
}
