//! The record of acts as administrators read it.

use super::*;
use app::{
    acts::{self, Form, Wanted},
    stories,
};
use domain::{instant::Span, person::Role};
use testing::both;

both! {
    async fn acts_are_looked_through_and_taken_along(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        let ada = place.somebody("Ada Lind", Role::Administrator).await;
        let wren = place.somebody("Wren Okafor", Role::Member).await;
        assert!(is_forbidden(acts::list(&place.app, &wren, &Wanted::default()).await));
        assert!(is_forbidden(acts::export(&place.app, &wren, &Wanted::default(), Form::Csv).await));

        // Whom an act is about has a name; what became of the id is in the entry.
        let admin = Actor::installation();
        app::people::set_role(&place.app, &admin, wren.person.unwrap(), Role::Reader).await.unwrap();
        let newest = acts::list(&place.app, &ada, &Wanted::default()).await.unwrap();
        assert_eq!(newest.names.get(&newest.acts[0].subject).map(String::as_str), Some("Wren Okafor"));

        // Page by page, every act once, newest first.
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let wanted = Wanted { before, ..Wanted::default() };
            let page = acts::list(&place.app, &ada, &wanted).await.unwrap();
            all.extend(page.acts.iter().map(|act| act.seq));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        let newest = all[0];
        assert!(newest > 100);
        assert_eq!(all, (1..=newest).rev().collect::<Vec<_>>());

        let list = async |wanted: Wanted| acts::list(&place.app, &ada, &wanted).await.unwrap().acts;
        let of_inc_1 = list(Wanted { subject: Some("INC-1".into()), ..Wanted::default() }).await;
        assert!(!of_inc_1.is_empty() && of_inc_1.iter().all(|act| act.subject == "INC-1"));
        let resolved = list(Wanted { act: Some("incident.resolve".into()), ..Wanted::default() }).await;
        assert!(!resolved.is_empty() && resolved.iter().all(|act| act.act == "incident.resolve"));
        assert_eq!(list(Wanted { who: Some("nobody% at all".into()), ..Wanted::default() }).await, []);
        let now = place.clock.now();
        assert_eq!(list(Wanted { from: Some(now.plus(Span::seconds(1))), ..Wanted::default() }).await, []);
        assert!(!list(Wanted { until: Some(now.plus(Span::seconds(1))), ..Wanted::default() }).await.is_empty());

        let wanted = Wanted { subject: Some("INC-1".into()), ..Wanted::default() };
        let lines = acts::export(&place.app, &ada, &wanted, Form::JsonLines).await.unwrap();
        assert_eq!(String::from_utf8(lines).unwrap().lines().count(), of_inc_1.len());
        let table = String::from_utf8(acts::export(&place.app, &ada, &wanted, Form::Csv).await.unwrap()).unwrap();
        assert!(table.starts_with("number,at,person,name,act,subject,detail,digest\r\n"));
        assert!(table.contains("\"INC-1\""), "{table}");
    }
}
