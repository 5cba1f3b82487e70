//! The socket of a shared document: carries frames between a browser and its room in `collab`.
//!
//! A browser cannot be stopped from opening sockets for foreign pages, so `Origin` must be ours. Whether the
//! session still holds, and what its person may do, is asked again with every ping, and at once when an act may
//! have changed it (`App::turn_away`).

use crate::{
    error::Answer,
    forms::Asking,
    listener::Listener,
    origin,
    session::{self, Visitor},
    state::State,
    upgrade::{Line, Upgrade},
    urls::Number,
};
use app::{Error, postmortems};
use axum::http::{HeaderMap, HeaderValue, header};
use collab::{Close, Connection, Joiner, Limits, Outgoing, OutgoingFrames};
use domain::incident::IncidentNumber;
use futures_util::{SinkExt as _, StreamExt as _};
use std::{
    future::{Future as _, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant as Moment, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, WebSocketConfig},
};

/// How often a ping is sent.
const PING: Duration = Duration::from_secs(20);
/// A browser that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(40);
/// A browser that takes a frame no faster is too slow; it comes back and catches up.
const SLOW: Duration = Duration::from_secs(20);

/// Bytes that are written to a line in one piece.
const TOGETHER: usize = 64 << 10;
/// Bytes that are set aside for reading from a line: a key with its cursor takes some 300. One that needs more gets it.
/// They are cleared with every look, whether something came or not.
const READ: usize = 1 << 9;

/// Joins the document of an incident's post-mortem. What is refused after the sign-in is told by a close code,
/// because a browser cannot see the status of a refused upgrade and would try for ever.
pub(crate) async fn join(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Answer {
    if !origin::may_connect(&headers, &state.settings) {
        return Err(Error::Forbidden.into());
    }
    let wants_acks = asked.text("acks") == "1";
    let epoch = asked.filled("since").and_then(|epoch| epoch.parse().ok());
    let opened = open(&state, &visitor, number, wants_acks, epoch).await;
    let cookies = headers.get_all(header::COOKIE).iter();
    // Values share the memory of the whole request; copied, they let go of it for the life of the socket.
    let cookies = cookies.filter_map(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
    let headers = cookies.map(|value| (header::COOKIE, value)).collect();
    let may_write = matches!(opened, Ok((_, true)));
    let (home, carriers) = (Handle::current(), Arc::clone(&state.carriers));
    let watch = Watch(Arc::new(Watched { state, headers, number, may_write, home }));
    // The room refuses frames that are larger than it takes, with a code; this bound only protects memory.
    let bound = Some(Limits::default().frame.saturating_mul(2));
    let config =
        WebSocketConfig::default().max_message_size(bound).max_frame_size(bound).read_buffer_size(READ);
    let (answer, accepted) = upgrade.accept();
    tokio::spawn(async move {
        let carried = async {
            let arrived = accepted.arrive().await?;
            carriers.carry(number.0.cast_unsigned(), async move {
                match (arrived.open(config).await, opened) {
                    (Ok(line), Ok((connection, _))) => carry(line, connection, watch).await,
                    (Ok(line), Err(close)) => say_goodbye(line, close).await,
                    (Err(error), _) => tracing::debug!(%error, "a socket was not opened"),
                }
            })
        };
        if let Err(error) = carried.await {
            tracing::debug!(%error, "a socket was not opened");
        }
    });
    Ok(answer)
}

async fn open(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    wants_acks: bool,
    epoch: Option<i64>,
) -> Result<(Connection, bool), Close> {
    let (doc, may_write) =
        postmortems::join(&state.app, visitor.actor(), number).await.map_err(|error| refusal(&error))?;
    let actor = visitor.actor();
    let joiner = Joiner { person: actor.person, name: actor.name.clone(), may_write, wants_acks, epoch };
    let joined = state.app.rooms().join(doc, joiner).await;
    joined.map(|connection| (connection, may_write)).map_err(|refused| refused.close())
}

fn refusal(error: &Error) -> Close {
    match error {
        Error::NotFound => Close::GONE,
        Error::Forbidden | Error::ProveFirst => Close::FORBIDDEN,
        Error::Unavailable(_) | Error::Slowed { .. } | Error::Conflict { .. } => Close::TRY_AGAIN,
        Error::Invalid { .. } => Close::MALFORMED,
        Error::Internal { .. } => Close::LOG_FAILED,
    }
}

/// What has to stay true while a socket is open.
#[derive(Clone)]
struct Watch(Arc<Watched>);

struct Watched {
    state: State,
    headers: HeaderMap,
    number: IncidentNumber,
    may_write: bool,
    /// Where the record is asked: its connections belong to that runtime.
    home: Handle,
}

impl Watch {
    /// Why the socket may not stay, if it may not. `trouble` is the answer where the record cannot say.
    async fn objection(&self, trouble: Option<Close>) -> Option<Close> {
        let watched = Arc::clone(&self.0);
        self.0.home.spawn(async move { watched.object(trouble).await }).await.unwrap_or(trouble)
    }
}

impl Watched {
    async fn object(&self, trouble: Option<Close>) -> Option<Close> {
        match session::visitor(&self.state, &self.headers).await {
            Ok(None) => Some(Close::SIGNED_OUT),
            Ok(Some(visitor)) => {
                match postmortems::join(&self.state.app, visitor.actor(), self.number).await {
                    // Coming back at once gives the connection the rights that hold now.
                    Ok((_, may_write)) => (may_write != self.may_write).then_some(Close::GOING_AWAY),
                    Err(error @ (Error::NotFound | Error::Forbidden)) => Some(refusal(&error)),
                    Err(_) => trouble,
                }
            }
            Err(_) => trouble,
        }
    }
}

async fn carry(mut socket: Line, connection: Connection, watch: Watch) {
    let _counted = watch.0.state.metrics.socket_opened();
    let (incoming, mut outgoing) = connection.split();
    let listener = Listener::new();
    let mut heard = Moment::now();
    // The first one after the pause, not at once: a document comes before small talk.
    let mut ping = pin!(sleep_until(heard + PING));
    let goodbye = loop {
        // Here and not where nothing else is to do, so that no flood keeps us from asking whether it may stay.
        let now = Moment::now();
        if now >= ping.deadline() {
            if now - heard > SILENCE {
                return;
            }
            // Trouble of ours closes nothing.
            if let Some(close) = watch.objection(None).await {
                break close;
            }
            if !send(&mut socket, Message::Ping(bytes::Bytes::new())).await {
                return;
            }
            ping.as_mut().reset(Moment::now() + PING);
        }
        tokio::select! {
            biased;
            // Before the browser's words: most often it is these that woke us, and looking for others costs.
            frame = outgoing.next() => match frame {
                Some(Outgoing::Frame(bytes)) => {
                    if !send_all(&mut socket, bytes, &mut outgoing).await { return }
                }
                // Something did change: whoever cannot be asked about comes back and is asked at the door.
                Some(Outgoing::AskAgain) => {
                    if let Some(close) = watch.objection(Some(Close::TRY_AGAIN)).await { break close }
                }
                Some(Outgoing::Close(close)) => break close,
                None => return,
            },
            message = listener.next(&mut socket) => {
                heard = Moment::now();
                match message {
                    Some(Ok(Message::Binary(frame))) => {
                        if let Err(close) = incoming.receive(&frame).await { break close }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Text(_))) => break Close::MALFORMED,
                    Some(Ok(Message::Close(_))) | None => return,
                    Some(Err(error)) => {
                        tracing::debug!(%error, "a socket broke off");
                        break Close::MALFORMED;
                    }
                }
            }
            () = &mut ping => {}
        }
    };
    // The place in the room, and the cursor that others see, go now and not after a slow goodbye.
    drop((incoming, outgoing));
    say_goodbye(socket, goodbye).await;
}

async fn send(socket: &mut Line, message: Message) -> bool {
    matches!(timeout(SLOW, socket.send(message)).await, Ok(Ok(())))
}

/// Sends a frame and what waits behind it, in one piece up to [`TOGETHER`] bytes.
async fn send_all(socket: &mut Line, first: bytes::Bytes, waiting: &mut OutgoingFrames) -> bool {
    let mut sent = pin!(async {
        let mut size = first.len();
        socket.feed(Message::Binary(first)).await?;
        while size < TOGETHER
            && let Some(frame) = waiting.at_hand()
        {
            size += frame.len();
            socket.feed(Message::Binary(frame)).await?;
        }
        socket.flush().await
    });
    // Most often the system takes it at once, and nobody need look at the clock.
    match poll_fn(|context| Poll::Ready(sent.as_mut().poll(context))).await {
        Poll::Ready(sent) => sent.is_ok(),
        Poll::Pending => matches!(timeout(SLOW, sent).await, Ok(Ok(()))),
    }
}

/// Sends the close frame and waits a moment for the answer, so that the code arrives before the line is cut.
async fn say_goodbye(mut socket: Line, close: Close) {
    let frame = CloseFrame { code: close.code.into(), reason: close.reason.into() };
    if send(&mut socket, Message::Close(Some(frame))).await {
        let answered = async { while let Some(Ok(_)) = socket.next().await {} };
        let _ = timeout(Duration::from_secs(2), answered).await;
    }
}
