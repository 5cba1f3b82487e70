//! How much one address takes: a storm of alerts at once, and for good what a disk can bear.
//!
//! Each delivery takes up some time of its address, by its size; whoever is further ahead than [`AHEAD`] waits. That
//! is a bucket with a hole ("generic cell rate algorithm", ITU-T I.371), kept as one instant. In memory: each node
//! counts for itself, a restart forgets.

use crate::{Error, Result};
use domain::{Instant, instant::Span};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// What one delivery takes up: 200 a second for good …
const EACH: Span = Span::micros(5_000);
/// … as long as they are not larger than 4 MB a second.
const BYTES_A_MICRO: u64 = 4;
/// What was not signed as agreed takes up more: whoever guesses a secret does not guess often.
const UNSIGNED: Span = Span::micros(250_000);
/// So far ahead an address may be: 10,000 deliveries at once, or 200 MB.
const AHEAD: Span = Span::seconds(50);

/// Up to when each address is taken up.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<Uuid, Instant>>);

impl Pace {
    /// Takes note of a delivery that begins.
    ///
    /// # Errors
    /// [`Error::Slowed`] with the time after which there is room again.
    pub(super) fn allow(&self, hook: Uuid, now: Instant) -> Result<()> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = taken.get(&hook).copied().unwrap_or(now).max(now);
        let beyond = until.since(now).as_micros() - AHEAD.as_micros();
        if beyond > 0 {
            return Err(Error::Slowed { wait: Span::seconds(beyond / 1_000_000 + 1) });
        }
        // Addresses that have nothing taken up are as good as forgotten.
        if taken.len() >= super::MOST * 2 {
            taken.retain(|_, until| *until > now);
        }
        taken.insert(hook, until.plus(EACH));
        Ok(())
    }

    /// Takes note of how large it was.
    pub(super) fn weigh(&self, hook: Uuid, bytes: usize, now: Instant) {
        let micros = i64::try_from(bytes as u64 / BYTES_A_MICRO).unwrap_or(i64::MAX);
        self.take(hook, Span::micros(micros), now);
    }

    /// Takes note that it was not signed as agreed.
    pub(super) fn unsigned(&self, hook: Uuid, now: Instant) {
        self.take(hook, UNSIGNED, now);
    }

    fn take(&self, hook: Uuid, span: Span, now: Instant) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = taken.entry(hook).or_insert(now);
        *until = (*until).max(now).plus(span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::from_seconds(1_794_635_220);

    fn taken_at_once(pace: &Pace, hook: Uuid, now: Instant) -> usize {
        (0..100_000).take_while(|_| pace.allow(hook, now).is_ok()).count()
    }

    #[test]
    fn a_storm_is_taken_and_then_as_much_as_a_disk_bears() {
        let (pace, hook, other) = (Pace::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(taken_at_once(&pace, hook, START), 10_001);
        let Err(Error::Slowed { wait }) = pace.allow(hook, START) else { panic!("it went on") };
        assert_eq!(wait, Span::seconds(1));
        assert_eq!(taken_at_once(&pace, hook, START.plus(Span::seconds(1))), 200);
        assert_eq!(taken_at_once(&pace, other, START), 10_001, "others have their own");
        assert_eq!(taken_at_once(&pace, hook, START.plus(Span::days(1))), 10_001);
    }

    #[test]
    fn large_ones_and_wrong_ones_take_up_more() {
        let (pace, hook) = (Pace::default(), Uuid::from_u128(1));
        for _ in 0..9 {
            pace.weigh(hook, 25 << 20, START);
        }
        let Err(Error::Slowed { wait }) = pace.allow(hook, START) else { panic!("it went on") };
        assert!(wait >= Span::seconds(8), "{wait:?}");
        let other = Uuid::from_u128(2);
        for _ in 0..201 {
            pace.unsigned(other, START);
        }
        assert!(pace.allow(other, START).is_err());
    }
}
