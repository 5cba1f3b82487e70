//! Who gets through which door: every route of the table as everybody.

use crate::house::{Answer, Client, House, SignedIn};
use axum::{body::Body, http::Method};
use domain::{access::Actor, person::Role};
use std::collections::BTreeSet;

/// Who may use a route at least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Who {
    Anybody,
    Reader,
    Member,
    Administrator,
}
impl Who {
    /// The least role; `None`: no sign-in is needed.
    pub fn role(self) -> Option<Role> {
        match self {
            Anybody => None,
            Reader => Some(Role::Reader),
            Member => Some(Role::Member),
            Administrator => Some(Role::Administrator),
        }
    }
}
use Who::{Administrator, Anybody, Member, Reader};

/// What is promised, written down a second time on purpose: a route that is new or whose rule changed has to
/// be looked at here as well.
#[rustfmt::skip]
pub const DOORS: &[(Who, &str, &str)] = &[
    (Anybody, "GET", "/"), (Anybody, "GET", "/assets/{*name}"), (Anybody, "GET", "/healthz"), (Anybody, "GET", "/readyz"), (Administrator, "GET", "/metrics"),
    (Anybody, "GET", "/sign-in"), (Anybody, "POST", "/sign-in"),
    (Anybody, "GET", "/links/{token}"), (Anybody, "POST", "/links/{token}"),
    (Anybody, "GET", "/api/v1/openapi.json"),
    (Anybody, "GET", "/sign-in/provider"), (Anybody, "GET", "/sign-in/provider/answer"), (Anybody, "GET", "/sign-out/provider"),
    (Anybody, "POST", "/sign-out/provider"), (Anybody, "GET", "/signed-out"),
    (Administrator, "GET", "/settings/single-sign-on"), (Administrator, "POST", "/settings/single-sign-on"),
    (Administrator, "POST", "/settings/single-sign-on/end"), (Administrator, "POST", "/settings/single-sign-on/links/end"),
    (Reader, "POST", "/sign-out"), (Reader, "GET", "/settings"), (Reader, "POST", "/settings/me"),
    (Anybody, "POST", "/sign-in/code"), (Anybody, "GET", "/sign-in/link"), (Anybody, "POST", "/sign-in/link"),
    (Anybody, "POST", "/sign-in/passkey"), (Anybody, "POST", "/sign-in/passkey/challenge"),
    (Reader, "GET", "/settings/tokens"), (Reader, "GET", "/settings/sessions"), (Reader, "GET", "/settings/sign-in"),
    (Reader, "POST", "/settings/sessions/end-others"), (Reader, "POST", "/settings/sessions/{id}/end"),
    (Reader, "POST", "/settings/sign-in/passphrase"), (Reader, "POST", "/settings/sign-in/factor"),
    (Reader, "POST", "/settings/sign-in/factor/confirmation"), (Reader, "POST", "/settings/sign-in/factor/codes"),
    (Reader, "POST", "/settings/sign-in/factor/end"), (Reader, "POST", "/settings/sign-in/passkeys"),
    (Reader, "POST", "/settings/sign-in/passkeys/challenge"), (Reader, "POST", "/settings/sign-in/passkeys/{id}/end"),
    (Administrator, "POST", "/settings/sign-in/rule"), (Reader, "GET", "/settings/proof"), (Reader, "POST", "/settings/proof"),
    (Administrator, "POST", "/settings/people/{id}/factor/end"), (Administrator, "POST", "/settings/invitations/{id}/end"),
    (Administrator, "GET", "/settings/service-accounts"), (Administrator, "POST", "/settings/service-accounts"),
    (Administrator, "POST", "/settings/service-accounts/{id}/end"), (Administrator, "POST", "/settings/service-accounts/{id}/tokens"),
    (Administrator, "POST", "/settings/service-accounts/{id}/tokens/{token}/end"),
    (Reader, "GET", "/api/v1/tokens"), (Reader, "POST", "/api/v1/tokens"), (Reader, "POST", "/api/v1/tokens/{id}/end"),
    (Reader, "POST", "/settings/tokens"), (Reader, "POST", "/settings/tokens/{id}/end"), (Reader, "GET", "/settings/people"),
    (Administrator, "GET", "/settings/audit"), (Administrator, "GET", "/settings/audit.csv"), (Administrator, "GET", "/settings/audit.jsonl"),
    (Administrator, "GET", "/settings/jobs"), (Administrator, "POST", "/settings/jobs/{id}/retry"), (Administrator, "POST", "/settings/jobs/{id}/forget"),
    (Administrator, "POST", "/settings/workspace"), (Administrator, "POST", "/settings/people"),
    (Administrator, "POST", "/settings/people/{id}/role"), (Administrator, "POST", "/settings/people/{id}/end"),
    (Administrator, "GET", "/settings/sources"), (Administrator, "POST", "/settings/sources"),
    (Administrator, "POST", "/settings/sources/{id}/rotation"), (Administrator, "POST", "/settings/sources/{id}/end"),
    (Administrator, "GET", "/settings/deliveries"), (Administrator, "GET", "/settings/deliveries/{id}"),
    (Administrator, "POST", "/settings/deliveries/{id}/attempt"), (Anybody, "POST", "/hooks/{source}/{token}"),
    (Administrator, "GET", "/api/v1/webhooks"), (Administrator, "POST", "/api/v1/webhooks"),
    (Administrator, "POST", "/api/v1/webhooks/{id}/rotation"), (Administrator, "POST", "/api/v1/webhooks/{id}/end"),
    (Administrator, "GET", "/api/v1/deliveries"), (Administrator, "POST", "/api/v1/deliveries/{id}/attempt"),
    (Reader, "GET", "/settings/teams"), (Administrator, "POST", "/settings/teams"), (Administrator, "POST", "/settings/teams/{id}/members"),
    (Administrator, "POST", "/settings/teams/{id}/members/end"), (Administrator, "POST", "/settings/teams/{id}/end"),
    (Reader, "GET", "/settings/services"), (Administrator, "POST", "/settings/services"), (Reader, "GET", "/settings/services/{id}"),
    (Administrator, "POST", "/settings/services/{id}/name"), (Administrator, "POST", "/api/v1/services/{id}/name"),
    (Administrator, "POST", "/settings/services/{id}/team"), (Administrator, "POST", "/settings/services/{id}/end"),
    (Member, "POST", "/settings/services/{id}/duties"), (Member, "POST", "/settings/services/{id}/duties/end"),
    (Member, "POST", "/settings/services/{id}/schedules"),
    (Reader, "GET", "/api/v1/services"), (Administrator, "POST", "/api/v1/services"), (Reader, "GET", "/api/v1/services/{id}"),
    (Administrator, "POST", "/api/v1/services/{id}/end"), (Member, "POST", "/api/v1/services/{id}/duties"),
    (Member, "POST", "/api/v1/services/{id}/duties/end"), (Member, "POST", "/api/v1/services/{id}/schedules"),
    (Administrator, "GET", "/settings/look-into"), (Administrator, "POST", "/settings/look-into"),
    (Reader, "GET", "/incidents/{number}/people"), (Member, "POST", "/incidents/{number}/people"), (Member, "POST", "/incidents/{number}/people/end"),
    (Reader, "GET", "/incidents/{number}/accounts"), (Member, "POST", "/incidents/{number}/accounts"),
    (Reader, "POST", "/incidents/{number}/accounts/{id}"), (Reader, "POST", "/incidents/{number}/sealed/{id}/forgetting"),
    (Administrator, "POST", "/incidents/{number}/sealed/{id}/opening"),
    (Reader, "GET", "/incidents/{number}/withdrawal"), (Member, "POST", "/incidents/{number}/withdrawal"),
    (Reader, "POST", "/incidents/{number}/reports"), (Reader, "POST", "/incidents/{number}/reports/{id}"),
    (Member, "POST", "/incidents/{number}/narrowing"), (Member, "POST", "/incidents/{number}/widening"),
    (Reader, "GET", "/api/v1/incidents/{number}/people"), (Member, "POST", "/api/v1/incidents/{number}/people"),
    (Member, "POST", "/api/v1/incidents/{number}/people/end"), (Member, "POST", "/api/v1/incidents/{number}/narrowing"),
    (Member, "POST", "/api/v1/incidents/{number}/widening"), (Administrator, "POST", "/api/v1/incidents/{number}/openings"),
    (Reader, "GET", "/api/v1/teams"), (Administrator, "POST", "/api/v1/teams"),
    (Administrator, "POST", "/api/v1/teams/{id}/members"), (Administrator, "POST", "/api/v1/teams/{id}/members/end"),
    (Member, "GET", "/imports/new"), (Member, "POST", "/imports"), (Member, "GET", "/incidents/{number}/import"),
    (Member, "POST", "/incidents/{number}/import"), (Reader, "GET", "/imports/{id}"), (Reader, "POST", "/imports/{id}"),
    (Reader, "GET", "/imports/{id}/progress"),
    (Reader, "GET", "/incidents"), (Member, "GET", "/incidents/new"), (Member, "POST", "/incidents"),
    (Reader, "GET", "/incidents/{number}"), (Member, "GET", "/incidents/{number}/edit"), (Member, "POST", "/incidents/{number}"),
    (Member, "POST", "/incidents/{number}/mitigation"), (Member, "GET", "/incidents/{number}/resolution"),
    (Member, "POST", "/incidents/{number}/resolution"), (Member, "POST", "/incidents/{number}/reopening"),
    (Member, "GET", "/incidents/{number}/events/new"), (Member, "POST", "/incidents/{number}/events"),
    (Member, "GET", "/incidents/{number}/events/{id}"), (Member, "POST", "/incidents/{number}/events/{id}"),
    (Member, "POST", "/incidents/{number}/hidden"), (Member, "POST", "/incidents/{number}/instants"),
    (Member, "POST", "/incidents/{number}/selection"), (Member, "POST", "/incidents/{number}/events/{id}/parts"),
    (Member, "POST", "/incidents/{number}/events/{id}/settlement"), (Reader, "GET", "/incidents/{number}/events/{id}/history"),
    (Reader, "GET", "/incidents/{number}/timeline/acts"), (Member, "POST", "/incidents/{number}/timeline/acts/{id}/undoing"),
    (Reader, "GET", "/incidents/{number}/measures"), (Member, "POST", "/incidents/{number}/intervals"),
    (Member, "POST", "/incidents/{number}/intervals/{id}"), (Reader, "GET", "/incidents/{number}/clocks"),
    (Member, "POST", "/incidents/{number}/clocks"), (Reader, "GET", "/incidents/{number}/replay"),
    (Reader, "GET", "/incidents/{number}/replay/print"), (Member, "POST", "/incidents/{number}/events/{id}/links"),
    (Member, "POST", "/incidents/{number}/events/{id}/files"), (Reader, "GET", "/incidents/{number}/files/{id}"),
    (Reader, "GET", "/incidents/{number}/files/{id}/thumbnail"),
    (Reader, "GET", "/incidents/{number}/coordination"), (Member, "POST", "/incidents/{number}/coordination"),
    (Member, "POST", "/incidents/{number}/audiences"),
    (Reader, "GET", "/incidents/{number}/evidence"), (Reader, "GET", "/incidents/{number}/evidence/{id}"),
    (Member, "POST", "/incidents/{number}/evidence/{id}/event"), (Member, "POST", "/incidents/{number}/evidence/{id}/page"),
    (Reader, "GET", "/postmortems"), (Reader, "GET", "/postmortems/{number}"), (Member, "POST", "/postmortems/{number}"),
    (Member, "GET", "/postmortems/{number}/edit"), (Reader, "GET", "/postmortems/{number}/blocks/{block}"),
    (Reader, "GET", "/postmortems/{number}/export.md"), (Reader, "GET", "/postmortems/{number}/export.html"),
    (Member, "GET", "/postmortems/{number}/mentions"), (Member, "POST", "/postmortems/{number}/title"),
    (Member, "GET", "/postmortems/{number}/owner"), (Member, "POST", "/postmortems/{number}/owner"),
    (Member, "POST", "/postmortems/{number}/steps"),
    (Reader, "GET", "/postmortems/{number}/versions"), (Member, "POST", "/postmortems/{number}/versions"),
    (Reader, "GET", "/postmortems/{number}/versions/{version}"),
    (Member, "POST", "/postmortems/{number}/versions/{version}/restoration"),
    (Reader, "POST", "/language"), (Member, "POST", "/incidents/{number}/language/findings"), (Member, "POST", "/postmortems/{number}/language"), (Member, "POST", "/postmortems/{number}/language/findings"),
    (Member, "POST", "/postmortems/{number}/requests"), (Member, "POST", "/postmortems/{number}/requests/settled"),
    (Reader, "GET", "/settings/language"), (Administrator, "POST", "/settings/language"),
    (Administrator, "POST", "/settings/language/channel"), (Reader, "POST", "/api/v1/lint"),
    (Reader, "GET", "/follow-ups"), (Member, "POST", "/incidents/{number}/follow-ups"),
    (Reader, "POST", "/follow-ups/{id}/commitment"), (Reader, "POST", "/follow-ups/{id}/done"),
    (Reader, "POST", "/follow-ups/{id}/drop"),
    (Reader, "GET", "/palette"), (Reader, "GET", "/collab/{number}"),
    (Reader, "GET", "/api/v1/incidents"), (Member, "POST", "/api/v1/incidents"), (Reader, "GET", "/api/v1/incidents/{number}"),
    (Member, "POST", "/api/v1/incidents/{number}/mitigate"), (Member, "POST", "/api/v1/incidents/{number}/resolve"),
    (Member, "POST", "/api/v1/incidents/{number}/reopen"), (Reader, "GET", "/api/v1/incidents/{number}/timeline"),
    (Member, "POST", "/api/v1/incidents/{number}/timeline"), (Member, "PATCH", "/api/v1/incidents/{number}/timeline/{id}"),
    (Member, "POST", "/api/v1/incidents/{number}/key-instants/confirmation"),
    (Reader, "GET", "/api/v1/incidents/{number}/evidence"), (Member, "POST", "/api/v1/incidents/{number}/imports"),
    (Member, "POST", "/api/v1/imports"),
    (Reader, "GET", "/api/v1/postmortems"), (Reader, "GET", "/api/v1/postmortems/{number}"),
    (Member, "PUT", "/api/v1/postmortems/{number}/owner"), (Member, "POST", "/api/v1/postmortems/{number}/steps"),
    (Reader, "GET", "/api/v1/postmortems/{number}/versions"), (Member, "POST", "/api/v1/postmortems/{number}/versions"),
    (Reader, "GET", "/api/v1/postmortems/{number}/versions/{version}"),
    (Member, "POST", "/api/v1/postmortems/{number}/versions/{version}/restore"),
    (Reader, "GET", "/api/v1/follow-ups"), (Reader, "POST", "/api/v1/follow-ups"),
    (Reader, "POST", "/api/v1/follow-ups/{id}/commitment"), (Reader, "POST", "/api/v1/follow-ups/{id}/done"),
    (Reader, "POST", "/api/v1/follow-ups/{id}/drop"), (Reader, "GET", "/api/v1/people"),
];

const NOBODYS_ID: &str = "01900000-0000-7000-8000-000000000000";

pub fn address(path: &str, number: &str) -> String {
    path.replace("{number}", number)
        .replace("{id}", NOBODYS_ID)
        .replace("{block}", "facts")
        .replace("{version}", "1")
        .replace("{token}", "no-such-link")
        .replace("{source}", "github")
        .replace("{*name}", "manifest.json")
}

pub async fn knock(who: &impl Client, method: &str, path: &str, number: &str) -> Answer {
    let method: Method = method.parse().unwrap();
    let kind =
        if path.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", kind)];
    who.send(method, &address(path, number), &headers, Body::empty()).await
}

/// Doors for programs: the API, and the numbers for monitoring.
pub fn takes_tokens(path: &str) -> bool {
    path.starts_with("/api/") || path == "/metrics"
}

/// Refused for want of a sign-in, in the form that the door has for it.
pub fn is_asked_to_sign_in(answer: &Answer, path: &str) -> bool {
    if takes_tokens(path) || path.starts_with("/collab/") {
        answer.status == 401
    } else {
        answer.status == 303 && answer.header("location").starts_with("/sign-in")
    }
}

/// Let in: whatever the handler then said of an empty request, it was no refusal at the door and no fault.
#[track_caller]
fn came_in(answer: &Answer, who: &str) {
    let status = answer.status.as_u16();
    assert!(
        !matches!(status, 401 | 403) && status < 500,
        "{who}, {}: {status} {}",
        answer.what,
        answer.text()
    );
}

#[test]
fn every_route_has_its_row() {
    let promised: BTreeSet<String> =
        DOORS.iter().map(|(_, method, path)| format!("{method} {path}")).collect();
    assert_eq!(promised.len(), DOORS.len(), "a row stands there twice");
    let there: BTreeSet<String> =
        web::routes().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let unguarded: Vec<_> = there.difference(&promised).collect();
    let gone: Vec<_> = promised.difference(&there).collect();
    assert!(
        unguarded.is_empty() && gone.is_empty(),
        "without a row: {unguarded:?}; without a route: {gone:?}"
    );
}

testing::everywhere! {
    async fn everybody_gets_through_their_doors_and_no_others(house: House) {
        let people = [
            (Reader, "Otto Reader", Role::Reader),
            (Member, "Wren Okafor", Role::Member),
            (Administrator, "Ada Lindqvist", Role::Administrator),
        ];
        for (_, name, role) in people {
            house.place.somebody(name, role).await;
        }
        let wren = house.by_link("wren.okafor@larkfare.example").await;
        wren.post("/incidents", &[("title", "Gates"), ("kind", "incident")]).await.leads_to("/incidents/INC-1");
        wren.post("/incidents/INC-1/resolution", &[]).await.leads_to("/incidents/INC-1");
        for (least, method, path) in DOORS {
            let anonymous = knock(&house.anonymous(), method, path, "INC-1").await;
            if *least == Anybody {
                assert!(anonymous.status.as_u16() < 500 && !is_asked_to_sign_in(&anonymous, path), "{}", anonymous.what);
            } else {
                assert!(is_asked_to_sign_in(&anonymous, path), "{} let anybody in: {}", anonymous.what, anonymous.status);
            }
            for (role, name, _) in people {
                // A session each, because one of the doors ends it.
                let email = format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
                let who = house.by_link(&email).await;
                let answer = knock(&who, method, path, "INC-1").await;
                if role >= *least {
                    came_in(&answer, name);
                    assert!(path.contains("sign") || !is_asked_to_sign_in(&answer, path), "{name}, {}", answer.what);
                } else {
                    assert_eq!(answer.status, 403, "{name}, {}", answer.what);
                    assert!(answer.text().contains("Your role does not allow this"), "{}", answer.text());
                }
            }
        }
    }

    async fn a_session_that_is_no_longer_good_opens_nothing(house: House) {
        let gone = house.place.somebody("Petra Gone", Role::Administrator).await;
        house.place.somebody("Ada Lindqvist", Role::Administrator).await;
        let petra = house.by_link("petra.gone@larkfare.example").await;
        let program = house.program_of(&petra).await;
        program.get("/api/v1/incidents").await.ok();
        app::people::deactivate(&house.place.app, &Actor::installation(), gone.person.unwrap()).await.unwrap();
        let made_up = ["debrief_session=", "debrief_session=not-a-session", "other=1", "debrief_session=../../x; debrief_session=y"];
        let strangers = made_up.iter().map(|cookie| SignedIn { router: house.router.clone(), cookie: (*cookie).to_owned() });
        let strangers: Vec<_> = strangers.chain([petra]).collect();
        for (_, method, path) in DOORS.iter().filter(|(least, ..)| *least != Anybody) {
            for who in &strangers {
                let answer = knock(who, method, path, "INC-1").await;
                assert!(is_asked_to_sign_in(&answer, path), "{}, {}: {}", who.cookie, answer.what, answer.status);
            }
            let answer = knock(&program, method, path, "INC-1").await;
            assert!(is_asked_to_sign_in(&answer, path), "a token of somebody gone, {}: {}", answer.what, answer.status);
        }
    }

    async fn a_token_has_the_rights_of_its_owner_and_only_in_the_api(house: House) {
        let mut programs = Vec::new();
        for (role, name, given) in
            [(Reader, "Otto Reader", Role::Reader), (Member, "Wren Okafor", Role::Member), (Administrator, "Ada Lindqvist", Role::Administrator)]
        {
            let who = house.somebody(name, given).await;
            if role == Member {
                who.post("/incidents", &[("title", "Gates"), ("kind", "incident")]).await.leads_to("/incidents/INC-1");
            }
            programs.push((role, name, house.program_of(&who).await));
        }
        for (least, method, path) in DOORS.iter().filter(|(least, ..)| *least != Anybody) {
            for (role, name, program) in &programs {
                let answer = knock(program, method, path, "INC-1").await;
                if !takes_tokens(path) {
                    assert!(is_asked_to_sign_in(&answer, path), "{name}, {}: {}", answer.what, answer.status);
                } else if role >= least {
                    came_in(&answer, name);
                } else {
                    assert_eq!(answer.status, 403, "{name}, {}", answer.what);
                    assert_eq!(answer.value()["error"]["kind"], "forbidden");
                }
            }
        }
    }
}
