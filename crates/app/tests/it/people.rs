//! Who is here, and that somebody always looks after the place.

use super::*;
use app::people;
use domain::{PersonId, person::Role};
use testing::both;

both! {
    async fn people_are_listed_by_name(place: Installation) {
        let installation = Actor::installation();
        for name in ["wren okafor", "Ödön Bak", "Ada Lindqvist", "Bo Zeller"] {
            place.somebody(name, Role::Member).await;
        }
        let bo = people::find_by_email(&place.app, &installation, "Bo.Zeller@larkfare.example").await.unwrap();
        people::deactivate(&place.app, &installation, bo.unwrap().id).await.unwrap();
        let reader = place.somebody("Zoe", Role::Reader).await;
        let people = people::list(&place.app, &reader).await.unwrap();
        let names: Vec<_> = people.iter().map(|person| (person.name.as_str(), person.deactivated)).collect();
        assert_eq!(
            names,
            [("Ada Lindqvist", false), ("wren okafor", false), ("Zoe", false), ("Ödön Bak", false), ("Bo Zeller", true)]
        );
        for unknown in ["nobody@larkfare.example", "no address"] {
            assert_eq!(people::find_by_email(&place.app, &reader, unknown).await.unwrap(), None);
        }
    }

    async fn only_administrators_look_after_people(place: Installation) {
        let admin = place.somebody("Ada Lindqvist", Role::Administrator).await;
        let id = admin.person.unwrap();
        for role in [Role::Reader, Role::Member] {
            let other = place.somebody(role.key(), role).await;
            let app = &place.app;
            assert!(is_forbidden(people::invite(app, &other, "X", "x@larkfare.example", Role::Reader).await));
            assert!(is_forbidden(people::record(app, &other, "X", "x@larkfare.example", Role::Reader, None).await));
            assert!(is_forbidden(people::set_role(app, &other, id, Role::Reader).await));
            assert!(is_forbidden(people::deactivate(app, &other, id).await));
            assert!(is_forbidden(sign_in::sign_in_link(app, &other, "ada.lindqvist@larkfare.example", 1).await));
            let workspace = app::workspace::show(app).await.unwrap();
            assert!(is_forbidden(app::workspace::edit(app, &other, workspace).await));
        }
    }

    async fn the_last_administrator_stays(place: Installation) {
        let admin = set_up(&place).await;
        let (app, me) = (&place.app, admin.person.id);
        assert!(is_conflict(people::set_role(app, &admin.actor, me, Role::Member).await));
        assert!(is_conflict(people::deactivate(app, &admin.actor, me).await));
        let wren = place.somebody("Wren", Role::Administrator).await;
        people::set_role(app, &admin.actor, me, Role::Member).await.unwrap();
        assert!(is_conflict(people::deactivate(app, &wren, wren.person.unwrap()).await));
        let stale = people::set_role(app, &admin.actor, wren.person.unwrap(), Role::Reader).await;
        assert!(is_forbidden(stale), "a role that is gone counts no more, whatever the request began with");
        people::set_role(app, &wren, me, Role::Administrator).await.unwrap();
        people::deactivate(app, &wren, wren.person.unwrap()).await.unwrap();
        assert!(is_conflict(people::set_role(app, &admin.actor, wren.person.unwrap(), Role::Member).await));
        assert!(is_absent(people::set_role(app, &admin.actor, PersonId(domain::TokenId::new(place.clock.now(), [1; 10]).0), Role::Member).await));
    }

    async fn two_administrators_who_demote_each_other(place: Installation) {
        let other = place.another_node().await;
        let mut left = place.somebody("Ada 0", Role::Administrator).await;
        for round in 1..=5 {
            let wren = place.somebody(&format!("Wren {round}"), Role::Administrator).await;
            let (ours, theirs) = (left.person.unwrap(), wren.person.unwrap());
            let (a, b) = tokio::join!(
                people::set_role(&place.app, &left, theirs, Role::Member),
                people::deactivate(&other, &wren, ours)
            );
            assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
            let everybody = people::list(&place.app, &Actor::installation()).await.unwrap();
            let remaining: Vec<_> = everybody
                .iter()
                .filter(|person| person.role == Role::Administrator && !person.deactivated)
                .map(actor)
                .collect();
            assert_eq!(remaining.len(), 1, "{remaining:?}");
            left = remaining[0].clone();
        }
        let outcome = people::deactivate(&place.app, &Actor::installation(), left.person.unwrap()).await;
        assert!(is_conflict(outcome), "not even the installation closes the last one");
    }

    async fn a_closed_account_opens_nothing(place: Installation) {
        let admin = set_up(&place).await;
        let app = &place.app;
        let wren = join(&place, &admin.actor, "wren@larkfare.example", Role::Member).await;
        let token = app::tokens::create(app, &actor(&wren.person), "deploys").await.unwrap();
        assert!(sign_in::bearer(app, &token).await.unwrap().is_some());
        people::deactivate(app, &admin.actor, wren.person.id).await.unwrap();
        assert!(sign_in::session(app, &wren.cookie).await.unwrap().is_none());
        assert!(sign_in::bearer(app, &token).await.unwrap().is_none());
        assert!(is_forbidden(app::tokens::create(app, &actor(&wren.person), "again").await));
        assert!(is_forbidden(people::update_me(app, &actor(&wren.person), "Wren", None).await));
        assert!(is_conflict(people::deactivate(app, &admin.actor, wren.person.id).await), "already");

        let back = join(&place, &admin.actor, "wren@larkfare.example", Role::Reader).await;
        assert_eq!((back.person.id, back.person.role), (wren.person.id, Role::Reader), "the same person");
        assert!(sign_in::session(app, &wren.cookie).await.unwrap().is_none(), "old sessions stay ended");
        assert!(sign_in::bearer(app, &token).await.unwrap().is_none());
        assert!(sign_in::session(app, &back.cookie).await.unwrap().is_some());
    }

    async fn one_changes_ones_own_name_and_zone(place: Installation) {
        let admin = set_up(&place).await;
        let app = &place.app;
        let me = people::update_me(app, &admin.actor, " Ada L. ", Some("europe/lisbon")).await.unwrap();
        assert_eq!((me.name.as_str(), me.zone.as_deref()), ("Ada L.", Some("Europe/Lisbon")));
        assert_eq!(people::list(app, &admin.actor).await.unwrap(), [me]);
        let me = people::update_me(app, &admin.actor, "Ada", Some("")).await.unwrap();
        assert_eq!(me.zone, None, "follows the browser");
        for zone in ["Atlantis/Harbour", "../../etc/passwd", "UTC+25"] {
            assert_eq!(field(people::update_me(app, &admin.actor, "Ada", Some(zone)).await), Some("zone"));
        }
        assert_eq!(field(people::update_me(app, &admin.actor, "", None).await), Some("name"));
        assert!(is_forbidden(people::update_me(app, &Actor::installation(), "Ada", None).await));
    }

    async fn nobody_takes_a_name_that_looks_like_anothers(place: Installation) {
        let (app, installation) = (&place.app, Actor::installation());
        let admin = place.somebody("Ada Cope", Role::Administrator).await;
        let wren = place.somebody("Wren", Role::Member).await;
        let refused = |error: Error| matches!(error, Error::Invalid { field: Some("name"), .. });
        for lookalike in ["Аda Cope", "Ada Соре", "Ada\u{200b} Cope", "\u{202e}epoC adA", &"A".repeat(10_000)] {
            assert!(refused(people::update_me(app, &wren, lookalike, None).await.unwrap_err()), "{lookalike}");
            let invited = people::invite(app, &admin, lookalike, "new@larkfare.example", Role::Reader).await;
            assert!(refused(invited.unwrap_err()), "{lookalike}");
            let recorded =
                people::record(app, &installation, lookalike, "new@larkfare.example", Role::Reader, None).await;
            assert!(refused(recorded.unwrap_err()), "{lookalike}");
            let made = app::service_accounts::create(app, &admin, lookalike, Role::Reader).await;
            assert!(refused(made.unwrap_err()), "{lookalike}");
            let token = people::invite(app, &admin, "Someone", "new@larkfare.example", Role::Reader).await.unwrap();
            let joined = sign_in::accept_invitation(app, &token, lookalike, "nine wet lanterns at dusk", here()).await;
            assert!(refused(joined.unwrap_err()), "{lookalike}");
        }
        // Two people may have the same name, and one may look like oneself.
        people::update_me(app, &wren, "Ada Cope", None).await.unwrap();
        people::update_me(app, &wren, "Анна Петрова", None).await.unwrap();
    }

    async fn addresses_are_there_once(place: Installation) {
        let installation = Actor::installation();
        place.somebody("Ada", Role::Member).await;
        let record = |email: &'static str, zone| {
            people::record(&place.app, &installation, "Ada", email, Role::Member, zone)
        };
        assert!(is_conflict(record("ADA@larkfare.example", None).await));
        assert_eq!(field(record("ada", None).await), Some("email"));
        assert_eq!(field(record("b@larkfare.example", Some("Nowhere")).await), Some("zone"));
        record("b@larkfare.example", Some("Asia/Tokyo")).await.unwrap();
        assert_eq!(acts(&place).await, ["person.record", "person.record"], "refusals leave no entry");
    }
}
