//! Evidence attached by hand, and what happened to coordination.

use crate::{acts, field, incidents::declaration, is_absent, is_conflict};
use app::{
    incidents,
    timeline::{
        self, Draft,
        attaching::{Attached, attach, file, thumbnail},
        coordinating, history, snapshots,
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
        keep(Attached::Link { url: "https://status.larkfare.example/1".into(), title: "Status".into(), text: "Gates slow".into(), fetch: false }).await.unwrap();
        let query = Attached::Query { place: "Metrics".into(), text: "sum(rate(refusals[5m]))".into(), url: String::new() };
        let query = keep(query).await.unwrap();
        let shown = app::evidence::show(&place.app, &actor, number, query).await.unwrap();
        assert_eq!(shown.evidence.text, "sum(rate(refusals[5m]))");
        let now = timeline::show(&place.app, &actor, number, event.id).await.unwrap();
        assert_eq!(now.evidence.len(), 3);

        let mut png = Vec::new();
        let pixels = image::RgbImage::from_fn(1200, 400, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
        pixels.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
        let drawn = keep(Attached::File { name: "latency.png".into(), bytes: png }).await.unwrap();
        let small = thumbnail(&place.app, &actor, number, drawn).await.unwrap();
        assert_eq!((small.width, small.height), (960, 320));
        let stranger = place.somebody("Stranger", Role::Reader).await;
        assert!(thumbnail(&place.app, &stranger, number, drawn).await.is_ok());
        // What only says that it is a picture is kept all the same, without a small one.
        assert!(is_absent(thumbnail(&place.app, &actor, number, graph).await));
        let now = timeline::show(&place.app, &actor, number, event.id).await.unwrap();
        assert_eq!(now.evidence.iter().filter(|cited| cited.pictured).count(), 1);

        incidents::resolve(&place.app, &actor, number, incidents::Resolution::default()).await.unwrap();
        let export = async |format| {
            let out = app::exporting::export(&place.app, &actor, number, format).await.unwrap();
            String::from_utf8(out.bytes).unwrap()
        };
        let page = export(app::exporting::Format::Html).await;
        assert_eq!(page.matches("<img src=\"data:image/").count(), 1);
        assert!(page.contains("latency.png") && page.contains("sum(rate(refusals[5m]))"));
        let text = export(app::exporting::Format::Markdown).await;
        assert!(text.contains(&kept.digest.to_string()) && text.contains("Link: [Status](<https://status.larkfare.example/1>)"), "{text}");

        let svg = Attached::File { name: "a.png".into(), bytes: b"<svg onload=\"x\"/>".to_vec() };
        assert_eq!(field(keep(svg).await), Some("file"));
        let odd = Attached::Link { url: "javascript:alert(1)".into(), title: "x".into(), text: String::new(), fetch: false };
        assert_eq!(field(keep(odd).await), Some("url"));
        assert!(is_absent(file(&place.app, &actor, number, query).await));
        assert!(is_absent(file(&place.app, &actor, number, EvidenceId::new(place.clock.now(), [9; 10])).await));
        let (_, all) = history::acts(&place.app, &actor, number).await.unwrap();
        history::undo(&place.app, &actor, number, all[0].id).await.unwrap();
        assert_eq!(timeline::show(&place.app, &actor, number, event.id).await.unwrap().evidence.len(), 3);
    }

    async fn a_linked_page_is_kept_where_the_settings_let_it_be_fetched(place: Installation) {
        let (actor, number, event) = begin(&place).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut line, _) = listener.accept().await.unwrap();
                let page = "<title>Status &amp; more</title><script>x</script><p>Gates slow";
                let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", page.len());
                let mut asked = [0; 1024];
                let _ = tokio::io::AsyncReadExt::read(&mut line, &mut asked).await;
                let _ = tokio::io::AsyncWriteExt::write_all(&mut line, format!("{head}{page}").as_bytes()).await;
            }
        });
        let link = |url: &str| Attached::Link { url: url.into(), title: String::new(), text: String::new(), fetch: true };
        let inside = format!("http://{host}/status");

        // Off unless the settings say otherwise, and the link says so.
        let refused = attach(&place.app, &actor, number, event.id, link(&inside)).await.unwrap();
        let kept = snapshots::find(&place.app, &actor, number, refused).await.unwrap().unwrap();
        assert!(kept.state == snapshots::State::Refused && kept.reason.contains("snapshot_links"), "{kept:?}");

        // Allowed, but nothing inside the network is asked.
        let open = place.with(app::Outside { snapshots: true, ..app::Outside::default() }).await;
        let id = attach(&open.app, &actor, number, event.id, link("https://127.0.0.1:1/status")).await.unwrap();
        let waits = snapshots::find(&open.app, &actor, number, id).await.unwrap().unwrap();
        assert_eq!(waits.state, snapshots::State::Waiting);
        app::jobs::run_due(&open.app, &app::jobs::Duties::default()).await.unwrap();
        let kept = snapshots::find(&open.app, &actor, number, id).await.unwrap().unwrap();
        assert!(kept.state == snapshots::State::Refused && kept.reason.contains("inside the network"), "{kept:?}");

        // Named in the settings, it is asked, once.
        let known = app::outbound::Inside::new([host.to_string()]);
        let named = place.with(app::Outside { snapshots: true, inside: known, ..app::Outside::default() }).await;

        // What was refused before is asked for again by a person, not by a reader; what is here or on its way is not.
        let again = async |actor: &Actor| snapshots::ask_again(&named.app, actor, number, refused).await;
        let reader = place.somebody("Otto Reader", Role::Reader).await;
        assert!(matches!(again(&reader).await, Err(app::Error::Forbidden)));
        again(&actor).await.unwrap();
        assert!(is_conflict(again(&actor).await));
        app::jobs::run_due(&named.app, &app::jobs::Duties::default()).await.unwrap();
        let kept = snapshots::find(&named.app, &actor, number, refused).await.unwrap().unwrap();
        assert_eq!((kept.state, kept.title.as_str(), kept.reason.as_str()), (snapshots::State::Kept, "Status & more", ""));
        assert!(is_conflict(again(&actor).await));
        assert!(acts(&place).await.contains(&"evidence.fetch_again".to_owned()));
        // One that nobody fetched for hours was given up on the way, and may be asked for as well.
        let waits = snapshots::Snapshot { state: snapshots::State::Waiting, ..kept };
        assert!(!snapshots::may_ask_again(&named.app, &snapshots::Snapshot { at: place.clock.now(), ..waits.clone() }));
        let long_ago = place.clock.now().plus(snapshots::GIVEN_UP.reversed());
        assert!(snapshots::may_ask_again(&named.app, &snapshots::Snapshot { at: long_ago, ..waits }));
        let id = attach(&named.app, &actor, number, event.id, link(&inside)).await.unwrap();
        app::jobs::run_due(&named.app, &app::jobs::Duties::default()).await.unwrap();
        let kept = snapshots::find(&named.app, &actor, number, id).await.unwrap().unwrap();
        assert_eq!((kept.state, kept.title.as_str(), kept.text.as_str()), (snapshots::State::Kept, "Status & more", "Gates slow"));
        let shown = app::evidence::show(&named.app, &actor, number, id).await.unwrap();
        assert_eq!(shown.evidence.place.as_deref(), Some(format!("{host}/status").as_str()));
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
