//! Webhooks: stored before they are answered, made evidence by a job, whatever comes twice or in the wrong order.

use super::*;
use app::{
    hooks::{self, Asked, Delivery, NewHook, Received, Status},
    incidents::{self, Filter},
    jobs::{self, Duties, run_due},
    sharing::{self, Choice},
};
use domain::{evidence::Source, instant::Span, person::Role};
use testing::both;

fn new(source: Source, secret: &str, declares: bool) -> NewHook {
    let label = "north hall".into();
    NewHook { source, label, secret: secret.into(), declares, verified: Some(false), topic: String::new() }
}

async fn send(place: &Installation, path: &str, body: &str) -> app::Result<Received> {
    let mut parts = path.trim_start_matches("/hooks/").split('/');
    let (source, token) = (parts.next().unwrap(), parts.next().unwrap());
    receive(place, source, token, vec![], body).await
}

async fn receive(
    place: &Installation,
    source: &str,
    token: &str,
    headers: Vec<(String, String)>,
    body: &str,
) -> app::Result<Received> {
    let address = hooks::address(&place.app, source, token, Some(body.len() as u64)).await?;
    hooks::receive(&place.app, address, headers, body.as_bytes().to_vec()).await
}

fn event(id: &str, kind: &str, at: &str) -> String {
    format!(
        r#"{{"event":{{"id":"{id}","event_type":"incident.{kind}","occurred_at":"{at}","agent":{{"type":"user_reference","summary":"Wren"}},"data":{{"id":"PINC","type":"incident","title":"Gates refuse tickets","status":"{kind}","created_at":"2026-11-14T05:45:00Z","service":{{"summary":"Gates"}}}}}}}}"#
    )
}

/// The newest deliveries.
async fn newest(place: &Installation, who: &Actor) -> Vec<Delivery> {
    hooks::deliveries(&place.app, who, Asked::default()).await.unwrap().rows
}

async fn work(place: &Installation) {
    run_due(&place.app, &Duties::default()).await.unwrap();
}

both! {
    async fn an_incident_begins_and_grows_by_webhook_in_any_order_and_twice(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let path = hooks::create(&place.app, &ada, new(Source::Pagerduty, "", true)).await.unwrap();
        let later = event("E2", "acknowledged", "2026-11-14T05:47:00Z");
        let first = event("E1", "triggered", "2026-11-14T05:45:00Z");
        for body in [&later, &first, &later, &first] {
            assert_eq!(send(&place, &path, body).await.unwrap(), Received::Stored);
            work(&place).await;
            // Lists go by the time of arrival.
            place.clock.advance(Span::seconds(1));
        }
        let all = incidents::list(&place.app, &ada, &Filter::default()).await.unwrap();
        let titles: Vec<_> = all.rows.iter().map(|row| row.incident.title.as_str()).collect();
        assert_eq!(titles, ["Gates refuse tickets"]);
        let came = newest(&place, &ada).await;
        assert!(came.iter().all(|it| it.status == Status::Done && it.attempts == 1), "{came:?}");
        assert!(came[0].outcome.starts_with("Nothing new"), "{came:?}");
        // A product that signs nothing finds its incident by the service.
        let path = hooks::create(&place.app, &ada, new(Source::Alertmanager, "", true)).await.unwrap();
        let alert = r#"{"version":"4","groupKey":"g","alerts":[{"status":"firing","labels":{"alertname":"Queue","service":"gates"},"startsAt":"2026-11-14T05:50:00Z","fingerprint":"f1"}]}"#;
        let elsewhere = alert.replace("2026-11-14", "2026-10-01").replace("f1", "f2");
        for body in [alert, &elsewhere, "{\"alerts\":7}", "no json"] {
            send(&place, &path, body).await.unwrap();
        }
        work(&place).await;
        let came = newest(&place, &ada).await;
        let of = |status| came.iter().filter(|it| it.source == Source::Alertmanager && it.status == status).count();
        assert_eq!(of(Status::Waiting), 0, "{came:?}");
        assert!(came.iter().any(|it| it.outcome.contains("a service of this incident")), "{came:?}");
        let homeless = came.iter().find(|it| it.status == Status::Kept).unwrap();
        // What belongs to no incident can be brought into one by hand.
        let number = all.rows[0].incident.number;
        let id = domain::DeliveryId(homeless.id);
        hooks::try_again(&place.app, &ada, id, Some(number)).await.unwrap();
        let came = newest(&place, &ada).await;
        let again = came.iter().find(|it| it.id == homeless.id).unwrap();
        assert_eq!((again.status, again.incident, again.attempts), (Status::Done, Some(number), 2));
    }

    async fn what_went_into_a_narrowed_incident_is_as_absent_as_that(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let bea = place.somebody("Bea", Role::Administrator).await;
        let path = hooks::create(&place.app, &ada, new(Source::Pagerduty, "", true)).await.unwrap();
        send(&place, &path, &event("E1", "triggered", "2026-11-14T05:45:00Z")).await.unwrap();
        work(&place).await;
        let number = incidents::list(&place.app, &ada, &Filter::default()).await.unwrap().rows[0].incident.number;
        let only = Choice { reason: "Names a customer".into(), people: vec![bea.person.unwrap()], ..Choice::default() };
        sharing::narrow(&place.app, &bea, number, only).await.unwrap();
        place.clock.advance(Span::seconds(1));
        // It is known by its id and goes where it belongs.
        send(&place, &path, &event("E2", "acknowledged", "2026-11-14T05:47:00Z")).await.unwrap();
        work(&place).await;
        let came = newest(&place, &bea).await;
        assert!(came.len() == 2 && came.iter().all(|it| it.incident == Some(number)), "{came:?}");
        assert_eq!(newest(&place, &ada).await, []);
        for it in &came {
            let id = domain::DeliveryId(it.id);
            assert!(hooks::body(&place.app, &bea, id).await.is_ok());
            assert!(is_absent(hooks::body(&place.app, &ada, id).await));
            assert!(is_absent(hooks::try_again(&place.app, &ada, id, None).await));
        }
        // Nobody brings a delivery into an incident that they do not see.
        let path = hooks::create(&place.app, &ada, new(Source::Github, "", false)).await.unwrap();
        send(&place, &path, "no json").await.unwrap();
        work(&place).await;
        let came = newest(&place, &ada).await;
        let [homeless] = came.as_slice() else { panic!("{came:?}") };
        let id = domain::DeliveryId(homeless.id);
        assert!(is_absent(hooks::try_again(&place.app, &ada, id, Some(number)).await));
        hooks::try_again(&place.app, &bea, id, Some(number)).await.unwrap();
        assert_eq!(newest(&place, &ada).await, []);
    }

    async fn everything_that_came_can_be_paged_through_until_it_is_old(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let alerts = hooks::create(&place.app, &ada, new(Source::Alertmanager, "", true)).await.unwrap();
        let pages = hooks::create(&place.app, &ada, new(Source::Pagerduty, "", true)).await.unwrap();
        send(&place, &pages, &event("E1", "triggered", "2026-11-14T05:45:00Z")).await.unwrap();
        for n in 0..410 {
            send(&place, &alerts, &format!("{{\"n\":{n}}}")).await.unwrap();
        }
        work(&place).await;
        // Page by page, each once, newest first.
        let (mut asked, mut sizes, mut ids) = (Asked::default(), Vec::new(), Vec::new());
        loop {
            let page = hooks::deliveries(&place.app, &ada, asked).await.unwrap();
            sizes.push(page.rows.len());
            ids.extend(page.rows.iter().map(|it| (it.received_at, it.id)));
            let Some(next) = page.next else { break };
            asked.before = Some(next.0);
        }
        assert_eq!(sizes, [200, 200, 11]);
        assert!(ids.is_sorted_by(|a, b| a > b), "newest first, none twice");
        let only = |source, status| Asked { source, status, ..Asked::default() };
        for (asked, rows) in [
            (only(Some(Source::Pagerduty), None), 1),
            (only(Some(Source::Pagerduty), Some(Status::Kept)), 0),
            (only(Some(Source::Github), None), 0),
            (only(None, Some(Status::Waiting)), 0),
            (Asked { id: Some(ids[300].1), ..Asked::default() }, 1),
        ] {
            assert_eq!(hooks::deliveries(&place.app, &ada, asked).await.unwrap().rows.len(), rows, "{asked:?}");
        }
        let number = incidents::list(&place.app, &ada, &Filter::default()).await.unwrap().rows[0].incident.number;
        let pieces = async || incidents::show(&place.app, &ada, number).await.unwrap().evidence;
        // What is old goes, except what still waits to be read; evidence stays. Without a limit nothing goes.
        place.clock.advance(Span::days(91));
        send(&place, &alerts, "{}").await.unwrap();
        work(&place).await;
        let before = pieces().await;
        let db = store::Db::open(place.database_url()).await.unwrap();
        for (kept, left) in [(None, 200), (Some(Span::days(92)), 200), (Some(Span::days(90)), 1)] {
            let mut tx = db.write().await.unwrap();
            jobs::enqueue(&place.app, &mut tx, &jobs::Job::TidyUp).await.unwrap();
            tx.commit().await.unwrap();
            run_due(&place.app, &Duties { deliveries_kept: kept, ..Duties::default() }).await.unwrap();
            assert_eq!(newest(&place, &ada).await.len(), left, "{kept:?}");
            place.clock.advance(Span::hours(2));
        }
        db.close().await;
        assert_eq!(pieces().await, before);
        assert!(!before.is_empty());
    }

    async fn a_storm_is_slowed_down_and_nothing_of_it_is_lost(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let path = hooks::create(&place.app, &ada, new(Source::Alertmanager, "", false)).await.unwrap();
        let large = format!(r#"{{"alerts":[],"padding":"{}"}}"#, "x".repeat(24 << 20));
        let mut stored = 0;
        let refused = loop {
            match send(&place, &path, &large).await {
                Ok(Received::Stored) => stored += 1,
                other => break other,
            }
        };
        assert!(matches!(refused, Err(Error::Slowed { .. })), "{refused:?}");
        assert!((8..12).contains(&stored), "{stored}");
        assert_eq!(newest(&place, &ada).await.len(), stored);
        place.clock.advance(Span::minutes(1));
        assert_eq!(send(&place, &path, "{}").await.unwrap(), Received::Stored);
        let token = path.rsplit('/').next().unwrap();
        let more = hooks::address(&place.app, "alertmanager", token, Some(26 << 20)).await;
        assert_eq!(field(more.map(drop)), Some("body"));
    }

    async fn only_good_addresses_and_signatures_are_accepted(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let wren = place.somebody("Wren", Role::Member).await;
        assert!(is_forbidden(hooks::create(&place.app, &wren, new(Source::Github, "", true)).await));
        assert!(is_forbidden(hooks::list(&place.app, &wren).await));
        let path = hooks::create(&place.app, &ada, new(Source::Alertmanager, "lantern", true)).await.unwrap();
        assert!(is_forbidden(send(&place, &path, "{}").await));
        let token = path.rsplit('/').next().unwrap();
        let signed = || vec![("authorization".to_owned(), "Bearer lantern".to_owned())];
        let good = receive(&place, "alertmanager", token, signed(), "{}").await;
        assert_eq!(good.unwrap(), Received::Stored);
        assert!(is_absent(receive(&place, "github", token, signed(), "{}").await));
        assert!(is_absent(send(&place, "/hooks/github/hook_x", "{}").await));
        let id = domain::HookId(hooks::list(&place.app, &ada).await.unwrap()[0].id);
        let other = hooks::rotate(&place.app, &ada, id).await.unwrap();
        assert!(is_absent(receive(&place, "alertmanager", token, signed(), "{}").await));
        assert!(is_forbidden(send(&place, &other, "{}").await), "the secret stays");
        hooks::revoke(&place.app, &ada, id).await.unwrap();
        assert!(is_absent(send(&place, &other, "{}").await));
        assert!(is_absent(hooks::revoke(&place.app, &ada, id).await));
        // Slack asks whether somebody is there.
        let path = hooks::create(&place.app, &ada, new(Source::Slack, "", false)).await.unwrap();
        let asked = r#"{"type":"url_verification","challenge":"3eZbrw1a"}"#;
        assert_eq!(send(&place, &path, asked).await.unwrap(), Received::Challenge("3eZbrw1a".into()));
    }
}
