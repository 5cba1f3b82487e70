//! A clock that tests set.

use domain::{Instant, instant::Span};
use std::sync::atomic::{AtomicI64, Ordering};

/// Stands still until it is told otherwise.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// Shows `instant`.
    pub fn at(instant: Instant) -> Self {
        Self(AtomicI64::new(instant.as_micros()))
    }

    /// The instant it shows.
    pub fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst))
    }

    /// Shows `instant` from now on.
    pub fn set(&self, instant: Instant) {
        self.0.store(instant.as_micros(), Ordering::SeqCst);
    }

    /// Moves on by `span`.
    pub fn advance(&self, span: Span) {
        self.set(self.now().plus(span));
    }
}

impl Default for FakeClock {
    /// A Saturday morning at 05:47 UTC.
    fn default() -> Self {
        Self::at(Instant::from_seconds(1_794_635_220))
    }
}

#[cfg(feature = "app")]
impl app::Clock for FakeClock {
    fn now(&self) -> Instant {
        self.now()
    }
}
