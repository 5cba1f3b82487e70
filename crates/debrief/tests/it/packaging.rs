//! What packages say to the program is what it understands.

use crate::program::{command, printed};
use std::path::Path;

/// The variables that a file of packaging sets, after `word`; values hold no spaces there.
fn variables(file: &str, word: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging").join(file);
    let text = std::fs::read_to_string(path).unwrap();
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
