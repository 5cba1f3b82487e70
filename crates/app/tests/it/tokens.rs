//! API tokens.

use super::*;
use app::tokens;
use domain::{
    TokenId,
    access::Action,
    instant::Span,
    person::Role,
    scope::{Scope, Scopes},
};
use testing::both;

both! {
    async fn tokens_are_shown_once_and_revoked(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Member).await;
        let robin = place.somebody("Robin", Role::Member).await;
        let first = tokens::create(app, &wren, " deploys ").await.unwrap();
        place.clock.advance(Span::seconds(1));
        let second = tokens::create(app, &wren, "reports").await.unwrap();
        assert!(first.starts_with("dbp_") && first.len() == 53 && first != second);
        let labels = async || {
            let rows = tokens::list(app, &wren).await.unwrap();
            rows.into_iter().map(|row| (row.label, row.used_at)).collect::<Vec<_>>()
        };
        assert_eq!(labels().await, [("reports".into(), None), ("deploys".into(), None)]);
        assert!(tokens::list(app, &robin).await.unwrap().is_empty());

        let used_at = place.clock.now();
        assert_eq!(sign_in::bearer(app, &first).await.unwrap(), Some(wren.clone()));
        assert_eq!(labels().await[1].1, Some(used_at));
        place.clock.advance(Span::minutes(9));
        let (bearer, statements) = app::counting(sign_in::bearer(app, &first)).await;
        assert_eq!((bearer.unwrap(), statements), (Some(wren.clone()), 1));
        assert_eq!(labels().await[1].1, Some(used_at), "noted every ten minutes");

        let id = tokens::list(app, &wren).await.unwrap()[1].id;
        assert!(is_absent(tokens::revoke(app, &robin, id).await), "not theirs");
        tokens::revoke(app, &wren, id).await.unwrap();
        assert!(is_absent(tokens::revoke(app, &wren, id).await), "ended once");
        assert!(is_absent(tokens::revoke(app, &wren, TokenId::new(used_at, [0; 10])).await));
        assert_eq!(sign_in::bearer(app, &first).await.unwrap(), None);
        assert!(sign_in::bearer(app, &second).await.unwrap().is_some());
        for wrong in ["", "dbp_", &second[..50], &format!("{second}0")] {
            assert_eq!(sign_in::bearer(app, wrong).await.unwrap(), None);
        }
        assert_eq!(
            acts(&place).await,
            ["person.record", "person.record", "token.create", "token.create", "token.revoke"]
        );
    }

    async fn a_token_has_the_role_its_owner_has_now(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Reader).await;
        let token = tokens::create(app, &wren, "reports").await.unwrap();
        app::people::set_role(app, &Actor::installation(), wren.person.unwrap(), Role::Member).await.unwrap();
        assert_eq!(sign_in::bearer(app, &token).await.unwrap().unwrap().role, Role::Member);
    }

    async fn a_token_may_do_what_it_was_made_for(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Member).await;
        let reading = Scopes::NONE.with(Scope::Read);
        let new = |scopes, days| tokens::New { label: "reports".into(), scopes, days };
        let token = tokens::create(app, &wren, new(reading, Some(30))).await.unwrap();
        let actor = sign_in::bearer(app, &token).await.unwrap().unwrap();
        assert_eq!(actor, wren.clone().within(reading));
        for action in Action::ALL {
            let expected = action == Action::Read;
            assert_eq!(domain::access::allowed(&actor, action), expected, "{action:?}");
        }
        assert!(app::people::list(app, &actor).await.is_ok());
        let declared = app::people::invite(app, &actor, "Robin", "robin@larkfare.example", Role::Reader).await;
        assert!(is_forbidden(declared));
        assert_eq!(field(tokens::create(app, &actor, "more").await), Some("scopes"), "no more than it may itself");
        assert_eq!(field(tokens::create(app, &wren, new(Scopes::NONE, None)).await), Some("scopes"));
        for days in [0, -1, 1099, i64::MAX] {
            assert_eq!(field(tokens::create(app, &wren, new(reading, Some(days))).await), Some("days"));
        }
        place.clock.advance(Span::days(30));
        assert_eq!(sign_in::bearer(app, &token).await.unwrap(), None, "it ended by itself");
    }

    async fn what_cannot_be_a_token_costs_nothing(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Member).await;
        let token = tokens::create(app, &wren, "reports").await.unwrap();
        for wrong in ["", "dbp_", &token[1..], &token[..52], &token.replacen("dbp_", "dbs_", 1), &"x".repeat(100_000)] {
            let (bearer, statements) = app::counting(sign_in::bearer(app, wrong)).await;
            assert_eq!((bearer.unwrap(), statements), (None, 0), "{wrong:.60}");
        }
    }

    async fn tokens_from_before_there_were_scopes_keep_their_rights(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Member).await;
        let secret = "debrief_kJ8v0m2t5x7z9b1c3d4f6g8h0j2k4l6m8n0p2q4r6s8";
        let db = store::Db::open(place.database_url()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let id = TokenId::new(place.clock.now(), [1; 10]);
        let token = store::tokens::Token {
            id, label: "old".into(), created_at: place.clock.now(), used_at: None, scopes: Scopes::ALL, ends_at: None,
        };
        let digest = domain::evidence::Digest32::of(secret.as_bytes());
        store::tokens::add(&mut tx, &token, wren.person.unwrap(), digest).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await;
        assert_eq!(sign_in::bearer(app, secret).await.unwrap(), Some(wren));
    }

    async fn tokens_are_few_and_labelled(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Member).await;
        for label in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert_eq!(field(tokens::create(app, &wren, label).await), Some("label"));
        }
        for n in 0..50 {
            tokens::create(app, &wren, &n.to_string()).await.unwrap();
        }
        assert!(is_conflict(tokens::create(app, &wren, "one more").await));
        assert!(is_forbidden(tokens::create(app, &Actor::installation(), "none").await));
        assert!(is_forbidden(tokens::list(app, &Actor::installation()).await));
    }
}
