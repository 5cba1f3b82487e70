use super::*;
use domain::evidence::AuthorKind;
use proptest::prelude::*;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

const USERS: &str = r#"[
    {"id":"U1","name":"ada","real_name":"Ada Lindqvist","profile":{"display_name":"ada"}},
    {"id":"U2","name":"ben","profile":{"real_name":"Ben Okafor"}},
    {"id":"U9","name":"deploybot","real_name":"Deploybot","is_bot":true}]"#;
const CHANNELS: &str = r#"[{"id":"C1","name":"inc-checkout","pins":[{"id":"1794549600.000100","type":"C"}]},
    {"id":"C2","name":"general"}]"#;
const DAY: &str = r#"[
    {"type":"message","user":"U1","text":"<@U2> seeing <https://x.example|502s> &amp; timeouts","ts":"1794549600.000100",
     "edited":{"user":"U1","ts":"1794549700.000000"},"reactions":[{"name":"pushpin","users":["U2"],"count":1}]},
    {"type":"message","user":"U2","text":"in a thread","ts":"1794549601.000000","thread_ts":"1794549600.000100"},
    {"type":"message","user":"U2","text":"the same instant","ts":"1794549601.000000"},
    {"type":"message","subtype":"bot_message","text":"","bot_id":"B1","username":"Alertwatch","ts":"1794549602.000000",
     "attachments":[{"title":"[FIRING:1] Errors","text":"above 5%","fields":[{"title":"zone","value":"a"}]}]},
    {"type":"message","user":"U9","bot_id":"B2","text":"v411 deployed","ts":"1794549603.000000"},
    {"type":"message","user":"U7","text":"hello","ts":"1794549604.000000"},
    {"type":"message","subtype":"channel_join","user":"U2","text":"<@U2> has joined the channel","ts":"1794549605.000000"},
    {"type":"message","subtype":"channel_topic","user":"U1","topic":"SEV2","text":"<@U1> set the channel topic: SEV2","ts":"1794549606.000000"},
    {"type":"message","subtype":"pinned_item","user":"U1","text":"","item_type":"C","attachments":[{"ts":"1794549604.000000","text":"hello"}],"ts":"1794549607.000000"},
    {"type":"message","user":"U1","text":"","files":[{"title":"graph.png","permalink":"https://f.example/1"}],"ts":"1794549608.000000"},
    {"type":"message","subtype":"some_new_thing","user":"U1","text":"kept","ts":"1794549609.000000"},
    {"type":"message","user":"U1","text":"from blocks","ts":"1794549610.000000","text":"",
     "blocks":[]},
    {"type":"message","user":"U1","text":"","ts":"1794549611.000000",
     "blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"hi "},{"type":"user","user_id":"U2"}]}]}]},
    {"type":"message","user":"U1","text":"absurd","ts":"99999999999999.0"},
    {"type":"message","user":"U1","text":"no time"},
    17]"#;

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sound() -> Vec<u8> {
    zipped(&[
        ("users.json", USERS.as_bytes()),
        ("channels.json", CHANNELS.as_bytes()),
        ("inc-checkout/2026-11-14.json", DAY.as_bytes()),
        ("general/2026-11-14.json", b"[]"),
    ])
}

fn everything(bytes: &[u8], channel: &str) -> Result<Gathered, ImportError> {
    let choice = Choice { channel: channel.to_owned(), from: None, to: None };
    Export::open(Cursor::new(bytes), "export.zip")?.gather(&choice, &mut |_| {})
}

#[test]
fn the_only_channel_is_told_without_unpacking() {
    let only = |entries: &[(&str, &[u8])]| {
        let zip = zipped(entries);
        Export::open(Cursor::new(&zip), "export.zip").unwrap().only_channel().map(str::to_owned)
    };
    let channels = ("channels.json", CHANNELS.as_bytes());
    let (day, other) = ("inc-checkout/2026-11-14.json", "general/2026-11-14.json");
    assert_eq!(only(&[channels, (day, DAY.as_bytes()), (other, b"[]")]).as_deref(), Some("C1"));
    assert_eq!(only(&[channels, (day, DAY.as_bytes()), (other, DAY.as_bytes())]), None);
    assert_eq!(only(&[channels, (day, b"[]"), (other, b"[\n]\n")]), None);
}

#[test]
fn a_broken_day_is_named_and_ends_the_reading() {
    let zip = zipped(&[
        ("channels.json", CHANNELS.as_bytes()),
        ("inc-checkout/2026-11-13.json", DAY.as_bytes()),
        ("inc-checkout/2026-11-14.json", b"[{"),
        ("inc-checkout/2026-11-15.json", DAY.as_bytes()),
        ("inc-checkout/2026-11-16.json", DAY.as_bytes()),
    ]);
    let said = everything(&zip, "inc-checkout").unwrap_err().to_string();
    assert!(said.starts_with("inc-checkout/2026-11-14.json: line 1"), "{said}");
}

#[test]
fn messages_become_readable_evidence() {
    let gathered = everything(&sound(), "#inc-checkout").unwrap();
    let understood = gathered.evidence.iter().filter(|it| it.signal != Signal::NotUnderstood);
    let said: Vec<_> = understood
        .map(|it| (it.signal, it.author.as_ref().map_or("", |it| it.name.as_str()), it.text.as_str()))
        .collect();
    let expected = [
        (Signal::Message, "Ada Lindqvist", "@Ben Okafor seeing 502s & timeouts"),
        (Signal::Message, "Ben Okafor", "in a thread"),
        (Signal::Message, "Ben Okafor", "the same instant"),
        (Signal::BotMessage, "Alertwatch", "[FIRING:1] Errors\nabove 5%\nzone: a"),
        (Signal::BotMessage, "Deploybot", "v411 deployed"),
        (Signal::Message, "Unknown person U7", "hello"),
        (Signal::Housekeeping, "Ben Okafor", "@Ben Okafor has joined the channel"),
        (Signal::Marked, "Ada Lindqvist", "@Ada Lindqvist set the channel topic: SEV2"),
        (Signal::Marked, "Ada Lindqvist", "hello"),
        (Signal::File, "Ada Lindqvist", "Shared graph.png"),
        (Signal::Message, "Ada Lindqvist", "kept"),
        (Signal::Message, "Ada Lindqvist", "hi @Ben Okafor"),
    ];
    assert_eq!(said, expected);
    let first = gathered.evidence.iter().find(|it| it.text.contains("502s")).unwrap();
    assert!(first.facts.pinned && first.facts.edited_at.is_some() && DAY.contains(&first.raw));
    assert_eq!(first.source_id, "C1:1794549600.000100");
    assert_eq!(
        (first.facts.reactions[0].name.as_str(), first.facts.people.as_slice()),
        ("pushpin", &["Ben Okafor".to_owned()][..])
    );
    let hello =
        gathered.evidence.iter().find(|it| it.text == "hello" && it.signal == Signal::Message).unwrap();
    assert!(hello.facts.pinned, "the pin tells which message it is about");
    assert_eq!(hello.author.as_ref().unwrap().kind, AuthorKind::Unknown);
    let thread = gathered.evidence.iter().find(|it| it.text == "in a thread").unwrap();
    assert_eq!(thread.facts.thread.as_deref(), Some("C1:1794549600.000100"));
    let ids: HashSet<_> = gathered.evidence.iter().map(|it| &it.source_id).collect();
    assert_eq!(ids.len(), gathered.evidence.len());
    assert_eq!(gathered.not_understood.len(), 4);
}

#[test]
fn a_window_is_from_its_first_instant_to_before_its_last() {
    let bytes = sound();
    let mut export = Export::open(Cursor::new(&bytes), "export.zip").unwrap();
    let at = |seconds| Some(Instant::from_seconds(seconds));
    let choice = Choice { channel: "C1".to_owned(), from: at(1_794_549_601), to: at(1_794_549_603) };
    let gathered = export.gather(&choice, &mut |_| {}).unwrap();
    let texts: Vec<_> = gathered
        .evidence
        .iter()
        .filter(|it| it.signal != Signal::NotUnderstood)
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(texts, ["in a thread", "the same instant", "[FIRING:1] Errors\nabove 5%\nzone: a"]);
}

#[test]
fn the_preview_tells_what_there_is() {
    for prefix in ["", "wrapped/", "a/b/"] {
        let path = |it: &str| format!("{prefix}{it}");
        let bytes = zipped(&[
            (&path("users.json"), USERS.as_bytes()),
            (&path("channels.json"), CHANNELS.as_bytes()),
            (&path("inc-checkout/2026-11-14.json"), DAY.as_bytes()),
        ]);
        let mut export = Export::open(Cursor::new(bytes), "export.zip").unwrap();
        let mut last = Progress::default();
        let previews = export.preview(&mut |step| last = step).unwrap();
        assert_eq!(last.done, last.total);
        assert_eq!((previews[0].label.as_str(), previews[0].messages), ("#inc-checkout", 16));
        assert_eq!(previews[0].days, [("2026-11-14".to_owned(), 16)]);
        assert_eq!(previews[0].span.unwrap().0, Instant::from_micros(1_794_549_600_000_100));
        assert_eq!(previews[1].span, None);
        assert_eq!((previews[0].untimed, previews[1].untimed), (3, 0));
    }
}

#[test]
fn a_time_that_is_none_is_noted_and_the_message_kept() {
    let odd = ["\"0\"", "\"0.000000\"", "0", "\"\"", "\"soon\"", "null", "\"-5.0\""];
    let messages = odd.map(|ts| {
        format!(
            "{{\"type\":\"message\",\"user\":\"U1\",\"text\":\"at {}\",\"ts\":{ts}}}",
            ts.replace('"', "'")
        )
    });
    let day = format!("[{}]", messages.join(","));
    let bytes =
        zipped(&[("channels.json", CHANNELS.as_bytes()), ("inc-checkout/2026-11-14.json", day.as_bytes())]);
    let kept = everything(&bytes, "inc-checkout").unwrap();
    assert_eq!((kept.evidence.len(), kept.not_understood.len()), (odd.len(), odd.len()));
    for it in &kept.evidence {
        assert_eq!((it.signal, it.at.to_string().as_str()), (Signal::NotUnderstood, "2026-11-14T00:00:00Z"));
        assert!(
            it.raw.contains("U1") && it.facts.problem.as_deref().is_some_and(|it| it.contains("time")),
            "{it:?}"
        );
    }
    let mut export = Export::open(Cursor::new(bytes), "export.zip").unwrap();
    let previews = export.preview(&mut |_| {}).unwrap();
    assert_eq!((previews[0].messages, previews[0].untimed, previews[0].span), (7, 7, None));
}

#[test]
fn archives_that_cannot_be_read_say_why() {
    let whole = sound();
    let bomb = vec![b' '; 5 << 20];
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    let with_day =
        |day: &[u8]| zipped(&[("channels.json", CHANNELS.as_bytes()), ("inc-checkout/2026-11-14.json", day)]);
    for (bytes, sentence) in [
        (whole[..whole.len() / 2].to_vec(), "is not a zip archive that can be read"),
        (b"not a zip".to_vec(), "is not a zip archive that can be read"),
        (zipped(&[("readme.txt", b"hi")]), "so it is no Slack export"),
        (with_day(b"{\"a\":1}"), "a JSON array was expected here"),
        (with_day(b"[\n{\"text\": }]"), "line 2, column 10 is not JSON"),
        (with_day(b"[\"\xc3\x28\"]"), "is not UTF-8 text"),
        (with_day(&bomb), "unpacks to more than 300 times its size"),
    ] {
        let error = everything(&bytes, "inc-checkout").unwrap_err().to_string();
        assert!(error.contains(sentence) && error.ends_with("Nothing was brought in."), "{error}");
    }
    assert!(everything(&whole, "nowhere").unwrap_err().to_string().contains("there is no channel “nowhere”"));
    let kept = everything(&with_day(deep.as_bytes()), "inc-checkout").unwrap();
    assert_eq!((kept.evidence.len(), kept.not_understood.len()), (1, 1), "depth is kept as not understood");
}

#[test]
fn limits_are_kept() {
    let bytes = sound();
    let open =
        |limits| Export::open_within(Cursor::new(&bytes), "export.zip", limits).unwrap_err().to_string();
    assert!(open(Limits { entries: 2, ..Limits::default() }).contains("more than 2"));
    assert!(open(Limits { entry_bytes: 100, ..Limits::default() }).contains("is larger than"));
    assert!(open(Limits { total_bytes: 1_000, ..Limits::default() }).contains("it unpacks to more than"));
}

#[test]
fn paths_that_lead_out_are_left_out() {
    for path in [
        "../channels.json",
        "/etc/channels.json",
        "..\\channels.json",
        "C:/channels.json",
        "a/../../users.json",
    ] {
        let bytes = zipped(&[
            (path, b"[]"),
            ("channels.json", CHANNELS.as_bytes()),
            ("general/2026-11-14.json", DAY.as_bytes()),
        ]);
        let gathered = everything(&bytes, "general").unwrap();
        assert!(gathered.not_understood[0].reason.ends_with("so it was left out"), "{path}");
    }
}

#[test]
fn the_same_record_twice_is_one() {
    let day = r#"[{"user":"U1","text":"a","ts":"1794549600.000100"},{"user":"U1","text":"a","ts":"1794549600.000100"}]"#;
    let bytes = zipped(&[
        ("channels.json", CHANNELS.as_bytes()),
        ("general/2026-11-14.json", day.as_bytes()),
        ("general/2026-11-15.json", day.as_bytes()),
    ]);
    assert_eq!(everything(&bytes, "general").unwrap().evidence.len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        crate::fuzz::slack(&bytes);
        crate::fuzz::slack_day(&bytes);
    }

    #[test]
    fn damaged_archives_do_no_harm(cut in 0usize..4_000, at in 0usize..4_000, byte: u8) {
        let mut bytes = sound();
        let length = bytes.len();
        bytes[at % length] = byte;
        crate::fuzz::slack(&bytes);
        bytes.truncate(cut % length);
        crate::fuzz::slack(&bytes);
    }

    #[test]
    fn damaged_messages_do_no_harm(at in 0usize..4_000, byte: u8) {
        let mut bytes = DAY.as_bytes().to_vec();
        let length = bytes.len();
        bytes[at % length] = byte;
        crate::fuzz::slack_day(&bytes);
    }

    #[test]
    fn any_text_becomes_plain(text: String) {
        let plain = text::plain(&text, &Names::default());
        prop_assert!(!plain.text.contains('\0'));
    }
}
