//! Jobs as the application does them: tried again, given up, shown, begun anew; by one of several nodes.

use super::*;
use app::{
    backup::Schedule,
    jobs::{self, Duties, Job, Workers},
};
use domain::{instant::Span, person::Role};
use std::time::Duration;
use testing::both;

fn duties(place: &Installation, folder: &str) -> Duties {
    let folder = place.app.data_dir().join(folder);
    Duties { backups: Some(Schedule { folder, every_hours: 24, keep: 3 }), ..Duties::default() }
}

async fn ask(place: &Installation) {
    let db = store::Db::open(place.database_url()).await.unwrap();
    let mut tx = db.write().await.unwrap();
    jobs::enqueue(&place.app, &mut tx, &Job::Backup).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
}

fn backups(place: &Installation, folder: &str) -> usize {
    std::fs::read_dir(place.app.data_dir().join(folder)).map_or(0, Iterator::count)
}

both! {
    async fn a_job_that_fails_is_tried_ever_later_then_shown_and_begun_anew(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let wren = place.somebody("Wren", Role::Member).await;
        let duties = duties(&place, "backups");
        // In the way of the folder for backups.
        let in_the_way = place.app.data_dir().join("backups");
        std::fs::write(&in_the_way, "a letter").unwrap();
        ask(&place).await;
        let began = place.clock.now();
        let mut tries = 0;
        while jobs::given_up(&place.app, &ada).await.unwrap().is_empty() {
            tries += jobs::run_due(&place.app, &duties).await.unwrap();
            assert_eq!(jobs::run_due(&place.app, &duties).await.unwrap(), 0, "it waits first");
            place.clock.advance(Span::hours(1));
            assert!(tries < 100);
        }
        assert_eq!(tries as i64, jobs::ATTEMPTS);
        let shown = jobs::given_up(&place.app, &ada).await.unwrap();
        assert_eq!((shown[0].what.as_str(), shown[0].attempts), ("Make a backup", jobs::ATTEMPTS));
        assert!(shown[0].why.contains("cannot be used") && shown[0].at > began, "{shown:?}");
        assert!(is_forbidden(jobs::given_up(&place.app, &wren).await));
        assert!(is_forbidden(jobs::retry(&place.app, &wren, shown[0].id).await));
        std::fs::remove_file(&in_the_way).unwrap();
        jobs::retry(&place.app, &ada, shown[0].id).await.unwrap();
        assert!(is_absent(jobs::retry(&place.app, &ada, shown[0].id).await));
        assert_eq!(jobs::run_due(&place.app, &duties).await.unwrap(), 1);
        assert_eq!((backups(&place, "backups"), jobs::given_up(&place.app, &ada).await.unwrap().len()), (1, 0));
        assert!(acts(&place).await.contains(&"job.retry".to_owned()));
    }

    async fn several_nodes_make_one_backup(place: Installation) {
        let other = place.another_node().await;
        ask(&place).await;
        let duties = duties(&place, "backups");
        let (here, there) = tokio::join!(jobs::run_due(&place.app, &duties), jobs::run_due(&other, &duties));
        assert_eq!((here.unwrap() + there.unwrap(), backups(&place, "backups")), (1, 1));
        // A node without the duty leaves it to others.
        place.clock.advance(Span::hours(25));
        assert_eq!(jobs::run_due(&other, &Duties::default()).await.unwrap(), 0);
        assert_eq!(jobs::run_due(&place.app, &duties).await.unwrap(), 1);
        assert_eq!(backups(&place, "backups"), 2);
    }

    async fn a_serving_node_wakes_when_it_is_asked_and_stops_in_order(place: Installation) {
        let workers = Workers::start(place.app.clone(), duties(&place, "kept"));
        while backups(&place, "kept") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        place.clock.advance(Span::hours(25));
        ask(&place).await;
        while backups(&place, "kept") < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        workers.stop(Duration::from_secs(20)).await;
        place.clock.advance(Span::hours(25));
        ask(&place).await;
        assert_eq!(backups(&place, "kept"), 2);
    }
}
