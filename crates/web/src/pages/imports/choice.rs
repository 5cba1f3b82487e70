//! What of an upload to bring in: what the form offers, and what was chosen.

use crate::{
    forms::{Kept, Submitted},
    zone::Zone,
};
use app::{
    Error,
    imports::{Columns, FoundChannel, FoundIncident, FoundRecords, Options, Selection, TableHead},
};
use domain::{
    Instant,
    evidence::Source,
    incident::{Incident, IncidentNumber},
    instant::Span,
};

/// What was found.
pub(super) enum Offer {
    /// Incidents to tick.
    Pagerduty { incidents: Vec<FoundIncident>, not_understood: Vec<String> },
    /// Records of any products: incidents to tick, the rest for the incident that is named.
    Records {
        found: Vec<FoundRecords>,
        incidents: Vec<FoundIncident>,
        not_understood: Vec<String>,
        table: Option<Box<Table>>,
    },
    /// One channel to choose, and a window.
    Slack { channels: Vec<Channel> },
}

impl Offer {
    /// Whether records can become incidents of their own.
    pub(super) fn makes_incidents(&self) -> bool {
        match self {
            Self::Pagerduty { .. } => true,
            Self::Records { incidents, .. } => !incidents.is_empty(),
            Self::Slack { .. } => false,
        }
    }

    /// Whether there is a transcript among the records, whose beginning a person may know.
    pub(super) fn holds_a_recording(&self) -> bool {
        matches!(self, Self::Records { found, .. } if found.iter().any(|it| it.source == Source::Transcript))
    }
}

/// The columns of a table, to be named.
pub(super) struct Table {
    /// The names in its first row.
    pub(super) names: Vec<String>,
    /// The first rows below.
    pub(super) rows: Vec<Vec<String>>,
    /// What a column can hold: the name of the field and what people read.
    pub(super) roles: [(&'static str, &'static str); 7],
    guess: Columns,
}

impl From<TableHead> for Table {
    fn from(head: TableHead) -> Self {
        let TableHead { names, rows, guess } = head;
        Self { names, rows, roles: ROLES, guess }
    }
}

/// What a column of a table can hold.
const ROLES: [(&str, &str); 7] = [
    ("time", "When it happened"),
    ("text", "What happened"),
    ("author", "Who or what"),
    ("kind", "Sort of event"),
    ("service", "Service"),
    ("url", "Address"),
    ("id", "What tells rows apart"),
];

fn role<'c>(columns: &'c mut Columns, name: &str) -> &'c mut Option<usize> {
    match name {
        "time" => &mut columns.time,
        "text" => &mut columns.text,
        "author" => &mut columns.author,
        "kind" => &mut columns.kind,
        "service" => &mut columns.service,
        "url" => &mut columns.url,
        _ => &mut columns.id,
    }
}

/// A channel to choose.
pub(super) struct Channel {
    /// What was found.
    pub(super) found: FoundChannel,
    /// Whether it was written in around the incident.
    pub(super) fits: bool,
}

impl Channel {
    /// Whether everything in it was written on one day of the person's calendar.
    pub(super) fn one_day(&self, zone: &Zone) -> bool {
        let day = |at: Option<Instant>| at.map(|at| zone.say(at, "%F"));
        day(self.found.first) == day(self.found.last)
    }

    /// All channels: those that were written in around the incident first, the busiest of them on top.
    pub(super) fn all(found: Vec<FoundChannel>, incident: Option<&Incident>) -> Vec<Self> {
        let around = incident.map(window);
        let fits = |channel: &FoundChannel| match (around, channel.first, channel.last) {
            (Some((from, to)), Some(first), Some(last)) => first <= to && from <= last,
            _ => false,
        };
        let mut all: Vec<Self> = found.into_iter().map(|found| Self { fits: fits(&found), found }).collect();
        all.sort_by_key(|channel| {
            (!channel.fits, !about_incidents(&channel.found.name), std::cmp::Reverse(channel.found.messages))
        });
        all
    }
}

fn about_incidents(channel: &str) -> bool {
    ["inc-", "inc_", "incident"].iter().any(|word| channel.starts_with(word))
}

/// The time around an incident in which people talk about it.
fn window(incident: &Incident) -> (Instant, Instant) {
    let end = incident.resolved_at.unwrap_or(incident.declared_at.plus(Span::hours(4)));
    (incident.declared_at.plus(Span::hours(-2)), end.plus(Span::hours(2)))
}

/// What the form shows before anybody chose.
pub(super) fn beginning(
    offer: &Offer,
    incident: Option<&Incident>,
    into: Option<IncidentNumber>,
    zone: &Zone,
) -> Kept {
    let known = incident.map(|incident| incident.number).or(into);
    let form = Kept::with([("incident", known.map_or_else(String::new, |number| number.to_string()))]);
    match offer {
        Offer::Pagerduty { incidents, .. } => {
            // What is new is ticked; all of it when nothing is, because somebody brought it for a reason.
            let nothing_new = incidents.iter().all(|found| found.known_as.is_some());
            let new = |found: &&FoundIncident| found.known_as.is_none() || nothing_new;
            incidents.iter().filter(new).fold(form, |form, found| form.also("pick", found.id.clone()))
        }
        Offer::Records { incidents, table, .. } => {
            let new = |found: &&FoundIncident| found.known_as.is_none();
            let form =
                incidents.iter().filter(new).fold(form, |form, found| form.also("pick", found.id.clone()));
            let Some(table) = table else { return form };
            let mut guess = table.guess.clone();
            ROLES.iter().fold(form.also("zone", zone.name().to_owned()), |form, (name, _)| {
                match role(&mut guess, name) {
                    Some(at) => form.also(name, (*at + 1).to_string()),
                    None => form,
                }
            })
        }
        Offer::Slack { channels } => {
            let first = channels.first().map_or_else(String::new, |channel| channel.found.name.clone());
            let form = form.also("channel", first);
            match incident.map(window) {
                Some((from, to)) => form.also("from", zone.field(from)).also("to", zone.field(to)),
                None => form,
            }
        }
    }
}

/// The incident to bring it into; none lets each PagerDuty incident become its own.
pub(super) fn incident(sent: &Submitted) -> Result<Option<IncidentNumber>, Error> {
    let wrong = || Error::invalid("incident", "This is not an incident's number. It looks like INC-12.");
    sent.filled("incident").map(|text| text.parse().map_err(|_| wrong())).transpose()
}

/// The part of the files that was chosen.
pub(super) fn selection(sent: &Submitted, zone: &Zone) -> Result<Selection, Error> {
    if sent.text("source") == "slack" {
        let channel = sent.filled("channel").ok_or(Error::invalid("channel", "Choose a channel."))?;
        let (from, to) = (instant(sent, "from", zone)?, instant(sent, "to", zone)?);
        if matches!((from, to), (Some(from), Some(to)) if to < from) {
            return Err(Error::invalid("to", "The end lies before the beginning."));
        }
        return Ok(Selection::Slack { channel: channel.to_owned(), from, to });
    }
    let incidents: Vec<String> = sent.all("pick").map(str::to_owned).collect();
    if sent.text("source") == "records" {
        // Records that name no incident can be all that is wanted, if an incident is named for them.
        if incidents.is_empty() && sent.filled("incident").is_none() {
            return Err(Error::invalid("incident", "Name the incident that these records belong to."));
        }
        let columns = if sent.text("table") == "yes" { Some(columns(sent)?) } else { None };
        let began = instant(sent, "began", zone)?;
        return Ok(Selection::Records { incidents, options: Options { source: None, columns, began } });
    }
    // An empty list would mean all of them, which is not what an empty form says.
    if incidents.is_empty() {
        return Err(Error::invalid("pick", "Nothing is ticked. Tick at least one incident."));
    }
    Ok(Selection::Pagerduty { incidents })
}

/// The columns of a table as they were named; a number from 1 each.
fn columns(sent: &Submitted) -> Result<Columns, Error> {
    let mut columns = Columns {
        zone: sent.filled("zone").map(str::to_owned),
        day_first: sent.text("day_first") == "yes",
        ..Columns::default()
    };
    for (name, _) in ROLES {
        let number = sent.filled(name).and_then(|text| text.parse::<usize>().ok());
        *role(&mut columns, name) = number.and_then(|it| it.checked_sub(1));
    }
    if columns.time.is_none() {
        return Err(Error::invalid("time", "Choose the column that says when it happened."));
    }
    if columns.text.is_none() {
        return Err(Error::invalid("text", "Choose the column that says what happened."));
    }
    Ok(columns)
}

fn instant(sent: &Submitted, name: &'static str, zone: &Zone) -> Result<Option<Instant>, Error> {
    let wrong = || Error::invalid(name, "This is not a day and a time. It looks like 2026-11-14 05:47.");
    sent.filled(name).map(|text| zone.read_field(text).ok_or_else(wrong)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(name: &str, messages: usize, first: i64, last: i64) -> FoundChannel {
        let at = |hours| Some(Instant::from_seconds(hours * 3600));
        FoundChannel { name: name.into(), messages, first: at(first), last: at(last), untimed: 0 }
    }

    fn incident_at(hours: i64) -> Incident {
        use domain::{
            IncidentId,
            incident::{IncidentKind, IncidentState},
        };
        Incident {
            id: IncidentId::new(Instant::from_seconds(0), [0; 10]),
            number: IncidentNumber(12),
            title: "Gates".into(),
            summary: String::new(),
            kind: IncidentKind::Incident,
            severity: None,
            state: IncidentState::Resolved,
            services: vec![],
            team: None,
            declared_at: Instant::from_seconds(hours * 3600),
            resolved_at: Some(Instant::from_seconds((hours + 3) * 3600)),
            origin: None,
            revision: 0,
        }
    }

    #[test]
    fn channels_around_the_incident_come_first() {
        let found = vec![
            channel("random", 9000, 0, 40),
            channel("general", 50, 100, 110),
            channel("inc-gates", 80, 99, 104),
            channel("incident-old", 800, 1, 9),
        ];
        let order = |incident: Option<&Incident>| -> Vec<String> {
            Channel::all(found.clone(), incident).into_iter().map(|channel| channel.found.name).collect()
        };
        assert_eq!(order(Some(&incident_at(100))), ["inc-gates", "general", "incident-old", "random"]);
        assert_eq!(order(None), ["incident-old", "inc-gates", "random", "general"]);
    }

    #[test]
    fn the_window_begins_around_the_incident_on_the_persons_clock() {
        let zone = Zone::of(Some("Asia/Kolkata"));
        let offer = Offer::Slack { channels: Channel::all(vec![channel("inc-gates", 1, 0, 1)], None) };
        let form = beginning(&offer, Some(&incident_at(24)), None, &zone);
        assert_eq!(
            ["incident", "channel", "from", "to"].map(|name| form.value(name)),
            ["INC-12", "inc-gates", "1970-01-02T03:30:00", "1970-01-02T10:30:00"]
        );
    }

    #[test]
    fn a_choice_is_read_or_refused_at_its_field() {
        let read = |text: &str| selection(&Submitted::read(text), &Zone::of(None));
        assert!(
            matches!(read("source=pagerduty&pick=P1&pick=P2"), Ok(Selection::Pagerduty { incidents }) if incidents.len() == 2)
        );
        assert!(matches!(
            read("source=slack&channel=ops"),
            Ok(Selection::Slack { from: None, to: None, .. })
        ));
        for (text, wrong) in [
            ("source=pagerduty", "pick"),
            ("source=slack", "channel"),
            ("source=slack&channel=ops&from=noon", "from"),
            ("source=slack&channel=ops&from=2026-11-14T05:00&to=2026-11-14T04:00", "to"),
        ] {
            assert!(
                matches!(read(text), Err(Error::Invalid { field: Some(field), .. }) if field == wrong),
                "{text}"
            );
        }
    }
}
