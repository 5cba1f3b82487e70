//! Passphrases: which ones are good enough, and how they are kept (Argon2id, RFC 9106, under a seal).

mod sealing;

use crate::{App, Error, Result};
use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{self, SaltString},
};
use domain::person::Email;
pub use sealing::seal_all;
pub(crate) use sealing::{all_under, seal, seal_anew, that_stay_closed, unchanged};
use store::people::Account;

/// The fewest characters.
pub const MIN: usize = 12;
/// The most characters of a new one; nobody needs more, and hashing must not become a way to keep the machine busy
/// (ASVS 2.1.2).
pub const MAX: usize = 128;
/// The most that earlier versions took; those passphrases stay good.
const MAX_BEFORE: usize = 1000;

/// Hashed with the parameters in use, of a passphrase nobody knows: checked when there is no other hash, so
/// that the answer takes the same time whether an account exists or not.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$alfL2dNxSBiXUKIDHv5AVQ$cN/lZDiDFYAiM4BKAda9Q6SKW7rpoIJxEgczCYy5phU";

/// Whether a new passphrase is good enough for the person with this name and address.
pub fn check(passphrase: &str, name: &str, email: &Email) -> Result<()> {
    let refuse = |message: &str| Err(Error::invalid("passphrase", message));
    let length = passphrase.chars().count();
    if length < MIN {
        return refuse("A passphrase has at least 12 characters. A short sentence is easy to keep in mind.");
    }
    if length > MAX {
        return refuse("A passphrase has at most 128 characters.");
    }
    if obvious::is(passphrase, &[]) {
        return refuse(
            "This is among the first that others would try. A short sentence of your own is better.",
        );
    }
    let own: Vec<String> = [name, email.as_str()]
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .collect();
    if obvious::is(passphrase, &own) {
        return refuse(
            "This is little more than your name or address. A short sentence of your own is better.",
        );
    }
    if is_guessed_early(passphrase, name, email) {
        return refuse(
            "This is made of what others would try early. Four words that do not belong together are better.",
        );
    }
    Ok(())
}

/// Whether a guessing program comes to it within a hundred million tries, by the lists it works with: 30,000
/// passphrases that leaked, common words, names, dates and keys beside each other. They are part of the binary.
fn is_guessed_early(passphrase: &str, name: &str, email: &Email) -> bool {
    // What is longer is not easier to guess, and the estimate takes long for long texts.
    let beginning: String = passphrase.chars().take(60).collect();
    zxcvbn::zxcvbn(&beginning, &[name, email.as_str(), "debrief"]).guesses_log10() < 8.0
}

/// How many passphrases were hashed since the start. A sign-in costs one, whatever was tried.
pub fn hashed(app: &App) -> u64 {
    app.sign_ins().hashed()
}

/// Hashes a passphrase; [`seal`] makes of it what is kept.
pub(crate) async fn hash(app: &App, passphrase: &str) -> Result<String> {
    let salt = SaltString::encode_b64(&app.random::<16>()).map_err(failed)?;
    let passphrase = passphrase.to_owned();
    hashing(app, move || {
        Argon2::default().hash_password(passphrase.as_bytes(), &salt).map(|hash| hash.to_string())
    })
    .await?
    .map_err(failed)
}

/// Whether a passphrase is the one of this account. Without an account, or one without a passphrase, it never is, and
/// takes as long to say so.
///
/// # Errors
/// [`Error::Unavailable`], whoever is asked for, if passphrases are sealed with a key that is not here.
pub(crate) async fn verify(app: &App, passphrase: &str, account: Option<&Account>) -> Result<bool> {
    // Cut instead of refused: an over-long passphrase is wrong like any other.
    let passphrase: String = passphrase.chars().take(MAX_BEFORE + 1).collect();
    let (hash, known) = sealing::open(app, account).await?;
    let matches = hashing(app, move || {
        let hash = PasswordHash::new(&hash)?;
        match Argon2::default().verify_password(passphrase.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::Password) => Ok(false),
            Err(error) => Err(error),
        }
    })
    .await?
    .map_err(failed)?;
    Ok(matches && known)
}

/// Runs outside the threads that serve requests, a few at once: each takes 19 MiB for some 20 ms.
async fn hashing<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _turn = app.sign_ins().hashing_turn().await?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

fn failed(error: password_hash::Error) -> Error {
    Error::internal(error.to_string())
}

/// Passphrases that guessing programs try first, by the patterns their lists are made of.
mod obvious {
    /// The words of which the common lists are mostly made, with digits and signs around them.
    const WORDS: [&str; 72] = [
        "password",
        "passphrase",
        "passwort",
        "motdepasse",
        "contrasena",
        "secret",
        "geheim",
        "letmein",
        "welcome",
        "willkommen",
        "bienvenue",
        "hello",
        "hallo",
        "login",
        "signin",
        "admin",
        "administrator",
        "root",
        "user",
        "guest",
        "test",
        "tester",
        "testing",
        "demo",
        "default",
        "changeme",
        "change",
        "master",
        "access",
        "debrief",
        "postmortem",
        "incident",
        "company",
        "workspace",
        "server",
        "system",
        "internet",
        "computer",
        "iloveyou",
        "love",
        "trustno",
        "dragon",
        "monkey",
        "shadow",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "soccer",
        "hockey",
        "superman",
        "batman",
        "starwars",
        "pokemon",
        "michael",
        "jennifer",
        "jessica",
        "charlie",
        "summer",
        "winter",
        "autumn",
        "spring",
        "sommer",
        "monday",
        "friday",
        "sunday",
        "january",
        "december",
        "correcthorsebatterystaple",
        "horsebattery",
        "thisis",
        "my",
    ];
    /// Rows of keys and other sequences that fingers follow.
    const ROWS: [&str; 9] = [
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890",
        "qwertyuiop",
        "qwertzuiop",
        "azertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "yxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    ];
    /// A shorter piece of a row may well be part of a word.
    const SHORTEST_RUN: usize = 4;
    /// So many letters must remain when everything obvious is taken away.
    const ENOUGH: usize = 4;

    /// Whether little remains of `passphrase` without obvious words, `own` words, sequences and repetition.
    pub fn is(passphrase: &str, own: &[String]) -> bool {
        let lower = passphrase.to_lowercase();
        let counts = |c: &char| c.is_alphanumeric() || !c.is_ascii();
        let plain: Vec<char> = lower.chars().filter(counts).collect();
        let spelt_out: Vec<char> = lower.chars().map(letter_for).filter(counts).collect();
        repeats(&plain) || remains(&plain, own) < ENOUGH || remains(&spelt_out, own) < ENOUGH
    }

    /// The letter that a digit or sign is often written for.
    const fn letter_for(c: char) -> char {
        match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        }
    }

    /// Whether it is a few characters, or a shorter text again and again.
    fn repeats(text: &[char]) -> bool {
        let mut distinct = text.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let again = |unit: usize| text.iter().zip(&text[unit..]).all(|(a, b)| a == b);
        distinct.len() < 5 || (1..=text.len() / 2).any(again)
    }

    /// How many letters are part of nothing obvious.
    fn remains(text: &[char], own: &[String]) -> usize {
        let (mut at, mut letters) = (0, 0);
        while at < text.len() {
            let taken = longest_piece(&text[at..], own);
            if taken == 0 {
                letters += usize::from(!text[at].is_ascii_digit());
                at += 1;
            } else {
                at += taken;
            }
        }
        letters
    }

    /// How many characters of the beginning of `text` are a known word or follow a row.
    fn longest_piece(text: &[char], own: &[String]) -> usize {
        let begins = |word: &str| {
            let length = word.chars().count();
            let same = text.len() >= length && word.chars().zip(text).all(|(a, b)| a == *b);
            if same { length } else { 0 }
        };
        let words = WORDS.iter().copied().chain(own.iter().map(String::as_str)).map(begins);
        let runs = ROWS.iter().flat_map(|row| {
            let forwards: Vec<char> = row.chars().collect();
            let backwards: Vec<char> = row.chars().rev().collect();
            [follows(text, &forwards), follows(text, &backwards)]
        });
        words.chain(runs).max().unwrap_or(0)
    }

    fn follows(text: &[char], row: &[char]) -> usize {
        let run = |start: usize| text.iter().zip(&row[start..]).take_while(|(a, b)| a == b).count();
        let longest = (0..row.len()).map(run).max().unwrap_or(0);
        if longest >= SHORTEST_RUN { longest } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(passphrase: &str) -> Option<String> {
        let email: Email = "ada.lindqvist@larkfare.example".parse().unwrap();
        check(passphrase, "Ada Lindqvist", &email).err().map(|error| error.to_string())
    }

    #[test]
    fn passphrases_are_long_and_not_obvious() {
        let table: &[(&str, Option<&str>)] = &[
            ("short", Some("at least 12")),
            ("elevenchars", Some("at least 12")),
            ("aaaaaaaaaaaa", Some("first that others")),
            ("abcabcabcabc", Some("first that others")),
            ("lanternlantern", Some("first that others")),
            ("123456789012", Some("first that others")),
            ("qwertyuiop123", Some("first that others")),
            ("1qaz2wsx3edc", Some("first that others")),
            ("password1234", Some("first that others")),
            ("P@ssw0rd!Welcome1", Some("first that others")),
            ("correct horse battery staple", Some("first that others")),
            ("administrator2026", Some("first that others")),
            ("Ada Lindqvist", Some("name or address")),
            ("ada.lindqvist@larkfare.example", Some("name or address")),
            ("lindqvist-2026-11", Some("name or address")),
            ("1234567890qwerty", Some("first that others")),
            ("thomasthomas1", Some("early")),
            ("december251991", Some("first that others")),
            ("eleven wet lanterns", None),
            ("Lindqvist counts herons", None),
            ("тихий фонарь на мосту", None),
            ("my password is a heron", None),
            ("kX9#mQ2$vL7!", None),
        ];
        for (passphrase, expected) in table {
            let refusal = refusal(passphrase);
            match expected {
                Some(part) => assert!(
                    refusal.as_ref().is_some_and(|said| said.contains(part)),
                    "{passphrase}: {refusal:?}"
                ),
                None => assert_eq!(refusal, None, "{passphrase}"),
            }
        }
        let words: String = (3..30).map(|n| format!("heron {n} left quay {} ", n * n)).collect();
        let of = |length: usize| words[..length].to_owned();
        assert_eq!(refusal(&of(MAX)), None, "128 characters are allowed");
        assert!(refusal(&of(MAX + 1)).is_some_and(|said| said.contains("at most 128")));
    }

    #[test]
    fn nobodys_hash_costs_what_others_cost() {
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let ours = Argon2::default().hash_password(b"eleven wet lanterns", &salt).unwrap();
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        assert_eq!(nobodys.algorithm, ours.algorithm);
        assert_eq!(nobodys.version, ours.version);
        assert_eq!(nobodys.params, ours.params);
        assert_eq!(nobodys.hash.map(|hash| hash.len()), ours.hash.map(|hash| hash.len()));
    }
}
