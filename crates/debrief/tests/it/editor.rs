//! A tiny editor: what a browser does on the line of a shared document.

use crate::program::{PATIENCE, Server};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};
use yrs::{
    Doc, GetString as _, ReadTxn as _, StateVector, Transact as _, Update, XmlElementPrelim,
    XmlFragment as _, XmlTextPrelim,
    updates::{decoder::Decode as _, encoder::Encode as _},
};

const SYNC: u8 = 0;
pub const STEP1: u8 = 0;
pub const STEP2: u8 = 1;
pub const UPDATE: u8 = 2;

/// A message of the y-websocket protocol.
pub fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![SYNC, kind];
    let mut length = content.len();
    while length > 0x7f {
        out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
    out.extend(content);
    out
}

/// The kind and content of a sync message.
fn read(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let [SYNC, kind, rest @ ..] = bytes else { return None };
    let (mut length, mut shift, mut at) = (0_usize, 0, 0);
    loop {
        let byte = *rest.get(at)?;
        length |= usize::from(byte & 0x7f) << shift;
        (shift, at) = (shift + 7, at + 1);
        if byte < 0x80 {
            return Some((*kind, rest.get(at..at + length)?));
        }
    }
}

/// Somebody with a copy of the document.
pub struct Editor {
    pub line: WebSocketStream<TcpStream>,
    doc: Doc,
}

impl Editor {
    pub async fn join(server: &Server, cookie: &str) -> Self {
        let mut request = format!("ws://{}/collab/INC-1", server.address).into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", format!("http://{}", server.address).parse().unwrap());
        headers.insert("cookie", cookie.parse().unwrap());
        let line = TcpStream::connect(&server.address).await.unwrap();
        let (line, _) = client_async(request, line).await.unwrap();
        let mut editor = Self { line, doc: Doc::new() };
        editor.send(frame(STEP1, &StateVector::default().encode_v1())).await;
        editor
    }

    async fn send(&mut self, bytes: Vec<u8>) {
        self.line.send(Message::Binary(bytes.into())).await.unwrap();
    }

    /// What the document says: the words and the kinds of its blocks, one after the other.
    pub fn text(&self) -> String {
        let fragment = self.doc.get_or_insert_xml_fragment("default");
        let markup = fragment.get_string(&self.doc.transact());
        // Attributes come in any order, so they are left out.
        let (mut text, mut inside) = (String::new(), false);
        for c in markup.chars() {
            inside = inside && !matches!(c, '<' | '>');
            if !inside {
                text.push(c);
            }
            let name_ended = c == ' ' && text.rfind('<') > text.rfind('>');
            inside = inside || name_ended;
        }
        text
    }

    /// Adds a paragraph and sends it.
    pub async fn say(&mut self, words: &str) {
        let fragment = self.doc.get_or_insert_xml_fragment("default");
        let before = self.doc.transact().state_vector();
        {
            let mut txn = self.doc.transact_mut();
            let paragraph = fragment.push_back(&mut txn, XmlElementPrelim::empty("paragraph"));
            paragraph.push_back(&mut txn, XmlTextPrelim::new(words));
        }
        let update = self.doc.transact().encode_state_as_update_v1(&before);
        self.send(frame(UPDATE, &update)).await;
    }

    /// Writes something long and takes it back, each in an update of its own: others hear all of it, and the
    /// document does not grow.
    pub async fn scribbles(&mut self, length: usize) {
        let fragment = self.doc.get_or_insert_xml_fragment("default");
        for takes_back in [false, true] {
            let update = {
                let mut txn = self.doc.transact_mut();
                if takes_back {
                    let end = fragment.len(&txn);
                    fragment.remove_range(&mut txn, end - 1, 1);
                } else {
                    let paragraph = fragment.push_back(&mut txn, XmlElementPrelim::empty("paragraph"));
                    paragraph.push_back(&mut txn, XmlTextPrelim::new("x".repeat(length)));
                }
                txn.encode_update_v1()
            };
            self.send(frame(UPDATE, &update)).await;
        }
    }

    /// Takes what comes; the code with which the line was closed.
    async fn hear(&mut self) -> Option<u16> {
        match self.line.next().await {
            Some(Ok(Message::Binary(bytes))) => {
                match read(&bytes) {
                    Some((STEP1, known)) => {
                        let known = StateVector::decode_v1(known).unwrap();
                        let missing = self.doc.transact().encode_state_as_update_v1(&known);
                        self.send(frame(STEP2, &missing)).await;
                    }
                    Some((_, update)) => {
                        self.doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
                    }
                    None => {}
                }
                None
            }
            Some(Ok(Message::Close(reason))) => Some(reason.map_or(1005, |reason| reason.code.into())),
            Some(Ok(_)) => None,
            Some(Err(_)) | None => Some(1006),
        }
    }

    /// Listens until the document says this.
    pub async fn sees(&mut self, words: &str) {
        let seen = async {
            while !self.text().contains(words) {
                assert_eq!(self.hear().await, None, "the line was closed");
            }
        };
        timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("“{words}” never came"));
    }

    /// Listens until the line is closed.
    pub async fn is_sent_away(&mut self) -> u16 {
        let closed = async {
            loop {
                if let Some(code) = self.hear().await {
                    return code;
                }
            }
        };
        timeout(PATIENCE, closed).await.expect("the line is closed")
    }
}
