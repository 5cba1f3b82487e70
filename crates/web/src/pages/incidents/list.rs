//! The list of incidents, by month.

use crate::{
    error::Answer,
    forms::Asking,
    picture::mini::Mini,
    render::{Frame, Room, html},
    session::Visitor,
    state::State,
    urls,
    words::{done, severity::Mark, standing::Standing, text, time::Stamp},
    zone::Zone,
};
use app::incidents::{self, Filter};
use askama::Template;
use domain::{
    Instant,
    incident::{IncidentState, Severity},
    vocabulary::Term,
};

#[derive(Template)]
#[template(path = "incidents/list.html")]
struct ListPage {
    frame: Frame,
    done: Option<&'static str>,
    months: Vec<Month>,
    filtered: bool,
    words: String,
    chosen_state: String,
    chosen_severity: u8,
    chosen_team: String,
    states: [IncidentState; 4],
    severities: [Severity; 4],
    teams: Vec<String>,
    count: String,
    older: Option<String>,
}

struct Month {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    number: String,
    url: String,
    title: String,
    services: String,
    team: String,
    narrowed: bool,
    mark: Mark,
    day: Stamp,
    clock: Stamp,
    mini: Mini,
    standing: Standing,
    pm_url: String,
}

/// All incidents, or those with the marks asked for.
pub(crate) async fn list(state: State, visitor: Visitor, Asking(asked): Asking) -> Answer {
    let filter = Filter {
        words: asked.filled("words").or(asked.filled("q")).map(str::to_owned),
        state: IncidentState::from_key(asked.text("state")),
        severity: asked.text("severity").parse().ok().and_then(Severity::new),
        team: asked.filled("team").map(str::to_owned),
        after: asked.text("after").parse().ok(),
        limit: 0,
    };
    let listing = incidents::list(&state.app, visitor.actor(), &filter).await?;
    let frame = visitor.frame("Incidents", Room::Incidents);
    let query = |name: &str| asked.filled(name).map(|value| format!("{name}={}&", urls::part(value)));
    let kept: String = ["words", "state", "severity", "team"].into_iter().filter_map(query).collect();
    html::ok(&ListPage {
        done: done::words(asked.text("done")),
        months: months(listing.rows, frame.term(), &frame.zone, frame.now),
        filtered: !kept.is_empty() || filter.after.is_some(),
        words: filter.words.unwrap_or_default(),
        chosen_state: filter.state.map(|state| state.key().to_owned()).unwrap_or_default(),
        chosen_severity: filter.severity.map_or(0, Severity::level),
        chosen_team: filter.team.unwrap_or_default(),
        states: IncidentState::ALL,
        severities: Severity::ALL,
        teams: listing.teams,
        count: text::count(listing.total, "incident", "incidents"),
        older: listing.next.map(|next| format!("/incidents?{kept}after={next}")),
        frame,
    })
}

fn months(rows: Vec<incidents::Row>, term: &Term, zone: &Zone, now: Instant) -> Vec<Month> {
    let this_year = zone.say(now, "%Y");
    let mut months: Vec<Month> = Vec::new();
    for row in rows {
        let at = row.incident.declared_at;
        let same_year = zone.say(at, "%Y") == this_year;
        let name = zone.say(at, if same_year { "%B" } else { "%B %Y" });
        let row = Row::of(&row, term, zone, now);
        match months.last_mut() {
            Some(month) if month.name == name => month.rows.push(row),
            _ => months.push(Month { name, rows: vec![row] }),
        }
    }
    months
}

impl Row {
    fn of(row: &incidents::Row, term: &Term, zone: &Zone, now: Instant) -> Self {
        let incident = &row.incident;
        Self {
            number: incident.number.to_string(),
            url: urls::incident(incident.number),
            title: incident.title.clone(),
            services: incident.services.join(", "),
            team: incident.team.clone().unwrap_or_default(),
            narrowed: row.narrowed,
            mark: Mark::of(incident),
            day: Stamp::weekday(zone, incident.declared_at),
            clock: Stamp::clock(zone, incident.declared_at),
            mini: Mini::of(&row.instants),
            standing: Standing::of(incident, row.postmortem.as_ref(), term, (zone, now)),
            pm_url: row
                .postmortem
                .as_ref()
                .map(|_| format!("/postmortems/{}", incident.number))
                .unwrap_or_default(),
        }
    }
}
