//! Updates that only add text are accepted without encoding the whole document. What that rests on: it still
//! encodes and loads, and its size is never taken for less than it is.

use super::hostile::rich;
use crate::{
    lib0::{put_bytes, put_number},
    replica::{Refused, Replica},
};
use proptest::{collection::vec, option, prelude::*};

/// The client that `rich` wrote with, and how many clocks it used at least.
const BASE: (u64, u32) = (1, 30);
/// The client that adds text here.
const TYPIST: u64 = 7;

/// One text at `clock` of the typist, between any two characters, its own among them.
fn text(clock: u32, left: Option<(u64, u32)>, right: Option<(u64, u32)>, words: &str) -> Vec<u8> {
    let mut out = vec![1, 1];
    put_number(&mut out, TYPIST);
    put_number(&mut out, clock.into());
    out.push(4 | u8::from(left.is_some()) << 7 | u8::from(right.is_some()) << 6);
    for (client, clock) in [left, right].into_iter().flatten() {
        put_number(&mut out, client);
        put_number(&mut out, clock.into());
    }
    if left.is_none() && right.is_none() {
        put_number(&mut out, 1);
        put_bytes(&mut out, b"text");
    }
    put_bytes(&mut out, words.as_bytes());
    out.push(0);
    out
}

fn neighbour() -> impl Strategy<Value = Option<(bool, u32)>> {
    option::weighted(0.9, (any::<bool>(), 0..80_u32))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_document_of_texts_put_anywhere_encodes_and_is_never_larger_than_it_is_taken_for(
        added in vec((neighbour(), neighbour(), "[a-c🦀漢]{1,6}"), 1..60),
    ) {
        let mut replica = Replica::load(&[rich()], usize::MAX).unwrap();
        let mut clock = 0;
        for (left, right, words) in added {
            let place = |(own, at): (bool, u32)| match own {
                true if clock > 0 => (TYPIST, at % clock),
                _ => (BASE.0, at % BASE.1),
            };
            match replica.accept(&text(clock, left.map(place), right.map(place), &words)) {
                Ok(Some(_)) => clock += u32::try_from(words.encode_utf16().count()).unwrap(),
                // Beside an attribute it would be one.
                Ok(None) | Err(Refused::Malformed | Refused::Gaps) => {}
                Err(_) => {
                    prop_assert!(replica.is_spoilt());
                    return Ok(());
                }
            }
            let state = replica.state().unwrap();
            prop_assert!(state.len() <= replica.size(), "{} bytes were taken for {}", state.len(), replica.size());
            prop_assert!(Replica::load(&[state], usize::MAX).unwrap().document().is_ok());
        }
        prop_assert!(clock > 0 || replica.size() == replica.state().unwrap().len());
    }
}

#[test]
fn the_largest_size_is_exact_though_it_is_rarely_measured() {
    let letter = |clock: u32| text(clock, clock.checked_sub(1).map(|last| (TYPIST, last)), None, "a");
    let mut replica = Replica::load::<Vec<u8>>(&[], 3_000).unwrap();
    let mut clock = 0;
    while replica.accept(&letter(clock)).is_ok() {
        clock += 1;
    }
    assert_eq!(replica.accept(&letter(clock)), Err(Refused::TooLarge));
    let size = replica.state().unwrap().len();
    assert!(size <= 3_000 && size + letter(clock).len() > 3_000, "it was full at {size} bytes");
}

#[test]
fn what_a_hole_in_the_log_hides_is_not_taken_for_known() {
    let log = [text(0, None, None, "begun"), text(10, None, None, "after")];
    let mut replica = Replica::load(&log, usize::MAX).unwrap();
    let known = |replica: &Replica| replica.known().unwrap().get(&yrs::ClientID::new(TYPIST));
    assert_eq!(known(&replica), 5);
    replica.accept(&text(5, Some((TYPIST, 4)), None, "ha")).unwrap();
    assert_eq!(known(&replica), 7);
    replica.accept(&text(7, Some((TYPIST, 6)), None, "lf!")).unwrap();
    assert_eq!(known(&replica), 15);
}
