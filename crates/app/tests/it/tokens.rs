//! API tokens.

use super::*;
use app::tokens;
use domain::{TokenId, instant::Span, person::Role};
use testing::both;

both! {
    async fn tokens_are_shown_once_and_revoked(place: Installation) {
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Member).await;
        let robin = place.somebody("Robin", Role::Member).await;
        let first = tokens::create(app, &wren, " deploys ").await.unwrap();
        place.clock.advance(Span::seconds(1));
        let second = tokens::create(app, &wren, "reports").await.unwrap();
        assert!(first.starts_with("debrief_") && first.len() == 51 && first != second);
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
        for wrong in ["", "debrief_", &second[..50]] {
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
