//! A post-mortem out again, as a file.

use crate::{App, Result, article};
use domain::{
    EvidenceId,
    access::{Action, Actor},
    evidence::Source,
    incident::IncidentNumber,
    postmortem::PostmortemState,
    vocabulary::Term,
};
use exports::{Article, Attached, Questions};
use std::collections::HashMap;
use store::files;

/// A format to take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CommonMark with tables.
    Markdown,
    /// One HTML file without scripts or outside files.
    Html,
}

/// A file to take away.
#[derive(Debug, Clone)]
pub struct Exported {
    /// A file name that is safe on every system.
    pub file_name: String,
    /// Its bytes, UTF-8.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

/// Exports the post-mortem of an incident. Until it is published, open questions are part of it.
pub async fn export(app: &App, actor: &Actor, number: IncidentNumber, format: Format) -> Result<Exported> {
    let shown = crate::postmortems::show(app, actor, number).await?;
    let mut article = gather(&shown, &app.workspace().term, app.now());
    attach(app, actor, number, &shown, &mut article).await?;
    let (text, ending, media_type) = match format {
        Format::Markdown => (exports::markdown::write(&article), "md", "text/markdown; charset=utf-8"),
        Format::Html => (exports::html::write(&article), "html", "text/html; charset=utf-8"),
    };
    let file_name = format!("{}-{}.{ending}", number.to_string().to_lowercase(), plain(&article.title));
    Ok(Exported { file_name, bytes: text.into_bytes(), media_type })
}

/// So many bytes of pictures stand in a file at most; the others are named.
const PICTURES: usize = 8 << 20;

/// Puts what people attached to events beside them. One statement, and none where nothing was attached.
async fn attach(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    shown: &crate::postmortems::Shown,
    article: &mut Article,
) -> Result<()> {
    let visible = || shown.incident.timeline.iter().filter(|one| !one.event.hidden);
    if !visible().any(|one| one.evidence.iter().any(|cited| cited.source == Source::Debrief)) {
        return Ok(());
    }
    let mut tx = app.read(actor, Action::Read).await?;
    let found = files::attached(&mut tx, number, app.sight(actor)).await?;
    let mut attached: HashMap<EvidenceId, Attached> = HashMap::new();
    let mut room = PICTURES;
    for it in found {
        let what = match (it.sort.as_str(), it.file, it.url) {
            ("file", Some(file), _) => {
                let small = it.small.filter(|small| small.body.len() <= room);
                room -= small.as_ref().map_or(0, |small| small.body.len());
                Attached::File {
                    name: file.name,
                    bytes: file.bytes,
                    sum: file.digest.to_string(),
                    picture: small.map(|small| (small.media, small.body)),
                }
            }
            ("link", _, Some(url)) => Attached::Link { title: it.place.unwrap_or_else(|| url.clone()), url },
            ("query", _, url) => Attached::Query { place: it.place.unwrap_or_default(), text: it.text, url },
            _ => continue,
        };
        attached.insert(it.evidence, what);
    }
    for (moment, one) in article.timeline.iter_mut().zip(visible()) {
        moment.attached = one.evidence.iter().filter_map(|cited| attached.get(&cited.id)).cloned().collect();
    }
    Ok(())
}

/// The article of a post-mortem as readers get it now.
pub fn gather(shown: &crate::postmortems::Shown, term: &Term, now: domain::Instant) -> Article {
    let incident = &shown.incident.incident;
    let instants = shown
        .incident
        .instants
        .iter()
        .filter_map(|chosen| {
            let event = shown.incident.timeline.iter().find(|shown| shown.event.id == chosen.event)?;
            Some((chosen.instant, event.event.at))
        })
        .collect();
    let facts = article::Facts {
        kind: Some(incident.kind),
        severity: incident.severity,
        services: &incident.services,
        team: incident.team.as_deref(),
        declared_at: Some(incident.declared_at),
        resolved_at: incident.resolved_at,
        instants,
        participants: &shown.incident.participants,
        owner: shown.owner.as_deref(),
        term,
    };
    let published = shown.postmortem.state == PostmortemState::Published;
    Article {
        title: shown.postmortem.title.clone(),
        kicker: format!("{} · {}", incident.number, shown.postmortem.state.label()),
        facts: facts.lines(),
        document: shown.document.clone(),
        timeline: article::moments(&shown.incident.timeline),
        follow_ups: article::outlooks(&shown.follow_ups, now),
        questions: if published { Questions::LeftOut } else { Questions::Shown },
    }
}

/// A title as part of a file name: ASCII letters, digits and hyphens, at most 60 of them.
fn plain(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if name.len() >= 60 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "incident".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn file_names_do_no_harm_anywhere() {
        assert_eq!(plain("Tickets: refused / at \"gates\"…"), "tickets-refused-at-gates");
        assert_eq!(plain("../../etc/passwd"), "etc-passwd");
        assert_eq!(plain("障害"), "incident");
        assert!(plain(&"a b".repeat(100)).len() <= 61);
    }
}
