//! Programs under names of their own.

use super::*;
use app::{service_accounts, tokens};
use domain::{
    person::Role,
    scope::{Scope, Scopes},
};
use testing::both;

both! {
    async fn a_service_account_works_by_its_tokens_alone(place: Installation) {
        let admin = set_up(&place).await;
        let app = &place.app;
        let wren = place.somebody("Wren", Role::Member).await;
        assert!(is_forbidden(service_accounts::create(app, &wren, "Deploys", Role::Member).await));
        assert!(is_forbidden(service_accounts::list(app, &wren).await));
        let id = service_accounts::create(app, &admin.actor, "Deploys", Role::Member).await.unwrap();
        let new = tokens::New { label: "from CI".into(), scopes: Scopes::NONE.with(Scope::Import), days: Some(90) };
        assert!(is_forbidden(tokens::create_for_service(app, &wren, id, new.clone()).await));
        let person = wren.person.unwrap();
        assert!(is_absent(tokens::create_for_service(app, &admin.actor, person, new.clone()).await), "no service");
        let secret = tokens::create_for_service(app, &admin.actor, id, new).await.unwrap();
        assert!(secret.starts_with("dbs_"), "{secret}");

        let actor = sign_in::bearer(app, &secret).await.unwrap().unwrap();
        assert_eq!((actor.person, actor.name.as_str(), actor.role), (Some(id), "Deploys", Role::Member));
        assert!(is_forbidden(app::people::list(app, &actor).await), "it may only bring records in");
        let people = app::people::list(app, &admin.actor).await.unwrap();
        assert!(people.iter().all(|person| !person.service), "it is nobody");
        let listed = service_accounts::list(app, &admin.actor).await.unwrap();
        assert_eq!((listed.len(), listed[0].tokens.len()), (1, 1));
        let address = listed[0].account.email.as_str().to_owned();
        assert!(is_absent(sign_in::sign_in_link(app, &admin.actor, &address, 1).await), "it never signs in");

        let token = listed[0].tokens[0].id;
        assert!(is_absent(tokens::revoke_of_service(app, &admin.actor, person, token).await));
        assert!(is_absent(service_accounts::end(app, &admin.actor, person).await), "no service");
        service_accounts::end(app, &admin.actor, id).await.unwrap();
        assert_eq!(sign_in::bearer(app, &secret).await.unwrap(), None);
        assert!(service_accounts::list(app, &admin.actor).await.unwrap().is_empty());
    }

    async fn a_service_account_is_not_the_administrator_who_remains(place: Installation) {
        let admin = set_up(&place).await;
        let app = &place.app;
        let id = service_accounts::create(app, &admin.actor, "Provisioning", Role::Administrator).await.unwrap();
        let me = admin.person.id;
        assert!(is_conflict(app::people::set_role(app, &admin.actor, me, Role::Member).await));
        assert!(is_conflict(app::people::deactivate(app, &admin.actor, me).await));
        service_accounts::end(app, &admin.actor, id).await.unwrap();
    }
}
