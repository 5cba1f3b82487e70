//! What a page offers to somebody is what the rules allow them within its incident, neither less nor more: every role
//! and part walks through the same pages, and whatever form or link they find there lets them in.

#![expect(clippy::print_stdout, reason = "how much was compared is what is reported")]

use crate::{
    crawl::{crawl, route},
    house::{Client, House, SignedIn},
    markup::{Piece, forms_of, pieces},
};
use app::{postmortems, sharing};
use axum::{body::Body, http::Method};
use domain::{
    access::{Action, Actor, Part, may},
    incident::IncidentNumber,
    person::Role,
    scope::Scopes,
};
use std::collections::{BTreeMap, BTreeSet};
use web::Rule;

/// Somebody, by their role in the workspace and what they are to every incident of it.
const PEOPLE: [(&str, Role, &[Part]); 7] = [
    ("Otto Reader", Role::Reader, &[]),
    ("Rolf Responder", Role::Reader, &[Part::Responder]),
    ("Pia Participant", Role::Reader, &[Part::Participant]),
    ("Fay Facilitator", Role::Reader, &[Part::Facilitator]),
    ("Olu Owner", Role::Reader, &[Part::Owner]),
    ("Wren Member", Role::Member, &[]),
    ("Ada Chief", Role::Administrator, &[]),
];

/// What is walked through: a story that is published, one that is written, one that still goes on.
const STORIES: [&str; 3] = ["INC-2", "INC-5", "INC-9"];

/// About oneself: others are offered them for what is theirs.
const OWN: [&str; 4] = [
    "/incidents/{number}/reports/{id}",
    "/incidents/{number}/accounts/{id}",
    "/incidents/{number}/sealed/{id}/forgetting",
    "/incidents/{number}/sealed/{id}/opening",
];

/// Asked for by scripts, or offered only in a state that no story is in.
const NOT_IN_FORMS: [(&str, &str); 12] = [
    ("/incidents/{number}/resolution", "where a response goes on"),
    ("/postmortems/{number}/requests", "where the words ask for a step"),
    ("/postmortems/{number}/language", "the editor asks while somebody writes"),
    ("/postmortems/{number}/language/findings", "the card beside a sentence"),
    ("/incidents/{number}/language/findings", "the card beside a field"),
    ("/incidents/{number}/evidence/{id}/page", "where the page of a link was not kept"),
    ("/postmortems/{number}/requests/settled", "where somebody asked for a step"),
    ("/incidents/{number}/widening", "where an incident is narrowed"),
    ("/incidents/{number}/timeline/acts/{id}/undoing", "where somebody changed the timeline"),
    ("/incidents/{number}/events/{id}/settlement", "where two accounts differ"),
    ("/incidents/{number}/intervals/{id}", "where an impact is written down"),
    ("/incidents/{number}/mitigation", "where a response goes on"),
];

/// Offered where there is something to see; who writes finds it on a form besides.
const WHERE_CHANGED: &str = "/incidents/{number}/events/{id}/history";

/// Method and address.
type Offer = (String, String);

fn allowed(offer: &Offer, role: Role, parts: &[Part]) -> bool {
    let actor = Actor { person: None, name: String::new(), role, scopes: Scopes::ALL };
    let row = route(&offer.0, &offer.1).unwrap_or_else(|| panic!("{offer:?} is no route"));
    match row.rule {
        Rule::Open => true,
        Rule::May(action) => may(&actor, &[], action),
        Rule::Here(action) | Rule::Somewhere(action) => may(&actor, parts, action),
    }
}

/// Everything that these pages offer to somebody, and where.
async fn offers(who: &SignedIn, pages: &BTreeSet<String>) -> BTreeMap<Offer, String> {
    let mut offers = BTreeMap::new();
    for page in pages {
        let answer = who.get(page).await;
        if answer.status != 200 {
            continue;
        }
        let text = answer.text();
        let plain = |address: &str| address.split(['?', '#']).next().unwrap_or("").to_owned();
        let parts = pieces(&text);
        let links = parts.iter().filter_map(|it| if let Piece::Start(tag) = it { Some(tag) } else { None });
        for tag in links.filter(|tag| tag.name == "a") {
            if let Some(to) = tag.attribute("href").filter(|to| to.starts_with('/')) {
                offers.insert(("GET".to_owned(), plain(to)), page.clone());
            }
        }
        for form in forms_of(&parts).into_iter().filter(|form| form.method == "POST") {
            for to in form.targets() {
                let to = if to.is_empty() { plain(page) } else { plain(&to) };
                offers.insert(("POST".to_owned(), to), page.clone());
            }
        }
    }
    offers
}

async fn give_parts(house: &House, numbers: &[IncidentNumber]) {
    let (app, us) = (&house.place.app, Actor::installation());
    for (name, role, parts) in PEOPLE {
        let person = house.place.somebody(name, role).await.person.unwrap();
        for number in numbers {
            for part in parts {
                match part {
                    Part::Owner => {
                        postmortems::hand_to(app, &us, *number, person).await.unwrap();
                    }
                    part => sharing::give_part(app, &us, *number, person, *part).await.unwrap(),
                }
            }
        }
    }
}

testing::both! {
    async fn pages_offer_what_the_rules_allow(house: House) {
        app::stories::tell(&house.place.app).await.unwrap();
        // One that is published, one that is written, one that still goes on.
        let numbers: Vec<IncidentNumber> = STORIES.iter().map(|it| it.parse().unwrap()).collect();
        give_parts(&house, &numbers).await;
        let email = |name: &str| format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
        let ada = house.by_link(&email("Ada Chief")).await;
        let doors: Vec<String> = numbers.iter().flat_map(|n| [format!("/incidents/{n}"), format!("/postmortems/{n}"), format!("/postmortems/{n}/edit")])
            .chain(["/follow-ups", "/incidents", "/palette?page=1", "/postmortems"].map(str::to_owned)).collect();
        let found = crawl(&ada, &doors, 1).await;
        let about = |address: &String| {
            let of = address.split('/').nth(2).map(|number| number.split('?').next().unwrap_or(""));
            let general = ["/follow-ups", "/incidents", "/palette?page=1", "/postmortems"].contains(&address.as_str());
            general || of.is_some_and(|number| STORIES.contains(&number))
        };
        let pages: BTreeSet<String> = found.pages.keys().filter(|it| about(it)).cloned().collect();
        assert!(pages.len() > 25, "{pages:?}");
        let whole = offers(&ada, &pages).await;
        // Ideas of other stories are offered by what somebody is to those.
        let ideas = ada.get("/api/v1/follow-ups").await.ok().value();
        let ours: BTreeSet<String> = ideas["items"].as_array().unwrap().iter()
            .filter(|it| STORIES.contains(&it["incident"].as_str().unwrap_or_default()))
            .map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        assert!(!ours.is_empty(), "{ideas}");
        let elsewhere = |offer: &Offer| offer.1.strip_prefix("/follow-ups/")
            .is_some_and(|rest| !ours.contains(rest.split('/').next().unwrap_or("")));
        let own = |offer: &Offer| {
            let path = route(&offer.0, &offer.1).unwrap().path;
            OWN.contains(&path) || path == WHERE_CHANGED
        };

        let (mut wrong, mut compared, mut found) = (Vec::new(), 0, Vec::new());
        for (name, role, parts) in PEOPLE {
            let who = house.by_link(&email(name)).await;
            let theirs = offers(&who, &pages).await;
            for (offer, page) in &theirs {
                compared += 1;
                if !allowed(offer, role, parts) {
                    wrong.push(format!("{name} is offered {} {} on {page}, and may not", offer.0, offer.1));
                }
            }
            for (offer, page) in whole.iter().filter(|(offer, _)| !own(offer) && !elsewhere(offer)) {
                // What belongs to no incident is offered by what somebody is to the workspace.
                let of_nothing = !offer.1.contains("INC-") && !offer.1.starts_with("/follow-ups/");
                let parts = if of_nothing { &[][..] } else { parts };
                compared += 1;
                if allowed(offer, role, parts) && !theirs.contains_key(offer) {
                    wrong.push(format!("{name} may {} {}, and {page} does not offer it", offer.0, offer.1));
                }
            }
            found.push((name, who, theirs));
        }
        // Whatever is offered lets them in; one of each sort is enough for what changes something. After the comparing,
        // because it does.
        for (name, who, theirs) in found {
            let mut tried = BTreeSet::new();
            for (offer, page) in &theirs {
                let path = route(&offer.0, &offer.1).unwrap().path;
                if !tried.insert((offer.0.clone(), path)) || path == "/sign-out" {
                    continue;
                }
                let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
                let answer = who.send(offer.0.parse::<Method>().unwrap(), &offer.1, &headers, Body::empty()).await;
                if answer.status == 403 || answer.status.as_u16() >= 500 {
                    wrong.push(format!("{name}: {} of {page} answers {}", answer.what, answer.status));
                }
            }
        }
        let offered: BTreeSet<&str> = whole.keys().map(|offer| route(&offer.0, &offer.1).unwrap().path).collect();
        for row in web::routes() {
            let page = !row.path.starts_with("/api/") && row.path.contains("{number}") && row.method == Method::POST;
            let known = NOT_IN_FORMS.iter().any(|(path, _)| *path == row.path) || OWN.contains(&row.path);
            if page && !known && !offered.contains(row.path) {
                wrong.push(format!("nobody is offered POST {}", row.path));
            }
        }
        println!("people={} pages={} offers={} compared={compared} wrong={}", PEOPLE.len(), pages.len(), whole.len(), wrong.len());
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(Action::ALL.len() == 7, "an action more: who is offered it?");
    }
}
