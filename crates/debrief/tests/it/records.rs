//! Exports as PagerDuty and Slack write them, about an invented company.

use domain::{Instant, instant::Span};
use serde_json::{Value, json};
use std::io::Write as _;

/// When the gates began to refuse.
pub const START: &str = "2026-11-14T05:47:00Z";

/// So many seconds after it.
pub fn at(seconds: i64) -> Instant {
    START.parse::<Instant>().unwrap().plus(Span::seconds(seconds))
}

/// One line of PagerDuty's log.
pub fn entry(incident: &str, kind: &str, seconds: i64, rest: &Value) -> Value {
    let mut entry = json!({
        "id": format!("R{incident}{kind}{seconds}"), "type": format!("{kind}_log_entry"),
        "created_at": at(seconds).to_string(), "incident": { "id": incident },
        "agent": { "id": "PUSER1", "type": "user_reference", "summary": "Wren Okafor" },
    });
    for (key, value) in rest.as_object().unwrap() {
        entry[key] = value.clone();
    }
    entry
}

/// A note in PagerDuty.
pub fn note(incident: &str, seconds: i64, text: &str) -> Value {
    entry(incident, "annotate", seconds, &json!({ "channel": { "type": "note", "summary": text } }))
}

/// An incident that is still going on, with these lines besides its beginning.
pub fn open_incident(id: &str, title: &str, more: Vec<Value>) -> Value {
    let service = json!({
        "agent": { "id": "PSERV1", "type": "service_reference", "summary": "Ticket gates" },
        "channel": { "type": "api", "summary": title },
    });
    let mut entries = vec![
        entry(id, "trigger", 0, &service),
        entry(id, "notify", 5, &json!({ "user": { "id": "PUSER1", "summary": "Wren Okafor" } })),
        entry(id, "acknowledge", 90, &json!({})),
    ];
    entries.extend(more);
    json!({
        "incidents": [{
            "id": id, "type": "incident", "title": title, "status": "acknowledged",
            "created_at": at(0).to_string(), "html_url": "https://larkfare.example/incidents/1",
            "service": { "id": "PSERV1", "summary": "Ticket gates" }, "priority": { "summary": "P2" },
            "teams": [{ "id": "PTEAM1", "summary": "Gates" }],
        }],
        "log_entries": entries,
    })
}

/// The same after it ended two hours later.
pub fn over(mut export: Value) -> Value {
    let id = export["incidents"][0]["id"].as_str().unwrap().to_owned();
    export["incidents"][0]["status"] = "resolved".into();
    export["incidents"][0]["resolved_at"] = at(7_200).to_string().into();
    export["log_entries"].as_array_mut().unwrap().push(entry(&id, "resolve", 7_200, &json!({})));
    export
}

/// The usual export: gates that refuse tickets, with as many notes as asked for.
pub fn gates(id: &str, notes: i64) -> Value {
    let notes = (0..notes).map(|n| note(id, 120 + n, &format!("Éclair note_{n}: 50% of the gates refuse")));
    open_incident(id, &format!("Gates refuse tickets {id}"), notes.collect())
}

/// A message of the channel.
pub fn message(seconds: i64, user: &str, text: &str) -> Value {
    let seconds = at(seconds).as_micros() / 1_000_000;
    json!({ "type": "message", "user": user, "ts": format!("{seconds}.000100"), "text": text })
}

/// What was said in #inc-gates.
pub fn talk() -> Vec<Value> {
    vec![
        message(-600, "U1", "gates refuse every ticket at the north hall, anyone else seeing this?"),
        message(120, "U2", "looking, the certificate of the validator ran out at 05:30 UTC"),
        message(600, "U1", "Decision: we open gate 4 by hand until the certificate is replaced"),
        message(1_200, "U2", "hello"),
        message(5_400, "UNKNOWN", "<@U1> new certificate is out, <https://larkfare.example/c|see here>"),
    ]
}

/// A Slack export with these entries besides users and channels.
pub fn archive(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let users = json!([
        { "id": "U1", "name": "ines", "real_name": "Ines Brightwater" },
        { "id": "U2", "name": "teo", "real_name": "Teo Marsh" },
    ]);
    let channels = json!([{ "id": "C1", "name": "inc-gates", "members": ["U1", "U2"] }]);
    let known = [
        ("channels.json", channels.to_string().into_bytes()),
        ("users.json", users.to_string().into_bytes()),
    ];
    for (path, bytes) in known.iter().chain(entries) {
        zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A Slack export with these messages of one day in #inc-gates.
pub fn slack(messages: Vec<Value>) -> Vec<u8> {
    archive(&[("inc-gates/2026-11-14.json", Value::from(messages).to_string().into_bytes())])
}
