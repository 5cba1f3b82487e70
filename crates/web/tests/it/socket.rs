//! The socket of a shared document, over a real connection.

use crate::client::{Client, service, somebody};
use domain::person::Role;
use testing::{Installation, both};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

struct Line {
    stream: TcpStream,
    head: String,
}

/// Asks for an upgrade as `client` and reads the head of the answer.
async fn dial(place: &Installation, client: &Client, path: &str, origin: Option<&str>) -> Line {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    let router = service(&place.app, web::Settings::new(None));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut stream = TcpStream::connect(&host).await.expect("a line");
    let cookie = client.headers.iter().find(|(name, _)| *name == "cookie").map_or("", |(_, value)| value);
    let origin = match origin {
        Some("ours") => format!("origin: http://{host}\r\n"),
        Some(other) => format!("origin: {other}\r\n"),
        None => String::new(),
    };
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\ncookie: {cookie}\r\n{origin}\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head"));
    }
    Line { stream, head: String::from_utf8_lossy(&head).into_owned() }
}

impl Line {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or("")
    }

    /// The next frame of the server, which never masks: opcode and payload.
    async fn frame(&mut self) -> (u8, Vec<u8>) {
        let opcode = self.stream.read_u8().await.expect("a frame") & 0x0f;
        let length = match self.stream.read_u8().await.expect("a length") {
            126 => usize::from(self.stream.read_u16().await.expect("a length")),
            127 => usize::try_from(self.stream.read_u64().await.expect("a length")).expect("a length"),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.expect("a payload");
        (opcode, payload)
    }

    /// Sends a binary frame under a mask of zeros.
    async fn send(&mut self, opcode: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).expect("a short frame");
        let mut frame = vec![0x80 | opcode, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).await.expect("sent");
    }

    /// The code of the close frame, after whatever comes before it.
    async fn closed_with(&mut self) -> u16 {
        loop {
            let (opcode, payload) = self.frame().await;
            if opcode == 8 {
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    }
}

both! {
    async fn a_document_is_joined_from_our_own_pages_only(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Member).await;
        client.post("/incidents", "title=Gates&kind=incident").await.expect(303);
        client.post("/incidents/INC-1/resolution", "").await.expect(303);
        for (origin, status) in [(Some("ours"), "101"), (Some("http://evil.example"), "403"), (None, "403")] {
            assert_eq!(dial(&place, &client, "/collab/INC-1", origin).await.status(), status, "{origin:?}");
        }
        let nobody = client.without("cookie");
        assert_eq!(dial(&place, &nobody, "/collab/INC-1", Some("ours")).await.status(), "401");

        // The first thing the server says is what it has: a y-message of type 0, sync.
        let (opcode, first) = dial(&place, &client, "/collab/INC-1", Some("ours")).await.frame().await;
        assert_eq!((opcode, first.first()), (2, Some(&0)));
    }

    async fn refusals_come_as_close_codes(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Member).await;
        client.post("/incidents", "title=Gates&kind=incident").await.expect(303);
        client.post("/incidents/INC-1/resolution", "").await.expect(303);
        let mut gone = dial(&place, &client, "/collab/INC-77", Some("ours")).await;
        assert_eq!(gone.closed_with().await, 4404);
        let mut old = dial(&place, &client, "/collab/INC-1?since=99", Some("ours")).await;
        assert_eq!(old.closed_with().await, 4409);
        for (opcode, frame) in [(2, &[0xff, 0xff, 0xff, 0xff][..]), (1, b"words")] {
            let mut odd = dial(&place, &client, "/collab/INC-1", Some("ours")).await;
            odd.send(opcode, frame).await;
            assert_eq!(odd.closed_with().await, 4400);
        }
    }
}
