//! Invitations and sign-in links: looked at often, used once.

use super::*;
use domain::{instant::Span, person::Role};
use sign_in::Link;
use testing::both;

both! {
    async fn an_invitation_makes_a_person(place: Installation) {
        let admin = set_up(&place).await;
        let app = &place.app;
        let earlier =
            app::people::invite(app, &admin.actor, "Wren", "wren@larkfare.example", Role::Reader).await.unwrap();
        let token =
            app::people::invite(app, &admin.actor, "Wren", "Wren@larkfare.example", Role::Member).await.unwrap();
        assert!(is_absent(sign_in::look_at_link(app, &earlier).await), "the earlier invitation ended");
        let expected = Link::Invitation { email: "wren@larkfare.example".into(), name: "Wren".into() };
        assert_eq!(sign_in::look_at_link(app, &token).await.unwrap(), expected);

        let accept = |name, passphrase| sign_in::accept_invitation(app, &token, name, passphrase, here());
        assert_eq!(field(accept("", PASSPHRASE).await), Some("name"));
        assert_eq!(field(accept("Wren Okafor", "wren@larkfare").await), Some("passphrase"));
        let begun = accept("Wren Okafor", PASSPHRASE).await.unwrap();
        assert_eq!((begun.person.name.as_str(), begun.person.role), ("Wren Okafor", Role::Member));
        assert!(sign_in::session(app, &begun.cookie).await.unwrap().is_some());
        enter(app, "wren@larkfare.example", PASSPHRASE, here()).await.unwrap();

        assert!(is_absent(accept("Wren Okafor", PASSPHRASE).await), "used once");
        assert!(is_absent(sign_in::look_at_link(app, &token).await));
        let again = app::people::invite(app, &admin.actor, "Wren", "wren@larkfare.example", Role::Member).await;
        assert!(is_conflict(again), "they are here already");
        assert_eq!(
            acts(&place).await[2..],
            ["person.invite", "person.invite", "person.join", "session.begin"]
        );
    }

    async fn of_two_who_accept_at_once_one_does(place: Installation) {
        let admin = set_up(&place).await;
        let other = place.another_node().await;
        let token = app::people::invite(
            &place.app, &admin.actor, "Wren", "wren@larkfare.example", Role::Member).await.unwrap();
        let (a, b) = tokio::join!(
            sign_in::accept_invitation(&place.app, &token, "Wren", PASSPHRASE, here()),
            sign_in::accept_invitation(&other, &token, "Robin", PASSPHRASE, here())
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert!(is_absent(if a.is_ok() { b } else { a }));
        assert_eq!(app::people::list(&place.app, &admin.actor).await.unwrap().len(), 2);
    }

    async fn links_are_not_exchangeable_and_end(place: Installation) {
        let admin = set_up(&place).await;
        let app = &place.app;
        let invitation = app::people::invite(
            app, &admin.actor, "Wren", "wren@larkfare.example", Role::Member).await.unwrap();
        let entrance = sign_in::sign_in_link(app, &admin.actor, "ada@larkfare.example", 2).await.unwrap();
        assert!(is_absent(follow(app, &invitation, here()).await));
        assert!(is_absent(sign_in::set_up(app, &invitation, answers(), here()).await));
        assert!(is_absent(sign_in::set_up(app, &entrance, answers(), here()).await));
        assert!(is_absent(sign_in::accept_invitation(app, &entrance, "Wren", PASSPHRASE, here()).await));
        assert!(is_absent(sign_in::look_at_link(app, "nonsense").await));

        place.clock.advance(Span::hours(2));
        assert!(is_absent(sign_in::look_at_link(app, &entrance).await));
        assert!(is_absent(follow(app, &entrance, here()).await));
        assert!(sign_in::look_at_link(app, &invitation).await.is_ok());
        place.clock.advance(Span::days(7));
        assert!(is_absent(sign_in::accept_invitation(app, &invitation, "Wren", PASSPHRASE, here()).await));
    }

    async fn a_sign_in_link_signs_in_once(place: Installation) {
        let admin = set_up(&place).await;
        let app = &place.app;
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        let link = |actor, hours| {
            let app = app.clone();
            async move { sign_in::sign_in_link(&app, &actor, "wren.okafor@larkfare.example", hours).await }
        };
        assert!(is_forbidden(link(wren.clone(), 1).await), "nobody makes one for themselves");
        assert_eq!(field(link(admin.actor.clone(), 0).await), Some("hours"));
        assert_eq!(field(link(admin.actor.clone(), 169).await), Some("hours"));
        assert!(is_absent(sign_in::sign_in_link(app, &admin.actor, "nobody@larkfare.example", 1).await));

        let token = link(Actor::installation(), 24).await.unwrap();
        let looked = sign_in::look_at_link(app, &token).await.unwrap();
        assert_eq!(looked, Link::SignIn { name: "Wren Okafor".into() });
        let (a, b) = tokio::join!(
            follow(app, &token, here()),
            follow(app, &token, here())
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let begun = if a.is_ok() { a } else { b }.unwrap();
        assert_eq!(Some(begun.person.id), wren.person);

        let unused = link(admin.actor.clone(), 24).await.unwrap();
        app::people::deactivate(app, &admin.actor, begun.person.id).await.unwrap();
        assert!(is_absent(sign_in::look_at_link(app, &unused).await));
        assert!(is_absent(follow(app, &unused, here()).await));
        assert!(is_absent(link(admin.actor.clone(), 24).await), "closed accounts get no link");
    }
}
