//! What the OWASP ASVS asks and no other test says: see `docs/asvs.md`.

use crate::{
    house::{Client, House, PASSPHRASE},
    markup::tags,
};
use axum::{body::Body, http::Method};
use domain::person::Role;

testing::both! {
    async fn nothing_of_a_passphrase_is_cut_off(house: House) {
        // 2.1.3: what is accepted counts to its last letter, blanks and signs included.
        house.set_up().await;
        let email = "ada.lindqvist@larkfare.example";
        let enter = async |passphrase: &str| {
            let answer = house.anonymous().post("/sign-in", &[("email", email), ("passphrase", passphrase)]).await;
            answer.status.as_u16()
        };
        assert_eq!(enter(PASSPHRASE).await, 303);
        let ada = house.by_link(email).await;
        let long = format!("  {} \u{1F3EE}", "eleven wet lanterns, ".repeat(5));
        let change = |words: &str| [("current-passphrase", PASSPHRASE.to_owned()), ("passphrase", words.to_owned())];
        let sent = change(&long);
        let form: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ada.post("/settings/sign-in/passphrase", &form).await.leads_to("/settings/sign-in");
        for other in [long.trim(), &long[..long.len() - 4], &long.replace("  ", " "), &long.to_uppercase()] {
            assert_eq!(enter(other).await, 422, "{other:?}");
        }
        assert_eq!(enter(&long).await, 303);
        // More than is hashed is refused, not shortened.
        let ada = house.by_link(email).await;
        let more = "x ".repeat(65);
        let form = [("current-passphrase", long.as_str()), ("passphrase", more.as_str())];
        ada.post("/settings/sign-in/passphrase", &form).await.is(422);
    }

    async fn fields_for_secrets_leave_managers_and_pasting_alone(house: House) {
        // 2.1.11: each says what it is for, and nothing stands between it and what is pasted.
        let ada = house.set_up().await;
        let mut fields = 0;
        let pages = [
            house.anonymous().get("/sign-in").await, house.anonymous().get("/sign-in/link").await,
            ada.get("/settings/sign-in").await, ada.get("/settings/proof").await,
        ];
        for page in pages {
            let text = page.ok().text();
            for tag in tags(&text).iter().filter(|tag| tag.name == "input") {
                assert!(tag.attributes.iter().all(|(name, _)| !name.starts_with("on") && name != "readonly"), "{tag:?}");
                if matches!(tag.attribute("type"), Some("password" | "email")) {
                    let says = tag.attribute("autocomplete");
                    assert!(matches!(says, Some("current-password" | "new-password" | "username" | "email")), "{tag:?}");
                    fields += 1;
                }
            }
        }
        assert!(fields >= 5, "{fields}");
    }

    async fn no_folder_is_listed(house: House) {
        // 4.3.2: and what is no file of ours is no file at all.
        let ada = house.somebody("Ada Lindqvist", Role::Administrator).await;
        for path in ["/assets", "/assets/", "/assets/.", "/assets/..", "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/.git/config", "/.env", "/assets/.DS_Store"] {
            let answer = ada.get(path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.text().contains("licences.txt") && !answer.text().contains("[package]"), "{path}");
        }
        for method in ["TRACE", "CONNECT", "PROPFIND"] {
            let answer = ada.send(method.parse::<Method>().unwrap(), "/incidents", &[("sec-fetch-site", "same-origin")], Body::empty()).await;
            assert!(answer.status.is_client_error(), "{method}: {}", answer.status);
        }
    }
}
