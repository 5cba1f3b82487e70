//! The reframing aid on pages, in the settings and for programs.

use crate::client::{Client, nobody, sign_in, somebody};
use axum::http::Method;
use domain::person::Role;
use serde_json::{Value, json};
use std::fs;
use testing::{Installation, both};

/// Somebody who writes, and the post-mortem of INC-1.
async fn writer(place: &Installation) -> Client {
    place.somebody("Ines Ott", Role::Member).await;
    let client = sign_in(place, "ines.ott@larkfare.example").await;
    client.post("/incidents", "title=Gates+refused&kind=incident").await;
    client.post("/incidents/INC-1/resolution", "").await;
    client
}

async fn read(client: &Client, text: &str, heading: &str) -> Value {
    let body = json!({ "pieces": [{ "text": text, "heading": heading }] });
    client.json(Method::POST, "/postmortems/INC-1/language", &body).await.expect(200).json()
}

/// Has fields of a form read, each with its surface.
async fn typed(client: &Client, incident: Option<&str>, fields: &[(&str, &str)]) -> Value {
    let fields: Vec<Value> =
        fields.iter().map(|(text, surface)| json!({ "text": text, "surface": surface })).collect();
    let body = json!({ "incident": incident, "fields": fields });
    client.json(Method::POST, "/language", &body).await.expect(200).json()
}

fn rules(read: &Value) -> Vec<&str> {
    read["marks"].as_array().into_iter().flatten().filter_map(|mark| mark["rule"].as_str()).collect()
}

both! {
    async fn paragraphs_are_read_for_whoever_writes_them(place: Installation) {
        let ines = writer(&place).await;
        let text = "🦀 The vendor failed to call. It was human error.";
        let found = read(&ines, text, "What happened").await;
        assert_eq!(rules(&found), ["OM-1", "HE-1"]);
        let first = &found["marks"][0];
        // Editors count in UTF-16 units: the crab is two of them.
        assert_eq!((&first["start"], &first["end"]), (&json!(14), &json!(23)));
        assert!(first["question"].as_str().is_some_and(|question| question.ends_with('?')));
        assert_eq!(rules(&read(&ines, "We should have drills.", "Follow-ups").await), [""; 0]);
        assert_eq!(rules(&read(&ines, "Der Techniker hätte es wissen müssen.", "").await), [""; 0]);
        let reader = somebody(&place, "Rita Roos", Role::Reader).await;
        reader.json(Method::POST, "/postmortems/INC-1/language", &json!({ "pieces": [] })).await.expect(403);
        let odd = json!({ "pieces": [], "by": "Ines" });
        assert!(ines.json(Method::POST, "/postmortems/INC-1/language", &odd).await.status.is_client_error());
    }

    async fn a_dismissed_sentence_stays_silent_for_everybody(place: Installation) {
        let ines = writer(&place).await;
        let text = "The vendor failed to call.";
        // Whoever dismissed a sentence is not asked the next question about it.
        let both = "The vendor was careless and failed to call.";
        let found = read(&ines, both, "").await;
        assert_eq!(rules(&found), ["NJ-1"]);
        let key = found["marks"][0]["sentence"].as_str().expect("a key");
        let told = format!("sentence={key}&rule=NJ-1&outcome=not_here");
        ines.post("/postmortems/INC-1/language/findings", &told).await.expect(204);
        assert_eq!(rules(&read(&ines, both, "").await), [""; 0]);
        let found = read(&ines, text, "").await;
        let key = found["marks"][0]["sentence"].as_str().expect("a key").to_owned();
        let told = |outcome: &str| format!("sentence={key}&rule=OM-1&outcome={outcome}");
        let findings = "/postmortems/INC-1/language/findings";
        ines.post(findings, &told("seen")).await.expect(204);
        assert_eq!(rules(&read(&ines, text, "").await), ["OM-1"]);
        ines.post(findings, &told("not_here")).await.expect(204);
        ines.post(findings, &told("seen")).await.expect(204);
        assert_eq!(rules(&read(&ines, "the vendor failed to call!", "").await), [""; 0]);
        let noor = somebody(&place, "Noor Vos", Role::Member).await;
        assert_eq!(rules(&read(&noor, text, "").await), [""; 0]);
        assert_eq!(rules(&read(&noor, "The vendor failed to reply.", "").await), ["OM-1"]);
        ines.post(findings, &told("blamed")).await.expect(422);
        ines.post(findings, &format!("sentence={key}&rule=ZZ-9&outcome=seen")).await.expect(422);
        ines.post(findings, "sentence=me&rule=OM-1&outcome=seen").await.expect(422);
    }

    async fn a_rule_that_most_dismiss_speaks_lower_and_administrators_see_it(place: Installation) {
        let ines = writer(&place).await;
        for at in 0..50 {
            let outcome = if at < 21 { "does_not_help" } else { "seen" };
            place.clock.advance(domain::instant::Span::minutes(1));
            let told = format!("sentence={at:016x}&rule=OM-1&outcome={outcome}");
            ines.post("/postmortems/INC-1/language/findings", &told).await.expect(204);
        }
        // The fiftieth finding is judged when somebody dismisses one again.
        assert_eq!(read(&ines, "The vendor failed to call.", "").await["marks"][0]["strength"], "question");
        let told = format!("sentence={:016x}&rule=OM-1&outcome=not_here", 99);
        ines.post("/postmortems/INC-1/language/findings", &told).await.expect(204);
        assert_eq!(read(&ines, "The vendor failed to call.", "").await["marks"][0]["strength"], "note");
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        ada.get_within("/settings/language", 5).await.expect(200).has("OM-1, question, lowered").has("Looked at 51, dismissed 22.");
        ada.post("/settings/language", "rule=OM-1&speak=off").await.leads_to("/settings/language?done=saved");
        assert_eq!(rules(&read(&ines, "The vendor failed to call.", "").await), [""; 0]);
        ada.post("/settings/language", "rule=OM-1&speak=on").await.leads_to("/settings/language?done=saved");
        assert_eq!(read(&ines, "The vendor failed to call.", "").await["marks"][0]["strength"], "question");
        ines.post("/settings/language", "rule=OM-1&speak=off").await.expect(403);
        let seen = ines.get("/settings/language").await.expect(200).has("not used for decisions about people").text;
        assert!(!seen.contains("Switch off"), "only administrators switch");
    }

    async fn matters_about_a_person_have_a_place(place: Installation) {
        let ines = writer(&place).await;
        assert_eq!(read(&ines, "The vendor was careless.", "").await["channel"], "");
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        ada.post("/settings/language/channel", "contact=Talk+to+Mara+in+room+4").await.leads_to("/settings/language?done=saved");
        let found = read(&ines, "The vendor was careless.", "").await;
        assert_eq!(found["channel"], "Talk to Mara in room 4");
        assert!(found["marks"][0]["steps"].to_string().contains("personnel-channel"));
        ada.post("/settings/language/channel", &format!("contact={}", "a".repeat(501))).await.expect(422).has("at most 500");
    }

    async fn human_error_recommends_a_debrief_and_one_press_asks_for_it(place: Installation) {
        let ines = writer(&place).await;
        let plain = ines.get_within("/postmortems/INC-1/edit", 5).await.expect(200).text;
        assert!(!plain.contains("Ask for a debrief"));
        let revision = plain.split("name=\"revision\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a revision");
        let title = format!("revision={revision}&title=Human+error+closed+the+gates");
        ines.post("/postmortems/INC-1/title", &title).await.leads_to("/postmortems/INC-1/edit?done=look-HE-1");
        ines.get("/postmortems/INC-1/edit").await.expect(200).has("Ask for a debrief");
        ines.post("/postmortems/INC-1/requests", "kind=debrief").await.leads_to("/postmortems/INC-1/edit?done=asked");
        ines.post("/postmortems/INC-1/requests", "kind=debrief").await.leads_to("/postmortems/INC-1/edit?done=asked");
        let page = ines.get_within("/postmortems/INC-1/edit", 5).await.expect(200).has("Asked for").text;
        assert_eq!(page.matches("requests/settled").count(), 1, "asked for twice it is one");
        let settled = "/postmortems/INC-1/requests/settled";
        ines.post(settled, "kind=debrief").await.leads_to("/postmortems/INC-1/edit?done=seen-to");
        ines.post(settled, "kind=debrief").await.expect(404);
        ines.post("/postmortems/INC-1/requests", "kind=verdict").await.expect(422);
    }

    async fn what_else_contributed_goes_into_the_document_from_anywhere(place: Installation) {
        let ines = writer(&place).await;
        let requests = "/postmortems/INC-1/requests";
        ines.post(requests, "kind=contributor&words=Nobody+is+paged+when+a+disk+fills").await.expect(204);
        ines.post(requests, "kind=contributor&words=%3Cb%3EA+second+thing").await.expect(204);
        let page = ines.get("/postmortems/INC-1").await.expect(200).text;
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("no {words} in {page}"));
        let first = at("It also contributed: Nobody is paged when a disk fills");
        assert!(at(">Contributors</h2>") < first && first < at("A second thing"));
        ines.post(requests, "kind=contributor&words=+").await.expect(422);
        ines.post(requests, "kind=contributor&words=one%0Atwo").await.expect(422);
        ines.post(requests, &format!("kind=contributor&words={}", "a".repeat(1_001))).await.expect(422);
        let rita = somebody(&place, "Rita Roos", Role::Reader).await;
        rita.post(requests, "kind=contributor&words=A+third+thing").await.expect(403);
        // Where there is no document there is nothing to write into.
        ines.post("/incidents", "title=Doors&kind=incident").await.expect(303);
        ines.post("/postmortems/INC-2/requests", "kind=contributor&words=A+third+thing").await.expect(404);
        assert!(!ines.get("/postmortems/INC-1").await.expect(200).text.contains("third thing"));
    }

    async fn an_idea_parked_from_a_field_says_which_event_it_came_from(place: Installation) {
        let ines = writer(&place).await;
        ines.post("/incidents/INC-1/events", "at=2026-01-05T10%3A00&kind=note&precision=minute&title=The+tide+rose").await.expect(303);
        let shown = ines.get("/incidents/INC-1").await.expect(200).text;
        let id = shown.split("id=\"e-").last().and_then(|rest| rest.split('"').next()).expect("an event").to_owned();
        let ideas = "/incidents/INC-1/follow-ups";
        let park = format!("text=A+second+gauge&intent=prevent&back=field&event={id}");
        ines.post(ideas, &park).await.expect(204);
        ines.post(ideas, "text=A+third+gauge&intent=prevent&back=field&event=").await.expect(204);
        let link = format!("/incidents/INC-1#e-{id}");
        let list = ines.get("/follow-ups").await.expect(200).has("A second gauge").has("A third gauge").has(&link).text;
        assert_eq!(list.matches(&link).count(), 1, "the third came from no event");
        // An event of another incident is none of this one's.
        ines.post("/incidents", "title=Doors&kind=incident").await.expect(303);
        ines.post("/incidents/INC-2/follow-ups", &park).await.expect(422);
        ines.post(ideas, "text=A+fourth+gauge&intent=prevent&back=field&event=gate").await.expect(422);
    }

    async fn forms_ask_gently_after_saving(place: Installation) {
        let ines = writer(&place).await;
        ines.post("/incidents/INC-1/follow-ups", "text=Be+more+careful+with+gates&intent=prevent").await.leads_to("/follow-ups?done=look-AI-1");
        ines.get("/follow-ups?done=look-AI-1").await.expect(200).has("Saved. A question about these words");
        ines.post("/incidents/INC-1/follow-ups", "text=Page+the+gate+team+after+5+refusals&intent=prevent").await.leads_to("/follow-ups?done=idea");
        let event = "at=2026-01-05T10%3A00&kind=observation&precision=exact&title=The+operator+ignored+the+alarm";
        let saved = ines.post("/incidents/INC-1/events", event).await.expect(303);
        assert!(saved.header("location").contains("done=look-OM-1#e-"), "{}", saved.header("location"));
        let odd = ines.get("/follow-ups?done=look-%3Cb%3E").await.expect(200).text;
        assert!(!odd.contains("A question about"));
    }

    async fn fields_are_read_while_somebody_writes_in_them_and_nothing_is_kept(place: Installation) {
        let ines = somebody(&place, "Ines Ott", Role::Member).await;
        let blamed = "The vendor failed to call. It was human error.";
        // Before there is an incident, and before it has a document.
        let found = typed(&ines, None, &[(blamed, "narrative"), ("The gates opened.", "timeline")]).await;
        assert_eq!(rules(&found), ["OM-1", "HE-1"]);
        assert_eq!((&found["marks"][0]["piece"], &found["most"], &found["asks"]), (&json!(0), &json!(5), &json!(false)));
        ines.post("/incidents", "title=Gates+refused&kind=incident").await.expect(303);
        let found = typed(&ines, Some("INC-1"), &[("The gates opened.", "timeline"), (blamed, "timeline")]).await;
        assert_eq!(rules(&found), ["OM-1", "HE-1"]);
        assert_eq!((&found["marks"][0]["piece"], &found["asks"]), (&json!(1), &json!(false)));
        ines.post("/incidents/INC-1/resolution", "").await.expect(303);
        assert_eq!(typed(&ines, Some("INC-1"), &[(blamed, "timeline")]).await["asks"], json!(true));
        // The surface decides, and other languages get nothing.
        assert_eq!(rules(&typed(&ines, None, &[("We should have drills.", "follow-up")]).await), [""; 0]);
        assert_eq!(rules(&typed(&ines, None, &[("Be more careful with gates", "idea")]).await), ["AI-1"]);
        assert_eq!(rules(&typed(&ines, None, &[("I should have called earlier.", "account")]).await), ["CF-5"]);
        assert_eq!(rules(&typed(&ines, None, &[("Der Techniker hätte es wissen müssen.", "timeline")]).await), [""; 0]);
        // Three in a paragraph have marks, the fourth is named beside them.
        let four = "The team failed to reply. The vendor was careless. The crew forgot the key. The shift ignored the alarm.";
        let found = typed(&ines, None, &[(four, "timeline")]).await;
        let beside: Vec<bool> = found["marks"].as_array().into_iter().flatten().map(|mark| mark["beside"] == true).collect();
        assert_eq!(beside, [false, false, false, true]);
        // Whoever reads may have words read: their own account is theirs to change.
        let rita = somebody(&place, "Rita Roos", Role::Reader).await;
        assert_eq!(rules(&typed(&rita, Some("INC-1"), &[(blamed, "timeline")]).await), ["OM-1", "HE-1"]);
        let left = testing::remains(place.database_url(), "failed to call").await;
        assert!(left.is_empty(), "words of fields are nowhere: {left:?}");
    }

    async fn a_sentence_dismissed_in_a_field_is_silent_everywhere_about_the_incident(place: Installation) {
        let ines = writer(&place).await;
        let text = "The vendor failed to call.";
        let key = |found: &Value| found["marks"][0]["sentence"].as_str().expect("a key").to_owned();
        let sentence = key(&typed(&ines, Some("INC-1"), &[(text, "timeline")]).await);
        let findings = "/incidents/INC-1/language/findings";
        let told = |sentence: &str, outcome: &str| format!("sentence={sentence}&rule=OM-1&outcome={outcome}");
        ines.post(findings, &told(&sentence, "seen")).await.expect(204);
        assert_eq!(rules(&typed(&ines, Some("INC-1"), &[(text, "timeline")]).await), ["OM-1"]);
        ines.post(findings, &told(&sentence, "not_here")).await.expect(204);
        ines.post(findings, &told(&sentence, "seen")).await.expect(204);
        let noor = somebody(&place, "Noor Vos", Role::Member).await;
        assert_eq!(rules(&typed(&noor, Some("INC-1"), &[(text, "timeline")]).await), [""; 0]);
        assert_eq!(rules(&read(&noor, text, "").await), [""; 0], "nor in the document");
        let event = "at=2026-01-05T10%3A00&kind=observation&precision=exact&title=The+vendor+failed+to+call.";
        let saved = noor.post("/incidents/INC-1/events", event).await.expect(303);
        assert!(!saved.header("location").contains("look-"), "nor after saving: {}", saved.header("location"));
        // What was dismissed in the document is silent in fields, and another incident is another matter.
        let other = "The vendor ignored the call.";
        let sentence = key(&read(&ines, other, "").await);
        ines.post("/postmortems/INC-1/language/findings", &told(&sentence, "not_here")).await.expect(204);
        assert_eq!(rules(&typed(&noor, Some("INC-1"), &[(other, "timeline")]).await), [""; 0]);
        ines.post("/incidents", "title=Doors&kind=incident").await.expect(303);
        assert_eq!(rules(&typed(&ines, Some("INC-2"), &[(text, "timeline")]).await), ["OM-1"]);
        ines.post("/incidents/INC-2/language/findings", &told(&sentence, "does_not_help")).await.expect(204);
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        ada.get("/settings/language").await.expect(200).has("Looked at 3, dismissed 3.");
        let rita = somebody(&place, "Rita Roos", Role::Reader).await;
        rita.post(findings, &told(&sentence, "not_here")).await.expect(403);
    }

    async fn fields_that_are_too_many_or_odd_are_refused(place: Installation) {
        let ines = writer(&place).await;
        let send = async |body: Value| ines.json(Method::POST, "/language", &body).await;
        send(json!({ "fields": [] })).await.expect(200);
        send(json!({ "fields": [{ "text": "A", "surface": "attic" }] })).await.expect(422).has("no such surface");
        send(json!({ "incident": "gates", "fields": [] })).await.expect(422);
        send(json!({ "incident": "INC-99", "fields": [] })).await.expect(404);
        let field = json!({ "text": "a".repeat(4_001), "surface": "timeline" });
        send(json!({ "fields": vec![field; 20] })).await.expect(422).has("80,000 characters");
        let field = json!({ "text": "a", "surface": "timeline" });
        send(json!({ "fields": vec![field.clone(); 21] })).await.expect(422).has("At most 20 fields");
        assert!(send(json!({ "fields": [field], "by": "Ines" })).await.status.is_client_error());
        assert_eq!(send(json!({ "fields": [{ "text": "a".repeat(1 << 20), "surface": "timeline" }] })).await.status, 413);
        let foreign = ines.with("sec-fetch-site", "cross-site");
        foreign.json(Method::POST, "/language", &json!({ "fields": [] })).await.expect(403);
        // Somebody else's narrowed incident is absent.
        place.somebody("Otto Reh", Role::Member).await;
        ines.post("/incidents/INC-1/narrowing", "reason=Quiet").await.expect(303);
        let otto = sign_in(&place, "otto.reh@larkfare.example").await;
        let about = json!({ "incident": "INC-1", "fields": [] });
        otto.json(Method::POST, "/language", &about).await.expect(404);
        otto.post("/incidents/INC-1/language/findings", "sentence=0000000000000001&rule=OM-1&outcome=seen").await.expect(404);
    }

    async fn an_outage_is_asked_about_where_only_a_part_was_affected(place: Installation) {
        let ines = writer(&place).await;
        let told = "at=2026-01-05T10%3A00&kind=update&precision=minute&audience=customers&title=The+outage+lasted+an+hour.";
        let asks = async |form: &str| {
            let saved = ines.post("/incidents/INC-1/events", form).await.expect(303);
            saved.header("location").contains("done=look-EX-1")
        };
        assert!(!asks(told).await, "the record says nothing about who was affected");
        let part = "service=Gates&audience=riders+with+cards&from=2026-01-05T10%3A00&degree=full";
        ines.post("/incidents/INC-1/intervals", part).await.expect(303);
        assert!(asks(told).await);
        assert!(!asks(&told.replace("kind=update", "kind=observation")).await, "a note for ourselves is no update");
        let whole = "service=Gates&from=2026-01-05T10%3A00&degree=full&share=100";
        ines.post("/incidents/INC-1/intervals", whole).await.expect(303);
        assert!(!asks(told).await, "everything was down");
    }

    async fn a_workspace_has_rules_of_its_own_in_yaml_and_as_they_were_written_at_first(place: Installation) {
        let folder = place.app.data_dir().join("language");
        fs::create_dir_all(&folder).expect("a folder");
        let keep = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
        keep("rooms.yaml", "rules:\n  - id: X-1\n    name: War room\n    family: animated\n    strength: note\n    question: Who met where?\n    \
            why: Nobody is at war.\n    source: ourselves\n    fires: [A war room was opened.]\n    silent: [A call was opened.]\n    \
            when:\n      - phrase: [war room]\n");
        keep("heroes.toml", "[[rule]]\nid = \"X-2\"\nname = \"Heroes\"\nfamily = \"animated\"\nstrength = \"note\"\n\
            question = \"What was done?\"\nwhy = \"Work should not need heroes.\"\nsource = \"ourselves\"\n\
            fires = [\"Ines was the hero of the day.\"]\nsilent = [\"The relay was restarted.\"]\n[[rule.when]]\nphrase = [\"hero\"]\n");
        keep("notes.txt", "rules: neither");
        let ines = writer(&place).await;
        let found = read(&ines, "A war room was opened. Ines was the hero of the day.", "").await;
        assert_eq!(rules(&found), ["X-1", "X-2"]);
        ines.get("/settings/language").await.expect(200).has("Who met where?").has("What was done?").lacks("used alone");
    }

    async fn rules_of_its_own_that_are_not_understood_are_named_with_their_place(place: Installation) {
        let folder = place.app.data_dir().join("language");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("broken.yml"), "rules:\n  - id: X-1\n    name: &loop [*loop]\n").expect("a file");
        let ines = writer(&place).await;
        assert_eq!(rules(&read(&ines, "The vendor failed to call.", "").await), ["OM-1"], "the shipped rules speak");
        let page = ines.get("/settings/language").await.expect(200);
        page.has("broken.yml: a file of rules cannot be read").has("line 3").has("The shipped rules are used alone.");
    }

    async fn a_promise_to_readers_outside_is_asked_about_until_somebody_holds_it(place: Installation) {
        let ines = writer(&place).await;
        let promise = [("We will add a second gauge.", "public")];
        assert_eq!(rules(&typed(&ines, Some("INC-1"), &promise).await), ["PL-2"]);
        assert_eq!(rules(&typed(&ines, Some("INC-1"), &[("We will add a second gauge.", "timeline")]).await), [""; 0]);
        assert_eq!(rules(&typed(&ines, None, &promise).await), [""; 0], "where there is no record it says nothing");
        let told = "at=2026-01-05T10%3A00&kind=update&precision=minute&audience=customers&title=We+will+add+a+second+gauge.";
        let saved = ines.post("/incidents/INC-1/events", told).await.expect(303);
        assert!(saved.header("location").contains("done=look-PL-2"), "{}", saved.header("location"));
        ines.post("/incidents/INC-1/follow-ups", "text=A+second+gauge&intent=prevent").await.expect(303);
        assert_eq!(rules(&typed(&ines, Some("INC-1"), &promise).await), ["PL-2"], "an idea is no promise");
        place.clock.advance(domain::instant::Span::hours(49));
        let us = domain::access::Actor::installation();
        let ideas = app::follow_ups::list(&place.app, &us, None).await.expect("ideas");
        let mia = place.somebody("Mia Holm", Role::Member).await.person.expect("somebody");
        let promised = format!("owner={mia}&due=2030-01-01");
        ines.post(&format!("/follow-ups/{}/commitment", ideas[0].follow_up.id), &promised).await.expect(303);
        assert_eq!(rules(&typed(&ines, Some("INC-1"), &promise).await), [""; 0]);
    }

    async fn programs_read_any_text_and_nothing_is_kept(place: Installation) {
        let actor = place.somebody("Ada Lind", Role::Reader).await;
        let secret = app::tokens::create(&place.app, &actor, "a script").await.expect("a token");
        let script = nobody(&place).without("sec-fetch-site").with("authorization", &format!("Bearer {secret}"));
        let lint = async |body: Value| script.json(Method::POST, "/api/v1/lint", &body).await;
        let found = lint(json!({ "text": "# Late\n\nThe vendor failed to call." })).await.expect(200).json();
        let first = &found["items"][0];
        assert_eq!((&first["rule"], &first["family"], &first["line"]), (&json!("OM-1"), &json!("blame"), &json!(3)));
        let quiet = json!({ "text": "We should have drills.", "surface": "follow-up" });
        assert_eq!(lint(quiet).await.expect(200).json()["items"], json!([]));
        lint(json!({ "text": "A", "surface": "attic" })).await.expect(422).has("timeline, narrative");
        lint(json!({})).await.expect(422);
        assert_eq!(lint(json!({ "text": "a".repeat(1 << 20) })).await.status, 413);
    }
}
