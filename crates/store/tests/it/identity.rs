//! People, sessions, links, tokens and the workspace, each function on both databases.

use super::*;
use domain::{
    SessionId, TokenId,
    evidence::Digest32,
    instant::Span,
    scope::{Scope, Scopes},
};
use store::{
    ceremonies,
    links::{self, Link, Purpose},
    people::Account,
    sessions, tokens, workspace,
};
use testing::{both, by_hand};

fn secret(text: &str) -> Digest32 {
    Digest32::of(text.as_bytes())
}

fn session(id: SessionId, at: Instant, ends_at: Instant) -> sessions::Listed {
    sessions::Listed {
        id,
        device: sessions::Device { agent: "curl/8".into(), address: "198.51.100.7".into() },
        how: sessions::How::Link,
        created_at: at,
        seen_at: at,
        ends_at,
    }
}

both! {
    async fn ceremonies_are_taken_once(db: Db) {
        let ada = somebody(&db, 1, Role::Member).await;
        let mut tx = db.write().await.unwrap();
        let later = NOW.plus(Span::minutes(5));
        let waits = |n: u8, kind| ceremonies::Ceremony {
            id: TokenId::new(NOW, [n; 10]), kind, person: Some(ada.id), detail: "{}".into(), ends_at: later,
        };
        ceremonies::begin(&mut tx, &waits(1, "factor"), secret("a"), NOW).await.unwrap();
        assert_eq!(ceremonies::look(&mut tx, "factor", secret("a"), NOW).await.unwrap(), Some(waits(1, "factor")));
        assert_eq!(ceremonies::take(&mut tx, "passkey", secret("a"), NOW).await.unwrap(), None, "another sort");
        assert_eq!(ceremonies::take(&mut tx, "factor", secret("b"), NOW).await.unwrap(), None);
        assert_eq!(ceremonies::take(&mut tx, "factor", secret("a"), later).await.unwrap(), None, "over");
        assert_eq!(ceremonies::take(&mut tx, "factor", secret("a"), NOW).await.unwrap(), Some(waits(1, "factor")));
        assert_eq!(ceremonies::take(&mut tx, "factor", secret("a"), NOW).await.unwrap(), None, "taken");
        ceremonies::begin(&mut tx, &waits(2, "factor"), secret("c"), NOW).await.unwrap();
        assert_eq!(ceremonies::end_all_of(&mut tx, ada.id).await.unwrap(), 1);
    }

    async fn people_are_kept(db: Db) {
        let mut tx = db.read().await.unwrap();
        assert!(!people::anybody(&mut tx).await.unwrap());
        drop(tx);
        let ada = somebody(&db, 1, Role::Administrator).await;
        let wren = somebody(&db, 2, Role::Reader).await;
        let mut tx = db.write().await.unwrap();
        assert!(people::anybody(&mut tx).await.unwrap());
        assert_eq!(people::all(&mut tx).await.unwrap(), [ada.clone(), wren.clone()]);
        assert_eq!(people::administrators(&mut tx).await.unwrap(), 1);
        let changed = Account {
            person: Person {
                name: "Wren Ødegård".parse().unwrap(),
                role: Role::Administrator,
                zone: Some("Europe/Oslo".into()),
                ..wren.clone()
            },
            passphrase_hash: Some("$argon2id$…".into()),
        };
        people::save(&mut tx, &changed).await.unwrap();
        assert_eq!(people::account(&mut tx, wren.id).await.unwrap(), Some(changed.clone()));
        assert_eq!(people::by_email(&mut tx, &wren.email).await.unwrap(), Some(changed));
        assert_eq!(people::administrators(&mut tx).await.unwrap(), 2);
        people::deactivate(&mut tx, wren.id, NOW).await.unwrap();
        assert_eq!(people::administrators(&mut tx).await.unwrap(), 1);
        let closed = people::account(&mut tx, wren.id).await.unwrap().unwrap();
        assert!(closed.person.deactivated && closed.passphrase_hash.is_none());
        assert_eq!(people::get(&mut tx, PersonId(uuid::Uuid::nil())).await.unwrap(), None);
        assert_eq!(people::by_email(&mut tx, &"no@x.example".parse().unwrap()).await.unwrap(), None);
    }

    async fn an_address_is_there_once(db: Db) {
        let ada = somebody(&db, 1, Role::Member).await;
        let twin = Account { person: Person { id: PersonId::new(NOW, [9; 10]), ..ada }, passphrase_hash: None };
        let mut tx = db.write().await.unwrap();
        let refused = people::add(&mut tx, &twin, NOW).await;
        assert!(matches!(refused, Err(store::Error::Taken(_))), "{refused:?}");
    }

    async fn sessions_are_found_by_their_secret(db: Db) {
        let ada = somebody(&db, 1, Role::Member).await;
        let (id, later, end) = (SessionId::new(NOW, [1; 10]), NOW.plus(Span::hours(1)), NOW.plus(Span::days(60)));
        let mut tx = db.write().await.unwrap();
        sessions::begin(&mut tx, &session(id, NOW, end), ada.id, secret("a")).await.unwrap();
        let found = sessions::find(&mut tx, secret("a")).await.unwrap().unwrap();
        assert_eq!((found.id, &found.person, found.seen_at, found.ends_at), (id, &ada, NOW, end));
        assert_eq!(sessions::find(&mut tx, secret("b")).await.unwrap(), None);
        sessions::seen(&mut tx, id, later).await.unwrap();
        sessions::seen(&mut tx, id, NOW).await.unwrap();
        let seen_at = sessions::find(&mut tx, secret("a")).await.unwrap().unwrap().seen_at;
        assert_eq!(seen_at, later, "an earlier use does not undo a later one");
        assert!(sessions::end(&mut tx, id).await.unwrap());
        assert!(!sessions::end(&mut tx, id).await.unwrap());

        for (n, seen) in [(2, NOW), (3, later), (4, later)] {
            let id = SessionId::new(NOW, [n; 10]);
            sessions::begin(&mut tx, &session(id, seen, end), ada.id, secret(&n.to_string())).await.unwrap();
        }
        assert_eq!(sessions::sweep(&mut tx, later, NOW).await.unwrap(), 1, "the idle one");
        let kept = SessionId::new(NOW, [3; 10]);
        assert_eq!(sessions::end_others_of(&mut tx, ada.id, kept).await.unwrap(), 1);
        assert!(sessions::find(&mut tx, secret("3")).await.unwrap().is_some());
        assert_eq!(sessions::end_all_of(&mut tx, ada.id).await.unwrap(), 1);
        sessions::begin(&mut tx, &session(id, NOW, end), ada.id, secret("a")).await.unwrap();
        assert_eq!(sessions::sweep(&mut tx, end, NOW.plus(Span::days(-1))).await.unwrap(), 1, "the ended one");
    }

    async fn links_are_used_once(db: Db) {
        let ada = somebody(&db, 1, Role::Member).await;
        let email: domain::person::Email = "wren@larkfare.example".parse().unwrap();
        let invitation =
            Purpose::Invitation { email: email.clone(), name: "Wren".parse().unwrap(), role: Role::Reader };
        let end = NOW.plus(Span::hours(1));
        let mut tx = db.write().await.unwrap();
        let mut ids = Vec::new();
        for (n, purpose) in [Purpose::SetUp, invitation, Purpose::SignIn(ada.id)].into_iter().enumerate() {
            let id = TokenId::new(NOW, [n as u8; 10]);
            let link = Link { id, purpose, ends_at: end, used_at: None };
            links::add(&mut tx, &link, secret(&n.to_string()), NOW).await.unwrap();
            assert_eq!(links::find(&mut tx, secret(&n.to_string())).await.unwrap(), Some(link));
            ids.push(id);
        }
        assert_eq!(links::find(&mut tx, secret("x")).await.unwrap(), None);
        assert!(!links::use_up(&mut tx, ids[0], end).await.unwrap(), "over");
        assert!(links::use_up(&mut tx, ids[0], NOW).await.unwrap());
        assert!(!links::use_up(&mut tx, ids[0], NOW).await.unwrap(), "used");
        assert_eq!(links::find(&mut tx, secret("0")).await.unwrap().unwrap().used_at, Some(NOW));
        assert_eq!(links::end_set_up(&mut tx).await.unwrap(), 0, "a used one stays");
        assert_eq!(links::end_invitations_of(&mut tx, &email).await.unwrap(), 1);
        assert_eq!(links::end_all_of(&mut tx, ada.id).await.unwrap(), 1);
        assert_eq!(links::find(&mut tx, secret("2")).await.unwrap(), None);
    }

    async fn tokens_are_found_until_revoked(db: Db) {
        let ada = somebody(&db, 1, Role::Member).await;
        let wren = somebody(&db, 2, Role::Member).await;
        let mut tx = db.write().await.unwrap();
        let token = |n: u8| tokens::Token {
            id: TokenId::new(NOW, [n; 10]),
            label: format!("token {n}"),
            created_at: NOW.plus(Span::seconds(n.into())),
            used_at: None,
            scopes: Scopes::NONE.with(Scope::Read),
            ends_at: (n == 2).then_some(NOW),
        };
        for n in 1..=3 {
            tokens::add(&mut tx, &token(n), ada.id, secret(&n.to_string())).await.unwrap();
        }
        assert_eq!(tokens::of(&mut tx, ada.id).await.unwrap(), [token(3), token(2), token(1)]);
        tokens::used(&mut tx, token(1).id, NOW).await.unwrap();
        let found = tokens::find(&mut tx, secret("1")).await.unwrap();
        let scopes = token(1).scopes;
        let shown = tokens::Shown { id: token(1).id, used_at: Some(NOW), ends_at: None, scopes, person: ada.clone() };
        assert_eq!(found, Some(shown));
        assert_eq!(tokens::of_services(&mut tx).await.unwrap(), [], "nobody here is a program");
        assert!(!tokens::revoke(&mut tx, token(1).id, wren.id, NOW).await.unwrap(), "not theirs");
        assert!(tokens::revoke(&mut tx, token(1).id, ada.id, NOW).await.unwrap());
        assert!(!tokens::revoke(&mut tx, token(1).id, ada.id, NOW).await.unwrap());
        assert_eq!(tokens::find(&mut tx, secret("1")).await.unwrap(), None);
        assert_eq!(tokens::revoke_all_of(&mut tx, ada.id, NOW).await.unwrap(), 2);
        assert_eq!(tokens::of(&mut tx, ada.id).await.unwrap(), []);
    }

    async fn the_workspace_is_one(db: Db) {
        let mut tx = db.write().await.unwrap();
        assert_eq!(workspace::load(&mut tx).await.unwrap(), None);
        let first = workspace::Workspace {
            name: "Larkfare".into(),
            premise: "We learn.".into(),
            soak_hours: 48,
            term: "retrospective".into(),
            terms: "retrospectives".into(),
            revision: 1,
        };
        let second = workspace::Workspace { soak_hours: 24, revision: 2, ..first.clone() };
        assert!(!workspace::save(&mut tx, &second).await.unwrap(), "nothing to change yet");
        assert!(workspace::save(&mut tx, &first).await.unwrap());
        assert!(!workspace::save(&mut tx, &first).await.unwrap(), "there already");
        assert!(workspace::save(&mut tx, &second).await.unwrap());
        assert!(!workspace::save(&mut tx, &second).await.unwrap(), "changed meanwhile");
        assert_eq!(workspace::load(&mut tx).await.unwrap(), Some(second));
    }

    async fn names_that_this_version_does_not_know_are_said_so(place: (String, testing::Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let ada = somebody(&db, 1, Role::Member).await;
        by_hand(&place.0, &["UPDATE people SET role = 'captain'"]).await;
        let refused = people::get(&mut db.read().await.unwrap(), ada.id).await.unwrap_err();
        assert!(refused.to_string().contains("captain"), "{refused}");
    }
}
