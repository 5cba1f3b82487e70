//! Post-mortems: listed, read, written together, moved from draft to published.

use crate::{
    App, Error, Result,
    reach::{self, Reached},
    templates, versions,
};
use collab::Changed;
use domain::{
    Instant, PersonId, PostmortemId,
    access::{Action, Actor},
    document::{Block, Document, Inline},
    incident::{Incident, IncidentNumber},
    instant::Span,
    misses::what_a_reader_would_miss,
    postmortem::{Ownership, Postmortem, PostmortemState, Step},
    version::{VersionKind, VersionNumber},
};
use store::{Tx, audit, postmortems};

/// How long the choice of an owner may wait after the draft exists (OWN-02).
const OWNER_DUE: Span = Span::hours(24);
/// How many post-mortems the library lists.
const LISTED: i64 = 200;
/// The longest headline, in characters.
const TITLE_MAX: usize = 200;
/// How much of the summary lists show, in characters.
const OPENING: usize = 240;

/// One post-mortem in the library.
#[derive(Debug, Clone)]
pub struct Row {
    /// The incident's number.
    pub number: IncidentNumber,
    /// The headline.
    pub title: String,
    /// The first words of its summary.
    pub opening: String,
    /// Where it stands.
    pub state: PostmortemState,
    /// Who looks after it.
    pub owner: Option<String>,
    /// When the incident was declared.
    pub declared_at: Instant,
    /// When it was last published.
    pub published_at: Option<Instant>,
    /// Affected services.
    pub services: Vec<String>,
    /// The team.
    pub team: Option<String>,
}

/// A post-mortem with everything reading and writing pages show.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The post-mortem.
    pub postmortem: Postmortem,
    /// Its owner's name.
    pub owner: Option<String>,
    /// The incident with its timeline.
    pub incident: crate::incidents::Shown,
    /// Ideas and follow-ups.
    pub follow_ups: Vec<crate::follow_ups::Row>,
    /// What the document says now.
    pub document: Document,
    /// The document's epoch: changes when its history was rebuilt (see `collab`).
    pub epoch: i64,
    /// Who wrote in it, by name.
    pub writers: Vec<String>,
    /// What a reader would miss, in words; advisory (DOC-09).
    pub misses: Vec<String>,
    /// If it is published and somebody wrote since: the version that was published, and when they last wrote
    /// (LIF-08).
    pub written_since: Option<(VersionNumber, Instant)>,
    /// Steps that were asked for beside the document and wait (DEC-16): `debrief` or `account`, since when.
    pub asked: Vec<(&'static str, Instant)>,
}

/// The library: published ones first by date, then those being written. At most 200.
pub async fn list(app: &App, actor: &Actor, words: Option<&str>) -> Result<Vec<Row>> {
    let mut tx = app.read(actor, Action::Read).await?;
    let pattern = words.map(str::trim).filter(|words| !words.is_empty()).map(like);
    let listed = postmortems::list(&mut tx, pattern.as_deref(), LISTED, app.sight(actor)).await?;
    listed
        .into_iter()
        .map(|row| {
            let state = PostmortemState::from_key(&row.state)
                .ok_or_else(|| Error::internal(format!("unknown post-mortem state {}", row.state)))?;
            Ok(Row {
                number: IncidentNumber(row.number),
                title: row.title,
                opening: row.opening,
                state,
                owner: row.owner,
                declared_at: Instant::from_micros(row.declared_at),
                published_at: row.published_at.map(Instant::from_micros),
                services: serde_json::from_str(&row.services).unwrap_or_default(),
                team: row.team,
            })
        })
        .collect()
}

/// A LIKE pattern that finds the words as they are, wherever they stand.
fn like(words: &str) -> String {
    let escaped: String = words
        .to_lowercase()
        .chars()
        .flat_map(|c| if matches!(c, '%' | '_' | '\\') { vec!['\\', c] } else { vec![c] })
        .collect();
    format!("%{escaped}%")
}

/// One post-mortem with its document. Four statements, three while somebody has the document open; of the
/// incident, evidence counts and chat density are left out.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let sight = app.sight(actor);
    let opened = postmortems::open(&mut tx, number, sight).await?.ok_or(Error::NotFound)?;
    let (events, cited) = store::events::timeline(&mut tx, opened.reached).await?;
    let follow_ups = store::follow_ups::list(&mut tx, Some(number), crate::follow_ups::LISTED, sight).await?;
    drop(tx);
    let document = read_document(app, opened.postmortem.id).await?;
    let known: Vec<_> = opened.instants.iter().map(|chosen| chosen.instant).collect();
    let misses = what_a_reader_would_miss(&document, &events, &known);
    let follow_ups: Vec<_> = follow_ups.into_iter().map(|it| crate::follow_ups::Row::of(actor, it)).collect();
    let ownership = opened.postmortem.ownership;
    let incident = crate::incidents::Shown {
        timeline: crate::timeline::with_evidence(events, cited, &opened.instants),
        instants: opened.instants,
        not_shown: opened.not_shown,
        postmortem: Some(crate::incidents::RowPostmortem {
            title: opened.postmortem.title.clone(),
            state: opened.postmortem.state,
            owner: opened.owner.clone(),
            owner_due: match ownership {
                Ownership::ToBeChosen { due } => Some(due),
                Ownership::Owned { .. } => None,
            },
        }),
        intervals: Vec::new(),
        evidence: Vec::new(),
        chat_density: Vec::new(),
        participants: opened.participants,
        follow_ups: crate::follow_ups::Counts::of(&follow_ups, app.now()),
        incident: opened.incident,
        narrowed: opened.narrowed,
        asked: false,
    };
    Ok(Shown {
        misses,
        written_since: opened.written_since,
        asked: opened.asked,
        owner: opened.owner,
        epoch: opened.epoch,
        writers: opened.writers,
        postmortem: opened.postmortem,
        follow_ups,
        incident,
        document,
    })
}

/// What a document says now.
pub(crate) async fn read_document(app: &App, id: PostmortemId) -> Result<Document> {
    app.rooms().read(id).await.map_err(|error| match error {
        collab::ReadError::Log(collab::LogError::NotFound | collab::LogError::Gone) => Error::NotFound,
        // The log said why in its own line; a database that changes its place is back in seconds.
        collab::ReadError::Log(collab::LogError::Failed(_)) => Error::Unavailable(
            "The document cannot be read just now. Nothing was changed; try again in a minute.".into(),
        ),
        unreadable @ collab::ReadError::Unreadable => Error::internal(unreadable),
    })
}

/// Opens the shared document for a socket: its id, whether the actor may write.
pub async fn join(app: &App, actor: &Actor, number: IncidentNumber) -> Result<(PostmortemId, bool)> {
    let (_, held) = reach::reading(app, actor, number, Action::Read).await?;
    let document = held.postmortem().ok_or(Error::NotFound)?;
    Ok((document, held.allows(actor, Action::Write)))
}

/// Creates the post-mortem of an incident that has none yet (also before it is resolved).
pub async fn create(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    template: Option<&str>,
) -> Result<Postmortem> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let incident = (held.id(), held.incident());
    let postmortem = create_draft(app, &mut tx, actor, incident, None, template).await?;
    tx.commit().await?;
    Ok(postmortem)
}

/// Creates the draft of an incident within the transaction that gives rise to it, with its audit entry; an
/// existing one is left as it is.
pub(crate) async fn create_draft(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    (reached, incident): (Reached, &Incident),
    owner: Option<PersonId>,
    template: Option<&str>,
) -> Result<Postmortem> {
    if let Some(existing) = postmortems::of_incident(tx, reached).await? {
        return Ok(existing);
    }
    let template = templates::find(template.unwrap_or(templates::USUAL))
        .ok_or_else(|| Error::invalid("template", "There is no template of that name."))?;
    let mut document = template.begin();
    document.blocks.extend(asked_for_later(tx, reached).await?);
    begin(app, tx, actor, incident, owner, &template.key, &document).await
}

/// What was marked for later while the response went on, as open questions (TML-07).
async fn asked_for_later(tx: &mut Tx, incident: Reached) -> Result<Vec<Block>> {
    let (events, _) = store::events::timeline(tx, incident).await?;
    let visible = events.iter().filter(|event| !event.hidden);
    let mut marked = visible.filter_map(|event| Some((event.at, event.for_later()?))).peekable();
    if marked.peek().is_none() {
        return Ok(Vec::new());
    }
    let heading = vec![Inline::text("Open questions")];
    let mut blocks = vec![Block::Heading { level: 2, section: None, content: heading }];
    blocks.extend(marked.map(|(at, question)| {
        let at = at.format(&jiff::tz::TimeZone::UTC, "%H:%M UTC");
        Block::Paragraph(vec![Inline::text(format!("{at}: {question}"))])
    }));
    Ok(blocks)
}

/// Creates the post-mortem of an incident with a document that already says something (stories, bundles).
pub(crate) async fn begin(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    incident: &Incident,
    owner: Option<PersonId>,
    template: &str,
    document: &Document,
) -> Result<Postmortem> {
    let now = app.now();
    let ownership = match owner {
        Some(owner) => Ownership::Owned { owner, since: now },
        None => Ownership::ToBeChosen { due: now.plus(OWNER_DUE) },
    };
    let postmortem = Postmortem {
        id: PostmortemId::new(now, app.random()),
        incident: incident.id,
        title: incident.title.clone(),
        template: template.to_owned(),
        ownership,
        state: PostmortemState::Draft,
        created_at: now,
        published_at: None,
        revision: 0,
    };
    // Client ids of browsers are 32 bits wide; the server's own first words take one too.
    let client = u64::from(u32::from_be_bytes(app.random()));
    let first = collab::begin(document, client);
    postmortems::create(tx, &postmortem, &first, now).await?;
    postmortems::set_opening(tx, postmortem.id, &opening(document)).await?;
    let by = (actor.person, now);
    let version = versions::keep(tx, &postmortem, &VersionKind::StateChange, &[first], (1, 1), by).await?;
    let detail = serde_json::json!({ "template": template, "owner": owner, "version": version });
    audit::record(tx, now, actor, "postmortem.create", &incident.number.to_string(), &detail.to_string())
        .await?;
    Ok(postmortem)
}

/// Gives it another headline, 1 to 200 characters.
pub async fn rename(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    revision: i64,
    title: &str,
) -> Result<Postmortem> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > TITLE_MAX || title.chars().any(char::is_control) {
        return Err(Error::invalid("title", "A headline has 1 to 200 characters."));
    }
    change(app, actor, Action::Write, number, Some(revision), "postmortem.rename", |postmortem| {
        Ok(Postmortem { title: title.to_owned(), ..postmortem })
    })
    .await
}

/// Gives it to exactly one person, who replaces the owner before.
pub async fn hand_to(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    owner: PersonId,
) -> Result<Postmortem> {
    let nobody = "An owner is one person with an account. Choose somebody from the list.";
    crate::people::choose_owner(app, actor, owner, nobody).await?;
    let now = app.now();
    change(app, actor, Action::Write, number, None, "postmortem.hand_to", |postmortem| {
        Ok(postmortem.hand_to(owner, now))
    })
    .await
}

/// Takes a step: ask for review, back to draft, publish.
pub async fn step(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    revision: i64,
    step: Step,
) -> Result<Postmortem> {
    let now = app.now();
    versions::settle(app, actor, number, Action::Publish).await?;
    change(app, actor, Action::Publish, number, Some(revision), "postmortem.step", |postmortem| {
        postmortem.step(step, now).map_err(|refused| Error::conflict(refused.to_string()))
    })
    .await
}

/// Loads, changes, saves and records in one transaction; `revision` is what the person saw, if it matters. Where
/// the state changes, the same transaction keeps the document as it is then.
async fn change(
    app: &App,
    actor: &Actor,
    action: Action,
    number: IncidentNumber,
    revision: Option<i64>,
    act: &str,
    how: impl FnOnce(Postmortem) -> Result<Postmortem>,
) -> Result<Postmortem> {
    let (mut tx, held) = reach::writing(app, actor, number, action).await?;
    let before = postmortems::of_incident(&mut tx, held.id()).await?.ok_or(Error::NotFound)?;
    if revision.is_some_and(|seen| seen != before.revision) {
        return Err(Error::changed_meanwhile());
    }
    let after = how(before.clone())?;
    if !postmortems::save(&mut tx, &after).await? {
        return Err(Error::changed_meanwhile());
    }
    let version = if after.state == before.state {
        None
    } else {
        let now = versions::Now::of(&mut tx, after.id).await?;
        postmortems::set_opening(&mut tx, after.id, &opening(&now.document()?)).await?;
        Some(now.keep(app, &mut tx, actor, &after, &VersionKind::StateChange).await?)
    };
    let detail = serde_json::json!({
        "version": version,
        "title": [before.title, after.title],
        "owner": [before.ownership.owner(), after.ownership.owner()],
        "state": [before.state.key(), after.state.key()],
    });
    audit::record(&mut tx, app.now(), actor, act, &number.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    app.tell(Some(after.id), Changed::State);
    Ok(Postmortem { revision: after.revision + 1, ..after })
}

/// The first words of the first section that has any.
pub(crate) fn opening(document: &Document) -> String {
    let sections = document.sections();
    let said = sections.iter().flat_map(|(_, blocks)| blocks.iter()).find_map(|block| match block {
        Block::Paragraph(content) if !block.is_blank() => {
            Some(content.iter().map(Inline::plain).collect::<String>())
        }
        _ => None,
    });
    let said = said.unwrap_or_default();
    if said.chars().count() <= OPENING {
        return said;
    }
    let cut: String = said.chars().take(OPENING).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole_words, _)| whole_words))
}
