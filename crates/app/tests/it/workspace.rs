//! What holds for everybody.

use super::*;
use app::workspace::{self, Workspace};
use testing::both;

both! {
    async fn there_are_defaults_before_set_up(place: Installation) {
        let workspace = workspace::show(&place.app).await.unwrap();
        assert_eq!((workspace.name.as_str(), workspace.soak_hours, workspace.revision), ("Debrief", 48, 0));
        assert!(workspace.premise.starts_with("We assume that everybody came to do good work and did what"));
        assert!(!workspace.premise.contains("  "));
        // The demo names its workspace without being set up.
        let change = Workspace { name: "Larkfare".into(), ..workspace };
        let changed = workspace::edit(&place.app, &Actor::installation(), change).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.revision), ("Larkfare", 1));
    }

    async fn changes_are_kept_and_seen(place: Installation) {
        let admin = set_up(&place).await;
        let before = workspace::show(&place.app).await.unwrap();
        assert_eq!((before.name.as_str(), before.revision), ("Larkfare", 1));
        let change = Workspace {
            name: " Larkfare Ferries ".into(),
            premise: "We learn together.".into(),
            soak_hours: 72,
            term: domain::vocabulary::Term::new("learning review", "learning reviews").unwrap(),
            revision: 1,
        };
        let changed = workspace::edit(&place.app, &admin.actor, change.clone()).await.unwrap();
        assert_eq!(changed, Workspace { name: "Larkfare Ferries".into(), revision: 2, ..change.clone() });
        assert_eq!(workspace::show(&place.app).await.unwrap(), changed);
        let other = place.another_node().await;
        assert_eq!(workspace::show(&other).await.unwrap(), changed, "it is in the record");
        assert!(is_conflict(workspace::edit(&place.app, &admin.actor, change).await), "revision 1 is gone");
        assert_eq!(workspace::show(&place.app).await.unwrap(), changed);
        assert_eq!(acts(&place).await, ["link.set_up", "workspace.set_up", "workspace.edit"]);
    }

    async fn of_two_changes_at_once_one_is_kept(place: Installation) {
        let admin = set_up(&place).await;
        let other = place.another_node().await;
        let before = workspace::show(&place.app).await.unwrap();
        let change = |name: &str| Workspace { name: name.into(), ..before.clone() };
        let (a, b) = tokio::join!(
            workspace::edit(&place.app, &admin.actor, change("A")),
            workspace::edit(&other, &admin.actor, change("B"))
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let kept = a.as_ref().or(b.as_ref()).unwrap().name.clone();
        for app in [&place.app, &other] {
            assert_eq!(workspace::show(app).await.unwrap().name, kept);
        }
    }

    async fn what_cannot_be_is_refused(place: Installation) {
        let admin = set_up(&place).await;
        let good = workspace::show(&place.app).await.unwrap();
        let wrong = [
            ("workspace", Workspace { name: " ".into(), ..good.clone() }),
            ("workspace", Workspace { name: "x".repeat(101), ..good.clone() }),
            ("premise", Workspace { premise: "\n".into(), ..good.clone() }),
            ("premise", Workspace { premise: "x".repeat(1001), ..good.clone() }),
            ("soak_hours", Workspace { soak_hours: 23, ..good.clone() }),
            ("soak_hours", Workspace { soak_hours: 73, ..good.clone() }),
            ("soak_hours", Workspace { soak_hours: i64::MIN, ..good.clone() }),
        ];
        for (expected, change) in wrong {
            assert_eq!(field(workspace::edit(&place.app, &admin.actor, change).await), Some(expected));
        }
        let absurd = Workspace { revision: i64::MAX, ..good.clone() };
        assert!(is_conflict(workspace::edit(&place.app, &admin.actor, absurd).await));
        assert_eq!(workspace::show(&place.app).await.unwrap(), good);
    }
}
