//! The API, as a script uses it.

use crate::client::{Client, nobody, somebody};
use axum::http::Method;
use domain::person::Role;
use serde_json::json;
use testing::{Installation, everywhere};

async fn program(place: &Installation) -> (Client, String) {
    let actor = place.somebody("Ada Lind", Role::Member).await;
    let secret = app::tokens::create(&place.app, &actor, "a script").await.expect("a token");
    let client = nobody(place).without("sec-fetch-site").with("authorization", &format!("Bearer {secret}"));
    (client, actor.person.expect("a person").to_string())
}

everywhere! {
    async fn from_declaring_to_a_draft(place: Installation) {
        let (script, me) = program(&place).await;
        let new = json!({"title": "Gates refused valid tickets", "severity": 2, "services": ["gates"]});
        let made = script.json(Method::POST, "/api/v1/incidents", &new).await.expect(201).json();
        assert_eq!((&made["number"], &made["state"], &made["severity"]), (&json!("INC-1"), &json!("active"), &json!(2)));
        let odd = json!({"title": "Gates", "colour": "red"});
        script.json(Method::POST, "/api/v1/incidents", &odd).await.expect(422).has("colour");
        script.json(Method::POST, "/api/v1/incidents", &json!({"title": ""})).await.expect(422).has("\"field\":\"title\"");

        let event = json!({"at": made["declared_at"], "kind": "observation", "title": "Gate 4 stays shut"});
        let added = script.json(Method::POST, "/api/v1/incidents/INC-1/timeline", &event).await.expect(201).json();
        let path = format!("/api/v1/incidents/INC-1/timeline/{}", added["id"].as_str().unwrap_or(""));
        let change = json!({"revision": added["revision"], "title": "Gates 4 and 5 stay shut", "hidden": true});
        let changed = script.json(Method::PATCH, &path, &change).await.expect(200).json();
        assert_eq!((&changed["title"], &changed["hidden"]), (&json!("Gates 4 and 5 stay shut"), &json!(true)));
        script.json(Method::PATCH, &path, &change).await.expect(409);
        let listed = script.get("/api/v1/incidents/INC-1/timeline").await.expect(200).json();
        assert_eq!(listed["items"][0]["id"], added["id"]);

        script.json(Method::POST, "/api/v1/incidents/INC-1/mitigate", &json!({})).await.expect(200);
        script.json(Method::POST, "/api/v1/incidents/INC-1/resolve", &json!({"owner": me})).await.expect(200);
        let whole = script.get("/api/v1/postmortems/INC-1").await.expect(200).json();
        assert_eq!((&whole["state"], &whole["owner"]), (&json!("draft"), &json!(me)));
        assert!(whole["blocks"].as_array().is_some_and(|blocks| !blocks.is_empty()));
        assert!(whole["markdown"].as_str().is_some_and(|text| text.contains("Gates refused valid tickets")));
        script.json(Method::PUT, "/api/v1/postmortems/INC-1/owner", &json!({"person": me})).await.expect(200);
        let step = json!({"revision": -1, "step": "ask_for_review"});
        script.json(Method::POST, "/api/v1/postmortems/INC-1/steps", &step).await.expect(409);
        for path in ["/api/v1/incidents", "/api/v1/incidents/INC-1", "/api/v1/incidents/INC-1/evidence", "/api/v1/postmortems", "/api/v1/people", "/api/v1/openapi.json"] {
            script.get(path).await.expect(200).json();
        }
        script.json(Method::POST, "/api/v1/incidents/INC-1/reopen", &json!({})).await.expect(200);
    }

    async fn what_an_incident_file_states_is_confirmed_by_a_program(place: Installation) {
        let (script, _) = program(&place).await;
        let file = json!({
            "id": "north-hall-7", "title": "Gates refused valid tickets",
            "timeline": [
                {"time": "2026-11-14T05:10:00Z", "kind": "observation", "text": "Gate 4 stays shut"},
                {"time": "2026-11-14T05:20:00Z", "kind": "response", "text": "The hall calls the operators"},
                {"time": "2026-11-14T05:40:00Z", "kind": "mitigation", "text": "Guards open gate 4 by hand"},
            ],
            "answers": {"impact_start": "2026-11-14T05:10:00Z", "detected_at": "2026-11-14T05:20:00Z", "mitigated_at": "2026-11-14T05:40:00Z"},
        });
        script.json(Method::POST, "/api/v1/incidents", &file).await.expect(201);
        let known = async || {
            let shown = script.get("/api/v1/incidents/INC-1").await.expect(200).json();
            shown["key_instants"].as_array().expect("key instants").clone()
        };
        let proposed = known().await;
        let named: Vec<_> = proposed.iter().filter_map(|it| it["instant"].as_str()).collect();
        for stated in ["impact_start", "detected", "mitigated"] {
            assert!(named.contains(&stated), "{named:?}");
        }
        assert!(proposed.iter().all(|it| it["confirmed"] == false), "a program that brings in confirms nothing");
        let path = "/api/v1/incidents/INC-1/key-instants/confirmation";
        let hall = somebody(&place, "Otto Reader", Role::Reader).await;
        hall.json(Method::POST, path, &json!({})).await.expect(403);
        assert_eq!(known().await, proposed);
        let mut confirmed = proposed;
        confirmed.iter_mut().for_each(|it| it["confirmed"] = json!(true));
        let answer = script.json(Method::POST, path, &json!({})).await.expect(200).json();
        assert_eq!(answer["items"], json!(confirmed), "each keeps its event and its reason");
        assert_eq!(known().await, confirmed);
        script.json(Method::POST, path, &json!({})).await.expect(409).has("Nothing was changed");
        script.json(Method::POST, "/api/v1/incidents/INC-9/key-instants/confirmation", &json!({})).await.expect(404);
    }

    async fn an_idea_rests_before_it_is_promised(place: Installation) {
        let (script, me) = program(&place).await;
        script.json(Method::POST, "/api/v1/incidents", &json!({"title": "Gates"})).await.expect(201);
        let idea = json!({"incident": "INC-1", "text": "Tell the gates of new keys", "intent": "prevent"});
        let idea = script.json(Method::POST, "/api/v1/follow-ups", &idea).await.expect(201).json();
        let path = format!("/api/v1/follow-ups/{}", idea["id"].as_str().unwrap_or(""));
        let promise = json!({"owner": me, "due": "2099-01-01T00:00:00Z"});
        let refused = script.json(Method::POST, &format!("{path}/commitment"), &promise).await.expect(409).json();
        assert_eq!(refused["error"]["opens_at"], idea["opens_at"]);
        place.clock.set(idea["opens_at"].as_str().and_then(|at| at.parse().ok()).expect("an instant"));
        let kept = script.json(Method::POST, &format!("{path}/commitment"), &promise).await.expect(200).json();
        assert_eq!((&kept["state"], &kept["owner"]), (&json!("committed"), &json!(me)));
        script.json(Method::POST, &format!("{path}/done"), &json!({})).await.expect(200).has("\"done\"");
        script.json(Method::POST, &format!("{path}/drop"), &json!({"reason": "later"})).await.expect(409);
        script.get("/api/v1/follow-ups?incident=INC-1").await.expect(200).has("Tell the gates");
        script.get("/api/v1/follow-ups?incident=gates").await.expect(422);
    }
}

/// The number of the newest act.
async fn acts(place: &Installation) -> String {
    let head = app::checking::export_head(&place.app, &domain::access::Actor::installation()).await;
    head.expect("a head").seq.to_string()
}

everywhere! {
    async fn asking_again_under_the_same_key_does_nothing_twice(place: Installation) {
        let (script, _) = program(&place).await;
        let asks = |key: &str| script.clone().with("idempotency-key", key);
        let new = json!({"title": "Gates refused valid tickets"});
        let first = asks("\"k-1\"").json(Method::POST, "/api/v1/incidents", &new).await.expect(201);
        assert_eq!(first.header("idempotency-replayed"), "");
        let again = asks("\"k-1\"").json(Method::POST, "/api/v1/incidents", &new).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.header("content-type"), "application/json");
        assert_eq!(first.json(), again.json());
        let other = json!({"title": "Another"});
        asks("k-1").json(Method::POST, "/api/v1/incidents", &other).await.expect(422).has("key_used");
        asks("k-1").json(Method::POST, "/api/v1/incidents/INC-1/mitigate", &json!({})).await.expect(422);
        assert_eq!(script.get("/api/v1/incidents").await.json()["total"], 1);
        // Refusals change nothing, so they are not kept: with what was wrong put right, the key is free.
        asks("k-2").json(Method::POST, "/api/v1/incidents", &json!({"title": ""})).await.expect(422);
        asks("k-2").json(Method::POST, "/api/v1/incidents", &other).await.expect(201);
        // Keys belong to whoever gave them.
        let actor = place.somebody("Wren Okafor", Role::Member).await;
        let secret = app::tokens::create(&place.app, &actor, "theirs").await.expect("a token");
        let theirs = nobody(&place).without("sec-fetch-site").with("authorization", &format!("Bearer {secret}"));
        theirs.with("idempotency-key", "k-1").json(Method::POST, "/api/v1/incidents", &other).await.expect(201);
        assert_eq!(script.get("/api/v1/incidents").await.json()["total"], 3);
        // After a day a key is new.
        place.clock.advance(domain::instant::Span::hours(25));
        asks("k-1").json(Method::POST, "/api/v1/incidents", &other).await.expect(201);
        assert_eq!(script.get("/api/v1/incidents").await.json()["total"], 4);
        asks("").json(Method::POST, "/api/v1/incidents", &other).await.expect(400);
    }

    async fn every_kind_of_change_is_made_once(place: Installation) {
        let (script, me) = program(&place).await;
        let new = json!({"title": "Gates"});
        let declared = script.json(Method::POST, "/api/v1/incidents", &new).await.expect(201).json();
        let event = json!({"at": declared["declared_at"], "kind": "observation", "title": "Gate 4 stays shut"});
        let added = script.json(Method::POST, "/api/v1/incidents/INC-1/timeline", &event).await.expect(201).json();
        let changed = format!("/api/v1/incidents/INC-1/timeline/{}", added["id"].as_str().unwrap_or(""));
        let idea = json!({"incident": "INC-1", "text": "Tell the gates of new keys", "intent": "prevent"});
        let idea_path = "/api/v1/follow-ups";
        let made = script.json(Method::POST, idea_path, &idea).await.expect(201).json();
        let dropped = format!("/api/v1/follow-ups/{}/drop", made["id"].as_str().unwrap_or(""));
        let none = json!({});
        let changes = [
            (Method::POST, "/api/v1/incidents/INC-1/timeline", event.clone()),
            (Method::PATCH, changed.as_str(), json!({"revision": added["revision"], "hidden": true})),
            (Method::POST, "/api/v1/incidents/INC-1/mitigate", none.clone()),
            (Method::POST, "/api/v1/incidents/INC-1/key-instants/confirmation", none.clone()),
            (Method::POST, "/api/v1/incidents/INC-1/resolve", none.clone()),
            (Method::PUT, "/api/v1/postmortems/INC-1/owner", json!({"person": me})),
            (Method::POST, "/api/v1/postmortems/INC-1/versions", json!({"name": "Before the meeting"})),
            (Method::POST, idea_path, idea.clone()),
            (Method::POST, dropped.as_str(), json!({"reason": "Another way was found"})),
        ];
        for (n, (method, path, body)) in changes.into_iter().enumerate() {
            let asking = script.clone().with("idempotency-key", &format!("change-{n}"));
            let first = asking.json(method.clone(), path, &body).await;
            assert!(first.status.is_success(), "{method} {path}: {}", first.text);
            let acts = acts(&place).await;
            let again = asking.json(method.clone(), path, &body).await;
            assert_eq!((again.status, again.header("idempotency-replayed")), (first.status, "true"), "{method} {path}");
            assert_eq!(first.json(), again.json());
            assert_eq!(self::acts(&place).await, acts, "{method} {path} was carried out again");
        }
    }

    async fn requests_that_come_at_once_and_answers_that_are_lost_double_nothing(place: Installation) {
        let (script, _) = program(&place).await;
        let new = json!({"title": "Gates"});
        let asking = script.clone().with("idempotency-key", "once");
        let ask = || asking.json(Method::POST, "/api/v1/incidents", &new);
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        let mut codes = [a.status.as_u16(), b.status.as_u16(), c.status.as_u16()];
        codes.sort_unstable();
        assert!(codes.iter().all(|code| matches!(code, 201 | 409)) && codes[0] == 201, "{codes:?}");
        assert_eq!(script.get("/api/v1/incidents").await.json()["total"], 1);
        ask().await.expect(201);
        // The process ended between the commit and the keeping of the answer.
        testing::by_hand(place.database_url(), &["UPDATE repeats SET status = NULL"]).await;
        ask().await.expect(409).has("answer_lost");
        assert_eq!(script.get("/api/v1/incidents").await.json()["total"], 1);
    }

    // What is read for the answer is read after the commit, and that can fail.
    async fn a_change_whose_answer_fails_is_not_said_to_be_undone(place: Installation) {
        // Of a duty the service is read anew, after the commit; and that breaks.
        let (script, _) = program(&place).await;
        let ada = somebody(&place, "Noor Vos", Role::Administrator).await;
        let made = ada.json(Method::POST, "/api/v1/services", &json!({"name": "Gates"})).await.expect(201).json();
        let path = format!("/api/v1/services/{}/duties", made["id"].as_str().unwrap_or(""));
        let duty = json!({"name": "Ines Ott", "from": "2026-11-10T09:00:00Z"});
        script.json(Method::POST, &path, &json!({"name": "", "from": "2026-11-10T09:00:00Z"})).await.expect(422);
        let url = place.database_url();
        let breaks = if url.starts_with("sqlite:") {
            "CREATE TRIGGER breaks AFTER INSERT ON on_call BEGIN UPDATE services SET name = ''; END"
        } else {
            "CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN UPDATE services SET name = ''; RETURN NEW; END $$;
             CREATE TRIGGER breaks AFTER INSERT ON on_call FOR EACH ROW EXECUTE FUNCTION breaks()"
        };
        testing::by_hand(url, &[breaks]).await;
        let asking = script.clone().with("idempotency-key", "once");
        asking.json(Method::POST, &path, &duty).await.expect(500).has("Look whether your change is there").lacks("Nothing was changed");
        // A failure is not kept as the answer: whoever asks again hears that it was made.
        asking.json(Method::POST, &path, &duty).await.expect(409).has("answer_lost");
        // Whoever changed nothing is told so.
        script.json(Method::POST, &path, &duty).await.expect(500).has("Nothing was changed");
        testing::by_hand(url, &["UPDATE services SET name = 'Gates'"]).await;
    }
}
