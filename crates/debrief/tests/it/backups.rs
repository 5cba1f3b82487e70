//! Backup, restore, check and head as commands, while people type on a server that runs.

use crate::{
    editor::Editor,
    program::{Server, debrief, printed, refusal},
};
use testing::Kind;

testing::both! {
    async fn a_backup_made_while_people_type_holds_whatever_anybody_saw_before(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let server = Server::start(&folder.path().join("old"), &database.0);
        let cookie = server.set_up();
        assert_eq!(server.json("/api/v1/incidents", &cookie, "{\"title\": \"Gates refuse tickets\"}").status, 201);
        assert_eq!(server.json("/api/v1/incidents/INC-1/resolve", &cookie, "").status, 200);
        let (mut ada, mut wren) = (Editor::join(&server, &cookie).await, Editor::join(&server, &cookie).await);
        for n in 0..20 {
            ada.say(&format!("before {n} the backup")).await;
        }
        // Nobody sees what is not on disk.
        wren.sees("before 19 the backup").await;
        let typing = tokio::spawn(async move {
            for n in 0..200 {
                ada.say(&format!("meanwhile {n}")).await;
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            ada
        });
        let (backup, head) = (path("backup.zip"), path("head.json"));
        let (old, url) = (path("old"), database.0.clone());
        let here = move |rest: &[&str]| debrief(&[rest, &["--data-dir", &old, "--database-url", &url, "--log", "warn"]].concat());
        let (file, noted) = (backup.clone(), head.clone());
        let here = tokio::task::spawn_blocking(move || {
            printed(&here(&["head", "-o", &noted]));
            assert!(printed(&here(&["backup", &file])).contains("acts"));
            assert!(refusal(&here(&["backup", &file])).contains("--force"));
            here
        })
        .await
        .unwrap();
        drop(typing.await.unwrap());

        let new = path("new");
        let there = |rest: &[&str]| debrief(&[rest, &["--data-dir", &new, "--log", "warn"]].concat());
        assert!(printed(&there(&["restore", &backup])).contains("Everybody signs in anew"));
        let text = printed(&there(&["export", "INC-1"]));
        for n in 0..20 {
            assert!(text.contains(&format!("before {n} the backup")), "{n}: {text}");
        }
        // No backup holds the key under which passphrases lie; until it is brought, the check says whose wait for it.
        let closed = there(&["check"]);
        assert!(refusal(&closed).contains("one fault"));
        let closed = String::from_utf8(closed.stdout).unwrap();
        assert!(closed.contains("passphrase of ada@") && closed.contains("secret_key_file"), "{closed}");
        std::fs::copy(folder.path().join("old/secret.key"), folder.path().join("new/secret.key")).unwrap();
        let whole = printed(&there(&["check", "--head", &head]));
        assert!(whole.contains("The record is whole") && whole.contains("1 documents can be read"), "{whole}");
        assert!(whole.contains("another key"), "{whole}");
        assert!(printed(&here(&["check", "--head", &head])).contains("those of the head of"));

        assert!(refusal(&there(&["restore", &backup])).contains("record already"));
        assert!(refusal(&there(&["check", "--head", &backup])).contains("not the head"));
        // The restored installation serves, and people get in by a link.
        let served = Server::start(&folder.path().join("new"), &format!("sqlite://{new}/debrief.sqlite"));
        assert!(!served.greeting.contains("Set it up"), "{}", served.greeting);
        assert_eq!(served.get("/incidents", &cookie).status, 303, "the old session is not good here");
    }

    async fn an_installation_moves_to_the_other_file(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data").to_str().unwrap().to_owned();
        let here = |rest: &[&str]| debrief(&[rest, &["--data-dir", &data, "--database-url", &database.0, "--log", "warn"]].concat());
        printed(&here(&["user", "invite", "Wren Okafor", "wren@larkfare.example"]));
        let target = format!("sqlite://{}", folder.path().join("moved.sqlite").display());
        assert!(printed(&here(&["migrate-to", &target])).contains("they are equal"));
        assert!(refusal(&here(&["migrate-to", "mysql://nowhere"])).contains("not a database address"));
    }
}
