//! A timeline as a page: prompts with their answers, decisions as a story, parts of a long list, what was attached.

use crate::client::{Client, sign_in};
use domain::person::Role;
use testing::{Installation, both};

/// Somebody who writes, and INC-1.
async fn writer(place: &Installation) -> Client {
    place.somebody("Ines Ott", Role::Member).await;
    let client = sign_in(place, "ines.ott@larkfare.example").await;
    client.post("/incidents", "title=Gates+refused&kind=incident").await;
    client
}

/// Adds an event; answers its address.
async fn event(client: &Client, form: &str) -> String {
    let answer = client.post("/incidents/INC-1/events", form).await.expect(303);
    let id = answer.header("location").split("#e-").nth(1).expect("an event").to_owned();
    format!("/incidents/INC-1/events/{id}")
}

both! {
    async fn a_contributing_action_has_both_questions_and_both_answers(place: Installation) {
        let ines = writer(&place).await;
        let form = "at=2026-11-14T05:47&kind=action&title=Key+7+withdrawn&actor=Rafe&actor_kind=person&contributing=on\
                    &sense=The+list+said+unused&lets_harm=Nothing+asks+who+still+uses+a+key";
        let address = event(&ines, form).await;
        let page = ines.get("/incidents/INC-1").await.expect(200);
        let page = page.has("What made it make sense").has("The list said unused");
        page.has("Why the system lets it do harm").has("Nothing asks who still uses a key");
        let form = ines.get(&address).await.expect(200).has("What made the action make sense");
        form.has("Why the system lets that action do harm").has("Nothing asks who still uses a key");
    }

    async fn decisions_alone_tell_what_was_said_of_them_and_ask_the_rest(place: Installation) {
        let ines = writer(&place).await;
        event(&ines, "at=2026-11-14T05:47&kind=note&title=Something+else").await;
        let form = "at=2026-11-14T06:00&kind=decision&title=Gates+stay+open&actor=Rafe&could_see=Refusals+rise";
        event(&ines, form).await;
        let story = ines.get("/incidents/INC-1?view=decisions").await.expect(200).has("Gates stay open");
        let story = story.has("Refusals rise").has("Other ways open").has("Nobody said yet.").has("Rafe");
        assert!(!story.text.contains(">Something else"), "only decisions");
    }

    async fn a_mark_leads_to_its_event_and_a_part_of_the_list_stands_alone(place: Installation) {
        let ines = writer(&place).await;
        let address = event(&ines, "at=2026-11-14T05:47&kind=note&title=Gate+4+refuses").await;
        let id = address.rsplit('/').next().unwrap_or_default();
        let page = ines.get("/incidents/INC-1").await.expect(200).has(&format!("<a href=\"#e-{id}\" tabindex=\"-1\""));
        page.has(&format!("/incidents/INC-1?event={id}#timeline"));
        ines.get(&format!("/incidents/INC-1?event={id}")).await.expect(200).has("line-here");
        let part = ines.get("/incidents/INC-1?only=list").await.expect(200).has("Gate 4 refuses");
        assert!(!part.text.contains("<html") && !part.text.contains("<svg class=\"overview"));
    }

    async fn a_link_that_was_not_fetched_says_why(place: Installation) {
        let ines = writer(&place).await;
        let address = event(&ines, "at=2026-11-14T05:47&kind=note&title=Gate+4+refuses").await;
        let form = "url=https%3A%2F%2Fstatus.larkfare.example%2F1&title=&text=&fetch=on";
        ines.post(&format!("{address}/links"), form).await.expect(303);
        let page = ines.get(&address).await.expect(200);
        let evidence = page.text.split("/incidents/INC-1/evidence/").nth(1).and_then(|rest| rest.get(..36));
        let piece = ines.get(&format!("/incidents/INC-1/evidence/{}", evidence.expect("a piece"))).await.expect(200);
        piece.has("status.larkfare.example/1").has("Nothing was fetched.").has("snapshot_links");
    }
}
