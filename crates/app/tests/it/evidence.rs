//! Reading and searching evidence.

use crate::{
    imports::{brought_in, paged},
    is_absent,
};
use app::evidence::{self, Filter};
use domain::{
    evidence::{Digest32, Signal, Source},
    incident::IncidentNumber,
    instant::Span,
    person::Role,
};
use testing::Installation;

testing::both! {
    async fn evidence_is_found_page_by_page(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Member).await;
        let number = brought_in(&place, &actor, &paged("PX1", 12)).await;
        let all = evidence::list(&place.app, &actor, number, &Filter::default()).await.unwrap();
        assert_eq!((all.rows.len() as i64, all.next), (all.total, None));
        assert!(all.rows.iter().all(|row| row.evidence.evidence.raw.is_empty()));
        assert!(all.rows.iter().any(|row| row.event.is_some()));
        let mut filter = Filter { limit: 5, ..Filter::default() };
        let mut seen = Vec::new();
        loop {
            let page = evidence::list(&place.app, &actor, number, &filter).await.unwrap();
            assert_eq!(page.total, all.total);
            seen.extend(page.rows.into_iter().map(|row| row.evidence.id));
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all.rows.iter().map(|row| row.evidence.id).collect::<Vec<_>>());
        let first = all.rows[0].evidence.evidence.at;
        for (filter, expected) in [
            (Filter { words: Some("ÉCLAIR 50%".into()), ..Filter::default() }, 12),
            (Filter { words: Some("éclair note_7".into()), ..Filter::default() }, 1),
            (Filter { words: Some("note%7".into()), ..Filter::default() }, 0),
            (Filter { source: Some(Source::Slack), ..Filter::default() }, 0),
            (Filter { signal: Some(Signal::Note), ..Filter::default() }, 12),
            (Filter { to: Some(first), ..Filter::default() }, 1),
            (Filter { from: Some(first.plus(Span::days(9))), ..Filter::default() }, 0),
        ] {
            let found = evidence::list(&place.app, &actor, number, &filter).await.unwrap();
            assert_eq!((found.total, found.rows.len()), (expected, expected as usize), "{filter:?}");
        }
    }

    async fn a_piece_is_shown_as_it_was_received(place: Installation) {
        let actor = place.somebody("Ines Brightwater", Role::Reader).await;
        let writer = place.somebody("Otto Writer", Role::Member).await;
        let number = brought_in(&place, &writer, &paged("PX1", 1)).await;
        let other = brought_in(&place, &writer, &paged("PX2", 1)).await;
        let listed = evidence::list(&place.app, &actor, number, &Filter::default()).await.unwrap();
        let id = listed.rows[0].evidence.id;
        let piece = evidence::show(&place.app, &actor, number, id).await.unwrap();
        assert_eq!(piece.digest, Digest32::of(piece.evidence.raw.as_bytes()));
        assert!(piece.evidence.raw.contains("trigger_log_entry"));
        assert!(is_absent(evidence::show(&place.app, &actor, other, id).await));
        assert!(is_absent(evidence::list(&place.app, &actor, IncidentNumber(99), &Filter::default()).await));
    }
}
