//! Passkeys, with an authenticator made of a key pair.

use super::*;
use app::passkeys::{self, Answer, Place};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{instant::Span, person::Role};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use testing::both;

const ORIGIN: &str = "https://debrief.example";

fn pages() -> Place {
    Place::of(ORIGIN).expect("a place with passkeys")
}

/// A device with one credential.
struct Authenticator {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    counter: u32,
}

impl Authenticator {
    fn new(id: &[u8]) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        Self { pair, id: id.to_vec(), counter: 0 }
    }

    fn data(&mut self, flags: u8, rest: &[u8]) -> Vec<u8> {
        self.counter += 1;
        let hash = digest::digest(&digest::SHA256, b"debrief.example");
        [hash.as_ref(), &[flags], &self.counter.to_be_bytes(), rest].concat()
    }

    fn make(&mut self, challenge: &str) -> Answer {
        let point = self.pair.public_key().as_ref().to_vec();
        let key =
            [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &point[1..33], b"\x22\x58\x20", &point[33..]]
                .concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let rest = [&[0; 16][..], &length, &self.id, &key].concat();
        Answer {
            credential: coded(&self.id),
            client_data: coded(&client_data("webauthn.create", challenge)),
            authenticator_data: coded(&self.data(0x45, &rest)),
            signature: String::new(),
        }
    }

    fn sign(&mut self, challenge: &str) -> Answer {
        let (data, client) = (self.data(0x05, &[]), client_data("webauthn.get", challenge));
        let message = [data.as_slice(), digest::digest(&digest::SHA256, &client).as_ref()].concat();
        Answer {
            credential: coded(&self.id),
            client_data: coded(&client),
            authenticator_data: coded(&data),
            signature: coded(self.pair.sign(&SystemRandom::new(), &message).unwrap().as_ref()),
        }
    }
}

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn client_data(kind: &str, challenge: &str) -> Vec<u8> {
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#)
        .into_bytes()
}

async fn added(place: &Installation, session: &sign_in::Session, id: &[u8]) -> Authenticator {
    let mut device = Authenticator::new(id);
    let given = passkeys::begin_adding(&place.app, session, &pages()).await.unwrap();
    assert_eq!((given.host.as_str(), given.algorithms[0]), ("debrief.example", -7));
    passkeys::add(&place.app, session, &pages(), "laptop", &device.make(&given.challenge)).await.unwrap();
    device
}

async fn challenge(place: &Installation) -> String {
    passkeys::begin_entering(&place.app, &pages(), here()).await.unwrap().challenge
}

both! {
    async fn a_passkey_signs_in(place: Installation) {
        let session = set_up(&place).await;
        let app = &place.app;
        let mut device = added(&place, &session, b"one").await;
        let given = challenge(&place).await;
        let answer = device.sign(&given);
        let begun = passkeys::enter(app, &pages(), &answer, here()).await.unwrap();
        assert_eq!(begun.person, session.person);
        let entered = sign_in::session(app, &begun.cookie).await.unwrap().unwrap();
        assert_eq!(entered.how, sign_in::How::Passkey);
        let listed = passkeys::list(app, &session).await.unwrap();
        assert_eq!((listed.len(), listed[0].label.as_str(), listed[0].used_at), (1, "laptop", Some(place.clock.now())));
        assert!(passkeys::enter(app, &pages(), &answer, here()).await.is_err(), "replayed");

        passkeys::remove(app, &session, listed[0].id).await.unwrap();
        assert!(is_absent(passkeys::remove(app, &session, listed[0].id).await));
        let given = challenge(&place).await;
        assert!(passkeys::enter(app, &pages(), &device.sign(&given), here()).await.is_err(), "removed");
    }

    async fn what_was_not_signed_here_and_now_is_refused(place: Installation) {
        let session = set_up(&place).await;
        let app = &place.app;
        let mut device = added(&place, &session, b"one").await;
        let mut said = Vec::new();
        let mut refused = async |answer: Answer, what: &str| {
            match passkeys::enter(app, &pages(), &answer, here()).await {
                Err(error @ Error::Invalid { field: None, .. }) => said.push(error.to_string()),
                other => panic!("{what}: {other:?}"),
            }
        };
        refused(Answer::default(), "nothing at all").await;
        refused(device.sign("made-up"), "a challenge that was not ours").await;
        let given = challenge(&place).await;
        refused(Authenticator::new(b"one").sign(&given), "another key").await;
        let given = challenge(&place).await;
        refused(Authenticator::new(b"two").sign(&given), "an unknown credential").await;
        let given = challenge(&place).await;
        let whole = device.sign(&given);
        let cut = Answer { signature: whole.signature[..whole.signature.len() - 4].to_owned(), ..whole.clone() };
        refused(cut, "a signature that is cut off").await;
        let given = challenge(&place).await;
        let cut = Answer { authenticator_data: "AAAA".into(), ..device.sign(&given) };
        refused(cut, "data that are cut off").await;
        let adding = passkeys::begin_adding(app, &session, &pages()).await.unwrap().challenge;
        refused(device.sign(&adding), "a challenge for another purpose").await;
        let given = challenge(&place).await;
        device.counter = 0;
        refused(device.sign(&given), "a counter that went back: a copy").await;
        device.counter = 100;
        let late = challenge(&place).await;
        place.clock.advance(Span::minutes(5));
        refused(device.sign(&late), "too late").await;
        said.dedup();
        assert_eq!(said.len(), 1, "they cannot be told apart: {said:?}");
        let given = challenge(&place).await;
        passkeys::enter(app, &pages(), &device.sign(&given), here()).await.unwrap();
    }

    async fn tries_from_one_place_slow_nobody_elsewhere(place: Installation) {
        let session = set_up(&place).await;
        let mut device = added(&place, &session, b"one").await;
        let mut slowed = false;
        for _ in 0..40 {
            let refused = passkeys::enter(&place.app, &pages(), &Answer::default(), here()).await;
            slowed |= matches!(refused, Err(Error::Slowed { .. }));
        }
        assert!(slowed);
        let elsewhere = sign_in::Device { agent: String::new(), address: "203.0.113.9".into() };
        let given = passkeys::begin_entering(&place.app, &pages(), &elsewhere).await.unwrap().challenge;
        passkeys::enter(&place.app, &pages(), &device.sign(&given), &elsewhere).await.unwrap();
    }

    async fn adding_is_for_whoever_asked(place: Installation) {
        let session = set_up(&place).await;
        let app = &place.app;
        let wren = join(&place, &session.actor, "wren@larkfare.example", Role::Member).await;
        let wren = sign_in::session(app, &wren.cookie).await.unwrap().unwrap();
        let mut device = Authenticator::new(b"one");
        let given = passkeys::begin_adding(app, &session, &pages()).await.unwrap();
        let answer = device.make(&given.challenge);
        assert!(passkeys::add(app, &wren, &pages(), "stolen", &answer).await.is_err(), "begun by somebody else");
        assert_eq!(field(passkeys::add(app, &session, &pages(), " ", &answer).await), Some("label"));
        let mut device = added(&place, &session, b"one").await;
        let given = passkeys::begin_adding(app, &wren, &pages()).await.unwrap();
        assert!(is_conflict(passkeys::add(app, &wren, &pages(), "same", &device.make(&given.challenge)).await));
        place.clock.advance(sign_in::proof::RECENT);
        let refused = passkeys::begin_adding(app, &session, &pages()).await;
        assert!(matches!(refused, Err(Error::ProveFirst)), "{refused:?}");
        app::people::deactivate(app, &Actor::installation(), wren.person.id).await.unwrap();
    }
}

#[test]
fn passkeys_are_where_browsers_have_them() {
    for (address, host) in [
        ("https://debrief.example/", Some("debrief.example")),
        ("https://debrief.example:8443/x", Some("debrief.example")),
        ("http://localhost:8080", Some("localhost")),
        ("http://debrief.example", None),
        ("https://192.0.2.1", None),
        ("http://127.0.0.1:8080", None),
        ("nonsense", None),
    ] {
        assert_eq!(Place::of(address).map(|place| place.host).as_deref(), host, "{address}");
    }
    assert_eq!(Place::of("https://debrief.example:8443/x").unwrap().origin, "https://debrief.example:8443");
}
