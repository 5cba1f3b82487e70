//! Acts in their second place: every one arrives whatever is stopped when, and what happens to the record afterwards is
//! found there.

use super::*;
use app::{acts, checking, stories};
use domain::person::Role;
use std::{path::PathBuf, time::Duration};
use testing::both;

fn place_for(place: &Installation) -> PathBuf {
    place.app.data_dir().join("acts.jsonl")
}

/// Streams until every act has arrived.
async fn stream(place: &Installation) {
    let file = place_for(place);
    let task = tokio::spawn(acts::stream(place.app.clone(), file.clone()));
    let newest = checking::export_head(&place.app, &Actor::installation()).await.unwrap().seq;
    let last = format!("{{\"seq\":{newest},");
    while !std::fs::read_to_string(&file).unwrap_or_default().lines().any(|line| line.starts_with(&last)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    task.abort();
    let _ = task.await;
}

async fn faults(place: &Installation) -> Vec<String> {
    let compared = checking::against(&place.app, &place_for(place)).await.unwrap();
    compared.faults.into_iter().map(|fault| fault.what).collect()
}

/// Numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        // SplitMix64, a well-mixed counter.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }
}

both! {
    async fn every_act_arrives_once_the_stream_goes_on(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        stream(&place).await;
        assert_eq!(faults(&place).await, Vec::<String>::new());
        // It was killed while it wrote a line.
        let mut text = std::fs::read_to_string(place_for(&place)).unwrap();
        text.push_str("{\"seq\":");
        std::fs::write(place_for(&place), &text).unwrap();
        assert_eq!(faults(&place).await, Vec::<String>::new(), "a line that is being written");
        place.somebody("Nia Late", Role::Member).await;
        stream(&place).await;
        let compared = checking::against(&place.app, &place_for(&place)).await.unwrap();
        let all = checking::check(&place.app, None).await.unwrap().acts;
        assert_eq!((i64::try_from(compared.acts).unwrap(), compared.heads), (all, 2));
        assert_eq!(compared.faults, []);
    }

    /// A pipe has no end to read how far it got from: that is noted beside the record.
    async fn a_pipe_gets_every_act_and_goes_on_where_it_ended(place: Installation) {
        use std::io::{BufRead as _, BufReader};
        stories::tell(&place.app).await.unwrap();
        let pipe = place.app.data_dir().join("acts.pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut expected = 1;
        for name in ["Nia Late", "Ola Later"] {
            place.somebody(name, Role::Member).await;
            let newest = checking::export_head(&place.app, &Actor::installation()).await.unwrap().seq;
            let task = tokio::spawn(acts::stream(place.app.clone(), pipe.clone()));
            let from = pipe.clone();
            let read = tokio::task::spawn_blocking(move || {
                // Ends with the last act that is on record now, so nobody waits for one that never comes.
                let lines = BufReader::new(std::fs::File::open(from).unwrap()).lines().map(Result::unwrap);
                let numbers = lines.filter_map(|line| line.strip_prefix("{\"seq\":")?.split(',').next()?.parse::<i64>().ok());
                let mut heard = Vec::new();
                for number in numbers {
                    heard.push(number);
                    if number == newest {
                        break;
                    }
                }
                heard
            });
            let heard = read.await.unwrap();
            assert_eq!(heard, (expected..=newest).collect::<Vec<_>>());
            expected = newest + 1;
            // What was written is noted after it was: wait for the note, or the same would rightly come twice.
            let note = place.app.data_dir().join("acts-sent");
            while std::fs::read_to_string(&note).unwrap_or_default() != newest.to_string() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            task.abort();
            let _ = task.await;
        }
    }

    async fn those_who_ask_for_the_first_head_at_once_get_one_key(place: Installation) {
        let asked = (0..16).map(|_| {
            let app = place.app.clone();
            tokio::spawn(async move { checking::export_head(&app, &Actor::installation()).await.map(|head| head.key) })
        });
        let mut keys = Vec::new();
        for asked in asked.collect::<Vec<_>>() {
            keys.push(asked.await.unwrap().unwrap());
        }
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }

    async fn what_was_cut_off_or_written_anew_is_found(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        stream(&place).await;
        let newest = checking::export_head(&place.app, &Actor::installation()).await.unwrap().seq;
        let cut = newest - 3;
        testing::by_hand(place.database_url(), &[
            &format!("DELETE FROM audit WHERE seq > {cut}"),
            &format!("UPDATE audit_head SET seq = {cut}, digest = (SELECT digest FROM audit WHERE seq = {cut})"),
        ]).await;
        assert_eq!(checking::check(&place.app, None).await.unwrap().faults, [], "the chain alone cannot know");
        let found = faults(&place).await;
        assert!(found.iter().any(|fault| fault.contains(&format!("not on record: {}", newest - 2))), "{found:?}");
        for n in 0..5 {
            place.somebody(&format!("Other {n}"), Role::Member).await;
        }
        let found = faults(&place).await;
        assert!(found.iter().any(|fault| fault.contains("written anew")), "{found:?}");
    }
}

/// Whoever holds the second place changes it; the record is whole. `N` sets how often.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_to_the_stream_is_found() {
    use testing::Fixture as _;
    let database = testing::database(testing::Kind::Sqlite).await;
    let place = Installation::on(&database).await;
    for n in 0..30 {
        place.somebody(&format!("Somebody {n}"), Role::Member).await;
    }
    stream(&place).await;
    let whole = std::fs::read_to_string(place_for(&place)).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let times = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    for seed in 0..times {
        let mut dice = Dice(seed);
        let mut now: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        // Not the last act and the head after it: a stream that merely ends early is no lie.
        let at = dice.throw(lines.len() - 2);
        match dice.throw(4) {
            0 => {
                let from = [
                    ("installation", "Somebody"),
                    ("Debrief", "Debrieff"),
                    ("\"act\":\"", "\"act\":\"x"),
                    ("\"seq\":", "\"seq\":1"),
                    ("\"digest\":\"", "\"digest\":\"0"),
                ];
                let (old, new) = from[dice.throw(from.len())];
                let changed = now[at].replacen(old, new, 1);
                if changed == now[at] { now[at].insert(5, 'x') } else { now[at] = changed }
            }
            1 => {
                // A stream may begin anywhere, so the first line is not missed.
                now.remove(at.max(1));
            }
            2 => {
                let other = (at + 1 + dice.throw(lines.len() - 3)) % (lines.len() - 2);
                let (a, b) = (at.min(other), at.max(other));
                let digest = |line: &str| line.rsplit('"').nth(1).unwrap().to_owned();
                let (of_a, of_b) = (digest(&now[a]), digest(&now[b]));
                now[a] = now[a].replace(&of_a, &of_b);
                now[b] = now[b].replace(&of_b, &of_a);
            }
            _ => now[at].insert_str(dice.throw(10) + 2, "\\u0000"),
        }
        std::fs::write(place_for(&place), now.join("\n") + "\n").unwrap();
        assert_ne!(
            faults(&place).await,
            Vec::<String>::new(),
            "seed {seed}, line {}: {}",
            at + 1,
            now[at.min(now.len() - 1)]
        );
    }
    println!("manipulations={times} found={times}");
}
