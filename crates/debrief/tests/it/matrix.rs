//! Every route as everybody, on an incident that all see, one that only some see, and one that does not exist.
//!
//! What is expected follows from one table: the least role of each door ([`crate::doors::DOORS`]), what parts add
//! to it (`domain::access`), and who sees the incident. A route without a row fails.

#![expect(clippy::print_stdout, reason = "how many cells were asserted is what is reported")]

use crate::{
    doors::{DOORS, Who, address, is_asked_to_sign_in, knock, takes_tokens},
    house::{Answer, Client, House, Program, SignedIn},
};
use app::{postmortems, sharing, teams};
use domain::{
    access::{Action, Actor, Part, could, may},
    incident::IncidentNumber,
    instant::Span,
    person::Role,
    scope::{Scope, Scopes},
};
use web::Rule;

const OPEN: &str = "INC-1";
const CLOSED: &str = "INC-2";
/// As long as the others, so that answers are as long.
const ABSENT: &str = "INC-7";
/// What stands in everything of the narrowed incident.
const SECRET: &str = "quokka";

/// Somebody who tries every door.
struct Somebody {
    name: &'static str,
    role: Role,
    /// What they are to the incident that all see.
    open: &'static [Part],
    /// Whether they see the narrowed one, and what they are to it.
    closed: Option<&'static [Part]>,
}

const PEOPLE: [Somebody; 12] = [
    Somebody { name: "Otto Reader", role: Role::Reader, open: &[], closed: None },
    Somebody { name: "Wren Member", role: Role::Member, open: &[], closed: None },
    Somebody { name: "Ada Chief", role: Role::Administrator, open: &[], closed: None },
    Somebody { name: "Rolf Responder", role: Role::Reader, open: &[Part::Responder], closed: None },
    Somebody { name: "Pia Participant", role: Role::Reader, open: &[Part::Participant], closed: None },
    Somebody { name: "Fay Facilitator", role: Role::Reader, open: &[Part::Facilitator], closed: None },
    Somebody { name: "Olu Owner", role: Role::Reader, open: &[Part::Owner], closed: None },
    Somebody { name: "Nils Named", role: Role::Reader, open: &[], closed: Some(&[]) },
    Somebody { name: "Tom Teammate", role: Role::Member, open: &[], closed: Some(&[]) },
    Somebody { name: "Bo Otherteam", role: Role::Member, open: &[], closed: None },
    Somebody { name: "Rosa Insider", role: Role::Reader, open: &[], closed: Some(&[Part::Responder]) },
    Somebody { name: "Lena Looksin", role: Role::Administrator, open: &[], closed: Some(&[]) },
];

/// Whose tokens are tried with each scope alone.
const LIMITED: [&str; 3] = ["Ada Chief", "Tom Teammate", "Rosa Insider"];

impl Somebody {
    fn email(&self) -> String {
        format!("{}@larkfare.example", self.name.to_lowercase().replace(' ', "."))
    }

    /// What they are to an incident; `None` if they cannot see it.
    fn parts(&self, number: &str) -> Option<&'static [Part]> {
        match number {
            OPEN => Some(self.open),
            CLOSED => self.closed,
            _ => None,
        }
    }
}

/// What a door answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    AsksToSignIn,
    Forbidden,
    /// Word for word as for an incident that does not exist, and no success.
    AsIfAbsent,
    ComesIn,
}

fn expected(
    rule: Rule,
    (role, scopes): (Role, Scopes),
    parts: Option<&[Part]>,
    has_number: bool,
) -> Expected {
    let actor = Actor { person: None, name: String::new(), role, scopes };
    let (action, here) = match rule {
        Rule::Open => return Expected::ComesIn,
        Rule::May(action) => (action, false),
        Rule::Here(action) => (action, true),
        // The door is open to whoever could; what the act then finds has no number here.
        Rule::Somewhere(action) => {
            return if could(&actor, action) { Expected::ComesIn } else { Expected::Forbidden };
        }
    };
    // Looking in is for those who do not see it; what it says of others is tried by name.
    let by_role = if here { could(&actor, action) } else { may(&actor, &[], action) };
    match parts {
        _ if !by_role => Expected::Forbidden,
        _ if !has_number || action == Action::LookInto => Expected::ComesIn,
        None => Expected::AsIfAbsent,
        Some(parts) if may(&actor, parts, action) => Expected::ComesIn,
        Some(_) => Expected::Forbidden,
    }
}

/// Whether somebody with this role could do it by some part.
fn could_as(role: Role, action: Action) -> bool {
    could(&Actor { person: None, name: String::new(), role, scopes: Scopes::ALL }, action)
}

/// The answer's words with the number taken out, so that two incidents can be compared.
fn words(answer: &Answer, number: &str) -> String {
    answer.text().replace(number, "INC").replace(&number.to_lowercase(), "inc")
}

/// Everything by which a hidden incident could be told from an absent one: status, words, headers, statements.
type Traits = (u16, String, Vec<(String, String)>, u64);

fn traits(answer: &Answer, number: &str) -> Traits {
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).replace(number, "INC"))
    };
    // Each request has an id of its own.
    let headers = answer.headers.iter().map(header).filter(|(name, _)| name != "x-request-id").collect();
    (answer.status.as_u16(), words(answer, number), headers, answer.statements)
}

struct Tally {
    cells: usize,
    failures: Vec<String>,
}

impl Tally {
    fn check(&mut self, good: bool, who: &str, answer: &Answer, expected: Expected) {
        self.cells += 1;
        if !good {
            let text: String = answer.text().chars().take(200).collect();
            let text = format!("{} statements, {:?}: {text}", answer.statements, answer.headers);
            self.failures
                .push(format!("{who}: {} {} instead of {expected:?}: {text}", answer.what, answer.status));
        }
    }
}

struct Scene {
    house: House,
    gone: SignedIn,
    gone_program: Program,
    expired: SignedIn,
}

async fn scene(house: House) -> Scene {
    let app = house.place.app.clone();
    let us = Actor::installation();
    house.somebody("Xena Expired", Role::Administrator).await;
    let expired = house.by_link("xena.expired@larkfare.example").await;
    house.place.clock.advance(Span::days(400));
    for person in &PEOPLE {
        house.place.somebody(person.name, person.role).await;
    }
    let gone = house.place.somebody("Dora Gone", Role::Administrator).await;
    let browser = house.by_link("dora.gone@larkfare.example").await;
    let program = house.program_of(&browser).await;
    app::people::deactivate(&app, &us, gone.person.unwrap()).await.unwrap();
    for title in ["Gates refuse tickets", SECRET] {
        let wren = house.by_link("tom.teammate@larkfare.example").await;
        let location =
            wren.post("/incidents", &[("title", title), ("kind", "incident"), ("team", title)]).await;
        location.leads_to("/incidents/INC-");
    }
    let team = teams::create(&app, &us, "Insiders").await.unwrap();
    teams::take_in(&app, &us, team, id(&house, "Tom Teammate").await).await.unwrap();
    let other = teams::create(&app, &us, "Others").await.unwrap();
    teams::take_in(&app, &us, other, id(&house, "Bo Otherteam").await).await.unwrap();
    for number in [OPEN, CLOSED] {
        let number: IncidentNumber = number.parse().unwrap();
        app::incidents::resolve(&app, &us, number, app::incidents::Resolution::default()).await.unwrap();
    }
    for person in &PEOPLE {
        let who = id(&house, person.name).await;
        for (number, parts) in [(OPEN, person.open), (CLOSED, person.closed.unwrap_or(&[]))] {
            let number: IncidentNumber = number.parse().unwrap();
            for part in parts {
                match part {
                    Part::Owner => drop(postmortems::hand_to(&app, &us, number, who).await.unwrap()),
                    part => sharing::give_part(&app, &us, number, who, *part).await.unwrap(),
                }
            }
        }
    }
    narrow(&house).await;
    Scene { gone: browser, gone_program: program, expired, house }
}

async fn id(house: &House, name: &str) -> domain::PersonId {
    let email = format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
    let found = app::people::find_by_email(&house.place.app, &Actor::installation(), &email).await.unwrap();
    found.unwrap().id
}

/// Narrows the second incident to those who see it; some doors undo that.
async fn narrow(house: &House) {
    let (app, us) = (&house.place.app, Actor::installation());
    let team = teams::list(app, &us).await.unwrap().into_iter().find(|team| team.name.as_str() == "Insiders");
    let choice = sharing::Choice {
        reason: "Names a customer".into(),
        until: None,
        people: vec![id(house, "Nils Named").await],
        teams: vec![team.unwrap().id],
    };
    sharing::narrow(app, &us, CLOSED.parse().unwrap(), choice).await.unwrap();
    let lena = Actor {
        person: Some(id(house, "Lena Looksin").await),
        name: "Lena Looksin".into(),
        role: Role::Administrator,
        scopes: Scopes::ALL,
    };
    // She sees it for an hour already, or looks in again.
    let looked = sharing::look_into(app, &lena, CLOSED.parse().unwrap(), "A legal request").await;
    assert!(looked.is_ok() || matches!(looked, Err(app::Error::NotFound)));
}

/// Whatever the handler then said of an empty request. Signing in is slowed down for somebody who tries often.
fn came_in(path: &str, status: u16) -> bool {
    !matches!(status, 401 | 403) && (status < 500 || (path.starts_with("/sign-in") && status == 503))
}

async fn cells(scene: &Scene) -> (usize, Tally) {
    let house = &scene.house;
    let mut tally = Tally { cells: 0, failures: Vec::new() };
    let rows = web::routes();
    let mut sessions = Vec::new();
    for person in &PEOPLE {
        sessions.push(house.by_link(&person.email()).await);
    }
    for row in &rows {
        let what = format!("{} {}", row.method, row.path);
        let Some((least, ..)) =
            DOORS.iter().find(|(_, method, path)| *method == row.method.as_str() && *path == row.path)
        else {
            tally.failures.push(format!("{what} has no row"));
            continue;
        };
        let by_rule = match row.rule {
            Rule::Open => None,
            Rule::May(action) | Rule::Here(action) => Some(action.needs()),
            Rule::Somewhere(action) => Role::ALL.into_iter().find(|role| could_as(*role, action)),
        };
        if by_rule != least.role() {
            tally.failures.push(format!("{what}: its rule and its row differ"));
            continue;
        }
        let method = row.method.as_str();
        if row.rule != Rule::Open {
            let made_up = SignedIn { router: house.router.clone(), cookie: "debrief_session=made-up".into() };
            let anonymous = house.anonymous();
            for answer in [
                knock(&anonymous, method, row.path, OPEN).await,
                knock(&anonymous, method, row.path, CLOSED).await,
                knock(&made_up, method, row.path, CLOSED).await,
                knock(&scene.gone, method, row.path, OPEN).await,
                knock(&scene.expired, method, row.path, OPEN).await,
                knock(&scene.gone_program, method, row.path, OPEN).await,
            ] {
                let good = is_asked_to_sign_in(&answer, row.path);
                tally.check(good, "nobody", &answer, Expected::AsksToSignIn);
            }
        }
        let has_number = row.path.contains("{number}");
        let numbers: &[&str] = if has_number { &[ABSENT, OPEN, CLOSED] } else { &[OPEN] };
        for (n, person) in PEOPLE.iter().enumerate() {
            let mut absent: Option<Traits> = None;
            for number in numbers {
                let answer = knock(&sessions[n], method, row.path, number).await;
                // Doors that are about oneself may end one's sessions.
                if row.path.starts_with("/s") {
                    sessions[n] = house.by_link(&person.email()).await;
                }
                if row.path.ends_with("/widening") {
                    narrow(house).await;
                }
                let rights = (person.role, Scopes::ALL);
                let expected = expected(row.rule, rights, person.parts(number), has_number);
                let status = answer.status.as_u16();
                let found = traits(&answer, number);
                let good = match expected {
                    Expected::AsksToSignIn => is_asked_to_sign_in(&answer, row.path),
                    Expected::Forbidden => status == 403,
                    Expected::ComesIn => came_in(row.path, status),
                    Expected::AsIfAbsent => {
                        let same = absent.as_ref().is_none_or(|it| *it == found);
                        same && !found.1.contains(SECRET) && !matches!(status, 401 | 403) && status < 500
                    }
                };
                tally.check(good, person.name, &answer, expected);
                if *number == ABSENT {
                    absent = Some(found);
                }
            }
        }
    }
    (rows.len(), tally)
}

/// Tokens of everybody, on every route: the rights of their owner below `/api/`, nothing elsewhere.
async fn token_cells(scene: &Scene, tally: &mut Tally) {
    let house = &scene.house;
    let all = PEOPLE.iter().map(|person| (person, Scopes::ALL));
    let each = PEOPLE.iter().filter(|person| LIMITED.contains(&person.name));
    let limited = each.flat_map(|person| Scope::ALL.map(|scope| (person, Scopes::NONE.with(scope))));
    for (person, scopes) in all.chain(limited) {
        let actor = Actor {
            person: Some(id(house, person.name).await),
            name: person.name.into(),
            role: person.role,
            scopes: Scopes::ALL,
        };
        let new = app::tokens::New { label: format!("{scopes}"), scopes, days: None };
        let token = app::tokens::create(&house.place.app, &actor, new).await.unwrap();
        let program = Program { router: house.router.clone(), token };
        for row in web::routes().iter().filter(|row| row.rule != Rule::Open) {
            let has_number = row.path.contains("{number}");
            let numbers: &[&str] = if has_number { &[OPEN, CLOSED] } else { &[OPEN] };
            for number in numbers {
                let answer = knock(&program, row.method.as_str(), row.path, number).await;
                if row.path.ends_with("/widening") {
                    narrow(house).await;
                }
                let expected = if takes_tokens(row.path) {
                    expected(row.rule, (person.role, scopes), person.parts(number), has_number)
                } else {
                    Expected::AsksToSignIn
                };
                let status = answer.status.as_u16();
                let good = match expected {
                    Expected::AsksToSignIn => is_asked_to_sign_in(&answer, row.path),
                    Expected::Forbidden => status == 403,
                    Expected::ComesIn => came_in(row.path, status),
                    Expected::AsIfAbsent => !answer.text().contains(SECRET) && (400..500).contains(&status),
                };
                tally.check(good, &format!("{} with {scopes}", person.name), &answer, expected);
            }
        }
    }
}

#[test]
fn rows_are_read_as_rules() {
    let least = [Who::Anybody, Who::Reader, Who::Member, Who::Administrator].map(Who::role);
    assert_eq!(least, [None, Some(Role::Reader), Some(Role::Member), Some(Role::Administrator)]);
    assert!(DOORS.iter().all(|(.., path)| address(path, OPEN).starts_with('/')));
}

testing::both! {
    async fn every_route_as_everybody(house: House) {
        let scene = scene(house).await;
        let (routes, mut tally) = cells(&scene).await;
        token_cells(&scene, &mut tally).await;
        for failure in &tally.failures {
            println!("{failure}");
        }
        println!("routes={routes} cells={} failures={}", tally.cells, tally.failures.len());
        assert!(tally.failures.is_empty(), "{} cells are not what the table says", tally.failures.len());
    }
}
