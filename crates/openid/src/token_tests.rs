use super::*;
use crate::keys::keys;
use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::json;

const NOW: i64 = 1_794_635_220;
const EXPECTED: Expected<'_> =
    Expected { issuer: "https://id.example", client: "debrief", now: Instant::from_seconds(NOW) };

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key of a provider, and how it is shown.
fn pair() -> (Ed25519KeyPair, Vec<Key>) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let x = encoded(pair.public_key().as_ref());
    let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "one", "use": "sig" }] });
    (pair, keys(set.to_string().as_bytes()).unwrap())
}

fn signed_by(pair: &Ed25519KeyPair, head: &Value, claims: &Value) -> String {
    let message =
        format!("{}.{}", encoded(head.to_string().as_bytes()), encoded(claims.to_string().as_bytes()));
    format!("{message}.{}", encoded(pair.sign(message.as_bytes()).as_ref()))
}

fn head() -> Value {
    json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" })
}

fn claims() -> Value {
    json!({ "iss": "https://id.example", "sub": "248289", "aud": "debrief", "nonce": "asked", "sid": "s1",
            "iat": NOW, "exp": NOW + 300, "email": "wren@larkfare.example", "email_verified": true,
            "name": " Wren Okafor ", "groups": ["sre", 7, "leads"], "realm": { "roles": "one" } })
}

/// The claims with some changed; `null` takes one away.
fn with(mut all: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            all.as_object_mut().unwrap().remove(name);
        } else {
            all[name] = value.clone();
        }
    }
    all
}

fn read(claims: &Value) -> Result<Said, Refused> {
    let (pair, keys) = pair();
    identity(&signed_by(&pair, &head(), claims), &keys, EXPECTED, "asked", EXPECTED.now)
}

#[test]
fn what_a_token_says_is_read() {
    let said = read(&claims()).unwrap();
    assert_eq!((said.subject.as_str(), said.session.as_deref()), ("248289", Some("s1")));
    assert_eq!((said.email(), said.email_is_verified()), (Some("wren@larkfare.example"), true));
    assert_eq!(said.name().as_deref(), Some("Wren Okafor"));
    assert_eq!(said.groups("groups"), Some(vec!["sre".into(), "leads".into()]));
    assert_eq!(said.groups("realm.roles"), Some(vec!["one".into()]));
    assert_eq!((said.groups("other"), said.groups("realm.roles.x")), (None, None));
    assert!(!format!("{said:?}").contains("wren"));
    for (changes, verified) in [
        (json!({ "email_verified": false }), false),
        (json!({ "email_verified": "true" }), true),
        (json!({ "email_verified": "yes" }), false),
        (json!({ "email_verified": null }), false),
        (json!({ "email_verified": null, "xms_edov": 1 }), true),
        (json!({ "email_verified": [true] }), false),
    ] {
        assert_eq!(read(&with(claims(), &changes)).unwrap().email_is_verified(), verified, "{changes}");
    }
    for (changes, name) in [
        (json!({ "name": "", "given_name": "Ada", "family_name": "Lind" }), Some("Ada Lind")),
        (json!({ "name": null, "preferred_username": "wren" }), Some("wren")),
        (json!({ "name": 7 }), None),
    ] {
        assert_eq!(read(&with(claims(), &changes)).unwrap().name().as_deref(), name, "{changes}");
    }
}

#[test]
fn claims_that_are_not_for_us_now_are_refused() {
    let skew = SKEW.as_seconds();
    for (changes, why) in [
        (json!({ "iss": "https://id.example/" }), "somebody else made it"),
        (json!({ "iss": null }), "its claims cannot be read"),
        (json!({ "aud": "other" }), "it was made for another program"),
        (json!({ "aud": [] }), "it was made for another program"),
        (json!({ "aud": ["debrief", "other"] }), "it was made for another program"),
        (json!({ "azp": "other" }), "it was made for another program"),
        (json!({ "aud": 7 }), "its claims cannot be read"),
        (json!({ "exp": NOW - skew }), "it is over"),
        (json!({ "exp": null }), "it has no end"),
        (json!({ "exp": "tomorrow" }), "its claims cannot be read"),
        (json!({ "iat": NOW + skew + 1 }), "it is not good yet"),
        (json!({ "nbf": NOW + skew + 1 }), "it is not good yet"),
        (json!({ "iat": NOW - skew - 1 }), "it was made before anybody asked"),
        (json!({ "iat": null }), "its claims cannot be read"),
        (json!({ "nonce": null }), "it answers another question"),
        (json!({ "nonce": "aske" }), "it answers another question"),
        (json!({ "nonce": "" }), "it answers another question"),
        (json!({ "sub": null }), "it names nobody"),
        (json!({ "sub": "" }), "it names nobody"),
        (json!({ "sub": "é" }), "it names nobody"),
        (json!({ "sub": "x".repeat(256) }), "it names nobody"),
    ] {
        assert_eq!(read(&with(claims(), &changes)).unwrap_err(), Bad(why), "{changes}");
    }
    for fine in [
        json!({ "aud": ["debrief"] }),
        json!({ "aud": ["debrief", "other"], "azp": "debrief" }),
        json!({ "exp": NOW - skew + 1 }),
        json!({ "iat": NOW + skew }),
        json!({ "iat": NOW - skew }),
        json!({ "iat": NOW as f64 + 0.5, "nbf": NOW + skew }),
        json!({ "sid": null }),
    ] {
        assert!(read(&with(claims(), &fine)).is_ok(), "{fine}");
    }
}

#[test]
fn only_three_ways_to_sign_are_taken_each_with_its_own_key() {
    let (pair, keys) = pair();
    let x = pair.public_key().as_ref().to_vec();
    let ask = |token: &str, keys: &[Key]| identity(token, keys, EXPECTED, "asked", EXPECTED.now);
    for (changes, why) in [
        (json!({ "alg": "none" }), Bad("it is signed in a way that is not taken")),
        (json!({ "alg": "HS256" }), Bad("it is signed in a way that is not taken")),
        (json!({ "alg": ["EdDSA"] }), Bad("it is signed in a way that is not taken")),
        (json!({ "alg": null }), Bad("its header cannot be read")),
        (json!({ "alg": "RS256" }), Refused::UnknownKey),
        (json!({ "kid": "two" }), Refused::UnknownKey),
        (json!({ "crit": ["exp"] }), Bad("it asks for an extension")),
        (json!({ "typ": "at+jwt" }), Bad("it is a token of another sort")),
    ] {
        let token = signed_by(&pair, &with(head(), &changes), &claims());
        assert_eq!(ask(&token, &keys).unwrap_err(), why, "{changes}");
    }
    // The public key as a shared secret, which programs fall for that let the token choose.
    let message = format!(
        "{}.{}",
        encoded(json!({ "alg": "HS256", "kid": "one" }).to_string().as_bytes()),
        encoded(claims().to_string().as_bytes())
    );
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &x), message.as_bytes());
    assert!(ask(&format!("{message}.{}", encoded(tag.as_ref())), &keys).is_err());
    let unsigned = format!("{}.{}.", encoded(br#"{"alg":"none"}"#), encoded(claims().to_string().as_bytes()));
    assert!(ask(&unsigned, &keys).is_err());
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let forged = signed_by(&other, &head(), &claims());
    assert_eq!(ask(&forged, &keys).unwrap_err(), Bad("its signature is somebody else's"));
    assert_eq!(ask(&forged, &[]).unwrap_err(), Refused::UnknownKey);
    for odd in ["", "..", "a.b", "a.b.c.d", "é.é.é", "e30.e30.e30", &".".repeat(9), &"x".repeat(70_000)] {
        assert!(ask(odd, &keys).is_err(), "{odd:.20}");
    }
    // A key that is for something else is none.
    for other in
        [json!({ "use": "enc" }), json!({ "alg": "RS256" }), json!({ "crv": "X25519" }), json!({ "x": 7 })]
    {
        let key = with(json!({ "kty": "OKP", "crv": "Ed25519", "x": encoded(&x) }), &other);
        assert_eq!(crate::keys(json!({ "keys": [key] }).to_string().as_bytes()).unwrap(), [], "{other}");
    }
    assert!(crate::keys(b"{}").is_err() && crate::keys(b"[]").is_err() && crate::keys(b"").is_err());
}

#[test]
fn keys_on_p_256_verify() {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let set = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y), "alg": "ES256" }] });
    let known = keys(set.to_string().as_bytes()).unwrap();
    let head = encoded(br#"{"alg":"ES256"}"#);
    let message = format!("{head}.{}", encoded(claims().to_string().as_bytes()));
    let seal = pair.sign(&random, message.as_bytes()).unwrap();
    let token = format!("{message}.{}", encoded(seal.as_ref()));
    assert!(identity(&token, &known, EXPECTED, "asked", EXPECTED.now).is_ok());
    let other = format!("{message}.{}", encoded(&[1; 64]));
    assert!(identity(&other, &known, EXPECTED, "asked", EXPECTED.now).is_err());
}

/// RFC 7515, appendix A.2; the claims are somebody else's, the signature holds.
#[test]
fn keys_of_rsa_verify() {
    let set = br#"{"keys":[{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}"#;
    let known = keys(set).unwrap();
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    assert!(signed(token, &known, &["JWT"]).unwrap().starts_with(br#"{"iss":"joe""#));
    let changed = token.replace(".cC4h", ".cC4i");
    assert_eq!(signed(&changed, &known, &["JWT"]).unwrap_err(), Bad("its signature is somebody else's"));
}

#[test]
fn farewells_say_whose_sessions_end() {
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let claims = json!({ "iss": "https://id.example", "aud": "debrief", "iat": NOW, "exp": NOW + 120, "jti": "j1",
                         "sub": "248289", "sid": "s1", "events": event });
    let (pair, keys) = pair();
    let read = |changes: &Value, typ: &str| {
        let head = with(head(), &json!({ "typ": typ }));
        farewell(&signed_by(&pair, &head, &with(claims.clone(), changes)), &keys, EXPECTED)
    };
    let said = read(&json!({}), "logout+jwt").unwrap();
    assert_eq!((said.subject.as_deref(), said.session.as_deref()), (Some("248289"), Some("s1")));
    assert_eq!(said.id, "j1");
    // For as long as it would be taken, its name is remembered.
    let later = Expected { now: said.good_until, ..EXPECTED };
    let head = head();
    let ahead = with(claims.clone(), &json!({ "iat": NOW + 120, "exp": NOW + 9_999 }));
    assert!(farewell(&signed_by(&pair, &head, &ahead), &keys, EXPECTED).is_ok());
    let after = Expected { now: later.now.plus(Span::seconds(1)), ..EXPECTED };
    assert_eq!(farewell(&signed_by(&pair, &head, &ahead), &keys, after).unwrap_err(), Bad("it is too old"));
    assert!(
        read(&json!({ "sid": null, "exp": null }), "JWT").is_ok()
            && read(&json!({ "sub": null }), "JWT").is_ok()
    );
    for (changes, why) in [
        (json!({ "events": null }), "it is not about signing out"),
        (json!({ "events": {} }), "it is not about signing out"),
        (
            json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": true } }),
            "it is not about signing out",
        ),
        (json!({ "nonce": "asked" }), "it is not about signing out"),
        (json!({ "jti": null }), "it has no name of its own"),
        (json!({ "jti": "j".repeat(256) }), "it has no name of its own"),
        (json!({ "sub": null, "sid": null }), "it names nobody"),
        (json!({ "aud": "other" }), "it was made for another program"),
        (json!({ "iat": NOW - 721, "exp": null }), "it is too old"),
    ] {
        assert_eq!(read(&changes, "logout+jwt").unwrap_err(), Bad(why), "{changes}");
    }
    assert_eq!(read(&json!({}), "at+jwt").unwrap_err(), Bad("it is a token of another sort"));
    // One is not good for the other.
    let (pair, keys) = self::pair();
    let token = signed_by(&pair, &self::head(), &with(claims, &json!({ "nonce": null })));
    assert!(identity(&token, &keys, EXPECTED, "", EXPECTED.now).is_err());
    let token = signed_by(&pair, &self::head(), &self::claims());
    assert!(farewell(&token, &keys, EXPECTED).is_err());
}

#[test]
fn what_a_provider_says_about_itself_must_fit() {
    let good = json!({ "issuer": "https://id.example", "authorization_endpoint": "https://id.example/auth",
        "token_endpoint": "https://id.example/token", "jwks_uri": "https://keys.example/set",
        "end_session_endpoint": "https://id.example/end" });
    let read = |changes: &Value| {
        crate::discovery(with(good.clone(), changes).to_string().as_bytes(), "https://id.example")
    };
    let found = read(&json!({})).unwrap();
    assert!(!found.secret_in_body() && !found.says_who_answers);
    let posts = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
    assert!(read(&posts).unwrap().secret_in_body());
    let both =
        json!({ "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"] });
    assert!(!read(&both).unwrap().secret_in_body());
    for wrong in [
        json!({ "issuer": "https://id.example/" }),
        json!({ "issuer": null }),
        json!({ "token_endpoint": null }),
        json!({ "token_endpoint": "http://id.example/token" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "authorization_endpoint": "https://user:word@id.example/" }),
        json!({ "authorization_endpoint": "/auth" }),
        json!({ "end_session_endpoint": "data:text/html,x" }),
        json!({ "jwks_uri": format!("https://id.example/{}", "x".repeat(2_000)) }),
        json!({ "jwks_uri": 7 }),
    ] {
        assert!(read(&wrong).is_err(), "{wrong}");
    }
    let inside = json!({ "issuer": "http://id.internal:8080/realms/one", "authorization_endpoint": "http://a/x",
        "token_endpoint": "http://a/y", "jwks_uri": "http://a/z" });
    assert!(crate::discovery(inside.to_string().as_bytes(), "http://id.internal:8080/realms/one").is_ok());
    assert_eq!(
        crate::address("https://id.example/realms/one/"),
        "https://id.example/realms/one/.well-known/openid-configuration"
    );
    for (issuer, may) in [
        ("https://id.example/realms/one", true),
        ("http://127.0.0.1:7100", true),
        ("https://id.example?x", false),
        ("https://id.example/#x", false),
        ("id.example", false),
        ("file:///etc/passwd", false),
        ("https://", false),
    ] {
        assert_eq!(crate::is_issuer(issuer), may, "{issuer}");
    }
}

#[test]
fn what_is_handed_over_is_read_and_kept_out_of_logs() {
    let granted =
        crate::granted(br#"{"id_token":"a.b.c","access_token":"secret","token_type":"Bearer"}"#).unwrap();
    assert_eq!(granted.access_token.as_deref(), Some("secret"));
    assert!(!format!("{granted:?}").contains("secret"));
    assert_eq!(crate::granted(br#"{"id_token":"a","access_token":"x\ny"}"#).unwrap().access_token, None);
    for odd in [&b""[..], b"{}", b"[]", b"null", br#"{"id_token":7}"#, br#"{"error":"invalid_grant"}"#] {
        assert!(crate::granted(odd).is_err());
    }
    let said = crate::user_info(br#"{"sub":"one","email":"a@b.example","groups":["x"]}"#, "one").unwrap();
    let mut first = read(&with(claims(), &json!({ "groups": null }))).unwrap();
    first.and(said);
    assert_eq!(first.email(), Some("wren@larkfare.example"), "what was signed counts first");
    assert_eq!(first.groups("groups"), Some(vec!["x".into()]));
    assert!(crate::user_info(br#"{"sub":"two"}"#, "one").is_err());
    assert!(crate::user_info(br#"{"email":"a@b.example"}"#, "one").is_err());
}

proptest! {
    /// A token that was changed in any place is refused, whatever the change.
    #[test]
    fn no_change_survives(at in 0_usize..600, to in prop::sample::select(b"AZaz09-_.".as_slice()), cut: bool) {
        let (pair, keys) = pair();
        let token = signed_by(&pair, &head(), &claims());
        let at = at % token.len();
        let mut changed = token.clone().into_bytes();
        if cut { changed.truncate(at) } else { changed[at] = to }
        let changed = String::from_utf8(changed).unwrap();
        let read = identity(&changed, &keys, EXPECTED, "asked", EXPECTED.now);
        prop_assert!(read.is_err() || changed == token);
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,300}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        crate::fuzz::token(text.as_bytes());
        crate::fuzz::token(&bytes);
        crate::fuzz::answers(text.as_bytes());
        crate::fuzz::claims(text.as_bytes());
    }

    #[test]
    fn odd_claims_never_panic(exp in any::<f64>(), iat in any::<i64>(), sub in "\\PC{0,20}") {
        let _ = read(&with(claims(), &json!({ "exp": exp, "sub": sub })));
        let _ = read(&with(claims(), &json!({ "iat": iat })));
    }
}
