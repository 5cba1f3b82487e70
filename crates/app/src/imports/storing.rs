//! Material becomes part of the record: one transaction, whole or not at all.

use super::{Outcome, Progress, choosing, reading};
use crate::{
    App, Error, Result, incidents as acts,
    reach::{self, Held, Reached},
    timeline::{
        impact::{INTERVALS_MAX, accepted},
        shorten,
    },
};
use collab::Changed;
use domain::{
    EvidenceId, ImportId, IncidentId, Instant, IntervalId, PostmortemId,
    access::{Action, Actor, Sight, allowed},
    evidence::{Signal, Source, StoredEvidence},
    incident::{Incident, IncidentKind, IncidentNumber, IncidentState, Origin},
    instant::Span,
};
use importers::{NO_TIME, Records, SourceIncident};
use reading::{Material, Part};
use serde_json::json;
use std::collections::BTreeMap;
use store::{Tx, audit, evidence as pieces, impact, imports, incidents};

/// Records nearer than this to [`NO_TIME`] do not say when they happened: at most they count from the beginning
/// of a recording.
pub(super) const UNDATED: Span = Span::days(2);

/// After how many pieces progress is told.
const STEP: usize = 1_000;

/// From so many pieces on it is worth a second connection to read meanwhile what was there before.
const MANY: usize = 2_000;

/// What is being brought in.
#[derive(Debug)]
pub(super) struct Import {
    /// Which one.
    pub id: ImportId,
    /// The names of its files.
    pub files: Vec<String>,
    /// Into this incident.
    pub target: Option<IncidentNumber>,
    /// The delivery that it came with.
    pub delivery: Option<crate::hooks::Settling>,
}

/// The incident that records go into.
#[derive(Debug, Clone)]
struct Target {
    reached: Reached,
    incident: Incident,
    postmortem: Option<PostmortemId>,
}

impl Target {
    fn of(held: Held) -> Self {
        Self { reached: held.id(), postmortem: held.postmortem(), incident: held.incident().clone() }
    }
}

/// What one part came to.
struct Stored {
    incident: Incident,
    postmortem: Option<PostmortemId>,
    created: bool,
    added: u64,
    known: u64,
    events: choosing::Reconciled,
}

/// Stores `material`, lets the rules choose again, resolves what the source says is over.
pub(super) async fn store(
    app: &App,
    actor: &Actor,
    import: Import,
    material: Material,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome> {
    let mut tx = app.write_somewhere(actor, Action::Import).await?;
    let target = match import.target {
        Some(number) => Some(Target::of(reach::incident(app, &mut tx, actor, number, Action::Import).await?)),
        None => None,
    };
    let known = known(&mut tx, material.parts.iter(), app.sight(actor)).await?;
    let mut steps =
        Steps { total: material.parts.iter().map(|part| part.evidence.len()).sum(), done: 0, report };
    let mut outcome = Outcome { left_out: material.left_out, ..Outcome::default() };
    let mut all = Vec::with_capacity(material.parts.len());
    for part in material.parts {
        outcome.not_understood += part.not_understood();
        let (found, created) = place(app, &mut tx, actor, target.as_ref(), &known, &part).await?;
        let stored = store_part(app, &mut tx, actor, found, created, part, &mut steps).await?;
        outcome.incidents.push(stored.incident.number.to_string());
        outcome.added += stored.added;
        outcome.known += stored.known;
        outcome.events += stored.events.added;
        all.push(stored);
    }
    (steps.report)(Progress::Running { doing: "Writing everything to disk".into(), share: 0.97 });
    if let (Some(delivery), Some(stored)) = (&import.delivery, all.first()) {
        delivery.done(&mut tx, &outcome, stored.incident.id).await?;
    }
    write_down(app, &mut tx, actor, &import, &outcome, &all).await?;
    tx.commit().await?;
    for stored in all.iter().filter(|stored| stored.created || stored.added > 0) {
        app.tell(stored.postmortem, Changed::Timeline);
        app.tell(stored.postmortem, Changed::Facts);
    }
    Ok(outcome)
}

/// The incidents that were brought in before, by product and the product's id.
async fn known(tx: &mut Tx, parts: impl Iterator<Item = &Part>, sight: Sight) -> Result<Known> {
    let mut by_source: BTreeMap<Source, Vec<String>> = BTreeMap::new();
    for (source, about) in parts.filter_map(|part| part.about.as_ref()) {
        by_source.entry(*source).or_default().push(about.id.clone());
    }
    let mut known = Known::new();
    for (source, ids) in by_source {
        let found = incidents::known_origins(tx, source.key(), &ids, sight).await?;
        known.extend(found.into_iter().map(|(id, number)| ((source, id), number)));
    }
    Ok(known)
}

type Known = BTreeMap<(Source, String), IncidentNumber>;

/// How far storing is, from 0.4 to 0.95 of the whole.
struct Steps<'a> {
    total: usize,
    done: usize,
    report: &'a mut (dyn FnMut(Progress) + Send),
}

impl Steps<'_> {
    fn tell(&mut self, doing: &str) {
        #[expect(clippy::cast_precision_loss, reason = "a share for a bar needs no exact count")]
        let share = self.done as f32 / self.total.max(1) as f32;
        (self.report)(Progress::Running { doing: doing.into(), share: 0.4 + 0.55 * share });
    }
}

/// The incident that a part goes into, and whether it is new.
async fn place(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    target: Option<&Target>,
    known: &Known,
    part: &Part,
) -> Result<(Target, bool)> {
    let number =
        part.about.as_ref().and_then(|(source, about)| known.get(&(*source, about.id.clone()))).copied();
    if let Some(target) = target {
        // An incident that was declared here learns where else it is known, unless another one says so already.
        if let (Some(about), None, None) = (&part.about, &target.incident.origin, number)
            && let Some(origin) = free_origin(tx, about.0, &about.1).await?
        {
            let incident = Incident { origin: Some(origin), ..target.incident.clone() };
            let incident = incidents::update(tx, incident).await?.ok_or_else(Error::changed_meanwhile)?;
            return Ok((Target { incident, ..target.clone() }, false));
        }
        return Ok((target.clone(), false));
    }
    if let Some(number) = number {
        let held = reach::incident(app, tx, actor, number, Action::Import).await?;
        return Ok((Target::of(held), false));
    }
    let Some((source, about)) = &part.about else {
        return Err(Error::invalid("incident", "Choose the incident that these records belong to."));
    };
    // No part in an incident lets anybody make another.
    if !allowed(actor, Action::Import) {
        return Err(Error::Forbidden);
    }
    let now = app.now();
    let number = incidents::next_number(tx).await?;
    let mut incident = begun(*source, about, &part.evidence, IncidentId::new(now, app.random()), number, now);
    incident.origin = free_origin(tx, *source, about).await?;
    let reached = incidents::insert(tx, &incident).await?;
    Ok((Target { reached, incident, postmortem: None }, true))
}

/// An incident as its source describes it.
pub(super) fn begun(
    source: Source,
    about: &SourceIncident,
    evidence: &Records,
    id: IncidentId,
    number: IncidentNumber,
    now: Instant,
) -> Incident {
    let dated = |at: &Instant| at.since(NO_TIME) > UNDATED;
    let first = evidence.iter().map(|piece| piece.at).filter(dated).min();
    let mut services: Vec<String> = Vec::new();
    for service in about.services.iter().map(|service| shorten(service, acts::NAME_MAX)) {
        if services.len() < acts::SERVICES_MAX && !service.is_empty() && !services.contains(&service) {
            services.push(service);
        }
    }
    Incident {
        id,
        number,
        title: shorten(&reading::title(source, about), acts::TITLE_MAX),
        summary: String::new(),
        kind: IncidentKind::Incident,
        severity: about.severity,
        state: IncidentState::Active,
        services,
        team: about.teams.first().map(|team| shorten(team, acts::NAME_MAX)),
        declared_at: about.created_at.or(first).unwrap_or(now),
        resolved_at: None,
        origin: None,
        revision: 0,
    }
}

/// Where it comes from, unless that belongs to an incident that the actor cannot see: whoever has the records may
/// work with them, and learns nothing of the other one.
async fn free_origin(tx: &mut Tx, source: Source, about: &SourceIncident) -> Result<Option<Origin>> {
    let taken = incidents::origin_is_taken(tx, source.key(), &about.id).await?;
    let origin = || Origin { source: source.key().into(), id: about.id.clone(), url: about.url.clone() };
    Ok((!taken).then(origin))
}

/// Stores several imports that all go into one incident, whose timeline is chosen anew once.
pub(super) async fn store_together(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    imports: Vec<(Import, Material)>,
) -> Result<()> {
    let mut tx = app.write_somewhere(actor, Action::Import).await?;
    let mut target = Target::of(reach::incident(app, &mut tx, actor, number, Action::Import).await?);
    incidents::lock(&mut tx, target.reached).await?;
    let parts = imports.iter().flat_map(|(_, material)| &material.parts);
    let known = known(&mut tx, parts, app.sight(actor)).await?;
    let (mut kept, mut ended) = (Vec::with_capacity(imports.len()), None);
    for (import, material) in imports {
        let mut steps = Steps { total: 0, done: 0, report: &mut |_| {} };
        let mut outcome = Outcome { incidents: vec![number.to_string()], ..Outcome::default() };
        for part in material.parts {
            (target, _) = place(app, &mut tx, actor, Some(&target), &known, &part).await?;
            ended = ended.max(self::ended(&part));
            outcome.not_understood += part.not_understood();
            let Kept { known, new } = keep(app, &mut tx, &target, part, &mut steps).await?;
            (outcome.added, outcome.known) = (outcome.added + new.len() as u64, outcome.known + known);
        }
        kept.push((import, outcome));
    }
    let changed = kept.iter().any(|(_, outcome)| outcome.added > 0);
    let (incident, postmortem, events) = draw(app, &mut tx, actor, target, changed, ended, None).await?;
    let last = kept.len().saturating_sub(1);
    for (n, (import, mut outcome)) in kept.into_iter().enumerate() {
        // What was chosen is said with the last of them.
        let events = if n == last { events } else { choosing::Reconciled::default() };
        outcome.events = events.added;
        let Outcome { added, known, .. } = outcome;
        let stored = Stored { incident: incident.clone(), postmortem, created: false, added, known, events };
        if let Some(delivery) = &import.delivery {
            delivery.done(&mut tx, &outcome, incident.id).await?;
        }
        write_down(app, &mut tx, actor, &import, &outcome, &[stored]).await?;
    }
    tx.commit().await?;
    if changed {
        app.tell(postmortem, Changed::Timeline);
        app.tell(postmortem, Changed::Facts);
    }
    Ok(())
}

async fn store_part(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    target: Target,
    created: bool,
    part: Part,
    steps: &mut Steps<'_>,
) -> Result<Stored> {
    incidents::lock(tx, target.reached).await?;
    if created {
        state_impact(app, tx, target.reached, &part).await?;
    }
    let ended = ended(&part);
    // What was there before is read while the new is written. Nobody adds to it meanwhile: that takes the lock.
    let alone = !created && part.evidence.len() >= MANY && !app.db().has_neighbours();
    let before = alone.then(|| {
        let (db, incident) = (app.db().clone(), target.reached);
        tokio::spawn(async move { pieces::all(&mut db.read().await?, incident).await })
    });
    let Kept { known, new } = keep(app, tx, &target, part, steps).await?;
    let added = new.len() as u64;
    let changed = created || added > 0;
    if changed {
        steps.tell("Choosing what belongs in the timeline");
    }
    let all = match before {
        Some(before) => {
            let mut all = before.await.map_err(Error::internal)??;
            all.extend(new);
            Some(all)
        }
        None => created.then_some(new),
    };
    let (incident, postmortem, events) = draw(app, tx, actor, target, changed, ended, all).await?;
    Ok(Stored { incident, postmortem, created, added, known, events })
}

/// Writes down who was affected when, as the source of a new incident states it; people correct it from there.
async fn state_impact(app: &App, tx: &mut Tx, incident: Reached, part: &Part) -> Result<()> {
    let stated = part.about.iter().flat_map(|(_, about)| &about.intervals);
    let sound = stated.filter_map(|it| accepted(it.clone()).ok()).take(INTERVALS_MAX);
    for interval in sound {
        let id = IntervalId::new(app.now(), app.random());
        let note = "As the records that were brought in state it.".to_owned();
        impact::put(tx, incident, &impact::Stored { id, interval, note }).await?;
    }
    Ok(())
}

/// What became of the evidence of a part.
struct Kept {
    /// How many pieces were there before.
    known: u64,
    /// Those that are new, without their raw form.
    new: Vec<StoredEvidence>,
}

/// Keeps the evidence of a part: one step is made ready while the one before it is written.
async fn keep(app: &App, tx: &mut Tx, target: &Target, part: Part, steps: &mut Steps<'_>) -> Result<Kept> {
    let (reached, declared_at, evidence) = (target.reached, target.incident.declared_at, part.evidence);
    let total = evidence.len();
    let mut new = Vec::with_capacity(total);
    let (send, mut waiting) = tokio::sync::mpsc::channel(1);
    let maker = app.clone();
    tokio::task::spawn_blocking(move || {
        let mut evidence = evidence.into_iter().map(|mut piece| {
            // What does not say when it happened stands at the beginning of its incident.
            if piece.at.since(NO_TIME) <= UNDATED {
                piece.at = declared_at.plus(piece.at.since(NO_TIME));
            }
            (EvidenceId::new(maker.now(), maker.random()), piece)
        });
        loop {
            let ready = pieces::Ready::new(reached, evidence.by_ref().take(STEP));
            let (over, broke) = (ready.as_ref().is_ok_and(pieces::Ready::is_empty), ready.is_err());
            // Whoever writes may have met an error and gone.
            if over || send.blocking_send(ready).is_err() || broke {
                return;
            }
        }
    });
    steps.tell("Storing the evidence");
    while let Some(ready) = waiting.recv().await {
        let ready = ready?;
        steps.done += ready.len();
        new.extend(pieces::insert(tx, ready).await?);
        steps.tell("Storing the evidence");
    }
    Ok(Kept { known: total.saturating_sub(new.len()) as u64, new })
}

/// Lets the rules choose again if the evidence changed, and ends the response if the source says that it did. `all` is
/// the evidence of the incident, where it is at hand.
async fn draw(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    target: Target,
    changed: bool,
    ended: Option<Instant>,
    all: Option<Vec<StoredEvidence>>,
) -> Result<(Incident, Option<PostmortemId>, choosing::Reconciled)> {
    let Target { reached, incident, postmortem } = target;
    if !changed {
        return Ok((incident, postmortem, choosing::Reconciled::default()));
    }
    let events = match all {
        Some(all) => choosing::reconcile_with(app, tx, reached, all).await?,
        None => choosing::reconcile(app, tx, reached).await?,
    };
    if let Some(at) = ended
        && matches!(incident.state, IncidentState::Active | IncidentState::Mitigated)
    {
        let at = at.max(incident.declared_at);
        let resolved = incident.resolve(at).map_err(|error| Error::conflict(error.to_string()))?;
        let (resolved, draft) = acts::end_response(app, tx, actor, (reached, resolved), None, None).await?;
        return Ok((resolved, Some(draft), events));
    }
    Ok((incident, postmortem, events))
}

/// When the response ended, if the source says that it did.
fn ended(part: &Part) -> Option<Instant> {
    let (_, about) = part.about.as_ref()?;
    let last = |signal: Option<Signal>| {
        let pieces = part.evidence.iter().filter(|piece| signal.is_none_or(|signal| piece.signal == signal));
        pieces.map(|piece| piece.at).max()
    };
    let stated = || last(Some(Signal::Resolved)).or_else(|| last(None));
    about.resolved_at.or_else(|| about.ended.then(stated).flatten())
}

/// The import itself, and in the record of acts what it did to each incident.
async fn write_down(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    import: &Import,
    outcome: &Outcome,
    all: &[Stored],
) -> Result<()> {
    let now = app.now();
    let text = serde_json::to_string(outcome).map_err(Error::internal)?;
    let row = imports::Import {
        id: import.id,
        person: actor.person,
        at: now,
        files: import.files.clone(),
        outcome: text,
    };
    imports::insert(tx, &row).await?;
    for stored in all {
        let detail = json!({
            "import": import.id,
            "files": import.files,
            "created": stored.created,
            "evidence": { "added": stored.added, "known": stored.known },
            "events": {
                "added": stored.events.added,
                "changed": stored.events.changed,
                "removed": stored.events.removed,
            },
        });
        let subject = stored.incident.number.to_string();
        audit::record(tx, now, actor, "incident.import", &subject, &detail.to_string()).await?;
    }
    Ok(())
}
