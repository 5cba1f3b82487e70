//! What strangers write stays words, wherever somebody writes: the whole corpus through every field of every form, through
//! every reader of foreign records and every webhook, and then every page, export and list is read again.
//!
//! The same walk with harmless words says which markup the pages are made of; hostile words must not add a kind to
//! it. A field that the table here does not know fails.

#![expect(clippy::print_stdout, reason = "how much was tried is what is reported")]

use crate::{
    crawl::{Found, crawl, route},
    house::{Answer, Client, House, SignedIn, encoded},
    markup::{Form, Piece, dangers_of, forms_of, kinds, pieces},
    text::{all_vectors, markdown_is_harmless},
};
use app::jobs::{Duties, run_due};
use axum::{body::Body, http::Method};
use domain::person::Role;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of words in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    /// They are kept, and shown somewhere.
    Kept,
    /// They are none of the values that it takes.
    Refused,
    /// They are kept where they stand in what somebody wrote, and refused elsewhere.
    Depends,
    /// A question: they are in the answer, and nowhere afterwards.
    Asked,
}
use Becomes::{Asked, Depends, Kept, Refused};

/// Every field into which people write, by the route that its form goes to.
#[rustfmt::skip]
const FIELDS: &[(&str, &str, Becomes)] = &[
    ("GET /incidents", "words", Asked), ("GET /incidents/{number}", "find", Asked),
    ("GET /incidents/{number}/evidence", "words", Asked), ("GET /palette", "q", Asked),
    ("GET /postmortems", "words", Asked), ("GET /settings/audit", "subject", Asked),
    ("GET /settings/audit", "who", Asked), ("POST /follow-ups/{id}/drop", "reason", Kept),
    ("POST /incidents", "services", Kept), ("POST /incidents", "summary", Kept), ("POST /incidents", "team", Kept),
    ("POST /incidents", "title", Kept), ("POST /incidents/{number}", "services", Kept),
    ("POST /incidents/{number}", "summary", Kept), ("POST /incidents/{number}", "team", Kept),
    ("POST /incidents/{number}", "title", Kept), ("POST /incidents/{number}/accounts", "did", Kept),
    ("POST /incidents/{number}/accounts", "expected", Kept), ("POST /incidents/{number}/accounts", "knew", Kept),
    ("POST /incidents/{number}/accounts", "next", Kept), ("POST /incidents/{number}/accounts", "pressed", Kept),
    ("POST /incidents/{number}/accounts", "saw", Kept), ("POST /incidents/{number}/accounts", "wanted", Kept),
    ("POST /incidents/{number}/accounts/{id}", "did", Kept),
    ("POST /incidents/{number}/accounts/{id}", "expected", Kept),
    ("POST /incidents/{number}/accounts/{id}", "knew", Kept),
    ("POST /incidents/{number}/accounts/{id}", "next", Kept),
    ("POST /incidents/{number}/accounts/{id}", "pressed", Kept),
    ("POST /incidents/{number}/accounts/{id}", "saw", Kept),
    ("POST /incidents/{number}/accounts/{id}", "wanted", Kept),
    ("POST /incidents/{number}/audiences", "every", Refused), ("POST /incidents/{number}/audiences", "name", Kept),
    ("POST /incidents/{number}/clocks", "reason", Kept), ("POST /incidents/{number}/clocks", "seconds", Refused),
    ("POST /incidents/{number}/coordination", "note", Kept), ("POST /incidents/{number}/events", "actor", Kept),
    ("POST /incidents/{number}/events", "audience", Kept), ("POST /incidents/{number}/events", "could_not_see", Kept),
    ("POST /incidents/{number}/events", "could_see", Kept), ("POST /incidents/{number}/events", "detail", Kept),
    ("POST /incidents/{number}/events", "lets_harm", Kept), ("POST /incidents/{number}/events", "made_sense", Kept),
    ("POST /incidents/{number}/events", "other_ways", Kept), ("POST /incidents/{number}/events", "sense", Kept),
    ("POST /incidents/{number}/events", "team", Kept), ("POST /incidents/{number}/events", "title", Kept),
    ("POST /incidents/{number}/events/{id}", "actor", Kept),
    ("POST /incidents/{number}/events/{id}", "audience", Kept),
    ("POST /incidents/{number}/events/{id}", "could_not_see", Kept),
    ("POST /incidents/{number}/events/{id}", "could_see", Kept),
    ("POST /incidents/{number}/events/{id}", "detail", Kept),
    ("POST /incidents/{number}/events/{id}", "lets_harm", Kept),
    ("POST /incidents/{number}/events/{id}", "made_sense", Kept),
    ("POST /incidents/{number}/events/{id}", "other_ways", Kept),
    ("POST /incidents/{number}/events/{id}", "sense", Kept), ("POST /incidents/{number}/events/{id}", "team", Kept),
    ("POST /incidents/{number}/events/{id}", "title", Kept),
    ("POST /incidents/{number}/events/{id}/links", "place", Kept),
    ("POST /incidents/{number}/events/{id}/links", "query", Kept),
    ("POST /incidents/{number}/events/{id}/links", "text", Kept),
    ("POST /incidents/{number}/events/{id}/links", "title", Kept),
    ("POST /incidents/{number}/events/{id}/links", "url", Refused),
    ("POST /incidents/{number}/events/{id}/parts", "title", Kept),
    ("POST /incidents/{number}/events/{id}/settlement", "why", Kept),
    ("POST /incidents/{number}/follow-ups", "text", Kept), ("POST /incidents/{number}/instants", "note", Kept),
    ("POST /incidents/{number}/intervals", "affected", Refused),
    ("POST /incidents/{number}/intervals", "audience", Kept), ("POST /incidents/{number}/intervals", "note", Kept),
    ("POST /incidents/{number}/intervals", "service", Kept), ("POST /incidents/{number}/intervals", "share", Refused),
    ("POST /incidents/{number}/intervals/{id}", "affected", Refused),
    ("POST /incidents/{number}/intervals/{id}", "audience", Kept),
    ("POST /incidents/{number}/intervals/{id}", "note", Kept),
    ("POST /incidents/{number}/intervals/{id}", "service", Kept),
    ("POST /incidents/{number}/intervals/{id}", "share", Refused),
    ("POST /incidents/{number}/narrowing", "reason", Kept),
    ("POST /incidents/{number}/sealed/{id}/opening", "reason", Kept), ("POST /imports/{id}", "incident", Refused),
    ("POST /imports/{id}", "zone", Refused), ("POST /postmortems/{number}/title", "title", Kept),
    ("POST /postmortems/{number}/versions", "name", Kept),
    ("POST /settings/deliveries/{id}/attempt", "incident", Refused),
    ("POST /settings/language/channel", "contact", Kept), ("POST /settings/look-into", "number", Refused),
    ("POST /settings/look-into", "reason", Kept), ("POST /settings/me", "name", Kept),
    ("POST /settings/me", "zone", Refused), ("POST /settings/people", "email", Refused),
    ("POST /settings/people", "name", Kept), ("POST /settings/service-accounts", "name", Kept),
   
    ("POST /settings/service-accounts/{id}/tokens", "label", Kept), ("POST /settings/services", "name", Kept),
    ("POST /settings/services/{id}/duties", "level", Refused), ("POST /settings/services/{id}/name", "name", Depends),
    ("POST /settings/sources", "topic", Refused), ("POST /settings/sources", "label", Kept),
    ("POST /settings/teams", "name", Kept),
    ("POST /settings/tokens", "label", Kept), ("POST /settings/workspace", "name", Kept),
    ("POST /settings/workspace", "premise", Kept), ("POST /settings/workspace", "soak_hours", Refused),
    ("POST /incidents/{number}/withdrawal", "words", Depends), ("POST /incidents/{number}/reports", "words", Depends),
    ("POST /settings/single-sign-on", "label", Refused), ("POST /settings/single-sign-on", "issuer", Refused),
    ("POST /settings/single-sign-on", "client", Refused), ("POST /settings/single-sign-on", "scopes", Refused),
    ("POST /settings/single-sign-on", "groups_claim", Refused), ("POST /settings/single-sign-on", "administrators", Refused),
    ("POST /settings/single-sign-on", "members", Refused), ("POST /settings/single-sign-on", "readers", Refused),
    ("POST /settings/workspace", "own_term", Kept), ("POST /settings/workspace", "own_terms", Kept),
];

/// All fields at once.
const ALL: &str = "*";

/// Every field that takes words, with the places where it stands.
type Fields = BTreeMap<(String, String), Vec<(String, Form)>>;

fn fields(found: &Found) -> Fields {
    let mut fields = Fields::new();
    for (page, form) in &found.forms {
        let to = route(&form.method, &form.action)
            .unwrap_or_else(|| panic!("{page}: a form goes to {}", form.action));
        for field in form.fields.iter().filter(|field| field.takes_words() && !form.upload) {
            let key = (format!("{} {}", form.method, to.path), field.name.clone());
            fields.entry(key).or_default().push((page.clone(), form.clone()));
        }
    }
    fields
}

/// A form that somebody sends once: all of its fields are filled at the same time.
fn is_sent_once(to: &str) -> bool {
    to == "POST /incidents/{number}/accounts"
}

/// What a browser would send, with `words` in one field, or in all of a form that is sent once.
fn filled(form: &Form, field: &str, words: &str) -> Vec<(String, String)> {
    let mut sent = Vec::new();
    let mut pressed = false;
    for one in &form.fields {
        let value = match one.kind.as_str() {
            _ if one.takes_words() && (one.name == field || field == ALL) => words.to_owned(),
            "checkbox" | "radio" if !one.chosen => continue,
            "button" if pressed => continue,
            "button" => {
                pressed = true;
                one.value.clone()
            }
            "password" | "file" => continue,
            // Own words count when none of the list is chosen.
            "select" if one.name == "term" && field.starts_with("own_") => String::new(),
            "datetime-local" if one.required && one.value.is_empty() => "2026-11-14T05:50:00".to_owned(),
            "date" if one.required && one.value.is_empty() => "2027-11-14".to_owned(),
            "url" if one.required => "https://larkfare.example/".to_owned(),
            _ if one.value.is_empty() && one.takes_words() => usual(&one.name).to_owned(),
            _ => one.value.clone(),
        };
        if !one.name.is_empty() {
            sent.push((one.name.clone(), value));
        }
    }
    sent
}

/// What stands in the other fields of a form that would come back without it.
fn usual(field: &str) -> &'static str {
    match field {
        "name" | "title" | "label" | "text" | "reason" | "query" | "place" | "note" | "service" => "Lantern",
        "why" | "premise" | "workspace" | "own_term" | "own_terms" => "Lantern",
        "email" => "lantern@larkfare.example",
        "number" => "INC-1",
        "level" => "1",
        "seconds" => "60",
        _ => "",
    }
}

async fn submit(who: &SignedIn, form: &Form, sent: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if form.method == "GET" {
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let path = form.action.split(['?', '#']).next().unwrap_or("");
        return who.get(&format!("{path}?{}", query.join("&"))).await;
    }
    who.post(&form.action, &pairs).await
}

/// The corpus in as few strings of at most `room` characters as hold it.
fn batches(room: usize) -> Vec<String> {
    let mut batches = vec![String::new()];
    for vector in all_vectors() {
        let last = batches.last().unwrap();
        if !last.is_empty() && last.chars().count() + vector.chars().count() + 1 > room {
            batches.push(String::new());
        }
        let last = batches.last_mut().unwrap();
        if !last.is_empty() {
            last.push(' ');
        }
        last.extend(vector.chars().take(room));
    }
    batches
}

/// What was seen on the way.
#[derive(Default)]
pub struct Seen {
    pub kinds: BTreeSet<String>,
    pub words: String,
    pub pages: usize,
}

impl Seen {
    /// Reads an answer; what must never be in one fails here.
    pub fn read(&mut self, what: &str, answer: &Answer) {
        assert!(answer.status.as_u16() < 500, "{what}: {}", answer.text());
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        let media = answer.header("content-type");
        let text = answer.text();
        if media.starts_with("text/html") {
            let file = answer.header("content-disposition").starts_with("attachment");
            let parts = pieces(&text);
            let found = dangers_of(&parts, file);
            assert!(found.is_empty(), "{what}: {found:?}");
            if !file {
                self.kinds.extend(kinds(&parts));
            }
            for piece in parts {
                if let Piece::Words(words) = piece {
                    self.words.push_str(&words);
                }
            }
            self.pages += 1;
        } else if media.starts_with("text/markdown") {
            markdown_is_harmless(&text);
        } else if what.starts_with("/api/") || what.contains("mentions") {
            assert!(media.starts_with("application/json"), "{what}: {media}");
        }
        let disposition = answer.header("content-disposition");
        assert!(
            !disposition.contains(['<', '>', '\n', '\r', '\'']) || disposition.contains("UTF-8''"),
            "{disposition}"
        );
    }
}

/// Each field once with harmless words, or with all of the corpus; answers what was not as the table says.
async fn write(
    who: &SignedIn,
    fields: &Fields,
    hidden: &mut Vec<String>,
    hostile: bool,
    seen: &mut Seen,
) -> (usize, Vec<String>) {
    let (mut sent, mut wrong, mut before) = (0, Vec::new(), "");
    for ((to, name), places) in fields {
        if is_sent_once(to) && before == to {
            continue;
        }
        before = to;
        let becomes = FIELDS.iter().find(|(it, field, _)| it == to && *field == name.as_str()).map(|it| it.2);
        let max = places.iter().find_map(|(_, form)| form.fields.iter().find(|it| it.name == *name)?.max);
        // The parts of an account lie under one seal, which has room for 20,000 characters.
        let room = if to.contains("/accounts") { 2_000 } else { max.unwrap_or(95) };
        let all = if hostile { batches(room) } else { vec!["Lantern".to_owned()] };
        let (mut place, mut kept, mut refused, mut known) = (0, 0, String::new(), None::<Form>);
        for (n, words) in all.iter().enumerate() {
            // The form as it is now: what was sent before may have changed its revision, or used it up.
            let again = known.take().filter(|_| n > 0 && !is_sent_once(to));
            let form = loop {
                if again.is_some() {
                    break again;
                }
                let Some((page, form)) = places.get(place) else { break None };
                let now = who.get(page).await;
                let now = forms_of(&pieces(&now.text()));
                let same =
                    |it: &Form| it.action == form.action && it.fields.iter().any(|field| field.name == *name);
                match now.into_iter().find(|it| {
                    same(it) || (form.method == "GET" && it.fields.iter().any(|f| f.name == *name))
                }) {
                    Some(mut it) => {
                        it.action.clone_from(&form.action);
                        break Some(it);
                    }
                    None => place += 1,
                }
            };
            let Some(form) = form else {
                wrong.push(format!("{to} {name}: no form is left for batch {n} of {}", all.len()));
                break;
            };
            let field = if is_sent_once(to) { ALL } else { name };
            let mut filled = filled(&form, field, words);
            if to.ends_with("/look-into") && name == "reason" {
                let number = filled.iter_mut().find(|(name, _)| name == "number").unwrap();
                number.1 = hidden.pop().expect("one more incident to look into");
            }
            let answer = submit(who, &form, &filled).await;
            sent += 1;
            seen.read(&format!("{to} {name}"), &answer);
            match answer.status.as_u16() {
                303 => kept += 1,
                200 if becomes == Some(Asked) || to.starts_with("POST /settings/") => kept += 1,
                200 if to.ends_with("/opening") || to.ends_with("/look-into") => kept += 1,
                status => refused = format!("{status} {}", told(&answer)),
            }
            // A form with a revision is another one now, and one that drops an idea is gone.
            let stays = form.method == "GET" || !form.fields.iter().any(|it| it.name == "revision");
            known = Some(form).filter(|_| stays && !to.starts_with("POST /follow-ups/"));
        }
        let good = match becomes {
            Some(Kept | Asked) => kept > 0 && (!hostile || kept == all.len()),
            Some(Refused) => !hostile || kept == 0,
            Some(Depends) => true,
            None => false,
        };
        if !good {
            wrong.push(format!(
                "(\"{to}\", \"{name}\"): {becomes:?}, kept {kept} of {}: {refused}",
                all.len()
            ));
        }
    }
    (sent, wrong)
}

/// What a page says is wrong.
fn told(answer: &Answer) -> String {
    let text = answer.text();
    let at = text
        .find("class=\"wrong\"")
        .or_else(|| text.find("class=\"flash"))
        .or_else(|| text.find("<h1"))
        .unwrap_or(0);
    text[at..].chars().take(160).collect()
}

/// An installation with something of every kind on its pages.
async fn furnish(house: &House, ada: &SignedIn) -> (Vec<String>, Vec<String>) {
    for (to, form) in [
        ("/settings/teams", &[("name", "Gates")][..]),
        ("/settings/services", &[("name", "Ticket gates")]),
        (
            "/settings/service-accounts",
            &[("name", "Deploys"), ("role", "member"), ("label", "first"), ("scopes", "read")],
        ),
    ] {
        let answer = ada.post(to, form).await;
        assert!(answer.status.as_u16() < 400, "{}: {}", answer.what, told(&answer));
    }
    // An import that waits for a choice, a delivery, an interval, an event of which there are two accounts.
    let table = "when,what\n2026-11-14 05:50,The lamp went out\n";
    let import = ada.upload("/imports", &[("table.csv", table.as_bytes())]).await.leads_to("/imports/");
    let page =
        ada.post("/settings/sources", &[("source", "alertmanager"), ("label", "North")]).await.ok().text();
    let hook = page[page.find("/hooks/").unwrap()..].split(['<', '"', '&']).next().unwrap().to_owned();
    let headers = [("content-type", "application/json")];
    house.anonymous().send(Method::POST, &hook, &headers, Body::from("a lamp, and no JSON")).await.is(202);
    run_due(&house.place.app, &Duties::default()).await.unwrap();
    ada.post("/incidents/INC-9/accounts", &[("saw", "The lamp"), ("audience", "author")])
        .await
        .leads_to("/incidents/INC-9");
    let listed = ada.get("/api/v1/incidents/INC-9/timeline").await.ok().value();
    let event = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let other = [
        ("at", "2026-11-14T05:50:00"),
        ("kind", "observation"),
        ("title", "The lamp was out"),
        ("account_of", &event),
    ];
    ada.post("/incidents/INC-9/events", &other).await.leads_to("/incidents/INC-9");
    let interval = [("service", "Ticket gates"), ("from", "2026-11-14T05:50:00"), ("kind", "down")];
    let answer = ada.post("/incidents/INC-9/intervals", &interval).await;
    assert!(answer.status.as_u16() < 400, "{}: {}", answer.what, told(&answer));
    // Somebody else's sealed account, which an administrator opens by a recorded act; and an incident to look into.
    let wren = house.somebody("Wren Lantern", Role::Member).await;
    let account = [("saw", "The lamp"), ("knew", "The lamp"), ("could", "The lamp"), ("audience", "author")];
    let answer = wren.post("/incidents/INC-9/accounts", &account).await;
    assert!(answer.status.as_u16() < 400, "{}: {}", answer.what, told(&answer));
    // And one that everybody reads, of which somebody may ask that a passage leaves.
    let noor = house.somebody("Noor Lantern", Role::Member).await;
    let open = [("saw", "The lamp"), ("audience", "readers")];
    noor.post("/incidents/INC-9/accounts", &open).await.leads_to("/incidents/INC-9");
    let mut hidden = Vec::new();
    for _ in 0..10 {
        let made =
            wren.json(Method::POST, "/api/v1/incidents", &json!({ "title": "Only for some" })).await.is(201);
        let number = made.value()["number"].as_str().unwrap().to_owned();
        let narrowed =
            wren.post(&format!("/incidents/{number}/narrowing"), &[("reason", "Names a customer")]).await;
        narrowed.leads_to("/incidents/");
        hidden.push(number);
    }
    for _ in 0..8 {
        let body = json!({ "incident": "INC-9", "text": "A lantern at every gate", "intent": "prevent" });
        wren.json(Method::POST, "/api/v1/follow-ups", &body).await.is(201);
    }
    let more = [import, format!("/incidents/INC-9/events/{event}")];
    let every = (1..9).flat_map(|n| {
        let of = ["coordination", "accounts"].map(|it| format!("/incidents/INC-{n}/{it}"));
        of.into_iter().chain([format!("/postmortems/INC-{n}"), format!("/postmortems/INC-{n}/edit")])
    });
    (DOORS.iter().map(|it| (*it).to_owned()).chain(every).chain(more).collect(), hidden)
}

const DOORS: [&str; 15] = [
    "/incidents",
    "/incidents/INC-9",
    "/incidents/INC-9/accounts",
    "/incidents/INC-9/measures",
    "/follow-ups",
    "/postmortems",
    "/settings",
    "/settings/look-into",
    "/imports/new",
    "/palette?page=1",
    "/settings/deliveries",
    "/settings/audit",
    "/settings/proof",
    "/incidents/new",
    "/settings/jobs",
];

testing::both! {
    async fn the_whole_corpus_through_every_field(house: House) {
        let lead = app::stories::tell(&house.place.app).await.unwrap();
        let ada = house.by_link(&lead).await;
        let (doors, mut hidden) = furnish(&house, &ada).await;
        let found = crawl(&ada, &doors, 2).await;
        let all = fields(&found);
        let there: BTreeSet<(&str, &str)> = all.keys().map(|(to, name)| (to.as_str(), name.as_str())).collect();
        let known: BTreeSet<(&str, &str)> = FIELDS.iter().map(|(to, name, _)| (*to, *name)).collect();
        let new: Vec<_> = there.difference(&known).collect();
        let gone: Vec<_> = known.difference(&there).collect();
        assert!(new.is_empty() && gone.is_empty(), "fields without a row: {new:#?}; rows without a field: {gone:#?}");

        let mut plain = Seen::default();
        for (address, answer) in &found.pages {
            plain.read(address, answer);
        }
        let (_, wrong) = write(&ada, &all, &mut hidden, false, &mut plain).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        for (address, answer) in &crawl(&ada, &doors, 1).await.pages {
            plain.read(address, answer);
        }
        let mut hostile = Seen::default();
        let (sent, wrong) = write(&ada, &all, &mut hidden, true, &mut hostile).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        for (address, answer) in &crawl(&ada, &doors, 4).await.pages {
            hostile.read(address, answer);
        }
        let more: Vec<_> = hostile.kinds.difference(&plain.kinds).collect();
        assert!(more.is_empty(), "hostile words became markup: {more:?}");
        let missing: Vec<_> = all_vectors().into_iter().filter(|it| !hostile.words.contains(it.as_str())).collect();
        assert!(missing.is_empty(), "nobody sees {missing:?}");
        println!("corpus={} fields={} submissions={sent} pages={} kinds={}", all_vectors().len(), all.len(), hostile.pages, plain.kinds.len());
    }
}
