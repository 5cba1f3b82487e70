//! Setting up, signing in, settings, people: what a browser sees.

use crate::client::{HOST, nobody, service, somebody};
use domain::person::Role;
use testing::{Installation, everywhere};

async fn set_up(place: &Installation) -> crate::client::Client {
    let link = app::sign_in::set_up_link(&place.app).await.expect("asked").expect("nobody is there yet");
    let answers = "workspace=Larkfare&name=Mireille+Aho&email=mireille%40larkfare.example&passphrase=four+odd+words+here";
    let answer = nobody(place).post(&format!("/links/{link}"), answers).await.leads_to("/incidents");
    nobody(place).with_cookie_of(&answer)
}

everywhere! {
    async fn the_first_visit(place: Installation) {
        let link = app::sign_in::set_up_link(&place.app).await.expect("asked").expect("nobody is there yet");
        let (visitor, address) = (nobody(&place), format!("/links/{link}"));
        visitor.get(&address).await.expect(200).has("Four answers");
        visitor.get(&address).await.expect(200).has("Four answers");

        let wrong = "workspace=Larkfare&name=Mireille+Aho&email=mireille%40larkfare&passphrase=four+odd+words+here";
        let answer = visitor.post(&address, wrong).await.expect(422).has("no ending").has("value=\"Larkfare\"");
        assert!(!answer.text.contains("four odd words"), "a passphrase is never sent back");

        let right = wrong.replace("larkfare&", "larkfare.example&");
        let answer = visitor.post(&address, &right).await.leads_to("/incidents");
        let cookie = answer.header("set-cookie");
        for part in ["debrief_session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        visitor.with_cookie_of(&answer).get("/incidents").await.expect(200);
        visitor.get(&address).await.expect(404).has("This link is over");
    }

    async fn in_and_out_again(place: Installation) {
        set_up(&place).await;
        let visitor = nobody(&place);
        visitor.get("/incidents?words=gates").await.leads_to("/sign-in?next=%2Fincidents%3Fwords%3Dgates");
        visitor.get("/sign-in?next=%2Ffollow-ups").await.expect(200).has("value=\"/follow-ups\"");
        let form = |words: &str, next: &str| format!("email=mireille%40larkfare.example&passphrase={words}&next={next}");
        visitor.post("/sign-in", &form("wrong+words+here", "/")).await.expect(422).has("do not belong together");
        visitor.post("/sign-in", &form("four+odd+words+here", "//evil.example")).await.leads_to("/incidents");
        let answer = visitor.post("/sign-in", &form("four+odd+words+here", "/follow-ups")).await.leads_to("/follow-ups");
        let mireille = visitor.with_cookie_of(&answer);
        mireille.get("/sign-in?next=/settings").await.leads_to("/settings");
        let answer = mireille.post("/sign-out", "").await.leads_to("/sign-in");
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
        mireille.get("/incidents").await.leads_to("/sign-in");
    }

    async fn oneself_and_the_workspace(place: Installation) {
        let mireille = set_up(&place).await;
        mireille.get_within("/settings", 5).await.expect(200).has("Europe/Amsterdam").has("Mireille Aho");
        mireille.post("/settings/me", "name=Mireille&zone=Europe/Nowhere").await.expect(422).has("not known");
        mireille.post("/settings/me", "name=Mireille&zone=Europe/Amsterdam").await.leads_to("/settings?done=me");
        mireille.get("/settings").await.expect(200).has("data-zone=\"Europe/Amsterdam\"");

        let answer = mireille.post("/settings/tokens", "label=a+script&scopes=read&days=30").await.expect(200).has("data-copy=");
        assert_eq!(answer.header("cache-control"), "no-store");
        mireille.get_within("/settings/tokens", 5).await.expect(200).has("a script").has("never");
        mireille.post("/settings/tokens", "label=a+script").await.expect(422).has("at least one thing");
        mireille.post("/settings/tokens", "label=a&scopes=everything").await.expect(422).has("stand here");

        let change = |hours| format!("name=Larkfare+Lab&premise=We+assume+good+work.&soak_hours={hours}&revision=1");
        mireille.post("/settings/workspace", &change(5)).await.expect(422).has("value=\"5\"");
        mireille.post("/settings/workspace", &change(24)).await.leads_to("/settings?done=workspace");
        mireille.post("/settings/workspace", &change(48)).await.expect(409)
            .has("Somebody changed this")
            // Both texts, and a form that saves.
            .has("What was saved meanwhile").has("<dd>24</dd>").has("value=\"48\"").has("name=\"revision\" value=\"2\"");
        mireille.get("/settings").await.expect(200).has("Larkfare Lab").has("value=\"24\"");
    }

    async fn a_form_that_comes_too_late_shows_both_texts_and_saves_the_next_time(place: Installation) {
        let mireille = set_up(&place).await;
        mireille.post("/incidents", "title=Gates+refuse+tickets&kind=incident").await.expect(303);
        mireille.post("/incidents/INC-1/resolution", "").await.expect(303);
        let after = |text: &str| Some(text.split("name=\"revision\" value=\"").nth(1)?.split('"').next()?.to_owned());
        let revision = |text: &str| after(text).expect("a form with a revision");
        let edit = "/postmortems/INC-1/edit";
        let seen = revision(&mireille.get(edit).await.expect(200).text);
        let title = |revision: &str, words: &str| format!("revision={revision}&title={words}");
        let address = "/postmortems/INC-1/title";
        mireille.post(address, &title(&seen, "Gates+that+stayed+shut")).await.expect(303);
        let late = mireille.post(address, &title(&seen, "Tickets+that+opened+nothing")).await.expect(409)
            .has("Somebody changed this").has("Gates that stayed shut").has("value=\"Tickets that opened nothing\"");
        mireille.post(address, &title(&revision(&late.text), "Tickets+that+opened+nothing")).await.expect(303);
        mireille.get(edit).await.expect(200).has("Tickets that opened nothing");
        // A step that somebody took already is not taken again.
        let seen = revision(&mireille.get(edit).await.expect(200).text);
        mireille.post("/postmortems/INC-1/steps", &format!("revision={seen}&step=ask_for_review")).await.expect(303);
        mireille.post("/postmortems/INC-1/steps", &format!("revision={seen}&step=ask_for_review")).await.expect(409).has("Somebody changed this");
    }

    async fn administrators_look_through_what_was_done(place: Installation) {
        let mireille = set_up(&place).await;
        mireille.get_within("/settings/audit", 5).await.expect(200).has("set the workspace up").has("Mireille");
        mireille.get_within("/settings/audit?act=incident.declare", 5).await.expect(200).has("No act has all of these marks");
        mireille.get("/settings/audit?from=yesterday").await.expect(422).has("This is a day such as");
        mireille.get("/settings/audit?from=2026-11-14&until=2026-11-14&who=mire").await.expect(200).has("set the workspace up");
        let table = mireille.get_within("/settings/audit.csv", 5).await.expect(200).has("workspace.set_up");
        assert_eq!(table.header("content-disposition"), "attachment; filename=\"acts.csv\"");
        let lines = mireille.get_within("/settings/audit.jsonl?act=workspace.set_up", 5).await.expect(200);
        assert_eq!(lines.text.lines().count(), 1);
        mireille.get_within("/settings/jobs", 5).await.expect(200).has("Every job succeeded");
        mireille.post("/settings/jobs/018f0000-0000-7000-8000-000000000001/retry", "").await.expect(404);
        let reader = somebody(&place, "Remy Read", Role::Reader).await;
        for path in ["/settings/audit", "/settings/audit.csv", "/settings/audit.jsonl", "/settings/jobs"] {
            reader.get(path).await.expect(403);
        }
    }

    async fn people_come_and_go(place: Installation) {
        let mireille = set_up(&place).await;
        let invite = "name=Joost&email=joost%40larkfare.example&role=member";
        let page = mireille.post("/settings/people", invite).await.expect(200).has("The invitation is ready");
        let start = page.text.find(&format!("http://{HOST}/links/")).expect("a whole address");
        let link = page.text[start..].split('"').next().unwrap_or("").split('<').next().unwrap_or("");
        let path = link.trim_start_matches(&format!("http://{HOST}")).to_owned();
        let visitor = nobody(&place);
        visitor.get(&path).await.expect(200).has("joost@larkfare.example").has("value=\"Joost\"");
        visitor.post(&path, "name=Joost&passphrase=short").await.expect(422).has("aria-invalid");
        let answer = visitor.post(&path, "name=Joost+Bakker&passphrase=three+more+odd+words").await.leads_to("/incidents");
        let joost = visitor.with_cookie_of(&answer);
        joost.get_within("/settings/people", 5).await.expect(200).has("Joost Bakker");
        joost.post("/settings/people", invite).await.expect(403);
        let me = place.somebody("Ada Lind", Role::Reader).await.person.expect("a person");
        mireille.post(&format!("/settings/people/{me}/role"), "role=member").await.leads_to("/settings/people?done=role");
        mireille.post(&format!("/settings/people/{me}/end"), "").await.leads_to("/settings/people?done=closed");
        mireille.get("/settings/people").await.expect(200).has("account closed");
    }

    async fn pages_stay_within_five_statements(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Administrator).await;
        client.post("/incidents", "title=Gates+refused&kind=incident").await;
        client.post("/incidents/INC-1/resolution", "").await;
        for path in [
            "/incidents", "/incidents/new", "/incidents/INC-1", "/incidents/INC-1/evidence", "/postmortems",
            "/incidents/INC-1/import", "/imports/new", "/follow-ups", "/settings", "/settings/people",
            "/incidents/INC-1/resolution",
        ] {
            client.get_within(path, 5).await.expect(200);
        }
        // These read an incident, its post-mortem and its document one after the other, which is more than the
        // five that a page may take; the numbers here may only fall.
        for (path, statements) in [("/postmortems/INC-1", 9), ("/postmortems/INC-1/edit", 9)] {
            client.get_within(path, statements).await.expect(200);
        }
    }
}

everywhere! {
    async fn every_answer_is_wrapped(place: Installation) {
        let client = somebody(&place, "Ines Ott", Role::Administrator).await;
        for path in ["/incidents", "/no/such/page", "/sign-in", "/api/v1/incidents", "/healthz"] {
            let answer = client.get(path).await;
            assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
            assert!(!answer.header("x-request-id").is_empty(), "{path}");
            assert!(!answer.header("cache-control").is_empty(), "{path}");
        }
        client.get("/no/such/page").await.expect(404).has("<!doctype html>").has("Nothing here");
        client.with("hx-request", "true").get("/incidents/INC-999").await.expect(404).has("role=\"alert\"");
        client.get("/api/v1/nothing").await.expect(404).has("\"kind\":\"not_found\"");
        client.post("/incidents/INC-1/evidence", "").await.expect(405);
        client.post("/incidents", &"a=b&".repeat(400_000)).await.expect(413);
        client.get("/readyz").await.expect(200);
    }

    async fn behind_https_the_cookie_is_bound_to_the_host(place: Installation) {
        place.somebody("Ines Ott", Role::Member).await;
        let link = app::sign_in::sign_in_link(&place.app, &domain::access::Actor::installation(), "ines.ott@larkfare.example", 1)
            .await
            .expect("a link");
        let router = service(&place, &web::Settings::new(Some("https://debrief.example".into())));
        let request = axum::http::Request::post(format!("/links/{link}"))
            .header("host", "debrief.example")
            .header("origin", "https://debrief.example")
            .body(axum::body::Body::empty())
            .expect("a request");
        let answer = tower::ServiceExt::oneshot(router, request).await.expect("an answer");
        let cookie = answer.headers()["set-cookie"].to_str().expect("text");
        assert!(cookie.starts_with("__Host-debrief_session=") && cookie.ends_with("; Secure"), "{cookie}");
        assert!(answer.headers().contains_key("strict-transport-security"));
    }
}
