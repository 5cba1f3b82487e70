//! Whether what came was sent by whom it says: the scheme of each product, over the bytes as they came, compared in
//! constant time.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Instant, evidence::Source, instant::Span};
use ring::hmac::{HMAC_SHA256, Key, verify};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A signature with a time in it is good for so long, before and after: what is recorded and sent again later
/// is refused.
pub const WINDOW: Span = Span::minutes(5);

/// The headers that came, names in lower case.
pub type Headers = [(String, String)];

/// Whether `body` is signed with `secret`, by the scheme of `source`.
pub fn good(source: Source, secret: &[u8], headers: &Headers, body: &[u8], now: Instant) -> bool {
    let get = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let key = Key::new(HMAC_SHA256, secret);
    let signed = |before: &str, given: &str| {
        let Some(given) = unhex(given.trim()) else { return false };
        if before.is_empty() {
            return verify(&key, body, &given).is_ok();
        }
        verify(&key, &[before.as_bytes(), body].concat(), &given).is_ok()
    };
    let fresh = |stamp: &str| {
        let at = stamp.trim().parse::<i64>().ok().filter(|it| (0..100_000_000_000).contains(it));
        at.is_some_and(|at| now.since(Instant::from_seconds(at)).as_micros().abs() <= WINDOW.as_micros())
    };
    let after = |name: &str, start: &str| get(name).and_then(|it| it.strip_prefix(start));
    match source {
        // Several while a secret is changed.
        Source::Pagerduty => get("x-pagerduty-signature").is_some_and(|all| {
            all.split(',').take(10).any(|it| it.trim().strip_prefix("v1=").is_some_and(|it| signed("", it)))
        }),
        Source::Github => after("x-hub-signature-256", "sha256=").is_some_and(|it| signed("", it)),
        Source::Jira if get("x-hub-signature").is_some() => {
            after("x-hub-signature", "sha256=").is_some_and(|it| signed("", it))
        }
        Source::Slack => match (after("x-slack-signature", "v0="), get("x-slack-request-timestamp")) {
            (Some(given), Some(stamp)) => fresh(stamp) && signed(&format!("v0:{stamp}:"), given),
            _ => false,
        },
        Source::Sentry => get("sentry-hook-signature").is_some_and(|it| signed("", it)),
        Source::Grafana if get("x-grafana-alerting-signature").is_some() => {
            let given = get("x-grafana-alerting-signature").unwrap_or_default();
            match get("x-grafana-alerting-timestamp") {
                Some(stamp) => fresh(stamp) && signed(&format!("{stamp}:"), given),
                None => signed("", given),
            }
        }
        Source::Json if get("x-debrief-signature").is_some() => {
            let given = after("x-debrief-signature", "sha256=").unwrap_or_default();
            let stamp = get("x-debrief-timestamp").unwrap_or_default();
            fresh(stamp) && signed(&format!("{stamp}."), given)
        }
        // The others sign nothing, but send something that people choose.
        _ => {
            let basic = after("authorization", "Basic ").and_then(password);
            let bearer = after("authorization", "Bearer ").or(get("x-debrief-secret"));
            let given = basic.or_else(|| bearer.map(|it| it.trim().as_bytes().to_vec()));
            given.is_some_and(|given| sum(&given).ct_eq(&sum(secret)).into())
        }
    }
}

/// The passphrase of basic authentication (RFC 7617); the name before it says nothing.
fn password(encoded: &str) -> Option<Vec<u8>> {
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    decoded.get(colon + 1..).map(<[u8]>::to_vec)
}

/// Sums are compared, so that the time taken does not tell a length either.
fn sum(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let digit = |it: u8| char::from(it).to_digit(16).and_then(|it| u8::try_from(it).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn each_product_signs_its_own_way() {
        let now = Instant::from_seconds(1_794_807_900);
        let (secret, body) = (b"lantern".as_slice(), b"{\"a\":1}".as_slice());
        let key = Key::new(HMAC_SHA256, secret);
        let of = |parts: &[&[u8]]| hex(ring::hmac::sign(&key, &parts.concat()).as_ref());
        let old = "1794807000";
        let stamp = "1794807890";
        let plain = of(&[body]);
        let timed = |stamp: &str, before: &str, between: &str| {
            of(&[before.as_bytes(), stamp.as_bytes(), between.as_bytes(), body])
        };
        let header = |name: &str, value: String| (name.to_owned(), value);
        type Case = (Source, Vec<(String, String)>, bool);
        let cases: Vec<Case> = vec![
            (Source::Pagerduty, vec![header("x-pagerduty-signature", format!("v1=00,v1={plain}"))], true),
            (Source::Pagerduty, vec![header("x-pagerduty-signature", format!("v0={plain}"))], false),
            (Source::Pagerduty, vec![], false),
            (Source::Github, vec![header("x-hub-signature-256", format!("sha256={plain}"))], true),
            (
                Source::Github,
                vec![header("x-hub-signature-256", format!("sha256={}", of(&[b"other"])))],
                false,
            ),
            (Source::Sentry, vec![header("sentry-hook-signature", plain.clone())], true),
            (Source::Grafana, vec![header("x-grafana-alerting-signature", plain.clone())], true),
            (Source::Grafana, vec![header("authorization", "Bearer lantern".into())], true),
            (
                Source::Slack,
                vec![
                    header("x-slack-request-timestamp", stamp.into()),
                    header("x-slack-signature", format!("v0={}", timed(stamp, "v0:", ":"))),
                ],
                true,
            ),
            (
                Source::Slack,
                vec![
                    header("x-slack-request-timestamp", old.into()),
                    header("x-slack-signature", format!("v0={}", timed(old, "v0:", ":"))),
                ],
                false,
            ),
            (
                Source::Json,
                vec![
                    header("x-debrief-timestamp", stamp.into()),
                    header("x-debrief-signature", format!("sha256={}", timed(stamp, "", "."))),
                ],
                true,
            ),
            (Source::Alertmanager, vec![header("authorization", "Bearer lantern".into())], true),
            (Source::Alertmanager, vec![header("authorization", "Bearer lanterns".into())], false),
            (Source::Datadog, vec![header("x-debrief-secret", "lantern".into())], true),
            (Source::Datadog, vec![], false),
            (Source::GoogleCloud, vec![header("authorization", "Basic ZGVicmllZjpsYW50ZXJu".into())], true),
            (Source::GoogleCloud, vec![header("authorization", "Basic ZGVicmllZjpsYW50ZXI=".into())], false),
            (Source::GoogleCloud, vec![header("authorization", "Basic lantern".into())], false),
            (Source::Jira, vec![header("x-hub-signature", format!("sha256={plain}"))], true),
            (Source::Jira, vec![header("x-hub-signature", format!("sha1={plain}"))], false),
            // A stamp that was taken away is missed: it is part of what was signed.
            (Source::Grafana, vec![header("x-grafana-alerting-signature", timed(stamp, "", ":"))], false),
        ];
        for (source, headers, expected) in cases {
            assert_eq!(good(source, secret, &headers, body, now), expected, "{source:?} {headers:?}");
        }
    }
}
