//! The socket of a shared document, over a real connection.

#![expect(clippy::print_stdout, reason = "how soon lines close is what is reported")]

use crate::client::{Client, service, sign_in, somebody};
use app::{App, follow_ups, people, sharing};
use domain::{
    PersonId,
    access::{Actor, Part},
    follow_up::Intent,
    incident::IncidentNumber,
    person::Role,
};
use std::time::{Duration, Instant as Stopwatch};
use testing::{Installation, Kind, both, everywhere, run};
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
    let router = service(place, &web::Settings::new(None));
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

/// What takes somebody's right to an open document, and the code that their line is closed with.
const LOST: [(&str, u16); 5] = [
    ("narrowed", 4404),
    ("their part is taken", 4404),
    ("out of the team", 4404),
    ("deactivated", 4401),
    ("made a reader", 1001),
];

/// Does it, at the node `acting`.
async fn take_right(acting: &App, what: &str, number: IncidentNumber, who: PersonId) {
    let us = Actor::installation();
    let done = match what {
        "narrowed" => {
            let choice = sharing::Choice { reason: "Names a customer".into(), ..sharing::Choice::default() };
            sharing::narrow(acting, &us, number, choice).await
        }
        "their part is taken" => sharing::take_part(acting, &us, number, who, Part::Participant).await,
        "out of the team" => {
            let team = app::teams::list(acting, &us).await.expect("teams")[0].id;
            app::teams::let_go(acting, &us, team, who).await
        }
        "deactivated" => people::deactivate(acting, &us, who).await,
        _ => people::set_role(acting, &us, who, Role::Reader).await,
    };
    done.expect(what);
}

/// Whoever loses a right reads nothing that is told after it: the line closes first, by order and not by luck.
async fn lines_close_before_what_is_told_later(place: Installation, acting: App, node: &str) {
    let us = Actor::installation();
    let admin = somebody(&place, "Ada Lindqvist", Role::Administrator).await;
    let team = app::teams::create(&place.app, &us, "Insiders").await.expect("a team");
    for (n, (what, code)) in LOST.into_iter().enumerate() {
        let number: IncidentNumber = format!("INC-{}", n + 1).parse().expect("a number");
        admin.post("/incidents", "title=Gates&kind=incident").await.expect(303);
        admin.post(&format!("/incidents/{number}/resolution"), "").await.expect(303);
        let name = ["Ines Ott", "Otto Iyer", "Wren Okafor", "Noor Haddad", "Pia Vos"][n];
        let client = somebody(&place, name, Role::Member).await;
        let email = format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
        let found = people::find_by_email(&place.app, &us, &email).await.expect("the record");
        let who = found.expect("a person").id;
        let mut choice = sharing::Choice { reason: "Names a customer".into(), ..sharing::Choice::default() };
        if what == "their part is taken" {
            sharing::give_part(&place.app, &us, number, who, Part::Participant).await.expect("a part");
            sharing::narrow(&place.app, &us, number, choice).await.expect("narrowed");
        } else if what == "out of the team" {
            app::teams::take_in(&place.app, &us, team, who).await.expect("a member");
            choice.teams = vec![team];
            sharing::narrow(&place.app, &us, number, choice).await.expect("narrowed");
        }
        let mut line = dial(&place, &client, &format!("/collab/{number}"), Some("ours")).await;
        assert_eq!(line.frame().await.0, 2, "joined");
        take_right(&acting, what, number, who).await;
        let began = Stopwatch::now();
        follow_ups::add(&acting, &us, number, "Told afterwards", Intent::Prevent).await.expect("an idea");
        let closing = async {
            loop {
                match line.frame().await {
                    (8, payload) => return u16::from_be_bytes([payload[0], payload[1]]),
                    (_, frame) => assert_ne!(frame.first(), Some(&101), "{what}: told of what came later"),
                }
            }
        };
        let closed = tokio::time::timeout(Duration::from_secs(15), closing).await.expect("at once");
        println!("{what}, {node}: closed after {} ms", began.elapsed().as_millis());
        assert_eq!(closed, code, "{what}");
    }
}

both! {
    async fn lines_close_at_the_same_node(place: Installation) {
        let acting = place.app.clone();
        lines_close_before_what_is_told_later(place, acting, "same node").await;
    }
}

async fn at_another_node(place: Installation) {
    let acting = place.another_node().await;
    lines_close_before_what_is_told_later(place, acting, "another node").await;
}

mod lines_close_at_another_node {
    use super::{Kind, at_another_node, run};

    #[test]
    fn postgres() {
        run(Kind::Postgres, at_another_node);
    }
}

everywhere! {
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

    async fn who_loses_their_rights_is_sent_away_at_once(place: Installation) {
        let admin = somebody(&place, "Ada Lindqvist", Role::Administrator).await;
        admin.post("/incidents", "title=Gates&kind=incident").await.expect(303);
        admin.post("/incidents/INC-1/resolution", "").await.expect(303);
        let mut stays = dial(&place, &admin, "/collab/INC-1", Some("ours")).await;
        let lines = [("Ines Ott", 4401), ("Otto Iyer", 4401), ("Wren Okafor", 1001), ("Noor Haddad", 4401)];
        for (name, code) in lines {
            let client = somebody(&place, name, Role::Member).await;
            let email = format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
            let found = people::find_by_email(&place.app, &Actor::installation(), &email).await;
            let id = found.expect("the record").expect("a person").id;
            let mut line = dial(&place, &client, "/collab/INC-1", Some("ours")).await;
            assert_eq!(line.frame().await.0, 2, "joined");
            match name {
                "Ines Ott" => client.post("/sign-out", "").await.expect(303),
                "Otto Iyer" => admin.post(&format!("/settings/people/{id}/end"), "").await.expect(303),
                "Wren Okafor" => admin.post(&format!("/settings/people/{id}/role"), "role=reader").await.expect(303),
                // Another session of theirs ends this one.
                _ => {
                    let elsewhere = sign_in(&place, &email).await;
                    let cookie = elsewhere.headers.iter().find(|(name, _)| *name == "cookie");
                    let (_, secret) = cookie.and_then(|(_, pair)| pair.split_once('=')).expect("a cookie");
                    let session = app::sign_in::session(&place.app, secret).await.expect("the record");
                    let session = session.expect("a session");
                    let changed = app::sign_in::change_passphrase(&place.app, &session, "", "eleven wet lanterns");
                    changed.await.expect("changed");
                    elsewhere.get("/incidents").await.expect(200)
                }
            };
            // A ping would find it out too, but only after 20 seconds.
            let closed = tokio::time::timeout(Duration::from_secs(15), line.closed_with());
            assert_eq!(closed.await.expect("at once"), code, "{name}");
        }
        stays.send(2, &[0, 0, 1, 0]).await;
        let answered = loop {
            let (opcode, frame) = stays.frame().await;
            if opcode == 2 && frame.starts_with(&[0, 1]) { break true }
            if opcode == 8 { break false }
        };
        assert!(answered, "others are asked about and stay");
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
