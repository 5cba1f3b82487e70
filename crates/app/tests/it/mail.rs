//! Letters, to a mail server that keeps them.

use super::*;
use app::{Outside, jobs, mail, sign_in::Link};
use domain::{instant::Span, person::Role};
use testing::{Letter, PostOffice, both};

/// The installation with a post office of its own.
async fn with_mail(place: &Installation) -> (Installation, PostOffice) {
    let office = PostOffice::open().await;
    let settings = mail::Settings {
        smtp_url: office.url(),
        from: "Debrief <debrief@larkfare.example>".into(),
        public_url: "https://debrief.example/".into(),
    };
    (place.with(Outside { mail: Some(settings), ..Outside::default() }).await, office)
}

/// Does every job that is due.
async fn deliver(place: &Installation) {
    jobs::run_due(&place.app, &jobs::Duties::default()).await.unwrap();
}

/// The token of the link in a letter, whose lines may be folded.
fn link(letter: &Letter) -> String {
    let text = letter.text.replace("=\n", "");
    let after = text.split("https://debrief.example/links/").nth(1).expect("a link");
    after.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

both! {
    async fn a_link_comes_by_mail_to_whoever_is_here(place: Installation) {
        set_up(&place).await;
        let (place, office) = with_mail(&place).await;
        let app = &place.app;
        let closed = place.somebody("Closed Account", Role::Member).await;
        app::people::deactivate(app, &Actor::installation(), closed.person.unwrap()).await.unwrap();
        for email in ["ada@larkfare.example", "nobody@larkfare.example", "closed.account@larkfare.example"] {
            let (asked, statements) = app::counting(mail::ask_for_link(app, email, here())).await;
            asked.unwrap();
            assert_eq!(statements, app::counting(mail::ask_for_link(app, "x@larkfare.example", here())).await.1);
        }
        deliver(&place).await;
        let letters = office.letters();
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(letters[0].to, ["ada@larkfare.example"]);
        assert!(letters[0].text.contains("Subject: Sign in to Larkfare"), "{}", letters[0].text);
        let token = link(&letters[0]);
        assert_eq!(sign_in::look_at_link(app, &token).await.unwrap(), Link::SignIn { name: "Ada Lindqvist".into() });
        let begun = follow(app, &token, here()).await.unwrap();
        // Whoever came by a link may have forgotten the passphrase.
        let session = sign_in::session(app, &begun.cookie).await.unwrap().unwrap();
        sign_in::change_passphrase(app, &session, "", "seven dry lanterns").await.unwrap();
        enter(app, "ada@larkfare.example", "seven dry lanterns", here()).await.unwrap();
        deliver(&place).await;
        assert!(office.letters().iter().any(|letter| letter.text.contains("Your passphrase was changed")));

        mail::ask_for_link(app, "ada@larkfare.example", here()).await.unwrap();
        deliver(&place).await;
        place.clock.advance(mail::LINK);
        let outdated = link(office.letters().last().unwrap());
        assert!(is_absent(sign_in::look_at_link(app, &outdated).await), "an hour is over");
    }

    async fn many_links_are_slowed_down_for_everybody_alike(place: Installation) {
        set_up(&place).await;
        let (place, _office) = with_mail(&place).await;
        let mut waits = Vec::new();
        for email in ["ada@larkfare.example", "nobody@larkfare.example"] {
            let mut tries = 0;
            while mail::ask_for_link(&place.app, email, here()).await.is_ok() { tries += 1 }
            waits.push(tries);
            assert!(matches!(mail::ask_for_link(&place.app, email, here()).await, Err(Error::Slowed { .. })));
        }
        assert_eq!(waits[0], waits[1]);
        assert_eq!(field(mail::ask_for_link(&place.app, "a@x.example\r\nBcc: b", here()).await), Some("email"));
    }

    async fn an_invitation_comes_by_mail(place: Installation) {
        let admin = set_up(&place).await;
        let (place, office) = with_mail(&place).await;
        let app = &place.app;
        let shown =
            app::people::invite(app, &admin.actor, "Wren", "wren@larkfare.example", Role::Member).await.unwrap();
        let invited = app::people::invitations(app, &admin.actor).await.unwrap();
        assert_eq!((invited.len(), invited[0].email.as_str()), (1, "wren@larkfare.example"));
        deliver(&place).await;
        let letters = office.letters();
        let token = link(&letters[0]);
        assert!(is_absent(sign_in::look_at_link(app, &shown).await), "the letter's link took its place");
        sign_in::accept_invitation(app, &token, "Wren", PASSPHRASE, here()).await.unwrap();
        assert!(app::people::invitations(app, &admin.actor).await.unwrap().is_empty());

        app::people::invite(app, &admin.actor, "Robin", "robin@larkfare.example", Role::Member).await.unwrap();
        let robin = app::people::invitations(app, &admin.actor).await.unwrap()[0].id;
        let wren = place.somebody("Somebody", Role::Member).await;
        assert!(is_forbidden(app::people::end_invitation(app, &wren, robin).await));
        app::people::end_invitation(app, &admin.actor, robin).await.unwrap();
        assert!(is_absent(app::people::end_invitation(app, &admin.actor, robin).await));
        let before = office.letters().len();
        deliver(&place).await;
        assert_eq!(office.letters().len(), before, "what ended meanwhile is not sent");
    }

    async fn a_new_device_is_told(place: Installation) {
        set_up(&place).await;
        let (place, office) = with_mail(&place).await;
        let app = &place.app;
        enter(app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
        deliver(&place).await;
        assert!(office.letters().is_empty(), "a browser like the one before");
        let phone = sign_in::Device { agent: "Mozilla/5.0 (iPhone)".into(), address: "2001:db8::7".into() };
        enter(app, "ada@larkfare.example", PASSPHRASE, &phone).await.unwrap();
        deliver(&place).await;
        let letters = office.letters();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].text.contains("A new sign-in"), "{}", letters[0].text);
    }

    async fn nothing_that_waits_is_secret(place: Installation) {
        let admin = set_up(&place).await;
        let (place, _office) = with_mail(&place).await;
        let app = &place.app;
        mail::ask_for_link(app, "ada@larkfare.example", here()).await.unwrap();
        let token =
            app::people::invite(app, &admin.actor, "Wren", "wren@larkfare.example", Role::Member).await.unwrap();
        let settings = mail::Settings {
            smtp_url: "smtps://user:hunter2@mail.example".into(),
            from: "a@x.example".into(),
            public_url: "https://x.example".into(),
        };
        assert!(!format!("{settings:?}").contains("hunter2"));
        let job = jobs::Job::Mail(mail::Letter::Invitation { link: domain::TokenId::new(place.clock.now(), [0; 10]) });
        assert!(!serde_json::to_string(&job).unwrap().contains(&token));
        place.clock.advance(Span::minutes(1));
    }

    async fn a_token_that_ends_soon_is_spoken_of_once(place: Installation) {
        use app::tokens::{self, New};
        let admin = set_up(&place).await.actor;
        let (place, office) = with_mail(&place).await;
        let app = &place.app;
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        let closed = place.somebody("Closed Account", Role::Member).await;
        let of = |label: &str, days| New { days, ..New::from(label) };
        tokens::create(app, &wren, of("A <b>script</b>", Some(30))).await.unwrap();
        tokens::create(app, &wren, of("for good", None)).await.unwrap();
        tokens::create(app, &wren, of("revoked", Some(30))).await.unwrap();
        let revoked = tokens::list(app, &wren).await.unwrap().iter().find(|it| it.label == "revoked").unwrap().id;
        tokens::create(app, &closed, of("closed", Some(30))).await.unwrap();
        let deploys = app::service_accounts::create(app, &admin, "Deploys", Role::Member).await.unwrap();
        tokens::create_for_service(app, &admin, deploys, of("pipeline", Some(30))).await.unwrap();
        app::people::deactivate(app, &admin, closed.person.unwrap()).await.unwrap();
        let db = store::Db::open(place.database_url()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        jobs::enqueue(app, &mut tx, &jobs::Job::TidyUp).await.unwrap();
        tx.commit().await.unwrap();
        let told = async |days: i64| {
            place.clock.advance(Span::days(days));
            place.clock.advance(Span::hours(2));
            deliver(&place).await;
            deliver(&place).await;
            office.letters().iter().map(|letter| letter.to[0].clone()).collect::<Vec<_>>()
        };
        let none: Vec<String> = Vec::new();
        assert_eq!(told(0).await, none);
        assert_eq!(told(22).await, none, "more than a week is left");
        tokens::revoke(app, &wren, revoked).await.unwrap();
        let mut once = told(1).await;
        once.sort();
        assert_eq!(once, ["ada@larkfare.example", "wren.okafor@larkfare.example"], "the owner; administrators for a service account");
        let words = |to: &str| office.letters().iter().find(|it| it.to == [to]).unwrap().text.replace("=\n", "");
        assert!(words("ada@larkfare.example").contains("of the service account Deploys"));
        assert!(words("wren.okafor@larkfare.example").contains("&lt;b&gt;script"), "words are words");
        assert_eq!(told(1).await.len(), 2, "each once");
        // One for a short time is not spoken of as soon as it is made.
        tokens::create(app, &wren, of("a day's work", Some(2))).await.unwrap();
        assert_eq!(told(0).await.len(), 2);
        assert_eq!(told(1).await.len(), 3);
        assert_eq!(told(9).await.len(), 3, "what is over is not spoken of");
    }

    async fn without_a_server_people_hand_links_over(place: Installation) {
        set_up(&place).await;
        assert!(!mail::is_set(&place.app));
        assert!(is_conflict(mail::ask_for_link(&place.app, "ada@larkfare.example", here()).await));
    }
}
