//! A working day of requests, each id in them swapped for one of an incident that the asker cannot see.
//!
//! Whoever may makes the requests first, so that each is known to do something; then somebody else sends them
//! with foreign ids. The answer is the one for ids that name nothing, word for word, and nothing changes.

#![expect(clippy::print_stdout, reason = "how many ids were swapped is what is reported")]

use crate::{
    house::{Answer, Client, House, SignedIn},
    markup::forms,
    records::{gates, over},
};
use app::sharing;
use axum::{body::Body, http::Method};
use domain::{access::Actor, person::Role};
use serde_json::json;

/// A word in everything of the foreign incident.
const SECRET: &str = "PQUOKKA";
const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// The ids of one incident and of what belongs to it.
#[derive(Clone)]
struct Ids {
    number: String,
    event: String,
    evidence: String,
    idea: String,
    import: String,
    token: String,
    /// An account of whoever brought it in.
    sealed: String,
}

type Request = (&'static str, &'static str, &'static str);

/// Method, address, body; the parts in braces are ids.
#[rustfmt::skip]
const DAY: &[Request] = &[
    ("GET", "/incidents/{number}", ""), ("GET", "/incidents/{number}/edit", ""), ("GET", "/incidents/{number}/people", ""),
    ("GET", "/incidents/{number}/evidence", ""), ("GET", "/incidents/{number}/evidence?words=gates", ""),
    ("GET", "/incidents/{number}/evidence/{evidence}", ""), ("GET", "/incidents/{number}/events/{event}", ""),
    ("GET", "/postmortems/{number}", ""), ("GET", "/postmortems/{number}/edit", ""),
    ("GET", "/postmortems/{number}/blocks/timeline", ""), ("GET", "/postmortems/{number}/blocks/facts", ""),
    ("GET", "/postmortems/{number}/export.md", ""), ("GET", "/postmortems/{number}/export.html", ""),
    ("GET", "/postmortems/{number}/versions", ""), ("GET", "/postmortems/{number}/versions/1", ""),
    ("GET", "/postmortems/{number}/versions/1..now", ""), ("GET", "/postmortems/{number}/owner", ""),
    ("GET", "/imports/{import}", ""),
    ("GET", "/incidents/{number}/events/{event}/history", ""), ("GET", "/incidents/{number}/timeline/acts", ""),
    ("GET", "/incidents/{number}/measures", ""), ("GET", "/incidents/{number}/clocks", ""),
    ("GET", "/incidents/{number}/coordination", ""), ("GET", "/incidents/{number}/replay", ""),
    ("GET", "/incidents/{number}/replay/print", ""), ("GET", "/incidents/{number}/accounts", ""),
    ("POST", "/incidents/{number}/accounts/{sealed}", "saw=Swapped&audience=author"),
    ("POST", "/incidents/{number}/sealed/{sealed}/forgetting", ""),
    ("POST", "/incidents/{number}/selection", "do=hide&event={event}"),
    ("POST", "/incidents/{number}/events/{event}/links", "url=https://larkfare.example/&title=Swapped"),
    ("POST", "/incidents/{number}/events/{event}/parts", "at=2026-11-14T05:50:00&title=Swapped"),
    ("POST", "/incidents/{number}/events/{event}/settlement", "why=Swapped"),
    ("POST", "/incidents/{number}/evidence/{evidence}/event", ""), ("POST", "/incidents/{number}/evidence/{evidence}/page", ""),
    ("POST", "/incidents/{number}/intervals", "service=Swapped&from=2026-11-14T05:50:00&precision=minute&degree=down"),
    ("POST", "/incidents/{number}/clocks", "source=slack&seconds=60&reason=Swapped"),
    ("POST", "/incidents/{number}/audiences", "name=Swapped&every=30"),
    ("GET", "/api/v1/incidents/{number}", ""), ("GET", "/api/v1/incidents/{number}/timeline", ""),
    ("GET", "/api/v1/incidents/{number}/evidence", ""), ("GET", "/api/v1/incidents/{number}/people", ""),
    ("GET", "/api/v1/postmortems/{number}", ""), ("GET", "/api/v1/postmortems/{number}/versions", ""),
    ("GET", "/api/v1/postmortems/{number}/versions/1", ""),
    ("POST", "/incidents/{number}/events", "at=2026-11-14T05:50:00&precision=minute&kind=action&title=Swapped"),
    ("POST", "/incidents/{number}/hidden", "hide={event}"),
    ("POST", "/incidents/{number}/follow-ups", "text=Swapped&intent=prevent"),
    ("POST", "/incidents/{number}/people", "person={me}&part=participant"),
    ("POST", "/incidents/{number}/people/end", "person={me}&part=participant"),
    ("POST", "/incidents/{number}/narrowing", "reason=Swapped"),
    ("POST", "/incidents/{number}/widening", ""),
    ("POST", "/incidents/{number}/reopening", ""), ("POST", "/incidents/{number}/mitigation", ""),
    ("POST", "/incidents/{number}/resolution", ""),
    ("POST", "/postmortems/{number}", ""), ("POST", "/postmortems/{number}/versions", "name=Swapped"),
    ("POST", "/postmortems/{number}/owner", "owner={me}"),
    ("POST", "/follow-ups/{idea}/drop", "reason=Swapped"), ("POST", "/follow-ups/{idea}/done", ""),
    ("POST", "/settings/tokens/{token}/end", ""),
    ("POST", "/api/v1/incidents/{number}/timeline", r#"{"at":"2026-11-14T05:51:00Z","kind":"action","title":"Swapped"}"#),
    ("POST", "/api/v1/incidents/{number}/timeline", r#"{"at":"2026-11-14T05:51:00Z","kind":"action","title":"Swapped","evidence":["{evidence}"]}"#),
    ("PATCH", "/api/v1/incidents/{number}/timeline/{event}", r#"{"revision":0,"title":"Swapped"}"#),
    ("POST", "/incidents/{number}/instants", "instant=proposed"),
    ("POST", "/api/v1/incidents/{number}/key-instants/confirmation", ""),
    ("POST", "/api/v1/incidents/{number}/narrowing", r#"{"reason":"Swapped"}"#),
    ("POST", "/api/v1/incidents/{number}/people", r#"{"person":"{me}","part":"responder"}"#),
    ("POST", "/api/v1/incidents/{number}/reopen", ""), ("POST", "/api/v1/incidents/{number}/mitigate", ""),
    ("POST", "/api/v1/incidents/{number}/resolve", ""),
    ("PUT", "/api/v1/postmortems/{number}/owner", r#"{"person":"{me}"}"#),
    ("POST", "/api/v1/postmortems/{number}/versions", r#"{"name":"Swapped"}"#),
    ("POST", "/api/v1/postmortems/{number}/versions/1/restore", ""),
    ("POST", "/api/v1/postmortems/{number}/steps", r#"{"revision":0,"step":"ask_for_review"}"#),
    ("POST", "/api/v1/follow-ups", r#"{"incident":"{number}","text":"Swapped","intent":"prevent"}"#),
    ("POST", "/api/v1/follow-ups/{idea}/drop", r#"{"reason":"Swapped"}"#),
    ("POST", "/api/v1/follow-ups/{idea}/done", ""),
];

impl Ids {
    /// Ids that name nothing.
    fn of_nothing() -> Self {
        let id = || NOTHING.to_owned();
        Self {
            number: "INC-99".into(),
            event: id(),
            evidence: id(),
            idea: id(),
            import: id(),
            token: id(),
            sealed: id(),
        }
    }

    fn part(&self, name: &str) -> &str {
        match name {
            "{number}" => &self.number,
            "{event}" => &self.event,
            "{evidence}" => &self.evidence,
            "{idea}" => &self.idea,
            "{import}" => &self.import,
            "{sealed}" => &self.sealed,
            _ => &self.token,
        }
    }
}

const PARTS: [&str; 7] = ["{number}", "{event}", "{evidence}", "{idea}", "{import}", "{token}", "{sealed}"];

/// Sends a request with the ids of `own`, but for the parts in `swapped`, which are those of `other`.
async fn send(
    who: &SignedIn,
    me: &str,
    request: &Request,
    own: &Ids,
    other: &Ids,
    swapped: &[&str],
) -> Answer {
    let (method, path, body) = *request;
    let fill = |text: &str| {
        let text = text.replace("{me}", me);
        PARTS.iter().fold(text, |text, part| {
            text.replace(part, if swapped.contains(part) { other.part(part) } else { own.part(part) })
        })
    };
    let path = fill(path);
    let kind =
        if path.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", kind)];
    who.send(method.parse::<Method>().unwrap(), &path, &headers, Body::from(fill(body))).await
}

/// An answer without the ids that were sent.
fn words(answer: &Answer, ids: &Ids) -> (u16, String) {
    let text = PARTS.iter().fold(answer.text(), |text, part| text.replace(ids.part(part), part));
    (answer.status.as_u16(), text)
}

/// An incident with everything, brought in by `who`.
async fn whole(house: &House, who: &SignedIn, email: &str, word: &str) -> Ids {
    let files = over(gates(word, 3)).to_string();
    let waiting = who.upload("/imports", &[("pages.json", files.as_bytes())]).await.leads_to("/imports/");
    let body = json!({ "title": format!("Gates {word}") });
    let number = who.json(Method::POST, "/api/v1/incidents", &body).await.is(201).value()["number"].clone();
    let number = number.as_str().unwrap().to_owned();
    let into = format!("/api/v1/incidents/{number}/imports");
    who.upload(&into, &[("pages.json", files.as_bytes())]).await.ok();
    let idea = json!({ "incident": number, "text": format!("Look at {word}"), "intent": "prevent" });
    let idea = who.json(Method::POST, "/api/v1/follow-ups", &idea).await.is(201).value()["id"].clone();
    let first = async |what: &str| {
        let listed = who.get(&format!("/api/v1/incidents/{number}/{what}")).await.ok().value();
        listed["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let told = [("saw", word), ("audience", "author")];
    who.post(&format!("/incidents/{number}/accounts"), &told).await.leads_to("/incidents/");
    let page = who.get(&format!("/incidents/{number}/accounts")).await.ok().text();
    let form =
        forms(&page).into_iter().find(|form| form.action.contains("/accounts/")).expect("one's own account");
    let sealed = form.action.rsplit('/').next().unwrap().to_owned();
    house.program_of(who).await;
    let us = Actor::installation();
    let person = app::people::find_by_email(&house.place.app, &us, email).await.unwrap().unwrap();
    let actor = Actor::of(&person);
    let token = app::tokens::list(&house.place.app, &actor).await.unwrap()[0].id.to_string();
    Ids {
        event: first("timeline").await,
        evidence: first("evidence").await,
        idea: idea.as_str().unwrap().to_owned(),
        import: waiting.trim_start_matches("/imports/").to_owned(),
        number,
        token,
        sealed,
    }
}

testing::both! {
    async fn ids_of_others_name_nothing(house: House) {
        let app = house.place.app.clone();
        let insider = house.somebody("Ines Inside", Role::Member).await;
        let stranger = house.somebody("Sam Stranger", Role::Member).await;
        let foreign = whole(&house, &insider, "ines.inside@larkfare.example", SECRET).await;
        let own = whole(&house, &stranger, "sam.stranger@larkfare.example", "PGATES").await;
        let us = Actor::installation();
        let id = async |email: &str| app::people::find_by_email(&app, &us, email).await.unwrap().unwrap().id;
        let me = id("sam.stranger@larkfare.example").await;
        let only = sharing::Choice {
            reason: "Names a customer".into(),
            people: vec![id("ines.inside@larkfare.example").await],
            ..sharing::Choice::default()
        };
        sharing::narrow(&app, &us, foreign.number.parse().unwrap(), only).await.unwrap();

        let (nothing, me) = (Ids::of_nothing(), me.to_string());
        let before = insider.get(&format!("/api/v1/incidents/{}/timeline", foreign.number)).await.text();
        let (mut swaps, mut refused) = (0, 0);
        let mut wrong: Vec<String> = Vec::new();
        for request in DAY {
            let named: Vec<&str> =
                PARTS.iter().copied().filter(|part| request.1.contains(part) || request.2.contains(part)).collect();
            let each: Vec<Vec<&str>> = named.iter().map(|part| vec![*part]).chain([named.clone()]).collect();
            for swapped in each {
                let theirs = send(&stranger, &me, request, &own, &foreign, &swapped).await;
                let absent = send(&stranger, &me, request, &own, &nothing, &swapped).await;
                swaps += swapped.len();
                let what = format!("{} {} with {swapped:?} of others: {} {}", request.0, request.1, theirs.status, theirs.text());
                let told = theirs.text().contains(SECRET);
                let differs = words(&theirs, &foreign) != words(&absent, &nothing);
                // What is cited or hidden in a list may be left out of it; then nothing of it came in.
                let in_body = !request.1.contains(swapped[0]) && swapped.len() == 1;
                let good = theirs.status == 404 || (in_body && matches!(theirs.status.as_u16(), 303 | 422));
                if told || differs || !good {
                    wrong.push(format!("{}: told {told}, differs {differs}", what.chars().take(300).collect::<String>()));
                } else {
                    refused += swapped.len();
                }
            }
        }
        println!("requests={} swaps={swaps} refused={refused}", DAY.len());
        assert!(wrong.is_empty(), "{wrong:#?}");
        let after = insider.get(&format!("/api/v1/incidents/{}/timeline", foreign.number)).await.text();
        assert_eq!(before, after, "nothing changed");
        // The same requests with the same ids do something for whoever may.
        let insider_id = id("ines.inside@larkfare.example").await.to_string();
        for request in DAY.iter().filter(|request| request.0 == "GET") {
            let answer = send(&insider, &insider_id, request, &foreign, &foreign, &[]).await;
            assert_eq!(answer.status, 200, "{}: {}", answer.what, answer.text());
        }
    }

    // Whoever looks after a place has ids of all sorts at hand: each opens what it names, where it belongs, and nothing else.
    async fn ids_of_another_owner_or_kind_name_nothing(house: House) {
        let app = house.place.app.clone();
        let us = Actor::installation();
        let ada = house.somebody("Ada Chief", Role::Administrator).await;
        let wren = house.somebody("Wren Member", Role::Member).await;
        let foreign = whole(&house, &wren, "wren.member@larkfare.example", SECRET).await;
        let own = whole(&house, &ada, "ada.chief@larkfare.example", "PGATES").await;
        let (mut accounts, mut tokens, mut secrets) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["Deploys", "Dashboards"] {
            let id = app::service_accounts::create(&app, &us, name, Role::Member).await.unwrap();
            let new = app::tokens::New::from("pipeline");
            secrets.push(app::tokens::create_for_service(&app, &us, id, new).await.unwrap());
            let listed = app::service_accounts::list(&app, &us).await.unwrap();
            let account = listed.iter().find(|one| one.account.id == id).unwrap();
            tokens.push(account.tokens[0].id.to_string());
            accounts.push(id.to_string());
        }
        let person = async |email: &str| app::people::find_by_email(&app, &us, email).await.unwrap().unwrap().id.to_string();
        let (ada_id, wren_id) = (person("ada.chief@larkfare.example").await, person("wren.member@larkfare.example").await);
        let service = ada.json(Method::POST, "/api/v1/services", &json!({ "name": "Gates" })).await.is(201).value()["id"].as_str().unwrap().to_owned();
        let team = app::teams::create(&app, &us, "Barriers").await.unwrap().to_string();
        let hook = json!({ "source": "alertmanager", "label": "North" });
        let hook = ada.json(Method::POST, "/api/v1/webhooks", &hook).await.is(201).value();
        assert!(hook["address"].is_string(), "{hook}");
        // The address with an id in place of {}, and the ids that do not belong there.
        let program = [&accounts[0], &accounts[1]];
        let people = [&ada_id, &wren_id];
        let of_tokens = [&tokens[0], &tokens[1], &own.token, &foreign.token];
        let things = [&service, &team, &foreign.event, &foreign.evidence, &foreign.sealed, &foreign.idea];
        let at = |path: &str| path.replace("{number}", &own.number).replace("{account}", &accounts[0]);
        let table: Vec<(String, &str, Vec<&String>)> = vec![
            (at("/settings/service-accounts/{account}/tokens/{}/end"), "", [&tokens[1], &own.token, &foreign.token].into_iter().chain(things).collect()),
            (at("/settings/service-accounts/{}/end"), "", people.into_iter().chain(of_tokens).chain(things).collect()),
            (at("/settings/service-accounts/{}/tokens"), "label=Swapped&scopes=read", people.into_iter().chain(of_tokens).chain(things).collect()),
            (at("/settings/tokens/{}/end"), "", [&tokens[0], &tokens[1], &foreign.token].into_iter().chain(program).chain(things).collect()),
            (at("/api/v1/tokens/{}/end"), "{}", [&tokens[0], &tokens[1], &foreign.token].into_iter().chain(program).chain(things).collect()),
            (at("/incidents/{number}/sealed/{}/opening"), "reason=Swapped", [&foreign.sealed, &foreign.event, &service].to_vec()),
            (at("/incidents/{number}/sealed/{}/forgetting"), "", [&foreign.sealed, &foreign.event, &service].to_vec()),
            (at("/incidents/{number}/accounts/{}"), "saw=Swapped&audience=author", [&foreign.sealed, &foreign.event, &service].to_vec()),
            (at("/settings/services/{}/end"), "", program.into_iter().chain(people).chain([&team]).chain(of_tokens).collect()),
            (at("/settings/services/{}/name"), "name=Swapped", program.into_iter().chain(people).chain([&team]).chain(of_tokens).collect()),
            (at("/settings/teams/{}/end"), "", program.into_iter().chain(people).chain([&service]).chain(of_tokens).collect()),
        ];
        let post = async |who: &SignedIn, path: &str, body: &'static str| {
            let kind = if path.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
            who.send(Method::POST, path, &[("sec-fetch-site", "same-origin"), ("content-type", kind)], Body::from(body)).await
        };
        let (mut swaps, mut wrong) = (0, Vec::new());
        for (path, body, ids) in &table {
            let absent = post(&ada, &path.replace("{}", NOTHING), body).await;
            for id in ids {
                let theirs = post(&ada, &path.replace("{}", id), body).await;
                swaps += 1;
                let same = theirs.status == absent.status && theirs.text().replace(id.as_str(), "") == absent.text().replace(NOTHING, "");
                if theirs.status != 404 || !same {
                    wrong.push(format!("{}: {} {}", theirs.what, theirs.status, theirs.text().chars().take(200).collect::<String>()));
                }
            }
            // Whoever may not look after the place learns nothing about which ids there are.
            if path.starts_with("/settings/service-accounts") {
                let one = post(&wren, &path.replace("{}", &accounts[1]), body).await;
                let none = post(&wren, &path.replace("{}", NOTHING), body).await;
                assert_eq!((one.status, one.text()), (none.status, none.text()), "{path}");
                assert_eq!(one.status, 403);
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        // Nothing ended by that: every token and every sealed place is there.
        for token in secrets {
            let program = crate::house::Program { router: ada.router.clone(), token };
            program.get("/api/v1/incidents").await.ok();
        }
        wren.get(&format!("/incidents/{}/accounts", foreign.number)).await.ok().says(SECRET).does_not_say("Swapped");
        for (path, name) in [("/settings/services", "Gates"), ("/settings/teams", "Barriers")] {
            ada.get(path).await.ok().says(name).does_not_say("Swapped");
        }
        println!("swaps={swaps} refused={swaps}");
    }
}
