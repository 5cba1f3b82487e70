//! One-time passwords by time (RFC 6238) with the settings every authenticator program knows: SHA-1, six digits,
//! 30 seconds.

use domain::Instant;
use ring::hmac;
use subtle::ConstantTimeEq;

/// Bytes of a secret: as many as the digest has (RFC 4226, section 4).
pub(crate) const SECRET: usize = 20;
const PERIOD: i64 = 30;
const DIGITS: usize = 6;
/// So many steps before and after are good too: clocks differ and people type slowly (RFC 6238, section 5.2).
const LEEWAY: i64 = 1;

/// The step that holds an instant.
fn step_at(now: Instant) -> i64 {
    now.as_micros().div_euclid(1_000_000 * PERIOD)
}

/// The code of a step (RFC 4226, section 5.3).
fn code_at(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let sum = hmac::sign(&key, &step.to_be_bytes());
    let sum = sum.as_ref();
    let at = usize::from(sum.last().copied().unwrap_or(0) & 0xf);
    let number = sum[at..].iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:0width$}", (number & 0x7fff_ffff) % 10_u32.pow(DIGITS as u32), width = DIGITS)
}

/// The step whose code this is, among those that are good now and later than `last`. Every candidate is compared,
/// each in constant time.
pub(crate) fn step_of(secret: &[u8], code: &str, last: i64, now: Instant) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let here = step_at(now);
    let mut found = None;
    for step in here - LEEWAY..=here + LEEWAY {
        let same = bool::from(code_at(secret, step).as_bytes().ct_eq(digits.as_bytes()));
        if same && step > last {
            found = Some(step);
        }
    }
    found
}

/// Base 32 as authenticator programs take it (RFC 4648, section 6), without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::instant::Span;

    /// RFC 6238, appendix B (SHA-1); six digits are the last six of the eight there.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    const SECRET_OF_RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in VECTORS {
            assert_eq!(code_at(SECRET_OF_RFC, step_at(Instant::from_seconds(seconds))), code, "{seconds}");
        }
        // RFC 4226, appendix D.
        for (counter, code) in ["755224", "287082", "359152", "969429", "338314", "254676"].iter().enumerate()
        {
            assert_eq!(code_at(SECRET_OF_RFC, counter as i64), *code);
        }
    }

    #[test]
    fn a_code_is_good_for_a_minute_and_a_half_and_once() {
        let now = Instant::from_seconds(1_234_567_890);
        let good = |code: &str, last, at| step_of(SECRET_OF_RFC, code, last, at);
        let step = step_at(now);
        assert_eq!(good("005924", 0, now), Some(step));
        assert_eq!(good(" 005 924 ", 0, now), Some(step), "as programs show it");
        assert_eq!(good("005924", 0, now.plus(Span::seconds(30))), Some(step));
        assert_eq!(good("005924", 0, now.plus(Span::seconds(-30))), Some(step));
        assert_eq!(good("005924", 0, now.plus(Span::seconds(60))), None, "too late");
        assert_eq!(good("005924", step, now), None, "used before");
        for wrong in ["", "5924", "0059240", "005925", "00592４", "abcdef"] {
            assert_eq!(good(wrong, 0, now), None, "{wrong}");
        }
    }

    #[test]
    fn base_32_is_that_of_the_rfc() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(base32(SECRET_OF_RFC), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
