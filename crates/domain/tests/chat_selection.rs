//! How well the rules choose from incident chat, against messages labelled by hand.
//!
//! The set is read from `data/labelled_chat.tsv`; it is invented. Precision is the share of chosen
//! messages that were labelled `keep`, recall the share of those labelled `keep` that were chosen.

use domain::{
    EvidenceId, Instant,
    evidence::{Author, AuthorKind, Digest32, Evidence, Facts, Reaction, Signal, Source, StoredEvidence},
    timeline::selection::select,
};
use std::collections::{BTreeMap, HashSet};

struct Labelled {
    stored: StoredEvidence,
    keep: bool,
}

fn read(line: &str, number: usize) -> (String, Labelled) {
    let fields: Vec<&str> = line.split('\t').collect();
    let [window, time, author, mark, label, text] = fields.as_slice() else {
        panic!("line {number}: {line}")
    };
    let (signal, source, kind, name) = match author.split_once(':') {
        Some(("bot", name)) => (Signal::BotMessage, Source::Slack, AuthorKind::Machine, name),
        Some(("page", name)) => (Signal::Triggered, Source::Pagerduty, AuthorKind::Machine, name),
        _ => (Signal::Message, Source::Slack, AuthorKind::Person, *author),
    };
    let reactions = mark
        .split_once('=')
        .map(|(name, count)| Reaction { name: name.into(), count: count.parse().unwrap_or(1) });
    let evidence = Evidence {
        source,
        source_id: format!("{window}:{number}"),
        at: format!("2026-11-14T{time}Z")
            .parse()
            .unwrap_or_else(|_| panic!("line {number}: {time} is no time")),
        author: Some(Author { name: name.into(), kind, source_id: None }),
        signal,
        text: (*text).into(),
        place: None,
        url: None,
        facts: Facts {
            pinned: *mark == "pinned",
            reactions: reactions.into_iter().collect(),
            ..Facts::default()
        },
        raw: String::new(),
    };
    let mut random = [0; 10];
    random[..8].copy_from_slice(&(number as u64).to_be_bytes());
    let id = EvidenceId::new(Instant::from_micros(0), random);
    let keep = match *label {
        "keep" => true,
        "leave" => false,
        other => panic!("line {number}: the label {other} is not known"),
    };
    (
        (*window).to_owned(),
        Labelled { stored: StoredEvidence { id, digest: Digest32::of(b""), evidence }, keep },
    )
}

#[test]
fn most_of_what_is_chosen_deserves_it_and_most_of_what_deserves_it_is_chosen() {
    let mut windows: BTreeMap<String, Vec<Labelled>> = BTreeMap::new();
    for (number, line) in include_str!("data/labelled_chat.tsv").lines().enumerate() {
        if !line.starts_with('#') && !line.is_empty() {
            let (window, labelled) = read(line, number + 1);
            windows.entry(window).or_default().push(labelled);
        }
    }
    let (mut both, mut chosen_only, mut labelled_only, mut messages) = (0, 0, 0, 0);
    for records in windows.values() {
        let evidence: Vec<_> = records.iter().map(|it| it.stored.clone()).collect();
        let selection = select(&evidence);
        let chosen: HashSet<_> = selection.events.iter().flat_map(|it| it.evidence.iter().copied()).collect();
        for it in records.iter().filter(|it| it.stored.evidence.source == Source::Slack) {
            messages += 1;
            match (chosen.contains(&it.stored.id), it.keep) {
                (true, true) => both += 1,
                (true, false) => {
                    chosen_only += 1;
                    println!("chosen, not labelled: {}", it.stored.evidence.text);
                }
                (false, true) => {
                    labelled_only += 1;
                    println!("labelled, not chosen: {}", it.stored.evidence.text);
                }
                (false, false) => {}
            }
        }
    }
    let share = |part: u32, rest: u32| f64::from(part) / f64::from(part + rest);
    let (precision, recall) = (share(both, chosen_only), share(both, labelled_only));
    println!("{messages} messages: precision {precision:.2}, recall {recall:.2}");
    assert!(messages >= 120, "{messages}");
    assert!(precision >= 0.8 && recall >= 0.8, "precision {precision:.2}, recall {recall:.2}");
}
