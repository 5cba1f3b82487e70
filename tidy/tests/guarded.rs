//! What documents and sources promise about safety, as far as a machine can look (ASVS 1.8.1, 5.2.4, 5.3.8, 5.5.4).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};
use tidy::{File, files, root};

#[test]
fn every_table_has_a_class_in_the_document_about_data() {
    let said = fs::read_to_string(root().join("docs/data.md")).unwrap();
    let tables = fs::read_to_string(root().join("crates/store/src/tables.rs")).unwrap();
    let record = tables.split("table!(\"").skip(1);
    let left_behind =
        tables.split("LEFT_BEHIND").nth(1).unwrap().split("];").next().unwrap().split("    (\"").skip(1);
    let mut names = 0;
    for name in record.chain(left_behind).map(|rest| rest.split('"').next().unwrap()) {
        let row = said.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        let class = row.and_then(|row| row.split('|').nth(2)).unwrap_or_default();
        let known = ["secret", "sealed", "narrowed", "people", "house"].iter().any(|of| class.contains(of));
        assert!(known, "docs/data.md says nothing of the table {name}: what is it, and for how long?");
        names += 1;
    }
    assert!(names > 50, "{names}");
}

#[test]
fn scripts_make_no_code_or_markup_of_text() {
    let sources = files("editor/src", &[".ts"]).unwrap();
    assert!(sources.len() > 20);
    for File { path, text } in sources.iter().filter(|file| !file.path.contains(".test.")) {
        for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for way in
                ["eval(", "new Function", "document.write", "insertAdjacentHTML", "setTimeout(\"", "srcdoc"]
            {
                assert!(!line.contains(way), "{path}:{}: {way}: CSP refuses it, and so do we", n + 1);
            }
            let makes_markup = line.contains("innerHTML =") || line.contains("outerHTML =");
            assert!(!makes_markup, "{path}:{}: build nodes, or use editor/src/markup.ts", n + 1);
        }
    }
}

#[test]
fn the_program_starts_no_other() {
    // Nothing that somebody typed can become a command where no command is run.
    let mut looked = 0;
    for File { path, text } in files("crates", &[".rs"]).unwrap() {
        if !path.contains("/src/") || path.starts_with("crates/testing/") || path.contains("test") {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (n, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let starts = line.contains("process::Command")
                || line.contains("Command::new(")
                || line.contains("libc::");
            assert!(!starts, "{path}:{}: a program is started: {line}", n + 1);
        }
        looked += 1;
    }
    assert!(looked > 300, "{looked}");
}

/// The numbers of a row: `2.1.5, 2.1.6` or `9.1.1–9.1.3`.
fn lines_of(cell: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for part in cell.split(',').map(str::trim) {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        let (chapter, from) = first.rsplit_once('.').unwrap();
        let to = last.rsplit_once('.').unwrap().1;
        let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
        lines.extend((from..=to).map(|n| format!("{chapter}.{n}")));
    }
    lines
}

#[test]
fn the_standard_is_walked_through_and_counted() {
    // How many lines of levels 1 and 2 each chapter of ASVS 4.0.3 has.
    const LINES: [usize; 14] = [38, 53, 18, 9, 30, 13, 12, 15, 7, 5, 8, 15, 13, 23];
    let page = fs::read_to_string(root().join("docs/asvs.md")).unwrap();
    let mut tests = String::new();
    for folder in ["crates", "tidy", "e2e", "editor"] {
        for File { text, .. } in files(folder, &[".rs", ".mjs", ".ts"]).unwrap() {
            tests.push_str(&text);
        }
    }
    let (mut seen, mut counts) = (BTreeSet::new(), BTreeMap::new());
    for line in page.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [numbers, asked, standing, place] = cells[..] else { panic!("four cells: {line}") };
        assert!(!asked.is_empty() && !place.is_empty(), "{line}");
        let standing = standing.trim_matches('*');
        assert!(["yes", "built", "run", "no", "—"].contains(&standing), "{line}");
        for number in lines_of(numbers) {
            *counts.entry(standing.to_owned()).or_insert(0) += 1;
            assert!(seen.insert(number.clone()), "{number} stands twice");
        }
        // What reads like the name of a test is one.
        for name in place.split('`').skip(1).step_by(2) {
            let of_rust = name.matches('_').count() >= 2
                && name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
            let setting =
                ["session_idle_minutes", "secret_key_file", "debrief_http_requests_total"].contains(&name);
            let journey = name.split(' ').count() > 6;
            assert!(
                !of_rust || setting || tests.contains(&format!("fn {name}(")),
                "there is no test {name}: {line}"
            );
            assert!(!journey || tests.contains(name), "there is no journey {name}: {line}");
        }
    }
    for (n, lines) in LINES.iter().enumerate() {
        let chapter = format!("{}.", n + 1);
        assert_eq!(seen.iter().filter(|number| number.starts_with(&chapter)).count(), *lines, "V{}", n + 1);
    }
    let count = |of: &str| counts.get(of).copied().unwrap_or(0);
    let said = format!(
        "Of {} lines of levels 1 and 2: **yes** {}, *built* {}, *run* {}, **no** {}, and {} do not apply.",
        seen.len(),
        count("yes"),
        count("built"),
        count("run"),
        count("no"),
        count("—")
    );
    assert!(page.contains(&said), "the page ends with: {said}");
}
