//! What each reader makes of its fixture: one line a record, compared with the file beside it. `WRITE=1` writes
//! that file anew, to be looked at before it is kept.

use domain::evidence::Author;
use importers::{Export, NO_TIME, NamedBytes, Options};
use std::{env, fmt::Write as _, fs, path::PathBuf};

fn told(export: &Export) -> String {
    let mut out = format!("{}\n", export.source.key());
    for it in &export.incidents {
        let _ = writeln!(
            out,
            "incident {} {:?} from {} to {} severity {} services {:?} teams {:?}",
            it.id,
            it.title.as_deref().unwrap_or_default(),
            it.created_at.map_or_else(|| "-".into(), |at| at.to_string()),
            it.resolved_at
                .map_or_else(|| if it.ended { "?".into() } else { "-".into() }, |at| at.to_string()),
            it.severity.map_or_else(|| "-".into(), |it| it.level().to_string()),
            it.services,
            it.teams,
        );
    }
    for it in export.evidence() {
        let at = if it.at == NO_TIME { "no time".to_owned() } else { it.at.to_string() };
        let by = it.author.as_ref().map(|Author { name, kind, .. }| format!("{name} ({kind:?})"));
        let _ = writeln!(
            out,
            "{at} {} [{}] by {} alert {}: {:?}",
            it.signal.key(),
            it.place.as_deref().unwrap_or("-"),
            by.as_deref().unwrap_or("-"),
            it.facts.alert.as_deref().unwrap_or("-"),
            it.text,
        );
    }
    for it in &export.not_understood {
        let _ = writeln!(out, "not understood: {}: {}", it.place, it.reason);
    }
    out
}

#[test]
fn every_fixture_is_read_as_expected() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|path| path.extension().is_none_or(|it| it != "expected"));
    files.sort();
    assert!(files.len() > 15);
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file = NamedBytes { name: name.clone(), bytes: fs::read(&path).unwrap() };
        let exports = importers::read(std::slice::from_ref(&file), &Options::default()).unwrap();
        let found: String = exports.iter().map(told).collect();
        let expected = folder.join(format!("{name}.expected"));
        if env::var_os("WRITE").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        assert_eq!(found, fs::read_to_string(&expected).unwrap_or_default(), "{name}");
        for it in exports.iter().flat_map(Export::evidence) {
            assert!(
                !it.raw.is_empty() && it.source_id.len() <= 300 && it.source == exports[0].source,
                "{name}"
            );
        }
        // The same file twice is the same records.
        let twice = importers::read(&[file.clone(), file], &Options::default()).unwrap();
        assert_eq!(twice[0].evidence().count(), exports[0].evidence().count(), "{name}");
    }
}
