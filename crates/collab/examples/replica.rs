//! Copies of shared documents kept by `yrs`, for `make converge`: what Yjs and yrs make of the same edits must be the
//! same.
//!
//! Speaks lines on standard input and output. `NAME new CLIENT`, `NAME edit SEED`, `NAME apply HEX`, `NAME apply2 HEX`
//! (version 2), `NAME vector`, `NAME since HEX`, `NAME state`, `NAME state2`, `NAME drop`; each answers one line of hex,
//! `!` and a reason when it cannot.

use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{BufRead, Write},
    sync::Arc,
};
use yrs::{
    Any, ClientID, Doc, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, TransactionMut, Update,
    Xml, XmlElementPrelim, XmlFragment, XmlFragmentRef, XmlOut, XmlTextPrelim, XmlTextRef,
    types::Attrs,
    updates::{decoder::Decode, encoder::Encode},
};

type Answer = Result<Vec<u8>, Box<dyn std::error::Error>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut docs: HashMap<String, Doc> = HashMap::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        match answer(&mut docs, &line) {
            Ok(bytes) => writeln!(out, "{}", hex(&bytes))?,
            Err(error) => writeln!(out, "!{error}")?,
        }
        out.flush()?;
    }
    Ok(())
}

fn answer(docs: &mut HashMap<String, Doc>, line: &str) -> Answer {
    let mut words = line.split(' ');
    let (name, act, value) =
        (words.next().unwrap_or(""), words.next().unwrap_or(""), words.next().unwrap_or(""));
    match act {
        "new" => {
            let client = Options::with_client_id(ClientID::new(value.parse()?));
            // Tidying marks after words of others is an edit, and only those that were asked for are told.
            let options = Options { offset_kind: OffsetKind::Utf16, cleanup_formatting: false, ..client };
            docs.insert(name.into(), Doc::with_options(options));
            return Ok(Vec::new());
        }
        "drop" => {
            docs.remove(name);
            return Ok(Vec::new());
        }
        _ => {}
    }
    let doc = docs.get(name).ok_or("there is no such copy")?;
    let fragment = doc.get_or_insert_xml_fragment("default");
    let mut txn = doc.transact_mut();
    Ok(match act {
        "edit" => {
            edit(&mut txn, &fragment, &mut StdRng::seed_from_u64(value.parse()?));
            txn.encode_update_v1()
        }
        "apply" => {
            txn.apply_update(Update::decode_v1(&bytes(value)?)?)?;
            Vec::new()
        }
        "apply2" => {
            txn.apply_update(Update::decode_v2(&bytes(value)?)?)?;
            Vec::new()
        }
        "vector" => txn.state_vector().encode_v1(),
        "since" => txn.encode_state_as_update_v1(&StateVector::decode_v1(&bytes(value)?)?),
        "state" => txn.encode_state_as_update_v1(&StateVector::default()),
        "state2" => txn.encode_state_as_update_v2(&StateVector::default()),
        _ => return Err("there is no such act".into()),
    })
}

const WORDS: [&str; 6] = ["the valve ", "sticks", " – ", "\u{1f980}", "\u{e9}", "again again "];

/// One edit as an editor makes them: words, marks, blocks, attributes.
fn edit(txn: &mut TransactionMut<'_>, fragment: &XmlFragmentRef, chance: &mut StdRng) {
    let texts = texts(txn, fragment);
    let word = WORDS[chance.random_range(0..WORDS.len())];
    let length = fragment.len(txn);
    match chance.random_range(0..10) {
        0..4 if !texts.is_empty() => {
            let text = &texts[chance.random_range(0..texts.len())];
            let at = place(txn, text, chance);
            text.insert(txn, at, word);
        }
        4..6 if !texts.is_empty() => {
            let text = &texts[chance.random_range(0..texts.len())];
            let (one, other) = (place(txn, text, chance), place(txn, text, chance));
            text.remove_range(txn, one.min(other), one.abs_diff(other));
        }
        6 if !texts.is_empty() => {
            let text = &texts[chance.random_range(0..texts.len())];
            let (one, other) = (place(txn, text, chance), place(txn, text, chance));
            let on = if chance.random_bool(0.7) { Any::Map(Arc::default()) } else { Any::Null };
            let mark = if chance.random_bool(0.5) { "bold" } else { "code" };
            text.format(txn, one.min(other), one.abs_diff(other), Attrs::from([(mark.into(), on)]));
        }
        7 if length > 1 => fragment.remove_range(txn, chance.random_range(0..length), 1),
        8 => {
            let heading =
                fragment.insert(txn, chance.random_range(0..=length), XmlElementPrelim::empty("heading"));
            heading.insert_attribute(txn, "level", i64::from(chance.random_range(1..4)));
            heading.push_back(txn, XmlTextPrelim::new(word));
        }
        _ => {
            let paragraph =
                fragment.insert(txn, chance.random_range(0..=length), XmlElementPrelim::empty("paragraph"));
            paragraph.push_back(txn, XmlTextPrelim::new(word));
        }
    }
}

/// Every text, also within lists and tables.
fn texts(txn: &TransactionMut<'_>, fragment: &XmlFragmentRef) -> Vec<XmlTextRef> {
    let mut found = Vec::new();
    let mut rest: Vec<XmlOut> = fragment.children(txn).collect();
    while let Some(node) = rest.pop() {
        match node {
            XmlOut::Text(text) => found.push(text),
            XmlOut::Element(element) => rest.extend(element.children(txn)),
            XmlOut::Fragment(fragment) => rest.extend(fragment.children(txn)),
        }
    }
    found
}

/// A place that cuts no character of two units in half, as no editor does.
fn place(txn: &TransactionMut<'_>, text: &XmlTextRef, chance: &mut StdRng) -> u32 {
    let mut places = vec![0];
    let mut at = 0;
    for part in text.diff(txn, |_| ()) {
        match part.insert {
            yrs::Out::Any(Any::String(words)) => {
                for c in words.chars() {
                    at += u32::try_from(c.len_utf16()).unwrap_or(1);
                    places.push(at);
                }
            }
            _ => {
                at += 1;
                places.push(at);
            }
        }
    }
    places[chance.random_range(0..places.len())]
}

fn bytes(hex: &str) -> Answer {
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return Err("this is no hex".into());
    }
    Ok((0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16))
        .collect::<Result<_, _>>()?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
