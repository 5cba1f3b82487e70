//! What every answer is careful about, and what no request can smuggle in: see `docs/asvs.md`.

use crate::{
    house::{Answer, Client, House},
    program::Server,
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::person::Role;
use serde_json::{Value, json};
use std::{fs, process::Stdio};
use testing::Kind;

/// What an answer is made of, how it may be kept, and what it does not say.
#[track_caller]
fn is_careful(answer: &Answer) {
    let kind = answer.header("content-type");
    if !answer.body.is_empty() {
        // 14.4.1
        assert!(!kind.is_empty(), "{} has no media type", answer.what);
        assert!(!kind.starts_with("text/") || kind.contains("charset=utf-8"), "{}: {kind}", answer.what);
    }
    // 14.4.2
    let file = answer.header("content-disposition");
    if answer.what.contains(" /api/") && kind == "application/json" {
        assert!(file.starts_with("attachment; filename="), "{}: {file}", answer.what);
    }
    // 8.2.1: what is about people or incidents is shown again only after asking.
    let keep = answer.header("cache-control");
    let private = keep == "no-store" || keep == "private, no-cache";
    assert!(private || answer.what.contains(" /assets/"), "{}: {keep}", answer.what);
    assert!(answer.header("permissions-policy").contains("camera=()"), "{}", answer.what);
    // 14.3.3, 14.5.3
    for name in
        ["server", "x-powered-by", "via", "access-control-allow-origin", "access-control-allow-credentials"]
    {
        assert!(!answer.headers.contains_key(name), "{}: {name}", answer.what);
    }
}

async fn post_api(program: &impl Client, path: &str, kind: Option<&str>, body: &str) -> Answer {
    let headers: Vec<(&str, &str)> = kind.into_iter().map(|kind| ("content-type", kind)).collect();
    program.send(Method::POST, path, &headers, Body::from(body.to_owned())).await
}

testing::both! {
    async fn every_answer_says_what_it_is_and_nothing_of_what_made_it(house: House) {
        let ada = house.set_up().await;
        let program = house.program_of(&ada).await;
        ada.post("/incidents", &[("title", "Gates"), ("kind", "incident")]).await.leads_to("/incidents/INC-1");
        let mut asked = 0;
        for row in web::routes().iter().filter(|row| row.method == Method::GET && !row.path.starts_with("/collab/")) {
            let path = row.path.replace("{number}", "INC-1");
            let path = path.split('{').next().unwrap();
            for (origin, value) in [("origin", "null"), ("origin", "https://elsewhere.example"), ("accept", "text/html")] {
                is_careful(&ada.send(Method::GET, path, &[(origin, value)], Body::empty()).await);
            }
            if row.path.starts_with("/api/") {
                is_careful(&program.get(path).await);
            }
            is_careful(&house.anonymous().get(path).await);
            asked += 1;
        }
        assert!(asked > 60, "{asked}");
        // 14.5.1: a browser that asks on behalf of another site is not told that it may.
        let asks = [("origin", "https://elsewhere.example"), ("access-control-request-method", "POST")];
        for path in ["/incidents", "/api/v1/incidents", "/sign-in"] {
            let answer = ada.send(Method::OPTIONS, path, &asks, Body::empty()).await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            is_careful(&answer);
        }
        let out = ada.post("/sign-out", &[]).await;
        assert_eq!(out.header("clear-site-data"), "\"cache\"", "8.2.3: what the browser kept of pages goes");
    }

    async fn a_body_that_says_to_be_something_else_is_refused(house: House) {
        // 13.1.5, 13.2.5
        let ada = house.set_up().await;
        let program = house.program_of(&ada).await;
        let incident = json!({ "title": "Gates" }).to_string();
        for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/xml"), Some("multipart/form-data; boundary=x"), Some("application/jsonp"), Some("text/json+html"), Some("")] {
            for path in ["/api/v1/incidents", "/api/v1/follow-ups"] {
                let answer = post_api(&program, path, kind, &incident).await;
                assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind:?}: {}", answer.text());
                assert_eq!(answer.value()["error"]["kind"], "unsupported_media_type");
            }
        }
        assert_eq!(program.get("/api/v1/incidents").await.ok().value()["total"], 0);
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.larkfare+json"] {
            post_api(&program, "/api/v1/incidents", Some(kind), &incident).await.is(201);
        }
        // Nothing at all needs no name.
        post_api(&program, "/api/v1/incidents/INC-1/resolve", None, "").await.ok();
    }

    async fn only_fields_that_a_form_has_count_and_each_once(house: House) {
        // 5.1.2: what a page does not offer is not set by naming it.
        let ada = house.set_up().await;
        let wren = house.member().await;
        let me = [("name", "Wren Okafor"), ("zone", "Europe/Oslo"), ("role", "administrator"), ("email", "ada@else.example"), ("service", "true"), ("deactivated", "false"), ("id", "1")];
        wren.post("/settings/me", &me).await.leads_to("/settings");
        wren.get("/settings/audit").await.is(403);
        ada.get("/settings/people").await.ok().says("wren.okafor@larkfare.example").does_not_say("ada@else.example");
        // 5.1.1: a field that comes twice is read once, whichever way; and only from where the form sends it.
        let twice = [("title", "First"), ("title", "Second"), ("kind", "incident")];
        wren.post("/incidents", &twice).await.leads_to("/incidents/INC-1");
        let seen = wren.get("/incidents").await.ok();
        let text = seen.text();
        assert!(text.contains("First") && !text.contains("Second"), "{text}");
        wren.post("/incidents?title=Smuggled", &[("kind", "incident")]).await.is(422);
        let program = house.program_of(&wren).await;
        for body in [r#"{"title": "One", "title": "Two"}"#, r#"{"title": "One", "Title": "Two"}"#, r#"{"title": ["One", "Two"]}"#, r#"{"title": "One", "__proto__": {"role": "administrator"}}"#] {
            post_api(&program, "/api/v1/incidents", Some("application/json"), body).await.is(422);
        }
        let headers = [("content-type", "application/json"), ("x-http-method-override", "DELETE"), ("x-original-url", "/settings/audit"), ("x-rewrite-url", "/settings/audit")];
        program.send(Method::GET, "/api/v1/incidents", &headers, Body::empty()).await.ok().says("First");
        house.somebody("Otto Reader", Role::Reader).await.get("/settings/people").await.ok().says("Wren Okafor");
    }

    async fn whoever_watches_sees_who_was_refused_and_no_secret(database: (String, Kind)) {
        // 7.1.3, 7.1.4, 7.2.1, 7.2.2, 7.3.1, 7.3.4
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = Stdio::from(fs::File::create(&path).unwrap());
        let more = ["--log", "info", "--log-format", "json"];
        let server = Server::start_saying(&folder.path().join("data"), &database.0, &more, log);
        let cookie = server.set_up();
        let wrong = "email=ada%40larkfare.example&passphrase=seven+dry+herons";
        assert_eq!(server.post("/sign-in", "", wrong).status, 422);
        assert_eq!(server.post("/sign-in", "", "email=typed+into+the+wrong+field%0A&passphrase=x").status, 422);
        assert_eq!(server.get("/api/v1/incidents?words=seven+dry+herons", "").status, 401);
        assert_eq!(server.get("/api/v1/incidents?severity=9", &cookie).status, 422);
        assert_eq!(server.json("/api/v1/incidents", &cookie, "{\"title\": 1}").status, 422);
        assert!(server.stop().success());
        let text = fs::read_to_string(&path).unwrap();
        // Each line is whole by itself, and says when in UTC.
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let refusals: Vec<&Value> = lines.iter().filter(|line| line["message"] == "a sign-in was refused").collect();
        assert_eq!(refusals.len(), 2, "{text}");
        assert!(refusals.iter().all(|line| line["by"] == "passphrase" && line["level"] == "WARN"), "{text}");
        assert!(refusals.iter().all(|line| line["timestamp"].as_str().unwrap().ends_with('Z')), "{text}");
        assert_eq!(refusals[1]["person"], "nobody");
        assert_eq!(refusals[0]["person"].as_str().unwrap().len(), 36, "{text}");
        assert!(!refusals[0]["from"].as_str().unwrap().is_empty(), "{text}");
        let refused = |status: u16| lines.iter().filter(|line| line["message"] == "refused" && line["status"] == status).count();
        assert_eq!((refused(401), refused(422)), (1, 4), "{text}");
        let by_somebody = lines.iter().filter(|line| line["message"] == "refused" && line["span"]["who"].is_string()).count();
        assert_eq!(by_somebody, 2, "{text}");
        for secret in ["seven dry", "seven+dry", "wrong field", "eleven wet", cookie.split('=').nth(1).unwrap()] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}
