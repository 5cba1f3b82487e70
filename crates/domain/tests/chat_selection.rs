//! How well the rules choose from incident chat, against messages labelled by hand.
//!
//! The set is read from `data/labelled_chat.tsv`; it is invented. Precision is the share of chosen
//! messages that were labelled `keep`, recall the share of those labelled `keep` that were chosen.

#![expect(clippy::print_stdout, reason = "how well it chooses is what is reported")]

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

fn windows(text: &str) -> BTreeMap<String, Vec<Labelled>> {
    let mut windows: BTreeMap<String, Vec<Labelled>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        if !line.starts_with('#') && !line.is_empty() {
            let (window, labelled) = read(line, number + 1);
            windows.entry(window).or_default().push(labelled);
        }
    }
    windows
}

/// Precision and recall, printed for each window and for all.
fn measure(set: &str, text: &str, tell: bool) -> (u32, f64, f64) {
    let share = |part: u32, rest: u32| f64::from(part) / f64::from((part + rest).max(1));
    let mut sum = [0; 4];
    for (window, records) in windows(text) {
        let evidence: Vec<_> = records.iter().map(|it| it.stored.clone()).collect();
        let selection = select(&evidence);
        let chosen: HashSet<_> = selection.events.iter().flat_map(|it| it.evidence.iter().copied()).collect();
        let mut own = [0; 4];
        for it in records.iter().filter(|it| it.stored.evidence.source == Source::Slack) {
            let chosen = chosen.contains(&it.stored.id);
            own[usize::from(chosen) * 2 + usize::from(it.keep)] += 1;
            if tell && chosen != it.keep {
                let what = if chosen { "chosen, not labelled" } else { "labelled, not chosen" };
                println!("  {what}: {}", it.stored.evidence.text);
            }
        }
        println!(
            "{set:<10} {window:<12} {:>4} messages  precision {:.2}  recall {:.2}",
            own.iter().sum::<u32>(),
            share(own[3], own[2]),
            share(own[3], own[1])
        );
        sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    let (precision, recall) = (share(sum[3], sum[2]), share(sum[3], sum[1]));
    let messages = sum.iter().sum();
    println!("{set:<10} {:<12} {messages:>4} messages  precision {precision:.2}  recall {recall:.2}", "all");
    (messages, precision, recall)
}

#[test]
fn most_of_what_is_chosen_deserves_it_and_most_of_what_deserves_it_is_chosen() {
    let labelled = measure("labelled", include_str!("data/labelled_chat.tsv"), true);
    let tuning = measure("tuning", include_str!("data/tuning_chat.tsv"), true);
    // What nobody looked at while the rules were changed says how they do on chat that they have not seen.
    let held_out = measure("held out", include_str!("data/held_out_chat.tsv"), false);
    let fresh = measure("fresh", include_str!("data/fresh_chat.tsv"), false);
    assert!(held_out.1 >= 0.8 && held_out.2 >= 0.8, "{held_out:?}");
    assert!(fresh.1 >= 0.7 && fresh.2 >= 0.5, "{fresh:?}");
    assert!(labelled.0 + tuning.0 + held_out.0 >= 300);
    assert!(labelled.1 >= 0.8 && labelled.2 >= 0.9, "{labelled:?}");
}
