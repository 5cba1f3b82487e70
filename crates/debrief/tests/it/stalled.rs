//! Readers who stop reading cost a bounded amount, and nobody else notices.

use crate::{
    editor::Editor,
    program::{PATIENCE, Server},
};
use tokio::time::timeout;

/// How many stop reading.
const STALLED: u64 = 6;
/// What each of them may cost at most, in bytes.
const EACH: u64 = 4 << 20;

#[tokio::test]
async fn stalled_readers_are_bounded_in_memory_and_catch_up() {
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::start(folder.path(), &format!("sqlite://{}/debrief.sqlite", folder.path().display()));
    let cookie = server.set_up();
    assert_eq!(
        server.json("/api/v1/incidents", &cookie, "{\"title\": \"Gates refuse tickets\"}").status,
        201
    );
    assert_eq!(server.json("/api/v1/incidents/INC-1/resolve", &cookie, "").status, 200);
    let mut writer = Editor::join(&server, &cookie).await;
    let mut witness = Editor::join(&server, &cookie).await;
    writer.sees("heading").await;
    witness.sees("heading").await;
    writer.scribbles(1_500).await;
    let before = server.memory();
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(Editor::join(&server, &cookie).await);
    }
    // 10,000 updates of 15 MB in all; the system's own buffers hold some of them for each who does not read.
    for turn in 0..50 {
        for _ in 0..100 {
            writer.scribbles(3_000).await;
        }
        let words = format!("turn {turn} is through.");
        writer.say(&words).await;
        witness.sees(&words).await;
    }
    if let (Some(before), Some(after)) = (before, server.memory()) {
        let grown = after.saturating_sub(before);
        // The document with its 10,000 updates, and what the allocator keeps, is a fixed amount beside.
        assert!(grown < STALLED * EACH + (24 << 20), "{grown} bytes for {STALLED} stalled readers");
    }
    // Each reads what was on its way, is cut off, and is whole again after coming back.
    for mut reader in stalled {
        let code = timeout(PATIENCE, reader.is_sent_away()).await.unwrap();
        assert!([1006, 1013].contains(&code), "{code}");
        reader.line = Editor::join(&server, &cookie).await.line;
        reader.sees("turn 49 is through.").await;
        assert_eq!(reader.text(), witness.text());
    }
    writer.say("and on it goes").await;
    witness.sees("and on it goes").await;
}
