//! Incident files in the documented shape.

use super::*;
use domain::timeline::Precision;

const FERRY: &str = r#"{
  "id": "ferry-7", "title": "Ferries sold twice", "severity": 2, "services": ["Booking"],
  "sources": [{"id": "blog", "url": "https://larkfare.example/ferry"}],
  "timeline": [
    {"n": 2, "time": "2026-05-02T09:10:00Z", "precision": "approximate", "kind": "impact-start", "text": "Two families, one cabin", "source": "blog"},
    {"n": 1, "time": "2026-05-02T09:00:00+00:00", "kind": "trigger", "text": "A new cache", "actor": "Deploys", "actor_kind": "system"},
    {"n": 3, "time": "soon", "text": "never"},
    {"n": 4, "time": "2026-05-02T09:40:00Z", "kind": "odd", "text": "Cache off"}
  ],
  "answers": {
    "impact_start": "2026-05-02T09:10:00Z", "detected_at": "2026-05-02T09:20:00Z", "mitigated_at": "2026-05-02T09:40:00Z",
    "detected_by": "customer", "resolved_at": null, "permanent_fix_deployed_at": "2026-05-03T09:40:00Z",
    "stated_durations": [{"what": "impact", "quote": "half an hour", "minutes": 30}]
  },
  "intervals": [
    {"service": "Booking", "audience": "Passengers", "from": "2026-05-02T09:10:00Z", "to": "2026-05-02T09:40:00Z", "share": 0.25, "affected": 40, "degree": "full"},
    {"service": "Booking", "from": "2026-05-02T09:10:00Z", "to": "2026-05-02T09:00:00Z"}
  ]
}"#;

#[test]
fn a_file_is_read_with_what_it_leaves_open() {
    let [incident] = read("ferry.json", FERRY.as_bytes()).unwrap().try_into().unwrap();
    let order: Vec<_> = incident.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(order, ["n1", "n2", "n4"]);
    assert_eq!(incident.events[1].url.as_deref(), Some("https://larkfare.example/ferry"));
    assert_eq!(incident.events[0].actor.as_ref().map(|it| it.kind), Some(ActorKind::System));
    let places: Vec<_> = incident.not_understood.iter().map(|it| it.place.as_str()).collect();
    assert_eq!(places, ["event 3", "interval 2"]);
    // How exactly the start is known is said by its event, the others by their digits.
    assert_eq!(incident.stated[&KeyInstant::ImpactStart].precision, Precision::FiveMinutes);
    assert_eq!(incident.stated[&KeyInstant::Detected].precision, Precision::Minute);
    assert!(!incident.stated.contains_key(&KeyInstant::Resolved));
    assert_eq!(incident.event_of(KeyInstant::Mitigated).map(|it| it.text.as_str()), Some("Cache off"));
    assert_eq!(incident.event_of(KeyInstant::Detected), None);
    assert_eq!(incident.detected_by, Some(DetectedBy::Customer));
    assert_eq!(incident.intervals[0].share, Some(2_500));
    assert_eq!(incident.durations[0].span, Some(Span::minutes(30)));
}

#[test]
fn other_json_is_refused_and_several_incidents_are_read() {
    assert!(read("a.json", br#"{"messages": []}"#).is_err());
    assert!(read("a.json", b"").is_err());
    assert!(read("a.json", b"[]").is_err());
    let two = read(
        "a.jsonl",
        b"{\"id\":\"a\",\"key_events\":{\"repaired\":\"2020-01-01T10:00\"}}\n{\"id\":\"b\",\"timeline\":[]}",
    );
    let two = two.unwrap();
    assert_eq!((two.len(), two[0].zone_taken_for_granted), (2, true));
    assert!(two[0].stated.contains_key(&KeyInstant::Mitigated));
}

#[test]
fn odd_members_are_left_out() {
    let odd = br#"{"id": 7, "title": ["x"], "severity": 9, "timeline": [1, null, {}], "answers": {"detected_at": "noon"}, "sources": 3}"#;
    let [incident] = read("odd.json", odd).unwrap().try_into().unwrap();
    assert_eq!((incident.title, incident.severity, incident.events.len()), (None, None, 0));
    assert_eq!(incident.not_understood.len(), 5, "{:?}", incident.not_understood);
}
