//! The whole corpus in every text of every sample of every product, in files and in webhooks, in names of files, and in
//! what goes out as a table: it stays words.

#![expect(clippy::print_stdout, reason = "how much was tried is what is reported")]

use crate::{
    hostile::Seen,
    house::{Client, House, SignedIn},
    text::all_vectors,
};
use app::jobs::{Duties, run_due};
use axum::{body::Body, http::Method};
use domain::person::Role;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// What a spreadsheet would run.
const FORMULAS: [&str; 8] = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=HYPERLINK(\"//evil.example\")",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "%0D=1",
];

/// Samples in the shape of each product's own.
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../importers/tests/fixtures");
    let mut samples: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it != "expected"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    samples.sort();
    assert!(samples.len() >= 16, "{}", samples.len());
    samples
}

/// Every text within a value, as a pointer to it.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, it)| texts(it, &format!("{at}/{n}"), found))
        }
        Value::Object(members) => members.iter().for_each(|(key, it)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            texts(it, &format!("{at}/{key}"), found);
        }),
        _ => {}
    }
}

/// The sample once for each of its texts, with the corpus behind that one.
fn poisoned(sample: &[u8]) -> Vec<Vec<u8>> {
    let corpus = all_vectors().join(" ");
    if let Ok(value) = serde_json::from_slice::<Value>(sample) {
        let mut places = Vec::new();
        texts(&value, "", &mut places);
        return places
            .iter()
            .map(|place| {
                let mut one = value.clone();
                let text = one.pointer_mut(place).unwrap();
                *text = format!("{} {corpus}", text.as_str().unwrap()).into();
                one.to_string().into_bytes()
            })
            .collect();
    }
    let text = String::from_utf8_lossy(sample).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let with = |n: usize| {
        let one = lines
            .iter()
            .enumerate()
            .map(|(at, line)| if at == n { format!("{line} {corpus}") } else { (*line).to_owned() });
        one.collect::<Vec<_>>().join("\n").into_bytes()
    };
    (0..lines.len()).map(with).collect()
}

/// The pages of an incident, its evidence one by one, and its exports.
async fn read_all(ada: &SignedIn, number: &str, seen: &mut Seen) -> usize {
    let listed = ada.get(&format!("/api/v1/incidents/{number}/evidence?limit=500")).await.ok().value();
    let pieces = listed["items"].as_array().unwrap();
    let mut paths: Vec<String> = pieces
        .iter()
        .map(|it| format!("/incidents/{number}/evidence/{}", it["id"].as_str().unwrap()))
        .collect();
    paths.extend(
        [
            "",
            "/evidence",
            "/timeline/acts",
            "/coordination",
            "/measures",
            "/replay",
            "/replay/print",
            "/clocks",
            "/people",
        ]
        .map(|it| format!("/incidents/{number}{it}")),
    );
    paths.extend(
        ["", "/edit", "/export.md", "/export.html", "/blocks/timeline", "/blocks/facts", "/versions"]
            .map(|it| format!("/postmortems/{number}{it}")),
    );
    paths.extend(["", "/timeline", "/evidence"].map(|it| format!("/api/v1/incidents/{number}{it}")));
    for path in &paths {
        seen.read(path, &ada.get(path).await.ok());
    }
    pieces.len()
}

testing::both! {
    async fn the_whole_corpus_through_every_reader(house: House) {
        let ada = house.somebody("Ada Lindqvist", Role::Administrator).await;
        let (mut seen, mut files, mut taken, mut evidence) = (Seen::default(), 0, 0, 0);
        for (n, (name, sample)) in samples().into_iter().enumerate() {
            let number = format!("INC-{}", n + 1);
            ada.post("/incidents", &[("title", "Gates"), ("kind", "incident")]).await.leads_to("/incidents/INC-");
            ada.post(&format!("/incidents/{number}/resolution"), &[]).await.leads_to("/incidents/INC-");
            for (n, file) in poisoned(&sample).into_iter().enumerate() {
                files += 1;
                let vector = all_vectors()[n % all_vectors().len()].replace('"', "%22");
                let answer = ada.upload(&format!("/api/v1/incidents/{number}/imports"), &[(&format!("{vector}{name}"), &file)]).await;
                seen.read("/api/v1/imports", &answer);
                assert!(matches!(answer.status.as_u16(), 200 | 409 | 422), "{name}: {} {}", answer.status, answer.text());
                taken += usize::from(answer.status == 200);
            }
            evidence += read_all(&ada, &number, &mut seen).await;
        }
        assert!(taken * 2 > files, "{taken} of {files} were taken");
        let missing: Vec<_> = all_vectors().into_iter().filter(|it| !seen.words.contains(it.as_str())).collect();
        assert!(missing.is_empty(), "nobody sees {missing:?}");
        println!("corpus={} samples={} files={files} taken={taken} evidence={evidence} pages={}", all_vectors().len(), samples().len(), seen.pages);
    }

    async fn the_whole_corpus_through_every_webhook(house: House) {
        let ada = house.somebody("Ada Lindqvist", Role::Administrator).await;
        let (mut seen, mut sent) = (Seen::default(), 0);
        for source in app::hooks::SENDERS {
            let new = json!({ "source": source.key(), "label": "North", "declares": true });
            let made = ada.json(Method::POST, "/api/v1/webhooks", &new).await;
            // Some products sign, always.
            let made = if made.status == 201 { made } else {
                let new = json!({ "source": source.key(), "label": "North", "secret": "lantern", "declares": true });
                ada.json(Method::POST, "/api/v1/webhooks", &new).await.is(201)
            };
            let address = made.value()["address"].as_str().unwrap().to_owned();
            let path = format!("/hooks/{}", address.split("/hooks/").nth(1).unwrap());
            let sample = samples().into_iter().find(|(name, _)| name.starts_with(source.key()) && name.ends_with(".json"));
            let bodies = sample.map_or_else(|| vec![json!({ "text": all_vectors().join(" ") }).to_string().into_bytes()], |it| poisoned(&it.1));
            for body in bodies.into_iter().take(12) {
                let headers = [("content-type", "application/json"), ("authorization", "Bearer lantern")];
                let answer = house.anonymous().send(Method::POST, &path, &headers, Body::from(body)).await;
                // What is answered to a product in words is no page either.
                assert!(!answer.header("content-type").contains("html"), "{}", answer.text());
                seen.read("/hooks", &answer);
                sent += usize::from(answer.status == 202);
                house.place.clock.advance(domain::instant::Span::seconds(30));
            }
        }
        assert!(sent > 40, "{sent} were taken");
        run_due(&house.place.app, &Duties::default()).await.unwrap();
        let ada = house.by_link("ada.lindqvist@larkfare.example").await;
        let came = ada.get("/api/v1/deliveries").await.ok().value();
        for one in came["items"].as_array().unwrap() {
            let path = format!("/settings/deliveries/{}", one["id"].as_str().unwrap());
            seen.read(&path, &ada.get(&path).await.ok());
        }
        for path in ["/settings/deliveries", "/settings/sources", "/incidents", "/settings/jobs", "/settings/audit"] {
            seen.read(path, &ada.get(path).await.ok());
        }
        let listed = ada.get("/api/v1/incidents?limit=200").await.ok().value();
        for one in listed["items"].as_array().unwrap().iter().take(20) {
            let path = format!("/incidents/{}", one["number"].as_str().unwrap());
            seen.read(&path, &ada.get(&path).await.ok());
        }
        println!("webhooks={} sent={sent} pages={}", app::hooks::SENDERS.len(), seen.pages);
    }

    async fn names_of_files_and_tables_run_nothing(house: House) {
        let ada = house.somebody("Ada Lindqvist", Role::Administrator).await;
        ada.post("/incidents", &[("title", "=1+1 \"; filename=evil.html"), ("kind", "incident")]).await.leads_to("/incidents/INC-1");
        ada.post("/incidents/INC-1/resolution", &[]).await.leads_to("/incidents/INC-1");
        let event = json!({ "at": "2026-11-14T05:50:00Z", "kind": "action", "title": "A step" });
        let event = ada.json(Method::POST, "/api/v1/incidents/INC-1/timeline", &event).await.is(201).value();
        let files = format!("/incidents/INC-1/events/{}/files", event["id"].as_str().unwrap());
        for name in all_vectors().iter().map(String::as_str).chain(FORMULAS).take(24) {
            let name = format!("{}.html", name.replace('"', "%22").replace(['\t', '/', '\\'], " "));
            let answer = ada.upload(&files, &[(&name, b"plain words")]).await;
            assert!(matches!(answer.status.as_u16(), 303 | 409 | 422), "{name}: {}", answer.text());
        }
        ada.upload(&files, &[("page.txt", b"<!doctype html><script>alert(1)</script>")]).await;
        let listed = ada.get("/api/v1/incidents/INC-1/evidence?limit=500").await.ok().value();
        let mut opened = 0;
        for one in listed["items"].as_array().unwrap() {
            let answer = ada.get(&format!("/incidents/INC-1/files/{}", one["id"].as_str().unwrap())).await;
            if answer.status != 200 {
                continue;
            }
            opened += 1;
            let disposition = answer.header("content-disposition");
            let name = disposition.strip_prefix("attachment; filename*=UTF-8''").expect("taken home, never opened here");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)), "{disposition}");
            assert!(!answer.header("content-type").contains("html"), "{}", answer.header("content-type"));
            assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
        assert!(opened >= 10, "{opened}");
        for (path, ending) in [("/postmortems/INC-1/export.md", ".md\""), ("/postmortems/INC-1/export.html", ".html\"")] {
            let answer = ada.get(path).await.ok();
            let name = answer.header("content-disposition").strip_prefix("attachment; filename=\"").expect("a name").to_owned();
            assert!(name.ends_with(ending) && name.trim_end_matches('"').bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b)), "{name}");
        }
        // Acts as a table: whatever people typed, no cell begins as a formula.
        for formula in FORMULAS {
            let formula = formula.replace("%0D", "\r");
            ada.post("/settings/teams", &[("name", &formula)]).await;
            ada.post("/settings/services", &[("name", &formula)]).await;
            ada.post("/settings/tokens", &[("label", &formula)]).await;
            ada.post("/settings/look-into", &[("number", &formula), ("reason", &formula)]).await;
            ada.post("/incidents/INC-1/follow-ups", &[("text", &formula), ("intent", "prevent")]).await;
            ada.post("/settings/people", &[("name", &formula), ("email", "x@larkfare.example"), ("role", "reader")]).await;
            ada.post("/settings/me", &[("name", &formula)]).await;
        }
        let table = ada.get("/settings/audit.csv").await.ok();
        assert_eq!(table.header("content-disposition"), "attachment; filename=\"acts.csv\"");
        let text = table.text();
        let (mut cells, mut quoted, mut cell) = (0, false, String::new());
        for c in text.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' | '\n' if !quoted => {
                    assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
                    cells += 1;
                    cell.clear();
                }
                c => cell.push(c),
            }
        }
        assert!(cells > 100 && text.contains("HYPERLINK"), "{cells}");
        println!("names={opened} cells={cells}");
    }
}
