//! Messages that were signed elsewhere (openssl) with a key that is for these tests alone.

use super::*;
use serde_json::{Value, json};

const GOOD: &[u8] = include_bytes!("../../tests/fixtures/sns/good.pem");
const OLD: &[u8] = include_bytes!("../../tests/fixtures/sns/old.pem");
const OTHER: &[u8] = include_bytes!("../../tests/fixtures/sns/other.pem");

/// Over a notification, with SHA-1.
const FIRST: &str = "p7sPt5KnI4cMRRzBxZrBrC5mrTEZzXGgFQy6q+7eTFC9VRjsAWozmrxTRliITk8zD+NyZT4taBcIRr6kPWfJO4XSQudX5TnFQ4Gf9fdlnYQhJ/c+bYgmwOldc4VXED4GL+AtWfh6Nd8ePl7Deg5ZxQuKwwV8F8tK5AO+BPIuzjhazixV7oH8bZi2gXM7W9KHOYDq7AmFAiNgGPEswPnv8hnPUw5C4GLWTceVd3g63zp52HKU3ETI69yx9mIF2MoJnZoI59tfubNZcndPnSNPXa3RVxlcuE6mteBDDkkt7sow5XppRC2nLcS1eH23kwsdzH1Fq2dO4/p/nS615dF14Q==";
/// Over a confirmation, with SHA-256.
const SECOND: &str = "FpCkhRAFfuexgXFz/alh4EuRvKMNF6IQ3xfSrZ2xycSm/0o2ki7tbQmcwNMTMGuBywbJyv9uSmcewCpkHWbCrUwjFeDbUY1OsOb9hWGTexSnduo1KkSAN0U5JXTKpG5FmnTiUxyuNFI0re/e7VJoefb152EzcAM+rtPiFxgDbp0+aDwU/MECrfY1+w5otAvZsewALKvXkDPhsAXFPK2DDItM/Oo3+nywTVuz1LewrU+OUma5ov9BqQAgxiczw4c8k7PtVFqOitRXtEePAVaaHMDAwJUeOFH6/B9qxRmWf8Z/ErbO8K9xCupoF9yPUwUxjVHnyOeVcVJ33b63Rt+dIA==";

fn notification() -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "5d8c-1",
        "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
        "Subject": "ALARM",
        "Message": "{\"AlarmName\":\"Queue of gates\"}",
        "Timestamp": "2026-11-14T05:47:00.000Z",
        "SignatureVersion": "1",
        "Signature": FIRST,
        "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-5d8c.pem",
        "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
    })
}

fn confirmation() -> Value {
    json!({
        "Type": "SubscriptionConfirmation",
        "MessageId": "5d8c-2",
        "Token": "t0",
        "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
        "Message": "You have chosen to subscribe",
        "SubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
        "Timestamp": "2026-11-14T05:47:00.000Z",
        "SignatureVersion": "2",
        "Signature": SECOND,
        "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-5d8c.pem",
    })
}

fn checked(message: &Value, pem: &[u8], received_at: &str) -> Result<(), Doubt> {
    let message = Message::read(message.to_string().as_bytes())?;
    message.check(&message.certificate()?, pem, received_at.parse().unwrap())
}

const SOON: &str = "2026-11-14T05:47:02Z";

#[test]
fn both_versions_and_both_forms_are_believed() {
    assert_eq!(checked(&notification(), GOOD, SOON), Ok(()));
    assert_eq!(checked(&confirmation(), GOOD, SOON), Ok(()));
    // Sent again for a while, as SNS does; and a clock may be a little behind.
    assert_eq!(checked(&notification(), GOOD, "2026-11-14T06:46:59Z"), Ok(()));
    assert_eq!(checked(&notification(), GOOD, "2026-11-14T05:43:00Z"), Ok(()));
}

#[test]
fn whatever_is_changed_is_doubted() {
    let changes = [
        ("Message", "{\"AlarmName\":\"Another\"}"),
        ("MessageId", "5d8c-9"),
        ("TopicArn", "arn:aws:sns:eu-central-1:999999999999:alarms"),
        ("Subject", "OK"),
        ("Timestamp", "2026-11-14T05:47:01.000Z"),
        ("Type", "UnsubscribeConfirmation"),
        ("Signature", SECOND),
        ("Signature", "not base64!"),
        ("SignatureVersion", "2"),
        ("SignatureVersion", "3"),
    ];
    for (field, value) in changes {
        let mut message = notification();
        message[field] = value.into();
        assert!(checked(&message, GOOD, SOON).is_err(), "{field}");
    }
    for (field, value) in [("Token", "t1"), ("SubscribeURL", "https://larkfare.example/")] {
        let mut message = confirmation();
        message[field] = value.into();
        assert!(checked(&message, GOOD, SOON).is_err(), "{field}");
    }
    let mut bare = notification();
    bare.as_object_mut().unwrap().remove("Subject");
    assert_eq!(checked(&bare, GOOD, SOON), Err("its signature is not good"));
    // The same field twice: whoever reads it next might take the other one.
    let twice = notification().to_string().replacen('{', "{\"Message\":\"{}\",", 1);
    assert!(Message::read(twice.as_bytes()).is_err());
    assert!(Message::read(br#"{"AlarmName":"Queue"}"#).is_err() && Message::read(b"no json").is_err());
}

#[test]
fn what_was_recorded_is_not_believed_later() {
    for at in ["2026-11-14T06:47:01Z", "2026-11-15T05:47:00Z", "2026-11-14T05:41:59Z"] {
        let refused = checked(&notification(), GOOD, at).unwrap_err();
        assert!(refused.contains("too long before"), "{refused}");
    }
}

#[test]
fn only_a_good_certificate_of_sns_counts() {
    let refused = |pem: &[u8]| checked(&notification(), pem, SOON).unwrap_err();
    assert!(refused(OLD).contains("not good at that time"));
    assert!(refused(OTHER).contains("not one of SNS"));
    assert!(refused(b"").contains("cannot be read") && refused(b"<html>").contains("cannot be read"));
    // One above it that leads to nobody who is trusted is worse than none.
    assert!(refused(&[GOOD, OTHER].concat()).contains("trusted"));
}

#[test]
fn certificates_are_at_amazon_only() {
    for url in [
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-a1.pem",
    ] {
        assert!(place(url).is_some(), "{url}");
    }
    for url in [
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-a1.pem",
        "https://a@sns.eu-central-1.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-a1.pem?b",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-../a1.pem",
        "https://sns.eu-central-1.amazonaws.com/bucket/a1.pem",
        "https://sns.eu-central-1.amazonaws.com.larkfare.example/SimpleNotificationService-a1.pem",
        "https://sns.a.b.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://sns.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://bucket.s3.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://127.0.0.1/SimpleNotificationService-a1.pem",
        "nonsense",
    ] {
        assert!(place(url).is_none(), "{url}");
    }
}
