//! When edits are written down next, for the threads that bring them: before that they miss nothing by resting.
//!
//! Transactions begin some milliseconds apart, and what was typed is seen by others once it is on disk. Looking for
//! keys more often than that wakes a thread for nothing. What needs no transaction, presence and answers to who joins,
//! waits with them: some milliseconds that nobody sees.

use std::{
    sync::{Mutex, PoisonError},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

/// How much before the next transaction another thread looks, so that what it finds is in line by then.
const AHEAD: Duration = Duration::from_millis(1);
/// How exactly timers of the runtime keep to an instant: they never fire early, and late by up to this.
const LATE: Duration = Duration::from_millis(1);

/// When the next transaction of edits begins.
#[derive(Debug, Default)]
pub struct Tempo {
    next: Mutex<Option<Next>>,
}

#[derive(Debug, Clone, Copy)]
struct Next {
    at: Instant,
    /// Who waits for that instant.
    thread: ThreadId,
}

impl Tempo {
    /// Nobody writes now, and the calling thread will not before `at`.
    pub(crate) fn rests_until(&self, at: Instant) {
        self.set(Some(Next { at, thread: thread::current().id() }));
    }

    /// A transaction is under way, or edits are written as soon as they come.
    pub(crate) fn is_open(&self) {
        self.set(None);
    }

    /// Until when the calling thread may rest after a transaction, if it may: whatever edits come before, they are
    /// written no later than if it looked at once. At most a millisecond after the next transaction may begin.
    pub fn quiet_until(&self) -> Option<Instant> {
        let next = (*self.next.lock().unwrap_or_else(PoisonError::into_inner))?;
        let until = if next.thread == thread::current().id() {
            // Woken earlier it would find that its own timer has not fired, and rest once more.
            next.at + LATE
        } else {
            next.at.checked_sub(AHEAD)?
        };
        (until > Instant::now()).then_some(until)
    }

    fn set(&self, next: Option<Next>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_rests_until_it_writes_and_others_until_shortly_before() {
        let tempo = Tempo::default();
        assert_eq!(tempo.quiet_until(), None);
        let at = Instant::now() + Duration::from_secs(60);
        tempo.rests_until(at);
        assert_eq!(tempo.quiet_until(), Some(at + LATE));
        thread::scope(|scope| {
            let other = scope.spawn(|| tempo.quiet_until());
            assert_eq!(other.join().unwrap(), Some(at - AHEAD));
        });
        tempo.is_open();
        assert_eq!(tempo.quiet_until(), None);
    }

    #[test]
    fn an_instant_that_passed_keeps_nobody() {
        let tempo = Tempo::default();
        let passed = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        tempo.rests_until(passed);
        assert_eq!(tempo.quiet_until(), None);
    }
}
