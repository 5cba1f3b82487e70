//! Files that arrive, and files that do not.

use crate::client::{nobody, service, somebody};
use domain::person::Role;
use testing::{Installation, everywhere};

/// One PagerDuty incident in the shape of its REST API, with invented content.
const EXPORT: &[u8] = br##"{"incidents": [{
  "id": "PLARK1", "type": "incident", "incident_number": 7, "title": "Gates refuse valid tickets",
  "created_at": "2026-11-14T04:47:00Z", "status": "resolved", "urgency": "high",
  "service": {"id": "PSVC1", "type": "service_reference", "summary": "Station gates"},
  "html_url": "https://larkfare.pagerduty.example/incidents/PLARK1"
}]}"##;

everywhere! {
    async fn files_are_looked_at_before_anything_comes_in(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Member).await;
        let answer = client.upload("/imports", &[("incidents.json", EXPORT)]).await.expect(303);
        let address = answer.header("location").to_owned();
        let page = client.get(&address).await.expect(200).has("Gates refuse valid tickets").has("incidents.json");
        assert!(page.text.contains("value=\"PLARK1\" checked"), "{}", page.text);
        client.post(&address, "source=pagerduty").await.expect(422).has("Nothing is ticked");
        client.post(&address, "source=pagerduty&pick=PLARK1&incident=seven").await.expect(422).has("looks like INC-12");
        client.get("/api/v1/incidents").await.expect(200).has("\"total\":0");

        client.post(&address, "source=pagerduty&pick=PLARK1&incident=").await.leads_to(&address);
        let part = format!("{address}/progress");
        for _ in 0..2000 {
            let answer = client.with("hx-request", "true").get(&part).await.expect(200);
            assert!(!answer.text.contains("<html"), "a part of the page is enough");
            if !answer.text.contains("data-ask") {
                answer.has("It is in").has("/incidents/INC-1");
                break;
            }
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        client.get(&address).await.expect(200).has("It is in");
        client.get("/api/v1/incidents").await.expect(200).has("\"total\":1");
    }

    async fn what_cannot_be_read_changes_nothing(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Member).await;
        client.upload("/imports", &[]).await.expect(422).has("No file was chosen");
        client.upload("/imports", &[("odd.json", b"{\"incidents\": [")]).await.expect(422).has("odd.json");
        client.upload("/imports", &[("slack.zip", b"PK\x03\x04 and no more")]).await.expect(422).has("slack.zip");
        client.get("/api/v1/incidents").await.expect(200).has("\"total\":0");
    }

    async fn one_request_is_enough_for_a_script(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Member).await;
        client.post("/incidents", "title=Gates&kind=incident").await.expect(303);
        let first = client.upload("/api/v1/incidents/INC-1/imports", &[("incidents.json", EXPORT)]).await.expect(200).json();
        assert!(first["added"].as_i64().is_some_and(|added| added > 0), "{first}");
        let again = client.upload("/api/v1/incidents/INC-1/imports", &[("incidents.json", EXPORT)]).await.expect(200).json();
        assert_eq!((&again["added"], &again["known"]), (&serde_json::json!(0), &first["added"]));
    }

    async fn too_much_is_refused_and_removed(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Member).await;
        let settings = web::Settings { upload_limit: 1 << 20, ..web::Settings::new(None) };
        let small = client.of(service(&place, &settings));
        let large = vec![b' '; (1 << 20) + 1];
        small.upload("/imports", &[("a.json", &large[..1000]), ("b.json", &large)]).await.expect(422).has("larger than 1 MiB");
        nobody(&place).upload("/imports", &[("a.json", EXPORT)]).await.leads_to("/sign-in");
    }
}
