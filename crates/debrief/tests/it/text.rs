//! Text of strangers stays text: on pages, in fragments, in what goes out.

use crate::{
    house::{Client, House, SignedIn, encoded},
    job::bring_in,
    markup::dangers,
    records::{message, note, open_incident, slack},
};
use domain::{
    document::{Block, Cell, Document, Inline, ListItem, ListKind, Live, Marks},
    person::Role,
};
use pulldown_cmark::{Event, Parser, Tag};

/// What people try, a line each; `{n}` tells them apart. The journey that pastes them reads the same file.
const WORDS: &str = include_str!("../hostile-words.txt");

const HOSTILE_LINKS: [&str; 4] = [
    "javascript:alert(1)",
    " java\tscript:alert(2)",
    "data:text/html,<script>alert(3)</script>",
    "vbscript:x",
];

/// So many of them go through every field and address; all go through a shared document.
const EVERYWHERE: usize = 20;

fn vectors() -> Vec<String> {
    let mut vectors = all_vectors();
    vectors.truncate(EVERYWHERE);
    vectors
}

pub fn all_vectors() -> Vec<String> {
    let vectors: Vec<String> =
        WORDS.lines().enumerate().map(|(n, text)| text.replace("{n}", &format!("9{n:02}"))).collect();
    assert_eq!(vectors.len(), 71, "none of them went away");
    vectors
}

/// One string that holds them all, as far as `room` characters allow.
fn batches(room: usize) -> Vec<String> {
    let mut batches = vec![String::new()];
    for vector in vectors() {
        if batches.last().unwrap().len() + vector.len() + 1 > room {
            batches.push(String::new());
        }
        let last = batches.last_mut().unwrap();
        if !last.is_empty() {
            last.push(' ');
        }
        last.push_str(&vector);
    }
    batches
}

#[track_caller]
pub fn is_harmless(what: &str, html: &str, may_style: bool) {
    let found = dangers(html, may_style);
    assert!(found.is_empty(), "{what}: {found:?}");
    for vector in all_vectors().iter().filter(|vector| vector.contains('<')) {
        assert!(!html.contains(vector.as_str()), "{what} carries {vector} as it is");
    }
}

/// Every block there is, full of it.
fn hostile_document() -> Document {
    let all = all_vectors();
    let words = || all.iter().map(Inline::text).collect::<Vec<_>>();
    let paragraph = || Block::Paragraph(words());
    let item = || ListItem { checked: true, blocks: vec![paragraph()] };
    let linked = |address: &str| Inline::Text {
        text: all[4].clone(),
        marks: Marks { bold: true, italic: true, strike: true, code: false, link: Some(address.into()) },
    };
    let mut blocks = vec![
        Block::Heading { level: 2, section: Some(all[6].clone()), content: words() },
        Block::Heading { level: 3, section: None, content: words() },
        paragraph(),
        Block::Quote(vec![paragraph()]),
        Block::Code { language: Some(all[6].clone()), text: all.join("\n") },
        Block::Question { prompt: all.join(" ") },
        Block::Table(vec![vec![Cell { header: true, colspan: 1, rowspan: 1, blocks: vec![paragraph()] }]]),
        Block::Paragraph(vec![
            Inline::Person { id: None, label: all.join(" ") },
            Inline::Event { id: None, label: all.join(" ") },
            Inline::Text { text: all[0].clone(), marks: Marks { code: true, ..Marks::default() } },
        ]),
    ];
    blocks.extend(
        [ListKind::Bullet, ListKind::Ordered { start: 3 }, ListKind::Task]
            .map(|kind| Block::List { kind, items: vec![item()] }),
    );
    blocks.push(Block::Paragraph(HOSTILE_LINKS.iter().map(|link| linked(link)).collect()));
    blocks.extend(Live::ALL.map(Block::Live));
    Document { blocks }
}

/// Markdown that somebody else's page will render: no raw HTML in it, and no link that runs.
pub fn markdown_is_harmless(markdown: &str) {
    for event in Parser::new_ext(markdown, pulldown_cmark::Options::all()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                assert!(dangers(&html, false).is_empty() && !html.contains("alert"), "raw HTML: {html}");
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let safe = ["http://", "https://", "mailto:", "/", "#"]
                    .iter()
                    .any(|scheme| dest_url.starts_with(scheme));
                assert!(safe, "a link to {dest_url}");
            }
            _ => {}
        }
    }
}

/// Puts hostile words into every field that takes words.
async fn fill(house: &House, ada: &SignedIn) {
    let (short, long) = (batches(95), batches(900));
    for (text, words) in short.iter().zip(long.iter().cycle()) {
        let form = [
            ("title", text.as_str()),
            ("summary", words.as_str()),
            ("services", text),
            ("team", &text.chars().take(60).collect::<String>()),
            ("kind", "incident"),
            ("severity", "1"),
        ];
        ada.post("/incidents", &form).await.leads_to("/incidents/INC-");
    }
    for (text, words) in short.iter().zip(long.iter().cycle()) {
        let event = [
            ("at", "2026-11-14T05:50:00"),
            ("kind", "action"),
            ("title", text.as_str()),
            ("detail", words.as_str()),
            ("actor", text),
            ("actor_kind", "person"),
            ("team", text),
        ];
        ada.post("/incidents/INC-1/events", &event).await;
        ada.post("/incidents/INC-1/follow-ups", &[("text", text), ("intent", "prevent")]).await;
        ada.post("/settings/people", &[("name", text), ("email", "x@larkfare.example"), ("role", "reader")])
            .await;
        ada.post("/settings/tokens", &[("label", text)]).await;
        ada.post("/settings/me", &[("name", text), ("zone", "Europe/Amsterdam")]).await;
    }
    let revision = app::workspace::show(&house.place.app).await.unwrap().revision.to_string();
    let workspace = [
        ("name", "<script>alert(1)</script>"),
        ("premise", long[0].as_str()),
        ("soak_hours", "48"),
        ("revision", &revision),
    ];
    ada.post("/settings/workspace", &workspace).await.leads_to("/settings");
    let notes = vectors()
        .iter()
        .enumerate()
        .map(|(n, text)| note("PXSS", 100 + i64::try_from(n).unwrap(), text))
        .collect();
    let mut pages = open_incident("PXSS", &short[0], notes);
    pages["incidents"][0]["html_url"] = "javascript:alert(1)".into();
    pages["incidents"][0]["service"]["summary"] = short[0].clone().into();
    pages["log_entries"][1]["user"]["summary"] = short[0].clone().into();
    let choice = [("source", "pagerduty"), ("pick", "PXSS"), ("incident", "INC-1")];
    bring_in(ada, &[("<img src=x onerror=alert(1)>.json", pages.to_string().as_bytes())], &choice)
        .await
        .says("It is in");
    let mut said: Vec<_> = vectors()
        .iter()
        .enumerate()
        .map(|(n, text)| message(200 + i64::try_from(n).unwrap(), text, text))
        .collect();
    for one in &mut said {
        one["user_profile"] = serde_json::json!({ "real_name": one["text"].clone() });
        one["pinned_to"] = serde_json::json!(["C1"]);
        one["permalink"] = "javascript:alert(1)".into();
    }
    said.push(message(
        400,
        "U1",
        "<javascript:alert(1)|click> <https://evil.example/\"onmouseover=alert(1)|click>",
    ));
    let choice = [("source", "slack"), ("channel", "inc-gates"), ("incident", "INC-1")];
    bring_in(ada, &[("slack.zip", &slack(said))], &choice).await.says("It is in");
}

testing::both! {
    async fn nothing_that_anybody_wrote_runs_on_a_page(house: House) {
        let ada = house.somebody("Ada Lindqvist", Role::Administrator).await;
        fill(&house, &ada).await;
        ada.post("/incidents/INC-1/resolution", &[]).await.leads_to("/incidents/INC-1");
        let listed = ada.get("/api/v1/incidents/INC-1/timeline").await.ok().value();
        let event = listed["items"][0]["id"].as_str().unwrap().to_owned();
        let listed = ada.get("/api/v1/incidents/INC-1/evidence?limit=500").await.ok().value();
        let pieces: Vec<String> = listed["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        assert!(pieces.len() > 2 * EVERYWHERE);
        let mut paths: Vec<String> = ["/incidents", "/incidents/INC-1", "/incidents/INC-1/edit", "/incidents/INC-1/resolution",
            "/incidents/INC-1/import", "/incidents/INC-1/events/new", "/incidents/INC-1/evidence", "/postmortems", "/postmortems/INC-1",
            "/postmortems/INC-1/edit", "/postmortems/INC-1/owner", "/postmortems/INC-1/blocks/facts", "/postmortems/INC-1/blocks/timeline",
            "/postmortems/INC-1/blocks/follow-ups", "/follow-ups", "/settings", "/settings/people", "/palette", "/imports/new"]
            .map(str::to_owned).to_vec();
        paths.push(format!("/incidents/INC-1/events/{event}"));
        paths.extend(pieces.iter().map(|id| format!("/incidents/INC-1/evidence/{id}")));
        for vector in vectors() {
            let words = encoded(&vector);
            for path in ["incidents?words=", "incidents/INC-1/evidence?words=", "palette?words=", "palette?q=", "postmortems?words=", "sign-in?next=", "incidents?done=", "postmortems/INC-1/mentions?words="] {
                paths.push(format!("/{path}{words}"));
            }
        }
        for path in paths {
            let page = ada.get(&path).await;
            assert!(page.status.as_u16() < 500, "{path}: {}", page.text());
            if page.header("content-type").starts_with("application/json") {
                assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            } else {
                is_harmless(&path, &page.text(), false);
            }
        }
        for vector in vectors() {
            let refused = ada.post("/incidents", &[("title", ""), ("summary", &vector), ("team", &vector)]).await.is(422);
            is_harmless("a form that comes back", &refused.text(), false);
            let refused = house.anonymous().post("/sign-in", &[("email", &vector), ("next", &vector)]).await.is(422);
            is_harmless("a sign-in that comes back", &refused.text(), false);
            let refused = ada.upload("/imports", &[(&vector.replace('"', "%22"), b"{")]).await;
            is_harmless("the name of a file", &refused.text(), false);
        }
        is_harmless("export.html", &ada.get("/postmortems/INC-1/export.html").await.ok().text(), true);
        markdown_is_harmless(&ada.get("/postmortems/INC-1/export.md").await.ok().text());
    }

    async fn nothing_in_a_shared_document_runs(house: House) {
        let ada = house.somebody("Ada Lindqvist", Role::Administrator).await;
        ada.post("/incidents", &[("title", "Gates"), ("kind", "incident")]).await.leads_to("/incidents/INC-1");
        ada.post("/incidents/INC-1/resolution", &[]).await.leads_to("/incidents/INC-1");
        crate::sockets::write_into(&house, "INC-1", &hostile_document()).await;
        for path in ["/postmortems/INC-1", "/postmortems/INC-1/edit", "/postmortems", "/incidents/INC-1"] {
            is_harmless(path, &ada.get(path).await.ok().text(), false);
        }
        let file = ada.get("/postmortems/INC-1/export.html").await.ok().says("alert(900)").text();
        is_harmless("export.html", &file, true);
        markdown_is_harmless(&ada.get("/postmortems/INC-1/export.md").await.ok().says("alert").text());
        let blocks = ada.get("/api/v1/postmortems/INC-1").await.ok().value();
        assert!(!blocks["blocks"].to_string().contains("\"link\":\"javascript"), "{blocks}");
    }
}
