//! Threads that carry lines between browsers and rooms, and on SQLite write down what came by them.
//!
//! Keys come one by one, from hundreds of people in no order. Woken for each, a processor spends more on waking than
//! on the key. A carrier that had something to do therefore rests for [`GATHER`] before it looks what came, and then
//! does all of it in one go; after a transaction of edits, until the next may begin ([`Tempo`]). Whoever types alone
//! hardly waits for that: a carrier that rested and finds no work sleeps until a key comes. The pages keep their
//! threads for themselves, so that keys slow no page and pages no key.

use app::tempo::Tempo;
use std::{
    future::Future,
    io,
    num::NonZero,
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

/// How long a carrier that had something to do lets more come.
const GATHER: Duration = Duration::from_millis(2);

/// How many tasks a carrier does before it looks what else came, if it never rests: what came together is done together,
/// and is in line for the record before the writer, who lets others go first, takes what is there.
const TASKS: u32 = 1_000;

/// The carriers of an installation. They begin with the first line and end when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Carriers {
    tempo: Arc<Tempo>,
    begun: OnceLock<Vec<Carrier>>,
}

#[derive(Debug)]
struct Carrier {
    runtime: Handle,
    /// Dropped, it ends the thread.
    _holds: oneshot::Sender<()>,
}

impl Carriers {
    /// None has begun. `tempo`: that of edits.
    pub(crate) fn new(tempo: Arc<Tempo>) -> Self {
        Self { tempo, begun: OnceLock::new() }
    }

    /// Carries a line until it ends. All lines with one `key` are carried by one thread: what one of them says to
    /// the others wakes nobody elsewhere.
    pub(crate) fn carry(&self, key: u64, line: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let carriers = match self.begun.get() {
            Some(carriers) => carriers,
            None => {
                let begun = (0..many())
                    .map(|number| begin(number, Arc::clone(&self.tempo)))
                    .collect::<io::Result<_>>()?;
                self.begun.get_or_init(|| begun)
            }
        };
        let place = usize::try_from(key % carriers.len() as u64).unwrap_or(0);
        carriers[place].runtime.spawn(line);
        Ok(())
    }
}

/// One carries a thousand people who type with less than half a processor, so there is one for every two.
fn many() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).div_ceil(2)
}

fn begin(number: usize, tempo: Arc<Tempo>) -> io::Result<Carrier> {
    let rest = move || {
        let quiet = tempo.quiet_until().map(|until| until.saturating_duration_since(Instant::now()));
        thread::sleep(quiet.unwrap_or(GATHER));
    };
    let runtime =
        Builder::new_current_thread().enable_all().on_thread_park(rest).event_interval(TASKS).build()?;
    let handle = runtime.handle().clone();
    let (holds, held) = oneshot::channel();
    // A line that panics ends alone; the thread goes on.
    let carry = move || _ = runtime.block_on(held);
    thread::Builder::new().name(format!("carrier-{number}")).spawn(carry)?;
    Ok(Carrier { runtime: handle, _holds: holds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    /// The thread that carries a line with `key`.
    async fn carrier_of(carriers: &Carriers, key: u64) -> String {
        let (tell, told) = oneshot::channel();
        let line = async move {
            tell.send(thread::current().name().unwrap_or_default().to_owned()).unwrap();
        };
        carriers.carry(key, line).unwrap();
        told.await.unwrap()
    }

    #[tokio::test]
    async fn lines_of_one_document_have_one_thread_that_is_not_the_pages() {
        let carriers = Carriers::default();
        let one = carrier_of(&carriers, 7).await;
        assert!(one.starts_with("carrier-"), "{one}");
        for key in [7, 7 + many() as u64] {
            assert_eq!(carrier_of(&carriers, key).await, one);
        }
    }

    #[tokio::test]
    async fn a_line_that_panics_ends_alone() {
        let carriers = Carriers::default();
        let (beside, mut heard) = mpsc::unbounded_channel();
        let (go_on, may) = oneshot::channel::<()>();
        let other = async move {
            may.await.unwrap();
            beside.send("still here").unwrap();
        };
        carriers.carry(1, other).unwrap();
        carriers.carry(1, async { panic!("as it was told to") }).unwrap();
        carrier_of(&carriers, 1).await;
        go_on.send(()).unwrap();
        assert_eq!(heard.recv().await, Some("still here"));
    }

    #[tokio::test]
    async fn lines_end_with_their_carriers() {
        let carriers = Carriers::default();
        let (held, mut ended) = mpsc::channel::<()>(1);
        let line = async move {
            let _held = held;
            std::future::pending::<()>().await;
        };
        carriers.carry(1, line).unwrap();
        carrier_of(&carriers, 1).await;
        drop(carriers);
        assert_eq!(ended.recv().await, None, "what the line held was let go of");
    }
}
