//! One incident: what it was, how long its parts took, its picture and its events.

use crate::{
    error::Answer,
    forms::{Asking, Submitted},
    pages::timeline::{
        look::{self, Looked},
        view::{Once, View},
    },
    picture::{overview::Overview, zoom},
    render::{Frame, Room, html},
    session::Visitor,
    state::State,
    urls::{self, Number},
    words::{done, facts, severity::Mark, standing::Standing, text, time},
};
use app::incidents::{self, Shown};
use askama::Template;
use domain::incident::{IncidentKind, IncidentState};

#[derive(Template)]
#[template(path = "incidents/show.html")]
struct ShowPage {
    frame: Frame,
    done: Option<&'static str>,
    number: String,
    url: String,
    title: String,
    lede: String,
    kind: Option<&'static str>,
    mark: Mark,
    state: IncidentState,
    standing: Standing,
    standing_url: Option<String>,
    published: bool,
    services: String,
    team: Option<String>,
    narrowed: bool,
    /// A passage waits to be looked at.
    asked: bool,
    origin: Option<(String, String)>,
    durations: Vec<facts::Measure>,
    evidence: Vec<String>,
    evidence_total: i64,
    days: String,
    overview: Option<Overview>,
    /// Closer, wider, earlier, later: words, key, address.
    ways: Vec<zoom::Way>,
    /// What a lane can be: words, address, whether it is.
    lanes: Vec<(&'static str, String, bool)>,
    timeline: View,
}

/// A part of the list alone, for a script that shows the next as somebody scrolls.
#[derive(Template)]
#[template(path = "timeline/part.html")]
struct ListPart {
    frame: Frame,
    url: String,
    timeline: View,
}

/// One incident with its timeline; with `only=list` a part of the list.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let shown = incidents::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("{number}: {}", shown.incident.title), Room::Incidents);
    if asked.text("only") == "list" {
        let url = urls::incident(number);
        let timeline = View::of(&Once::of(&shown), &asked, &frame, &url);
        return html::ok(&ListPart { timeline, url, frame });
    }
    html::ok(&page(frame, &shown, &asked))
}

fn page(frame: Frame, shown: &Shown, asked: &Submitted) -> ShowPage {
    let incident = &shown.incident;
    let url = urls::incident(incident.number);
    let once = Once::of(shown);
    let source = |(source, count): &(domain::evidence::Source, i64)| {
        format!("{} from {}", text::grouped(*count), source.label())
    };
    let times = || shown.timeline.iter().filter(|one| !one.event.hidden).map(|one| one.event.at);
    let first = times().min().unwrap_or(incident.declared_at);
    let last = times().max().unwrap_or(first);
    let looked = Looked::of(asked);
    let timeline = View::of(&once, asked, &frame, &url);
    let overview = look::overview(&once, &frame.zone, frame.now, &looked, &timeline.listed);
    let (ways, lanes) = overview.as_ref().map(|it| look::ways(it, &looked, &url)).unwrap_or_default();
    let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    ShowPage {
        done: done::words(asked.text("done")),
        number: incident.number.to_string(),
        title: incident.title.clone(),
        lede: incident.summary.clone(),
        kind: (incident.kind != IncidentKind::Incident).then(|| incident.kind.label()),
        mark: Mark::of(incident),
        state: incident.state,
        standing: Standing::of(incident, shown.postmortem.as_ref(), frame.term(), (&frame.zone, frame.now)),
        standing_url: shown.postmortem.as_ref().map(|_| format!("/postmortems/{}", incident.number)),
        published: shown
            .postmortem
            .as_ref()
            .is_some_and(|postmortem| postmortem.state == domain::postmortem::PostmortemState::Published),
        services: incident.services.join(", "),
        team: incident.team.clone(),
        narrowed: shown.narrowed,
        asked: shown.asked,
        origin: incident.origin.as_ref().and_then(|origin| {
            let name = domain::evidence::Source::from_key(&origin.source)
                .map_or(origin.source.as_str(), |s| s.label());
            origin.url.clone().filter(web).map(|url| (format!("{} in {name}", origin.id), url))
        }),
        durations: if once.known.len() > 1 { facts::measures(&once.known) } else { vec![] },
        evidence: shown.evidence.iter().map(source).collect(),
        evidence_total: shown.evidence.iter().map(|(_, count)| count).sum(),
        days: time::days(&frame.zone, first, last),
        ways,
        lanes,
        overview,
        timeline,
        url,
        frame,
    }
}
