//! Rules of the house that a machine can check. Each says what to do when it fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use tidy::{File, files};

fn rust() -> Vec<File> {
    files("crates", &[".rs"]).unwrap()
}

/// Which crates of ours each crate may depend on: arrows in one direction (ARCHITECTURE.md).
const ARROWS: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("importers", &["domain"]),
    ("language", &["domain"]),
    ("openid", &["domain"]),
    ("collab", &["domain"]),
    ("exports", &["domain"]),
    ("store", &["domain"]),
    ("app", &["domain", "importers", "collab", "exports", "language", "openid", "store"]),
    ("web", &["domain", "collab", "exports", "importers", "app"]),
    ("debrief", &["domain", "collab", "exports", "importers", "language", "store", "app", "web"]),
    ("testing", &["domain", "store", "app"]),
];

#[test]
fn crates_depend_in_one_direction() {
    for manifest in files("crates", &["Cargo.toml"]).unwrap() {
        let name = manifest.path.split('/').nth(1).unwrap();
        let allowed = ARROWS.iter().find(|(of, _)| *of == name).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("{name} is new: say in ARROWS what it may depend on"));
        let dependencies = manifest.text.split("[dependencies]").nth(1).unwrap();
        let dependencies = dependencies.split("\n[").next().unwrap();
        for line in dependencies.lines().filter(|line| line.contains("workspace = true")) {
            let dependency = line.split(['.', ' ']).next().unwrap();
            let ours = ARROWS.iter().any(|(of, _)| *of == dependency);
            assert!(!ours || allowed.contains(&dependency), "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn only_the_store_speaks_sql_and_only_its_dialects_name_a_database() {
    for file in rust() {
        let in_store = file.path.starts_with("crates/store/") || file.path.starts_with("crates/testing/");
        // Tests of the layers above may look into the record to see what an act left there.
        let looks_on = in_store || file.path.contains("/tests/");
        assert!(looks_on || !file.text.contains("sqlx::"), "{}: SQL belongs into crates/store", file.path);
        // The macros and the two-armed transaction have to name both; nothing else may choose by database.
        let may_name = ["dialect/", "tx.rs", "sql.rs", "db.rs", "migrate.rs", "notices.rs", "statement.rs"];
        let names = file.text.contains("Connection::Postgres") || file.text.contains("Connection::Sqlite");
        assert!(
            !names || may_name.iter().any(|part| file.path.contains(part)),
            "{}: what differs between the databases belongs into crates/store/src/dialect",
            file.path
        );
    }
}

#[test]
fn the_log_of_documents_is_read_with_the_edits_kept_last() {
    let knows = [
        "documents.rs",
        "documents/recent.rs",
        "documents/at_once.rs",
        "postmortems.rs",
        "tables.rs",
        "inspection.rs",
    ];
    for file in rust() {
        let known = knows.iter().any(|name| file.path == format!("crates/store/src/{name}"));
        assert!(
            known || !file.path.contains("/src/") || !file.text.contains("document_updates"),
            "{}: who reads `document_updates` alone misses recent edits; ask `store::documents`",
            file.path
        );
    }
}

#[test]
fn pure_crates_do_no_input_or_output() {
    for file in rust() {
        let pure = ["domain", "exports", "importers", "language", "openid"]
            .iter()
            .any(|of| file.path.starts_with(&format!("crates/{of}/src")));
        if pure && !file.path.contains("test") {
            for forbidden in ["std::fs", "std::net", "tokio::", "SystemTime::now", "std::env"] {
                let code = file.text.split("#[cfg(test)]").next().unwrap();
                assert!(
                    !code.contains(forbidden),
                    "{}: {forbidden} does not belong into a pure crate",
                    file.path
                );
            }
        }
    }
}

/// Files over 600 lines that are one idea all the same, with the reason.
const LONG: [(&str, &str); 0] = [];

#[test]
fn a_file_is_one_idea() {
    let sources = files("crates", &[".rs"]).unwrap().into_iter().chain(files("editor", &[".ts"]).unwrap());
    for file in sources {
        let lines = file.text.lines().count();
        let explained = LONG.iter().any(|(path, _)| *path == file.path);
        assert!(
            lines <= 600 || explained,
            "{} has {lines} lines: split it, or explain it in LONG",
            file.path
        );
    }
}

#[test]
fn names_say_what_is_inside() {
    for file in rust() {
        for vague in ["util", "utils", "common", "helper", "helpers", "manager", "misc", "types"] {
            let named = file.path.split('/').any(|part| part == vague || part == format!("{vague}.rs"));
            assert!(!named, "{}: “{vague}” does not say what is inside", file.path);
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = rust()
        .into_iter()
        .filter(|file| file.path.contains("/src/") && !file.path.contains("test"))
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "these files do not say what they are for in a first line: {silent:#?}");
}

/// Words that would close an inquiry, wherever people read: templates of pages and shipped data.
#[test]
fn pages_speak_the_way_the_product_asks_people_to() {
    let pages = files("crates/web/templates", &[".html"]).unwrap();
    assert!(!pages.is_empty());
    for page in pages {
        let lower = page.text.to_lowercase();
        for phrase in ["root cause", "human error", "who caused", "please", "oops", "successfully", "culprit"]
        {
            assert!(!lower.contains(phrase), "{}: “{phrase}”", page.path);
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for page in files(".", &[".md"]).unwrap() {
        let folder = tidy::root().join(&page.path).parent().unwrap().to_path_buf();
        for target in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.trim_matches(['<', '>']).split('#').next().unwrap();
            let outside = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !outside && !folder.join(target).exists() {
                broken.entry(page.path.clone()).or_default().push(target.to_owned());
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A name that make knows without a rule does nothing, and says that all is well.
#[test]
fn every_command_of_the_documents_is_a_rule_of_the_makefile() {
    let makefile = std::fs::read_to_string(tidy::root().join("Makefile")).unwrap();
    let has_rule = |name: &str| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
    let declared = makefile.lines().find_map(|line| line.strip_prefix(".PHONY: ")).unwrap();
    let mut commands: Vec<String> = declared.split_whitespace().map(str::to_owned).collect();
    for page in files(".", &[".md"]).unwrap() {
        let said = page.text.split("`make ").skip(1).filter_map(|rest| rest.split(['`', ' ']).next());
        commands.extend(said.map(str::to_owned));
    }
    commands.retain(|name| !has_rule(name));
    assert!(commands.is_empty(), "no rule in the Makefile: {commands:?}");
}

/// The project speaks of itself alone: nothing of the machines it was written on.
#[test]
fn lock_files_name_no_download_host() {
    for path in ["package-lock.json", "bench/package-lock.json"] {
        let lock = std::fs::read_to_string(tidy::root().join(path)).unwrap();
        assert!(
            !lock.contains("\"resolved\": \"http"),
            "{path}: run npm with the .npmrc of the first folder"
        );
    }
    for path in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let lock = std::fs::read_to_string(tidy::root().join(path)).unwrap();
        let sources = lock.lines().filter(|line| line.starts_with("source = "));
        let elsewhere: Vec<&str> = sources
            .filter(|line| !line.contains("registry+https://github.com/rust-lang/crates.io-index"))
            .collect();
        assert!(elsewhere.is_empty(), "{path}: {elsewhere:?}");
    }
}
