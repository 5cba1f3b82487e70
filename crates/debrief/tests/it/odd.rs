//! What is odd in the records of products (numbers of 19 digits, dates that are none, broken lines, shapes of versions that
//! do not exist yet) through every door: previewed, uploaded, sent by webhook. It is kept as it came, and says why.

use crate::{
    house::{Client, House},
    program::{debrief, printed},
};
use app::jobs::{Duties, run_due};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

/// A file, the product it is recognised as, what is understood of it, and what is said of the rest.
struct Odd {
    name: &'static str,
    source: &'static str,
    text: &'static str,
    records: u64,
    first: Option<&'static str>,
    said: &'static [&'static str],
}

const ODD: [Odd; 8] = [
    Odd {
        name: "nineteen-digits.json",
        source: "opsgenie",
        text: r#"{"action":"Create","integrationId":"i-1","alert":{"alertId":"a-1","message":"Queue of refunds grows","tinyId":"9","createdAt":1794635220764002246}}"#,
        records: 1,
        first: Some("2026-11-14T05:47:00.764002Z"),
        said: &[],
    },
    Odd {
        name: "year-one.json",
        source: "alertmanager",
        text: r#"{"version":"4","groupKey":"g","alerts":[{"status":"firing","labels":{"alertname":"Queue grows"},"startsAt":"0001-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"f7"}]}"#,
        records: 1,
        first: None,
        said: &["does not say when it fired"],
    },
    Odd {
        name: "broken-line.json",
        source: "alertmanager",
        text: r#"{"version":"4","groupKey":"g","alerts":[{"status":"firing","labels":{"alertname":"First"},"startsAt":"2026-11-14T05:50:00Z","fingerprint":"f1"}]}
{"version":"4","groupKey":"g","alerts":[{"status":"fir
{"version":"4","groupKey":"g","alerts":[{"status":"firing","labels":{"alertname":"Third"},"startsAt":"2026-11-14T05:52:00Z","fingerprint":"f3"}]}"#,
        records: 3,
        first: Some("2026-11-14T05:50:00Z"),
        said: &["line 2", "not JSON"],
    },
    Odd {
        name: "event-of-a-later-version.json",
        source: "pagerduty",
        text: r#"{"event":{"id":"E9","event_type":"incident.telepathised","resource_type":"incident","occurred_at":"2026-11-14T05:45:00Z","data":{"id":"PINC","type":"incident","title":"Gates refuse tickets","aura":{"colour":"green"}}}}"#,
        records: 1,
        first: Some("2026-11-14T05:45:00Z"),
        said: &["telepathised"],
    },
    Odd {
        name: "page-of-a-later-version.json",
        source: "alertmanager",
        text: r#"{"version":"9","groupKey":"g","sigils":[{"status":"firing"}]}"#,
        records: 1,
        first: None,
        said: &["labels or annotations"],
    },
    Odd {
        name: "far-away.json",
        source: "pagerduty",
        text: r#"{"log_entries":[{"id":"R1","type":"annotate_log_entry","created_at":"99999-01-01T00:00:00Z","incident":{"id":"PINC"},"channel":{"type":"note","summary":"far away"}},{"id":18446744073709551616,"type":"annotate_log_entry","created_at":"2026-11-14T05:45:00Z","incident":{"id":"PINC"}}]}"#,
        records: 2,
        first: None,
        said: &["no time that can be read", "record 2"],
    },
    Odd {
        name: "zero-dates.csv",
        source: "csv",
        text: "time,text\n0000-00-00 00:00,zero\n2026-11-14 05:47,\"sound, with a comma\"\n9999999999999999999,nineteen\n",
        records: 3,
        first: Some("2026-11-14T05:47:00Z"),
        said: &["row 2", "row 4"],
    },
    Odd {
        name: "zero-date.ics",
        source: "calendar",
        text: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:00000000T000000Z\r\nSUMMARY:On call\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        records: 1,
        first: None,
        said: &["no time"],
    },
];

#[test]
fn a_preview_says_what_is_odd() {
    let folder = tempfile::tempdir().unwrap();
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    std::fs::write(folder.path().join("deep.json"), deep).unwrap();
    let mut files = vec![folder.path().join("deep.json")];
    for it in &ODD {
        files.push(folder.path().join(it.name));
        std::fs::write(folder.path().join(it.name), it.text).unwrap();
    }
    let mut arguments = vec!["inspect", "--format", "json"];
    arguments.extend(files.iter().map(|path| path.to_str().unwrap()));
    let found: Value = serde_json::from_str(&printed(&debrief(&arguments))).unwrap();
    let of = |name: &str| {
        let all = found.as_array().unwrap();
        all.iter().find(|it| it["file"].as_str().unwrap().ends_with(name)).cloned().unwrap()
    };
    assert_eq!((&of("deep.json")["source"], &of("deep.json")["evidence"]), (&json!("file"), &json!(1)));
    for it in &ODD {
        let found = of(it.name);
        let told = (&found["source"], &found["evidence"], &found["first"]);
        assert_eq!(told, (&json!(it.source), &json!(it.records), &json!(it.first)), "{}", it.name);
        let notes = found["not_understood"].to_string();
        assert!(it.said.iter().all(|words| notes.contains(words)), "{}: {notes}", it.name);
        assert_eq!(found["not_understood"].as_array().unwrap().is_empty(), it.said.is_empty(), "{notes}");
    }
}

/// Every piece of evidence of an incident.
async fn evidence(who: &impl Client, number: &str) -> Vec<Value> {
    let all = who.get(&format!("/api/v1/incidents/{number}/evidence?limit=200")).await.ok().value();
    all["items"].as_array().unwrap().clone()
}

testing::both! {
    async fn an_upload_keeps_what_is_odd_as_it_came(house: House) {
        let ada = house.set_up().await;
        for (n, it) in ODD.iter().enumerate() {
            let number = format!("INC-{}", n + 1);
            ada.json(Method::POST, "/api/v1/incidents", &json!({ "title": it.name })).await.is(201);
            let api = format!("/api/v1/incidents/{number}/imports");
            let outcome = ada.upload(&api, &[(it.name, it.text.as_bytes())]).await.ok().value();
            assert_eq!(outcome["added"], json!(it.records), "{}: {outcome}", it.name);
            let all = evidence(&ada, &number).await;
            assert_eq!(all.len() as u64, it.records, "{}", it.name);
            // What was not understood stands there whole, with the reason beside it.
            for piece in all.iter().filter(|piece| piece["signal"] == "not_understood") {
                let id = piece["id"].as_str().unwrap();
                let page = ada.get(&format!("/incidents/{number}/evidence/{id}")).await.ok();
                page.says("kept as it came: ");
            }
            let odd = all.iter().filter(|piece| piece["signal"] == "not_understood").count() as u64;
            assert_eq!(json!(odd), outcome["not_understood"], "{}", it.name);
            // Once more adds nothing.
            let again = ada.upload(&api, &[(it.name, it.text.as_bytes())]).await.ok().value();
            assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(it.records)), "{}", it.name);
        }
    }

    async fn a_webhook_is_never_lost_however_odd(house: House) {
        let ada = house.set_up().await;
        ada.json(Method::POST, "/api/v1/incidents", &json!({ "title": "Gates refuse tickets" })).await.is(201);
        let mut sent = 0;
        for it in ODD.iter().filter(|it| !["csv", "calendar"].contains(&it.source)) {
            let new = json!({ "source": it.source, "label": it.name });
            let made = ada.json(Method::POST, "/api/v1/webhooks", &new).await.is(201).value();
            let address = made["address"].as_str().unwrap();
            let path = &address[address.find("/hooks/").unwrap()..];
            let stranger = house.anonymous();
            stranger.send(Method::POST, path, &[("content-type", "application/json")], Body::from(it.text)).await.is(202);
            sent += 1;
        }
        run_due(&house.place.app, &Duties::default()).await.unwrap();
        let came = ada.get("/api/v1/deliveries").await.ok().value()["items"].as_array().unwrap().clone();
        assert_eq!(came.len(), sent);
        for delivery in &came {
            let (id, status) = (delivery["id"].as_str().unwrap(), delivery["status"].as_str().unwrap());
            let outcome = delivery["outcome"].as_str().unwrap();
            assert!(["done", "kept", "failed"].contains(&status) && outcome.len() > 10, "{delivery}");
            let it = ODD.iter().find(|it| delivery["label"] == it.name).unwrap();
            let page = ada.get(&format!("/settings/deliveries/{id}")).await.ok().text();
            let bare = |text: &str| text.replace("&quot;", "\"").replace("&#34;", "\"");
            assert!(bare(&page).contains(it.text), "{} is not shown as it came: {page}", it.name);
            // Whatever became of it, a person can bring it in; then it is evidence.
            let attempt = format!("/api/v1/deliveries/{id}/attempt");
            let again = ada.json(Method::POST, &attempt, &json!({ "incident": "INC-1" })).await.ok().value();
            assert_eq!(again["items"][0]["status"], "done", "{}: {again}", it.name);
        }
        let all = evidence(&ada, "INC-1").await;
        let wanted: u64 = ODD.iter().filter(|it| !["csv", "calendar"].contains(&it.source)).map(|it| it.records).sum();
        assert_eq!(all.len() as u64, wanted, "{all:?}");
    }

    async fn incidents_are_declared_from_a_file_by_the_api(house: House) {
        let ada = house.set_up().await;
        let file = json!({
            "id": "north-hall", "title": "Gates refuse tickets", "timeline": [
                { "time": "2026-11-14T05:47:00Z", "text": "Gates refuse every ticket", "kind": "observation" },
                { "time": "2026-11-14T06:10:00Z", "text": "Certificate replaced", "kind": "action" },
            ],
        });
        let text = file.to_string();
        let outcome = ada.upload("/api/v1/imports", &[("north-hall.json", text.as_bytes())]).await.ok().value();
        assert_eq!(outcome["incidents"], json!(["INC-1"]), "{outcome}");
        let incident = ada.get("/api/v1/incidents/INC-1").await.ok().value();
        assert!(incident.to_string().contains("Gates refuse tickets"), "{incident}");
        assert_eq!(evidence(&ada, "INC-1").await.len(), 2);
        // The same file again is the same incident.
        let again = ada.upload("/api/v1/imports", &[("north-hall.json", text.as_bytes())]).await.ok().value();
        assert_eq!((&again["incidents"], &again["added"]), (&json!(["INC-1"]), &json!(0)));
        // The very same as the body, without a form: known by its id, so it grows instead of becoming another one.
        let mut longer = file.clone();
        longer["timeline"].as_array_mut().unwrap().push(json!({ "time": "2026-11-14T06:20:00Z", "text": "All gates open" }));
        let grown = ada.json(Method::POST, "/api/v1/incidents", &longer).await.is(200).value();
        assert_eq!((&grown["number"], &grown["title"]), (&json!("INC-1"), &json!("Gates refuse tickets")), "{grown}");
        assert_eq!(evidence(&ada, "INC-1").await.len(), 3);
        let south = json!({ "id": "south-hall", "title": "Signs stay dark", "answers": { "detected_at": "2026-11-14T05:50:00Z" },
            "intervals": [{ "service": "Signs", "audience": "passengers", "from": "2026-11-14T05:40:00Z", "to": "2026-11-14T06:25:00Z", "affected": 40 }] });
        assert_eq!(ada.json(Method::POST, "/api/v1/incidents", &south).await.is(201).value()["number"], "INC-2");
        // Who was affected is written down as the file states it, to be corrected by people, and once.
        ada.json(Method::POST, "/api/v1/incidents", &south).await.is(200);
        let measures = ada.get("/incidents/INC-2/measures").await.ok();
        assert_eq!(measures.text().matches(">As the records that were brought in state it.<").count(), 1, "{}", measures.text());
        measures.says("passengers").says("45 min");
        // A few facts are declared as before, and what is neither says what is wrong.
        let facts = json!({ "title": "Doors stay shut" });
        assert_eq!(ada.json(Method::POST, "/api/v1/incidents", &facts).await.is(201).value()["number"], "INC-3");
        ada.json(Method::POST, "/api/v1/incidents", &json!({ "title": "x", "aura": 1 })).await.is(422).says("aura");
        let odd = json!({ "id": "odd", "timeline": 7 });
        ada.json(Method::POST, "/api/v1/incidents", &odd).await.is(422).says("Nothing was brought in");
        let reader = house.reader().await;
        reader.json(Method::POST, "/api/v1/incidents", &south).await.is(403);
        // What names no incident is refused, and so is a reader's wish.
        let loose = ada.upload("/api/v1/imports", &[("table.csv", b"time,text\n2026-11-14T05:47:00Z,hello\n")]).await;
        loose.is(422).says("name no incident");
        reader.upload("/api/v1/imports", &[("north-hall.json", text.as_bytes())]).await.is(403);
    }
}
