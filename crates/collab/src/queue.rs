//! What waits to be sent to one client: bounded, so that a reader who stalls costs a fixed amount.

use crate::{Close, connection::Outgoing};
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
};

/// A queue from the room to one connection.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    /// The one who carries frames away.
    carrier: AtomicWaker,
    /// Bytes that may wait.
    limit: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Frames, and whether each counts towards the limit.
    frames: VecDeque<(Bytes, bool)>,
    bytes: usize,
    /// The latest "saved"; earlier ones say less.
    saved: Option<Bytes>,
    /// Whether it goes as soon as nothing else waits: something went just before, or it waited long enough.
    saved_goes: bool,
    /// Whether it, or one that it replaced, was passed over once, see [`Queue::remind`].
    saved_waited: bool,
    close: Option<Close>,
    /// Whether the client may stay is to be asked before it gets anything more.
    asked: bool,
    ended: bool,
}

impl Queue {
    pub(crate) fn new(limit: usize) -> Self {
        Self { waiting: Mutex::default(), carrier: AtomicWaker::new(), limit }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a frame. A client that is too slow for it is closed and catches up by coming back.
    pub(crate) fn push(&self, frame: Bytes) {
        self.append(frame, true);
        self.carrier.wake();
    }

    /// Appends a frame that more may follow at once; it waits for [`Queue::wake`]. Otherwise whoever carries frames
    /// away might come between the two, and send each by itself.
    pub(crate) fn put(&self, frame: Bytes) {
        self.append(frame, true);
    }

    /// What was put goes now. For whom nothing waits, nothing happens.
    pub(crate) fn wake(&self) {
        let waiting = self.lock();
        if !waiting.frames.is_empty() || waiting.close.is_some() {
            drop(waiting);
            self.carrier.wake();
        }
    }

    /// Appends an answer the client asked for. One at a time may be of any size, or nobody could open a
    /// document larger than the limit; those asked for meanwhile count.
    pub(crate) fn reply(&self, frame: Bytes) {
        let counted = self.lock().frames.iter().any(|(_, counted)| !counted);
        self.append(frame, counted);
        self.carrier.wake();
    }

    fn append(&self, frame: Bytes, counted: bool) {
        let mut waiting = self.lock();
        if waiting.close.is_some() || waiting.ended {
            return;
        }
        if counted && waiting.bytes > 0 && waiting.bytes + frame.len() > self.limit {
            waiting.frames.clear();
            waiting.saved = None;
            waiting.bytes = 0;
            waiting.close = Some(Close::TRY_AGAIN);
        } else {
            waiting.bytes += if counted { frame.len() } else { 0 };
            waiting.frames.push_back((frame, counted));
        }
    }

    /// Tells what is saved: now, or after the next frames that go anyway, or when [`Queue::remind`] says so.
    pub(crate) fn saved(&self, frame: Bytes, now: bool) {
        let mut waiting = self.lock();
        waiting.saved = Some(frame);
        if now {
            waiting.saved_goes = true;
            drop(waiting);
            self.carrier.wake();
        }
    }

    /// What is saved goes now if it was passed over before, and is passed over if it was not; answers whether it is now.
    /// Whoever wrote a moment ago most often hears it with words of others before the next time.
    pub(crate) fn remind(&self) -> bool {
        let mut waiting = self.lock();
        if waiting.saved.is_none() {
            return false;
        }
        if !std::mem::replace(&mut waiting.saved_waited, true) {
            return true;
        }
        waiting.saved_goes = true;
        drop(waiting);
        self.carrier.wake();
        false
    }

    /// Sends what waits, then the close frame. The first close counts.
    pub(crate) fn close(&self, close: Close) {
        self.lock().close.get_or_insert(close);
        self.carrier.wake();
    }

    /// The client gets nothing more, not even what waits, before somebody asked whether it may.
    pub(crate) fn ask_again(&self) {
        self.lock().asked = true;
        self.carrier.wake();
    }

    /// The other half is gone: nothing more will come.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.carrier.wake();
    }

    /// The next thing to send; `None` at the end. Cancel safe: nothing is taken before it is returned. Only one may
    /// wait for it.
    pub(crate) async fn next(&self) -> Option<Outgoing> {
        poll_fn(|context| {
            // Before looking: whoever puts something there after that look wakes us.
            self.carrier.register(context.waker());
            self.lock().next()
        })
        .await
    }

    /// A frame that waits already, if nothing else comes first.
    pub(crate) fn at_hand(&self) -> Option<Bytes> {
        let mut waiting = self.lock();
        if waiting.asked { None } else { waiting.frame() }
    }
}

impl Waiting {
    fn next(&mut self) -> Poll<Option<Outgoing>> {
        if !self.ended && std::mem::take(&mut self.asked) {
            return Poll::Ready(Some(Outgoing::AskAgain));
        }
        if let Some(frame) = self.frame() {
            return Poll::Ready(Some(Outgoing::Frame(frame)));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let Some(close) = self.close else { return Poll::Pending };
        self.ended = true;
        Poll::Ready(Some(Outgoing::Close(close)))
    }

    fn frame(&mut self) -> Option<Bytes> {
        if let Some((frame, counted)) = self.frames.pop_front() {
            if counted {
                self.bytes = self.bytes.saturating_sub(frame.len());
            }
            self.saved_goes = true;
            return Some(frame);
        }
        let goes = std::mem::take(&mut self.saved_goes) || self.close.is_some();
        if !goes {
            return None;
        }
        self.saved_waited = false;
        self.saved.take()
    }
}
