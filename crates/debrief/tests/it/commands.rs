//! What can be typed after `debrief`.

use crate::{
    program::{Server, command, debrief, printed, refusal, said},
    records::{gates, over, slack, talk},
};
use std::path::{Path, PathBuf};
use testing::Kind;

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Real input beside the checkout, if it is there.
fn real(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/payloads").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("{} is not here; what needs it was left out", path.display());
    None
}

#[test]
fn a_draft_needs_no_installation() {
    let folder = tempfile::tempdir().unwrap();
    let pages = file(folder.path(), "pages.json", over(gates("PGATES", 1)).to_string().as_bytes());
    let chat = file(folder.path(), "slack.zip", &slack(talk()));
    let draft = command(&["draft", "--pagerduty", &pages, "--slack", &chat])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = printed(&draft);
    for words in [
        "# Gates refuse tickets PGATES",
        "Summary",
        "Timeline",
        "Contributors",
        "Mitigators",
        "Learnings",
        "Risks",
        "open gate 4 by hand",
        "Ticket gates",
        "Ines Brightwater",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("hello") && !text.contains("<@U1>"), "{text}");
    let out = folder.path().join("draft.md");
    let written = debrief(&[
        "draft",
        "--pagerduty",
        &pages,
        "--title",
        "In our own words",
        "-o",
        out.to_str().unwrap(),
    ]);
    assert!(printed(&written).is_empty());
    assert!(std::fs::read_to_string(&out).unwrap().contains("# In our own words"));
    assert!(!folder.path().join("debrief-data").exists(), "nothing else was made");

    let cut = file(folder.path(), "cut.json", b"{\"incidents\": [");
    assert!(refusal(&debrief(&["draft", "--pagerduty", &cut])).contains("cut.json"));
    assert!(refusal(&debrief(&["draft"])).contains("--pagerduty"));
    assert!(refusal(&debrief(&["draft", "--pagerduty", &pages, "--template", "none"])).contains("template"));
    assert!(refusal(&debrief(&["draft", "--slack", &chat, "--channel", "elsewhere"])).contains("inc-gates"));
}

#[test]
fn a_draft_is_made_of_real_files() {
    let (Some(pages), Some(chat)) = (real("pagerduty"), real("slack/houstondatavis-slack-export.zip")) else {
        return;
    };
    let entries = pages.join("rest-example-log-entries.json");
    let text = printed(&debrief(&["draft", "--pagerduty", entries.to_str().unwrap()]));
    assert!(text.starts_with("# ") && text.contains("## Timeline"), "{text}");
    let text = printed(&debrief(&["draft", "--slack", chat.to_str().unwrap(), "--channel", "general"]));
    assert!(text.starts_with("# ") && text.contains("## Timeline"), "{text}");
}

#[test]
fn settings_are_documented_by_their_file() {
    let text = printed(&debrief(&["settings"]));
    for name in ["data_dir", "database_url", "listen", "public_url", "upload_limit", "log_format", "log"] {
        assert!(text.contains(&format!("{name} = ")), "{name}: {text}");
    }
    assert!(printed(&debrief(&["--version"])).starts_with("debrief "));
    assert!(printed(&debrief(&["--help"])).contains("draft"));
}

#[test]
fn a_mistyped_setting_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = command(&["settings"]).env("DEBRIEF_LISSTEN", "127.0.0.1:1").output().unwrap();
    assert!(refusal(&wrong).contains("DEBRIEF_LISSTEN"));
    let config = file(folder.path(), "debrief.toml", b"lissten = \"127.0.0.1:1\"\n");
    let sentence = refusal(&debrief(&["--config", &config, "settings"]));
    assert!(sentence.contains("lissten") && sentence.contains("debrief.toml"), "{sentence}");
    let missing = folder.path().join("none.toml");
    assert!(refusal(&debrief(&["--config", missing.to_str().unwrap(), "settings"])).contains("none.toml"));
    let output = debrief(&["serve", "--prot", "1"]);
    assert!(output.status.code() == Some(2) && said(&output).contains("--prot"));
    let output =
        command(&["serve", "--listen", "not-an-address", "--data-dir"]).arg(folder.path()).output().unwrap();
    assert!(refusal(&output).contains("--listen"));
}

#[test]
fn what_the_environment_says_holds_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let invited = |name: &str, email: &str, setting: &str, value: &str| {
        let arguments = ["user", "invite", name, email, "--data-dir", data];
        printed(&command(&arguments).env(setting, value).output().unwrap())
    };
    let place = "https://debrief.larkfare.example/";
    let link = invited("Wren Okafor", "wren@larkfare.example", "DEBRIEF_PUBLIC_URL", place);
    assert!(link.starts_with("https://debrief.larkfare.example/links/"), "{link}");
    // What listens everywhere is reached on the machine itself.
    let link = invited("Noor Vos", "noor@larkfare.example", "DEBRIEF_LISTEN", "0.0.0.0:4711");
    assert!(link.starts_with("http://127.0.0.1:4711/links/"), "{link}");
    let wrong = command(&["user", "list", "--data-dir", data]).env("DEBRIEF_UPLOAD_LIMIT", "much").output();
    assert!(refusal(&wrong.unwrap()).contains("much"));
}

testing::both! {
    async fn importing_twice_adds_nothing_and_a_broken_file_changes_nothing(database: (String, Kind)) {
        let (url, folder) = (database.0, tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        let pages = file(folder.path(), "pages.json", over(gates("PGATES", 1)).to_string().as_bytes());
        let chat = file(folder.path(), "slack.zip", &slack(talk()));
        let here = |rest: &[&str]| debrief(&[rest, &["--data-dir", data.to_str().unwrap(), "--database-url", &url, "--log", "warn"]].concat());
        let first = printed(&here(&["import", "pagerduty", &pages]));
        assert!(first.contains("INC-1: 5 new records, 0 known before"), "{first}");
        let second = printed(&here(&["import", "pagerduty", &pages]));
        assert!(second.contains("INC-1: 0 new records, 5 known before, 0 events"), "{second}");
        let chats = ["import", "slack", &chat, "--incident", "INC-1"];
        assert!(printed(&here(&chats)).contains("5 new records, 0 known"));
        assert!(printed(&here(&chats)).contains("0 new records, 5 known before, 0 events"));
        let before = printed(&here(&["export", "INC-1"]));
        assert!(before.contains("open gate 4 by hand") && before.contains("## Risks"), "{before}");

        let cut = file(folder.path(), "cut.json", &std::fs::read(&pages).unwrap()[..300]);
        let half = file(folder.path(), "half.zip", &std::fs::read(&chat).unwrap()[..200]);
        for (arguments, words) in [
            (vec!["import", "pagerduty", &cut], "cut.json"),
            (vec!["import", "pagerduty", &pages, &cut], "cut.json"),
            (vec!["import", "slack", &half, "--incident", "INC-1", "--channel", "inc-gates"], "half.zip"),
            (vec!["import", "slack", &chat], "incident"),
            (vec!["import", "pagerduty", "nowhere.json"], "nowhere.json"),
        ] {
            let sentence = refusal(&here(&arguments));
            assert!(sentence.contains(words), "{arguments:?}: {sentence}");
        }
        assert_eq!(printed(&here(&["export", "INC-1"])), before);
        assert!(printed(&here(&["check"])).contains("whole"));
        assert!(refusal(&here(&["export", "INC-7"])).contains("INC-7"));
        assert!(printed(&here(&["export", "INC-1", "--format", "html"])).contains("<html"));
    }

    async fn schedules_come_in_for_services_all_or_none(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), &database.0);
        let cookie = server.set_up();
        for name in ["Gates", "Seat maps"] {
            let body = format!("{{\"name\": \"{name}\"}}");
            assert_eq!(server.json("/api/v1/services", &cookie, &body).status, 201);
        }
        assert!(server.stop().success());
        let here = |rest: &[&str]| debrief(&[&["import", "oncall"], rest, &["--data-dir", folder.path().to_str().unwrap(), "--database-url", &database.0, "--log", "warn"]].concat());
        let week = r#"{"schedule":{"id":"PS1","name":"Gates","final_schedule":{"rendered_schedule_entries":[
            {"start":"2026-11-10T00:00:00Z","end":"2026-11-12T00:00:00Z","user":{"summary":"Wren Okafor"}},
            {"start":"2026-11-12T00:00:00Z","end":"2026-11-14T00:00:00Z","user":{"summary":"Ada Lindqvist"}}]}}}"#;
        let week = file(folder.path(), "week.json", week.as_bytes());
        // By the schedule's own name, and again: nothing more than before.
        for _ in 0..2 {
            let said = printed(&here(&[&week]));
            assert!(said.contains("Gates: 2 duties from these files") && said.contains("Nobody here goes by Wren Okafor"), "{said}");
        }
        assert!(printed(&here(&[&week, "--service", "seat maps"])).contains("Seat maps: 2 duties"));
        // What is odd says which file and why, and nothing of its company comes in.
        let odd = [
            ("empty.json", "", "empty.json"),
            ("cut.json", "{\"schedule\": {\"id\": \"PS1\"", "cut.json"),
            ("other.json", "{\"lamps\": []}", "other.json"),
            ("backwards.json", r#"{"oncalls":[{"user":{"summary":"Wren"},"schedule":{"id":"PS1","summary":"Gates"},"escalation_level":1,"start":"2026-11-12T00:00:00Z","end":"2026-11-10T00:00:00Z"}]}"#, ""),
            ("nobody.json", r#"{"oncalls":[{"schedule":{"id":"PS1","summary":"Gates"},"start":"2026-11-12T00:00:00Z"}]}"#, ""),
            ("elsewhere.json", r#"{"oncalls":[{"user":{"summary":"Wren"},"schedule":{"id":"PS9","summary":"Lamps"},"escalation_level":1,"start":"2026-11-12T00:00:00Z","end":null}]}"#, "Lamps"),
        ];
        for (name, text, words) in odd {
            let path = file(folder.path(), name, text.as_bytes());
            let output = here(&[&week, &path]);
            if words.is_empty() && output.status.success() {
                // What cannot be a duty is left out of the file, and the file is said to hold the rest.
                assert!(printed(&output).contains("duties from these files"), "{name}");
                continue;
            }
            let sentence = refusal(&output);
            assert!(sentence.contains(words), "{name}: {sentence}");
        }
        assert!(refusal(&here(&["nowhere.json"])).contains("nowhere.json"));
        assert!(refusal(&here(&[&week, "--service", "Lamps"])).contains("There is no service “Lamps”"));
        let server = Server::start(folder.path(), &database.0);
        let listed = server.get("/api/v1/services", &cookie).body;
        assert!(listed.contains("Gates") && listed.contains("Seat maps") && !listed.contains("Lamps"), "{listed}");
        assert!(server.stop().success());
    }

    async fn a_server_greets_serves_stops_and_comes_back(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), &database.0);
        assert!(server.greeting.contains("Set it up by this link"), "{}", server.greeting);
        assert_eq!((server.get("/healthz", "").status, server.get("/readyz", "").status), (200, 200));
        let cookie = server.set_up();
        assert_eq!(server.post("/incidents", &cookie, "title=Gates+refuse+tickets&kind=incident").status, 303);
        let status = server.stop();
        assert!(status.success(), "{status}");

        let server = Server::start(folder.path(), &database.0);
        assert!(!server.greeting.contains("/links/"), "{}", server.greeting);
        let page = server.get("/incidents/INC-1", &cookie);
        assert!(page.status == 200 && page.body.contains("Gates refuse tickets"), "{}", page.body);
        // What was answered survives a power cut.
        assert_eq!(server.post("/incidents", &cookie, "title=Another&kind=near_miss").status, 303);
        server.kill();
        let server = Server::start(folder.path(), &database.0);
        assert!(server.get("/incidents/INC-2", &cookie).body.contains("Another"));
    }

    async fn a_proxy_hears_of_a_stop_before_anybody_is_sent_away(database: (String, Kind)) {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start_with(folder.path(), &database.0, &["--stop-delay-seconds", "3600"]);
        let cookie = server.set_up();
        assert_eq!(server.get("/readyz", "").status, 200);
        server.ask_to_stop();
        let mut ready = server.get("/readyz", "");
        while ready.status == 200 {
            std::thread::sleep(std::time::Duration::from_millis(20));
            ready = server.get("/readyz", "");
        }
        assert!(ready.status == 503 && ready.body.contains("not ready: This server is stopping."), "{}", ready.body);
        // Those who are here go on.
        assert_eq!(server.get("/healthz", "").status, 200);
        assert_eq!(server.post("/incidents", &cookie, "title=Gates+refuse+tickets&kind=incident").status, 303);
        server.kill();
    }
}
