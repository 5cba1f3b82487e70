//! Jobs: each is taken once, comes back when its holder is gone, and can only be ended by whoever holds it.

use super::*;
use domain::instant::Span;
use store::jobs::{self, Claimed};
use testing::{Kind, both, by_hand};
use uuid::Uuid;

const LEASE: i64 = 60_000_000;
const KINDS: [&str; 1] = ["walk"];

async fn add(db: &Db, n: u8, name: Option<&str>, run_at: Instant) {
    let payload = format!("{{\"n\":{n}}}");
    let job = jobs::New {
        id: Uuid::from_bytes([n; 16]),
        kind: "walk",
        payload: &payload,
        name,
        made_at: NOW,
        run_at,
    };
    let mut tx = db.write().await.unwrap();
    jobs::add(&mut tx, &job).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(db: &Db) -> Option<Claimed> {
    let mut tx = db.write().await.unwrap();
    let claimed = jobs::claim(&mut tx, &KINDS, NOW, LEASE).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

async fn finish(db: &Db, job: &Claimed) -> bool {
    let mut tx = db.write().await.unwrap();
    let finished = jobs::finish(&mut tx, job.id, job.claim).await.unwrap();
    tx.commit().await.unwrap();
    finished
}

async fn counts(db: &Db) -> (i64, i64) {
    let counts = jobs::counts(&mut db.read().await.unwrap()).await.unwrap();
    (counts.open, counts.given_up)
}

both! {
    async fn nodes_that_take_at_once_take_each_job_once(place: (String, Kind)) {
        let (a, b) = (Db::open(&place.0).await.unwrap(), Db::open(&place.0).await.unwrap());
        for n in 1..=20 {
            add(&a, n, None, NOW).await;
        }
        let take_all = async |db: &Db| {
            let mut taken = Vec::new();
            while let Some(job) = claim(db).await {
                assert!(finish(db, &job).await);
                taken.push(job.id);
            }
            taken
        };
        let (mut taken, others) = tokio::join!(take_all(&a), take_all(&b));
        taken.extend(others);
        taken.sort_unstable();
        assert_eq!(taken, (1..=20).map(|n| Uuid::from_bytes([n; 16])).collect::<Vec<_>>());
        assert_eq!(counts(&a).await, (0, 0));
    }

    async fn what_is_undone_asks_for_nothing(db: Db) {
        let mut tx = db.write().await.unwrap();
        let id = Uuid::from_bytes([1; 16]);
        jobs::add(&mut tx, &jobs::New { id, kind: "walk", payload: "{}", name: None, made_at: NOW, run_at: NOW }).await.unwrap();
        drop(tx);
        assert_eq!(claim(&db).await, None);
    }

    async fn only_what_is_due_and_understood_is_taken(db: Db) {
        add(&db, 1, None, NOW.plus(Span::micros(1))).await;
        assert_eq!(claim(&db).await, None);
        assert_eq!(jobs::next_at(&mut db.read().await.unwrap(), &KINDS).await.unwrap(), Some(NOW.plus(Span::micros(1))));
        add(&db, 2, None, NOW).await;
        let mut tx = db.write().await.unwrap();
        assert_eq!(jobs::claim(&mut tx, &["swim", "sing"], NOW, LEASE).await.unwrap(), None);
        drop(tx);
        assert_eq!(claim(&db).await.unwrap().id, Uuid::from_bytes([2; 16]));
    }

    async fn a_holder_that_was_away_for_too_long_can_end_nothing(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        add(&db, 1, None, NOW).await;
        let first = claim(&db).await.unwrap();
        assert_eq!((first.attempts, claim(&db).await), (1, None), "it is in somebody's hands");
        // Its process is paused, or died between taking and ending.
        by_hand(&place.0, &["UPDATE jobs SET claimed_until = 1"]).await;
        let second = claim(&db).await.unwrap();
        assert_eq!((second.id, second.attempts), (first.id, 2));
        let mut tx = db.write().await.unwrap();
        assert!(!jobs::renew(&mut tx, first.id, first.claim, LEASE).await.unwrap());
        assert!(!jobs::fail(&mut tx, first.id, first.claim, "late", NOW).await.unwrap());
        assert!(!jobs::give_up(&mut tx, first.id, first.claim, "late", NOW).await.unwrap());
        assert!(!jobs::rest(&mut tx, first.id, first.claim, NOW).await.unwrap());
        assert!(!jobs::finish(&mut tx, first.id, first.claim).await.unwrap());
        assert!(jobs::renew(&mut tx, second.id, second.claim, LEASE).await.unwrap());
        tx.commit().await.unwrap();
        assert!(finish(&db, &second).await);
        assert!(!finish(&db, &second).await, "once");
    }

    async fn of_one_name_only_one_waits_and_one_at_work_runs_again(db: Db) {
        add(&db, 1, Some("round"), NOW.plus(Span::hours(1))).await;
        add(&db, 2, Some("round"), NOW).await;
        add(&db, 3, Some("round"), NOW.plus(Span::hours(2))).await;
        assert_eq!(counts(&db).await, (1, 0));
        let job = claim(&db).await.unwrap();
        assert_eq!(job.payload, "{\"n\":3}", "the newest words");
        // Asked for while it runs: what it may have overlooked is looked at once more.
        add(&db, 4, Some("round"), NOW).await;
        assert_eq!(claim(&db).await, None);
        assert!(finish(&db, &job).await);
        let again = claim(&db).await.unwrap();
        assert_eq!((again.payload.as_str(), again.attempts), ("{\"n\":4}", 1));
        assert!(finish(&db, &again).await);
        assert_eq!(counts(&db).await, (0, 0));
    }

    async fn what_fails_waits_and_what_was_given_up_is_shown_until_somebody_decides(db: Db) {
        add(&db, 1, Some("round"), NOW).await;
        let job = claim(&db).await.unwrap();
        let mut tx = db.write().await.unwrap();
        assert!(jobs::fail(&mut tx, job.id, job.claim, "no road", NOW.plus(Span::seconds(2))).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claim(&db).await, None);
        let mut tx = db.write().await.unwrap();
        let job = jobs::claim(&mut tx, &KINDS, NOW.plus(Span::seconds(2)), LEASE).await.unwrap().unwrap();
        assert_eq!(job.attempts, 2);
        assert!(jobs::give_up(&mut tx, job.id, job.claim, "still no road", NOW).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!((claim(&db).await, counts(&db).await), (None, (0, 1)));
        let shown = jobs::given_up(&mut db.read().await.unwrap(), 9).await.unwrap();
        assert_eq!((shown[0].attempts, shown[0].last_error.as_str(), shown[0].at), (2, "still no road", NOW));
        let mut tx = db.write().await.unwrap();
        assert!(jobs::retry(&mut tx, job.id, NOW).await.unwrap().is_some());
        assert!(jobs::retry(&mut tx, job.id, NOW).await.unwrap().is_none());
        tx.commit().await.unwrap();
        let job = claim(&db).await.unwrap();
        assert_eq!(job.attempts, 1);
        let mut tx = db.write().await.unwrap();
        assert!(jobs::give_up(&mut tx, job.id, job.claim, "x", NOW).await.unwrap());
        // Asking for it anew is deciding, too.
        tx.commit().await.unwrap();
        add(&db, 2, Some("round"), NOW).await;
        assert_eq!((counts(&db).await, claim(&db).await.unwrap().attempts), ((1, 0), 1));
        let mut tx = db.write().await.unwrap();
        assert!(jobs::forget(&mut tx, job.id).await.unwrap().is_none(), "only what was given up");
    }
}
