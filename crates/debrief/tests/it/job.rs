//! The main job, from exported files to a post-mortem that goes out again.

use crate::{
    house::{Answer, Client, House, SignedIn, encoded},
    records::{at, gates, over, slack, talk},
};
use axum::http::Method;
use domain::{instant::Span, person::Role};
use serde_json::{Value, json};
use std::time::{Duration, Instant as Stopwatch};

/// Sends files and makes the choice as a person would; the page that says what came of it.
pub async fn bring_in(who: &SignedIn, files: &[(&str, &[u8])], choice: &[(&str, &str)]) -> Answer {
    let page = who.upload("/imports", files).await.leads_to("/imports/");
    who.get(&page).await.ok().says("Nothing was brought in yet");
    who.post(&page, choice).await.leads_to(&page);
    let began = Stopwatch::now();
    loop {
        let answer = who.get(&format!("{page}/progress")).await.ok();
        if !answer.text().contains("<progress") {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "the import never ends: {}", answer.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An incident with PagerDuty's and Slack's records in it: INC-1.
pub async fn records_of_the_gates(who: &SignedIn) {
    let pages = gates("PGATES", 2).to_string();
    let choice = [("source", "pagerduty"), ("pick", "PGATES")];
    bring_in(who, &[("pages.json", pages.as_bytes())], &choice).await.says("It is in").says("INC-1");
    let choice = [("source", "slack"), ("channel", "inc-gates"), ("incident", "INC-1")];
    bring_in(who, &[("slack.zip", &slack(talk()))], &choice).await.says("It is in");
}

async fn timeline(who: &impl Client) -> Vec<Value> {
    let listed = who.get("/api/v1/incidents/INC-1/timeline").await.ok().value();
    listed["items"].as_array().unwrap().clone()
}

fn titled<'a>(events: &'a [Value], words: &str) -> &'a Value {
    let found = events.iter().find(|event| event["title"].as_str().unwrap().contains(words));
    found.unwrap_or_else(|| panic!("no event says “{words}”: {events:#?}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The id of somebody by name.
pub async fn person(who: &impl Client, name: &str) -> String {
    let people = who.get("/api/v1/people").await.ok().value();
    let found = people["items"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned();
    text(&found.expect("somebody of this name")["id"]).to_owned()
}

testing::everywhere! {
    async fn files_become_a_timeline_that_says_why(house: House) {
        let wren = house.member().await;
        let pages = gates("PGATES", 2).to_string();
        let preview = wren.upload("/imports", &[("pages.json", pages.as_bytes())]).await.leads_to("/imports/");
        wren.get(&preview).await.ok().says("Gates refuse tickets PGATES").says("5 records");
        wren.get("/incidents/INC-1").await.is(404);
        let preview = wren.upload("/imports", &[("slack.zip", &slack(talk()))]).await.leads_to("/imports/");
        wren.get(&preview).await.ok().says("#inc-gates").says("5 messages");
        wren.post(&preview, &[("source", "slack"), ("channel", "inc-gates")]).await;

        records_of_the_gates(&wren).await;
        let page = wren.get("/incidents/INC-1").await.ok();
        page.says("Gates refuse tickets PGATES").says("open gate 4 by hand").says("PagerDuty").says("Slack");
        let events = timeline(&wren).await;
        assert!(events.len() >= 5, "{events:#?}");
        assert!(events.is_sorted_by_key(|event| text(&event["at"]).to_owned()));
        for event in &events {
            assert!(!text(&event["chosen"]["reason"]).is_empty(), "{event}");
            assert!(!event["evidence"].as_array().unwrap().is_empty(), "{event}");
        }
        assert!(events.iter().all(|event| event["title"] != "hello"));
        let shown = wren.get("/api/v1/incidents/INC-1").await.ok().value();
        let known: Vec<&str> =
            shown["key_instants"].as_array().unwrap().iter().map(|it| text(&it["instant"])).collect();
        assert!(known.contains(&"acknowledged"), "{known:?}");
        for proposed in shown["key_instants"].as_array().unwrap() {
            assert!(events.iter().any(|event| event["id"] == proposed["event"]), "never invented: {proposed}");
            assert!(proposed["confirmed"] == false && !text(&proposed["reason"]).is_empty());
        }
    }

    async fn evidence_is_found_and_taken_into_the_timeline(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        wren.get("/incidents/INC-1/evidence").await.ok().says("certificate of the validator").says("hello");
        let found = wren.get("/incidents/INC-1/evidence?words=hello").await.ok();
        found.says("hello").does_not_say("certificate of the validator");
        wren.get("/incidents/INC-1/evidence?words=zeppelin").await.ok().does_not_say("hello");
        let listed = wren.get("/api/v1/incidents/INC-1/evidence?words=hello").await.ok().value();
        assert_eq!(listed["total"], 1);
        let piece = &listed["items"][0];
        assert_eq!((text(&piece["source"]), text(&piece["author"])), ("slack", "Teo Marsh"));
        assert_eq!(text(&piece["sha256"]).len(), 64);
        let address = format!("/incidents/INC-1/evidence/{}", text(&piece["id"]));
        wren.get(&address).await.ok().says(text(&piece["sha256"])).says("hello");
        let to = wren.post(&format!("{address}/event"), &[]).await.leads_to("/incidents/INC-1");
        let events = timeline(&wren).await;
        let taken = titled(&events, "hello");
        assert!(to.contains(text(&taken["id"])) && taken["evidence"][0] == piece["id"]);
    }

    async fn a_person_adds_changes_inserts_and_hides(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        let form = wren.get(&format!("/incidents/INC-1/events/new?at={}", encoded("2026-11-14T05:50:00Z"))).await;
        form.ok().says("2026-11-14T05:50");
        let new = [("at", "2026-11-14T05:50:00"), ("kind", "action"), ("precision", "five_minutes"), ("title", "Guards opened gate 2")];
        wren.post("/incidents/INC-1/events", &new).await.leads_to("/incidents/INC-1");
        wren.post("/incidents/INC-1/events", &[("title", "When was this?")]).await.is(422).says("Say when it happened");
        let events = timeline(&wren).await;
        let added = titled(&events, "Guards opened");
        let place = events.iter().position(|event| event == added).unwrap();
        assert!(place > 0 && place + 1 < events.len(), "it stands between others");

        let address = format!("/incidents/INC-1/events/{}", text(&added["id"]));
        wren.get(&address).await.ok().says("Guards opened gate 2");
        let revision = added["revision"].to_string();
        let changed = [&new[..3], &[("title", "Guards opened gates 2 and 3"), ("revision", revision.as_str())]].concat();
        wren.post(&address, &changed).await.leads_to("/incidents/INC-1");
        let stale = [&new[..3], &[("title", "Mine is kept"), ("revision", revision.as_str())]].concat();
        wren.post(&address, &stale).await.is(409).says("Mine is kept").says("Guards opened gates 2 and 3");

        let id = text(&added["id"]);
        wren.post("/incidents/INC-1/hidden", &[("hide", id)]).await.leads_to("/incidents/INC-1");
        assert_eq!(titled(&timeline(&wren).await, "Guards opened")["hidden"], true);
        wren.post("/incidents/INC-1/hidden", &[("show", id)]).await.leads_to("/incidents/INC-1");
        assert_eq!(titled(&timeline(&wren).await, "Guards opened")["hidden"], false);

        let choice = [("instant", "impact_start"), ("event", id), ("note", "The first gate that let people pass")];
        wren.post("/incidents/INC-1/instants", &choice).await.leads_to("/incidents/INC-1");
        let shown = wren.get("/api/v1/incidents/INC-1").await.ok().value();
        let chosen = shown["key_instants"].as_array().unwrap().iter().find(|it| it["instant"] == "impact_start").cloned();
        let chosen = chosen.unwrap();
        assert!(chosen["event"] == id && chosen["confirmed"] == true, "{chosen}");
        assert_eq!(chosen["reason"], "The first gate that let people pass");
    }

    async fn resolving_begins_the_draft(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        wren.get("/postmortems/INC-1").await.is(404);
        wren.post("/incidents/INC-1/mitigation", &[]).await.leads_to("/incidents/INC-1");
        wren.get("/incidents/INC-1/resolution").await.ok();
        house.place.clock.set(at(9_000));
        wren.post("/incidents/INC-1/resolution", &[]).await.leads_to("/incidents/INC-1");
        wren.post("/incidents/INC-1/resolution", &[]).await.is(409).says("already resolved");
        let page = wren.get("/postmortems/INC-1/edit").await.ok();
        let draft = wren.get("/api/v1/postmortems/INC-1").await.ok().value();
        let sections: Vec<&str> = draft["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|block| block["type"] == "heading" && block["level"] == 2)
            .map(|block| text(&block["section"]))
            .collect();
        assert_eq!(sections, ["summary", "timeline", "contributors", "mitigators", "learnings", "risks"]);
        for words in ["Summary", "Contributors", "Mitigators", "Learnings", "Risks", "open gate 4 by hand"] {
            assert!(page.text().contains(words), "{words}");
        }
        // Questions wait for whoever writes; readers see none of them.
        let prompt = "How did it end, for somebody who never heard";
        assert!(draft["blocks"].as_array().unwrap().iter().any(|block| block["type"] == "question"));
        wren.get("/postmortems/INC-1").await.ok().does_not_say(prompt).says("Gates refuse tickets PGATES");
        for block in ["facts", "timeline", "follow-ups"] {
            let fragment = wren.get(&format!("/postmortems/INC-1/blocks/{block}")).await.ok();
            assert!(!fragment.text().contains("<html"), "{block} is a fragment");
        }
        wren.get("/postmortems/INC-1/blocks/weather").await.is(404);
    }

    async fn what_the_source_ended_has_its_draft_at_once(house: House) {
        let wren = house.member().await;
        let pages = over(gates("PGATES", 1)).to_string();
        bring_in(&wren, &[("pages.json", pages.as_bytes())], &[("source", "pagerduty"), ("pick", "PGATES")]).await;
        let draft = wren.get("/api/v1/postmortems/INC-1").await.ok().value();
        assert_eq!(draft["state"], "draft");
        wren.get("/postmortems").await.ok();
    }

    async fn a_postmortem_has_exactly_one_owner_and_is_published_by_steps(house: House) {
        let wren = house.member().await;
        // Whoever makes a token has just signed in.
        let program = house.program_of(&wren).await;
        let reader = house.somebody("Otto Reader", Role::Reader).await;
        house.somebody("Ines Brightwater", Role::Member).await;
        records_of_the_gates(&wren).await;
        house.place.clock.set(at(9_000));
        wren.post("/incidents/INC-1/resolution", &[]).await.leads_to("/incidents/INC-1");
        let show = async || program.get("/api/v1/postmortems/INC-1").await.ok().value();
        let step = async |step: &str| {
            let revision = show().await["revision"].clone();
            program.json(Method::POST, "/api/v1/postmortems/INC-1/steps", &json!({ "revision": revision, "step": step })).await
        };
        let before = show().await;
        step("publish").await.is(409);
        step("ask_for_review").await.ok();
        if before["owner"].is_null() {
            step("publish").await.is(409).says("owner");
        }
        let (first, second) = (person(&wren, "Wren Okafor").await, person(&wren, "Ines Brightwater").await);
        let owner = "/api/v1/postmortems/INC-1/owner";
        for wrong in [json!({ "person": "Gates" }), json!({ "person": "01900000-0000-7000-8000-000000000000" }),
            json!({ "person": [first, second] }), json!({ "team": "Gates" }), json!({ "person": Value::Null })] {
            program.json(Method::PUT, owner, &wrong).await.is(422);
        }
        wren.post("/postmortems/INC-1/owner", &[("owner", "Gates")]).await.is(422).says("one person");
        assert_eq!(show().await["owner"], before["owner"]);
        wren.post("/postmortems/INC-1/owner", &[("owner", &first)]).await.leads_to("/postmortems/INC-1/edit");
        program.json(Method::PUT, owner, &json!({ "person": second })).await.ok();
        let owned = show().await;
        assert_eq!((text(&owned["owner"]), text(&owned["owner_name"])), (second.as_str(), "Ines Brightwater"));

        let late = json!({ "revision": before["revision"], "step": "publish" });
        program.json(Method::POST, "/api/v1/postmortems/INC-1/steps", &late).await.is(409);
        let published = step("publish").await.ok().value();
        assert!(published["state"] == "published" && published["published_at"].is_string());
        reader.get("/postmortems").await.ok().says("Gates refuse tickets PGATES");
        step("back_to_draft").await.ok();
        assert_eq!(show().await["state"], "draft");
    }

    async fn an_idea_rests_before_anybody_promises_it(house: House) {
        let wren = house.member().await;
        let me = person(&wren, "Wren Okafor").await;
        records_of_the_gates(&wren).await;
        let idea = [("text", "Renew certificates a month before they end"), ("intent", "prevent")];
        wren.post("/incidents/INC-1/follow-ups", &idea).await.leads_to("/follow-ups");
        let listed = wren.get("/api/v1/follow-ups?incident=INC-1").await.ok().value();
        let id = text(&listed["items"][0]["id"]).to_owned();
        let opens_at = listed["items"][0]["opens_at"].clone();
        assert_eq!(opens_at, house.place.clock.now().plus(Span::hours(48)).to_string());
        let due = house.place.clock.now().plus(Span::days(30)).to_string();
        let commitment = json!({ "owner": me, "due": due });
        let api = format!("/api/v1/follow-ups/{id}/commitment");
        let page = format!("/follow-ups/{id}/commitment");
        let form = [("owner", me.as_str()), ("due", "2027-01-15")];
        for wait in [0, 47] {
            house.place.clock.advance(Span::hours(wait));
            let refused = wren.json(Method::POST, &api, &commitment).await.is(409).value();
            assert_eq!((&refused["error"]["kind"], &refused["error"]["opens_at"]), (&json!("conflict"), &opens_at));
            wren.post(&page, &form).await.is(409).says("rests until").says("Renew certificates");
        }
        house.place.clock.advance(Span::hours(1));
        wren.json(Method::POST, &api, &json!({ "owner": me })).await.is(422);
        wren.json(Method::POST, &api, &json!({ "due": due })).await.is(422);
        wren.post(&page, &form[..1]).await.is(422);
        wren.post(&page, &form).await.leads_to("/follow-ups");
        let listed = wren.get("/api/v1/follow-ups").await.ok().value();
        let committed = &listed["items"][0];
        assert_eq!((text(&committed["state"]), text(&committed["owner"])), ("committed", me.as_str()));
        wren.json(Method::POST, &api, &commitment).await.is(409);
        wren.post(&format!("/follow-ups/{id}/done"), &[]).await.leads_to("/follow-ups");
    }

    async fn it_goes_out_as_markdown_and_html(house: House) {
        let wren = house.member().await;
        records_of_the_gates(&wren).await;
        house.place.clock.set(at(9_000));
        wren.post("/incidents/INC-1/resolution", &[]).await.leads_to("/incidents/INC-1");
        for (path, kind) in [("/postmortems/INC-1/export.md", "text/markdown"), ("/postmortems/INC-1/export.html", "text/html")] {
            let file = wren.get(path).await.ok();
            assert!(file.header("content-type").starts_with(kind), "{}", file.header("content-type"));
            assert!(file.header("content-disposition").contains("INC-1") || file.header("content-disposition").contains("inc-1"));
            for words in ["Gates refuse tickets PGATES", "Summary", "Timeline", "Risks", "open gate 4 by hand", "Ticket gates", "Ines Brightwater", "14 November 2026"] {
                assert!(file.text().contains(words), "{path} does not say “{words}”: {}", file.text());
            }
        }
    }
}
