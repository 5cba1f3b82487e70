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
}
