use super::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};

const HOST: &str = "debrief.example";
const ORIGIN: &str = "https://debrief.example";

fn authenticator_data(host: &str, flags: u8, counter: u32, rest: &[u8]) -> Vec<u8> {
    let hash = digest::digest(&digest::SHA256, host.as_bytes());
    [hash.as_ref(), &[flags], &counter.to_be_bytes(), rest].concat()
}

fn client_data(kind: &str, origin: &str) -> Vec<u8> {
    format!(r#"{{"type":"{kind}","challenge":"abc","origin":"{origin}","crossOrigin":false}}"#).into_bytes()
}

fn attested(id: &[u8], key: &[u8]) -> Vec<u8> {
    let length = u16::try_from(id.len()).unwrap();
    [&[0; 16][..], &length.to_be_bytes(), id, key].concat()
}

fn es256() -> (EcdsaKeyPair, Vec<u8>) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let cose =
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &point[1..33], b"\x22\x58\x20", &point[33..]]
            .concat();
    (pair, cose)
}

fn expected(kind: &str) -> Expected<'_> {
    Expected { kind, origin: ORIGIN }
}

#[test]
fn client_data_must_be_about_this_page_and_purpose() {
    let good = client_data("webauthn.get", ORIGIN);
    assert_eq!(challenge(&good, expected("webauthn.get")).as_deref(), Ok("abc"));
    assert!(challenge(&good, expected("webauthn.create")).is_err(), "another purpose");
    for origin in [
        "https://debrief.example.evil.example",
        "http://debrief.example",
        "https://debrief.example:8443",
        "null",
    ] {
        assert!(
            challenge(&client_data("webauthn.get", origin), expected("webauthn.get")).is_err(),
            "{origin}"
        );
    }
    let framed = String::from_utf8(good.clone()).unwrap().replace("false", "true");
    assert!(challenge(framed.as_bytes(), expected("webauthn.get")).is_err(), "inside somebody else's page");
    for at in 0..good.len() {
        assert!(challenge(&good[..at], expected("webauthn.get")).is_err(), "cut off after {at}");
    }
}

#[test]
fn a_credential_is_read_whole_or_not_at_all() {
    let (pair, cose) = es256();
    let data = authenticator_data(HOST, 0x45, 0, &attested(b"credential", &cose));
    let read = credential(&data, HOST).unwrap();
    assert_eq!((read.id.as_slice(), read.key.algorithm, read.counter), (b"credential".as_slice(), -7, 0));
    assert_eq!(read.key.bytes, pair.public_key().as_ref());
    for at in 0..data.len() {
        assert!(credential(&data[..at], HOST).is_err(), "cut off after {at}");
    }
    assert!(credential(&data, "evil.example").is_err(), "another host");
    for flags in [0x00, 0x01, 0x05, 0x40, 0x41, 0x44] {
        let data = authenticator_data(HOST, flags, 0, &attested(b"credential", &cose));
        assert!(credential(&data, HOST).is_err(), "flags {flags:#x}");
    }
    for id in [vec![], vec![7; 1024]] {
        let data = authenticator_data(HOST, 0x45, 0, &attested(&id, &cose));
        assert!(credential(&data, HOST).is_err(), "an id of {} bytes", id.len());
    }
    for at in 0..10 {
        let mut other = cose.clone();
        other[at] ^= 1;
        assert!(
            credential(&authenticator_data(HOST, 0x45, 0, &attested(b"c", &other)), HOST).is_err(),
            "{at}"
        );
    }
}

#[test]
fn what_was_not_signed_by_the_key_is_refused() {
    let (pair, cose) = es256();
    let key = public_key(&cose).unwrap();
    let (data, client) = (authenticator_data(HOST, 0x05, 7, &[]), client_data("webauthn.get", ORIGIN));
    let message = [data.as_slice(), digest::digest(&digest::SHA256, &client).as_ref()].concat();
    let signed = pair.sign(&SystemRandom::new(), &message).unwrap();
    let signed = signed.as_ref();
    assert_eq!(verify(&key, 0, HOST, &data, &client, signed), Ok(7));
    assert_eq!(verify(&key, 6, HOST, &data, &client, signed), Ok(7));
    for before in [7, 8, u32::MAX] {
        assert!(verify(&key, before, HOST, &data, &client, signed).is_err(), "a counter that did not grow");
    }
    for at in 0..signed.len() {
        assert!(verify(&key, 0, HOST, &data, &client, &signed[..at]).is_err(), "cut off after {at}");
        let mut forged = signed.to_vec();
        forged[at] ^= 1;
        assert!(verify(&key, 0, HOST, &data, &client, &forged).is_err(), "changed at {at}");
    }
    for at in 33..data.len() {
        let mut other = data.clone();
        other[at] ^= 1;
        assert!(verify(&key, 0, HOST, &other, &client, signed).is_err(), "a counter that was not signed");
    }
    let other = client_data("webauthn.get", "https://evil.example");
    assert!(verify(&key, 0, HOST, &data, &other, signed).is_err(), "client data that were not signed");
    let (_, stranger) = es256();
    assert!(verify(&public_key(&stranger).unwrap(), 0, HOST, &data, &client, signed).is_err());
    assert!(verify(&key, 0, "evil.example", &data, &client, signed).is_err());
}

#[test]
fn the_other_algorithms_are_taken_too() {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
    let cose = [&b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20"[..], pair.public_key().as_ref()].concat();
    let key = public_key(&cose).unwrap();
    let (data, client) = (authenticator_data(HOST, 0x05, 0, &[]), client_data("webauthn.get", ORIGIN));
    let message = [data.as_slice(), digest::digest(&digest::SHA256, &client).as_ref()].concat();
    assert_eq!(
        verify(&key, 0, HOST, &data, &client, pair.sign(&message).as_ref()),
        Ok(0),
        "it counts nothing"
    );
    assert!(
        verify(&key, 1, HOST, &data, &client, pair.sign(&message).as_ref()).is_err(),
        "it counted before"
    );

    let rsa = [&b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"[..], &[0xc1; 256], b"\x21\x43\x01\x00\x01"]
        .concat();
    assert_eq!(public_key(&rsa).unwrap().algorithm, -257);
    assert!(verify(&public_key(&rsa).unwrap(), 0, HOST, &data, &client, &[1; 256]).is_err());
}

#[test]
fn base64_is_bounded() {
    assert_eq!(decoded("AQID", 3).as_deref(), Ok(&[1, 2, 3][..]));
    assert!(decoded(&"A".repeat(100), 8).is_err());
    assert!(decoded("+/==", 8).is_err());
}
