//! The second factor, recovery codes, and proving again who one is.

use super::*;
use app::{
    factor::{self, Standing},
    sign_in::{Entered, proof},
};
use domain::{Instant, instant::Span, person::Role};
use ring::hmac;
use testing::both;

/// What an authenticator program shows (RFC 6238), from the secret as it is typed.
fn shown(secret: &str, at: Instant) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret
        .chars()
        .filter(|c| *c != ' ')
        .map(|c| format!("{:05b}", LETTERS.find(c).expect("a letter of base 32")))
        .collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let step = at.as_micros() / 30_000_000;
    let sum = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes), &step.to_be_bytes());
    let sum = sum.as_ref();
    let offset = usize::from(sum[19] & 15);
    let number = u32::from_be_bytes(sum[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Sets a second factor up; its secret and recovery codes.
async fn enrol(place: &Installation, session: &sign_in::Session) -> (String, Vec<String>) {
    factor::begin(&place.app, session).await.unwrap();
    let enrolment = factor::overview(&place.app, session).await.unwrap().enrolment.expect("it was begun");
    assert!(enrolment.address.starts_with("otpauth://totp/Larkfare:ada%40larkfare%2Eexample?secret="));
    assert!(enrolment.picture.starts_with("<svg") && !enrolment.picture.contains("style="));
    let code = shown(&enrolment.secret, place.clock.now());
    let codes = factor::confirm(&place.app, session, &code).await.unwrap();
    (enrolment.secret, codes)
}

async fn asks(place: &Installation) -> String {
    match sign_in::sign_in(&place.app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap() {
        Entered::Asks(asks) => asks.token,
        Entered::In(begun) => panic!("no code was asked for: {begun:?}"),
    }
}

both! {
    async fn a_code_is_asked_for_and_good_once(place: Installation) {
        let session = set_up(&place).await;
        let app = &place.app;
        let other = enter(app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
        let (secret, codes) = enrol(&place, &session).await;
        assert!(codes.len() == 10 && codes.iter().all(|code| code.len() == 19), "{codes:?}");
        assert!(sign_in::session(app, &other.cookie).await.unwrap().is_none(), "other sessions ended");

        place.clock.advance(Span::seconds(60));
        let second = async |token: &str, code: &str| sign_in::second(app, token, code, here()).await;
        let token = asks(&place).await;
        let code = shown(&secret, place.clock.now());
        assert_eq!(field(second(&token, "000000").await), Some("code"));
        assert_eq!(field(second(&token, "").await), Some("code"));
        assert!(is_absent(second("made up", &code).await));
        let begun = second(&token, &code).await.unwrap();
        assert!(sign_in::session(app, &begun.cookie).await.unwrap().is_some());
        assert!(is_absent(second(&token, &code).await), "the step was used up");
        assert_eq!(field(second(&asks(&place).await, &code).await), Some("code"), "a code is good once");

        let late = asks(&place).await;
        place.clock.advance(Span::minutes(5));
        assert!(is_absent(second(&late, &shown(&secret, place.clock.now())).await), "it waited too long");
        let link = sign_in::sign_in_link(app, &Actor::installation(), "ada@larkfare.example", 1).await.unwrap();
        let entered = sign_in::use_sign_in_link(app, &link, here()).await.unwrap();
        assert!(matches!(entered, Entered::Asks(_)), "a link asks for it as well");
    }

    async fn of_two_with_one_code_one_comes_in(place: Installation) {
        let session = set_up(&place).await;
        let (secret, _) = enrol(&place, &session).await;
        place.clock.advance(Span::seconds(60));
        let other = place.another_node().await;
        let (one, two) = (asks(&place).await, asks(&place).await);
        let code = shown(&secret, place.clock.now());
        let (a, b) = tokio::join!(
            sign_in::second(&place.app, &one, &code, here()),
            sign_in::second(&other, &two, &code, here())
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    }

    async fn a_code_that_comes_again_is_noted_and_told(place: Installation) {
        let session = set_up(&place).await;
        let (secret, codes) = enrol(&place, &session).await;
        let office = testing::PostOffice::open().await;
        let mail = app::mail::Settings {
            smtp_url: office.url(), from: "debrief@larkfare.example".into(), public_url: "https://debrief.example".into(),
        };
        let place = place.with(app::Outside { mail: Some(mail), ..app::Outside::default() }).await;
        let noted = async || {
            app::jobs::run_due(&place.app, &app::jobs::Duties::default()).await.unwrap();
            let letters = office.letters().iter().filter(|it| it.text.contains("A code of yours came twice")).count();
            (acts(&place).await.iter().filter(|act| *act == "factor.code_again").count(), letters)
        };
        place.clock.advance(Span::seconds(60));
        let code = shown(&secret, place.clock.now());
        sign_in::second(&place.app, &asks(&place).await, &code, here()).await.unwrap();
        assert!(sign_in::second(&place.app, &asks(&place).await, "000000", here()).await.is_err());
        assert_eq!(noted().await, (0, 0), "a wrong one is nothing to speak of");
        let again = sign_in::second(&place.app, &asks(&place).await, &code, here()).await;
        let wrong = sign_in::second(&place.app, &asks(&place).await, "000001", here()).await;
        assert_eq!(again.unwrap_err().to_string(), wrong.unwrap_err().to_string(), "the asker learns nothing");
        assert_eq!(noted().await, (1, 1));
        assert!(proof::prove(&place.app, &session, "", &code).await.is_err());
        assert_eq!(noted().await, (2, 2));
        // Later it is a wrong one like any other, and so is a recovery code that was used.
        place.clock.advance(Span::minutes(5));
        for code in [&code, &codes[0], &codes[0]] {
            let _ = sign_in::second(&place.app, &asks(&place).await, code, here()).await;
        }
        assert_eq!(noted().await, (2, 2));
    }

    async fn codes_are_slowed_down(place: Installation) {
        let session = set_up(&place).await;
        let (secret, _) = enrol(&place, &session).await;
        let token = asks(&place).await;
        let mut slowed = false;
        for _ in 0..10 {
            slowed |= matches!(
                sign_in::second(&place.app, &token, "000000", here()).await,
                Err(Error::Slowed { .. })
            );
        }
        assert!(slowed, "a million codes cannot be tried");
        place.clock.advance(Span::seconds(61));
        sign_in::second(&place.app, &token, &shown(&secret, place.clock.now()), here()).await.unwrap();
    }

    async fn recovery_codes_work_once_and_for_their_person(place: Installation) {
        let session = set_up(&place).await;
        let (_, codes) = enrol(&place, &session).await;
        let second = async |code: &str| sign_in::second(&place.app, &asks(&place).await, code, here()).await;
        let typed = codes[0].to_uppercase().replace('-', " ");
        second(&typed).await.unwrap();
        assert_eq!(field(second(&codes[0]).await), Some("code"), "used");
        let standing = factor::overview(&place.app, &session).await.unwrap().standing;
        assert!(matches!(standing, Standing::Asked { codes_left: 9, .. }), "{standing:?}");
        let fresh = factor::renew_codes(&place.app, &session).await.unwrap();
        assert_eq!(field(second(&codes[1]).await), Some("code"), "replaced");
        second(&fresh[1]).await.unwrap();
    }

    async fn sensitive_acts_ask_who_it_is(place: Installation) {
        let session = set_up(&place).await;
        let app = &place.app;
        let (secret, _) = enrol(&place, &session).await;
        place.clock.advance(proof::RECENT);
        assert!(matches!(factor::remove(app, &session).await, Err(Error::ProveFirst)));
        assert!(matches!(factor::renew_codes(app, &session).await, Err(Error::ProveFirst)));
        assert!(factor::overview(app, &session).await.unwrap().enrolment.is_none());
        assert_eq!(field(proof::prove(app, &session, "seven dry lanterns", "").await), Some("passphrase"));
        assert_eq!(field(proof::prove(app, &session, "", "123").await), Some("code"));
        proof::prove(app, &session, "", &shown(&secret, place.clock.now())).await.unwrap();
        // The proof belongs to the session, which is read anew with every request.
        assert!(matches!(factor::remove(app, &session).await, Err(Error::ProveFirst)));
        let session = sign_in::Session { proved_at: place.clock.now(), ..session };
        factor::remove(app, &session).await.unwrap();
        assert!(is_absent(factor::remove(app, &session).await));
        enter(app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
    }

    async fn a_role_can_be_asked_for_a_second_factor(place: Installation) {
        let session = set_up(&place).await;
        let app = &place.app;
        let wren = join(&place, &session.actor, "wren@larkfare.example", Role::Member).await;
        let must = async |cookie: &str| sign_in::session(app, cookie).await.unwrap().unwrap().must_enrol;
        assert!(!must(&wren.cookie).await);
        assert!(is_forbidden(factor::ask_from(app, &actor(&wren.person), Some(Role::Reader)).await));
        factor::ask_from(app, &session.actor, Some(Role::Administrator)).await.unwrap();
        assert!(!must(&wren.cookie).await, "not of this role");
        factor::ask_from(app, &session.actor, Some(Role::Reader)).await.unwrap();
        assert!(must(&wren.cookie).await);
        enrol(&place, &session).await;
        let begun = sign_in::second(app, &asks(&place).await, "000000", here()).await;
        assert_eq!(field(begun), Some("code"));
        factor::ask_from(app, &session.actor, None).await.unwrap();
        assert!(!must(&wren.cookie).await);
        assert!(is_forbidden(factor::reset(app, &actor(&wren.person), session.person.id).await));
        factor::reset(app, &Actor::installation(), session.person.id).await.unwrap();
        enter(app, "ada@larkfare.example", PASSPHRASE, here()).await.unwrap();
    }
}
