//! What a page costs: a fixed number of statements, at most five.

use crate::{
    house::{Client, House, SignedIn},
    markup::dangers,
    records::{at, gates, message, slack},
};
use axum::http::Method;
use domain::{access::Actor, person::Role};
use serde_json::json;
use std::collections::BTreeMap;

/// What a page may cost.
const MOST: u64 = 5;

/// Addresses that are no pages.
fn is_page(path: &str) -> bool {
    !["/assets/", "/healthz", "/readyz", "/collab/", "/links/"].iter().any(|start| path.starts_with(start))
}

/// Ids for the parts of addresses: an incident with everything, one of its events, a piece of its evidence.
struct Parts {
    event: String,
    evidence: String,
    import: String,
    service: String,
}

async fn parts(who: &SignedIn, number: &str) -> Parts {
    let id = async |what: &str| {
        let listed = who.get(&format!("/api/v1/incidents/{number}/{what}")).await.ok().value();
        listed["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let pages = gates("PWAITS", 1).to_string();
    let waiting = who.upload("/imports", &[("pages.json", pages.as_bytes())]).await.leads_to("/imports/");
    let service = json!({ "name": format!("Ticket gates {}", who.get("/api/v1/services").await.ok().value()["items"].as_array().unwrap().len()) });
    let service = who.json(Method::POST, "/api/v1/services", &service).await.is(201).value()["id"].clone();
    Parts {
        service: service.as_str().unwrap().to_owned(),
        event: id("timeline").await,
        evidence: id("evidence").await,
        import: waiting.trim_start_matches("/imports/").to_owned(),
    }
}

fn address(path: &str, number: &str, parts: &Parts) -> String {
    let id = match path {
        _ if path.contains("/events/") => &parts.event,
        _ if path.contains("/evidence/") => &parts.evidence,
        _ if path.contains("/services/") => &parts.service,
        _ => &parts.import,
    };
    // Pages show one version or what changed since; the latter costs more.
    let version = if path.starts_with("/api/") { "1" } else { "1..now" };
    path.replace("{number}", number)
        .replace("{id}", id)
        .replace("{block}", "timeline")
        .replace("{version}", version)
}

/// Every page with what it costs.
async fn costs(who: &SignedIn, number: &str) -> BTreeMap<&'static str, u64> {
    let parts = parts(who, number).await;
    let rows = web::routes();
    let paths = rows.iter().filter(|row| row.method == Method::GET && is_page(row.path)).map(|row| row.path);
    let mut costs = BTreeMap::new();
    for path in paths {
        let address = address(path, number, &parts);
        // What is read once a process is not the page's.
        who.get(&address).await;
        let answer = who.get(&address).await;
        let expected = match path {
            "/" | "/sign-in" => 303,
            "/imports/{id}/progress"
            | "/incidents/{number}/files/{id}"
            | "/incidents/{number}/files/{id}/thumbnail"
            | "/settings/deliveries/{id}"
            | "/sign-in/provider"
            | "/sign-in/provider/answer"
            | "/sign-out/provider" => 404,
            _ => 200,
        };
        let answer = answer.is(expected);
        costs.insert(path, answer.statements);
        if answer.header("content-type").starts_with("text/html") && !path.contains("export") {
            let found = dangers(&answer.text(), false);
            assert!(found.is_empty(), "{address} carries {found:?}");
        }
    }
    costs
}

/// Ten times as much of everything.
async fn grow(house: &House, who: &SignedIn, number: &str) {
    let actor = Actor::installation();
    for n in 0..100 {
        let body =
            json!({ "title": format!("Another incident {n}"), "severity": 2, "services": ["Ticket gates"] });
        who.json(Method::POST, "/api/v1/incidents", &body).await.is(201);
    }
    for n in 0..10 {
        let name = format!("Somebody {}", char::from(b'A' + n));
        let role = if n % 2 == 0 { Role::Reader } else { Role::Member };
        let email = format!("somebody.{n}@larkfare.example");
        app::people::record(&house.place.app, &actor, &name, &email, role, None).await.unwrap();
    }
    let api = format!("/api/v1/incidents/{number}/imports");
    who.upload(&api, &[("more.json", gates("PMORE", 300).to_string().as_bytes())]).await.ok();
    let said = (0..300).map(|n| message(10 * n, "U1", &format!("Decision: we try step {n} next"))).collect();
    who.upload(&format!("{api}?channel=inc-gates"), &[("more.zip", &slack(said))]).await.ok();
    for n in 0..40 {
        let event = json!({ "at": at(n).to_string(), "kind": "action", "title": format!("Step {n}") });
        who.json(Method::POST, &format!("/api/v1/incidents/{number}/timeline"), &event).await.is(201);
        let idea = json!({ "incident": number, "text": format!("Idea {n}"), "intent": "prevent" });
        who.json(Method::POST, "/api/v1/follow-ups", &idea).await.is(201);
        if n < 20 {
            let api = format!("/api/v1/incidents/INC-{}/resolve", 12 + n);
            who.json(Method::POST, &api, &json!({})).await.ok();
        }
    }
}

testing::everywhere! {
    async fn a_page_costs_few_statements_however_much_there_is(house: House) {
        let lead = app::stories::tell(&house.place.app).await.unwrap();
        let ada = house.by_link(&lead).await;
        let few = costs(&ada, "INC-1").await;
        grow(&house, &ada, "INC-1").await;
        let many = costs(&ada, "INC-1").await;
        assert_eq!(few, many, "what a page costs depends on how much there is");
        let dear: Vec<_> = many.iter().filter(|(_, cost)| **cost > MOST).collect();
        assert!(dear.is_empty(), "these pages cost more than they may: {dear:?}");
    }

    async fn every_story_makes_clean_pages(house: House) {
        let lead = app::stories::tell(&house.place.app).await.unwrap();
        let ada = house.by_link(&lead).await;
        let listed = ada.get("/api/v1/incidents?limit=200").await.ok().value();
        let stories = listed["items"].as_array().unwrap().clone();
        assert!(stories.len() >= 8);
        for story in &stories {
            let number = story["number"].as_str().unwrap();
            let mut paths = vec![format!("/incidents/{number}"), format!("/incidents/{number}/evidence")];
            if !story["postmortem"].is_null() {
                paths.extend(["", "/edit", "/owner", "/versions", "/versions/1", "/versions/1..now", "/blocks/facts", "/blocks/timeline", "/blocks/follow-ups"].map(|part| format!("/postmortems/{number}{part}")));
            }
            for path in paths {
                let page = ada.get(&path).await.ok();
                let found = dangers(&page.text(), false);
                assert!(found.is_empty(), "{path} carries {found:?}");
            }
        }
    }
}
