//! Set-up, passphrases and sessions.

use super::*;
use domain::{Instant, instant::Span, person::Role};
use testing::both;

both! {
    async fn the_first_visitor_sets_up(place: Installation) {
        let app = &place.app;
        let first = sign_in::set_up_link(app).await.unwrap().unwrap();
        let token = sign_in::set_up_link(app).await.unwrap().unwrap();
        assert!(is_absent(sign_in::look_at_link(app, &first).await), "the link before ends");
        for _ in 0..2 {
            let link = sign_in::look_at_link(app, &token).await.unwrap();
            assert_eq!(link, sign_in::Link::SetUp, "looking uses nothing up");
        }
        let wrong: [(&str, sign_in::SetUp); 4] = [
            ("workspace", sign_in::SetUp { workspace: " ".into(), ..answers() }),
            ("name", sign_in::SetUp { name: String::new(), ..answers() }),
            ("email", sign_in::SetUp { email: "ada".into(), ..answers() }),
            ("passphrase", sign_in::SetUp { passphrase: "password1234".into(), ..answers() }),
        ];
        for (expected, answers) in wrong {
            assert_eq!(field(sign_in::set_up(app, &token, answers, here()).await), Some(expected));
        }
        let begun = sign_in::set_up(app, &token, answers(), here()).await.unwrap();
        assert_eq!(begun.person.role, Role::Administrator);
        assert_eq!(begun.person.email.as_str(), "ada@larkfare.example");
        assert_eq!(begun.cookie.len(), 43, "256 bits");
        assert_eq!(app::workspace::show(app).await.unwrap().name, "Larkfare");
        let session = sign_in::session(app, &begun.cookie).await.unwrap().unwrap();
        assert_eq!(session.person, begun.person);
        assert_eq!(session.actor, actor(&begun.person));
        assert!(is_absent(sign_in::set_up(app, &token, answers(), here()).await), "used once");
        assert_eq!(sign_in::set_up_link(app).await.unwrap(), None);
        assert_eq!(acts(&place).await, ["link.set_up", "link.set_up", "workspace.set_up"]);
    }

    async fn of_two_who_set_up_at_once_one_does(place: Installation) {
        let other = place.another_node().await;
        let token = sign_in::set_up_link(&place.app).await.unwrap().unwrap();
        let second = sign_in::SetUp { email: "wren@larkfare.example".into(), ..answers() };
        let (a, b) = tokio::join!(
            sign_in::set_up(&place.app, &token, answers(), here()),
            sign_in::set_up(&other, &token, second, here())
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert!(is_absent(if a.is_ok() { b } else { a }));
    }

    async fn an_outdated_set_up_link_is_nothing(place: Installation) {
        let token = sign_in::set_up_link(&place.app).await.unwrap().unwrap();
        place.clock.advance(Span::days(7));
        assert!(is_absent(sign_in::look_at_link(&place.app, &token).await));
        assert!(is_absent(sign_in::set_up(&place.app, &token, answers(), here()).await));
    }

    async fn failures_to_sign_in_cannot_be_told_apart(place: Installation) {
        let admin = set_up(&place).await;
        let closed = join(&place, &admin.actor, "closed@larkfare.example", Role::Member).await;
        app::people::deactivate(&place.app, &admin.actor, closed.person.id).await.unwrap();
        place.somebody("Without Passphrase", Role::Member).await;
        let tries = [
            ("ada@larkfare.example", "seven dry lanterns"),
            ("nobody@larkfare.example", PASSPHRASE),
            ("closed@larkfare.example", PASSPHRASE),
            ("without.passphrase@larkfare.example", ""),
            ("not an address", PASSPHRASE),
            ("", ""),
        ];
        let mut said = Vec::new();
        for (email, passphrase) in tries {
            let before = app::passphrase::hashed(&place.app);
            let outcome = enter(&place.app, email, passphrase, here()).await;
            assert_eq!(app::passphrase::hashed(&place.app), before + 1, "{email}: the same work for everybody");
            assert!(matches!(&outcome, Err(Error::Invalid { field: None, .. })), "{email}: {outcome:?}");
            said.push(outcome.unwrap_err().to_string());
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        let begun = enter(&place.app, " ADA@larkfare.example", PASSPHRASE, here()).await;
        assert_eq!(begun.unwrap().person, admin.person);
    }

    async fn many_tries_are_slowed_down(place: Installation) {
        set_up(&place).await;
        for email in ["ada@larkfare.example", "nobody@larkfare.example"] {
            let attempt = |passphrase| enter(&place.app, email, passphrase, here());
            for _ in 0..7 {
                assert!(matches!(attempt("seven dry lanterns").await, Err(Error::Invalid { .. })));
            }
            let refused = attempt(PASSPHRASE).await.unwrap_err();
            assert!(matches!(&refused, Error::Slowed { .. }), "{refused:?}");
            assert!(refused.to_string().contains("Wait 3 s"), "the same for everybody: {refused}");
        }
        place.clock.advance(Span::minutes(1));
        enter(&place.app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
    }

    async fn sessions_end(place: Installation) {
        set_up(&place).await;
        let sign_in = || enter(&place.app, "ada@larkfare.example", PASSPHRASE, here());
        let good = async |cookie: &str| sign_in::session(&place.app, cookie).await.unwrap().is_some();

        let idle = sign_in().await.unwrap();
        assert_eq!(idle.ends_at, place.clock.now().plus(Span::days(60)));
        place.clock.advance(Span::days(14));
        assert!(!good(&idle.cookie).await, "after 14 days without use");

        let used = sign_in().await.unwrap();
        for _ in 0..4 {
            place.clock.advance(Span::days(13));
            assert!(good(&used.cookie).await, "use keeps it");
        }
        place.clock.advance(Span::days(8));
        assert!(!good(&used.cookie).await, "after 60 days all the same");

        let (one, two) = (sign_in().await.unwrap(), sign_in().await.unwrap());
        assert_ne!(one.cookie, two.cookie, "each sign-in has a session of its own");
        let session = sign_in::session(&place.app, &one.cookie).await.unwrap().unwrap();
        sign_in::sign_out(&place.app, &session).await.unwrap();
        sign_in::sign_out(&place.app, &session).await.unwrap();
        assert!(!good(&one.cookie).await && good(&two.cookie).await, "only that one ended");
        for wrong in ["", "x", &one.cookie[1..], &"a".repeat(100_000)] {
            assert!(!good(wrong).await);
        }
        let ends = acts(&place).await.iter().filter(|act| *act == "session.end").count();
        assert_eq!(ends, 1);
    }

    async fn sessions_last_as_the_settings_say(place: Installation) {
        set_up(&place).await;
        let lasting = sign_in::Lasting { idle: Span::minutes(30), longest: Span::hours(12) };
        let place = place.where_sessions_last(lasting).await;
        let sign_in = || enter(&place.app, "ada@larkfare.example", PASSPHRASE, here());
        let good = async |cookie: &str| sign_in::session(&place.app, cookie).await.unwrap().is_some();
        let idle = sign_in().await.unwrap();
        assert_eq!(idle.ends_at, place.clock.now().plus(Span::hours(12)));
        place.clock.advance(Span::minutes(29));
        assert!(good(&idle.cookie).await);
        place.clock.advance(Span::minutes(30));
        assert!(!good(&idle.cookie).await, "after half an hour without use");
        let used = sign_in().await.unwrap();
        for _ in 0..35 {
            place.clock.advance(Span::minutes(20));
            assert!(good(&used.cookie).await, "use keeps it");
        }
        place.clock.advance(Span::minutes(20));
        assert!(!good(&used.cookie).await, "after twelve hours all the same");
    }

    async fn a_new_passphrase_ends_other_sessions(place: Installation) {
        let session = set_up(&place).await;
        let app = &place.app;
        let try_it = |passphrase: &'static str| enter(app, "ada@larkfare.example", passphrase, here());
        let other = try_it(PASSPHRASE).await.unwrap();
        let change = |current: &'static str, new: &'static str| {
            sign_in::change_passphrase(app, &session, current, new)
        };
        assert_eq!(field(change("seven dry lanterns", "a heron on the quay").await), Some("current"));
        assert_eq!(field(change("", "a heron on the quay").await), Some("current"));
        assert_eq!(field(change(PASSPHRASE, "ada@larkfare").await), Some("passphrase"));
        change(PASSPHRASE, "a heron on the quay").await.unwrap();
        assert!(sign_in::session(app, &other.cookie).await.unwrap().is_none());
        assert!(try_it(PASSPHRASE).await.is_err());
        try_it("a heron on the quay").await.unwrap();
        assert_eq!(acts(&place).await.iter().filter(|act| *act == "person.change_passphrase").count(), 1);

        let wren = place.somebody("Wren", Role::Member).await;
        let link = sign_in::sign_in_link(app, &session.actor, "wren@larkfare.example", 1).await.unwrap();
        let begun = follow(app, &link, here()).await.unwrap();
        let first = sign_in::session(app, &begun.cookie).await.unwrap().unwrap();
        sign_in::change_passphrase(app, &first, "", "seven dry lanterns").await.unwrap();
        let begun = enter(app, "wren@larkfare.example", "seven dry lanterns", here()).await.unwrap();
        assert_eq!(Some(begun.person.id), wren.person, "somebody without a passphrase chose their first");
    }

    async fn a_request_costs_one_statement(place: Installation) {
        set_up(&place).await;
        let begun = enter(&place.app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
        let statements = async || {
            let (session, statements) =
                app::counting(sign_in::session(&place.app, &begun.cookie)).await;
            assert!(session.unwrap().is_some());
            statements
        };
        assert_eq!(statements().await, 1);
        place.clock.advance(Span::minutes(10));
        assert_eq!((statements().await, statements().await), (2, 1), "its use is noted every ten minutes");
    }

    async fn the_clock_may_go_backwards(place: Installation) {
        let session = set_up(&place).await;
        let begun = enter(&place.app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
        place.clock.set(Instant::from_seconds(1_700_000_000));
        assert!(sign_in::session(&place.app, &begun.cookie).await.unwrap().is_some());
        assert!(app::people::list(&place.app, &session.actor).await.is_ok());
    }
}
