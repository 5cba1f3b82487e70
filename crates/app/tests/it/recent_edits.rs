//! Edits that were kept last move to their documents while people go on typing.

use crate::{
    incidents::declaration,
    versions::{Client, DEADLINE, text},
};
use app::{
    checking,
    incidents::{self, Resolution},
};
use domain::{PostmortemId, person::Role};
use futures_util::future::join_all;
use std::time::Duration;
use testing::{Installation, both, rows};
use tokio::time::{sleep, timeout};

/// Edits of so many documents go together.
const DOCUMENTS: usize = 40;

async fn documents(place: &Installation) -> Vec<(PostmortemId, Client)> {
    let actor = place.somebody("Wren Okafor", Role::Member).await;
    let mut all = Vec::new();
    for n in 0..DOCUMENTS {
        let declaration = declaration(&format!("Tickets refused at gate {n}"));
        let number = incidents::declare(&place.app, &actor, declaration).await.unwrap().number;
        incidents::resolve(&place.app, &actor, number, Resolution::default()).await.unwrap();
        let (document, _) = app::postmortems::join(&place.app, &actor, number).await.unwrap();
        all.push((document, Client::connect(place, document, &actor).await));
    }
    all
}

async fn kept(place: &Installation) -> i64 {
    rows(place.database_url(), "document_updates").await + rows(place.database_url(), "recent_edits").await
}

both! {
    async fn they_move_to_their_documents_and_none_is_lost(place: Installation) {
        let all = documents(&place).await;
        let (begun, mut lines) = (kept(&place).await, 0_i64);
        // A document waits for its own words, so that two lines typed at once may be one edit.
        while kept(&place).await - begun < 1_200 {
            let line = format!("Line {lines}.");
            join_all(all.iter().map(|(_, client)| client.type_line(&line))).await;
            lines += 1;
            sleep(Duration::from_millis(5)).await;
        }
        let moved = async {
            while rows(place.database_url(), "recent_edits").await >= 1_024 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, moved).await.unwrap();
        for (document, _) in &all {
            let state = place.app.rooms().state(*document).await.unwrap();
            let said = text(&collab::project(&[state]).unwrap());
            assert!((0..lines).all(|line| said.contains(&format!("Line {line}."))), "{said}");
        }
        let checked = checking::check(&place.app, None).await.unwrap();
        assert_eq!(checked.faults, []);
    }
}
