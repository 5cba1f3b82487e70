//! Every route, tried as everybody.

use crate::client::{Client, nobody, somebody};
use axum::{body::Body, http::Method};
use domain::{
    access::{Action, Actor},
    person::Role,
    scope::{Scope, Scopes},
};
use testing::{Installation, everywhere};
use web::{Row, Rule};

const ID: &str = "01981f6e-0000-7000-8000-000000000001";

fn address(path: &str) -> String {
    let parts = [
        ("{number}", "INC-1"),
        ("{id}", ID),
        ("{token}", "none"),
        ("{block}", "facts"),
        ("{version}", "1"),
        ("{*name}", "none.css"),
    ];
    parts.iter().fold(path.to_owned(), |path, (part, value)| path.replace(part, value))
}

async fn try_it(client: &Client, row: &Row) -> crate::client::Answer {
    client.send(row.method.clone(), &address(row.path), None, Body::empty()).await
}

fn is_socket(row: &Row) -> bool {
    row.path.starts_with("/collab/")
}

fn is_api(row: &Row) -> bool {
    row.path.starts_with("/api/") || row.path == "/metrics"
}

/// Tries every guarded route as somebody who is not known and expects to be asked who it is.
async fn is_asked_everywhere(client: &Client) {
    for row in web::routes() {
        let answer = try_it(client, &row).await;
        let what = format!("{} {}: {} {}", row.method, row.path, answer.status, answer.text);
        if row.rule == Rule::Open {
            assert!(!answer.status.is_server_error() || row.path.starts_with("/assets/"), "{what}");
        } else if is_api(&row) {
            assert_eq!(answer.status, 401, "{what}");
            assert_eq!(answer.json()["error"]["kind"], "unauthorized");
        } else if is_socket(&row) {
            assert_eq!(answer.status, 401, "{what}");
        } else {
            assert_eq!(answer.status, 303, "{what}");
            assert!(answer.header("location").starts_with("/sign-in"), "{what}");
        }
    }
}

everywhere! {
    async fn nobody_gets_past_a_rule(place: Installation) {
        is_asked_everywhere(&nobody(&place)).await;
        is_asked_everywhere(&nobody(&place).with("cookie", "debrief_session=made-up")).await;
    }

    async fn a_closed_account_is_nobody(place: Installation) {
        somebody(&place, "Ines Ott", Role::Administrator).await;
        let client = somebody(&place, "Noor Vos", Role::Member).await;
        let us = Actor::installation();
        let person = app::people::find_by_email(&place.app, &us, "noor.vos@larkfare.example").await;
        let person = person.expect("asked").expect("a person").id;
        app::people::deactivate(&place.app, &us, person).await.expect("closed");
        is_asked_everywhere(&client).await;
    }

    async fn every_role_stays_within_its_rules(place: Installation) {
        for role in Role::ALL {
            let client = somebody(&place, role.key(), role).await;
            for row in web::routes() {
                // Signing out and ending one's own account would make somebody else of the client.
                if ["/sign-out", "/settings/people/{id}/end"].contains(&row.path) { continue }
                let answer = try_it(&client, &row).await;
                let what = format!("{role:?} {} {}: {} {}", row.method, row.path, answer.status, answer.text);
                assert!(answer.status != 500, "{what}");
                let Rule::May(action) = row.rule else { continue };
                assert_eq!(answer.status == 403, role < action.needs(), "{what}");
                assert_ne!(answer.status, 401, "{what}");
            }
        }
    }

    async fn changes_from_foreign_pages_are_refused(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Administrator).await;
        let silent = client.without("sec-fetch-site");
        let foreign = [
            client.with("sec-fetch-site", "cross-site"),
            client.with("sec-fetch-site", "same-site"),
            silent.with("origin", "https://evil.example"),
            silent.with("origin", "null"),
            silent,
        ];
        // A product that sends a webhook and a provider that signs somebody out are no browsers; an address and a
        // signature are their right.
        let by_program = |row: &Row| row.path.starts_with("/hooks/") || row.path == "/sign-out/provider";
        let by_browser = |row: &&Row| row.method != Method::GET && !by_program(row);
        for row in web::routes().iter().filter(by_browser) {
            for client in &foreign {
                let answer = try_it(client, row).await.expect(403);
                assert!(answer.text.contains("did not come from a page of this installation"), "{}", row.path);
            }
        }
    }

    async fn a_token_speaks_for_itself(place: Installation) {
        let actor = place.somebody("Ada Lind", Role::Reader).await;
        let secret = app::tokens::create(&place.app, &actor, "a script").await.expect("a token");
        let program = nobody(&place).without("sec-fetch-site").with("authorization", &format!("Bearer {secret}"));
        program.get("/api/v1/incidents").await.expect(200);
        let new = serde_json::json!({"title": "Gates"});
        program.json(Method::POST, "/api/v1/incidents", &new).await.expect(403).has("\"kind\":\"forbidden\"");
        // Its scopes are asked on every route.
        let owner = place.somebody("Wren Lind", Role::Administrator).await;
        for scope in Scope::ALL {
            let new = app::tokens::New { label: "one".into(), scopes: Scopes::NONE.with(scope), days: None };
            let secret = app::tokens::create(&place.app, &owner, new).await.expect("a token");
            let program =
                nobody(&place).without("sec-fetch-site").with("authorization", &format!("Bearer {secret}"));
            for row in web::routes().iter().filter(|row| is_api(row)) {
                let Rule::May(action) = row.rule else { continue };
                let answer = try_it(&program, row).await;
                let what = format!("{scope:?} {} {}: {}", row.method, row.path, answer.status);
                assert_ne!(answer.status, 401, "{what}");
                // An act may ask for more than its route; never for less.
                assert!(answer.status == 403 || Scope::of(action) == scope, "{what}");
                let reads = scope == Scope::Read && action == Action::Read;
                assert!(answer.status != 403 || !reads, "{what}");
            }
        }
        // Pages are for sessions, and a stale token is not covered by a cookie.
        program.get("/incidents").await.leads_to("/sign-in");
        let ines = somebody(&place, "Ines Ott", Role::Administrator).await;
        ines.get("/api/v1/people").await.expect(200);
        ines.with("authorization", "Bearer stale").get("/api/v1/people").await.expect(401);
    }
}

#[test]
fn changes_need_more_than_reading() {
    // What readers may change is about themselves, or asks others to look; having a text read keeps nothing. A report
    // is settled by whoever was asked, whatever their role.
    let own = [
        "/sign-out",
        "/settings/me",
        "/settings/sign-in/passphrase",
        "/settings/sign-in/factor",
        "/settings/sign-in/factor/confirmation",
        "/settings/sign-in/factor/codes",
        "/settings/sign-in/factor/end",
        "/settings/sign-in/passkeys",
        "/settings/sign-in/passkeys/challenge",
        "/settings/sign-in/passkeys/{id}/end",
        "/settings/proof",
        "/settings/sessions/end-others",
        "/settings/sessions/{id}/end",
        "/settings/tokens",
        "/settings/tokens/{id}/end",
        "/incidents/{number}/accounts/{id}",
        "/incidents/{number}/sealed/{id}/forgetting",
        "/incidents/{number}/reports",
        "/incidents/{number}/reports/{id}",
        "/language",
        "/api/v1/lint",
        "/api/v1/tokens",
        "/api/v1/tokens/{id}/end",
    ];
    for row in web::routes() {
        if row.method != Method::GET && row.rule == Rule::May(Action::Read) {
            assert!(own.contains(&row.path), "{} {}", row.method, row.path);
        }
    }
}
