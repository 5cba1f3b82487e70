//! The parts of an event's form that only some sorts of events have.

use crate::{
    forms::{Kept, Submitted},
    zone::Zone,
};
use app::Error;
use domain::{
    Instant,
    timeline::{Context, TimelineEvent, context::Standing},
};

/// What the form says.
pub(super) fn read(sent: &Submitted, zone: &Zone, before: Context) -> Result<Context, Error> {
    let text = |name: &str| sent.text(name).to_owned();
    Ok(Context {
        could_see: text("could_see"),
        could_not_see: text("could_not_see"),
        other_ways: text("other_ways"),
        // The form asks twice: once of a decision, once of an action that contributed.
        made_sense: text(if sent.text("kind") == "decision" { "made_sense" } else { "sense" }),
        contributing: sent.has("contributing"),
        lets_harm: text("lets_harm"),
        standing: Standing::from_key(sent.text("standing")),
        until: instant(sent, zone, "until")?,
        audience: sent.filled("audience").map(str::to_owned),
        revisit: instant(sent, zone, "revisit")?,
        for_later: sent.has("for_later"),
        tool_trouble: sent.has("tool_trouble"),
        account_of: match sent.filled("account_of") {
            Some(_) => Some(sent.value("account_of", "This event is not known here.")?),
            None => before.account_of,
        },
        settled: before.settled,
    })
}

fn instant(sent: &Submitted, zone: &Zone, name: &'static str) -> Result<Option<Instant>, Error> {
    let Some(text) = sent.filled(name) else { return Ok(None) };
    let at = zone.read_field(text);
    at.map(Some).ok_or_else(|| Error::invalid(name, "This is no day and time such as 14.11.2026, 05:47."))
}

/// The form with what the event says.
pub(super) fn fill(form: Kept, event: &TimelineEvent, zone: &Zone) -> Kept {
    let context = &event.context;
    let field = |at: Option<Instant>| at.map(|at| zone.field(at)).unwrap_or_default();
    let mut form = form
        .and("could_see", context.could_see.clone())
        .and("could_not_see", context.could_not_see.clone())
        .and("other_ways", context.other_ways.clone())
        .and("made_sense", context.made_sense.clone())
        .and("lets_harm", context.lets_harm.clone())
        .and("standing", context.standing.map(|it| it.key().to_owned()).unwrap_or_default())
        .and("until", field(context.until))
        .and("audience", context.audience.clone().unwrap_or_default())
        .and("revisit", field(context.revisit));
    for (name, set) in [
        ("contributing", context.contributing),
        ("for_later", event.for_later().is_some()),
        ("tool_trouble", context.tool_trouble),
    ] {
        if set {
            form = form.and(name, "on".to_owned());
        }
    }
    form
}
