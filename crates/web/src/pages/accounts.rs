//! Accounts of those who were there, and what else is kept apart from the document: read by whom their authors let
//! in, opened by administrators with a reason.

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
    words::done,
    zone::Zone,
};
use app::{
    Error,
    accounts::{self, Shown},
    language::Surface as Aided,
    reports::Report,
    sealed::{self, Audience, Kind, Place, Surface, Words},
};
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use domain::{SealedId, account::Account, incident::IncidentNumber};

#[derive(Template)]
#[template(path = "incidents/accounts.html")]
struct AccountsPage {
    frame: Frame,
    done: Option<&'static str>,
    form: Kept,
    number: String,
    url: String,
    title: String,
    /// What others told, and one's own.
    accounts: Vec<Told>,
    /// The form of an account that is not told yet.
    fresh: Option<Form>,
    passages: Vec<Told>,
    closed: Vec<Told>,
    reports: Vec<Asked>,
}

/// A passage that somebody asked to be looked at.
struct Asked {
    id: String,
    said: String,
    words: String,
    /// Whether it can be moved out; an account is its author's alone.
    moves: bool,
    as_author: bool,
}

impl Asked {
    fn of(report: &Report, zone: &Zone) -> Self {
        let place = match report.surface {
            Surface::Document => "In the document",
            Surface::Event => "In an event of the timeline",
            Surface::Idea => "In an idea",
            Surface::Incident => "In the title or summary",
            Surface::Headline => "In the headline",
            Surface::Notes => "In a note beside what is measured",
            Surface::Account => "In an account",
        };
        Self {
            id: report.id.to_string(),
            said: format!("{place}. Asked {}", zone.say(report.at, "%-d %B %Y, %H:%M")),
            words: report.words.text().to_owned(),
            moves: report.place().is_some(),
            as_author: report.as_author,
        }
    }
}

/// Something that is kept, as it is shown.
struct Told {
    id: String,
    /// “Wren Okafor” or “You”.
    by: String,
    /// What it is, and since when.
    said: String,
    /// To whom it is open, for its author.
    open_to: &'static str,
    /// Labels and words.
    words: Vec<(&'static str, String)>,
    own: bool,
    forgotten: bool,
    openings: Vec<String>,
    form: Option<Form>,
    /// What was wrong with the reason for opening it.
    wrong: Option<String>,
}

/// A form for an account.
struct Form {
    /// Tells the fields of several forms on one page apart.
    key: String,
    action: String,
    open: bool,
    parts: Vec<Field>,
    audiences: Vec<(&'static str, &'static str, bool)>,
}

struct Field {
    name: &'static str,
    label: &'static str,
    value: String,
    wrong: Option<String>,
}

const LABELS: [(&str, &str); 7] = [
    ("saw", "What I saw"),
    ("expected", "What I expected"),
    ("knew", "What I knew, and what I did not"),
    ("wanted", "What I wanted to reach"),
    ("pressed", "What pressed me"),
    ("did", "What I did"),
    ("next", "What happened next"),
];

const AUDIENCES: [(Audience, &str); 4] = [
    (Audience::Author, "Only me"),
    (Audience::Facilitator, "Whoever leads the debrief"),
    (Audience::Participants, "Everybody with a part in this incident"),
    (Audience::Readers, "Everybody who sees this incident"),
];

/// What came with the request that the page answers.
#[derive(Default)]
struct Came {
    status: StatusCode,
    done: Option<&'static str>,
    /// A form that was refused, and of which account.
    refused: Option<(Option<SealedId>, Kept)>,
    /// What was just opened with a reason.
    opened: Option<(SealedId, Words)>,
}

/// Everything that is open to whoever asks.
pub(crate) async fn show(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    let done = done::words(asked.text("done"));
    page(&state, &visitor, number, Came { done, ..Came::default() }).await
}

/// Tells an account.
pub(crate) async fn tell(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    told(&state, &visitor, number, None, &sent).await
}

/// Changes one's own account, or whom it is open to.
pub(crate) async fn change(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<SealedId>,
    sent: Submitted,
) -> Answer {
    told(&state, &visitor, number, Some(id), &sent).await
}

async fn told(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    id: Option<SealedId>,
    sent: &Submitted,
) -> Answer {
    let act = async {
        let audience = Audience::from_key(sent.text("audience"))
            .ok_or_else(|| Error::invalid("audience", "Choose who can read it."))?;
        let account = accounts::said(|part| sent.raw(part))?;
        accounts::tell(&state.app, visitor.actor(), number, id, &account, audience).await
    };
    match act.await {
        Ok(_) => {
            // Whoever tells it is asked, and nobody else; what is said in the first person is judged by nobody.
            let words: Vec<&str> = LABELS.iter().map(|(name, _)| sent.text(name)).collect();
            let done =
                super::language::notice(state, visitor, Some(number), &words, Aided::Account, "told").await;
            go(&format!("{}/accounts?done={done}", urls::incident(number)))
        }
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            page(state, visitor, number, Came { status, refused: Some((id, form)), ..Came::default() }).await
        }
    }
}

/// Has words of one's own forgotten.
pub(crate) async fn forget(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<SealedId>,
) -> Answer {
    sealed::forget(&state.app, visitor.actor(), number, id).await?;
    go(&format!("{}/accounts?done=forgotten", urls::incident(number)))
}

/// Opens what is kept from administrators: written down first, shown then, and only in this answer.
pub(crate) async fn open(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<SealedId>,
    sent: Submitted,
) -> Answer {
    let opened = sealed::open_with_reason(&state.app, visitor.actor(), number, id, sent.text("reason")).await;
    let came = match opened {
        Ok(words) => Came { opened: Some((id, words)), ..Came::default() },
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            Came { status, refused: Some((Some(id), form)), ..Came::default() }
        }
    };
    page(&state, &visitor, number, came).await
}

async fn page(state: &State, visitor: &Visitor, number: IncidentNumber, came: Came) -> Answer {
    let shown = accounts::show(&state.app, visitor.actor(), number).await?;
    let frame = visitor.frame(format!("Accounts of {number}"), Room::Incidents);
    let (status, page) = (came.status, AccountsPage::of(frame, shown, came));
    let mut response = html::with(status, &page)?;
    // What is read here is in no store of the browser's.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

impl AccountsPage {
    fn of(frame: Frame, shown: Shown, came: Came) -> Self {
        let url = urls::incident(shown.number);
        let zone = &frame.zone;
        let refused_for =
            |id: Option<SealedId>| came.refused.as_ref().filter(|(of, _)| *of == id).map(|(_, form)| form);
        let has_own = shown.accounts.iter().any(|(place, _)| place.own && place.words.is_some());
        let accounts = shown.accounts.iter().map(|(place, account)| {
            let action = format!("{url}/accounts/{}", place.id);
            let form = (place.own && place.words.is_some()).then(|| {
                Form::of(
                    &place.id.to_string(),
                    action,
                    account,
                    place.terms.audience,
                    refused_for(Some(place.id)),
                )
            });
            Told { form, words: parts_of(account), ..Told::of(place, zone) }
        });
        let passages = shown.passages.iter().map(|place| {
            let words = place.words.iter().map(|words| ("", words.text().to_owned())).collect();
            Told { words, ..Told::of(place, zone) }
        });
        let closed = shown.closed.iter().map(|place| {
            let opened = came.opened.as_ref().filter(|(id, _)| *id == place.id);
            let words = opened.map(|(_, words)| match place.terms.kind {
                Kind::Account => parts_of(&Account::read(words.text())),
                Kind::Passage => vec![("", words.text().to_owned())],
            });
            let wrong = refused_for(Some(place.id)).and_then(|form| form.wrong("reason"));
            Told {
                words: words.unwrap_or_default(),
                wrong: wrong.map(str::to_owned),
                ..Told::of(place, zone)
            }
        });
        let fresh = (shown.may_tell && !has_own).then(|| {
            let action = format!("{url}/accounts");
            Form::of("new", action, &Account::default(), Audience::Author, refused_for(None))
        });
        let reports = shown.reports.iter().map(|report| Asked::of(report, zone)).collect();
        Self {
            reports,
            accounts: accounts.collect(),
            passages: passages.collect(),
            closed: closed.collect(),
            fresh,
            done: came.done,
            form: came.refused.as_ref().map(|(_, form)| form.clone()).unwrap_or_default(),
            number: shown.number.to_string(),
            title: shown.title,
            url,
            frame,
        }
    }
}

impl Told {
    fn of(place: &Place, zone: &Zone) -> Self {
        let what = match place.terms.kind {
            Kind::Account => "An account",
            Kind::Passage if place.moved && place.own => {
                "Whoever leads the debrief moved this out, quietly, and kept it for you: it spoke about somebody more \
                 than about the work. Speak with them if you see it otherwise. Moved"
            }
            Kind::Passage => "A passage that left for good",
        };
        let when = zone.say(place.created_at, "%-d %B %Y, %H:%M");
        let changed = if place.changed_at > place.created_at {
            format!("; changed {}", zone.say(place.changed_at, "%-d %B %Y, %H:%M"))
        } else {
            String::new()
        };
        let openings = place
            .openings
            .iter()
            .map(|it| format!("{}, {}: {}", it.name, zone.say(it.at, "%-d %B %Y, %H:%M"), it.reason));
        let open_to = AUDIENCES.iter().find(|(audience, _)| *audience == place.terms.audience);
        Self {
            id: place.id.to_string(),
            by: if place.own { "You".into() } else { place.author.clone() },
            said: format!("{what}, {when}{changed}"),
            open_to: open_to.map_or("", |(_, words)| words),
            words: Vec::new(),
            own: place.own,
            forgotten: place.forgotten_at.is_some(),
            openings: openings.collect(),
            form: None,
            wrong: None,
        }
    }
}

fn parts_of(account: &Account) -> Vec<(&'static str, String)> {
    let parts = LABELS.iter().map(|(name, label)| (*label, account.part(name).to_owned()));
    parts.filter(|(_, words)| !words.is_empty()).collect()
}

impl Form {
    fn of(key: &str, action: String, account: &Account, audience: Audience, refused: Option<&Kept>) -> Self {
        let parts = LABELS.iter().map(|(name, label)| Field {
            name,
            label,
            value: refused.map_or_else(|| account.part(name).to_owned(), |form| form.value(name).to_owned()),
            wrong: refused.and_then(|form| form.wrong(name)).map(str::to_owned),
        });
        let chosen = refused.and_then(|form| Audience::from_key(form.value("audience"))).unwrap_or(audience);
        Self {
            key: key.to_owned(),
            action,
            open: refused.is_some(),
            parts: parts.collect(),
            audiences: AUDIENCES.map(|(it, words)| (it.key(), words, it == chosen)).into(),
        }
    }
}

impl Field {
    fn wrong(&self) -> &str {
        self.wrong.as_deref().unwrap_or_default()
    }
}
