//! Writing together: over the real line, through a crash, and against those who mean harm.

use crate::{
    editor::{Editor, STEP2, UPDATE, frame},
    house::House,
    program::{PATIENCE, Server},
};
use axum::http::HeaderName;
use collab::{Joiner, begin};
use domain::{access::Actor, document::Document, incident::IncidentNumber};
use futures_util::SinkExt as _;
use testing::Kind;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

/// Updates that crashed or spoilt earlier versions of the library.
const KNOWN: [&str; 3] = [
    "01042360442350106865db6c6c6f2077c3b6726c6420e6bc2801016d026b36017d0688235e0177017687235f03017d00",
    "01041410b24414001068656c6c6f2077c3b6726c6420eebca22801016d026b31017c3f80000088140e0177017687140f03017000",
    "01041710424417001068656c6c6f2077c3b6726c6420e6bca22801016d026b31017c3f80000088170e0177017687170f03017000",
];

/// Puts a document into a post-mortem as an editor would.
pub async fn write_into(house: &House, number: &str, document: &Document) {
    let number: IncidentNumber = number.parse().unwrap();
    let actor = Actor::installation();
    let (id, may_write) = app::postmortems::join(&house.place.app, &actor, number).await.unwrap();
    let rooms = house.place.app.rooms();
    let before = rooms.read(id).await.unwrap().blocks.len();
    let joiner = Joiner { person: None, name: "Ada".into(), may_write, wants_acks: false, epoch: None };
    let (incoming, outgoing) = rooms.join(id, joiner).await.unwrap().split();
    incoming.receive(&frame(STEP2, &[0, 0])).await.unwrap();
    incoming.receive(&frame(UPDATE, &begin(document, 77))).await.unwrap();
    let written = async {
        while rooms.read(id).await.unwrap().blocks.len() < before + document.blocks.len() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, written).await.expect("the document is written");
    drop(outgoing);
}

/// A server with a post-mortem in it, and the cookie of its administrator.
fn server_with_a_draft(folder: &std::path::Path, database: &str) -> (Server, String) {
    let server = Server::start(folder, database);
    let cookie = server.set_up();
    assert_eq!(
        server.json("/api/v1/incidents", &cookie, "{\"title\": \"Gates refuse tickets\"}").status,
        201
    );
    assert_eq!(server.json("/api/v1/incidents/INC-1/resolve", &cookie, "").status, 200);
    (server, cookie)
}

testing::everywhere! {
    async fn two_write_together_and_a_power_cut_takes_nothing_that_was_seen(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let (server, cookie) = server_with_a_draft(folder.path(), &database.0);
        let (mut ada, mut wren) = (Editor::join(&server, &cookie).await, Editor::join(&server, &cookie).await);
        ada.sees("heading").await;
        wren.sees("heading").await;
        ada.say("the validator refused every ticket").await;
        wren.say("the certificate had run out").await;
        ada.sees("the certificate had run out").await;
        wren.sees("the validator refused every ticket").await;
        assert_eq!(ada.text(), wren.text());
        ada.say("seen just before the power cut").await;
        wren.sees("seen just before the power cut").await;
        server.kill();

        let server = Server::start(folder.path(), &database.0);
        let mut later = Editor::join(&server, &cookie).await;
        later.sees("seen just before the power cut").await;
        assert_eq!(later.text(), wren.text());
        let page = server.get("/postmortems/INC-1", &cookie);
        assert!(page.body.contains("the certificate had run out"), "{}", page.body);
        // Whoever was away brings along what was written meanwhile.
        wren.line = Editor::join(&server, &cookie).await.line;
        wren.say("back again").await;
        later.sees("back again").await;
        assert!(server.stop().success());
    }

    async fn a_reader_follows_and_does_not_write(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let (server, cookie) = server_with_a_draft(folder.path(), &database.0);
        let form = "name=Otto+Reader&email=otto%40larkfare.example&role=reader";
        let page = server.post("/settings/people", &cookie, form).body;
        let link = page[page.find("/links/").expect("the link is shown")..].split(['"', '<']).next().unwrap();
        let accepted = server.post(link, "", "name=Otto+Reader&passphrase=eleven+wet+lanterns");
        assert_eq!(accepted.status, 303, "{}", accepted.body);
        let mut otto = Editor::join(&server, &accepted.cookie).await;
        let mut ada = Editor::join(&server, &cookie).await;
        otto.sees("heading").await;
        ada.sees("heading").await;
        ada.say("written by a member").await;
        otto.sees("written by a member").await;
        otto.say("written by a reader").await;
        assert_eq!(otto.is_sent_away().await, 4403);
        ada.say("and on").await;
        let mut later = Editor::join(&server, &cookie).await;
        later.sees("and on").await;
        assert!(!later.text().contains("written by a reader"), "{}", later.text());
    }

    async fn hostile_frames_close_their_own_line_and_harm_no_document(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let (server, cookie) = server_with_a_draft(folder.path(), &database.0);
        let mut ada = Editor::join(&server, &cookie).await;
        ada.sees("heading").await;
        let bytes = |hex: &str| (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect::<Vec<_>>();
        let mut updates: Vec<Vec<u8>> = KNOWN.iter().map(|hex| bytes(hex)).collect();
        let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench");
        match std::fs::read_dir(&beside) {
            Ok(entries) => {
                let paths = entries.map(|entry| entry.unwrap().path());
                updates.extend(paths.filter(|path| path.extension().is_some_and(|it| it == "bin")).map(|path| std::fs::read(path).unwrap()));
            }
            Err(_) => eprintln!("{} is not here; its frames were left out", beside.display()),
        }
        let mut frames: Vec<Vec<u8>> = updates.iter().map(|update| frame(UPDATE, update)).collect();
        frames.extend([vec![0xff; 20], vec![0], vec![0, 9], vec![2, 0], vec![100, 0], vec![0, 2, 5, 1], vec![0; 9 << 20]]);
        for hostile in frames {
            let mut stranger = Editor::join(&server, &cookie).await;
            stranger.sees("heading").await;
            // A line that was cut while the frame was still on its way is as good as one that was closed.
            let _ = stranger.line.send(Message::Binary(hostile.clone().into())).await;
            let code = stranger.is_sent_away().await;
            assert!(code == 4400 || (code == 1006 && hostile.len() > 1 << 20), "{:?}: {code}", &hostile[..hostile.len().min(60)]);
        }
        let mut stranger = Editor::join(&server, &cookie).await;
        stranger.line.send(Message::Text("hello".into())).await.unwrap();
        assert_eq!(stranger.is_sent_away().await, 4400);
        for update in updates {
            // As a whole frame it may mean anything; what counts is that nobody else notices.
            let mut stranger = Editor::join(&server, &cookie).await;
            let _ = stranger.line.send(Message::Binary(update.into())).await;
        }
        ada.say("still written").await;
        let mut wren = Editor::join(&server, &cookie).await;
        wren.sees("still written").await;
        assert!(server.get("/postmortems/INC-1", &cookie).body.contains("still written"));
    }

    async fn a_socket_opens_only_for_our_own_pages(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let (server, cookie) = server_with_a_draft(folder.path(), &database.0);
        let ours = format!("http://{}", server.address);
        let foreign = format!("{ours}.evil.example");
        let none = String::new();
        for (origin, cookie, status) in [
            ("", &cookie, 403),
            ("https://evil.example", &cookie, 403),
            ("null", &cookie, 403),
            (foreign.as_str(), &cookie, 403),
            (ours.as_str(), &none, 401),
            ("https://evil.example", &none, 401),
        ] {
            let mut request = format!("ws://{}/collab/INC-1", server.address).into_client_request().unwrap();
            let named = [("origin", origin), ("cookie", cookie.as_str())].into_iter().filter(|(_, value)| !value.is_empty());
            request.headers_mut().extend(named.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())));
            let line = TcpStream::connect(&server.address).await.unwrap();
            match client_async(request, line).await {
                Err(Error::Http(answer)) => assert_eq!(answer.status(), status, "{origin:?}"),
                other => panic!("{origin:?}: {other:?}"),
            }
        }
        let mut ada = Editor::join(&server, &cookie).await;
        ada.sees("heading").await;
    }
}
