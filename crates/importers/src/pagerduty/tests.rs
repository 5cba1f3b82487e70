use super::*;
use domain::evidence::Signal;
use proptest::prelude::*;

const INCIDENT: &str = include_str!("../../fixtures/pagerduty/incident.json");
const LOG: &str = include_str!("../../fixtures/pagerduty/log_entries.json");
const NOTES: &str = include_str!("../../fixtures/pagerduty/notes.json");
const ALERTS: &str = include_str!("../../fixtures/pagerduty/alerts.json");

fn file(name: &str, text: &str) -> NamedBytes {
    NamedBytes { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn one(texts: &[&str]) -> PagerdutyExport {
    let files: Vec<_> = texts.iter().map(|text| file("export.json", text)).collect();
    read(&files).unwrap()
}

#[test]
fn every_type_of_log_entry_becomes_a_sentence() {
    let export = one(&[INCIDENT, LOG]);
    assert_eq!(export.not_understood, []);
    let said: Vec<_> = export.incidents[0].evidence.iter().map(|it| (it.signal, it.text.as_str())).collect();
    let expected = [
        (Signal::Triggered, "Triggered: Checkout error rate above 5%"),
        (Signal::Assigned, "Assigned to Ada Lindqvist"),
        (Signal::Notified, "Ada Lindqvist was notified by push"),
        (Signal::Escalated, "Escalated to Ben Okafor after a timeout"),
        (Signal::Escalated, "The end of the escalation path was reached"),
        (Signal::Escalated, "The escalation path started again"),
        (Signal::Changed, "The limit of triggers was reached"),
        (Signal::Acknowledged, "Acknowledged by Ben Okafor"),
        (Signal::Note, "Decision: roll back to v411"),
        (Signal::Assigned, "Delegated to Ada Lindqvist by Ben Okafor"),
        (Signal::Changed, "Urgency changed to high by Ben Okafor"),
        (Signal::Changed, "priority: P2 → P1 by Ben Okafor"),
        (Signal::Changed, "Updated region to eu-west by Ben Okafor"),
        (Signal::Snoozed, "Snoozed by Ada Lindqvist until 2026-11-14T06:42:00Z"),
        (Signal::Unacknowledged, "The acknowledgement ran out"),
        (Signal::Changed, "The limit of acknowledgements was reached"),
        (Signal::Resolved, "Resolved by Ada Lindqvist"),
    ];
    assert_eq!(said, expected);
}

#[test]
fn the_incident_is_told_by_all_files_together() {
    let export = one(&[ALERTS, NOTES, LOG, INCIDENT]);
    let [incident] = export.incidents.as_slice() else { panic!("one incident expected") };
    assert_eq!((incident.number, incident.severity.map(Severity::level)), (Some(412), Some(2)));
    assert_eq!(incident.title.as_deref(), Some("Checkout error rate above 5%"));
    assert_eq!(incident.services, ["checkout"]);
    assert_eq!(incident.teams, ["Payments"]);
    assert_eq!(incident.responders, ["Ada Lindqvist", "Ben Okafor"]);
    let count = |signal| incident.evidence.iter().filter(|it| it.signal == signal).count();
    assert_eq!(count(Signal::Note), 2, "the note that is also a log entry counts once");
    assert_eq!((count(Signal::AlertFired), count(Signal::AlertCleared)), (1, 1));
    assert!(incident.evidence.iter().is_sorted_by_key(|it| it.at));
    let told = incident.evidence.iter().find(|it| it.text == "Support has been told.").unwrap();
    assert_eq!(told.at.to_string(), "2026-11-14T06:10:00Z", "another zone is the same instant");
    assert!(NOTES.contains(&told.raw), "the raw form is as received");
}

#[test]
fn shapes_are_known_by_their_content() {
    let entries: serde_json::Value = serde_json::from_str(LOG).unwrap();
    let bare = entries["log_entries"].to_string();
    let lines: String =
        entries["log_entries"].as_array().unwrap().iter().map(|it| format!("{it}\n")).collect();
    for text in [LOG.to_owned(), bare, lines, format!("{LOG}{LOG}"), format!("[{LOG},{NOTES}]")] {
        let export = one(&[&text]);
        assert_eq!(export.incidents.len(), 1);
        assert!(export.incidents[0].evidence.len() >= 17, "{}", text.len());
    }
    let alone = one(&[INCIDENT]);
    let signals: Vec<_> = alone.incidents[0].evidence.iter().map(|it| it.signal).collect();
    assert_eq!(signals, [Signal::Triggered, Signal::Resolved], "the incident itself tells its course");
}

#[test]
fn what_is_not_understood_is_kept() {
    let text = r#"{"log_entries":[{"id":"R1","type":"telepathy_log_entry","created_at":"2026-11-14T05:47:00Z",
        "incident":{"id":"Q1"}}, 7, {"id":"R2","type":"resolve_log_entry","created_at":"soon","incident":{"id":"Q1"}}]}"#;
    let export = one(&[text]);
    let evidence: Vec<_> = export.incidents[0].evidence.iter().map(|it| it.signal).collect();
    assert_eq!(evidence, [Signal::NotUnderstood; 3]);
    let reasons: Vec<_> =
        export.not_understood.iter().map(|it| (it.place.as_str(), it.reason.as_str())).collect();
    assert_eq!(
        reasons[0],
        ("log_entries, record 1", "“telepathy_log_entry” is not a known type of log entry")
    );
    assert_eq!(reasons[2], ("log_entries, record 3", "the log entry has no time that can be read"));
}

#[test]
fn a_line_that_broke_off_does_not_spoil_the_others() {
    let entries: serde_json::Value = serde_json::from_str(LOG).unwrap();
    let lines: String =
        entries["log_entries"].as_array().unwrap().iter().map(|it| format!("{it}\n")).collect();
    let export = one(&[&lines[..lines.len() - 40]]);
    let [problem] = export.not_understood.as_slice() else { panic!("{:?}", export.not_understood) };
    assert_eq!((problem.place.as_str(), problem.reason.as_str()), ("line 17", "the line is not JSON"));
    let evidence = &export.incidents[0].evidence;
    assert_eq!(evidence.len(), 17, "what broke off is kept as it came");
    assert_eq!(evidence.iter().filter(|it| it.signal == Signal::NotUnderstood).count(), 1);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    for (bytes, sentence) in [
        (&b"{\"log_entries\": [\n{]}"[..], "line 2, column 2 is not JSON"),
        (b"{\"notes\": [\"\xff\"]}", "byte 12 on line 1 is not UTF-8 text"),
        (b"", "there are no PagerDuty incidents"),
        (b"{\"users\": []}", "there are no PagerDuty incidents"),
        (b"null", "there are no PagerDuty incidents"),
    ] {
        let error =
            read(&[NamedBytes { name: "a.json".to_owned(), bytes: bytes.to_vec() }]).unwrap_err().to_string();
        assert!(error.starts_with("a.json: ") && error.contains(sentence), "{error}");
        assert!(error.ends_with("Nothing was brought in."), "{error}");
    }
}

/// Another product's webhook also has `alerts`; nothing of it is taken for PagerDuty's.
#[test]
fn alerts_of_other_products_are_refused() {
    let webhook = r#"{"version":"4","status":"firing","alerts":[
        {"status":"firing","labels":{"alertname":"HighLatency"},"startsAt":"2026-11-14T05:47:00Z"}]}"#;
    let refused = read(&[file("webhook.json", webhook)]).unwrap_err().to_string();
    assert!(refused.starts_with("webhook.json: there are no PagerDuty incidents"), "{refused}");
}

#[test]
fn only_names_of_priorities_that_say_so_give_a_severity() {
    for (name, level) in [
        ("P1", Some(1)),
        ("SEV-2", Some(2)),
        ("sev3", Some(3)),
        ("Severity 4", Some(4)),
        ("P5", None),
        ("High", None),
        ("Payments", None),
        ("", None),
    ] {
        assert_eq!(severity(name).map(Severity::level), level, "{name}");
    }
}

proptest! {
    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        crate::fuzz::pagerduty(&bytes);
    }

    #[test]
    fn damaged_files_do_no_harm(cut in 0usize..12_000, at in 0usize..12_000, byte: u8) {
        for text in [INCIDENT, LOG, NOTES, ALERTS] {
            let mut bytes = text.as_bytes().to_vec();
            if let Some(it) = bytes.get_mut(at % text.len()) {
                *it = byte;
            }
            crate::fuzz::pagerduty(&bytes);
            bytes.truncate(cut % text.len());
            crate::fuzz::pagerduty(&bytes);
        }
    }
}
