//! Exports that others made, where they are at hand: `../shared/data` beside the checkout.

use importers::{NamedBytes, pagerduty, slack};
use std::{fs, io::Cursor, path::PathBuf};

/// The folder of real payloads; `None`, with a message, where it is absent.
fn payloads(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/payloads").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

#[test]
fn a_workspace_of_2015() {
    let Some(path) = payloads("slack/houstondatavis-slack-export.zip") else { return };
    let bytes = fs::read(path).unwrap();
    let mut export = slack::Export::open(Cursor::new(&bytes), "export.zip").unwrap();
    let previews = export.preview(&mut |step| assert!(step.done <= step.total)).unwrap();
    assert_eq!(previews.iter().map(|it| it.messages).sum::<u64>(), 1008);
    let mut total = 0;
    for preview in &previews {
        let choice = slack::Choice { channel: preview.id.clone(), from: None, to: None };
        let gathered = export.gather(&choice, &mut |_| {}).unwrap();
        assert_eq!(gathered.not_understood, []);
        total += gathered.evidence.len();
        for evidence in &gathered.evidence {
            assert!(!evidence.text.contains("<@U"), "{}", evidence.text);
            assert!(evidence.author.is_some(), "{}", evidence.raw);
        }
    }
    assert_eq!(total, 1008);
}

#[test]
fn the_examples_of_the_rest_api() {
    let Some(folder) = payloads("pagerduty") else { return };
    let file = |name: &str| NamedBytes { name: name.to_owned(), bytes: fs::read(folder.join(name)).unwrap() };
    let export = pagerduty::read(&[
        file("rest-example-incident.json"),
        file("rest-example-log-entries.json"),
        file("rest-example-incident-notes.json"),
        file("rest-example-incident-alerts.json"),
    ])
    .unwrap();
    assert_eq!(export.not_understood, []);
    let [incident] = export.incidents.as_slice() else { panic!("one incident expected") };
    assert_eq!((incident.number, incident.title.as_deref()), (Some(1234), Some("The server is on fire.")));
    assert_eq!(incident.severity.map(|it| it.level()), Some(2));
    assert_eq!(incident.responders, ["Earline Greenholt", "Lee Turner"]);
    assert_eq!(incident.evidence.len(), 5);
    let list = pagerduty::read(&[file("rest-example-incidents-list.json")]).unwrap();
    assert_eq!(list.incidents.len(), 1);
    assert!(pagerduty::read(&[file("rest-example-services.json")]).is_err());
}
