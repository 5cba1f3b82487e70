//! Who somebody is, as browsers see it: sessions, slowed tries, what a role must have.

use crate::client::{nobody, service, somebody};
use app::factor;
use domain::{access::Actor, person::Role};
use testing::{Installation, both};

both! {
    async fn many_tries_are_told_how_long_to_wait(place: Installation) {
        let visitor = nobody(&place);
        for email in ["ada%40larkfare.example", "nobody%40larkfare.example"] {
            let form = format!("email={email}&passphrase=wrong+words+here");
            for _ in 0..7 {
                visitor.post("/sign-in", &form).await.expect(422);
            }
            let slowed = visitor.post("/sign-in", &form).await.expect(429).has("Many tries");
            assert_eq!(slowed.header("retry-after"), "3", "the same for everybody");
        }
    }

    async fn sessions_are_seen_and_ended(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Member).await;
        let phone = crate::client::sign_in(&place, "ada.lind@larkfare.example").await;
        let page = ada.get_within("/settings/sessions", 5).await.expect(200).has("this one").has("by a link");
        let end = page.text.split("/settings/sessions/").nth(1).expect("another session").split('/').next();
        ada.post(&format!("/settings/sessions/{}/end", end.expect("an id")), "").await.leads_to("/settings/sessions?done=ended");
        phone.get("/incidents").await.leads_to("/sign-in");
        ada.get("/settings/sessions?done=ended").await.expect(200).has("The session has ended");
        let wren = somebody(&place, "Wren Lind", Role::Member).await;
        let id = wren.get("/settings/sessions").await.text;
        assert!(!id.contains("/end\""), "one session has nothing to end");
        ada.post("/settings/sessions/01981f6e-0000-7000-8000-000000000001/end", "").await.expect(404);
    }

    async fn a_role_that_needs_a_second_factor_sets_one_up_first(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Member).await;
        let token = ada.post("/settings/tokens", "label=x&scopes=read").await.expect(200);
        let token = token.text.split("data-copy=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token").to_owned();
        factor::ask_from(&place.app, &Actor::installation(), Some(Role::Member)).await.expect("asked");
        ada.get("/incidents").await.leads_to("/settings/sign-in");
        ada.post("/incidents", "title=Gates&kind=incident").await.leads_to("/settings/sign-in");
        ada.get("/api/v1/incidents").await.expect(401);
        ada.get_within("/settings/sign-in", 5).await.expect(200).has("your role asks for a second factor");
        let program = nobody(&place).with("authorization", &format!("Bearer {token}"));
        program.get("/api/v1/incidents").await.expect(200);
        ada.post("/settings/sign-in/factor", "").await.leads_to("/settings/sign-in#factor");
        ada.get_within("/settings/sign-in", 5).await.expect(200).has("<svg").has("Turn it on");
        ada.post("/settings/sign-in/factor/confirmation", "code=000000").await.expect(422).has("not good now");
        ada.post("/sign-out", "").await.leads_to("/sign-in");
    }

    async fn a_token_made_once_shows_its_secret_once(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Member).await.with("idempotency-key", "made-once");
        let new = serde_json::json!({"label": "CI", "scopes": ["import"], "days": 30});
        let made = ada.json(axum::http::Method::POST, "/api/v1/tokens", &new).await.expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let secret = made.json()["token"].as_str().expect("a token").to_owned();
        let again = ada.json(axum::http::Method::POST, "/api/v1/tokens", &new).await.expect(409);
        assert!(!again.text.contains(&secret), "{}", again.text);
        let ada = ada.without("idempotency-key");
        let listed = ada.get("/api/v1/tokens").await.expect(200).json();
        assert_eq!((&listed["items"][0]["scopes"][0], listed["items"].as_array().map(Vec::len)), (&"import".into(), Some(1)));
        let end = format!("/api/v1/tokens/{}/end", listed["items"][0]["id"].as_str().expect("an id"));
        ada.json(axum::http::Method::POST, &end, &serde_json::json!({})).await.expect(200).has("[]");
        let unknown = serde_json::json!({"label": "CI", "scopes": ["everything"]});
        ada.json(axum::http::Method::POST, "/api/v1/tokens", &unknown).await.expect(422);
    }

    async fn after_ten_minutes_somebody_confirms_who_they_are(place: Installation) {
        let ada = somebody(&place, "Ada Lind", Role::Member).await;
        place.clock.advance(app::sign_in::proof::RECENT);
        ada.post("/settings/sign-in/factor", "").await.leads_to("/settings/proof");
        ada.post("/settings/tokens", "label=x&scopes=read").await.leads_to("/settings/proof");
        ada.get("/settings/sign-in").await.expect(200).has("confirm first that it is you");
        ada.get_within("/settings/proof", 5).await.expect(200).has("Sign out and in again");
    }

    async fn passkeys_are_offered_where_browsers_have_them(place: Installation) {
        let visitor = nobody(&place);
        visitor.post("/sign-in/passkey/challenge", "").await.expect(404);
        let router = service(&place, &web::Settings::new(Some("https://debrief.example".into())));
        let visitor = visitor.of(router).with("host", "debrief.example");
        let given = visitor.post("/sign-in/passkey/challenge", "").await.expect(200);
        assert_eq!(given.json()["host"], "debrief.example");
        assert_eq!(given.header("cache-control"), "no-store");
        let wrong = "credential=AAAA&client_data=AAAA&authenticator_data=AAAA&signature=AAAA";
        visitor.post("/sign-in/passkey", wrong).await.expect(422).has("not known here");
    }

    async fn a_link_is_promised_to_everybody_or_to_nobody(place: Installation) {
        let visitor = nobody(&place);
        visitor.get("/sign-in/link").await.expect(200).has("No mail is sent from here");
        visitor.post("/sign-in/link", "email=ada%40larkfare.example").await.expect(409);
    }
}
