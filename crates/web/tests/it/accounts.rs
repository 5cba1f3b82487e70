//! Accounts and what is kept from administrators, on their page.

use crate::client::somebody;
use domain::{access::Part, person::Role};
use testing::{Installation, both};

both! {
    async fn an_account_is_read_by_whom_its_author_chose(place: Installation) {
        let wren = somebody(&place, "Wren Okafor", Role::Member).await;
        let otto = somebody(&place, "Otto Reader", Role::Reader).await;
        let ada = somebody(&place, "Ada Lind", Role::Administrator).await;
        wren.post("/incidents", "title=Gates&kind=incident").await;
        let page = "/incidents/INC-1/accounts";
        otto.post(page, "saw=numbat&audience=author").await.expect(403);
        wren.post(page, "saw=&audience=author").await.expect(422).has("a few words in one of its parts");
        wren.post(page, "saw=numbat").await.expect(422).has("numbat");
        wren.post(page, "saw=numbat%0Aby+the+gate&audience=author").await.leads_to("/incidents/INC-1/accounts?done=told");
        let own = wren.get(page).await.expect(200).has("numbat\nby the gate").has("Read by: Only me.");
        assert_eq!(own.header("cache-control"), "no-store");
        otto.get(page).await.expect(200).lacks("numbat").lacks("Wren");
        let closed = ada.get(page).await.expect(200).lacks("numbat").has("Wren Okafor").has("Write it down and open it");
        // The address of the opening, as the page has it.
        let at = closed.text.find("/incidents/INC-1/sealed/").expect("an opening");
        let opening = closed.text[at..].split('"').next().expect("its address").to_owned();
        ada.post(&opening, "reason=").await.expect(422).has("A reason is needed").lacks("numbat");
        let opened = ada.post(&opening, "reason=A+legal+request").await.expect(200).has("numbat");
        assert_eq!(opened.header("cache-control"), "no-store");
        ada.get(page).await.expect(200).lacks("numbat");
        otto.post(&opening, "reason=Curious").await.expect(403);
        wren.get(page).await.expect(200).has("Ada Lind").has("A legal request");
        ada.get("/settings/audit").await.expect(200).has("opened what somebody had sealed").lacks("numbat");
        // Whom it is open to holds at once.
        let own = opening.replace("/sealed/", "/accounts/").replace("/opening", "");
        for (who, status) in [(&otto, 404), (&ada, 404)] {
            who.post(&own, "saw=changed&audience=readers").await.expect(status);
        }
        wren.post(&own, "saw=numbat&audience=readers").await.leads_to(&format!("{page}?done=told"));
        otto.get(page).await.expect(200).has("numbat").lacks("Change it");
        wren.post(&own, "saw=numbat&audience=participants").await.leads_to(&format!("{page}?done=told"));
        otto.get(page).await.expect(200).lacks("numbat");
        let us = domain::access::Actor::installation();
        let person = app::people::find_by_email(&place.app, &us, "otto.reader@larkfare.example").await;
        let otto_id = person.expect("asked").expect("a person").id;
        let number = "INC-1".parse().expect("a number");
        app::sharing::give_part(&place.app, &us, number, otto_id, Part::Participant).await.expect("a part");
        otto.get(page).await.expect(200).has("numbat");
        wren.post(&opening.replace("/opening", "/forgetting"), "").await.leads_to(&format!("{page}?done=forgotten"));
        otto.get(page).await.expect(200).lacks("numbat").lacks("Wren");
        wren.get(page).await.expect(200).lacks("numbat").has("A legal request");
    }
}
