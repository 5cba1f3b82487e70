//! Records of every released version, as that version backed them up, come whole into this one.

use super::*;
use app::{backup, checking};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{collections::BTreeMap, io::Read as _, path::Path};
use store::{
    Db,
    copying::{self, Value},
    migrate,
    tables::{Column, Kind, TABLES},
};
use testing::both;

/// What each release backed up, its demo stories and what people did to them, with the schema it had.
const RELEASES: [(&str, i64); 1] = [("0.1.0", 1)];

/// The rows of each part, as lines of JSON.
type Parts = BTreeMap<String, (Vec<String>, Vec<String>)>;

fn file(release: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/released/{release}.zip"))
}

fn parts(path: &Path) -> Parts {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let manifest: serde_json::Value = serde_json::from_reader(zip.by_name("manifest.json").unwrap()).unwrap();
    let mut parts = Parts::new();
    for part in manifest["parts"].as_array().unwrap() {
        let table = part["table"].as_str().unwrap();
        let columns = part["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        let mut text = String::new();
        zip.by_name(&format!("{table}.jsonl")).unwrap().read_to_string(&mut text).unwrap();
        parts.insert(table.to_owned(), (columns, text.lines().map(str::to_owned).collect()));
    }
    parts
}

/// The rows of a backup put into the schema of its release, which lies there as that release left it.
async fn as_it_was_left(url: &str, release: &str, schema: i64) {
    let db = Db::open(url).await.unwrap();
    let mut tx = db.write().await.unwrap();
    migrate::go_back(&mut tx, schema).await.unwrap();
    copying::clear(&mut tx).await.unwrap();
    let parts = parts(&file(release));
    for table in TABLES {
        let Some((names, lines)) = parts.get(table.name) else { continue };
        let mut columns: Vec<&'static Column> = names
            .iter()
            .map(|name| table.columns.iter().find(|column| column.name == name).unwrap())
            .collect();
        let mut rows: Vec<copying::Row> = lines.iter().map(|line| row(line, &columns)).collect();
        if let Some(life) = table.columns.iter().find(|column| column.kind == Kind::Life) {
            columns.push(life);
            rows.iter_mut().for_each(|row| row.push(Value::Number(Some(7))));
        }
        copying::insert(&mut tx, table, &columns, rows).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;
}

fn row(line: &str, columns: &[&'static Column]) -> copying::Row {
    let values: Vec<serde_json::Value> = serde_json::from_str(line).unwrap();
    let fit = |(value, column): (serde_json::Value, &&'static Column)| match column.kind {
        Kind::Text => Value::Text(value.as_str().map(str::to_owned)),
        Kind::Number | Kind::Life => Value::Number(value.as_i64()),
        Kind::Id => Value::Id(value.as_str().map(|id| id.parse().unwrap())),
        Kind::Flag => Value::Flag(value.as_bool()),
        Kind::Bytes => Value::Bytes(value.as_str().map(|text| STANDARD.decode(text).unwrap())),
    };
    values.into_iter().zip(columns).map(fit).collect()
}

/// Every value of the release is still there: the columns it knew, row by row.
fn nothing_is_lost(before: &Parts, after: &Parts) {
    for (table, (columns, lines)) in before {
        let (now, rows) = &after[table];
        let at: Vec<usize> =
            columns.iter().map(|name| now.iter().position(|column| column == name).unwrap()).collect();
        let kept: Vec<serde_json::Value> = rows
            .iter()
            .map(|line| {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                at.iter().map(|at| row[at].clone()).collect()
            })
            .collect();
        for line in lines {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(kept.contains(&row), "{table} lost {line}");
        }
    }
}

async fn is_whole(app: &app::App, release: &str) -> Parts {
    let report = checking::check(app, None).await.unwrap();
    assert_eq!(report.faults, [], "{release}");
    assert!(report.acts > 100 && report.documents > 5 && report.evidence > 100, "{report:?}");
    let path = app.data_dir().join(format!("{release}-now.zip"));
    backup::write(app, &Actor::installation(), &path, true).await.unwrap();
    parts(&path)
}

both! {
    async fn the_record_of_each_release_is_brought_up_to_date(place: Installation) {
        for (release, schema) in RELEASES {
            as_it_was_left(place.database_url(), release, schema).await;
            let app = place.another_node().await;
            let now = is_whole(&app, release).await;
            nothing_is_lost(&parts(&file(release)), &now);
            app.shut_down().await;
        }
    }

    async fn the_backup_of_each_release_is_restored(place: Installation) {
        for (release, _) in RELEASES {
            let restored = backup::restore(&place.app, &Actor::installation(), &file(release)).await.unwrap();
            assert_eq!((restored.manifest.made_by.as_str(), restored.broken_at), (release, None));
            let now = is_whole(&place.app, release).await;
            nothing_is_lost(&parts(&file(release)), &now);
            // And people go on: the chain grows on the old one.
            place.somebody("Nia Late", domain::person::Role::Member).await;
            assert_eq!(checking::check(&place.app, None).await.unwrap().faults, []);
        }
    }
}

#[test]
fn what_is_kept_of_a_release_names_no_machine() {
    for (release, _) in RELEASES {
        for (table, (_, lines)) in parts(&file(release)) {
            for line in lines {
                for place in ["/tmp/", "/root/", "/home/", "/work/"] {
                    assert!(!line.contains(place), "{table}: {line}");
                }
            }
        }
    }
}
