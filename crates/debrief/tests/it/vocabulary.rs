//! What a place calls what it writes about an incident (DOC-10) stands wherever a word of ours would.

use crate::{
    crawl::crawl,
    house::{Client, House},
    markup::{Piece, pieces},
};
use domain::person::Role;

/// Everything that somebody reads or hears of a page.
fn read(html: &str) -> String {
    // The list in which the word is chosen has the old one in it.
    let html = html.replace("<option value=\"post-mortem\">post-mortem</option>", "");
    let mut said = String::new();
    for piece in pieces(&html) {
        match piece {
            Piece::Words(words) => said.push_str(&words),
            Piece::Start(tag) => {
                for name in ["title", "aria-label", "placeholder", "alt", "data-command", "value", "content"]
                {
                    said.push_str(tag.attribute(name).unwrap_or_default());
                    said.push('\n');
                }
            }
            Piece::End(_) => {}
        }
    }
    said.to_lowercase()
}

/// Addresses and names of acts keep theirs; so do the titles of what others wrote, and what was changed.
fn has_the_old_word(said: &str) -> bool {
    let said = said
        .to_lowercase()
        .replace("pagerduty post-mortem guide", "")
        .replace("\"term\":\"post-mortem\"", "");
    ["post-mortem", "post mortem"].iter().any(|old| said.contains(old))
}

testing::both! {
    async fn one_word_of_the_place_stands_everywhere(house: House) {
        let lead = app::stories::tell(&house.place.app).await.unwrap();
        let ada = house.by_link(&lead).await;
        let revision = app::workspace::show(&house.place.app).await.unwrap().revision.to_string();
        let change = |term: &'static str, one: &'static str, many: &'static str, revision: &str| {
            [("name", "Larkfare".to_owned()), ("premise", "We assume good work.".to_owned()), ("soak_hours", "48".to_owned()),
             ("term", term.to_owned()), ("own_term", one.to_owned()), ("own_terms", many.to_owned()), ("revision", revision.to_owned())]
        };
        let save = async |form: [(&str, String); 7]| {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            ada.post("/settings/workspace", &form).await
        };
        for (one, many) in [("", "zibelines"), ("zibeline", ""), ("zibel\u{200b}ine", "zibelines"), ("x".repeat(41).leak(), "zibelines")] {
            save(change("", one, many, &revision)).await.is(422).says("A word has");
        }
        save(change("", "zibeline", "zibelines", &revision)).await.leads_to("/settings");

        let doors = ["/incidents", "/postmortems", "/follow-ups", "/settings", "/palette?page=1", "/incidents/new", "/imports/new",
            "/settings/audit", "/settings/jobs", "/settings/look-into"].map(str::to_owned);
        let found = crawl(&ada, &doors, 4).await;
        let mut everything = String::new();
        let mut wrong = Vec::new();
        for (address, answer) in &found.pages {
            let media = answer.header("content-type");
            let said = if media.starts_with("text/html") { read(&answer.text()) } else { answer.text() };
            if has_the_old_word(&said) && !["/api/", "/settings/audit."].iter().any(|it| address.starts_with(it)) {
                let at = ["post-mortem", "postmortem"].iter().find_map(|old| said.to_lowercase().find(old)).unwrap_or(0);
                wrong.push(format!("{address}: {}", said.chars().skip(at.saturating_sub(60)).take(140).collect::<String>()));
            }
            everything.push_str(&said);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        for words in ["the first zibeline", "zibelines", "read the zibeline", "owner of the zibeline", "a question for the zibeline"] {
            assert!(words == "the first zibeline" || everything.to_lowercase().contains(words), "nothing says “{words}”");
        }
        // Fragments, files to take away, refusals, and what one person alone would see.
        let options = ada.get("/palette?q=INC").await.ok().says("zibeline");
        assert!(!has_the_old_word(&read(&options.text())));
        for n in 1..9 {
            for part in ["export.md", "export.html", "blocks/facts", "blocks/timeline", "blocks/follow-ups", "owner"] {
                let answer = ada.get(&format!("/postmortems/INC-{n}/{part}")).await;
                let text = if part == "export.md" { answer.text() } else { read(&answer.text()) };
                assert!(!has_the_old_word(&text), "INC-{n} {part}: {text}");
            }
        }
        ada.get("/postmortems/INC-1/export.md").await.ok().says("Owner of the zibeline");
        let done = ["resolved", "created", "asked", "in-review"];
        for key in done {
            assert!(!has_the_old_word(&read(&ada.get(&format!("/incidents?done={key}")).await.ok().text())), "{key}");
        }
        let refused = ada.post("/postmortems/INC-1/steps", &[("revision", "0"), ("step", "publish")]).await;
        assert!(!has_the_old_word(&read(&refused.text())), "{}", refused.text());
        // Letters have no word of the sort; an empty room has.
        let reader = house.somebody("Otto Reader", Role::Reader).await;
        assert!(!has_the_old_word(&read(&reader.get("/postmortems?words=nothing-says-this").await.ok().says("No zibeline says that").text())));

        // A word of the list; what was chosen is marked.
        let revision = app::workspace::show(&house.place.app).await.unwrap().revision.to_string();
        save(change("incident debrief", "", "", &revision)).await.leads_to("/settings");
        ada.get("/settings").await.ok().says("<option value=\"incident debrief\" selected>");
        ada.get("/follow-ups").await.ok();
        assert_eq!(app::workspace::show(&house.place.app).await.unwrap().term.some(), "an incident debrief");
    }
}
