//! Messages of Amazon SNS: stored before they are answered as all others, and believed only with a good signature.

use super::*;
use app::{
    Outside,
    hooks::{self, Asked, Delivery, NewHook, Received, Status},
    incidents, jobs,
    outbound::Inside,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{evidence::Source, instant::Span, person::Role};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use testing::both;

const KEY: &[u8] = include_bytes!("../fixtures/sns/key.der");
const CERTIFICATE: &str = include_str!("../fixtures/sns/good.pem");
const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";

/// Where certificates are, and how often one was asked for; the first so many answers are none.
async fn amazon(broken: usize) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut line, _) = listener.accept().await.unwrap();
            let (status, body) = match count.fetch_add(1, Ordering::SeqCst) < broken {
                true => ("503 Not Now", "no"),
                false => ("200 OK", CERTIFICATE),
            };
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let mut request = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut line, &mut request).await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut line, format!("{head}{body}").as_bytes()).await;
        }
    });
    (host, asked)
}

/// An installation that asks that host instead of Amazon's.
async fn asking(place: &Installation, host: &str) -> Installation {
    let outside = Outside {
        inside: Inside::new([host.to_owned()]),
        certificates: Some(host.to_owned()),
        ..Outside::default()
    };
    place.with(outside).await
}

/// An alarm as SNS delivers it, signed with our key.
fn alarm(place: &Installation, id: &str, topic: &str) -> Value {
    let at = place.clock.now().to_string();
    let message = json!({
        "AlarmName": "Queue of gates", "NewStateValue": "ALARM", "StateChangeTime": at,
    })
    .to_string();
    let words = format!(
        "Message\n{message}\nMessageId\n{id}\nTimestamp\n{at}\nTopicArn\n{topic}\nType\nNotification\n"
    );
    let key = RsaKeyPair::from_pkcs8(KEY).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), words.as_bytes(), &mut signature).unwrap();
    json!({
        "Type": "Notification", "MessageId": id, "TopicArn": topic, "Message": message, "Timestamp": at,
        "SignatureVersion": "2", "Signature": STANDARD.encode(signature),
        "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-5d8c.pem",
    })
}

fn new(source: Source, verified: Option<bool>) -> NewHook {
    NewHook {
        source,
        label: "north hall".into(),
        secret: String::new(),
        declares: false,
        verified,
        topic: String::new(),
    }
}

fn declared() -> incidents::Declaration {
    incidents::Declaration {
        title: "Gates refuse tickets".into(),
        summary: String::new(),
        kind: domain::incident::IncidentKind::Incident,
        severity: None,
        services: vec![],
        team: None,
        declared_at: None,
    }
}

async fn send(place: &Installation, path: &str, body: &Value) {
    let body = body.to_string();
    let token = path.rsplit('/').next().unwrap();
    let address = hooks::address(&place.app, "cloudwatch", token, None).await.unwrap();
    let stored = hooks::receive(&place.app, address, vec![], body.into_bytes()).await.unwrap();
    assert_eq!(stored, Received::Stored, "accepted means stored, whatever it is");
    // Lists go by the time of arrival.
    place.clock.advance(Span::seconds(1));
}

/// What became of the newest delivery.
async fn newest(place: &Installation, who: &Actor) -> Delivery {
    let _ = jobs::run_due(&place.app, &jobs::Duties::default()).await;
    hooks::deliveries(&place.app, who, Asked::default()).await.unwrap().rows.remove(0)
}

both! {
    async fn only_what_sns_signed_becomes_evidence(place: Installation) {
        let (host, asked) = amazon(0).await;
        let place = asking(&place, &host).await;
        let ada = place.somebody("Ada", Role::Administrator).await;
        let number = incidents::declare(&place.app, &ada, declared()).await.unwrap().number;
        let path = hooks::create(&place.app, &ada, new(Source::Cloudwatch, Some(true))).await.unwrap();

        send(&place, &path, &alarm(&place, "m1", TOPIC)).await;
        let first = newest(&place, &ada).await;
        assert_eq!((first.status, first.incident), (Status::Done, Some(number)), "{first:?}");
        let hook = hooks::list(&place.app, &ada).await.unwrap().remove(0);
        assert!(hook.verified && hook.topic.as_deref() == Some(TOPIC), "the first good one says which topic");

        // Changed on the way: stored, told, and no evidence, also where somebody says where it belongs.
        let mut changed = alarm(&place, "m2", TOPIC);
        changed["Message"] = changed["Message"].as_str().unwrap().replace("gates", "doors").into();
        send(&place, &path, &changed).await;
        let refused = newest(&place, &ada).await;
        assert!(refused.status == Status::Failed && refused.outcome.contains("its signature is not good"), "{refused:?}");
        let id = domain::DeliveryId(refused.id);
        assert!(hooks::body(&place.app, &ada, id).await.unwrap().1.starts_with(b"{"), "it is kept as it came");
        hooks::try_again(&place.app, &ada, id, Some(number)).await.unwrap();
        let still = newest(&place, &ada).await;
        assert_eq!((still.status, still.incident), (Status::Failed, None), "{still:?}");

        // From a topic that the address is not for, though well signed.
        send(&place, &path, &alarm(&place, "m3", "arn:aws:sns:eu-central-1:999999999999:alarms")).await;
        let other = newest(&place, &ada).await;
        assert!(other.status == Status::Failed && other.outcome.contains("another topic"), "{other:?}");

        // Recorded, and sent again two hours later.
        let recorded = alarm(&place, "m4", TOPIC);
        place.clock.advance(Span::hours(2));
        send(&place, &path, &recorded).await;
        let late = newest(&place, &ada).await;
        assert!(late.status == Status::Failed && late.outcome.contains("too long before"), "{late:?}");

        // Without a signature at all, as an unwrapped alarm is.
        send(&place, &path, &json!({ "AlarmName": "Queue", "NewStateValue": "ALARM" })).await;
        let bare = newest(&place, &ada).await;
        assert!(bare.status == Status::Failed && bare.outcome.contains("raw message delivery"), "{bare:?}");
        // The certificate was asked for once.
        assert_eq!(asked.load(Ordering::SeqCst), 1);

        // What is not signed beside a signed message is not read.
        let mut more = alarm(&place, "m5", TOPIC);
        more["MetricAlarms"] = json!([{ "AlarmName": "Forged", "StateValue": "ALARM" }]);
        send(&place, &path, &more).await;
        assert_eq!(newest(&place, &ada).await.status, Status::Done);
        let evidence = app::evidence::list(&place.app, &ada, number, &app::evidence::Filter::default()).await.unwrap();
        let texts: Vec<_> = evidence.rows.iter().map(|row| row.evidence.evidence.text.as_str()).collect();
        assert!(texts.len() == 2 && texts.iter().all(|text| text.contains("Queue of gates")), "{texts:?}");
    }

    async fn a_certificate_that_cannot_be_had_loses_nothing(place: Installation) {
        let (host, _) = amazon(1).await;
        let place = asking(&place, &host).await;
        let ada = place.somebody("Ada", Role::Administrator).await;
        incidents::declare(&place.app, &ada, declared()).await.unwrap();
        let path = hooks::create(&place.app, &ada, new(Source::Cloudwatch, Some(true))).await.unwrap();
        send(&place, &path, &alarm(&place, "m1", TOPIC)).await;
        let waits = newest(&place, &ada).await;
        assert!(waits.status == Status::Waiting && waits.outcome.contains("the answer was 503"), "{waits:?}");
        place.clock.advance(Span::minutes(10));
        let done = newest(&place, &ada).await;
        assert_eq!(done.status, Status::Done, "{done:?}");
    }

    async fn it_is_so_where_pages_may_be_fetched_unless_somebody_says_otherwise(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let open = place.with(Outside { snapshots: true, ..Outside::default() }).await;
        for (at, source, said, verified) in [
            (&place, Source::Cloudwatch, None, false),
            (&place, Source::Cloudwatch, Some(true), true),
            (&open, Source::Cloudwatch, None, true),
            (&open, Source::Cloudwatch, Some(false), false),
            (&open, Source::Github, Some(true), false),
        ] {
            hooks::create(&at.app, &ada, new(source, said)).await.unwrap();
            place.clock.advance(Span::seconds(1));
            assert_eq!(hooks::list(&place.app, &ada).await.unwrap()[0].verified, verified, "{source:?} {said:?}");
        }
        let wrong = NewHook { topic: "alarms".into(), ..new(Source::Cloudwatch, Some(true)) };
        assert_eq!(field(hooks::create(&place.app, &ada, wrong).await), Some("topic"));
        let named = NewHook { topic: TOPIC.into(), ..new(Source::Cloudwatch, Some(true)) };
        hooks::create(&place.app, &ada, named).await.unwrap();
        assert_eq!(hooks::list(&place.app, &ada).await.unwrap()[0].topic.as_deref(), Some(TOPIC));
    }
}
