//! Inputs to begin from, in the shape of the public interfaces, with invented names; and every input that
//! once did harm.

use crate::{compose, mutate::Chance};
use domain::document::{Block, Document, Inline, Marks};
use std::{
    io::{Cursor, Write},
    sync::OnceLock,
};

/// Updates that crashed yrs 0.26, or made every later encode of 0.28.1 panic; the last one was accepted once and
/// then kept the document from loading, because its last element lands in an attribute.
const HARMFUL: [&str; 4] = [
    "01042360442350106865db6c6c6f2077c3b6726c6420e6bc2801016d026b36017d0688235e0177017687235f03017d00",
    "01041410b24414001068656c6c6f2077c3b6726c6420eebca22801016d026b31017c3f80000088140e0177017687140f03017000",
    "01041710424417001068656c6c6f2077c3b6726c6420e6bca22801016d026b31017c3f80000088170e0177017687170f03017000",
    "010309000701017203017028000900016b0177017687090103017100",
];

const TEMPLATE: &str = r#"{"key":"small","version":1,"name":"Small","purpose":"A note.","source":"ours","sections":[{"key":"summary","title":"Summary","questions":["What happened?"],"live":["facts","timeline"]}]}"#;

const DAY: &str = r#"[{"type":"message","user":"U01","text":"<@U02> depot <https://depot.example.test|stalls> &amp; *waits*","ts":"1794634032.000100","reactions":[{"name":"eyes","users":["U02"],"count":1}]},{"type":"message","subtype":"bot_message","bot_id":"B1","text":"","attachments":[{"fallback":"Conveyor down","title":"Down"}],"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*Severity* 2"}}],"ts":"1794634040.000200"},{"type":"message","user":"U02","text":"in a thread","ts":"1794634050.0003","thread_ts":"1794634032.000100","files":[{"name":"graph.png"}],"edited":{"ts":"1794634060.0","user":"U02"}}]"#;

const PAGERDUTY: [&str; 2] = [
    r#"{"incidents":[{"id":"P1","incident_number":7,"title":"Conveyor stalls","status":"resolved","created_at":"2026-11-14T05:47:12Z","urgency":"high","service":{"id":"S1","summary":"Depot"},"assignments":[]}]}"#,
    r#"{"log_entries":[{"id":"R1","type":"trigger_log_entry","summary":"Triggered","created_at":"2026-11-14T05:47:12Z","agent":{"type":"service_reference","summary":"Depot"},"channel":{"type":"api","details":{"queue":412}},"incident":{"id":"P1","summary":"Conveyor stalls"},"teams":[]},{"id":"R2","type":"acknowledge_log_entry","created_at":"2026-11-14T05:49:00+01:00","incident":{"id":"P1"}}]}"#,
];

/// The document that hostile updates meet.
pub(crate) fn base() -> &'static [u8] {
    static BASE: OnceLock<Vec<u8>> = OnceLock::new();
    BASE.get_or_init(|| {
        let marks = Marks { bold: true, ..Marks::default() };
        let words = vec![Inline::text("The depot "), Inline::Text { text: "stalls 🦀".into(), marks }];
        collab::begin(&Document { blocks: vec![Block::Paragraph(words), Block::Rule] }, 5)
    })
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub(crate) fn on_call() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"oncalls":[{"user":{"id":"PU1","summary":"Wren Okafor"},"schedule":{"id":"PS1","summary":"Gates"},"escalation_level":1,"start":"2026-11-10T09:00:00+01:00","end":null}]}"#,
        r#"{"schedule":{"id":"PS1","name":"Gates","final_schedule":{"rendered_schedule_entries":[{"start":"2026-11-10T00:00:00Z","end":"2026-11-11T00:00:00Z","user":{"summary":"Wren"}}]}}}"#,
        r#"{"data":{"_parent":{"id":"6c1b","name":"Boards"},"startDate":"2026-11-09T00:00:00Z","endDate":"2026-11-16T00:00:00Z","finalTimeline":{"rotations":[{"periods":[{"startDate":"2026-11-10T00:00:00Z","endDate":"2026-11-12T00:00:00Z","recipient":{"type":"user","name":"wren@larkfare.example"}}]}]}}}"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

pub(crate) fn pagerduty() -> Vec<Vec<u8>> {
    texts(&PAGERDUTY)
}

pub(crate) fn incident_file() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"id":"a","timezone":"Europe/London","timeline":[{"n":1,"time":"2026-05-02T09:10","precision":"approximate","kind":"impact-start","text":"x"}],"answers":{"detected_at":"2026-05-02T09:10:00Z","stated_durations":[{"what":"repair","minutes":1.5}]},"intervals":[{"service":"a","from":"2026-05-02T09:10:00Z","share":0.5,"affected":3}]}"#,
        r#"{"id":"b","key_events":{"repaired":"2026-05-02T09:10"},"stated_time_to_repair":"1d 4h 9m"}"#,
    ])
}

pub(crate) fn slack_day() -> Vec<Vec<u8>> {
    texts(&[DAY, "[]"])
}

pub(crate) fn slack() -> Vec<Vec<u8>> {
    let archive = |method| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        let files = [
            (
                "users.json",
                r#"[{"id":"U01","name":"ada","profile":{"real_name":"Ada Example"}},{"id":"U02","name":"kim"}]"#,
            ),
            ("channels.json", r#"[{"id":"C01","name":"inc-depot","members":["U01"],"created":1794630000}]"#),
            ("inc-depot/2026-11-14.json", DAY),
        ];
        for (name, content) in files {
            let _ = zip.start_file(name, options);
            let _ = zip.write_all(content.as_bytes());
        }
        zip.finish().map(Cursor::into_inner).unwrap_or_default()
    };
    vec![archive(zip::CompressionMethod::Stored), archive(zip::CompressionMethod::Deflated)]
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).filter_map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

pub(crate) fn updates() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = HARMFUL.iter().map(|hex| bytes(hex)).collect();
    all.push(base().to_vec());
    all.extend(documents().iter().enumerate().map(|(n, order)| {
        let client = if n % 2 == 0 { 900 + n as u64 } else { 5 };
        collab::begin(&compose::document(order), client)
    }));
    // Written out: text after our own text, a deletion of it, an attribute, a neighbour that is not there.
    all.extend(
        [
            "0101090084050304616263640001050103 02",
            "00010501 0302",
            "01010900 28010464656661756c74016b01770176 00",
            "0101090084070301 6100",
        ]
        .map(|hex| bytes(&hex.replace(' ', ""))),
    );
    all
}

pub(crate) fn frames() -> Vec<Vec<u8>> {
    let whole = |head: &[u8], content: &[u8]| {
        let mut out = head.to_vec();
        let mut length = content.len();
        while length > 0x7f {
            out.push(length as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend(content);
        out
    };
    let mut all = vec![vec![3], vec![0, 0, 1, 0]];
    all.extend(state_vectors().iter().map(|vector| whole(&[0, 0], vector)));
    all.extend(updates().iter().flat_map(|update| [whole(&[0, 1], update), whole(&[0, 2], update)]));
    all.extend(awareness().iter().map(|content| whole(&[1], content)));
    all
}

pub(crate) fn state_vectors() -> Vec<Vec<u8>> {
    ["00", "010503", "02050509e807", "01ffffffffffffff0f01"].map(bytes).to_vec()
}

pub(crate) fn awareness() -> Vec<Vec<u8>> {
    let state = br##"{"user":{"name":"Ada","color":"#126a86"},"cursor":{"anchor":{"type":null,"tname":null,"item":{"client":5,"clock":3},"assoc":0},"head":null}}"##;
    let one = [&[1, 9, 1, (state.len() as u8 & 0x7f) | 0x80, (state.len() >> 7) as u8][..], state].concat();
    vec![one, b"\x01\x09\x02\x04null".to_vec(), b"\x02\x09\x02\x02{}\x0a\x01\x02{}".to_vec()]
}

/// Orders for documents ([`compose`]).
pub(crate) fn documents() -> Vec<Vec<u8>> {
    (0..24)
        .map(|seed| {
            let mut chance = Chance::new(seed);
            (0..40 + 10 * seed)
                .map(
                    |_| {
                        if chance.below(3) == 0 {
                            chance.below(12) as u8
                        } else {
                            32 + chance.below(95) as u8
                        }
                    },
                )
                .collect()
        })
        .collect()
}

pub(crate) fn templates() -> Vec<Vec<u8>> {
    texts(&[TEMPLATE])
}

pub(crate) fn words() -> Vec<Vec<u8>> {
    texts(&[
        "INC-12",
        "2026-11-14T05:47:12Z",
        "2026-11-14T05:47:12.5+01:00",
        "0198c0de-0000-7000-8000-000000000001",
        "https://depot.example.test/?a=1",
        "mailto:ada@example.test",
        "JavaScript:alert(1)",
        "observation",
    ])
}

/// A fixture, and each of its lines.
pub(crate) fn fixture(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| line.len() > 2).map(<[u8]>::to_vec);
    std::iter::once(bytes.to_vec()).chain(lines).collect()
}

/// The beginnings by which files are told apart.
pub(crate) fn any_file() -> Vec<Vec<u8>> {
    let beginnings: [&[u8]; 8] = [
        b"WEBVTT\n\n00:00.000 --> 00:01.000\n<v A>b</v>",
        b"BEGIN:VEVENT\nDTSTART:20260101T000000Z\nEND:VEVENT",
        b"time;text\n2026-01-01;x",
        b"{\"alerts\":[{\"labels\":{\"alertname\":\"x\"},\"startsAt\":\"2026-01-01T00:00:00Z\"}]}",
        b"<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><id>1</id></entry></feed>",
        b"[{\"ts\":\"1.2\",\"text\":\"a\",\"user\":\"U\"}]",
        b"{\"incident\":{\"policy_name\":\"p\",\"started_at\":1}}",
        b"{\"Type\":\"Notification\",\"TopicArn\":\"a\",\"Message\":\"{}\"}",
    ];
    beginnings.map(<[u8]>::to_vec).to_vec()
}

/// What a provider of OpenID Connect says: about itself, its keys, tokens, and claims as they are before they are signed.
pub(crate) fn openid() -> Vec<Vec<u8>> {
    const SAID: [&str; 7] = [
        r#"{"issuer":"https://id.example","authorization_endpoint":"https://id.example/auth","token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys","end_session_endpoint":"https://id.example/end","token_endpoint_auth_methods_supported":["client_secret_post"]}"#,
        r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"1"},{"kty":"RSA","e":"AQAB","n":"sXch"},{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"sig"}]}"#,
        r#"{"id_token":"eyJhbGciOiJFUzI1NiJ9.e30.AAAA","access_token":"opaque","token_type":"Bearer","expires_in":300}"#,
        r#"{"iss":"https://id.example","sub":"248289","aud":["debrief","other"],"azp":"debrief","nonce":"n-0S6","exp":1794635520,"iat":1794635220,"sid":"s1","email":"wren@larkfare.example","email_verified":true,"groups":["sre"]}"#,
        r#"{"iss":"https://id.example","sub":"248289","aud":"debrief","iat":1794635220,"exp":1794635340,"jti":"j1","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
        r#"{"sub":"somebody","email":"wren@larkfare.example","name":"Wren","a":{"b":{"c":["x"]}}}"#,
        // RFC 7515, appendix A.3.
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ];
    SAID.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub(crate) fn prose() -> Vec<Vec<u8>> {
    texts(&[
        "The on-call failed to escalate, because she had not read the page. **Nobody** checked whether it was the depot’s.",
        "## What happened\n\n- 05:47 Ada restarted the ledger; it should have been drained first.\n- “Human error”, said ☎ one.\n\n> Root cause: the queue.\n",
        "| Action | Owner |\n|---|---|\n| Be more careful next time. | everybody |\n\n```\nwe should have known\n```\n",
        "Obviously, had they only looked — e.g. at 3.5 p.m. — it would've been seen… İ ẞ ﬁ 🦀\u{200d}.",
    ])
}

pub(crate) fn rules() -> Vec<Vec<u8>> {
    let shipped = [
        &include_bytes!("../../data/language/en/rules/hindsight.yaml")[..],
        include_bytes!("../../data/language/en/rules/actions.yaml"),
    ];
    let own = texts(&[
        "rules:\n  - id: X-1\n    name: War room\n    family: animated\n    strength: note\n    question: Who met?\n    why: Nobody is at war.\n    source: ourselves\n    fires: [A war room.]\n    silent: [A call.]\n",
        "[[rule]]\nid = \"X-1\"\nname = \"War room\"\nfamily = \"animated\"\nstrength = \"note\"\nquestion = \"Who met?\"\nwhy = \"Nobody is at war.\"\nsource = \"ourselves\"\nfires = [\"A war room.\"]\nsilent = [\"A call.\"]\n",
    ]);
    shipped.iter().map(|file| file.to_vec()).chain(own).collect()
}
