//! Services and who is on call for them, as a program enters them; and names that look alike.

use crate::client::somebody;
use axum::http::Method;
use domain::person::Role;
use serde_json::json;
use testing::{Installation, everywhere};

everywhere! {
    async fn a_program_says_who_is_on_call(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        let otto = somebody(&place, "Otto Reader", Role::Reader).await;
        let made = ada.json(Method::POST, "/api/v1/services", &json!({ "name": "Ticket gates" })).await.expect(201).json();
        let service = format!("/api/v1/services/{}", made["id"].as_str().expect("an id"));
        let duty = json!({ "name": "Ines Ott", "from": "2026-11-10T09:00:00Z", "to": "2099-11-17T09:00:00Z", "level": 2 });
        otto.json(Method::POST, &format!("{service}/duties"), &duty).await.expect(403);
        let shown = wren.json(Method::POST, &format!("{service}/duties"), &duty).await.expect(200).json();
        let line = &shown["on_call"][0];
        assert_eq!((&line["name"], &line["level"], &line["source"]), (&json!("Ines Ott"), &json!(2), &json!("hand")));
        assert_eq!(otto.get(&service).await.expect(200).json()["on_call"], shown["on_call"]);
        for (field, wrong) in [
            ("level", json!({ "name": "Ines Ott", "from": "2026-11-10T09:00:00Z", "level": 10 })),
            ("to", json!({ "name": "Ines Ott", "from": "2026-11-10T09:00:00Z", "to": "2026-11-10T09:00:00Z" })),
            ("person", json!({ "name": " ", "from": "2026-11-10T09:00:00Z" })),
            ("person", json!({ "person": "01900000-0000-7000-8000-000000000000", "from": "2026-11-10T09:00:00Z" })),
        ] {
            let refused = wren.json(Method::POST, &format!("{service}/duties"), &wrong).await.expect(422).json();
            assert_eq!(refused["error"]["field"], field, "{wrong}");
        }
        wren.json(Method::POST, &format!("{service}/duties"), &json!({ "name": "X" })).await.expect(422);
        // A file of another sort, and one that ends too early, change nothing.
        for odd in [json!([]), json!({ "oncalls": 7 }), json!({ "oncalls": [{ "user": null }] }), json!({ "schedule": {} })] {
            let answer = wren.json(Method::POST, &format!("{service}/schedules"), &odd).await;
            assert!(matches!(answer.status.as_u16(), 200 | 422), "{odd}: {} {}", answer.status, answer.text);
        }
        assert_eq!(otto.get(&service).await.expect(200).json()["on_call"], shown["on_call"]);

        wren.json(Method::POST, &format!("{service}/duties/end"), &json!({ "duty": "seven" })).await.expect(422);
        let nobodys = json!({ "duty": "01900000-0000-7000-8000-000000000000" });
        wren.json(Method::POST, &format!("{service}/duties/end"), &nobodys).await.expect(404);
        // A duty of another service is none of this one.
        let other = ada.json(Method::POST, "/api/v1/services", &json!({ "name": "Seat maps" })).await.expect(201).json();
        let other = format!("/api/v1/services/{}", other["id"].as_str().expect("an id"));
        let theirs = wren.json(Method::POST, &format!("{other}/duties"), &duty).await.expect(200).json();
        let foreign = json!({ "duty": theirs["on_call"][0]["id"] });
        wren.json(Method::POST, &format!("{service}/duties/end"), &foreign).await.expect(404);
        let ended = wren.json(Method::POST, &format!("{service}/duties/end"), &json!({ "duty": line["id"] })).await.expect(200).json();
        assert_eq!(ended["on_call"], json!([]));
        let name = format!("{service}/name");
        wren.json(Method::POST, &name, &json!({ "name": "Entry barriers" })).await.expect(403);
        let named = ada.json(Method::POST, &name, &json!({ "name": "Entry barriers" })).await.expect(200).json();
        assert_eq!((&named["name"], &named["names"][1]["name"]), (&json!("Entry barriers"), &json!("Ticket gates")));
        assert!(named["names"][0]["until"].is_null() && named["names"][1]["until"].is_string(), "{named}");
        for wrong in [json!({ "name": "" }), json!({ "name": "x".repeat(101) }), json!({ "name": "Gates\u{202e}" }), json!({ "title": "x" }), json!({})] {
            ada.json(Method::POST, &name, &wrong).await.expect(422);
        }
        let taken = ada.json(Method::POST, "/api/v1/services", &json!({ "name": "TICKET gates" })).await.expect(422).json();
        assert_eq!(taken["error"]["field"], "name");
        wren.json(Method::POST, &format!("{service}/end"), &json!({})).await.expect(403);
        ada.json(Method::POST, &format!("{service}/end"), &json!({})).await.expect(200);
        otto.get(&service).await.expect(404);
        wren.json(Method::POST, &format!("{service}/duties"), &duty).await.expect(404);
        // A program that may write and not read is told that it is done, and nothing else.
        let scopes = json!({ "label": "a rota", "scopes": ["write"] });
        let token = wren.json(Method::POST, "/api/v1/tokens", &scopes).await.expect(201).json();
        let program = wren.without("cookie").with("authorization", &format!("Bearer {}", token["token"].as_str().expect("a token")));
        let told = program.json(Method::POST, &format!("{other}/duties"), &duty).await.expect(200).json();
        assert_eq!(told["on_call"], serde_json::Value::Null, "{told}");
        program.get(&other).await.expect(403);
        assert_eq!(wren.get(&other).await.expect(200).json()["on_call"].as_array().map(Vec::len), Some(2));
        // Its name is free again.
        ada.json(Method::POST, "/api/v1/services", &json!({ "name": "Ticket gates" })).await.expect(201);
    }

    async fn names_of_teams_and_services_hide_nothing(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        for what in ["/api/v1/teams", "/api/v1/services"] {
            ada.json(Method::POST, what, &json!({ "name": "Ticket Gates" })).await.expect(201);
            let long = "ж".repeat(10_000);
            for wrong in ["Тicket Gates", "Ticket\u{200b} Gates", "\u{202e}setaG", "…", "", " ticket  GATES ", &long] {
                let refused = ada.json(Method::POST, what, &json!({ "name": wrong })).await.expect(422).json();
                assert_eq!(refused["error"]["field"], "name", "{what} {wrong:?}");
            }
            ada.json(Method::POST, what, &json!({ "name": "Ворота" })).await.expect(201);
        }
        for wrong in ["Larkfare\u{200b}", "\u{202e}erafkraL", "…"] {
            let form = format!("name={}&premise=Good&soak_hours=48&revision=0", percent(wrong));
            ada.post("/settings/workspace", &form).await.expect(422);
        }
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
