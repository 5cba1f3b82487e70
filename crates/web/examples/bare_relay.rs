//! A relay that keeps nothing, merges nothing and asks nobody: what the sockets alone cost a key. `dev/bench together`
//! measures it beside Debrief, with which it shares the libraries of sockets and tasks and the way in which frames that
//! wait go out in one piece.
//!
//! It listens at `$HOST:$PORT`, takes every path for a document, and says a line once it is ready.

#![expect(clippy::print_stdout, reason = "whoever starts it waits for the line")]

use axum::{
    Router,
    extract::{
        Path, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::get,
};
use bytes::Bytes;
use futures_util::SinkExt as _;
use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// What waits for one reader.
#[derive(Default)]
struct Reader {
    words: Mutex<Vec<Bytes>>,
    /// They go with the next words.
    cursors: Mutex<Vec<Bytes>>,
    changed: Notify,
}

type Documents = Arc<Mutex<HashMap<String, Vec<Arc<Reader>>>>>;

fn lock<T>(guarded: &Mutex<T>) -> MutexGuard<'_, T> {
    guarded.lock().unwrap_or_else(PoisonError::into_inner)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let place = format!("{}:{}", std::env::var("HOST")?, std::env::var("PORT")?);
    let listener = tokio::net::TcpListener::bind(place).await?;
    println!("ready");
    let relay = Router::new().route("/{document}", get(join)).with_state(Documents::default());
    Ok(axum::serve(listener, relay).await?)
}

async fn join(
    State(documents): State<Documents>,
    Path(document): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.read_buffer_size(4 << 10).on_upgrade(move |socket| carry(socket, documents, document))
}

async fn carry(mut socket: WebSocket, documents: Documents, document: String) {
    let me = Arc::new(Reader::default());
    lock(&documents).entry(document.clone()).or_default().push(Arc::clone(&me));
    loop {
        tokio::select! {
            () = me.changed.notified() => {
                if send(&mut socket, &me).await.is_err() { break }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Binary(frame))) => relay(&documents, &document, &me, &frame),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => break,
            },
        }
    }
    if let Some(readers) = lock(&documents).get_mut(&document) {
        readers.retain(|reader| !Arc::ptr_eq(reader, &me));
    }
}

async fn send(socket: &mut WebSocket, reader: &Reader) -> Result<(), axum::Error> {
    let words = std::mem::take(&mut *lock(&reader.words));
    let cursors = std::mem::take(&mut *lock(&reader.cursors));
    for frame in words.into_iter().chain(cursors) {
        socket.feed(Message::Binary(frame)).await?;
    }
    socket.flush().await
}

/// y-protocols: 0 0 asks for what there is, 0 2 brings words, 1 a cursor.
fn relay(documents: &Documents, document: &str, me: &Arc<Reader>, frame: &Bytes) {
    let documents = lock(documents);
    let others = documents.get(document).into_iter().flatten().filter(|reader| !Arc::ptr_eq(reader, me));
    match frame.as_ref() {
        [0, 0, ..] => {
            // An update without words.
            lock(&me.words).push(Bytes::from_static(&[0, 1, 2, 0, 0]));
            me.changed.notify_one();
        }
        [0, 2, ..] => {
            for reader in others {
                lock(&reader.words).push(frame.clone());
                reader.changed.notify_one();
            }
        }
        [1, ..] => others.for_each(|reader| lock(&reader.cursors).push(frame.clone())),
        _ => {}
    }
}
