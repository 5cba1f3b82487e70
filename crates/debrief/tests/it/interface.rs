//! The API as programs meet it: what it describes, what it refuses, and how it says so.

use crate::{
    house::{Answer, Client, House},
    job::person,
};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOBODYS_ID: &str = "01900000-0000-7000-8000-000000000000";

/// Every refusal has this shape; its sentence.
#[track_caller]
fn refusal(answer: &Answer, status: u16, kind: &str) -> String {
    assert_eq!(answer.status, status, "{}: {}", answer.what, answer.text());
    assert!(answer.header("content-type").starts_with("application/json"), "{}", answer.what);
    let value = answer.value();
    let members: Vec<&String> = value["error"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["field", "kind", "message", "opens_at"], "{}", answer.what);
    assert_eq!(value["error"]["kind"], kind, "{}: {value}", answer.what);
    let sentence = value["error"]["message"].as_str().unwrap().to_owned();
    assert!(sentence.ends_with('.') && !sentence.contains("panick"), "{}: {sentence}", answer.what);
    sentence
}

testing::everywhere! {
    async fn the_description_lists_exactly_what_is_there(house: House) {
        let document = house.anonymous().get("/api/v1/openapi.json").await.ok().value();
        assert!(document["openapi"].as_str().unwrap().starts_with("3."));
        let paths = document["paths"].as_object().unwrap().iter();
        let described: BTreeSet<String> = paths
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().unwrap().keys().filter(|key| *key != "parameters");
                methods.map(|method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
            })
            .collect();
        let rows = web::routes();
        let there: BTreeSet<String> =
            rows.iter().filter(|row| row.path.starts_with("/api/")).map(|row| format!("{} {}", row.method, row.path)).collect();
        assert_eq!(described, there);
    }

    async fn what_is_not_there_looks_alike_everywhere(house: House) {
        let member = house.member().await;
        let program = house.program_of(&member).await;
        let mut sentences = BTreeSet::new();
        for (method, path) in [
            (Method::GET, "/api/v1/nothing".to_owned()),
            (Method::GET, "/api/v1/incidents/INC-99".to_owned()),
            (Method::GET, "/api/v1/incidents/not-a-number".to_owned()),
            (Method::GET, "/api/v1/incidents/INC-99/timeline".to_owned()),
            (Method::GET, "/api/v1/incidents/INC-99/evidence".to_owned()),
            (Method::GET, "/api/v1/postmortems/INC-99".to_owned()),
            (Method::POST, "/api/v1/incidents/INC-99/mitigate".to_owned()),
            (Method::POST, "/api/v1/incidents/INC-99/resolve".to_owned()),
            (Method::POST, format!("/api/v1/follow-ups/{NOBODYS_ID}/done")),
            (Method::POST, "/api/v1/follow-ups/not-an-id/done".to_owned()),
        ] {
            let answer = program.send(method, &path, &[], Body::empty()).await;
            sentences.insert(refusal(&answer, 404, "not_found"));
        }
        assert_eq!(sentences.len(), 1, "{sentences:?}");
        let answer = program.send(Method::DELETE, "/api/v1/incidents", &[], Body::empty()).await;
        refusal(&answer, 405, "method_not_allowed");
        let nobody = house.anonymous().get("/api/v1/incidents").await;
        refusal(&nobody, 401, "unauthorized");
    }

    async fn a_body_that_cannot_be_read_changes_nothing(house: House) {
        let member = house.member().await;
        let program = house.program_of(&member).await;
        program.json(Method::POST, "/api/v1/incidents", &json!({ "title": "Gates" })).await.is(201);
        let post = async |path: &str, body: &str| {
            program.send(Method::POST, path, &[("content-type", "application/json")], body.to_owned().into()).await
        };
        let incidents = "/api/v1/incidents";
        let timeline = "/api/v1/incidents/INC-1/timeline";
        for (path, body) in [
            (incidents, json!({ "title": "Gates", "sevrity": 1 })),
            (incidents, json!({ "title": "Gates", "severity": 9 })),
            (incidents, json!({ "title": "Gates", "severity": "bad" })),
            (incidents, json!({ "title": "   " })),
            (incidents, json!({ "title": "x".repeat(10_000) })),
            (incidents, json!({ "title": "Gates", "kind": "disaster" })),
            (incidents, json!({ "title": "Gates", "declared_at": "noon" })),
            (incidents, json!([])),
            (timeline, json!({ "at": "2026-11-14T05:47:00Z", "kind": "action", "title": "A", "who": "Wren" })),
            (timeline, json!({ "kind": "action", "title": "A" })),
            (timeline, json!({ "at": "2026-11-14T05:47:00Z", "kind": "action", "title": "A", "evidence": [NOBODYS_ID] })),
            ("/api/v1/incidents/INC-1/resolve", json!({ "owner": "Gates" })),
            ("/api/v1/incidents/INC-1/resolve", json!({ "template": "none" })),
            ("/api/v1/follow-ups", json!({ "incident": "INC-1", "text": "", "intent": "prevent" })),
            ("/api/v1/follow-ups", json!({ "incident": "INC-1", "text": "A", "intent": "blame" })),
        ] {
            refusal(&post(path, &body.to_string()).await, 422, "invalid");
        }
        for body in ["{", "\u{0}", "{\"title\": \"a\"} trailing", "\"title\"", &"[".repeat(100_000)] {
            refusal(&post(incidents, body).await, 422, "invalid");
        }
        let huge = format!("{{\"title\": \"{}\"}}", "x".repeat(2 << 20));
        refusal(&post(incidents, &huge).await, 413, "too_large");
        for query in ["severity=9", "state=gone", "limit=x", "after=INC"] {
            refusal(&program.get(&format!("{incidents}?{query}")).await, 422, "invalid");
        }
        let listed = program.get(incidents).await.ok().value();
        assert_eq!((&listed["total"], &listed["items"][0]["state"]), (&json!(1), &json!("active")));
        assert_eq!(program.get(timeline).await.ok().value()["items"], json!([]));
        assert_eq!(program.get("/api/v1/follow-ups").await.ok().value()["items"], json!([]));
    }

    async fn a_change_of_what_somebody_else_changed_is_a_conflict(house: House) {
        let member = house.member().await;
        let program = house.program_of(&member).await;
        program.json(Method::POST, "/api/v1/incidents", &json!({ "title": "Gates" })).await.is(201);
        let event = json!({ "at": "2026-11-14T05:47:00Z", "kind": "action", "title": "Gate 4 opened", "team": "Gates" });
        let added = program.json(Method::POST, "/api/v1/incidents/INC-1/timeline", &event).await.is(201).value();
        let address = format!("/api/v1/incidents/INC-1/timeline/{}", added["id"].as_str().unwrap());
        let change = |revision: &Value, title: &str| json!({ "revision": revision, "title": title });
        let changed = program.json(Method::PATCH, &address, &change(&added["revision"], "Gate 5 opened")).await.ok().value();
        assert!(changed["team"] == "Gates" && changed["revision"] != added["revision"]);
        let late = program.json(Method::PATCH, &address, &change(&added["revision"], "Gate 6 opened")).await;
        refusal(&late, 409, "conflict");
        let none = program.json(Method::PATCH, &address, &json!({ "title": "Gate 7 opened" })).await;
        refusal(&none, 422, "invalid");
        let hidden = json!({ "revision": changed["revision"], "hidden": true });
        assert_eq!(program.json(Method::PATCH, &address, &hidden).await.ok().value()["hidden"], true);
        let listed = program.get("/api/v1/incidents/INC-1/timeline").await.ok().value();
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["title"]), (1, &json!("Gate 5 opened")));
    }

    async fn a_step_taken_twice_is_refused_and_harms_nothing(house: House) {
        let member = house.member().await;
        let program = house.program_of(&member).await;
        let me = person(&program, "Wren Okafor").await;
        program.json(Method::POST, "/api/v1/incidents", &json!({ "title": "Gates" })).await.is(201);
        for step in ["mitigate", "resolve"] {
            let path = format!("/api/v1/incidents/INC-1/{step}");
            program.json(Method::POST, &path, &json!({})).await.ok();
            let before = program.get("/api/v1/incidents/INC-1").await.ok().value();
            refusal(&program.json(Method::POST, &path, &json!({})).await, 409, "conflict");
            assert_eq!(program.get("/api/v1/incidents/INC-1").await.ok().value(), before);
        }
        // Handing it to the same person again is what was asked for, so it is fine.
        for _ in 0..2 {
            let owned = program.json(Method::PUT, "/api/v1/postmortems/INC-1/owner", &json!({ "person": me })).await.ok();
            assert_eq!(owned.value()["owner"], me.as_str());
        }
        program.json(Method::POST, "/api/v1/incidents/INC-1/reopen", &json!({})).await.ok();
        refusal(&program.json(Method::POST, "/api/v1/incidents/INC-1/reopen", &json!({})).await, 409, "conflict");
        program.get("/api/v1/postmortems/INC-1").await.ok();
    }
}
