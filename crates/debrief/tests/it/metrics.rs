//! `debrief metrics`, on a file of our own and on published post-mortems where they are at hand.

use crate::program::{debrief, printed, refusal};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn metrics(arguments: &[&str]) -> Value {
    let text = printed(&debrief(&[&["metrics"], arguments].concat()));
    serde_json::from_str(&text).unwrap()
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Data of others, beside the checkout; `None`, with a message, where it is absent.
fn real(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("{} is not here; what needs it was left out", path.display());
    None
}

#[test]
fn a_file_is_measured_and_what_is_missing_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let ferry = serde_json::json!({
        "id": "ferry-7",
        "timeline": [{ "n": 1, "time": "2026-05-02T09:10:00Z", "precision": "approximate", "kind": "impact-start", "text": "Two families, one cabin" }],
        "answers": { "impact_start": "2026-05-02T09:10:00Z", "mitigated_at": "2026-05-02T09:40:00Z", "acknowledged_at": "2026-05-02T09:00:00Z", "detected_at": "2026-05-02T09:20:00Z",
            "stated_durations": [{ "what": "repair", "quote": "two hours (during support hours)", "minutes": 120 }] },
        "intervals": [
            { "service": "Booking", "audience": "Passengers", "from": "2026-05-02T09:10:00Z", "to": "2026-05-02T09:40:00Z", "share": 0.5, "affected": 40, "degree": "full" },
            { "service": "Booking", "audience": "Passengers", "from": "2026-05-02T09:30:00Z", "share": 0.5, "affected": 40 }
        ]
    });
    let path = file(folder.path(), "ferry.json", ferry.to_string().as_bytes());
    let found = metrics(&[&path, "--now", "2026-05-02T10:10:00Z"]);
    assert_eq!(found["computed_minutes"]["time_to_mitigate"], 30);
    let mitigated = &found["durations"]["time_to_mitigate"];
    assert_eq!((&mitigated["least_minutes"], &mitigated["most_minutes"]), (&25.into(), &36.into()));
    assert_eq!(found["key_instants"]["impact_start"]["event"], "n1");
    assert_eq!(found["durations"]["time_to_resolve"]["reason"], "no event says “resolved” yet");
    assert!(found["durations"]["time_to_resolve"]["minutes"].is_null());
    assert_eq!(found["durations"]["time_to_acknowledge"]["reason"], "“acknowledged” lies before “detected”");
    assert_eq!((&found["impact"]["minutes"], &found["impact"]["open"]), (&60.into(), &true.into()));
    // Half of the users for 30 minutes in full, then half of them with half of the loss.
    assert_eq!(found["impact"]["weighted_minutes"], 22.5);
    assert_eq!(found["impact"]["user_minutes"], 2400.0);
    assert_eq!(found["stated"][0]["agrees"], false);
    assert!(found["stated"][0]["why"].as_str().unwrap().ends_with("some hours of the day only."));

    let broken = file(folder.path(), "broken.json", b"{\"id\": \"x\"}");
    assert!(refusal(&debrief(&["metrics", &broken])).contains("broken.json"));
}

#[test]
fn published_post_mortems_give_the_durations_they_state() {
    let Some(folder) = real("incidents") else { return };
    for (name, minutes) in [
        (
            "crates-io-2023-07-20-broken-downloads.json",
            [
                ("time_to_detect", 11),
                ("time_to_mitigate", 13),
                ("time_to_resolve", 13),
                ("detect_to_resolve", 2),
            ],
        ),
        (
            "gitlab-2017-01-31-database-outage.json",
            [
                ("time_to_detect", 0),
                ("time_to_mitigate", 1_050),
                ("time_to_resolve", 1_110),
                ("detect_to_resolve", 1_110),
            ],
        ),
    ] {
        let path = folder.join(name);
        let found = metrics(&[path.to_str().unwrap()]);
        for (key, minutes) in minutes {
            assert_eq!(found["computed_minutes"][key], minutes, "{name}: {key}");
        }
        let stated = found["stated"].as_array().unwrap();
        assert_eq!(stated[0]["agrees"], true, "{name}: {}", stated[0]);
        assert_eq!(found["notes"].as_array().unwrap().len(), 0, "{name}: everything is understood");
        assert!(found["key_instants"]["impact_end"].is_null());
    }
}

#[test]
fn stated_times_that_disagree_with_their_own_timestamps_are_told() {
    let Some(path) = real("metadata/moj-stated-times.jsonl") else { return };
    let found = metrics(&[path.to_str().unwrap()]);
    let verdict = |id: &str, what: &str| {
        let one = found.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
        one["stated"].as_array().unwrap().iter().find(|it| it["what"] == what).unwrap()["agrees"].clone()
    };
    for (id, repair, resolve) in [
        ("moj/2020-02-25", Value::Null, false.into()),
        ("moj/2020-08-07-master-node-provisioning-failure", true.into(), false.into()),
        ("moj/2020-08-25-connectivity-issues-euwest2", Value::Null, true.into()),
        ("moj/2020-09-21-some-cloud-platform-components-destroyed", true.into(), true.into()),
        ("moj/2022-01-22-some-dns-records-deleted", true.into(), true.into()),
        ("moj/2022-11-15-prometheus-ekslive-down", true.into(), true.into()),
        ("moj/2023-07-25-prometheus-on-live-cluster-down", true.into(), false.into()),
        ("moj/2024-04-15-prometheus", true.into(), false.into()),
        ("moj/2025-01-13-auth0-credentials", Value::Null, true.into()),
    ] {
        assert_eq!((verdict(id, "repair"), verdict(id, "resolve")), (repair, resolve), "{id}");
    }
    let notes = found[0]["notes"].as_array().unwrap();
    assert!(notes[0].as_str().unwrap().contains("without an offset"), "{notes:?}");
}
