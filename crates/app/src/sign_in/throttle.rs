//! Slows down whoever tries many passphrases. In memory: each node counts for itself, a restart forgets.
//!
//! Tries are counted per account and per place they come from, whether or not the account exists, so that a
//! refusal tells nothing. Nobody is locked out: waiting is at most a minute for an account (others may be
//! trying to keep its owner out) and a quarter of an hour for a place.

use crate::{Error, Result};
use domain::{Instant, instant::Span};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
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
    hashed: AtomicU64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { tries: Mutex::default(), hashing: Semaphore::new(HASHING), hashed: AtomicU64::new(0) }
    }
}

impl Throttle {
    /// Counts a try before it is made; an error with the time to wait if it is not to be made now. A try that
    /// is refused here does not count.
    pub fn allow(&self, account: &str, place: &str, now: Instant) -> Result<()> {
        self.count(
            &[(Target::Account(shortened(account)), ACCOUNT), (Target::Place(network(place)), PLACE)],
            now,
        )
    }

    /// The same where nobody is named before the answer is read.
    pub fn allow_from(&self, place: &str, now: Instant) -> Result<()> {
        self.count(&[(Target::Place(network(place)), PLACE)], now)
    }

    /// Gives a place its try back.
    pub fn forget_from(&self, place: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = tries.get_mut(&Target::Place(network(place))) {
            place.count = place.count.saturating_sub(1);
        }
    }

    fn count(&self, targets: &[(Target, Limit)], now: Instant) -> Result<()> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let opens_at =
            targets.iter().filter_map(|(target, _)| tries.get(target)).map(|tries| tries.opens_at).max();
        if let Some(opens_at) = opens_at.filter(|opens_at| now < *opens_at) {
            let wait = (opens_at.since(now).as_seconds() + 1).max(1);
            return Err(Error::Slowed { wait: Span::seconds(wait) });
        }
        sweep(&mut tries, now);
        for (target, limit) in targets {
            let before = tries.get(target).filter(|tries| now.since(tries.last) < FORGOTTEN);
            let count = before.map_or(0, |tries| tries.count).saturating_add(1);
            let opens_at = now.plus(wait_after(count, limit));
            tries.insert(target.clone(), Tries { count, last: now, opens_at });
        }
        Ok(())
    }

    /// Forgets the tries on an account after somebody signed in, and gives the place its try back.
    pub fn forget(&self, account: &str, place: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&Target::Account(shortened(account)));
        drop(tries);
        self.forget_from(place);
    }

    /// Waits until a passphrase may be hashed.
    pub async fn hashing_turn(&self) -> Result<SemaphorePermit<'_>> {
        let turn = self.hashing.acquire().await.map_err(Error::internal)?;
        self.hashed.fetch_add(1, Ordering::Relaxed);
        Ok(turn)
    }

    /// How many passphrases were hashed since the start.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
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

/// What one customer of a network has: an address of IPv4, or the 64 bits that begin one of IPv6, because
/// whoever has one of those has all that begin so (RFC 6177).
fn network(place: &str) -> String {
    match place.trim().parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        },
        Ok(address) => address.to_string(),
        Err(_) => shortened(place),
    }
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
    fn one_network_is_one_place() {
        for (place, network_of) in [
            ("198.51.100.7", "198.51.100.7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
            ("Unknown ", "unknown"),
        ] {
            assert_eq!(network(place), network_of, "{place}");
        }
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
