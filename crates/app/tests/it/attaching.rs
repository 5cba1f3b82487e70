//! Evidence attached by hand, and what happened to coordination.

use crate::{acts, field, incidents::declaration, is_absent};
use app::{
    incidents,
    timeline::{
        self, Draft,
        attaching::{Attached, attach, file},
        coordinating, history,
    },
};
use domain::{
    EvidenceId,
    access::Actor,
    incident::IncidentNumber,
    person::Role,
    timeline::{Context, EventKind, Precision, TimelineEvent},
};
use testing::Installation;

async fn begin(place: &Installation) -> (Actor, IncidentNumber, TimelineEvent) {
    let actor = place.somebody("Ines Brightwater", Role::Member).await;
    let number = incidents::declare(&place.app, &actor, declaration("The gates")).await.unwrap().number;
    let draft = Draft {
        at: place.clock.now(),
        precision: Precision::Minute,
        kind: EventKind::Update,
        title: "Refusals rise".into(),
        detail: String::new(),
        actor: None,
        team: None,
        evidence: vec![],
        context: Context { audience: Some("customers".into()), ..Context::default() },
    };
    let event = timeline::add(&place.app, &actor, number, draft).await.unwrap();
    (actor, number, event)
}

testing::both! {
    async fn files_links_and_queries_become_evidence(place: Installation) {
        let (actor, number, event) = begin(&place).await;
        let keep = |what| attach(&place.app, &actor, number, event.id, what);
        // Larger than one piece, so that putting pieces together is tried too.
        let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
        picture.extend((0..700_000u32).flat_map(u32::to_le_bytes).take(600_000));
        let graph = keep(Attached::File { name: "graph.png".into(), bytes: picture.clone() }).await.unwrap();
        let (kept, bytes) = file(&place.app, &actor, number, graph).await.unwrap();
        assert_eq!((kept.name.as_str(), kept.media.as_str(), bytes == picture), ("graph.png", "image/png", true));
        keep(Attached::Link { url: "https://status.larkfare.example/1".into(), title: "Status".into(), text: "Gates slow".into() }).await.unwrap();
        let query = Attached::Query { place: "Metrics".into(), text: "sum(rate(refusals[5m]))".into(), url: String::new() };
        let query = keep(query).await.unwrap();
        let shown = app::evidence::show(&place.app, &actor, number, query).await.unwrap();
        assert_eq!(shown.evidence.text, "sum(rate(refusals[5m]))");
        let now = timeline::show(&place.app, &actor, number, event.id).await.unwrap();
        assert_eq!(now.evidence.len(), 3);

        let svg = Attached::File { name: "a.png".into(), bytes: b"<svg onload=\"x\"/>".to_vec() };
        assert_eq!(field(keep(svg).await), Some("file"));
        let odd = Attached::Link { url: "javascript:alert(1)".into(), title: "x".into(), text: String::new() };
        assert_eq!(field(keep(odd).await), Some("url"));
        assert!(is_absent(file(&place.app, &actor, number, query).await));
        assert!(is_absent(file(&place.app, &actor, number, EvidenceId::new(place.clock.now(), [9; 10])).await));
        let (_, all) = history::acts(&place.app, &actor, number).await.unwrap();
        history::undo(&place.app, &actor, number, all[0].id).await.unwrap();
        assert_eq!(timeline::show(&place.app, &actor, number, event.id).await.unwrap().evidence.len(), 2);
    }

    async fn coordination_is_read_and_settled_by_people(place: Installation) {
        let (actor, number, _) = begin(&place).await;
        coordinating::set_audience(&place.app, &actor, number, "support desk", Some((true, Some(45)))).await.unwrap();
        coordinating::set_audience(&place.app, &actor, number, "customers", Some((true, None))).await.unwrap();
        let shown = coordinating::show(&place.app, &actor, number).await.unwrap();
        assert_eq!(shown.read.untold, ["support desk"]);
        assert_eq!(shown.audiences.len(), 2);
        coordinating::set_audience(&place.app, &actor, number, "support desk", None).await.unwrap();
        coordinating::settle(&place.app, &actor, number, "duplicate:a:b", false, "They agreed on it").await.unwrap();
        let shown = coordinating::show(&place.app, &actor, number).await.unwrap();
        assert!(shown.read.untold.is_empty());
        let said = &shown.verdicts["duplicate:a:b"];
        assert_eq!((said.confirmed, said.note.as_str(), said.decided_by.as_str()), (false, "They agreed on it", "Ines Brightwater"));
        assert_eq!(field(coordinating::set_audience(&place.app, &actor, number, "x", Some((true, Some(0)))).await), Some("every"));
        assert!(acts(&place).await.contains(&"coordination.settle".to_owned()));
    }
}
