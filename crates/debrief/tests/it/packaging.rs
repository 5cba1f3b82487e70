//! What packages say to the program is what it understands.

use crate::program::{command, printed};
use std::path::Path;

/// A file of the checkout.
fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).unwrap()
}

/// The variables that a file of packaging sets, after `word`; values hold no spaces there.
fn variables(file: &str, word: &str) -> Vec<(String, String)> {
    let text = text(&format!("packaging/{file}"));
    let given = text.lines().filter_map(|line| line.strip_prefix(word)).flat_map(str::split_whitespace);
    given.filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn the_image_and_the_unit_set_what_the_program_knows() {
    let folder = tempfile::tempdir().unwrap();
    for (file, word, at_least) in [("Containerfile", "ENV ", 3), ("debrief.service", "Environment=", 3)] {
        let given = variables(file, word);
        assert!(given.len() >= at_least, "{file}: {given:?}");
        // The program refuses variables that begin as its own do and are none, and a file that is not there.
        let settings = folder.path().join("debrief.toml");
        std::fs::write(&settings, printed(&command(&["settings"]).output().unwrap())).unwrap();
        let mut asked = command(&["check"]);
        for (name, value) in given {
            match name.as_str() {
                "DEBRIEF_CONFIG" => asked.env(name, &settings),
                "DEBRIEF_DATA_DIR" => asked.env(name, folder.path().join(file)),
                _ => asked.env(name, value),
            };
        }
        assert!(printed(&asked.output().unwrap()).contains("The record is whole"), "{file}");
    }
}

/// The program asks outside by TLS with the roots of its system, and the smallest images have none: it would not start.
#[test]
fn the_image_has_what_the_program_does_not_bring_along() {
    let image = text("packaging/Containerfile");
    let (_, last) = image.rsplit_once("\nFROM ").unwrap();
    assert!(last.contains("ca-certificates"), "{last}");
    // A name without its registry is refused by an engine that has no list of registries to search.
    let from: Vec<_> = image.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    assert!(from.len() == 3 && from.iter().all(|name| name.starts_with("docker.io/")), "{from:?}");
    // Every engine reads this list; what is built on the machine is no part of the image, however deep it lies.
    let left_out = text(".dockerignore");
    for name in [".git", "**/node_modules", "**/target", "crates/web/assets"] {
        assert!(left_out.lines().any(|line| line == name), "{name}");
    }
}
