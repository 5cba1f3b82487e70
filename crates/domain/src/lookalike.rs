//! Names that look like one of somebody else with letters of another script (Unicode Technical Standard #39).

use crate::person::PersonName;
use std::collections::BTreeSet;
use unicode_script::{Script, UnicodeScript};
use unicode_security::skeleton;

/// Whether two names look alike although they are written in other scripts, such as a Cyrillic а in Latin letters.
///
/// Names of one script that are easily mixed up (Bem and Bern) are other names, and two people may have the same.
pub fn alike(one: &PersonName, other: &PersonName) -> bool {
    texts_alike(one.as_str(), other.as_str())
}

/// The same of any two names: of teams, of services.
pub fn texts_alike(one: &str, other: &str) -> bool {
    scripts(one) != scripts(other) && seen(one) == seen(other)
}

/// What an eye sees: without case and outer shapes, blanks as one.
fn seen(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    skeleton(&words.join(" ")).collect::<String>().to_lowercase()
}

/// The scripts of its letters; figures, marks and signs belong to all.
fn scripts(name: &str) -> BTreeSet<&'static str> {
    let scripts = name.chars().map(|c| c.script());
    scripts
        .filter(|script| !matches!(script, Script::Common | Script::Inherited))
        .map(Script::full_name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PersonName {
        text.parse().unwrap()
    }

    #[test]
    fn another_script_is_noticed_and_other_names_are_not() {
        for (one, other, expected) in [
            ("Ada Cope", "Аda Cope", true),
            ("Ada Cope", "Ada Соре", true),
            ("Ada Cope", "ada Соре", true),
            ("Ada  Cope", "Аda Cope", true),
            ("Oleg", "Οleg", true),
            ("Ada Cope", "Ada Cope", false),
            ("Ada Cope", "ADA COPE", false),
            ("Bem", "Bern", false),
            ("Anna Petrova", "Анна Петрова", false),
            ("Ada 1", "Ada I", false),
            ("Zoë", "Zoe", false),
        ] {
            assert_eq!(alike(&name(one), &name(other)), expected, "{one} {other}");
            assert_eq!(alike(&name(other), &name(one)), expected, "{other} {one}");
        }
    }
}
