//! Rules about secrets that a machine can check in the sources (ASVS 2.10.4, 6.2.8, 6.3.1). Each says what to do when it
//! fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use tidy::{File, files};

/// What is built into the binary: sources without their tests, line by line with their number.
fn built_in() -> Vec<(String, usize, String)> {
    let mut lines = Vec::new();
    for File { path, text } in files("crates", &[".rs"]).unwrap() {
        let in_binary =
            path.contains("/src/") && !path.starts_with("crates/testing/") && !path.contains("test");
        if in_binary {
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let code = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
            lines.extend(code.map(|(n, line)| (path.clone(), n + 1, line.to_owned())));
        }
    }
    assert!(lines.len() > 20_000, "{}", lines.len());
    lines
}

/// Names of what nobody may find out by trying.
const GUESSED: [&str; 12] = [
    "secret",
    "token",
    "cookie",
    "signature",
    "mac",
    "nonce",
    "verifier",
    "passphrase",
    "digest",
    "hash",
    "csrf",
    "otp",
];

/// Comparisons of what is no secret: sums of records that lie open, and lengths.
const OPEN: [(&str, &str); 10] = [
    ("app/src/checking.rs", "sum == head.digest"),
    ("app/src/checking.rs", "digest.as_slice()"),
    ("app/src/moving.rs", "sums.digest()"),
    ("app/src/tokens.rs", "token.len() == whole"),
    ("app/src/backup/bundle.rs", "sums.digest()"),
    ("app/src/backup/restoring.rs", "manifest.acts.digest"),
    ("store/src/audit.rs", "digest"),
    ("app/src/checking/against.rs", "entry.seq == seq + 1"),
    ("web/src/pages/service_accounts.rs", "== parts.token_for"),
    ("web/src/table.rs", "Bearer::None"),
];

/// Where secrets that somebody brings are compared, and by what.
const CONSTANT: [(&str, &str); 6] = [
    ("crates/app/src/factor/totp.rs", "ct_eq"),
    ("crates/app/src/passkeys/assertion.rs", "ct_eq"),
    ("crates/app/src/provider/entering.rs", "ct_eq"),
    ("crates/app/src/hooks/signature.rs", "hmac::{HMAC_SHA256, Key, verify}"),
    ("crates/openid/src/keys.rs", ".verify("),
    ("crates/app/src/passphrase.rs", "verify_password"),
];

/// The words of a line, as names are put together from them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}

#[test]
fn secrets_are_compared_in_constant_time() {
    let mut found = Vec::new();
    for (path, n, line) in built_in() {
        if !["app", "web", "openid", "store"].iter().any(|of| path.starts_with(&format!("crates/{of}/"))) {
            continue;
        }
        for operator in [" == ", " != "] {
            for (at, _) in line.match_indices(operator) {
                // What stands on both sides, as far as the condition goes.
                let left = line[..at].rsplit("&&").next().unwrap().rsplit("||").next().unwrap();
                let right =
                    line[at + operator.len()..].split("&&").next().unwrap().split("||").next().unwrap();
                let secret = words(left).chain(words(right)).any(|word| GUESSED.contains(&word));
                let open = OPEN.iter().any(|(of, part)| path.ends_with(of) && line.contains(part));
                if secret && !open {
                    found.push(format!("{path}:{n}: {}", line.trim()));
                }
            }
        }
    }
    assert!(found.is_empty(), "compare with subtle::ConstantTimeEq, or look the sum up: {found:#?}");
    let all = files("crates", &[".rs"]).unwrap();
    for (path, by) in CONSTANT {
        let file = all.iter().find(|file| file.path == path);
        assert!(file.is_some_and(|file| file.text.contains(by)), "{path} compares no more by {by}");
    }
}

#[test]
fn chance_comes_from_the_system() {
    // A generator that is seeded by us, or a fast one, would make secrets that can be guessed.
    let mut draws = 0;
    for (path, n, line) in built_in() {
        let other = [
            "SmallRng",
            "StdRng",
            "fastrand",
            "ring::rand",
            "getrandom",
            "seed_from_u64",
            "SeedableRng",
            "rand_core",
        ];
        for name in other {
            assert!(!line.contains(name), "{path}:{n}: {name}: draw with App::random");
        }
        if line.contains("rand::") || line.contains("thread_rng") {
            let known =
                ["use rand::RngCore;", "rand::rng().next_u64()", "rand::rng().fill_bytes(&mut bytes)"];
            assert!(
                path == "crates/app/src/app.rs" && known.iter().any(|known| line.contains(known)),
                "{path}:{n}: draw with App::random: {line}"
            );
            draws += usize::from(line.contains("rng()"));
        }
    }
    assert_eq!(draws, 2, "secrets and the number of a node");
}

/// What secrets look like that scanners know: a beginning, how many letters or digits follow, and whose it is.
const FORMS: [(&str, usize, &str); 11] = [
    ("-----BEGIN RSA PRIVATE KEY-----", 0, "a private key"),
    ("-----BEGIN PRIVATE KEY-----", 0, "a private key"),
    ("-----BEGIN EC PRIVATE KEY-----", 0, "a private key"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----", 0, "a private key"),
    ("AKIA", 16, "a key of AWS"),
    ("ghp_", 36, "a token of GitHub"),
    ("github_pat_", 22, "a token of GitHub"),
    ("AIza", 35, "a key of Google"),
    ("sk_live_", 24, "a key of Stripe"),
    ("dbp_", 49, "a token of ours"),
    ("dbs_", 49, "a token of a service account of ours"),
];

/// Where something has the form of a secret.
fn forms_in(text: &str) -> Vec<&'static str> {
    let found = |(begins, many, what): &(&str, usize, &'static str)| {
        let has = text.match_indices(begins).any(|(at, _)| {
            let rest = text[at + begins.len()..].chars().take_while(|c| c.is_ascii_alphanumeric());
            rest.count() >= *many
        });
        has.then_some(*what)
    };
    FORMS.iter().filter_map(found).collect()
}

#[test]
fn no_secret_stands_in_the_sources() {
    let endings = [
        ".rs",
        ".ts",
        ".mjs",
        ".js",
        ".json",
        ".toml",
        ".md",
        ".sh",
        ".yml",
        ".yaml",
        ".html",
        ".css",
        ".sql",
        ".txt",
        ".csv",
        ".service",
        "Dockerfile",
        "Makefile",
        ".lock",
    ];
    let all = files(".", &endings).unwrap();
    assert!(all.len() > 500, "{}", all.len());
    // What looks for them names their beginnings.
    for file in all.iter().filter(|file| file.path != "tidy/tests/secrets.rs") {
        assert_eq!(
            forms_in(&file.text),
            Vec::<&str>::new(),
            "{}: take it out, and end it where it is good",
            file.path
        );
    }
    // What would be found if it were there.
    for (begins, many, what) in FORMS {
        assert_eq!(forms_in(&format!("key = \"{begins}{}\"", "x7".repeat(many)))[0..1], [what]);
    }
}
