//! Versions of shared documents as rows.

use super::{
    documents::{append, document},
    *,
};
use domain::{
    access::{Actor, Sight},
    incident::IncidentNumber,
    postmortem::PostmortemState,
    version::{VersionKind, VersionNumber},
};
use store::versions::{self, New};
use testing::{Kind, both};

both! {
    async fn versions_are_numbered_with_those_who_wrote(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let (ada, wren) = (somebody(&db, 1, Role::Member).await, somebody(&db, 2, Role::Member).await);
        let kinds = [
            VersionKind::StateChange,
            VersionKind::Named("Before the storm".into()),
            VersionKind::BeforeRestore,
            VersionKind::Restored { from: VersionNumber(2) },
            VersionKind::Automatic,
        ];
        let writing = [vec![], vec![ada.id, wren.id], vec![ada.id], vec![], vec![wren.id]];
        let mut seq = 0;
        for (n, (kind, writers)) in kinds.iter().zip(&writing).enumerate() {
            for writer in writers {
                seq = append(&db, document, 7, b"x", Some(*writer)).await.unwrap();
            }
            let mut tx = db.write().await.unwrap();
            let state = [n as u8];
            let new = New {
                document,
                seq,
                epoch: 7,
                kind,
                standing: PostmortemState::Draft,
                made_by: Some(ada.id),
                made_at: NOW,
                state: &state,
            };
            assert_eq!(versions::keep(&mut tx, new).await.unwrap(), VersionNumber(n as i64 + 1));
            tx.commit().await.unwrap();
        }
        append(&db, document, 7, b"x", Some(wren.id)).await.unwrap();

        let mut tx = db.read().await.unwrap();
        let sight = Sight::of(&Actor::installation(), NOW);
        let history = versions::history(&mut tx, IncidentNumber(1), sight).await.unwrap().unwrap();
        assert_eq!((history.document, history.title.as_str()), (document, "Slow boards"));
        assert!(history.versions.iter().map(|version| &version.kind).eq(&kinds));
        for (version, writers) in history.versions.iter().zip(&writing) {
            assert_eq!(version.writers.len(), writers.len(), "{version:?}");
        }
        let states = versions::states(&mut tx, document, VersionNumber(4), VersionNumber(2)).await.unwrap();
        assert_eq!(states, [(VersionNumber(2), vec![1]), (VersionNumber(4), vec![3])]);
        let about = versions::about(&mut tx, document).await.unwrap().unwrap();
        assert_eq!((about.standing, about.newest), (PostmortemState::Draft, Some((NOW, seq))));
        assert_eq!(versions::writers_since(&mut tx, document, seq).await.unwrap().len(), 1);
        assert_eq!(versions::history(&mut tx, IncidentNumber(9), sight).await.unwrap(), None);
    }

    async fn hourly_versions_grow_fewer_with_age_and_others_stay(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let ada = somebody(&db, 1, Role::Member).await;
        // Noon of a day, counted in days and hours before now.
        let now = Instant::from_micros(20_000 * 86_400_000_000 + 43_200_000_000);
        let ago = |days: i64, hours: i64| Instant::from_micros(now.as_micros() - (days * 24 + hours) * 3_600_000_000);
        let named = || VersionKind::Named("Before the storm".into());
        let made = [
            (ago(45, 3), VersionKind::Automatic, false),
            (ago(45, 2), VersionKind::StateChange, true),
            (ago(45, 1), VersionKind::Automatic, true),
            (ago(20, 9), VersionKind::Automatic, false),
            (ago(20, 8), named(), true),
            (ago(20, 7), VersionKind::Automatic, true),
            (ago(20, 6), VersionKind::Automatic, true),
            (ago(20, 5), VersionKind::Restored { from: VersionNumber(6) }, true),
            (ago(20, 4), VersionKind::BeforeRestore, true),
            (ago(1, 9), VersionKind::Automatic, true),
            (ago(1, 8), VersionKind::Automatic, true),
            (ago(0, 1), VersionKind::Automatic, true),
        ];
        for (n, (made_at, kind, _)) in made.iter().enumerate() {
            // Ada wrote before the fourth, which goes.
            if n == 3 {
                append(&db, document, 7, b"x", Some(ada.id)).await;
            }
            let (seq, state) = (i64::from(n >= 3), [1]);
            let standing = PostmortemState::Draft;
            let new = New { document, seq, epoch: 7, kind, standing, made_by: None, made_at: *made_at, state: &state };
            let mut tx = db.write().await.unwrap();
            versions::keep(&mut tx, new).await.unwrap();
            tx.commit().await.unwrap();
        }
        for (time, removed) in [("first", 2), ("second", 0)] {
            let mut tx = db.write().await.unwrap();
            assert_eq!(versions::thin(&mut tx, document, now).await.unwrap(), removed, "{time}");
            tx.commit().await.unwrap();
        }
        let mut tx = db.read().await.unwrap();
        let sight = Sight::of(&Actor::installation(), NOW);
        let history = versions::history(&mut tx, IncidentNumber(1), sight).await.unwrap().unwrap();
        let left: Vec<i64> = history.versions.iter().map(|version| version.number.0).collect();
        let stay = made.iter().zip(1..).filter(|((_, _, stays), _)| *stays).map(|(_, number)| number);
        assert_eq!(left, stay.collect::<Vec<i64>>());
        let with_ada: Vec<i64> =
            history.versions.iter().filter(|version| !version.writers.is_empty()).map(|it| it.number.0).collect();
        assert_eq!(with_ada, [5], "who wrote is kept with the next version");
        let all = versions::all(&mut tx).await.unwrap();
        assert_eq!((all.len(), all.iter().filter(|kept| kept.automatic).count()), (10, 6));
    }
}
