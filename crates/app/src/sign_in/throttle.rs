//! Slows down whoever tries many passphrases. In memory: each node counts for itself, a restart forgets.
//!
//! Tries are counted per account and per place they come from, whether or not the account exists, so that a
//! refusal tells nothing. Nobody is locked out: waiting is at most a minute for an account (others may be
//! trying to keep its owner out) and a quarter of an hour for a place.

use crate::{Error, Result};
use domain::{Instant, instant::Span};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How tries are counted for one sort of thing.
#[derive(Debug)]
struct Limit {
    /// So many tries cost nothing.
    free: u32,
    /// The wait doubles with each further try, up to this.
    longest: Span,
}

const ACCOUNT: Limit = Limit { free: 6, longest: Span::minutes(1) };
const PLACE: Limit = Limit { free: 30, longest: Span::minutes(15) };
/// After so long without a try, tries are forgotten.
const FORGOTTEN: Span = Span::hours(1);
/// Old entries are swept beyond this many.
const ENTRIES: usize = 10_000;
/// How many hashes are computed at once.
const HASHING: usize = 2;

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Target {
    Account(String),
    Place(String),
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    count: u32,
    last: Instant,
    opens_at: Instant,
}

/// Counts tries to sign in.
#[derive(Debug)]
pub(crate) struct Throttle {
    tries: Mutex<HashMap<Target, Tries>>,
    hashing: Semaphore,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { tries: Mutex::default(), hashing: Semaphore::new(HASHING) }
    }
}

impl Throttle {
    /// Counts a try before it is made; an error with the time to wait if it is not to be made now. A try that
    /// is refused here does not count.
    pub fn allow(&self, account: &str, place: &str, now: Instant) -> Result<()> {
        let targets =
            [(Target::Account(shortened(account)), ACCOUNT), (Target::Place(shortened(place)), PLACE)];
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let opens_at =
            targets.iter().filter_map(|(target, _)| tries.get(target)).map(|tries| tries.opens_at).max();
        if let Some(opens_at) = opens_at.filter(|opens_at| now < *opens_at) {
            let wait = (opens_at.since(now).as_seconds() + 1).max(1);
            return Err(Error::Unavailable(format!(
                "Many tries came in for this address or from this place. Wait {} and try again.",
                Span::seconds(wait)
            )));
        }
        sweep(&mut tries, now);
        for (target, limit) in targets {
            let before = tries.get(&target).filter(|tries| now.since(tries.last) < FORGOTTEN);
            let count = before.map_or(0, |tries| tries.count).saturating_add(1);
            let opens_at = now.plus(wait_after(count, &limit));
            tries.insert(target, Tries { count, last: now, opens_at });
        }
        Ok(())
    }

    /// Forgets the tries on an account after somebody signed in, and gives the place its try back.
    pub fn forget(&self, account: &str, place: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&Target::Account(shortened(account)));
        if let Some(place) = tries.get_mut(&Target::Place(shortened(place))) {
            place.count = place.count.saturating_sub(1);
        }
    }

    /// Waits until a passphrase may be hashed.
    pub async fn hashing_turn(&self) -> Result<SemaphorePermit<'_>> {
        self.hashing.acquire().await.map_err(Error::internal)
    }
}

/// How long to wait after try number `count`.
fn wait_after(count: u32, limit: &Limit) -> Span {
    match count.checked_sub(limit.free) {
        None | Some(0) => Span::ZERO,
        Some(beyond) => Span::seconds(1_i64 << beyond.min(20)).min(limit.longest),
    }
}

/// Whoever sends very long names must not fill the memory with them.
fn shortened(text: &str) -> String {
    text.trim().to_lowercase().chars().take(254).collect()
}

fn sweep(tries: &mut HashMap<Target, Tries>, now: Instant) {
    if tries.len() < ENTRIES {
        return;
    }
    tries.retain(|_, tries| now.since(tries.last) < FORGOTTEN);
    if tries.len() >= ENTRIES {
        // Many at once: those who wait least are forgotten first.
        let mut waits: Vec<u32> = tries.values().map(|tries| tries.count).collect();
        waits.sort_unstable();
        let middle = waits[waits.len() / 2];
        let mut to_go = ENTRIES / 2;
        tries.retain(|_, tries| {
            let goes = to_go > 0 && tries.count <= middle;
            to_go -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::from_seconds(1_794_635_220);

    #[test]
    fn the_wait_grows_to_its_limit() {
        let throttle = Throttle::default();
        let mut now = START;
        let mut waits = Vec::new();
        for _ in 0..16 {
            let mut waited = 0;
            while throttle.allow("ada@larkfare.example", "198.51.100.7", now).is_err() {
                now = now.plus(Span::seconds(1));
                waited += 1;
            }
            waits.push(waited);
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn a_place_with_many_tries_waits_whatever_it_tries() {
        let throttle = Throttle::default();
        for n in 0..31 {
            throttle.allow(&format!("person{n}@larkfare.example"), "198.51.100.7", START).unwrap();
        }
        assert!(throttle.allow("wren@larkfare.example", "198.51.100.7", START).is_err());
        assert!(throttle.allow("wren@larkfare.example", "198.51.100.8", START).is_ok(), "others do not wait");
    }

    #[test]
    fn signing_in_and_time_forget() {
        let throttle = Throttle::default();
        let try_at = |now| throttle.allow("Ada@larkfare.example ", "here", now).is_ok();
        assert!((0..7).all(|_| try_at(START)));
        assert!(!try_at(START));
        throttle.forget("ada@larkfare.example", "here");
        assert!(try_at(START), "the right passphrase ends the wait");
        assert!((0..6).all(|_| try_at(START)));
        assert!(!try_at(START));
        assert!((0..6).all(|_| try_at(START.plus(FORGOTTEN))), "after an hour tries are free again");
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..3 * ENTRIES {
            let _ = throttle.allow(&format!("{n}@larkfare.example"), &format!("place {n}"), START);
        }
        assert!(throttle.tries.lock().unwrap().len() <= ENTRIES + 1);
    }
}
