//! A post-mortem out again, as a file.

use crate::{App, Result, article};
use domain::{access::Actor, incident::IncidentNumber, postmortem::PostmortemState};
use exports::{Article, Questions};

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
    let article = gather(&shown, app.now());
    let (text, ending, media_type) = match format {
        Format::Markdown => (exports::markdown::write(&article), "md", "text/markdown; charset=utf-8"),
        Format::Html => (exports::html::write(&article), "html", "text/html; charset=utf-8"),
    };
    let file_name = format!("{}-{}.{ending}", number.to_string().to_lowercase(), plain(&article.title));
    Ok(Exported { file_name, bytes: text.into_bytes(), media_type })
}

/// The article of a post-mortem as readers get it now.
pub fn gather(shown: &crate::postmortems::Shown, now: domain::Instant) -> Article {
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
    if name.is_empty() { "post-mortem".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn file_names_do_no_harm_anywhere() {
        assert_eq!(plain("Tickets: refused / at \"gates\"…"), "tickets-refused-at-gates");
        assert_eq!(plain("../../etc/passwd"), "etc-passwd");
        assert_eq!(plain("障害"), "post-mortem");
        assert!(plain(&"a b".repeat(100)).len() <= 61);
    }
}
