//! Jira: issues with their comments and history, and webhooks about them. Descriptions of a project or of
//! Jira's own settings tell of nothing that happened, and are kept as they came.

use crate::{
    adf,
    collect::Collector,
    json,
    record::{When, Word, clean, line, person, sum_id, web_address},
};
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal},
};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page<'a> {
    #[serde(rename = "webhookEvent")]
    event: Word<'a>,
    timestamp: When,
    user: Named<'a>,
    #[serde(borrow)]
    issue: Option<&'a RawValue>,
    #[serde(borrow)]
    issues: Option<&'a RawValue>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
    #[serde(borrow)]
    comments: Option<&'a RawValue>,
    changelog: Option<History<'a>>,
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
    key: Word<'a>,
    body: Option<&'a RawValue>,
    created: When,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Named<'a> {
    #[serde(borrow)]
    display_name: Word<'a>,
    name: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Issue<'a> {
    key: Word<'a>,
    #[serde(rename = "self")]
    address: Word<'a>,
    #[serde(borrow)]
    fields: Option<Fields<'a>>,
    changelog: Option<Histories<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fields<'a> {
    summary: Word<'a>,
    created: When,
    resolutiondate: When,
    reporter: Option<Named<'a>>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Comments<'a> {
    #[serde(borrow)]
    comments: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Comment<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    author: Option<Named<'a>>,
    body: Option<&'a RawValue>,
    created: When,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Histories<'a> {
    #[serde(borrow)]
    histories: Vec<History<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct History<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    author: Option<Named<'a>>,
    created: When,
    items: Vec<Item<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    field: Word<'a>,
    #[serde(rename = "fromString")]
    from: Word<'a>,
    #[serde(rename = "toString")]
    to: Word<'a>,
}

impl Named<'_> {
    fn author(&self) -> Option<domain::evidence::Author> {
        person(self.display_name.get().or(self.name.get()))
    }
}

/// Reads one webhook, one answer of the API, or one issue.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let page: Page<'_> = json::typed(raw)?;
    if let Some(event) = page.event.line() {
        return hook(collector, &page, &event, raw.get());
    }
    if page.issues.is_some() || page.comments.is_some() {
        for (index, raw) in json::each(page.issues).into_iter().enumerate() {
            let place = format!("{place}, issue {}", index + 1);
            if let Err(reason) = issue(collector, raw) {
                collector.keep(None, &place, &reason, raw.get());
            }
        }
        comments(collector, page.comments, "");
        return Ok(());
    }
    if page.fields.is_some() && page.key.get().is_some() {
        return issue(collector, raw);
    }
    if page.body.is_some() && page.created.0.is_some() {
        return comment(collector, raw, "");
    }
    Err("this describes Jira's own settings or a single answer; nothing in it happened at a time".to_owned())
}

fn hook(collector: &mut Collector, page: &Page<'_>, event: &str, raw: &str) -> Result<(), String> {
    let about: Issue<'_> = page.issue.map(json::typed).transpose()?.unwrap_or_default();
    let key = about.key.line().unwrap_or_default();
    if let Some(inner) = page.comment {
        return comment(collector, inner, &key);
    }
    let fields = about.fields.unwrap_or_default();
    let summary = fields.summary.line().unwrap_or_default();
    let (signal, words) = match event {
        "jira:issue_created" => (Signal::Note, format!("{key} opened: {summary}")),
        "jira:issue_deleted" => (Signal::Changed, format!("{key} deleted: {summary}")),
        _ => match page.changelog.as_ref().map(changes).filter(|it| !it.is_empty()) {
            Some(changes) => (Signal::Changed, format!("{key}: {changes}")),
            None => (Signal::Changed, format!("{key} changed: {summary}")),
        },
    };
    let at = page.timestamp.0;
    let id = format!("{event}/{key}/{}", at.map_or_else(|| sum_id(raw), |it| it.to_string()));
    add(collector, signal, id, at, words, &page.user, &key, about.address.get(), raw);
    Ok(())
}

fn issue(collector: &mut Collector, raw: &RawValue) -> Result<(), String> {
    let it: Issue<'_> = json::typed(raw)?;
    let key = it.key.line().ok_or("the issue has no key")?;
    let fields = it.fields.unwrap_or_default();
    let summary = fields.summary.line().unwrap_or_default();
    let nobody = Named::default();
    let reporter = fields.reporter.as_ref().unwrap_or(&nobody);
    let address = it.address.get();
    let opened = format!("{key} opened: {summary}");
    add(
        collector,
        Signal::Note,
        format!("{key}/opened"),
        fields.created.0,
        opened,
        reporter,
        &key,
        address,
        raw.get(),
    );
    if let Some(at) = fields.resolutiondate.0 {
        let words = format!("{key} resolved: {summary}");
        add(
            collector,
            Signal::Note,
            format!("{key}/resolved"),
            Some(at),
            words,
            &nobody,
            &key,
            address,
            raw.get(),
        );
    }
    // Comments stand in an object, or, in examples of the documentation, directly in a list.
    let inner = fields.comment.and_then(|it| json::typed::<Comments<'_>>(it).ok()).and_then(|it| it.comments);
    comments(collector, inner.or(fields.comment.filter(|it| it.get().starts_with('['))), &key);
    for change in it.changelog.iter().flat_map(|it| &it.histories) {
        let words = changes(change);
        let by = change.author.as_ref().unwrap_or(&nobody);
        if !words.is_empty() {
            let id = format!("{key}/change/{}", change.id.line().unwrap_or_default());
            let words = format!("{key}: {words}");
            add(collector, Signal::Changed, id, change.created.0, words, by, &key, address, raw.get());
        }
    }
    Ok(())
}

fn comments(collector: &mut Collector, raw: Option<&RawValue>, key: &str) {
    for (index, raw) in json::each(raw).into_iter().enumerate() {
        if let Err(reason) = comment(collector, raw, key) {
            collector.keep(None, &format!("comment {}", index + 1), &reason, raw.get());
        }
    }
}

fn comment(collector: &mut Collector, raw: &RawValue, key: &str) -> Result<(), String> {
    let it: Comment<'_> = json::typed(raw)?;
    let text = adf::read(it.body)?;
    let id = format!("comment/{}", it.id.line().unwrap_or_else(|| sum_id(raw.get())));
    let nobody = Named::default();
    let by = it.author.as_ref().unwrap_or(&nobody);
    add(collector, Signal::Note, id, it.created.0, text, by, key, None, raw.get());
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one record in its parts")]
fn add(
    collector: &mut Collector,
    signal: Signal,
    id: String,
    at: Option<Instant>,
    text: String,
    by: &Named<'_>,
    key: &str,
    address: Option<&str>,
    raw: &str,
) {
    // The API's own address is no page; the page is at the same host under the key.
    let host = address.and_then(|it| it.split_once("/rest/")).map(|(host, _)| format!("{host}/browse/{key}"));
    let evidence = Evidence {
        author: by.author(),
        text: clean(&text),
        place: Some(key.to_owned()).filter(|it| !it.is_empty()),
        url: web_address(host.as_deref()),
        facts: Facts::default(),
        ..collector.piece(signal, id, at, raw)
    };
    collector.add(None, evidence);
}

fn changes(history: &History<'_>) -> String {
    let change = |it: &Item<'_>| {
        let field = it.field.line()?;
        let (from, to) = (it.from.line(), it.to.line().unwrap_or_else(|| "none".to_owned()));
        Some(from.map_or_else(|| format!("{field}: {to}"), |from| format!("{field}: {from} → {to}")))
    };
    line(&history.items.iter().take(20).filter_map(change).collect::<Vec<_>>().join("; "))
}
