//! Single sign-on against a provider that answers well, and one that does not.

mod fake;

use super::*;
use app::{
    App,
    provider::{self, Arrived, Change, Going, Provider},
    sign_in::How,
};
use domain::{
    PersonId,
    group_roles::GroupRoles,
    instant::Span,
    person::{Email, Role},
};
use fake::{Fake, REDIRECT, SECRET, answer_to, asked, with};
use serde_json::{Value, json};
use testing::both;

/// A place with a provider, its first administrator and Wren, who has an account.
struct Stage {
    fake: Fake,
    place: Installation,
    ada: sign_in::Session,
}

impl Stage {
    async fn of(place: &Installation, change: impl FnOnce(&mut Provider)) -> Self {
        let fake = Fake::start().await;
        let place = fake.known_to(place).await;
        let ada = set_up(&place).await;
        join(&place, &ada.actor, "wren@larkfare.example", Role::Member).await;
        let mut set = fake.change();
        change(&mut set.provider);
        provider::set(&place.app, &ada, set).await.unwrap();
        Self { fake, place, ada }
    }

    fn app(&self) -> &App {
        &self.place.app
    }

    async fn begin(&self) -> Going {
        // Each from a place of its own, because many tries from one are slowed down.
        let n = self.fake.was_asked("/token").0;
        let device = sign_in::Device { address: format!("2001:db8:{n:x}::1"), ..here().clone() };
        provider::begin(self.app(), REDIRECT, "/incidents/INC-7", &device).await.unwrap()
    }

    /// Somebody signs in whom the provider speaks of like this.
    async fn comes(&self, changes: Value) -> Result<Arrived, Error> {
        let going = self.begin().await;
        self.fake.grants(&with(self.fake.claims(&going, self.place.clock.now()), &changes));
        provider::answer(self.app(), Some(&going.cookie), &answer_to(&going), here()).await
    }

    async fn session(&self, arrived: &Arrived) -> Option<sign_in::Session> {
        sign_in::session(self.app(), &arrived.begun.cookie).await.unwrap()
    }

    async fn account(&self, email: &str) -> Option<Person> {
        let mut tx = self.db().await;
        store::people::by_email(&mut tx, &email.parse::<Email>().unwrap()).await.unwrap().map(|it| it.person)
    }

    async fn db(&self) -> store::Tx {
        store::Db::open(self.place.database_url()).await.unwrap().read().await.unwrap()
    }

    async fn role_of(&self, email: &str) -> Role {
        self.account(email).await.unwrap().role
    }

    async fn sessions_of(&self, person: PersonId) -> usize {
        let all = store::sessions::of(&mut self.db().await, person).await.unwrap();
        all.iter().filter(|one| one.how == How::Provider).count()
    }

    /// The acts of a sort, newest last.
    async fn acts(&self, act: &str) -> Vec<store::audit::Entry> {
        let all = store::audit::since(&mut self.db().await, 0, 1_000).await.unwrap();
        all.into_iter().filter(|entry| entry.act == act).collect()
    }
}

#[track_caller]
fn says(outcome: Result<Arrived, Error>, words: &str) {
    let error = outcome.expect_err("nobody should have come in");
    assert!(error.to_string().contains(words), "{error}");
    assert!(!matches!(error, Error::Internal { .. }), "{error:?}");
}

fn groups(administrators: &str, members: &str, others: Option<Role>) -> GroupRoles {
    let mut roles = GroupRoles::default();
    roles.name(Role::Administrator, administrators).unwrap();
    roles.name(Role::Member, members).unwrap();
    roles.let_others_be(others).unwrap();
    roles
}

both! {
    async fn people_sign_in_and_are_known_by_their_name_there_from_then_on(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let going = stage.begin().await;
        assert!(going.to.starts_with(&format!("{}/auth?", stage.fake.issuer())));
        for (name, value) in [
            ("response_type", "code"), ("client_id", "debrief"), ("redirect_uri", REDIRECT),
            ("scope", "openid profile email"), ("code_challenge_method", "S256"),
        ] {
            assert_eq!(asked(&going, name), value);
        }
        for secret in [&going.cookie, SECRET] {
            assert!(!going.to.contains(secret), "a secret travels");
        }
        let arrived = stage.comes(json!({})).await.unwrap();
        assert_eq!(arrived.next, "/incidents/INC-7");
        let session = stage.session(&arrived).await.unwrap();
        assert_eq!((session.person.name.as_str(), session.how), ("Wren Okafor", How::Provider));
        // What the code was exchanged with.
        let (times, request) = stage.fake.was_asked("/token");
        assert_eq!(times, 1);
        assert!(request.to_lowercase().contains("authorization: basic zgvicmllzjpjyw5hcn"), "{request}");
        assert!(request.contains("code=a-code") && request.contains("code_verifier="), "{request}");
        assert!(!request.contains("canary"), "the secret is in the header only");
        // Another address there does not matter any more, nor whether it is verified.
        let changed = json!({ "email": "okafor@elsewhere.example", "email_verified": false });
        let again = stage.comes(changed).await.unwrap();
        assert_eq!(again.begun.person.id, arrived.begun.person.id);
        assert_eq!(stage.acts("person.link").await.len(), 1);
        // Somebody else who has that address now is not Wren.
        says(stage.comes(json!({ "sub": "other-there" })).await, "Somebody else at Larkfare ID");
        provider::forget_links(stage.app(), &stage.ada.actor).await.unwrap();
        assert!(stage.comes(json!({ "sub": "other-there" })).await.is_ok(), "found by the address again");
        let all = store::audit::since(&mut stage.db().await, 0, 1_000).await.unwrap();
        assert!(all.iter().all(|entry| !entry.detail.contains("canary")), "no secret among the acts");
    }

    async fn groups_give_roles_at_every_sign_in(place: Installation) {
        let stage = Stage::of(&place, |set| set.roles = groups("leads", "sre", None)).await;
        let email = "wren@larkfare.example";
        stage.comes(json!({ "groups": ["sre", "leads"] })).await.unwrap();
        assert_eq!(stage.role_of(email).await, Role::Administrator);
        stage.comes(json!({ "groups": "sre" })).await.unwrap();
        assert_eq!(stage.role_of(email).await, Role::Member);
        let acts = stage.acts("person.set_role").await;
        assert_eq!(acts.len(), 2);
        assert_eq!(acts[1].actor, "Debrief");
        assert!(acts[1].detail.contains("administrator") && acts[1].detail.contains("groups"));
        for nothing in [json!({ "groups": [] }), json!({ "groups": ["SRE", 7, null] }), json!({ "groups": { "sre": true } })] {
            says(stage.comes(nothing).await, "None of your groups");
        }
        // Where the token is silent, the provider is asked.
        stage.fake.answers("/me", 200, json!({ "sub": "wren-there", "groups": ["leads"] }).to_string());
        stage.comes(json!({})).await.unwrap();
        assert_eq!(stage.role_of(email).await, Role::Administrator);
        assert!(stage.fake.was_asked("/me").1.contains("Bearer canary-access"));
        stage.fake.answers("/me", 200, json!({ "sub": "somebody", "groups": ["leads"] }).to_string());
        says(stage.comes(json!({})).await, "not believed");

        // The only administrator stays one, whatever the groups say, and that is on record.
        let ada = json!({ "sub": "ada-there", "email": "ada@larkfare.example", "groups": ["sre"] });
        stage.comes(ada.clone()).await.unwrap();
        assert_eq!(stage.role_of("ada@larkfare.example").await, Role::Member, "Wren is one too");
        stage.comes(json!({ "groups": ["sre"] })).await.unwrap();
        assert_eq!(stage.role_of(email).await, Role::Administrator);
        let kept = stage.acts("person.keep_role").await;
        assert!(kept.len() == 1 && kept[0].detail.contains("the only administrator"), "{kept:?}");
    }

    async fn newcomers_come_in_only_where_that_was_chosen(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let nova = json!({ "sub": "nova-there", "email": "nova@larkfare.example", "name": "Nova Lind" });
        says(stage.comes(nova.clone()).await, "nobody here has your address");
        assert!(stage.account("nova@larkfare.example").await.is_none());
        let mut change = Change { provider: Provider { newcomers: true, revision: 1, ..stage.fake.provider() }, secret: String::new() };
        assert!(provider::set(stage.app(), &stage.ada, change.clone()).await.is_err(), "as what?");
        change.provider.roles = groups("", "", Some(Role::Reader));
        provider::set(stage.app(), &stage.ada, change).await.unwrap();
        let arrived = stage.comes(nova.clone()).await.unwrap();
        assert_eq!((arrived.begun.person.name.as_str(), arrived.begun.person.role), ("Nova Lind", Role::Reader));
        for (who, words) in [
            (json!({ "sub": "x", "email": "x@larkfare.example", "email_verified": false }), "vouches for no"),
            (json!({ "sub": "x", "email": null }), "cannot be reached"),
            (json!({ "sub": "x", "email": "no address" }), "vouches for no"),
            (json!({ "sub": "x", "email": "x@larkfare.example", "name": "Nоva Lind" }), "cannot be used"),
        ] {
            stage.fake.answers("/me", 503, "");
            says(stage.comes(who).await, words);
        }
        // A name that hides characters is not taken; the address has one.
        let odd = json!({ "sub": "y", "email": "yara@larkfare.example", "name": "Ya\u{200b}ra" });
        assert_eq!(stage.comes(odd).await.unwrap().begun.person.name.as_str(), "yara");

        // Closed means closed, linked or not.
        let id = arrived.begun.person.id;
        app::people::deactivate(stage.app(), &stage.ada.actor, id).await.unwrap();
        says(stage.comes(nova).await, "Your account here is closed");
        assert_eq!(stage.sessions_of(id).await, 0);
    }

    async fn an_invitation_is_used_by_signing_in(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let app = stage.app();
        let admin = &stage.ada.actor;
        let invite = async |name: &str, email: &str, role| app::people::invite(app, admin, name, email, role).await.unwrap();
        let comes = async |who: &str, name: Option<&str>, verified: bool| {
            let email = format!("{who}@larkfare.example");
            stage.comes(json!({ "sub": who, "email": email, "email_verified": verified, "name": name })).await
        };
        // Nobody new comes in by themselves; who was invited does, with the role of the invitation, once.
        let token = invite("Nova", "nova@larkfare.example", Role::Reader).await;
        says(comes("nova", Some("Nova Lind"), false).await, "vouches for no");
        says(comes("somebody", Some("Some Body"), true).await, "nobody here has your address");
        let nova = comes("nova", Some("Nova Lind"), true).await.unwrap().begun.person;
        assert_eq!((nova.name.as_str(), nova.role), ("Nova Lind", Role::Reader));
        assert!(is_absent(sign_in::look_at_link(app, &token).await), "the invitation is used up");
        assert!(app::people::invitations(app, admin).await.unwrap().is_empty());
        // The name that the inviter gave takes the place of one that cannot be used.
        invite("Yara", "yara@larkfare.example", Role::Member).await;
        assert_eq!(comes("yara", Some("N\u{43e}va Lind"), true).await.unwrap().begun.person.name.as_str(), "Yara");
        // An account that was closed opens again for who is invited, and what opened it before stays closed.
        let wren = stage.account("wren@larkfare.example").await.unwrap().id;
        app::people::deactivate(app, admin, wren).await.unwrap();
        says(comes("wren", None, true).await, "Your account here is closed");
        invite("Wren", "wren@larkfare.example", Role::Reader).await;
        let back = comes("wren", None, true).await.unwrap().begun.person;
        assert_eq!((back.id, back.role, back.deactivated), (wren, Role::Reader, false));
        assert!(enter(app, "wren@larkfare.example", PASSPHRASE, here()).await.is_err());
        // An invitation that ended, or that is over, lets nobody in.
        invite("Rook", "rook@larkfare.example", Role::Member).await;
        let rook = app::people::invitations(app, admin).await.unwrap()[0].id;
        app::people::end_invitation(app, admin, rook).await.unwrap();
        says(comes("rook", Some("Rook"), true).await, "nobody here has your address");
        invite("Rook", "rook@larkfare.example", Role::Member).await;
        stage.place.clock.advance(Span::days(8));
        says(comes("rook", Some("Rook"), true).await, "nobody here has your address");
        assert_eq!(stage.acts("person.join").await.iter().filter(|act| act.detail.contains("provider")).count(), 3);
    }

    async fn where_nothing_else_opens_accounts_no_passphrase_is_asked_for(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let app = stage.app();
        let came = stage.comes(json!({ "sub": "ada-there", "email": "ada@larkfare.example" })).await.unwrap();
        let ada = stage.session(&came).await.unwrap();
        let only = Change { provider: Provider { other_ways: false, revision: 1, ..stage.fake.provider() }, secret: String::new() };
        provider::set(app, &ada, only).await.unwrap();
        let token = app::people::invite(app, &ada.actor, "Nova", "nova@larkfare.example", Role::Member).await.unwrap();
        let refused = sign_in::accept_invitation(app, &token, "Nova", PASSPHRASE, here()).await;
        assert!(refused.unwrap_err().to_string().contains("People sign in with Larkfare ID here"));
        assert!(sign_in::look_at_link(app, &token).await.is_ok(), "it is not used up by that");
        let nova = stage.comes(json!({ "sub": "nova", "email": "nova@larkfare.example", "name": "Nova Lind" })).await.unwrap();
        assert_eq!(nova.begun.person.role, Role::Member);
        assert!(is_absent(sign_in::look_at_link(app, &token).await));
    }

    async fn settings_go_before_the_page(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let wanted = |label: &str, secret: &str, only: bool| provider::Configured {
            provider: Provider { label: label.into(), other_ways: !only, ..stage.fake.provider() },
            secret: secret.into(),
        };
        let started = async |wanted: &provider::Configured| {
            let inside = stage.fake.inside();
            let place = place.with(app::Outside { provider: Some(wanted.clone()), inside, ..app::Outside::default() }).await;
            provider::configure(&place.app).await.map(|()| place)
        };
        let sets = async || stage.acts("provider.set").await.len();
        let before = sets().await;
        let first = wanted("Larkfare by file", "another secret", true);
        let there = started(&first).await.unwrap();
        assert_eq!(sets().await, before + 1);
        started(&first).await.unwrap();
        assert_eq!(sets().await, before + 1, "a start that changes nothing is no act");
        let shown = provider::shown(&there.app).await.unwrap().unwrap();
        assert_eq!((shown.label.as_str(), shown.other_ways), ("Larkfare by file", false));
        assert!(enter(&there.app, "wren@larkfare.example", PASSPHRASE, here()).await.is_err(), "only the provider");
        // The page shows it and changes nothing.
        let overview = provider::overview(&there.app, &stage.ada.actor).await.unwrap();
        assert!(overview.configured && overview.provider.is_some_and(|it| it.label == "Larkfare by file"));
        let change = Change { provider: Provider { revision: 2, ..stage.fake.provider() }, secret: String::new() };
        assert!(is_conflict(provider::set(&there.app, &stage.ada, change.clone()).await));
        assert!(is_conflict(provider::remove(&there.app, &stage.ada.actor).await));
        // Another secret is another start's act; what cannot be kept says so and keeps what stands.
        started(&wanted("Larkfare by file", "a third secret", true)).await.unwrap();
        assert_eq!(sets().await, before + 2);
        assert_eq!(field(started(&wanted("", "a third secret", true)).await), Some("label"));
        assert_eq!(sets().await, before + 2);
        let all = store::audit::since(&mut stage.db().await, 0, 1_000).await.unwrap();
        assert!(all.iter().all(|entry| !entry.detail.contains("secret\":\"") && !entry.detail.contains("another secret")));
        // Without the settings the page counts again.
        assert!(!provider::overview(stage.app(), &stage.ada.actor).await.unwrap().configured);
        provider::set(stage.app(), &stage.ada, Change { provider: Provider { revision: 3, ..change.provider }, ..change }).await.unwrap();
    }

    async fn an_answer_fits_one_question_of_one_browser_once(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let (app, now) = (stage.app(), stage.place.clock.now());
        let going = stage.begin().await;
        let other = stage.begin().await;
        stage.fake.grants(&stage.fake.claims(&going, now));
        let good = answer_to(&going);
        for (cookie, answer) in [
            (None, good.clone()),
            (Some(other.cookie.as_str()), good.clone()),
            (Some(""), good.clone()),
            (Some(going.cookie.as_str()), answer_to(&other)),
            (Some(going.cookie.as_str()), provider::Answer { state: String::new(), ..good.clone() }),
        ] {
            says(provider::answer(app, cookie, &answer, here()).await, "begun in another browser");
        }
        assert_eq!(stage.fake.was_asked("/token").0, 0, "nothing is exchanged for them");
        assert!(provider::answer(app, Some(&going.cookie), &good, here()).await.is_ok());
        says(provider::answer(app, Some(&going.cookie), &good, here()).await, "was used before");
        let late = stage.begin().await;
        stage.place.clock.advance(provider::WAITS);
        stage.fake.grants(&stage.fake.claims(&late, stage.place.clock.now()));
        says(provider::answer(app, Some(&late.cookie), &answer_to(&late), here()).await, "ten minutes");
    }

    async fn hostile_answers_open_nothing(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let wren = stage.account("wren@larkfare.example").await.unwrap().id;
        let second = stage.place.clock.now().as_micros() / 1_000_000;
        for changes in [
            json!({ "iss": "http://127.0.0.1:1" }),
            json!({ "aud": "other" }),
            json!({ "aud": ["debrief", "other"] }),
            json!({ "exp": second - 121 }),
            json!({ "iat": second + 121 }),
            json!({ "iat": second - 121 }),
            json!({ "nonce": "guessed" }),
            json!({ "sub": null }),
            json!({ "exp": "soon" }),
        ] {
            says(stage.comes(changes).await, "not believed here");
        }
        for skewed in [json!({ "exp": second - 119 }), json!({ "iat": second + 120 })] {
            assert!(stage.comes(skewed).await.is_ok(), "two minutes are forgiven");
        }
        let came = stage.sessions_of(wren).await;
        let odd = [
            (200, String::new(), "not believed"),
            (200, "{}".into(), "not believed"),
            (200, "[[[[".into(), "not believed"),
            (200, json!({ "id_token": "a.b.c" }).to_string(), "not believed"),
            (200, json!({ "id_token": "x".repeat(200_000) }).to_string(), "not believed"),
            (200, "[".repeat(100_000), "not believed"),
            (200, "x".repeat(2 << 20), "cannot be reached"),
            (400, json!({ "error": "invalid_grant" }).to_string(), "not believed"),
            (302, String::new(), "cannot be reached"),
            (500, "down".into(), "cannot be reached"),
        ];
        for (status, body, words) in odd {
            let going = stage.begin().await;
            stage.fake.answers("/token", status, body);
            says(provider::answer(stage.app(), Some(&going.cookie), &answer_to(&going), here()).await, words);
        }
        // Somebody else's key, under the name of ours.
        let going = stage.begin().await;
        let claims = stage.fake.claims(&going, stage.place.clock.now());
        let forged = stage.fake.token(2, &claims);
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", forged.split('.').nth(1).unwrap());
        for token in [forged, unsigned] {
            let going = stage.begin().await;
            stage.fake.answers("/token", 200, json!({ "id_token": token }).to_string());
            says(provider::answer(stage.app(), Some(&going.cookie), &answer_to(&going), here()).await, "not believed");
        }
        // The provider says no, or another one answers (RFC 9207).
        for (answer, words) in [
            (provider::Answer { error: Some("access_denied<script>".into()), ..answer_to(&going) }, "did not let you in"),
        ] {
            says(provider::answer(stage.app(), Some(&going.cookie), &answer, here()).await, words);
        }
        for issuer in [Some("https://evil.example".to_owned()), Some(String::new())] {
            let going = stage.begin().await;
            let answer = provider::Answer { issuer, ..answer_to(&going) };
            says(provider::answer(stage.app(), Some(&going.cookie), &answer, here()).await, "not believed");
        }
        assert_eq!(stage.sessions_of(wren).await, came, "nobody came in");
    }

    async fn keys_change_and_are_looked_at_again_once_a_minute(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let signed_by = async |n: u8| {
            let going = stage.begin().await;
            let claims = stage.fake.claims(&going, stage.place.clock.now());
            stage.fake.answers("/token", 200, json!({ "id_token": stage.fake.token(n, &claims) }).to_string());
            provider::answer(stage.app(), Some(&going.cookie), &answer_to(&going), here()).await
        };
        assert!(signed_by(1).await.is_ok());
        stage.fake.shows_key(2);
        says(signed_by(2).await, "not believed");
        assert_eq!(stage.fake.was_asked("/keys").0, 1, "looked at a moment ago");
        stage.place.clock.advance(Span::minutes(1));
        assert!(signed_by(2).await.is_ok());
        says(signed_by(3).await, "not believed");
        says(signed_by(1).await, "not believed");
        assert_eq!(stage.fake.was_asked("/keys").0, 2);
        assert_eq!(stage.fake.was_asked("/.well-known/openid-configuration").0, 1);
        stage.place.clock.advance(Span::hours(1));
        stage.fake.answers("/.well-known/openid-configuration", 500, "");
        let down = provider::begin(stage.app(), REDIRECT, "/", here()).await.unwrap_err();
        assert!(matches!(down, Error::Unavailable(_)), "{down}");
    }

    async fn a_farewell_ends_what_it_names_once(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let (app, clock) = (stage.app(), &stage.place.clock);
        let one = stage.comes(json!({ "sid": "one" })).await.unwrap();
        let two = stage.comes(json!({ "sid": "two" })).await.unwrap();
        let ada = stage.comes(json!({ "sub": "ada-there", "email": "ada@larkfare.example", "sid": "one" })).await.unwrap();
        let says = |changes: Value| stage.fake.farewell(clock.now(), &changes);
        let end = async |token: &str| provider::farewell(app, token, here()).await;
        for refused in [
            String::new(),
            "a.b.c".into(),
            says(json!({ "sub": "wren-there", "nonce": "x" })),
            says(json!({ "sub": "wren-there", "events": {} })),
            says(json!({ "sub": "wren-there", "aud": "other" })),
            says(json!({ "sub": "wren-there", "jti": null })),
            says(json!({})),
            stage.fake.token(2, &json!({})),
        ] {
            assert!(matches!(end(&refused).await, Err(Error::Invalid { .. })), "{refused}");
        }
        assert!(stage.session(&one).await.is_some());
        let token = says(json!({ "sub": "wren-there", "sid": "one" }));
        assert_eq!(end(&token).await.unwrap(), 1);
        assert!(stage.session(&one).await.is_none() && stage.session(&two).await.is_some());
        assert!(stage.session(&ada).await.is_some(), "somebody else's session of that name");
        assert!(end(&token).await.is_err(), "it came before");
        assert_eq!(end(&says(json!({ "jti": "2", "sub": "nobody-there", "sid": "two" }))).await.unwrap(), 0);
        assert_eq!(end(&says(json!({ "jti": "3", "sid": "two" }))).await.unwrap(), 1);
        assert!(stage.session(&two).await.is_none());
        // Everything of somebody that began there, and nothing else.
        assert_eq!(end(&says(json!({ "jti": "4", "sub": "ada-there" }))).await.unwrap(), 1);
        assert!(stage.session(&ada).await.is_none());
        assert_eq!(sign_in::sessions::list(app, &stage.ada).await.unwrap().len(), 1, "the first one stays");
        assert_eq!(stage.acts("session.end_by_provider").await.len(), 3);
        let out = provider::way_out(app, "https://debrief.example/signed-out").await.unwrap();
        assert!(out.ends_with("/end?here&client_id=debrief&post_logout_redirect_uri=https%3A%2F%2Fdebrief.example%2Fsigned-out"), "{out}");
    }

    async fn what_is_set_is_checked_and_its_secret_sealed(place: Installation) {
        let stage = Stage::of(&place, |_| ()).await;
        let good = || Change { provider: Provider { revision: 1, ..stage.fake.provider() }, secret: String::new() };
        let set = async |change: Change| provider::set(stage.app(), &stage.ada, change).await;
        let refused = async |field: &str, change: &dyn Fn(&mut Provider)| {
            let mut wanted = good();
            change(&mut wanted.provider);
            match set(wanted).await {
                Err(Error::Invalid { field: Some(found), .. }) => assert_eq!(found, field),
                other => panic!("{field}: {other:?}"),
            }
        };
        refused("label", &|set| set.label = " ".into()).await;
        refused("issuer", &|set| set.issuer = "id.example".into()).await;
        refused("issuer", &|set| set.issuer = "javascript:alert(1)".into()).await;
        refused("secret", &|set| set.issuer = "https://id.example".into()).await;
        refused("client", &|set| set.client = "a b".into()).await;
        refused("scopes", &|set| set.scopes = "é".into()).await;
        refused("groups_claim", &|set| { set.groups_claim = String::new(); set.roles = groups("", "sre", None); }).await;
        refused("others", &|set| set.newcomers = true).await;
        refused("other_ways", &|set| set.other_ways = false).await;
        // A provider that calls itself something else, and one inside that nobody named.
        for issuer in [format!("{}/", stage.fake.issuer()), "http://127.0.0.1:9".into(), "https://169.254.169.254".into()] {
            let change = Change { secret: "new".into(), provider: Provider { issuer, revision: 1, ..stage.fake.provider() } };
            assert!(matches!(set(change).await, Err(Error::Invalid { field: Some("issuer"), .. })));
        }
        let wren = join(&stage.place, &stage.ada.actor, "mia@larkfare.example", Role::Member).await;
        let wren = sign_in::session(stage.app(), &wren.cookie).await.unwrap().unwrap();
        assert!(matches!(provider::set(stage.app(), &wren, good()).await, Err(Error::Forbidden)));
        set(good()).await.unwrap();
        assert!(matches!(set(good()).await, Err(Error::Conflict { .. })), "somebody was faster");
        // Kept over a new key, shown nowhere.
        let rotation = app::secrets::Rotation { forget_older: true, leave_closed: false };
        app::secrets::rotate(stage.app(), &Actor::installation(), rotation).await.unwrap();
        let sealed = store::secrets::all(&mut stage.db().await).await.unwrap();
        assert!(sealed.len() == 1 && !sealed[0].sealed.windows(6).any(|part| part == b"canary"));
        assert!(stage.comes(json!({})).await.is_ok());
        assert!(!format!("{:?}", stage.fake.change()).contains("canary"));

        // Whoever came by it can close the other ways; tokens and links of the machine stay.
        let ada = stage.comes(json!({ "sub": "ada-there", "email": "ada@larkfare.example" })).await.unwrap();
        let ada = stage.session(&ada).await.unwrap();
        let closed = Change { provider: Provider { other_ways: false, revision: 2, ..stage.fake.provider() }, secret: String::new() };
        provider::set(stage.app(), &ada, closed).await.unwrap();
        let tried = sign_in::sign_in(stage.app(), "ada@larkfare.example", PASSPHRASE, here()).await.unwrap_err();
        assert!(tried.to_string().contains("sign in with Larkfare ID"), "{tried}");
        let place = app::passkeys::Place::of("https://debrief.example").unwrap();
        assert!(app::passkeys::begin_entering(stage.app(), &place, here()).await.is_err());
        let link = sign_in::sign_in_link(stage.app(), &Actor::installation(), "ada@larkfare.example", 1).await.unwrap();
        assert!(sign_in::use_sign_in_link(stage.app(), &link, here()).await.is_ok());
        provider::remove(stage.app(), &ada.actor).await.unwrap();
        assert!(sign_in::sign_in(stage.app(), "ada@larkfare.example", PASSPHRASE, here()).await.is_ok());
        assert!(matches!(provider::begin(stage.app(), REDIRECT, "/", here()).await, Err(Error::NotFound)));
        assert!(store::secrets::all(&mut stage.db().await).await.unwrap().is_empty());
    }
}
