//! When what has nothing to go with is told: presence, and what is saved.
//!
//! Whatever goes with words costs nothing of its own, and where people write there are words most of the time.

use super::{Room, State};
use crate::{Limits, protocol, rooms::Said};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant as Moment;

/// After how long somebody looks what is still to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tick {
    /// For presence while no words are being written.
    Soon,
    /// For presence that waits for words that are being written, for "saved", which waits for words of others (most often
    /// both have gone by then), and for what other processes are to hear.
    Late,
}

impl Room {
    /// Sees to it that a task waits for each kind of tick that has something to tell.
    pub(crate) fn tick(self: &Arc<Self>, state: &mut State) {
        for tick in [Tick::Soon, Tick::Late] {
            if *state.ticking(tick) || !state.is_due(tick) {
                continue;
            }
            // Connections may be dropped after the runtime; then nobody is left to tell.
            let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
            *state.ticking(tick) = true;
            let room = Arc::downgrade(self);
            let ticks = if tick == Tick::Late { self.limits.saved_ticks.max(1) } else { 1 };
            let after = self.limits.presence_tick * u32::from(ticks);
            runtime.spawn(async move {
                loop {
                    tokio::time::sleep(after).await;
                    let Some(room) = room.upgrade() else { return };
                    if !room.tell_news(tick) {
                        // What one has nothing to do with any more may be the other's.
                        room.tick(&mut room.lock());
                        return;
                    }
                }
            });
        }
    }

    /// What a tick does; answers whether there is to be another.
    pub(crate) fn tell_news(&self, tick: Tick) -> bool {
        let mut state = self.lock();
        let words = state.backlog > 0;
        let goes = match tick {
            Tick::Soon => !words,
            Tick::Late => {
                // Words that are being written take it with them in a moment; if they take long, it goes before them.
                state.holds_presence = words && state.presence.has_news() && !state.holds_presence;
                words && !state.holds_presence
            }
        };
        if goes && state.put_presence(&self.limits) {
            state.wake();
        }
        if tick == Tick::Late {
            state.tell_saved();
            self.tell_far(&mut state);
        }
        let again = state.is_due(tick);
        *state.ticking(tick) = again;
        again
    }

    /// Other processes hear less often than people here: a cursor may lag, their database should not.
    pub(super) fn tell_far(&self, state: &mut State) {
        const APART: Duration = Duration::from_millis(250);
        if !state.presence.has_far_news() {
            return;
        }
        // When the last one leaves there may be no next time.
        if !state.seats.is_empty() && state.told_far.elapsed() < APART {
            return;
        }
        state.told_far = Moment::now();
        let Some(registry) = self.registry.upgrade() else { return };
        for content in state.presence.take_far_news(self.limits.far_presence) {
            registry.say(|| Said::Here(self.doc, content));
        }
    }
}

impl State {
    /// Whether there is something for such a tick to tell.
    fn is_due(&self, tick: Tick) -> bool {
        let news = self.presence.has_news();
        let due = match tick {
            Tick::Soon => news && self.backlog == 0,
            Tick::Late => news && self.backlog > 0 || self.owing || self.presence.has_far_news(),
        };
        !self.seats.is_empty() && due
    }

    /// Whether a task waits for such a tick.
    fn ticking(&mut self, tick: Tick) -> &mut bool {
        &mut self.ticking[usize::from(tick == Tick::Late)]
    }

    /// Puts presence into the queues, if there is news and it is time for it; they are to be woken then.
    pub(crate) fn put_presence(&mut self, limits: &Limits) -> bool {
        let together = u32::try_from(self.seats.len() / 8).unwrap_or(u32::MAX);
        let apart = limits.presence_tick.saturating_mul(together);
        if !self.presence.has_news() || self.told_presence.elapsed() < apart {
            return false;
        }
        self.told_presence = Moment::now();
        let Some((news, only)) = self.presence.take_news() else { return false };
        let frame = protocol::awareness(&news);
        for (_, seat) in self.seats.iter().filter(|(id, _)| Some(id.0) != only) {
            seat.queue.put(frame.clone());
        }
        true
    }

    /// Somebody was told as saved what goes out with the next frame, or after some ticks.
    pub(crate) fn owe_saved(&mut self) {
        self.owing = true;
    }

    fn tell_saved(&mut self) {
        if self.owing {
            self.owing = self.seats.values().filter(|seat| seat.queue.remind()).count() > 0;
        }
    }
}
