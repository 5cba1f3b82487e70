//! What a key costs in a document of 20,000 characters, and what an idle document holds.
//!
//! `cargo run --release -p collab --example typing_cost` prints microseconds of one thread for each key, from
//! the frame of one editor to the frame of another, and the resident memory of each idle open document.

use collab::{Joiner, Limits, Loaded, Log, LogError, Numbered, Outgoing, Rooms, begin};
use domain::{
    Instant, PersonId, PostmortemId,
    document::{Block, Document, Inline},
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{io::Write, sync::Arc};
use yrs::{
    Doc, GetString, ReadTxn, StateVector, Text, Transact, Update, XmlFragment, updates::decoder::Decode,
};

/// Keeps nothing: the cost of the disk is not what is measured.
struct Forgetful(Vec<u8>);

impl Log for Forgetful {
    fn load(&self, _: PostmortemId) -> BoxFuture<'_, Result<Loaded, LogError>> {
        async { Ok(Loaded { epoch: 0, updates: vec![self.0.clone()], last_seq: 1 }) }.boxed()
    }
    fn append(
        &self,
        _: PostmortemId,
        _: i64,
        _: Vec<u8>,
        _: Option<PersonId>,
    ) -> BoxFuture<'_, Result<(), LogError>> {
        async { Ok(()) }.boxed()
    }
    fn since(&self, _: PostmortemId, _: i64, _: i64) -> BoxFuture<'_, Result<Numbered, LogError>> {
        async { Ok(Vec::new()) }.boxed()
    }
    fn compact(&self, _: PostmortemId, _: i64, _: i64, _: Vec<u8>) -> BoxFuture<'_, Result<(), LogError>> {
        async { Ok(()) }.boxed()
    }
}

fn id(n: u32) -> PostmortemId {
    let mut random = [0; 10];
    random[..4].copy_from_slice(&n.to_be_bytes());
    PostmortemId::new(Instant::from_micros(1), random)
}

fn joiner() -> Joiner {
    Joiner { person: None, name: "Ada".into(), may_write: true, wants_acks: true, epoch: None }
}

fn resident() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split(' ').nth(1)?.parse::<f64>().ok().map(|pages| pages * 4096.0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paragraph = "The service was degraded because the connection pool was exhausted. ".repeat(3);
    let blocks = (0..100).map(|_| Block::Paragraph(vec![Inline::text(paragraph.as_str())])).collect();
    let state = begin(&Document { blocks }, 9);
    let rooms = Rooms::new(Arc::new(Forgetful(state.clone())), Limits::default());
    let mut out = std::io::stdout();

    let (incoming, mut own) = rooms.join(id(0), joiner()).await?.split();
    let (_reader, mut others) = rooms.join(id(0), joiner()).await?.split();
    // The keys of an editor who writes in the middle, one here and there to break runs as marks and moves do.
    let doc = Doc::with_client_id(77);
    let fragment = doc.get_or_insert_xml_fragment("default");
    doc.transact_mut().apply_update(Update::decode_v1(&state)?)?;
    let keys: u32 = 20_000;
    let mut frames = Vec::new();
    for key in 0..keys {
        let mut txn = doc.transact_mut();
        let node = fragment.get(&txn, 50 + key / 40 % 40).and_then(|node| node.into_xml_element());
        let Some(text) = node.and_then(|node| node.get(&txn, 0)).and_then(|text| text.into_xml_text()) else {
            return Err("no text".into());
        };
        text.insert(&mut txn, 10 + key % 40, "x");
        let update = txn.encode_update_v1();
        let mut frame = vec![0, 2, u8::try_from(update.len())?];
        frame.extend(update);
        frames.push(frame);
    }
    let start = std::time::Instant::now();
    for frame in &frames {
        incoming.receive(frame).await.map_err(|close| close.reason)?;
        tokio::task::yield_now().await;
        while own.next().now_or_never().is_some() {}
        while let Some(Some(Outgoing::Frame(_))) = others.next().now_or_never() {}
    }
    let micros = start.elapsed().as_micros() as f64 / f64::from(keys);
    let size = rooms.state(id(0)).await?.len();
    let length = fragment.get_string(&doc.transact()).len();
    let same = doc.transact().encode_state_as_update_v1(&StateVector::default()).len() == size;
    writeln!(out, "{micros:.1} µs a key; {length} characters, {size} bytes encoded, complete: {same}")?;

    let before = resident();
    let count = 500;
    let mut idle = Vec::new();
    for n in 1..=count {
        idle.push(rooms.join(id(n), joiner()).await?);
    }
    if let (Some(before), Some(after)) = (before, resident()) {
        writeln!(out, "{:.0} KB an idle document", (after - before) / 1024.0 / f64::from(count))?;
    }
    Ok(())
}
