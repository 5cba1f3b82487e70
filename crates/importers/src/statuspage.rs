//! Statuspage: incidents with their updates as API, webhooks and history give them, changes of components, and
//! the Atom feed of a page's history.

use crate::{
    SourceIncident,
    collect::Collector,
    json,
    record::{When, Word, entities, line, list, machine, sum_id, web_address, without_markup},
};
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal},
    incident::Severity,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What is sent, with its incident read already, or as it stands.
#[derive(Deserialize)]
#[serde(bound(deserialize = "I: Deserialize<'de>"))]
struct Page<'a, I> {
    #[serde(default, borrow)]
    page: About<'a>,
    incident: Option<I>,
    #[serde(borrow)]
    incidents: Option<&'a RawValue>,
    #[serde(borrow)]
    scheduled_maintenances: Option<&'a RawValue>,
    #[serde(borrow)]
    component_update: Option<&'a RawValue>,
    #[serde(default, borrow)]
    component: About<'a>,
    #[serde(borrow)]
    incident_updates: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct About<'a> {
    #[serde(borrow)]
    name: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Incident<'a> {
    id: Word<'a>,
    name: Word<'a>,
    status: Word<'a>,
    impact: Word<'a>,
    shortlink: Word<'a>,
    created_at: When,
    started_at: When,
    resolved_at: When,
    postmortem_body: Word<'a>,
    postmortem_published_at: When,
    #[serde(borrow, deserialize_with = "list")]
    incident_updates: Option<Vec<&'a RawValue>>,
    components: Vec<About<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Update<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    status: Word<'a>,
    body: Word<'a>,
    created_at: When,
    display_at: When,
    affected_components: Option<Vec<Affected<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Affected<'a> {
    #[serde(borrow)]
    name: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ComponentUpdate<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    created_at: When,
    old_status: Word<'a>,
    new_status: Word<'a>,
}

/// Reads one webhook, or one answer of the API.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    // Nearly every webhook is one sound incident, which is read while the rest is passed over.
    if let Ok(page) = json::typed::<Page<'_, Incident<'_>>>(raw)
        && let (None, None) = (&page.component_update, &page.incident_updates)
        && let (None, None) = (&page.incidents, &page.scheduled_maintenances)
        && let Some(it) = page.incident
        // A post-mortem is evidence with its incident as it stands.
        && it.postmortem_body.get().is_none()
        && let Some(id) = it.id.line()
    {
        incident(collector, id, &it, page.page.name.line().as_deref(), "");
        return Ok(());
    }
    let page: Page<'_, &RawValue> = json::typed(raw)?;
    let name = page.page.name.line();
    if let Some(raw) = page.component_update {
        return component(collector, &json::typed(raw)?, &page.component, raw.get());
    }
    if page.incident_updates.is_some() {
        return incident_in(collector, raw, name.as_deref());
    }
    let lists = [page.incident, page.incidents, page.scheduled_maintenances];
    if lists.iter().all(Option::is_none) {
        return Err("there are no incidents in it".to_owned());
    }
    for (index, raw) in lists.into_iter().flat_map(json::each).enumerate() {
        let place = format!("{place}, incident {}", index + 1);
        if let Err(reason) = incident_in(collector, raw, name.as_deref()) {
            collector.keep(None, &place, &reason, raw.get());
        }
    }
    Ok(())
}

fn incident_in(collector: &mut Collector, raw: &RawValue, page: Option<&str>) -> Result<(), String> {
    let it: Incident<'_> = json::typed(raw)?;
    let id = it.id.line().ok_or("the incident has no id")?;
    incident(collector, id, &it, page, raw.get());
    Ok(())
}

fn incident(collector: &mut Collector, id: String, it: &Incident<'_>, page: Option<&str>, whole: &str) {
    let mut services: Vec<String> = it.components.iter().filter_map(|it| it.name.line()).collect();
    for &raw in it.incident_updates.iter().flatten() {
        let update: Update<'_> = match json::typed(raw) {
            Ok(update) => update,
            Err(reason) => {
                collector.keep(Some(&id), "an update", &reason, raw.get());
                continue;
            }
        };
        let affected = update.affected_components.iter().flatten().filter_map(|it| it.name.line());
        services.extend(affected.take(50));
        let status = update.status.line().unwrap_or_default();
        let body = update.body.get().map(without_markup).unwrap_or_default();
        let mut text =
            if status.is_empty() { body } else { [capital(&status).as_str(), ": ", &body].concat() };
        text.truncate(text.trim_end().len());
        let key = update.id.line().unwrap_or_else(|| sum_id(raw.get()));
        let at = update.display_at.0.or(update.created_at.0);
        let evidence = told(collector, it, format!("update/{key}"), at, text, &status, page, raw.get());
        collector.add(Some(&id), evidence);
    }
    if let Some(body) = it.postmortem_body.get() {
        let at = it.postmortem_published_at.0.or(it.resolved_at.0);
        let text = without_markup(body);
        let mut evidence =
            told(collector, it, format!("postmortem/{id}"), at, text, "postmortem", page, whole);
        evidence.signal = Signal::Note;
        collector.add(Some(&id), evidence);
    }
    let ended = matches!(it.status.get(), Some("resolved" | "postmortem" | "completed"));
    collector.incident(SourceIncident {
        id,
        title: it.name.line(),
        url: web_address(it.shortlink.get()),
        created_at: it.started_at.0.or(it.created_at.0),
        resolved_at: it.resolved_at.0,
        ended,
        severity: impact(it.impact.get()),
        services,
        ..SourceIncident::default()
    });
}

#[expect(clippy::too_many_arguments, reason = "one update in its parts")]
fn told(
    collector: &Collector,
    it: &Incident<'_>,
    id: String,
    at: Option<Instant>,
    text: String,
    status: &str,
    page: Option<&str>,
    raw: &str,
) -> Evidence {
    Evidence {
        author: machine(Some(page.unwrap_or("Status page"))),
        text,
        place: it.name.line(),
        url: web_address(it.shortlink.get()),
        facts: Facts { source_type: status.to_owned(), ..Facts::default() },
        ..collector.piece(Signal::StatusUpdate, id, at, raw)
    }
}

fn component(
    collector: &mut Collector,
    it: &ComponentUpdate<'_>,
    about: &About<'_>,
    raw: &str,
) -> Result<(), String> {
    let name = about.name.line().ok_or("the change of a component does not say which")?;
    let words = |word: &Word<'_>| word.line().map(|it| it.replace('_', " "));
    let (old, new) = (words(&it.old_status), words(&it.new_status).unwrap_or_default());
    let from = old.map(|it| format!(", was {it}")).unwrap_or_default();
    let key = it.id.line().unwrap_or_else(|| sum_id(raw));
    let evidence = Evidence {
        author: machine(Some("Status page")),
        text: format!("{name} is {new}{from}"),
        place: Some(name.clone()),
        facts: Facts { source_type: "component_update".to_owned(), service: Some(name), ..Facts::default() },
        ..collector.piece(Signal::StatusUpdate, format!("component/{key}"), it.created_at.0, raw)
    };
    collector.add(None, evidence);
    Ok(())
}

/// What the page says of the impact, as a severity; `none` says nothing.
fn impact(impact: Option<&str>) -> Option<Severity> {
    Severity::new(match impact? {
        "critical" => 1,
        "major" => 2,
        "minor" => 3,
        _ => return None,
    })
}

fn capital(word: &str) -> String {
    let mut word = word.replace('_', " ");
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
        return word;
    }
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Reads the Atom feed of a page's history: one entry an incident, its updates as escaped HTML.
pub fn feed(collector: &mut Collector, text: &str) {
    let page = between(text, "<title>", "</title>").map(entities).unwrap_or_default();
    let page = page.split(" - ").next().unwrap_or_default().to_owned();
    let mut rest = text;
    let mut entries = 0;
    while let Some((_, after)) = rest.split_once("<entry>") {
        entries += 1;
        let (entry, after) = after.split_once("</entry>").unwrap_or((after, ""));
        rest = after;
        if let Err(reason) = entry_of(collector, entry, &page) {
            collector.keep(None, &format!("entry {entries}"), &reason, entry.trim());
        }
    }
    if entries == 0 {
        collector.keep(None, "the feed", "there are no entries in it", text);
    }
}

fn entry_of(collector: &mut Collector, entry: &str, page: &str) -> Result<(), String> {
    let field = |name: &str| between(entry, &format!("<{name}>"), &format!("</{name}>")).map(entities);
    let id = field("id").map(|it| line(it.rsplit('/').next().unwrap_or(&it)));
    let id = id.filter(|it| !it.is_empty()).ok_or("the entry has no id")?;
    let title = field("title").map(|it| line(&it));
    let published: Option<Instant> = field("published").and_then(|it| crate::record::stamp(&it));
    let url = entry.split("<link").nth(1).and_then(|it| between(it, "href=\"", "\"")).map(entities);
    let content = entry.split_once("<content").and_then(|(_, it)| it.split_once('>')).map(|(_, it)| it);
    let content = content.and_then(|it| it.split_once("</content>")).map(|(it, _)| entities(it));
    let published = published.ok_or("the entry does not say when it was published")?;
    let mut ended = false;
    let mut first = published;
    for (index, paragraph) in content.as_deref().unwrap_or_default().split("<p>").skip(1).enumerate() {
        let words = without_markup(paragraph);
        let (when, said) = words.split_once('\n').unwrap_or(("", &words));
        let at = day_and_time(when, published);
        first = at.unwrap_or(first).min(first);
        ended |= said.starts_with("Resolved") || said.starts_with("Completed");
        let number = format!("{id}/{index}/{}", sum_id(said));
        let evidence = Evidence {
            author: machine(Some(if page.is_empty() { "Status page" } else { page })),
            text: said.to_owned(),
            place: title.clone(),
            url: web_address(url.as_deref()),
            ..collector.piece(Signal::StatusUpdate, number, Some(at.unwrap_or(published)), paragraph.trim())
        };
        collector.add(Some(&id), evidence);
    }
    collector.incident(SourceIncident {
        id,
        title,
        url: web_address(url.as_deref()),
        created_at: Some(first),
        resolved_at: Some(published).filter(|_| ended),
        ended,
        ..SourceIncident::default()
    });
    Ok(())
}

/// “Aug 21, 00:37 UTC” in the year of publication, or the year before if that would lie ahead of it.
fn day_and_time(text: &str, published: Instant) -> Option<Instant> {
    let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == ':')).filter(|it| !it.is_empty());
    let (month, day, time, zone) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = 1 + months.iter().position(|it| month.starts_with(it))?;
    let year: i32 = published.to_string().get(..4)?.parse().ok()?;
    let at = |year: i32| format!("{year:04}-{month:02}-{day:0>2}T{time}:00Z").parse::<Instant>().ok();
    let at = at(year).filter(|at| at.since(published).as_seconds() < 86_400).or_else(|| at(year - 1));
    at.filter(|_| zone == "UTC")
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(found, _)| found)
}
