//! Large files in the shape of the products, no two records alike; the people and systems do not exist.

use std::fmt::Write as _;

/// How a kind is made: what stands before its records, one record, what stands between two, and what at the end.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub before: &'static str,
    pub record: fn(&mut String, usize),
    pub between: &'static str,
    pub after: &'static str,
}

impl Kind {
    /// Records on lines.
    pub const fn lines(record: fn(&mut String, usize)) -> Self {
        Self { before: "", record, between: "\n", after: "\n" }
    }
}

/// The kinds of files that get large.
pub const KINDS: &[(&str, Kind)] = &[
    (
        "made/table.csv",
        Kind { before: "time,text,author,kind,service\n", record: row, between: "\n", after: "\n" },
    ),
    ("made/alerts.jsonl", Kind::lines(notification)),
    (
        "made/log_entries.json",
        Kind { before: "{\"log_entries\":[", record: entry, between: ",", after: "],\"limit\":100}" },
    ),
    ("made/alertmanager.json", Kind { before: "[", record: alert, between: ",", after: "]" }),
    (
        "made/grafana.json",
        Kind {
            before: "{\"orgId\":1,\"receiver\":\"pages\",\"alerts\":[",
            record: alert,
            between: ",",
            after: "]}",
        },
    ),
    (
        "made/meeting.vtt",
        Kind { before: "WEBVTT\n\nNOTE 2026-11-14T05:47:00Z\n\n", record: cue, between: "\n", after: "" },
    ),
    ("made/incidents.json", Kind::lines(incident)),
];

/// A file of about `size` bytes.
pub fn file(kind: Kind, size: usize) -> Vec<u8> {
    let mut text = String::with_capacity(size + 8_192);
    text.push_str(kind.before);
    let mut number = 0;
    while text.len() < size {
        if number > 0 {
            text.push_str(kind.between);
        }
        (kind.record)(&mut text, number);
        number += 1;
    }
    text.push_str(kind.after);
    text.into_bytes()
}

const PEOPLE: [&str; 5] = ["Imani Solberg", "Wren Okafor", "Teo Marsh", "Ada Lindqvist", "Ben Castellan"];
const SERVICES: [&str; 4] = ["gates", "ticketing", "refunds", "signage"];

/// One of a few people.
pub fn who(n: usize) -> &'static str {
    PEOPLE[n % PEOPLE.len()]
}

/// One of a few services.
pub fn which(n: usize) -> &'static str {
    SERVICES[n % SERVICES.len()]
}

/// RFC 3339, one second after the other.
pub fn at(n: usize) -> String {
    let (day, second) = (n / 86_400, n % 86_400);
    let (month, day) = (1 + day / 28 % 12, 1 + day % 28);
    format!("2026-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

/// Writes `more`.
pub fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(more);
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

fn row(text: &mut String, n: usize) {
    let (at, who, which) = (at(n), who(n), which(n));
    put(
        text,
        format_args!(
            "{at},\"Batch {n} refused, tickets of platform {} sent again\",{who},observation,{which}",
            n % 17
        ),
    );
}

fn alert(text: &mut String, n: usize) {
    let (at, which) = (at(n), which(n));
    put(
        text,
        format_args!(
            r#"{{"status":"firing","labels":{{"alertname":"RefusedTickets","service":"{which}","instance":"gate-{n}.lantern.example:9100","severity":"page"}},"annotations":{{"summary":"Refused tickets at gate {n} above one in ten","description":"Since five minutes. See the board of gates."}},"startsAt":"{at}","endsAt":"0001-01-01T00:00:00Z","generatorURL":"https://prometheus.lantern.example/graph?g0.expr=refused&gate={n}","fingerprint":"{n:016x}"}}"#
        ),
    );
}

fn notification(text: &mut String, n: usize) {
    put(
        text,
        format_args!(
            r#"{{"version":"4","groupKey":"{{}}:{{gate={n}}}","status":"firing","receiver":"pages","alerts":["#
        ),
    );
    alert(text, n);
    text.push_str("]}");
}

fn entry(text: &mut String, n: usize) {
    let (at, who, which) = (at(n), who(n), which(n));
    let person = n % PEOPLE.len();
    put(
        text,
        format_args!(
            r#"{{"id":"R{n:013}","type":"annotate_log_entry","summary":"Note added by {who}.","self":"https://api.lantern.example/log_entries/R{n:013}","html_url":null,"created_at":"{at}","agent":{{"id":"PU{person}","type":"user_reference","summary":"{who}","self":"https://api.lantern.example/users/PU{person}","html_url":"https://lantern.example/users/PU{person}"}},"channel":{{"type":"note","summary":"Gate {n} was started again; refusals go on at platform {}"}},"service":{{"id":"PSVC","type":"service_reference","summary":"{which}","self":"https://api.lantern.example/services/PSVC","html_url":"https://lantern.example/services/PSVC"}},"incident":{{"id":"PINC","type":"incident_reference","summary":"[#412] Gates refuse tickets","self":"https://api.lantern.example/incidents/PINC","html_url":"https://lantern.example/incidents/PINC"}},"teams":[{{"id":"PTEAM","type":"team_reference","summary":"Stations"}}],"contexts":[]}}"#,
            n % 17
        ),
    );
}

fn cue(text: &mut String, n: usize) {
    let (from, to) = (n * 7, n * 7 + 3);
    let clock =
        |second: usize| format!("{:02}:{:02}:{:02}.000", second / 3_600, second / 60 % 60, second % 60);
    let (from, to, who) = (clock(from), clock(to), who(n));
    put(
        text,
        format_args!(
            "{from} --> {to}\n<v {who}>Gate {n} lets people through again, the next one does not yet.\n"
        ),
    );
}

fn incident(text: &mut String, n: usize) {
    put(
        text,
        format_args!(
            r#"{{"id":"lantern-{n}","title":"Gates refuse tickets, morning {n}","severity":2,"services":["gates"],"timeline":["#
        ),
    );
    for event in 0..12 {
        let (at, who) = (at(n * 60 + event), who(event));
        let comma = if event > 0 { "," } else { "" };
        put(
            text,
            format_args!(
                r#"{comma}{{"n":{event},"time":"{at}","precision":"minute","kind":"action","text":"Gate {event} of hall {n} was taken out of the rotation and started again","actor":"{who}","team":"Stations"}}"#
            ),
        );
    }
    text.push_str("]}");
}
