//! Files of on-calls in the shapes of the public APIs, with invented names.

use super::*;
use serde_json::{Value, json};

fn file(value: &Value) -> NamedBytes {
    NamedBytes { name: "on-call.json".into(), bytes: value.to_string().into_bytes() }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

#[test]
fn on_calls_of_pagerduty_by_schedule_or_policy() {
    let on_calls = json!({ "oncalls": [
        { "user": { "id": "PU1", "summary": "Wren Okafor" }, "schedule": { "id": "PS1", "summary": "Gates, days" },
          "escalation_policy": { "id": "PE1", "summary": "Gates" }, "escalation_level": 1,
          "start": "2026-11-10T09:00:00+01:00", "end": "2026-11-17T09:00:00+01:00" },
        { "user": { "id": "PU2", "name": "Noor Vos", "email": "noor.vos@larkfare.example" }, "schedule": null,
          "escalation_policy": { "id": "PE1", "summary": "Gates" }, "escalation_level": 2, "start": null, "end": null },
        { "user": null, "schedule": null, "escalation_policy": null, "start": null, "end": null }
    ], "limit": 25, "more": false });
    let rotas = read(&file(&on_calls)).unwrap();
    assert_eq!(rotas.len(), 2);
    let (policy, schedule) = (&rotas[0], &rotas[1]);
    assert_eq!((schedule.id.as_str(), schedule.name.as_str()), ("PS1", "Gates, days"));
    let stretch = &schedule.stretches[0];
    assert_eq!((stretch.name.as_str(), stretch.level), ("Wren Okafor", 1));
    assert_eq!((stretch.from, stretch.to), (at("2026-11-10T08:00:00Z"), Some(at("2026-11-17T08:00:00Z"))));
    assert_eq!(schedule.range, (stretch.from, stretch.to.unwrap()));
    let always = &policy.stretches[0];
    assert_eq!((policy.id.as_str(), always.level, always.from, always.to), ("PE1", 2, ALWAYS, None));
    assert_eq!(always.email.as_deref(), Some("noor.vos@larkfare.example"));
}

#[test]
fn a_schedule_of_pagerduty_by_its_final_entries() {
    let schedule = json!({ "schedule": { "id": "PS1", "name": "Gates", "time_zone": "Europe/Lisbon",
        "schedule_layers": [{ "rendered_schedule_entries": [{ "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z", "user": { "summary": "Not the final one" } }] }],
        "final_schedule": { "name": "Final Schedule", "rendered_schedule_entries": [
            { "start": "2026-11-10T00:00:00Z", "end": "2026-11-11T00:00:00Z", "user": { "id": "PU1", "summary": "Wren Okafor" } },
            { "start": "2026-11-11T00:00:00Z", "end": "2026-11-12T00:00:00Z", "user": { "id": "PU2", "summary": "Noor\nVos" } }
        ] } } });
    let rotas = read(&file(&schedule)).unwrap();
    let names: Vec<_> = rotas[0].stretches.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((rotas.len(), names), (1, vec!["Wren Okafor", "Noor Vos"]));
    assert_eq!(rotas[0].range, (at("2026-11-10T00:00:00Z"), at("2026-11-12T00:00:00Z")));
    // Two pages joined are one schedule.
    let twice = [file(&schedule).bytes, b"\n".to_vec(), file(&schedule).bytes].concat();
    let joined = read(&NamedBytes { name: "pages.json".into(), bytes: twice }).unwrap();
    assert_eq!((joined.len(), joined[0].stretches.len()), (1, 4));
}

#[test]
fn a_timeline_of_opsgenie_by_its_people() {
    let timeline = json!({ "data": {
        "_parent": { "id": "6c1b", "name": "Boards", "enabled": true },
        "startDate": "2026-11-09T00:00:00Z", "endDate": "2026-11-16T00:00:00Z",
        "finalTimeline": { "rotations": [{ "id": "r1", "name": "Days", "order": 1.0, "periods": [
            { "startDate": "2026-11-10T00:00:00Z", "endDate": "2026-11-12T00:00:00Z", "type": "historical",
              "recipient": { "id": "u1", "type": "user", "name": "wren.okafor@larkfare.example" },
              "flattenedRecipients": [{ "id": "u1", "type": "user", "name": "wren.okafor@larkfare.example" }] },
            { "startDate": "2026-11-12T00:00:00Z", "endDate": "2026-11-13T00:00:00Z", "type": "default",
              "recipient": { "id": "t1", "type": "team", "name": "Boards" } } ] }] },
        "baseTimeline": { "rotations": [] }
    }, "took": 0.1, "requestId": "x" });
    let rotas = read(&file(&timeline)).unwrap();
    assert_eq!(
        (rotas[0].source, rotas[0].id.as_str(), rotas[0].name.as_str()),
        ("opsgenie", "6c1b", "Boards")
    );
    assert_eq!(rotas[0].stretches.len(), 1, "a team is nobody");
    assert_eq!(rotas[0].stretches[0].email.as_deref(), Some("wren.okafor@larkfare.example"));
    assert_eq!(
        rotas[0].range,
        (at("2026-11-09T00:00:00Z"), at("2026-11-16T00:00:00Z")),
        "the file says how far it goes"
    );
}

#[test]
fn what_is_something_else_is_refused_with_its_reason() {
    let said = |value: Value| read(&file(&value)).unwrap_err().to_string();
    assert!(said(json!({ "incident": {} })).contains("nobody is on call in it"));
    assert!(said(json!([])).contains("this is no file of on-calls"));
    assert!(said(json!({ "oncalls": 7 })).contains("this is no file of on-calls"));
    assert!(said(json!({ "data": { "finalTimeline": { "rotations": [] } } })).contains("of which schedule"));
    let late = json!({ "oncalls": [{ "user": { "summary": "Wren" }, "schedule": { "id": "P" }, "start": "soon", "end": null }] });
    assert!(said(late).contains("on-call 1: “soon” is no time"));
    let empty =
        json!({ "schedule": { "id": "P", "name": "Gates", "final_schedule": { "name": "Final Schedule" } } });
    assert!(said(empty).contains("since and until"));
    assert!(read(&NamedBytes { name: "a".into(), bytes: b"{".to_vec() }).is_err());
    assert!(read(&NamedBytes { name: "a".into(), bytes: b"\xff".to_vec() }).is_err());
}
