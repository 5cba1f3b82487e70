//! Every field in which people write: asked about by the aid, with its surface named, or left alone for a reason.

use crate::client::{Client, somebody};
use domain::person::Role;
use std::{collections::BTreeSet, fs, path::Path};
use testing::{Installation, both};

/// What becomes of a field's words.
enum Said {
    /// The aid reads them; the notice after saving asks, to the writer only.
    Asked(&'static str),
    /// Nobody's story of an incident is written there.
    Not(&'static str),
}
use Said::{Asked, Not};

/// Template, field, and what becomes of its words. The document itself is read as it is typed, by its headings.
#[rustfmt::skip]
const FIELDS: &[(&str, &str, Said)] = &[
    ("follow_ups/list.html", "reason", Asked("follow-up")),
    ("imports/choose.html", "zone", Not("a time zone")),
    ("imports/choose.html", "incident", Not("the number of an incident")),
    ("incidents/account_form.html", "{{ part.name }}", Asked("account")),
    ("incidents/accounts.html", "words", Not("what somebody else wrote, for whoever leads the debrief")),
    ("incidents/accounts.html", "reason", Not("why an administrator opens what is sealed")),
    ("incidents/fields.html", "title", Asked("narrative")),
    ("incidents/fields.html", "summary", Asked("narrative")),
    ("incidents/fields.html", "services", Not("names")),
    ("incidents/fields.html", "team", Not("a name")),
    ("incidents/look.html", "number", Not("the number of an incident")),
    ("incidents/look.html", "reason", Not("why an administrator looks into an incident")),
    ("incidents/people.html", "reason", Not("why an incident is narrowed")),
    ("incidents/withdraw.html", "words", Not("words that are about to leave")),
    ("links/invitation.html", "name", Not("one's own name")),
    ("links/set_up.html", "workspace", Not("a name")),
    ("links/set_up.html", "name", Not("one's own name")),
    ("people/list.html", "name", Not("a name")),
    ("postmortems/blocks/follow-ups.html", "text", Asked("idea")),
    ("postmortems/versions.html", "name", Not("the name of a version")),
    ("postmortems/write.html", "title", Asked("narrative")),
    ("services/list.html", "name", Not("a name")),
    ("services/show.html", "level", Not("a number")),
    ("services/show.html", "name", Not("a name")),
    ("settings/acts.html", "who", Not("a search")),
    ("settings/acts.html", "subject", Not("a search")),
    ("settings/language.html", "contact", Not("where matters about a person go")),
    ("settings/proof.html", "code", Not("a code")),
    ("settings/service_accounts.html", "name", Not("a name")),
    ("settings/show.html", "name", Not("a name")),
    ("settings/show.html", "zone", Not("a time zone")),
    ("settings/show.html", "own_term", Not("a word of the place")),
    ("settings/show.html", "own_terms", Not("words of the place")),
    ("settings/single_sign_on.html", "administrators", Not("names of groups")),
    ("settings/single_sign_on.html", "client", Not("a name")),
    ("settings/single_sign_on.html", "groups_claim", Not("a name")),
    ("settings/single_sign_on.html", "issuer", Not("an address")),
    ("settings/single_sign_on.html", "label", Not("a name")),
    ("settings/single_sign_on.html", "members", Not("names of groups")),
    ("settings/single_sign_on.html", "readers", Not("names of groups")),
    ("settings/single_sign_on.html", "scopes", Not("names of rights")),
    ("settings/show.html", "premise", Not("the premise of good faith, in the words of the workspace")),
    ("settings/sign_in.html", "code", Not("a code")),
    ("settings/sign_in.html", "label", Not("the name of a passkey")),
    ("settings/token_form.html", "label", Not("the name of a token")),
    ("sign_in/code.html", "code", Not("a code")),
    ("sources/deliveries.html", "incident", Not("a search")),
    ("sources/show.html", "label", Not("the name of an address")),
    ("sources/show.html", "topic", Not("the name of a topic")),
    ("teams/list.html", "name", Not("a name")),
    ("timeline/clocks.html", "seconds", Not("a number")),
    ("timeline/clocks.html", "reason", Not("why a machine's clock ran wrong")),
    ("timeline/coordination.html", "name", Not("the name of an audience")),
    ("timeline/coordination.html", "every", Not("a number")),
    ("timeline/coordination.html", "note", Asked("narrative")),
    ("timeline/form.html", "title", Asked("timeline")),
    ("timeline/form.html", "detail", Asked("timeline")),
    ("timeline/form.html", "could_see", Asked("timeline")),
    ("timeline/form.html", "could_not_see", Asked("timeline")),
    ("timeline/form.html", "other_ways", Asked("timeline")),
    ("timeline/form.html", "made_sense", Asked("timeline")),
    ("timeline/form.html", "sense", Asked("timeline")),
    ("timeline/form.html", "lets_harm", Asked("timeline")),
    ("timeline/form.html", "note", Asked("timeline")),
    ("timeline/form.html", "why", Asked("timeline")),
    ("timeline/form.html", "team", Not("a name")),
    ("timeline/form.html", "actor", Not("a name")),
    ("timeline/form.html", "audience", Not("the name of an audience")),
    ("timeline/form.html", "text", Not("what a linked page said, which is evidence")),
    ("timeline/form.html", "place", Not("where a query was asked")),
    ("timeline/form.html", "query", Not("a query")),
    ("timeline/measures.html", "note", Asked("narrative")),
    ("timeline/measures.html", "service", Not("a name")),
    ("timeline/measures.html", "audience", Not("a name")),
    ("timeline/measures.html", "share", Not("a number")),
    ("timeline/measures.html", "affected", Not("a number")),
];

/// Fields that go by the same name as one that is asked about, and are left alone.
const NAMESAKES: &[(&str, &str, &str)] = &[("timeline/form.html", "title", "the title of a linked page")];

/// Template, name, and the surface by which a script has its words read while somebody types.
type Found = BTreeSet<(String, String, Option<String>)>;

/// Fields of text in the templates: inputs of one line and of several.
fn fields() -> Found {
    fn gather(folder: &Path, root: &Path, into: &mut Found) {
        for entry in fs::read_dir(folder).expect("templates") {
            let path = entry.expect("a template").path();
            if path.is_dir() {
                gather(&path, root, into);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a template is read");
            let file = path.strip_prefix(root).expect("below the root").display().to_string();
            let tags = text.split('<').filter(|tag| tag.starts_with("textarea") || tag.starts_with("input"));
            for tag in tags {
                let value = |name: &str| {
                    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
                    tag[at..].split('"').next()
                };
                let is_text = tag.starts_with("textarea") || value("type").is_none_or(|kind| kind == "text");
                if let (true, Some(name)) = (is_text, value("name")) {
                    into.insert((file.clone(), name.to_owned(), value("data-aid").map(str::to_owned)));
                }
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found = BTreeSet::new();
    gather(&root, &root, &mut found);
    found
}

#[test]
fn every_field_is_asked_about_or_left_alone_for_a_reason() {
    let known: BTreeSet<(String, String)> =
        FIELDS.iter().map(|(file, name, _)| ((*file).to_owned(), (*name).to_owned())).collect();
    let marked = fields();
    let found: BTreeSet<(String, String)> =
        marked.iter().map(|(file, name, _)| (file.clone(), name.clone())).collect();
    assert!(found.len() > 50, "the templates were read");
    assert_eq!(
        found.difference(&known).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "fields nobody decided about"
    );
    assert_eq!(
        known.difference(&found).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "fields that are gone"
    );
    for (file, name, said) in FIELDS {
        match said {
            Asked(surface) => {
                assert!(surface.parse::<app::language::Surface>().is_ok(), "{file} {name}: {surface}")
            }
            Not(why) => assert!(why.len() > 4, "{file} {name}"),
        }
        // A field says its surface to the script that asks while somebody types; one that is left alone says nothing.
        let says: Vec<Option<&str>> = marked
            .iter()
            .filter(|(at, of, _)| at == file && of == name)
            .map(|(_, _, surface)| surface.as_deref())
            .collect();
        let namesake = NAMESAKES.iter().any(|(at, of, _)| at == file && of == name);
        let expected: &[Option<&str>] = match said {
            Asked(surface) if namesake => &[None, Some(surface)],
            Asked(surface) => &[Some(surface)],
            Not(_) => &[None],
        };
        assert_eq!(says, expected, "{file} {name}");
    }
}

/// Words that each surface asks about.
const JUDGED: &str = "The+vendor+was+careless.";

/// Sends a form in which `field` holds such words; whether the notice that follows asks.
async fn asks(client: &Client, path: &str, form: &str) -> bool {
    let answer = client.post(path, form).await;
    assert_eq!(answer.status, 303, "{path} {form}: {}", answer.text);
    answer.header("location").contains("done=look-")
}

both! {
    async fn each_of_them_asks_its_writer_after_saving(place: Installation) {
        let ines = somebody(&place, "Ines Ott", Role::Member).await;
        assert!(asks(&ines, "/incidents", &format!("title={JUDGED}&kind=incident")).await);
        assert!(asks(&ines, "/incidents", &format!("title=Gates&summary={JUDGED}&kind=incident")).await);
        let event = "at=2026-11-14T05%3A40&precision=minute&kind=decision&title=Gate+opened";
        let words = ["detail", "could_see", "could_not_see", "other_ways", "made_sense", "sense", "lets_harm"];
        for name in words {
            assert!(asks(&ines, "/incidents/INC-1/events", &format!("{event}&{name}={JUDGED}")).await, "{name}");
        }
        assert!(!asks(&ines, "/incidents/INC-1/events", event).await, "nothing is asked of a plain event");
        let us = domain::access::Actor::installation();
        let number = "INC-1".parse().expect("a number");
        let shown = app::incidents::show(&place.app, &us, number).await.expect("an incident");
        let id = shown.timeline.last().expect("an event").event.id;
        let at = "at=2026-11-14T05%3A41";
        assert!(asks(&ines, &format!("/incidents/INC-1/events/{id}/parts"), &format!("{at}&title={JUDGED}")).await);
        let note = format!("instant=detected&event={id}&note={JUDGED}");
        assert!(asks(&ines, "/incidents/INC-1/instants", &note).await);
        let other = ines.post("/incidents/INC-1/events", &format!("{event}&account_of={id}")).await;
        assert_eq!(other.status, 303);
        assert!(asks(&ines, &format!("/incidents/INC-1/events/{id}/settlement"), &format!("why={JUDGED}")).await);
        let interval = format!("service=Gates&audience=riders&from=2026-11-14T05%3A40&degree=full&note={JUDGED}");
        assert!(asks(&ines, "/incidents/INC-1/intervals", &interval).await);
        let note = format!("candidate=a-thing&verdict=confirmed&note={JUDGED}");
        assert!(asks(&ines, "/incidents/INC-1/coordination", &note).await);
        assert!(asks(&ines, "/incidents/INC-1/follow-ups", &format!("text={JUDGED}&intent=prevent")).await);
        let ideas = app::follow_ups::list(&place.app, &us, None).await.expect("ideas");
        let drop = format!("/follow-ups/{}/drop", ideas[0].follow_up.id);
        assert!(asks(&ines, &drop, &format!("reason={JUDGED}")).await);
        let own = "/incidents/INC-1/accounts";
        assert!(asks(&ines, own, "saw=I+should+have+noticed.&audience=author").await, "hindsight, gently");
        assert!(!asks(&ines, own, "saw=It+was+human+error.&audience=author").await, "their own words are theirs");
    }
}
