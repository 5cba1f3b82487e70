//! Coming in, going out, and who is kept away from what.

use crate::{
    house::{Client, HOST, House, PASSPHRASE, SignedIn},
    markup::dangers,
};
use axum::{body::Body, http::Method};
use domain::{access::Actor, instant::Span, person::Role};

const WRITTEN: [(&str, &str); 2] = [("title", "Gates refuse valid tickets"), ("kind", "incident")];

testing::both! {
    async fn the_first_administrator_comes_by_a_link_that_works_once(house: House) {
        let token = app::sign_in::set_up_link(&house.place.app).await.unwrap().unwrap();
        let link = format!("/links/{token}");
        let visitor = house.anonymous();
        // Chats and mail programs look at links; that uses none of them up.
        for _ in 0..3 {
            visitor.get(&link).await.ok().says("passphrase");
        }
        let mut answers =
            vec![("workspace", "Larkfare"), ("name", "Ada Lindqvist"), ("email", "ada@larkfare.example")];
        let short = [answers.clone(), vec![("passphrase", "short")]].concat();
        visitor.post(&link, &short).await.is(422).says("Ada Lindqvist").does_not_say("value=\"short\"");
        answers.push(("passphrase", PASSPHRASE));
        let answer = visitor.post(&link, &answers).await;
        answer.leads_to("/incidents");
        let cookie = answer.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
        let ada = SignedIn { router: house.router.clone(), cookie: answer.cookie() };
        ada.get("/settings").await.ok().says("Ada Lindqvist").says("Larkfare");
        visitor.get(&link).await.is(404);
        visitor.post(&link, &answers).await.is(404);
        assert_eq!(app::sign_in::set_up_link(&house.place.app).await.unwrap(), None);
    }

    async fn pages_before_the_sign_in_run_nothing_of_their_own(house: House) {
        let set_up = app::sign_in::set_up_link(&house.place.app).await.unwrap().unwrap();
        let visitor = house.anonymous();
        let mut paths = vec![format!("/links/{set_up}"), "/links/none".into(), "/sign-in".into(), "/nothing-here".into()];
        for path in &paths {
            assert_eq!(dangers(&visitor.get(path).await.text(), false), [""; 0], "{path}");
        }
        house.set_up().await;
        let installation = Actor::installation();
        let sign_in = app::sign_in::sign_in_link(&house.place.app, &installation, "ada.lindqvist@larkfare.example", 1);
        let invitation = app::people::invite(&house.place.app, &installation, "Wren Okafor", "wren@larkfare.example", Role::Member);
        paths = vec![format!("/links/{}", sign_in.await.unwrap()), format!("/links/{}", invitation.await.unwrap())];
        for path in &paths {
            assert_eq!(dangers(&visitor.get(path).await.ok().text(), false), [""; 0], "{path}");
        }
    }

    async fn people_sign_in_and_out(house: House) {
        let first = house.set_up().await;
        let visitor = house.anonymous();
        let with = |passphrase| [("email", "ADA.Lindqvist@larkfare.example"), ("passphrase", passphrase)];
        let wrong = visitor.post("/sign-in", &with("not these three words")).await.is(422);
        let nobody = [("email", "nobody@larkfare.example"), ("passphrase", "not these three words")];
        let unknown = visitor.post("/sign-in", &nobody).await.is(422);
        let told = |text: String| text.replace("nobody@larkfare.example", "X").replace("ADA.Lindqvist@larkfare.example", "X");
        assert_eq!(told(wrong.text()), told(unknown.text()), "nobody learns who has an account here");
        assert!(!wrong.headers.contains_key("set-cookie") && !wrong.text().contains("not these three words"));

        let answer = visitor.post("/sign-in", &[with(PASSPHRASE).as_slice(), &[("next", "/follow-ups")]].concat()).await;
        answer.leads_to("/follow-ups");
        let second = SignedIn { router: house.router.clone(), cookie: answer.cookie() };
        assert_ne!(first.cookie, second.cookie);
        second.get("/incidents").await.ok();
        second.get("/sign-in").await.leads_to("/incidents");
        let elsewhere = [with(PASSPHRASE).as_slice(), &[("next", "https://evil.example/")]].concat();
        assert_eq!(visitor.post("/sign-in", &elsewhere).await.header("location"), "/incidents");

        let out = second.post("/sign-out", &[]).await;
        out.leads_to("/sign-in");
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        second.get("/incidents").await.leads_to("/sign-in");
        first.get("/incidents").await.ok();
    }

    async fn sessions_end_by_themselves(house: House) {
        let ada = house.set_up().await;
        house.place.clock.advance(Span::days(13));
        ada.get("/incidents").await.ok();
        house.place.clock.advance(Span::days(15));
        ada.get("/incidents").await.leads_to("/sign-in");
    }

    async fn an_invitation_makes_an_account_with_the_role_that_was_given(house: House) {
        let ada = house.set_up().await;
        let form = [("name", "Ines Brightwater"), ("email", "ines@larkfare.example"), ("role", "reader")];
        let page = ada.post("/settings/people", &form).await.ok();
        assert_eq!(page.header("cache-control"), "no-store");
        let text = page.text();
        let start = text.find("/links/").expect("the link is shown once");
        let link = text[start..].split(['"', '<', '&', ' ']).next().unwrap().to_owned();
        let visitor = house.anonymous();
        visitor.get(&link).await.ok().says("ines@larkfare.example");
        let answer = visitor.post(&link, &[("name", "Ines Brightwater"), ("passphrase", PASSPHRASE)]).await;
        answer.leads_to("/incidents");
        let ines = SignedIn { router: house.router.clone(), cookie: answer.cookie() };
        ines.get("/settings").await.ok().says("Ines Brightwater");
        ines.post("/incidents", &WRITTEN).await.is(403);
        visitor.get(&link).await.is(404);
        house.somebody("Wren Okafor", Role::Member).await.post("/settings/people", &form).await.is(403);
    }

    async fn a_sign_in_link_works_once_and_not_for_ever(house: House) {
        house.place.somebody("Wren Okafor", Role::Member).await;
        let installation = Actor::installation();
        let link = || app::sign_in::sign_in_link(&house.place.app, &installation, "wren.okafor@larkfare.example", 1);
        let used = format!("/links/{}", link().await.unwrap());
        let late = format!("/links/{}", link().await.unwrap());
        let visitor = house.anonymous();
        visitor.get(&used).await.ok().says("Wren Okafor");
        visitor.post(&used, &[]).await.leads_to("/incidents");
        visitor.post(&used, &[]).await.is(404);
        house.place.clock.advance(Span::minutes(61));
        visitor.post(&late, &[]).await.is(404);
        visitor.get("/links/never-was-a-link").await.is(404);
    }

    async fn whoever_is_unknown_is_asked_to_sign_in(house: House) {
        let visitor = house.anonymous();
        for path in ["/incidents", "/postmortems", "/follow-ups", "/settings", "/settings/people"] {
            let to = visitor.get(path).await.leads_to("/sign-in");
            assert!(path == "/incidents" || to.contains("next=%2F"), "{path} leads to {to}");
        }
        let refused = visitor.get("/api/v1/incidents").await.is(401);
        assert_eq!(refused.value()["error"]["kind"], "unauthorized");
        visitor.post("/incidents", &WRITTEN).await.leads_to("/sign-in");
    }

    async fn readers_read_and_change_nothing(house: House) {
        house.member().await.post("/incidents", &WRITTEN).await.leads_to("/incidents/INC-1");
        let reader = house.reader().await;
        for path in ["/incidents", "/incidents/INC-1", "/incidents/INC-1/evidence", "/postmortems", "/follow-ups"] {
            reader.get(path).await.ok();
        }
        for path in ["/incidents", "/incidents/INC-1", "/incidents/INC-1/resolution", "/postmortems/INC-1", "/incidents/INC-1/follow-ups"] {
            reader.post(path, &WRITTEN).await.is(403).says("Your role does not allow this");
        }
        reader.get("/incidents/new").await.is(403);
        reader.get("/incidents/INC-1").await.ok().does_not_say("/incidents/INC-1/resolution");
    }

    async fn changes_come_only_from_pages_of_this_house(house: House) {
        let member = house.member().await;
        let form = "content-type";
        let kind = "application/x-www-form-urlencoded";
        let ours = format!("http://{HOST}");
        for (headers, status) in [
            (vec![("sec-fetch-site", "cross-site")], 403),
            (vec![("sec-fetch-site", "same-site")], 403),
            (vec![("origin", "https://evil.example")], 403),
            (vec![("origin", "null")], 403),
            (vec![("sec-fetch-site", "cross-site"), ("origin", ours.as_str())], 403),
            (vec![], 403),
            (vec![("origin", ours.as_str())], 303),
            (vec![("sec-fetch-site", "same-origin")], 303),
        ] {
            let headers = [headers, vec![(form, kind)]].concat();
            let body = Body::from("title=Gates&kind=incident");
            member.send(Method::POST, "/incidents", &headers, body).await.is(status);
        }
        let json = [("sec-fetch-site", "cross-site"), (form, "application/json")];
        member.send(Method::POST, "/api/v1/incidents", &json, Body::from("{\"title\":\"Gates\"}")).await.is(403);
        let listed = member.get("/api/v1/incidents").await.ok().value();
        assert_eq!(listed["total"], 2);
    }

    async fn every_answer_tells_the_browser_to_be_careful(house: House) {
        let ada = house.set_up().await;
        for path in ["/", "/incidents", "/sign-in", "/nothing-here", "/api/v1/incidents", "/api/v1/nothing", "/healthz", "/incidents/INC-9"] {
            let answer = ada.get(path).await;
            let policy = answer.header("content-security-policy").to_owned();
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(policy.contains("script-src 'self'") && policy.contains("base-uri 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(name), value, "{path}: {name}");
            }
            assert!(!answer.header("x-request-id").is_empty(), "{path}");
        }
    }
}
