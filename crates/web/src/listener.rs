//! Listening to a line only when something may have come by it.
//!
//! A task that waits for several things is woken for one of them and asks all. Asking a line means room to read into
//! and a look at the socket, and where people write together most of what wakes its task goes the other way.

use futures_util::{Stream, StreamExt as _, task::AtomicWaker};
use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Who listens to one line.
#[derive(Debug)]
pub(crate) struct Listener {
    call: Arc<Call>,
    /// What the line wakes.
    waker: Waker,
}

#[derive(Debug)]
struct Call {
    /// Whether the line called since it was last asked.
    came: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.came.store(true, SeqCst);
        self.task.wake();
    }
}

impl Listener {
    /// Nobody asked the line yet.
    pub(crate) fn new() -> Self {
        let call = Arc::new(Call { came: AtomicBool::new(true), task: AtomicWaker::new() });
        Self { waker: Waker::from(Arc::clone(&call)), call }
    }

    /// What comes next by `line`, always the same one. Cancel safe.
    pub(crate) async fn next<S: Stream + Unpin>(&self, line: &mut S) -> Option<S::Item> {
        poll_fn(|context| {
            self.call.task.register(context.waker());
            if !self.call.came.swap(false, SeqCst) {
                return Poll::Pending;
            }
            let next = line.poll_next_unpin(&mut Context::from_waker(&self.waker));
            if next.is_ready() {
                // There may be more, and nobody calls for that.
                self.call.came.store(true, SeqCst);
            }
            next
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream::poll_fn as stream_of;
    use std::{cell::Cell, pin::pin};
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn a_line_is_asked_when_it_called_and_not_before() {
        let (say, mut heard) = mpsc::unbounded_channel();
        let asked = Cell::new(0);
        let mut line = stream_of(|context| {
            asked.set(asked.get() + 1);
            heard.poll_recv(context)
        });
        let listener = Listener::new();
        let waker = Waker::noop();
        let mut context = Context::from_waker(waker);
        {
            let mut next = pin!(listener.next(&mut line));
            for _ in 0..3 {
                assert!(next.as_mut().poll(&mut context).is_pending());
            }
            assert_eq!(asked.get(), 1, "it was asked once, and says when to ask again");
        }
        say.send(1).unwrap();
        say.send(2).unwrap();
        drop(say);
        let mut all = Vec::new();
        while let Some(one) = listener.next(&mut line).await {
            all.push(one);
        }
        assert_eq!(all, [1, 2]);
    }

    /// What a task of its own says: a thousand numbers, one at a time.
    fn numbers() -> mpsc::Receiver<u32> {
        let (say, heard) = mpsc::channel(1);
        tokio::spawn(async move {
            for n in 0..1_000 {
                say.send(n).await.unwrap();
                if n % 3 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
        heard
    }

    #[tokio::test]
    async fn whoever_waits_is_woken_whenever_something_comes() {
        let mut heard = numbers();
        let (listener, mut line) = (Listener::new(), stream_of(|context| heard.poll_recv(context)));
        for n in 0..1_000 {
            assert_eq!(listener.next(&mut line).await, Some(n));
        }
        assert_eq!(listener.next(&mut line).await, None);
    }

    #[tokio::test]
    async fn nothing_is_missed_by_who_waits_for_other_things_too() {
        let mut heard = numbers();
        let (listener, mut line) = (Listener::new(), stream_of(|context| heard.poll_recv(context)));
        let mut all = Vec::new();
        loop {
            // Given up whenever nothing is there, as by a task that has something else to do.
            tokio::select! {
                biased;
                one = listener.next(&mut line) => match one {
                    Some(one) => all.push(one),
                    None => break,
                },
                () = tokio::task::yield_now() => {}
            }
        }
        assert!(all.into_iter().eq(0..1_000));
    }
}
