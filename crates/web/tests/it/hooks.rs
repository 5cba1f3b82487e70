//! Webhooks from outside: what a product meets at its address, and what people see of it.

use crate::client::{Answer, Client, nobody, somebody};
use app::jobs::{Duties, run_due};
use axum::{
    body::Body,
    http::{Method, header},
};
use domain::person::Role;
use serde_json::json;
use testing::{Installation, everywhere};

/// A product: no browser, no cookie.
fn product(place: &Installation, secret: &str) -> Client {
    let client = nobody(place).without("sec-fetch-site");
    if secret.is_empty() { client } else { client.with("authorization", &format!("Bearer {secret}")) }
}

/// Makes an address as a person does; its path.
async fn made(ada: &Client, form: &str) -> String {
    let page = ada.post("/settings/sources", form).await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    let at = page.text.find("/hooks/").expect("an address");
    page.text[at..].split(['<', '"', '&']).next().expect("its end").to_owned()
}

async fn send(product: &Client, path: &str, body: &str) -> Answer {
    product.send(Method::POST, path, Some("application/json"), Body::from(body.to_owned())).await
}

const ALERT: &str = r#"{"version":"4","groupKey":"g","alerts":[{"status":"firing","labels":{"alertname":"Queue grows","service":"Gates"},"startsAt":"2026-11-14T05:50:00Z","fingerprint":"f1"}]}"#;

everywhere! {
    async fn a_product_meets_few_answers(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        let path = made(&ada, "source=alertmanager&label=North&secret=lantern&declares=yes").await;
        let good = product(&place, "lantern");
        send(&good, &path, ALERT).await.expect(202).has("stored");
        // A page of somebody else's that sends a browser here has no more rights than anybody.
        send(&good.with("sec-fetch-site", "cross-site").with("origin", "https://elsewhere.example"), &path, ALERT).await.expect(202);
        assert_eq!(send(&product(&place, "lanterns"), &path, ALERT).await.expect(403).json()["error"]["kind"], "forbidden");
        send(&product(&place, ""), &path, ALERT).await.expect(403);
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD] {
            let answer = good.send(method.clone(), &path, None, Body::empty()).await;
            assert_eq!(answer.status, 405, "{method}");
        }
        let large = good.with(header::CONTENT_LENGTH.as_str(), &(26 << 20).to_string());
        assert_eq!(send(&large, &path, "{}").await.expect(422).json()["error"]["field"], "body");

        // What never was, what belongs to another product and what has ended are the same.
        let token = path.rsplit('/').next().expect("a token").to_owned();
        let mut absent = vec![
            send(&good, "/hooks/alertmanager/hook_none", ALERT).await,
            send(&good, &format!("/hooks/github/{token}"), ALERT).await,
            send(&good, &format!("/hooks/pigeon/{token}"), ALERT).await,
            send(&good, &format!("{path}0"), ALERT).await,
        ];
        let id = ada.get("/api/v1/webhooks").await.expect(200).json()["items"][0]["id"].as_str().expect("an id").to_owned();
        let other = ada.json(Method::POST, &format!("/api/v1/webhooks/{id}/rotation"), &json!({})).await.expect(200).json();
        let other = other["address"].as_str().expect("an address").split("127.0.0.1:8080").nth(1).expect("its path").to_owned();
        absent.push(send(&good, &path, ALERT).await);
        send(&good, &other, ALERT).await.expect(202);
        ada.post(&format!("/settings/sources/{id}/end"), "").await.leads_to("/settings/sources?done=ended");
        absent.push(send(&good, &other, ALERT).await);
        for answer in absent {
            assert_eq!((answer.status.as_u16(), answer.json()["error"]["message"].as_str()), (404, Some("There is nothing here.")));
        }
        // Its page names no secret.
        let page = ada.get("/settings/sources").await.expect(200);
        assert!(!page.text.contains("lantern") && !page.text.contains("hook_"), "{}", page.text);
    }

    async fn whoever_guesses_is_slowed_down(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        let path = made(&ada, "source=datadog&label=North&secret=lantern").await;
        let wrong = product(&place, "lamp");
        let mut refused = 0;
        let slowed = loop {
            let answer = send(&wrong, &path, "{}").await;
            if answer.status == 429 {
                break answer;
            }
            assert_eq!(answer.status, 403);
            refused += 1;
            assert!(refused < 1_000, "nothing slows it down");
        };
        assert!(slowed.header("retry-after").parse::<u64>().is_ok_and(|it| it >= 1), "{:?}", slowed.headers);
        place.clock.advance(domain::instant::Span::minutes(2));
        send(&product(&place, "lantern"), &path, "{}").await.expect(202);
    }

    async fn people_see_what_came_and_what_became_of_it(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        let path = made(&ada, "source=alertmanager&label=North").await;
        let from = product(&place, "");
        for body in [ALERT, "<script>alert(1)</script>"] {
            send(&from, &path, body).await.expect(202);
            place.clock.advance(domain::instant::Span::seconds(1));
        }
        ada.get("/settings/deliveries?status=waiting").await.expect(200).has("It waits to be read");
        run_due(&place.app, &Duties::default()).await.expect("done");
        let came = ada.get("/api/v1/deliveries").await.expect(200).json();
        let statuses: Vec<_> = came["items"].as_array().expect("a list").iter().map(|it| it["status"].as_str().expect("a status")).collect();
        assert_eq!(statuses, ["failed", "kept"]);
        assert_eq!(came["next"], json!(null));
        for wrong in ["status=lost", "source=pigeon", "before=yesterday"] {
            ada.get(&format!("/api/v1/deliveries?{wrong}")).await.expect(422);
        }
        let of = async |query: &str| ada.get(&format!("/api/v1/deliveries?{query}")).await.expect(200).json()["items"].as_array().map(Vec::len);
        let newest = came["items"][0]["id"].as_str().expect("an id");
        assert_eq!((of("source=github").await, of("source=alertmanager&status=kept").await), (Some(0), Some(1)));
        assert_eq!(of(&format!("before={newest}")).await, Some(1));
        ada.get("/settings/deliveries?source=github").await.expect(200).has("Nothing stands here");
        ada.get("/settings/deliveries?source=alertmanager&status=kept").await.expect(200).has("status=done&amp;source=alertmanager");
        // A page of 200 leads to what came before it.
        for n in 0..200 {
            send(&from, &path, &format!("{{\"n\":{n}}}")).await.expect(202);
        }
        let page = ada.get("/settings/deliveries?source=alertmanager").await.expect(200).has("Earlier webhooks");
        let older = page.text.split("before=").nth(1).and_then(|it| it.split('"').next()).expect("a link").to_owned();
        let page = ada.get(&format!("/settings/deliveries?source=alertmanager&before={older}")).await.expect(200);
        assert!(page.text.matches("/attempt").count() == 2 && !page.text.contains("Earlier webhooks"), "{}", page.text);
        let (broken, alert) = (came["items"][0]["id"].as_str().expect("an id"), came["items"][1]["id"].as_str().expect("an id"));
        let page = ada.get(&format!("/settings/deliveries/{broken}")).await.expect(200).has("alert(1)").has("application/json");
        assert!(!page.text.contains("<script>alert"), "{}", page.text);
        for path in ["/settings/deliveries".to_owned(), format!("/settings/deliveries/{broken}"), "/api/v1/deliveries".to_owned()] {
            wren.get(&path).await.expect(403);
        }
        // Both are brought into an incident by hand: one is understood, the other is kept as it came.
        wren.json(Method::POST, "/api/v1/incidents", &json!({ "title": "Gates refuse tickets" })).await.expect(201);
        let attempt = |id: &str| format!("/settings/deliveries/{id}/attempt");
        ada.post(&attempt(alert), "incident=Gates").await.expect(422).has("It looks like INC-12");
        ada.post(&attempt(alert), "incident=INC-9").await.expect(404);
        ada.post(&attempt(alert), "incident=inc-1").await.leads_to("/settings/deliveries?done=again");
        let body = json!({ "incident": "INC-1" });
        let again = ada.json(Method::POST, &format!("/api/v1/deliveries/{broken}/attempt"), &body).await.expect(200).json();
        assert_eq!((&again["items"][0]["status"], &again["items"][0]["incident"]), (&json!("done"), &json!("INC-1")));
        ada.get("/settings/deliveries?status=done").await.expect(200).has("Somebody chose the incident").has("kept as it came");
        let evidence = wren.get("/api/v1/incidents/INC-1/evidence").await.expect(200).json();
        let signals: Vec<_> = evidence["items"].as_array().expect("a list").iter().map(|it| it["signal"].as_str().expect("a signal")).collect();
        assert!(signals.contains(&"alert_fired") && signals.contains(&"not_understood"), "{signals:?}");
    }
}
