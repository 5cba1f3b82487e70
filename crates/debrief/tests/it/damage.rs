//! Bad input: one clear sentence for each, and nothing half brought in.

use crate::{
    house::{Client, House, SignedIn},
    job::{bring_in, records_of_the_gates},
    records::{archive, at, entry, gates, message, slack, talk},
};
use serde_json::{Value, json};

/// Everything the API tells of the record.
async fn whole(who: &impl Client) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["incidents?limit=200", "postmortems", "follow-ups", "people"] {
        all.push(who.get(&format!("/api/v1/{path}")).await.ok().value());
    }
    let numbers: Vec<String> = all[0]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["number"].as_str().unwrap().to_owned())
        .collect();
    for number in numbers {
        for part in ["", "/timeline", "/evidence?limit=500"] {
            all.push(who.get(&format!("/api/v1/incidents/{number}{part}")).await.ok().value());
        }
        let document = who.get(&format!("/api/v1/postmortems/{number}")).await;
        all.push(if document.status == 200 { document.value() } else { Value::Null });
    }
    all
}

/// An archive whose entries have these names, whatever a zip writer thinks of them.
fn archive_with_names(names: &[&str]) -> Vec<u8> {
    let stand_ins: Vec<String> =
        names.iter().enumerate().map(|(n, name)| format!("{:x<1$}", n, name.len())).collect();
    let entries: Vec<(&str, Vec<u8>)> =
        stand_ins.iter().map(|name| (name.as_str(), b"[]".to_vec())).collect();
    let mut bytes = archive(&entries);
    for (stand_in, name) in stand_ins.iter().zip(names) {
        for place in 0..bytes.len() - name.len() {
            if bytes[place..].starts_with(stand_in.as_bytes()) {
                bytes[place..place + name.len()].copy_from_slice(name.as_bytes());
            }
        }
    }
    bytes
}

testing::everywhere! {
    async fn bringing_the_same_in_twice_adds_nothing(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        let before = whole(&wren).await;
        records_of_the_gates(&wren).await;
        assert_eq!(whole(&wren).await, before);
        let pages = gates("PGATES", 2).to_string();
        let answer = wren.upload("/api/v1/incidents/INC-1/imports", &[("again.json", pages.as_bytes())]).await.ok().value();
        assert_eq!((&answer["added"], &answer["events"]), (&json!(0), &json!(0)), "{answer}");
        let query = "/api/v1/incidents/INC-1/imports?channel=inc-gates";
        let answer = wren.upload(query, &[("again.zip", &slack(talk()))]).await.ok().value();
        assert_eq!((&answer["added"], &answer["known"]), (&json!(0), &json!(5)), "{answer}");
        assert_eq!(whole(&wren).await, before);
    }

    async fn a_file_of_unknown_form_is_kept_as_it_came(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        let api = "/api/v1/incidents/INC-1/imports";
        for (name, bytes) in [("strange.json", b"{\"weather\": \"fine\"}".as_slice()), ("number.json", b"7")] {
            wren.upload("/imports", &[(name, bytes)]).await.leads_to("/imports/");
            for added in [1, 0] {
                let answer = wren.upload(api, &[(name, bytes)]).await.ok().value();
                let told = (&answer["added"], &answer["not_understood"], &answer["events"]);
                assert_eq!(told, (&json!(added), &json!(1), &json!(0)), "{name}: {answer}");
            }
        }
    }

    async fn a_damaged_file_gets_one_sentence_and_changes_nothing(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        let before = whole(&wren).await;
        let zip = slack(talk());
        let pages = gates("PNEW", 3).to_string();
        let bomb = archive(&[("inc-gates/2026-11-15.json", vec![b' '; 70 << 20])]);
        let packed = archive(&[("inc-gates/2026-11-15.json", vec![b' '; 20 << 20])]);
        let broken_day = archive(&[("inc-gates/2026-11-14.json", b"[{\"type\": \"message\"".to_vec())]);
        let mut latin = pages.clone().into_bytes();
        let place = pages.find("clair").unwrap();
        latin[place - 2] = 0xc9;
        latin[place - 1] = b' ';
        let deep = format!("{{\"incidents\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("half.zip", zip[..zip.len() / 2].to_vec(), "half.zip"),
            ("begun.zip", zip[..30].to_vec(), "begun.zip"),
            ("cut.json", pages.as_bytes()[..pages.len() / 2].to_vec(), "cut.json"),
            ("empty.json", Vec::new(), "empty.json"),
            ("latin.json", latin, "UTF-8"),
            ("noise.bin", (0..5_000_u32).map(|n| (n * 7919 % 251) as u8).collect(), "noise.bin"),
            ("bomb.zip", bomb, "bomb.zip"),
            ("packed.zip", packed, "packed.zip"),
        ];
        for (name, bytes, words) in cases {
            let answer = wren.upload("/imports", &[(name, &bytes)]).await;
            assert_eq!(answer.status, 422, "{name}: {}", answer.text());
            let alert = answer.says(words).text();
            assert!(alert.contains("Nothing was brought in"), "{name}: {alert}");
            let query = if name.ends_with(".zip") { "?channel=inc-gates" } else { "" };
            let api = format!("/api/v1/incidents/INC-1/imports{query}");
            let refused = wren.upload(&api, &[(name, &bytes)]).await.is(422).value();
            let sentence = refused["error"]["message"].as_str().unwrap();
            assert!(sentence.contains(words) && sentence.len() < 400 && sentence.ends_with('.'), "{name}: {sentence}");
        }
        // Whatever it is taken for, it harms nobody.
        for text in ["[".repeat(100_000), deep] {
            let answer = wren.upload("/imports", &[("deep.json", text.as_bytes())]).await;
            assert!(matches!(answer.status.as_u16(), 303 | 422), "{}", answer.text());
        }
        // Found out only when the channel is read: the whole import ends there.
        let refused = wren.upload("/api/v1/incidents/INC-1/imports?channel=inc-gates", &[("day.zip", &broken_day)]).await.is(422);
        refused.says("inc-gates/2026-11-14.json");
        // A good file does not come in beside a broken one.
        let both: [(&str, &[u8]); 2] = [("good.json", pages.as_bytes()), ("broken.json", b"{")];
        wren.upload("/imports", &both).await.is(422).says("broken.json");
        wren.upload("/imports", &[]).await.is(422).says("No file was chosen");
        assert_eq!(whole(&wren).await, before);
    }

    async fn an_upload_has_a_largest_size(house: House) {
        let wren = house.member().await;
        let mut settings = web::Settings::new(None);
        settings.upload_limit = 2 << 20;
        let router = web::router(web::State::new(house.place.app.clone(), settings));
        let wren = SignedIn { router, cookie: wren.cookie };
        let half = vec![b' '; 3 << 19];
        wren.upload("/imports", &[("big.zip", &[0; 3 << 20])]).await.is(422).says("larger than 2 MiB");
        wren.upload("/imports", &[("a.json", &half), ("b.json", &half)]).await.is(422).says("Together");
        let many: Vec<(&str, &[u8])> = (0..501).map(|_| ("a.json", b"{}".as_slice())).collect();
        wren.upload("/imports", &many).await.is(422).says("more than 500 files");
        let left = std::fs::read_dir(house.place.app.data_dir().join("uploads")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "what was refused is not kept");
    }

    async fn no_name_in_an_archive_leads_outside(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        let outside = house.place.app.data_dir().join("../outside.json");
        let hostile = archive_with_names(&["../outside.json", "/tmp/debrief-outside.json", "inc-gates/../../outside.json"]);
        let answer = wren.upload("/api/v1/incidents/INC-1/imports?channel=inc-gates", &[("hostile.zip", &hostile)]).await;
        assert!(answer.status == 200 || answer.status == 422, "{}", answer.text());
        assert!(!outside.exists() && !std::path::Path::new("/tmp/debrief-outside.json").exists());
        let renamed = wren.upload("/imports", &[("../../outside.json", gates("PX", 1).to_string().as_bytes())]).await;
        let page = renamed.leads_to("/imports/");
        wren.get(&page).await.ok().says("outside.json").does_not_say("../");
        assert!(!outside.exists());
    }

    async fn what_is_not_understood_is_kept(house: House) {
        let wren = house.member().await;
        let mut export = gates("PGATES", 1);
        let strange = [
            entry("PGATES", "teleport", 700, &json!({ "channel": { "type": "beam" } })),
            json!({ "id": "RODD", "type": "acknowledge_log_entry", "created_at": "yesterday", "incident": { "id": "PGATES" } }),
        ];
        export["log_entries"].as_array_mut().unwrap().extend(strange);
        let choice = [("source", "pagerduty"), ("pick", "PGATES")];
        let page = bring_in(&wren, &[("pages.json", export.to_string().as_bytes())], &choice).await;
        page.says("It is in").says("not understood");
        let kept = wren.get("/api/v1/incidents/INC-1/evidence?signal=not_understood").await.ok().value();
        assert!(kept["total"].as_i64().unwrap() >= 1, "{kept}");
        wren.get("/incidents/INC-1/evidence?signal=not_understood").await.ok().says("not understood");
    }

    async fn records_of_one_instant_and_of_strangers_all_come_in(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        let mut same: Vec<Value> = (0..3).map(|n| message(3_000, "U1", &format!("same_second_{n}"))).collect();
        // Slack tells messages apart by `ts`: these differ in the last digit, and one is there twice.
        for (n, one) in same.iter_mut().enumerate() {
            one["ts"] = format!("{}.00000{n}", at(3_000).as_micros() / 1_000_000).into();
        }
        same.push(same[0].clone());
        same.push(message(3_001, "UNOBODY", "from_a_stranger"));
        let query = "/api/v1/incidents/INC-1/imports?channel=inc-gates";
        wren.upload(query, &[("more.zip", &slack(same.clone()))]).await.ok();
        for words in ["same_second_0", "same_second_1", "same_second_2", "from_a_stranger"] {
            let found = wren.get(&format!("/api/v1/incidents/INC-1/evidence?words={words}")).await.ok().value();
            assert_eq!(found["total"], 1, "{words}: {found}");
        }
        let again = wren.upload(query, &[("more.zip", &slack(same))]).await.ok().value();
        assert_eq!(again["added"], 0);
        // The same words with another zone's offset are the same instant.
        let mut zoned = gates("PZONE", 0);
        zoned["log_entries"][0]["created_at"] = "2026-11-14T11:17:00+05:30".into();
        let choice = [("source", "pagerduty"), ("pick", "PZONE")];
        bring_in(&wren, &[("zoned.json", zoned.to_string().as_bytes())], &choice).await.says("It is in");
        let first = wren.get("/api/v1/incidents/INC-2/evidence?limit=1").await.ok().value();
        assert_eq!(first["items"][0]["at"], at(0).to_string());
    }
}
