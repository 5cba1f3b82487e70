//! Services and who was on call for them over time.

use crate::{acts, field, is_absent, is_forbidden};
use app::{
    incidents,
    on_call::{self, NamedBytes, New},
    services, sharing, teams, timeline,
};
use domain::{
    Instant, ServiceId,
    access::Actor,
    incident::{IncidentKind, IncidentNumber},
    instant::Span,
    person::Role,
};
use serde_json::json;
use testing::{Installation, both};

async fn incident(place: &Installation, by: &Actor, names: &[&str]) -> IncidentNumber {
    let said = incidents::Declaration {
        title: "Gates refuse tickets".into(),
        summary: String::new(),
        kind: IncidentKind::Incident,
        severity: None,
        services: names.iter().map(|name| (*name).into()).collect(),
        team: None,
        declared_at: None,
    };
    incidents::declare(&place.app, by, said).await.unwrap().number
}

fn duty(who: &Actor, from: Instant, hours: i64, level: i64) -> New {
    New { person: who.person, name: String::new(), level, from, to: Some(from.plus(Span::hours(hours))) }
}

/// A schedule of PagerDuty from day to day, by names.
fn schedule(entries: &[(&str, &str, &str)]) -> NamedBytes {
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, from, to)| {
            json!({ "start": format!("{from}T00:00:00Z"), "end": format!("{to}T00:00:00Z"), "user": { "summary": name } })
        })
        .collect();
    let text = json!({ "schedule": { "id": "PS1", "name": "Ticket  GATES", "final_schedule": { "rendered_schedule_entries": entries } } });
    NamedBytes { name: "schedule.json".into(), bytes: text.to_string().into_bytes() }
}

/// An id that nothing has.
fn before_any() -> uuid::Uuid {
    domain::TokenId::new(Instant::from_micros(0), [0; 10]).0
}

async fn told(place: &Installation, who: &Actor, id: ServiceId) -> Vec<(String, i64, String)> {
    let shown = services::show(&place.app, who, id).await.unwrap();
    let line = |it: services::Duty| (it.duty.name, it.duty.level, it.duty.from.to_string()[..10].to_owned());
    shown.duties.into_iter().map(line).collect()
}

both! {
    async fn a_service_is_found_by_its_name_and_shows_no_hidden_incident(place: Installation) {
        let app = &place.app;
        let us = Actor::installation();
        let (wren, otto) = (place.somebody("Wren Okafor", Role::Member).await, place.somebody("Otto Reader", Role::Reader).await);
        let before = incident(&place, &wren, &["ticket gates", "Boards"]).await;
        incident(&place, &wren, &["Gates of tickets"]).await;
        assert!(is_forbidden(services::create(app, &wren, "Ticket Gates", None).await));
        let team = teams::create(app, &us, "Barriers").await.unwrap();
        let id = services::create(app, &us, " Ticket  Gates ", Some(team)).await.unwrap();
        assert_eq!(field(services::create(app, &us, "ticket gates", None).await), Some("name"));
        assert_eq!(field(services::create(app, &us, "Boards", Some(domain::TeamId(id.0))).await), Some("team"));
        let shown = services::show(app, &otto, id).await.unwrap();
        assert_eq!(shown.service.team.map(|(_, name)| name).as_deref(), Some("Barriers"));
        assert_eq!(shown.incidents.iter().map(|it| it.number).collect::<Vec<_>>(), [before], "only whose name matches");
        let only = sharing::Choice { reason: "Names a customer".into(), ..sharing::Choice::default() };
        sharing::narrow(app, &wren, before, only).await.unwrap();
        assert!(services::show(app, &otto, id).await.unwrap().incidents.is_empty());
        assert_eq!(services::show(app, &wren, id).await.unwrap().incidents.len(), 1);
        assert!(is_absent(on_call::candidates(app, &wren, "INC-99".parse().unwrap()).await));
        services::set_team(app, &us, id, None).await.unwrap();
        assert_eq!(services::list(app, &otto).await.unwrap().0[0].service.team, None);
        services::end(app, &us, id).await.unwrap();
        assert!(is_absent(services::show(app, &wren, id).await) && services::list(app, &otto).await.unwrap().0.is_empty());
        services::create(app, &us, "Ticket gates", None).await.unwrap();
        let written = acts(&place).await;
        assert!(["service.create", "service.set_team", "service.end"].iter().all(|act| written.iter().any(|it| it == act)));
    }

    async fn a_service_is_found_by_every_name_it_had(place: Installation) {
        let app = &place.app;
        let us = Actor::installation();
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        let gates = services::create(app, &us, "Ticket gates", None).await.unwrap();
        let boards = services::create(app, &us, "Boards", None).await.unwrap();
        on_call::add(app, &wren, gates, duty(&wren, app.now().plus(Span::hours(-1)), 48, 1)).await.unwrap();
        let before = incident(&place, &wren, &["ticket  GATES"]).await;
        let other = incident(&place, &wren, &["boards"]).await;
        place.clock.advance(Span::hours(1));
        assert!(is_forbidden(services::rename(app, &wren, gates, "Entry barriers").await));
        assert!(is_absent(services::rename(app, &us, ServiceId(before_any()), "Entry barriers").await));
        services::rename(app, &us, gates, " Entry  barriers ").await.unwrap();
        services::rename(app, &us, gates, "Entry barriers").await.unwrap();
        let after = incident(&place, &wren, &["ENTRY barriers"]).await;
        let names = async || {
            let shown = services::show(app, &wren, gates).await.unwrap();
            let name = |it: &services::Called| (it.name.clone(), it.until.is_some());
            (shown.service.name.to_string(), shown.called.iter().map(name).collect::<Vec<_>>())
        };
        let said = |all: &[(&str, bool)]| all.iter().map(|(name, over)| ((*name).to_owned(), *over)).collect::<Vec<_>>();
        assert_eq!(names().await, ("Entry barriers".into(), said(&[("Entry barriers", false), ("Ticket gates", true)])));
        let found = services::show(app, &wren, gates).await.unwrap().incidents;
        assert_eq!(found.iter().map(|it| it.number).collect::<Vec<_>>(), [after, before]);
        assert_eq!(services::show(app, &wren, boards).await.unwrap().incidents[0].number, other);
        // A schedule goes on using the old name, and so do the incident, its impact and whoever asks who was on call.
        let week = schedule(&[("Wren Okafor", "2026-11-10", "2026-11-12")]);
        for names in [vec![], vec!["TICKET gates".to_owned()], vec!["entry barriers".to_owned()]] {
            let outcome = on_call::import(app, &wren, std::slice::from_ref(&week), &names).await.unwrap();
            assert_eq!((outcome.services, outcome.duties), (vec!["Entry barriers".to_owned()], 1), "{names:?}");
        }
        let interval = domain::timeline::impact::Interval {
            service: "Ticket Gates".into(), audience: String::new(), from: app.now(), to: Some(app.now().plus(Span::minutes(9))),
            precision: domain::timeline::Precision::Minute, degree: domain::timeline::impact::Degree::Full, share: None, affected: None,
        };
        timeline::impact::set(app, &wren, before, None, interval, "").await.unwrap();
        let asked = on_call::candidates(app, &wren, before).await.unwrap();
        assert_eq!((asked[0].then.service.as_str(), asked[0].affected.as_minutes()), ("Entry barriers", 9));
        // No other service is called so, now or as it was, nor something that looks like it.
        for taken in ["ticket GATES", "Entry barriers", "Тicket gates", ""] {
            assert_eq!(field(services::create(app, &us, taken, None).await), Some("name"), "{taken:?}");
            assert_eq!(field(services::rename(app, &us, boards, taken).await), Some("name"), "{taken:?}");
        }
        assert_eq!(services::show(app, &wren, boards).await.unwrap().called.len(), 1, "what was refused left nothing");
        // Its own earlier name comes back, capitals and all; every name still finds it.
        place.clock.advance(Span::hours(1));
        services::rename(app, &us, gates, "Ticket Gates").await.unwrap();
        let all = said(&[("Ticket Gates", false), ("Entry barriers", true), ("Ticket gates", true)]);
        assert_eq!(names().await, ("Ticket Gates".into(), all));
        assert_eq!(services::show(app, &wren, gates).await.unwrap().incidents.len(), 2);
        assert_eq!(field(services::rename(app, &us, boards, "Entry barriers").await), Some("name"));
        assert_eq!(acts(&place).await.iter().filter(|act| *act == "service.rename").count(), 2);
        // With its end its names are free.
        services::end(app, &us, gates).await.unwrap();
        services::rename(app, &us, boards, "Entry barriers").await.unwrap();
        services::create(app, &us, "Ticket gates", None).await.unwrap();
    }

    async fn of_two_services_that_want_one_name_one_gets_it(place: Installation) {
        let app = &place.app;
        let us = Actor::installation();
        let mut all = Vec::new();
        for name in ["Gates", "Boards", "Seat maps"] {
            all.push(services::create(app, &us, name, None).await.unwrap());
        }
        for n in 0..8 {
            place.clock.advance(Span::minutes(1));
            let name = format!("Barriers {n}");
            let (one, other, third) = tokio::join!(
                services::rename(app, &us, all[0], &name), services::rename(app, &us, all[1], &name),
                services::create(app, &us, &name, None),
            );
            let won = [one.is_ok(), other.is_ok(), third.is_ok()].iter().filter(|it| **it).count();
            assert_eq!(won, 1, "{one:?} {other:?} {third:?}");
        }
        // And of two who rename one, both do, one after the other.
        place.clock.advance(Span::minutes(1));
        let (one, other) = tokio::join!(services::rename(app, &us, all[2], "Seats"), services::rename(app, &us, all[2], "Chairs"));
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        let shown = services::show(app, &us, all[2]).await.unwrap();
        assert_eq!(shown.called.iter().filter(|it| it.until.is_none()).count(), 1, "{:?}", shown.called);
        assert_eq!(shown.called.len(), 3);
        let now = shown.called.iter().find(|it| it.until.is_none()).unwrap();
        assert_eq!(now.name, shown.service.name.to_string());
    }

    async fn who_was_on_call_then_is_shown_and_asked_first(place: Installation) {
        let app = &place.app;
        let us = Actor::installation();
        let (wren, noor) = (place.somebody("Wren Okafor", Role::Member).await, place.somebody("Noor Vos", Role::Member).await);
        let otto = place.somebody("Otto Reader", Role::Reader).await;
        let gates = services::create(app, &us, "Ticket gates", None).await.unwrap();
        let boards = services::create(app, &us, "Boards", None).await.unwrap();
        let now = app.now();
        assert!(is_forbidden(on_call::add(app, &otto, gates, duty(&wren, now, 8, 1)).await));
        assert_eq!(field(on_call::add(app, &wren, gates, duty(&wren, now, 0, 1)).await), Some("to"));
        assert_eq!(field(on_call::add(app, &wren, gates, duty(&wren, now, 1, 0)).await), Some("level"));
        on_call::add(app, &wren, gates, duty(&wren, now.plus(Span::hours(-8)), 8, 1)).await.unwrap();
        on_call::add(app, &wren, gates, duty(&noor, now, 8, 1)).await.unwrap();
        on_call::add(app, &wren, boards, duty(&wren, now, 8, 1)).await.unwrap();
        assert_eq!(services::list(app, &otto).await.unwrap().0[1].on_call, ["Noor Vos"]);
        let number = incident(&place, &wren, &["ticket  GATES", "boards"]).await;
        place.clock.advance(Span::hours(1));
        incidents::resolve(app, &wren, number, incidents::Resolution::default()).await.unwrap();
        place.clock.advance(Span::hours(20));
        // Whoever was relieved just before is not among them; the day after changes nothing.
        let names = |all: &[on_call::Then]| all.iter().map(|it| format!("{} {}", it.service, it.duty.name)).collect::<Vec<_>>();
        let shown = sharing::show(app, &otto, number).await.unwrap();
        assert_eq!(names(&shown.on_call), ["Boards Wren Okafor", "Ticket gates Noor Vos"]);
        // For the service that was affected longest first (OWN-05).
        for (service, minutes) in [("Boards", 5), ("Ticket gates", 50)] {
            let interval = domain::timeline::impact::Interval {
                service: service.into(),
                audience: String::new(),
                from: now,
                to: Some(now.plus(Span::minutes(minutes))),
                precision: domain::timeline::Precision::Minute,
                degree: domain::timeline::impact::Degree::Full,
                share: None,
                affected: None,
            };
            timeline::impact::set(app, &wren, number, None, interval, "").await.unwrap();
        }
        let found = on_call::candidates(app, &wren, number).await.unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.then.duty.name.as_str(), it.affected.as_minutes(), it.most)).collect();
        assert_eq!(found, [("Noor Vos", 50, true), ("Wren Okafor", 5, false)]);
        let line = services::show(app, &wren, boards).await.unwrap().duties.remove(0);
        on_call::remove(app, &noor, boards, line.id).await.unwrap();
        assert!(is_absent(on_call::remove(app, &noor, boards, line.id).await));
        assert_eq!(on_call::candidates(app, &wren, number).await.unwrap().len(), 1);
    }

    async fn a_schedule_brought_in_twice_changes_nothing_and_a_newer_one_its_range(place: Installation) {
        let app = &place.app;
        let us = Actor::installation();
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        let otto = place.somebody("Otto Reader", Role::Reader).await;
        let gates = services::create(app, &us, "Ticket gates", None).await.unwrap();
        let first = schedule(&[("wren okafor", "2026-11-10", "2026-11-12"), ("Noor Vos", "2026-11-12", "2026-11-14")]);
        let import = async |who: &Actor, file: &NamedBytes, names: &[String]| on_call::import(app, who, std::slice::from_ref(file), names).await;
        assert!(is_forbidden(import(&otto, &first, &[]).await));
        assert_eq!(field(import(&wren, &first, &["Boards".into()]).await), Some("service"));
        let outcome = import(&wren, &first, &[]).await.unwrap();
        assert_eq!((outcome.services, outcome.duties, outcome.unknown), (vec!["Ticket gates".to_owned()], 2, vec!["Noor Vos".to_owned()]));
        let once = told(&place, &wren, gates).await;
        assert_eq!(once[0], ("Wren Okafor".into(), 1, "2026-11-10".into()), "under the name they have here");
        import(&wren, &first, &["ticket gates".into()]).await.unwrap();
        assert_eq!(told(&place, &wren, gates).await, once);
        // A duty by hand stays, whatever a file says; somebody who joined is known the next time.
        let noor = place.somebody("Noor Vos", Role::Member).await;
        on_call::add(app, &wren, gates, duty(&noor, "2026-11-10T00:00:00Z".parse().unwrap(), 24, 2)).await.unwrap();
        let newer = schedule(&[("Noor Vos", "2026-11-11", "2026-11-13")]);
        assert!(import(&wren, &newer, &[]).await.unwrap().unknown.is_empty());
        let all = told(&place, &wren, gates).await;
        let wanted = [("Wren Okafor", 1, "2026-11-10"), ("Noor Vos", 2, "2026-11-10"), ("Noor Vos", 1, "2026-11-11")];
        assert_eq!(all, wanted.map(|(name, level, day)| (name.to_owned(), level, day.to_owned())));
        // A file that is none changes nothing.
        let broken = NamedBytes { name: "broken.json".into(), bytes: b"{\"oncalls\":".to_vec() };
        assert_eq!(field(import(&wren, &broken, &[]).await), Some("files"));
        assert_eq!(on_call::import(app, &wren, &[newer, broken], &[]).await.err().map(|it| it.to_string().contains("broken.json")), Some(true));
        assert_eq!(told(&place, &wren, gates).await, all);
    }
}
