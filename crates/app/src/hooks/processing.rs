//! Deliveries become evidence: each is read as what its product sends, and goes into the incident it names, or
//! into one that a rule finds, with the reason.

use super::{Status, sns::Message};
use crate::{
    App, Error, Result,
    imports::{Arrived, Outcome, take_in},
};
use domain::{
    DeliveryId, ImportId, IncidentId, Instant,
    access::{Action, Actor},
    evidence::{Evidence, Signal, Source},
    incident::IncidentNumber,
    instant::Span,
};
use importers::{Export, ImportError, NO_TIME, NamedBytes, Options};
use store::{
    Tx, audit,
    hooks::{self, Arrival, Candidate, Hook},
};
use uuid::Uuid;

/// How many deliveries are loaded at once.
const STEP: i64 = 100;
/// Records from so long before an incident was declared can belong to it …
const BEFORE: Span = Span::hours(2);
/// … and from so long after it ended.
const AFTER: Span = Span::hours(2);

/// After so many attempts that broke off, a delivery does not hold up the job any more.
const TRIES: i64 = 5;

/// So many deliveries, or so many bytes of them, go into an incident in one transaction.
const TOGETHER: (usize, usize) = (100, 4 << 20);

/// Processes everything that waits, in order. One that breaks off is left waiting and holds up no other; the error,
/// if there was one, lets the job be tried again.
pub(crate) async fn process(app: &App) -> Result<()> {
    let (mut after, mut broke) = (None, Ok(()));
    loop {
        let waiting = hooks::waiting(&mut app.db().read().await?, after, STEP).await?;
        let Some(last) = waiting.last() else { return broke };
        after = Some(*last);
        let mut together = Together::default();
        for (_, id) in waiting {
            if let Some((arrival, hook)) = load(app, id).await? {
                broke = step(app, arrival, &hook, &mut together).await.and(broke);
            }
        }
        broke = together.bring_in(app).await.and(broke);
    }
}

async fn load(app: &App, id: Uuid) -> Result<Option<(Arrival, Hook)>> {
    let sight = app.sight(&Actor::installation());
    Ok(hooks::arrival(&mut app.db().read().await?, id, sight).await?)
}

/// Deliveries for one incident: what it costs to choose anew from its evidence is paid once for all of them.
#[derive(Default)]
struct Together {
    number: Option<IncidentNumber>,
    arrived: Vec<Arrived>,
    bytes: usize,
}

impl Together {
    fn takes(&self, number: IncidentNumber) -> bool {
        self.number.is_none_or(|mine| mine == number)
            && self.arrived.len() < TOGETHER.0
            && self.bytes < TOGETHER.1
    }

    /// Brings in what there is. If that fails, each is looked at alone, so that one cannot harm the others.
    async fn bring_in(&mut self, app: &App) -> Result<()> {
        let Self { number, arrived, .. } = std::mem::take(self);
        if arrived.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = arrived.iter().map(|it| it.delivery.id).collect();
        if take_in(app, &Actor::installation(), number, arrived).await.is_ok() {
            return Ok(());
        }
        let mut broke = Ok(());
        for id in ids {
            if let Some((arrival, hook)) = load(app, id).await? {
                broke = one(app, arrival, &hook, None).await.and(broke);
            }
        }
        broke
    }
}

async fn step(app: &App, mut arrival: Arrival, hook: &Hook, together: &mut Together) -> Result<()> {
    let bytes = arrival.body.len();
    let mut becomes = sort(app, &mut arrival, hook, None).await;
    let same = |it: &Result<Becomes>| matches!(it, Ok(Becomes::Evidence { into: Some(into), .. }) if together.takes(*into));
    if !same(&becomes) {
        together.bring_in(app).await?;
        // What was brought in just now may show where this one belongs.
        if let Ok(Becomes::Evidence { export, .. } | Becomes::Homeless { export, .. }) = becomes {
            becomes = home(app, export, hook, None).await;
        }
    }
    match becomes {
        Ok(Becomes::Evidence { into: Some(into), reason, export }) => {
            together.number = Some(into);
            together.bytes += bytes;
            together.arrived.push(arrived(app, &arrival, hook, reason, export));
            Ok(())
        }
        becomes => conclude(app, &arrival, hook, becomes).await,
    }
}

/// Looks at a delivery again, and brings it into the incident that is named, if one is.
pub async fn try_again(app: &App, actor: &Actor, id: DeliveryId, into: Option<IncidentNumber>) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let found = hooks::arrival(&mut tx, id.0, app.sight(actor)).await?;
    let (arrival, hook) = found.ok_or(Error::NotFound)?;
    if let Some(number) = into {
        crate::reach::incident(app, &mut tx, actor, number, Action::Import).await?;
    }
    audit::record(&mut tx, app.now(), actor, "delivery.retry", &id.to_string(), "{}").await?;
    tx.commit().await?;
    one(app, arrival, &hook, into).await
}

async fn one(app: &App, mut arrival: Arrival, hook: &Hook, into: Option<IncidentNumber>) -> Result<()> {
    let becomes = sort(app, &mut arrival, hook, into).await;
    conclude(app, &arrival, hook, becomes).await
}

/// Brings one delivery in, or notes why not.
async fn conclude(app: &App, arrival: &Arrival, hook: &Hook, becomes: Result<Becomes>) -> Result<()> {
    let (id, attempts) = (arrival.id, arrival.attempts);
    let becomes = match becomes {
        Ok(Becomes::Evidence { into, reason, export }) => {
            let arrived = arrived(app, arrival, hook, reason, export);
            match take_in(app, &Actor::installation(), into, vec![arrived]).await {
                Ok(()) => return Ok(()),
                Err(error) => Err(error),
            }
        }
        other => other,
    };
    let (status, words, error) = match becomes {
        Ok(Becomes::Nothing(words)) => (Status::Done, words, None),
        Ok(Becomes::Homeless { words, .. }) => (Status::Kept, words, None),
        Ok(Becomes::Evidence { .. }) => return Ok(()),
        // A fault of ours, or the record is not there just now: that passes, or is looked into.
        Err(error @ (Error::Internal { .. } | Error::Unavailable(_))) => {
            let status = if attempts + 1 < TRIES { Status::Waiting } else { Status::Failed };
            let words = match &error {
                Error::Unavailable(words) => words.clone(),
                _ => "It could not be processed. It is kept as it came.".to_owned(),
            };
            (status, words, Some(error))
        }
        Err(error) => (Status::Failed, error.to_string(), None),
    };
    let mut tx = app.db().write().await?;
    hooks::settle(&mut tx, id, attempts, status, &words, None).await?;
    tx.commit().await?;
    error.map_or(Ok(()), Err)
}

fn arrived(app: &App, arrival: &Arrival, hook: &Hook, reason: String, export: Export) -> Arrived {
    let delivery = Settling { id: arrival.id, attempts: arrival.attempts, reason };
    let id = ImportId::new(app.now(), app.random());
    Arrived { id, name: format!("{} webhook", hook.source.label()), export, delivery }
}

/// A delivery whose records are being brought in, to be settled by the same transaction: whatever happens, they are
/// brought in once and its page says so.
#[derive(Debug)]
pub(crate) struct Settling {
    id: Uuid,
    attempts: i64,
    reason: String,
}

impl Settling {
    /// Notes what became of it.
    pub(crate) async fn done(&self, tx: &mut Tx, outcome: &Outcome, incident: IncidentId) -> Result<()> {
        let kept = match outcome.not_understood {
            0 => String::new(),
            1 => " One record was not understood and is kept as it came.".to_owned(),
            many => format!(" {many} records were not understood and are kept as they came."),
        };
        let new = match outcome.added {
            0 => "Nothing new: it was known before.".to_owned(),
            1 => "1 record is new.".to_owned(),
            many => format!("{many} records are new."),
        };
        let words = format!("{new} {}{kept}", self.reason);
        if hooks::settle(tx, self.id, self.attempts, Status::Done, &words, Some(incident)).await? {
            Ok(())
        } else {
            Err(Error::conflict("Somebody else has just looked at this delivery. Nothing was changed."))
        }
    }
}

/// What is to become of a delivery.
enum Becomes {
    /// Evidence of an incident, or of a new one, and why of this one.
    Evidence { into: Option<IncidentNumber>, reason: String, export: Export },
    /// Nothing, and why.
    Nothing(String),
    /// Records without an incident, and why.
    Homeless { words: String, export: Export },
}

async fn sort(
    app: &App,
    arrival: &mut Arrival,
    hook: &Hook,
    into: Option<IncidentNumber>,
) -> Result<Becomes> {
    if hook.source == Source::Cloudwatch && hook.verified {
        believe(app, arrival, hook).await?;
    }
    let name = format!("{} webhook", hook.source.label());
    let file = NamedBytes { name, bytes: std::mem::take(&mut arrival.body) };
    let (source, by_hand) = (hook.source, into.is_some());
    let read = tokio::task::spawn_blocking(move || read(file, source, by_hand));
    let exports = match read.await.map_err(Error::internal)? {
        Ok(exports) => exports,
        Err(error) => return Err(Error::invalid("body", error.to_string())),
    };
    let Some(mut export) = exports.into_iter().next() else {
        return Ok(Becomes::Nothing("There was nothing in it.".into()));
    };
    date(&mut export, arrival.received_at);
    home(app, export, hook, into).await
}

/// Looks into the signature of a message of Amazon SNS. What is not believed stays as it came, also where somebody says
/// where it belongs.
async fn believe(app: &App, arrival: &Arrival, hook: &Hook) -> Result<()> {
    let doubt = |reason: &str| {
        Error::invalid("body", format!("It is kept as it came and becomes no evidence: {reason}."))
    };
    let message = Message::read(&arrival.body).map_err(doubt)?;
    let place = message.certificate().map_err(doubt)?;
    let pem = app.certificates().at(&place, app.now()).await.map_err(|reason| {
        Error::Unavailable(format!("It waits, since its signature cannot be looked into: {reason}."))
    })?;
    message.check(&place, &pem, arrival.received_at).map_err(doubt)?;
    if hook.topic.as_deref() == Some(message.topic_arn.as_str()) {
        return Ok(());
    }
    let mut tx = app.db().write().await?;
    let topic = hooks::pin(&mut tx, hook.id, &message.topic_arn).await?;
    tx.commit().await?;
    match topic {
        Some(topic) if topic != message.topic_arn => {
            Err(doubt(&format!("it comes from another topic than {topic}, which this address is for")))
        }
        _ => Ok(()),
    }
}

/// Where records belong.
async fn home(app: &App, export: Export, hook: &Hook, into: Option<IncidentNumber>) -> Result<Becomes> {
    let quiet = |it: &Evidence| it.signal == Signal::Housekeeping;
    let (into, reason) = match into {
        Some(number) => (Some(number), "Somebody chose the incident.".to_owned()),
        None if export.incidents.is_empty() && export.evidence().all(quiet) => {
            let said = export.evidence().next().map(|it| it.text.clone()).unwrap_or_default();
            return Ok(Becomes::Nothing(format!("Nothing of an incident: {said}")));
        }
        None if !export.incidents.is_empty() => match known(app, &export).await? {
            Some(number) => (Some(number), format!("{} knows the incident by its id.", hook.source.label())),
            None if hook.declares => (None, "It began this incident.".to_owned()),
            None => {
                let words = "It names an incident that is not known here, and this address declares none.";
                return Ok(Becomes::Homeless { words: words.into(), export });
            }
        },
        None => match fitting(app, &export).await? {
            Some((number, reason)) => (Some(number), reason),
            None => {
                let words = "No open incident fits its alert, its service or its time. It can be brought into one by hand.";
                return Ok(Becomes::Homeless { words: words.into(), export });
            }
        },
    };
    Ok(Becomes::Evidence { into, reason, export })
}

/// As what the product sends; once somebody says where it belongs, what cannot be read is kept as it came.
fn read(file: NamedBytes, source: Source, by_hand: bool) -> std::result::Result<Vec<Export>, ImportError> {
    let options = |source| Options { source: Some(source), ..Options::default() };
    let files = [file];
    match importers::read(&files, &options(source)) {
        Err(_) if by_hand => importers::read(&files, &options(Source::File)),
        read => read,
    }
}

/// What does not say when it happened, happened when it came.
fn date(export: &mut Export, received_at: Instant) {
    let all = export.incidents.iter_mut().flat_map(|it| &mut it.evidence).chain(&mut export.unattached);
    for evidence in all.filter(|it| it.at == NO_TIME) {
        evidence.at = received_at;
    }
}

async fn known(app: &App, export: &Export) -> Result<Option<IncidentNumber>> {
    let ids: Vec<String> = export.incidents.iter().map(|it| it.id.clone()).collect();
    let mut tx = app.db().read().await?;
    let sight = app.sight(&Actor::installation());
    let known = store::incidents::known_origins(&mut tx, export.source.key(), &ids, sight).await?;
    Ok(if ids.len() == 1 { known.into_values().next() } else { None })
}

/// The incident that records without one belong to, and why: the same alert, a service, or the only one open.
async fn fitting(app: &App, export: &Export) -> Result<Option<(IncidentNumber, String)>> {
    let Some(first) = export.evidence().map(|it| it.at).min() else { return Ok(None) };
    let mut tx = app.db().read().await?;
    if let Some(alert) = export.evidence().find_map(|it| it.facts.alert.as_deref())
        && let Some(number) = hooks::holding_alert(&mut tx, export.source, alert).await?
    {
        return Ok(Some((number, "This incident holds the same alert.".into())));
    }
    let candidates = hooks::open_since(&mut tx, first.plus(AFTER.reversed()), app.now()).await?;
    let around: Vec<&Candidate> = candidates
        .iter()
        .filter(|it| first >= it.declared_at.plus(BEFORE.reversed()))
        .filter(|it| it.resolved_at.is_none_or(|end| first <= end.plus(AFTER)))
        .collect();
    let named: Vec<String> =
        export.evidence().filter_map(|it| it.facts.service.as_ref()).map(|it| it.to_lowercase()).collect();
    let serves = |it: &&&Candidate| it.services.iter().any(|service| named.contains(&service.to_lowercase()));
    if let Some(found) = around.iter().find(serves) {
        return Ok(Some((found.number, "It is about a service of this incident, at its time.".into())));
    }
    Ok(match around.as_slice() {
        [only] => Some((only.number, "It was the only incident at that time.".into())),
        _ => None,
    })
}
