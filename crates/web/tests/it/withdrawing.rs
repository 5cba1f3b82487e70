//! Taking words out for good on its page, and telling whoever leads the debrief.

use crate::client::somebody;
use domain::{access::Part, person::Role};
use testing::{Installation, both};

/// The last address of this form on a page.
fn address(text: &str, begins: &str) -> String {
    let at = text.rfind(begins).unwrap_or_else(|| panic!("{begins} on {text}"));
    text[at..].split(['"', '&']).next().unwrap_or_default().to_owned()
}

both! {
    async fn words_are_shown_once_more_and_leave_when_their_author_is_sure(place: Installation) {
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        let noor = somebody(&place, "Noor Vos", Role::Member).await;
        let otto = somebody(&place, "Otto Reader", Role::Reader).await;
        wren.post("/incidents", "title=Gates&kind=incident").await;
        let event = "at=2026-11-14T05%3A40&precision=minute&kind=note&title=Gate&detail=Numbat+was+careless.+It+rang.";
        wren.post("/incidents/INC-1/events", event).await.expect(303);
        let shown = wren.get("/incidents/INC-1").await.expect(200).has("Numbat");
        let id = address(&shown.text, "/incidents/INC-1/events/").rsplit('/').next().unwrap_or_default().to_owned();
        let form = format!("/incidents/INC-1/withdrawal?surface=event&subject={id}");
        wren.get(&format!("/incidents/INC-1/events/{id}")).await.expect(200).has("Take words out for good");
        wren.get(&form).await.expect(200).has("See what would go").lacks("Numbat");
        otto.get(&form).await.expect(200).lacks("See what would go").has("Tell whoever leads the debrief");
        wren.get("/incidents/INC-1/withdrawal?surface=account").await.expect(200);
        wren.get("/incidents/INC-1/withdrawal?surface=elsewhere").await.expect(404);
        wren.get("/incidents/INC-9/withdrawal").await.expect(404);
        let page = "/incidents/INC-1/withdrawal";
        let about = format!("surface=event&subject={id}");
        wren.post(page, &format!("{about}&words=Numbat")).await.expect(422).has("at least two words");
        wren.post(page, &format!("{about}&words=Nobody+was+there")).await.expect(422).has("stand nowhere there");
        otto.post(page, &format!("{about}&words=Numbat+was+careless.&sure=yes")).await.expect(403);
        noor.post(page, &format!("{about}&words=Numbat+was+careless.&sure=yes")).await.expect(403);
        let theirs = noor.post(page, &format!("{about}&words=Numbat+was+careless.")).await.expect(200);
        theirs.has("Wren Okafor wrote these words").lacks("Take it out</button>");
        let own = wren.post(page, &format!("{about}&words=Numbat+was+careless.")).await.expect(200);
        assert_eq!(own.header("cache-control"), "no-store");
        own.has("Numbat was careless.").has("Backups made until now").has("Take it out</button>");
        wren.get("/incidents/INC-1").await.expect(200).has("Numbat");
        let sure = format!("{about}&words=Numbat+was+careless.&sure=yes");
        wren.post(page, &sure).await.leads_to("/incidents/INC-1/accounts?done=withdrawn");
        wren.get("/incidents/INC-1").await.expect(200).has("It rang.").lacks("Numbat");
        for (who, reads) in [(&wren, true), (&noor, false), (&otto, false)] {
            assert_eq!(who.get("/incidents/INC-1/accounts").await.expect(200).text.contains("Numbat"), reads);
            who.get(&format!("/incidents/INC-1/events/{id}/history")).await.lacks("Numbat");
        }
    }

    async fn words_that_nobody_saved_yet_are_sealed_for_whoever_wrote_them(place: Installation) {
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        let noor = somebody(&place, "Noor Vos", Role::Member).await;
        let otto = somebody(&place, "Otto Reader", Role::Reader).await;
        wren.post("/incidents", "title=Gates&kind=incident").await;
        let page = "/incidents/INC-1/withdrawal";
        let aside = |surface: &str| format!("surface={surface}&subject=&words=Numbat+was+careless.&sure=unsaved");
        wren.post(page, &aside("event")).await.expect(204);
        let accounts = "/incidents/INC-1/accounts";
        wren.get(accounts).await.expect(200).has("Numbat was careless.");
        noor.get(accounts).await.expect(200).lacks("Numbat");
        noor.get("/incidents/INC-1").await.expect(200).lacks("Numbat");
        otto.post(page, &aside("event")).await.expect(403);
        for (surface, status) in [("notes", 204), ("idea", 204), ("headline", 204), ("incident", 204), ("document", 422), ("account", 422), ("attic", 404)] {
            assert_eq!(wren.post(page, &aside(surface)).await.status, status, "{surface}");
        }
        wren.post(page, "surface=event&words=Numbat&sure=unsaved").await.expect(422);
        let left = testing::remains(place.database_url(), "Numbat").await;
        assert!(left.is_empty(), "the words lie under seal alone: {left:?}");
    }

    async fn a_report_is_seen_by_whoever_leads_and_moved_out_quietly(place: Installation) {
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        let fay = somebody(&place, "Fay Leads", Role::Member).await;
        let otto = somebody(&place, "Otto Reader", Role::Reader).await;
        wren.post("/incidents", "title=Gates&kind=incident").await;
        wren.post("/incidents/INC-1/follow-ups", "text=Numbat+must+go.+A+lock.&intent=prevent").await.expect(303);
        let ideas = app::follow_ups::list(&place.app, &domain::access::Actor::installation(), None).await.expect("ideas");
        let about = format!("surface=idea&subject={}&words=Numbat+must+go.", ideas[0].follow_up.id);
        let us = domain::access::Actor::installation();
        let lead = app::people::find_by_email(&place.app, &us, "fay.leads@larkfare.example").await;
        let lead = lead.expect("asked").expect("a person").id;
        app::sharing::give_part(&place.app, &us, "INC-1".parse().expect("a number"), lead, Part::Facilitator).await.expect("a part");
        otto.post("/incidents/INC-1/reports", &format!("{about}&to=lead")).await.expect(303);
        let accounts = "/incidents/INC-1/accounts";
        for who in [&wren, &otto] {
            who.get(accounts).await.expect(200).lacks("Somebody asks you to look");
        }
        let page = "/incidents/INC-1";
        for (who, sees) in [(&fay, true), (&wren, false), (&otto, false)] {
            let shown = who.get_within(page, 5).await.expect(200).text;
            assert_eq!(shown.contains("somebody asks you to look"), sees);
            who.get_within(accounts, 5).await.expect(200);
        }
        let asked = fay.get(accounts).await.expect(200).has("Numbat must go.").has("Move it out, quietly").lacks("Otto");
        let report = address(&asked.text, "/incidents/INC-1/reports/");
        otto.post(&report, "outcome=move_out").await.expect(404);
        fay.post(&report, "outcome=move_out").await.leads_to("/incidents/INC-1/accounts?done=moved-out");
        fay.get(accounts).await.expect(200).lacks("Numbat");
        fay.get(page).await.expect(200).lacks("asks you to look");
        let ideas = wren.get("/follow-ups").await.expect(200).has("A lock.");
        ideas.lacks("Numbat");
        wren.get(accounts).await.expect(200).has("Numbat must go.").has("moved this out, quietly");
    }

    async fn a_reader_reports_an_event_from_the_timeline(place: Installation) {
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        let otto = somebody(&place, "Otto Reader", Role::Reader).await;
        wren.post("/incidents", "title=Gates&kind=incident").await;
        let event = "at=2026-11-14T05%3A40&precision=minute&kind=note&title=Gate&detail=Numbat+was+careless.+It+rang.";
        wren.post("/incidents/INC-1/events", event).await.expect(303);
        // Readers have it beside the event; writers where they change it.
        let page = otto.get("/incidents/INC-1").await.expect(200).has("Report words");
        wren.get("/incidents/INC-1").await.expect(200).lacks("Report words");
        let link = "/incidents/INC-1/withdrawal?surface=event&amp;subject=";
        let id = page.text.split(link).nth(1).and_then(|rest| rest.split('"').next()).expect("the link");
        let form = otto.get(&format!("/incidents/INC-1/withdrawal?surface=event&subject={id}")).await.expect(200);
        form.has("Tell whoever leads the debrief").lacks("See what would go");
        let about = format!("surface=event&subject={id}&words=Numbat+was+careless.&to=lead");
        otto.post("/incidents/INC-1/reports", &about).await.leads_to("/incidents/INC-1?done=reported");
        // Nobody leads it yet and it has no owner: an administrator sees to it.
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        let asked = ada.get("/incidents/INC-1/accounts").await.expect(200).has("In an event of the timeline").lacks("Otto");
        ada.post(&address(&asked.text, "/incidents/INC-1/reports/"), "outcome=move_out").await.expect(303);
        otto.get("/incidents/INC-1").await.expect(200).has("It rang.").lacks("Numbat");
    }

    async fn words_of_notes_and_of_a_reason_leave_by_their_pages(place: Installation) {
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        wren.post("/incidents", "title=Gates&kind=incident").await;
        let interval = "service=Gates&from=2026-11-14T05%3A40&degree=full&note=Numbat+was+careless.+By+hand.";
        wren.post("/incidents/INC-1/intervals", interval).await.expect(303);
        wren.post("/incidents/INC-1/follow-ups", "text=A+lock&intent=prevent").await.expect(303);
        let us = domain::access::Actor::installation();
        let idea = app::follow_ups::list(&place.app, &us, None).await.expect("ideas")[0].follow_up.id;
        let reason = "reason=Numbat+was+careless.+No+time.&about=INC-1";
        wren.post(&format!("/follow-ups/{idea}/drop"), reason).await.expect(303);
        let idea_link = format!("/incidents/INC-1/withdrawal?surface=idea&amp;subject={idea}");
        let pages = [
            ("/incidents/INC-1/measures", "surface=notes".to_owned(), "/incidents/INC-1/withdrawal?surface=notes", "By hand."),
            ("/follow-ups", format!("surface=idea&subject={idea}"), idea_link.as_str(), "No time."),
        ];
        for (page, about, link, stays) in pages {
            wren.get(page).await.expect(200).has(link).has("Numbat");
            let words = format!("{about}&words=Numbat+was+careless.");
            wren.post("/incidents/INC-1/withdrawal", &words).await.expect(200).has("Take it out</button>");
            wren.post("/incidents/INC-1/withdrawal", &format!("{words}&sure=yes")).await.expect(303);
            wren.get(page).await.expect(200).has(stays).lacks("Numbat");
        }
        wren.get("/incidents/INC-1/coordination").await.expect(200).has("/incidents/INC-1/withdrawal?surface=notes");
    }
}
