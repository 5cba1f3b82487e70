//! Measures the aid on labelled sentences and real texts beside this project: `make language`, or
//! `cargo run --release -p language --example score [-- --wrong | --found | --explain TEXT | --sentences FILE]`.
//!
//! `--explain` shows what the aid sees of a text: every word with its role, every verb with who is said to do it. A plain list of
//! words is measured in the same run, on the same sentences, by our own search; Vale beside it where it is installed.
//!
//! `--sentences FILE` measures a file written like `tests/sentences.txt`, before any rule was changed for it.
//!
//! The labelled sentences are scored by the rules of `lint/score.py`, once all and once only those of held-out documents, which
//! nobody looked at while writing rules. `--wrong` lists what is wrong in the other documents, `--found` what is found in real
//! texts. Says so and ends if the data are absent.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement for developers")]

use language::{Aid, Context, Family, Surface, Written};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

const FAMILIES: [&str; 5] = ["blame", "human_error", "hindsight", "single_root_cause", "vague_action"];

fn main() {
    let flag = std::env::args().nth(1).unwrap_or_default();
    if flag == "--explain" {
        println!("{}", from_disk().explain(&std::env::args().nth(2).unwrap_or_default()));
        return;
    }
    if flag == "--sentences" {
        own_sentences(&from_disk(), &std::env::args().nth(2).unwrap_or_default());
        return;
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !data.join("lint/lint-dev.jsonl").exists() {
        println!("The labelled sentences are not here; nothing is measured.");
        return;
    }
    let before = resident();
    let aid = from_disk();
    let made = resident();
    examples(&aid);
    fixtures(&aid, &data);
    let sentences = lines(&data.join("lint/lint-dev.jsonl"));
    let (held, seen): (Vec<Value>, Vec<Value>) = sentences.iter().cloned().partition(is_held_out);
    score(&aid, "all", &sentences, false);
    score(&aid, "written with", &seen, flag == "--wrong");
    score(&aid, "held out", &held, flag == "--wrong-held");
    texts(&aid, &data.join("postmortems"), flag == "--found");
    thousand_words(&aid);
    if let (Some(before), Some(made)) = (before, made) {
        println!("memory for rules and words {:.1} MB", (made.saturating_sub(before)) as f64 / 1e3);
    }
    plain_list(&sentences, &data.join("postmortems"));
    vale();
}

/// Sentences in the form of `tests/sentences.txt`: what is missed and what is said too much.
fn own_sentences(aid: &Aid, path: &str) {
    let context = Context { surface: Some(Surface::Any), ..Context::default() };
    let alike = |family: &str| ["blame", "hindsight"].contains(&family);
    let (mut right, mut asked_for, mut silent, mut clean) = (0, 0, 0, 0);
    for line in fs::read_to_string(path).unwrap().lines().filter(|line| !line.starts_with('#')) {
        let Some((families, sentence)) = line.split_once(": ") else { continue };
        let found: BTreeSet<String> =
            aid.read(sentence, &context).iter().map(|finding| finding.family.to_string()).collect();
        let asked: Vec<&str> = families.split(' ').filter(|family| *family != "-").collect();
        let has = |family: &str| found.contains(family) || alike(family) && found.iter().any(|f| alike(f));
        let missed: Vec<&str> = asked.iter().copied().filter(|family| !has(family)).collect();
        let extra = asked.is_empty() && found.iter().any(|family| FAMILIES.contains(&family.as_str()));
        asked_for += asked.len();
        right += asked.len() - missed.len();
        clean += usize::from(asked.is_empty());
        silent += usize::from(asked.is_empty() && !extra);
        if extra || !missed.is_empty() {
            println!("missed {missed:?} found {found:?}: {sentence}");
        }
    }
    println!("found {right}/{asked_for}, silent in {silent}/{clean}");
}

/// Kilobytes that the process holds, where the system tells.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

/// A document of 1,000 words, read often enough to tell the time it takes.
fn thousand_words(aid: &Aid) {
    let sentence = "The on-call engineer restarted the relay, because the queue had grown to a size that nobody had seen before. ";
    let per_sentence = sentence.split_whitespace().count();
    let text = sentence.repeat(1000 / per_sentence + 1);
    let began = Instant::now();
    for _ in 0..100 {
        assert!(aid.read(&text, &Context::default()).len() < 1000);
    }
    println!("{:.2} ms for 1,000 words", began.elapsed().as_secs_f64() * 10.0);
}

/// Words that people put on lists when they look for such sentences, with the family they stand for.
const PLAIN: [(&str, &[&str]); 5] = [
    ("blame", &["failed to", "fault", "blame", "careless", "negligent", "forgot", "ignored", "missed"]),
    (
        "human_error",
        &["human error", "mistake", "accidentally", "by accident", "inadvertently", "typo", "wrong"],
    ),
    ("hindsight", &["should have", "could have", "would have", "if only", "in hindsight", "failed to"]),
    ("single_root_cause", &["root cause"]),
    (
        "vague_action",
        &["improve", "be more careful", "investigate", "consider", "look into", "ensure", "better"],
    ),
];

/// The same sentences and texts by a plain list of words: what is gained by reading clauses.
fn plain_list(sentences: &[Value], folder: &Path) {
    println!("plain list of words:");
    let mut clean = (0, 0);
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for sentence in sentences {
        let text = sentence["text"].as_str().unwrap().to_lowercase();
        let want: BTreeSet<&str> =
            sentence["labels"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let got: BTreeSet<&str> = PLAIN
            .iter()
            .filter(|(_, words)| words.iter().any(|word| text.contains(word)))
            .map(|(family, _)| *family)
            .collect();
        if want.is_empty() {
            clean = (clean.0 + u32::from(!got.is_empty()), clean.1 + 1);
        }
        for family in FAMILIES {
            let count = counts.entry(family).or_default();
            match (want.contains(family), got.contains(family)) {
                (true, true) => count.right += 1,
                (true, false) if !is_optional(family, &text) => count.missed += 1,
                (false, true) => count.extra += 1,
                _ => {}
            }
        }
    }
    print_table(counts);
    let mut paths = Vec::new();
    walk(folder, &mut paths);
    let texts: Vec<String> = paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let began = Instant::now();
    let found: usize = texts
        .iter()
        .map(|text| {
            let lower = text.to_lowercase();
            PLAIN.iter().flat_map(|(_, words)| *words).map(|word| lower.matches(word).count()).sum::<usize>()
        })
        .sum();
    let speed = bytes as f64 / 1e6 / began.elapsed().as_secs_f64();
    println!(
        "  clean flagged {}/{}, {found} hits in the real texts, {speed:.2} MB/s on one core",
        clean.0, clean.1
    );
}

fn vale() {
    match std::process::Command::new("vale").arg("--version").output() {
        Ok(version) => println!("Vale is installed: {}", String::from_utf8_lossy(&version.stdout).trim()),
        Err(_) => println!(
            "Vale is not available here; the plain list above stands for what a list of words can do."
        ),
    }
}

fn print_table(counts: BTreeMap<&str, Count>) {
    for (family, Count { right, extra, missed }) in counts {
        let share = |part: u32, rest: u32| f64::from(part) / f64::from((part + rest).max(1));
        println!(
            "  {family:18} precision {:.2}  recall {:.2}  n {}",
            share(right, extra),
            share(right, missed),
            right + missed
        );
    }
}

/// The shipped rules as they are on disk, so that changing one needs no build.
fn from_disk() -> Aid {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/language/en");
    let words = fs::read_to_string(folder.join("words.toml")).unwrap();
    let rules: Vec<String> = ["hindsight", "omissions", "judgement", "explanations", "actions"]
        .iter()
        .map(|name| fs::read_to_string(folder.join(format!("rules/{name}.yaml"))).unwrap())
        .collect();
    let rules: Vec<Written<'_>> = rules.iter().map(|text| Written::Yaml(text)).collect();
    Aid::from_files(&words, &rules).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A third of the documents, by the hash of their name.
fn is_held_out(sentence: &Value) -> bool {
    let hash = Sha256::digest(sentence["source"].as_str().unwrap().as_bytes());
    hash.iter().fold(0_u32, |rest, byte| (rest * 256 + u32::from(*byte)) % 3) == 0
}

fn examples(aid: &Aid) {
    for rule in aid.rules() {
        let on = rule
            .only
            .as_ref()
            .and_then(|only| only.iter().find(|on| **on == Surface::Any).or(only.first()).copied());
        let context = Context {
            surface: Some(on.unwrap_or_default()),
            partial_impact: true,
            no_follow_up: true,
            ..Context::default()
        };
        for (sentences, fires) in [(&rule.fires, true), (&rule.silent, false)] {
            for sentence in sentences {
                if aid.read(sentence, &context).iter().any(|finding| finding.rule.id == rule.id) != fires {
                    println!("{} must {}fire: {sentence}", rule.id, if fires { "" } else { "not " });
                }
            }
        }
    }
}

fn fixtures(aid: &Aid, data: &Path) {
    let fixtures = lines(&data.join("lint/fixtures.jsonl"));
    let mut right = 0;
    for fixture in &fixtures {
        let surface: Surface = fixture["surface"].as_str().unwrap().parse().unwrap();
        let context = Context { surface: Some(surface), ..Context::default() };
        let findings = aid.read(fixture["text"].as_str().unwrap(), &context);
        let found: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.id.as_str()).collect();
        let asked: BTreeSet<&str> =
            fixture["rules"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if found == asked {
            right += 1;
        } else {
            println!("fixture {} asks for {asked:?}, found {found:?}: {}", fixture["id"], fixture["text"]);
        }
    }
    println!("fixtures right {right}/{}", fixtures.len());
}

#[derive(Default)]
struct Count {
    right: u32,
    extra: u32,
    missed: u32,
}

/// As `score.py` does it: where guide and specification differ, a sentence counts neither way.
fn score(aid: &Aid, name: &str, sentences: &[Value], say_wrong: bool) {
    let context = Context { surface: Some(Surface::Any), ..Context::default() };
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let (mut clean, mut flagged, mut tricky, mut tricky_flagged) = (0, 0, 0, 0);
    for sentence in sentences {
        let text = sentence["text"].as_str().unwrap().replace('\n', " ");
        let want: BTreeSet<&str> =
            sentence["labels"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let findings = aid.read(&text, &context);
        let got: BTreeSet<String> = findings.iter().map(|finding| finding.family.to_string()).collect();
        let scored = FAMILIES.iter().any(|family| got.contains(*family));
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id.as_str()).collect();
        if want.is_empty() {
            clean += 1;
            flagged += u32::from(scored);
            if sentence["note"].as_str().unwrap_or_default().starts_with("tricky negative") {
                tricky += 1;
                tricky_flagged += u32::from(scored);
            }
        }
        for family in FAMILIES {
            let alias: &[&str] =
                if ["blame", "hindsight"].contains(&family) { &["blame", "hindsight"] } else { &[family] };
            let count = counts.entry(family).or_default();
            if want.contains(family) {
                if alias.iter().any(|alias| got.contains(*alias)) {
                    count.right += 1;
                } else if !is_optional(family, &text) {
                    count.missed += 1;
                    if say_wrong {
                        println!("missed {family} {rules:?}: {text}");
                    }
                }
            } else if got.contains(family) && !alias.iter().any(|alias| want.contains(alias)) {
                count.extra += 1;
                if say_wrong {
                    println!("extra  {family} {rules:?}: {text}");
                }
            }
        }
    }
    println!("{name}: {} sentences", sentences.len());
    print_table(counts);
    println!("  clean flagged {flagged}/{clean}, tricky {tricky_flagged}/{tricky}");
}

fn is_optional(family: &str, text: &str) -> bool {
    let lower = text.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    match family {
        "single_root_cause" => !has(&[
            "root cause",
            "root-cause",
            "rootcause",
            "only cause",
            "sole cause",
            "single cause",
            "real cause",
            "actual cause",
            "main cause",
            "the cause of",
            "the cause was",
            "finding the cause",
        ]),
        "human_error" => {
            has(&[
                "assum",
                "believ",
                "mistakenly thought",
                "thought our",
                "thought the",
                "thought it",
                "thought that ",
            ]) && !has(&["human error", "user error", "operator error"])
        }
        _ => false,
    }
}

fn texts(aid: &Aid, folder: &Path, say_found: bool) {
    let mut paths = Vec::new();
    walk(folder, &mut paths);
    let texts: Vec<String> = paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let words: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut families: BTreeMap<Family, usize> = BTreeMap::new();
    let (mut person, mut verdicts) = (0, 0);
    let context = Context::default();
    for text in &texts {
        let (mut last, mut last_verdict) = (None, None);
        for finding in aid.read(text, &context) {
            // The families of domain.md 2.3 that are about a person: OM, HE, NJ and BL.
            let verdict = ["OM-", "HE-", "NJ-", "BL-"].iter().any(|id| finding.rule.id.starts_with(id));
            if verdict && last_verdict != Some(finding.sentence.start) {
                last_verdict = Some(finding.sentence.start);
                verdicts += 1;
            }
            *families.entry(finding.family).or_default() += 1;
            let of_people = matches!(
                finding.family,
                Family::Blame | Family::HumanError | Family::Hindsight | Family::WhoQuestion
            );
            if of_people && last != Some(finding.sentence.start) {
                last = Some(finding.sentence.start);
                person += 1;
            }
            if say_found {
                println!(
                    "{} {} {}: {}",
                    finding.family,
                    finding.rule.id,
                    finding.surface.name(),
                    text[finding.sentence.clone()].replace('\n', " ")
                );
            }
        }
    }
    let began = Instant::now();
    let mut found = 0;
    for text in &texts {
        found += aid.read(text, &context).len();
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{} real texts, {words} words, {found} findings: {families:?}", texts.len());
    let rate = |count: u32| 1000.0 * f64::from(count) / words as f64;
    println!("  sentences about people (OM, HE, NJ, BL) {:.2} per 1,000 words", rate(verdicts));
    println!("  and with counterfactuals and who-questions {:.2} per 1,000 words", rate(person));
    println!("  {:.2} MB/s on one core", bytes as f64 / 1e6 / seconds);
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "md" || ending == "txt") {
            paths.push(path);
        }
    }
}
