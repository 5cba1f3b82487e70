//! One's own sessions.

use super::*;
use app::sign_in::{How, sessions};
use domain::{instant::Span, person::Role};
use testing::both;

both! {
    async fn sessions_are_listed_and_ended_by_their_owner(place: Installation) {
        let first = set_up(&place).await;
        let app = &place.app;
        place.clock.advance(Span::minutes(1));
        let phone = sign_in::Device { agent: "Mozilla/5.0 (iPhone)\n".repeat(100), address: "2001:db8::7".into() };
        let begun = enter(app, "ada@larkfare.example", PASSPHRASE, &phone).await.unwrap();
        let second = sign_in::session(app, &begun.cookie).await.unwrap().unwrap();
        assert_ne!(first.id, second.id, "each sign-in has an id of its own");

        let listed = sessions::list(app, &first).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [second.id, first.id], "newest first");
        assert_eq!((listed[0].how, listed[1].how), (How::Passphrase, How::Passphrase));
        assert_eq!(listed[0].device.address, "2001:db8::7");
        assert!(listed[0].device.agent.chars().count() == 300 && !listed[0].device.agent.contains('\n'));

        let wren = join(&place, &first.actor, "wren@larkfare.example", Role::Member).await;
        let wren = sign_in::session(app, &wren.cookie).await.unwrap().unwrap();
        assert!(is_absent(sessions::end(app, &wren, first.id).await), "not theirs");
        sessions::end(app, &first, second.id).await.unwrap();
        assert!(is_absent(sessions::end(app, &first, second.id).await), "ended once");
        assert!(sign_in::session(app, &begun.cookie).await.unwrap().is_none());

        for _ in 0..3 {
            enter(app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
        }
        assert_eq!(sessions::end_others(app, &first).await.unwrap(), 3);
        assert_eq!(sessions::end_others(app, &first).await.unwrap(), 0);
        assert_eq!(sessions::list(app, &first).await.unwrap().len(), 1);
        assert_eq!(sessions::list(app, &wren).await.unwrap().len(), 1, "others keep theirs");
        place.clock.advance(place.app.lasting().idle);
        assert!(sessions::list(app, &first).await.unwrap().is_empty(), "what is over is not listed");
    }

    async fn a_cookie_is_good_exactly_as_it_was_given(place: Installation) {
        set_up(&place).await;
        let app = &place.app;
        let begun = enter(app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
        let good = async |cookie: &str| sign_in::session(app, cookie).await.unwrap().is_some();
        let cookie = begun.cookie.as_str();
        assert!(good(cookie).await);
        for at in 0..cookie.len() {
            assert!(!good(&cookie[..at]).await, "cut off after {at}");
            let other = if &cookie[at..=at] == "A" { "B" } else { "A" };
            assert!(!good(&format!("{}{other}{}", &cookie[..at], &cookie[at + 1..])).await, "changed at {at}");
        }
        for forged in [format!("{cookie}="), format!(" {cookie}"), cookie.to_lowercase(), begun.person.id.to_string()] {
            assert!(forged == cookie || !good(&forged).await, "{forged}");
        }
        let session = sign_in::session(app, cookie).await.unwrap().unwrap();
        assert!(!good(&session.id.to_string()).await, "its id opens nothing");
        sign_in::sign_out(app, &session).await.unwrap();
        assert!(!good(cookie).await, "replayed after signing out");
        let said = format!("{begun:?}");
        assert!(!said.contains(cookie), "{said}");
    }
}
