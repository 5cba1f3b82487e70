//! Time and chance, handed in so that tests can set both.

use domain::Instant;
use std::{fmt::Debug, sync::Arc};

/// Where the time comes from.
pub trait Clock: Debug + Send + Sync {
    /// The instant it is now.
    fn now(&self) -> Instant;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Instant {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let micros = since_epoch.map_or(0, |passed| i64::try_from(passed.as_micros()).unwrap_or(i64::MAX));
        Instant::from_micros(micros)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Instant {
        (**self).now()
    }
}
