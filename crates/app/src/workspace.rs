//! The workspace: its name, its premise, its word for what it writes, how long ideas rest.

use crate::{App, Error, Result, neighbours::Word, sign_in::record};
use domain::{
    access::{Action, Actor},
    follow_up::{SOAK_DEFAULT, SOAK_MAX, SOAK_MIN},
    person::PersonName,
    vocabulary::Term,
};
use serde_json::json;
use store::workspace as table;

/// The premise until the workspace finds better words (LAN-06).
const PREMISE: &str = "We assume that everybody came to do good work and did what made sense with what they \
    knew, saw and were asked to do. Names are welcome when they help us understand. Verdicts are not what we \
    are here for.";

/// What holds for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// What this place is called, 1 to 100 characters.
    pub name: String,
    /// The premise shown where people write and meet (LAN-06), 1 to 1,000 characters.
    pub premise: String,
    /// How long ideas rest, in hours, 24 to 72.
    pub soak_hours: i64,
    /// What is written about an incident is called (DOC-10).
    pub term: Term,
    /// Counts changes; 0 before the workspace is set up.
    pub revision: i64,
}

/// The workspace; defaults before it is set up. Kept in memory, so it costs no statement.
pub async fn show(app: &App) -> Result<Workspace> {
    Ok(app.workspace())
}

/// Changes the workspace. `change.revision` is the one that was read; [`Error::Conflict`] if it is not the
/// newest any more.
pub async fn edit(app: &App, actor: &Actor, change: Workspace) -> Result<Workspace> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let changed = checked(Workspace { revision: change.revision.saturating_add(1), ..change })?;
    let before = load(&mut tx).await?;
    if !table::save(&mut tx, &to_record(&changed)).await? {
        // Another node was ahead of us, perhaps since we looked: show its words from now on.
        app.keep_workspace(load(&mut tx).await?);
        return Err(Error::changed_meanwhile());
    }
    let parts = [
        ("name", before.name != changed.name),
        ("premise", before.premise != changed.premise),
        ("soak_hours", before.soak_hours != changed.soak_hours),
        ("term", before.term != changed.term),
    ];
    let changes: Vec<&str> = parts.iter().filter(|(_, differs)| *differs).map(|(part, _)| *part).collect();
    let detail = json!({ "changed": changes, "soak_hours": changed.soak_hours, "term": changed.term.one() });
    record(&mut tx, app.now(), actor, "workspace.edit", "workspace", &detail).await?;
    tx.commit().await?;
    app.keep_workspace(changed.clone());
    app.tell_neighbours(&Word::Workspace);
    Ok(changed)
}

/// What the record says, or the defaults before it is set up.
pub(crate) async fn load(tx: &mut store::Tx) -> std::result::Result<Workspace, store::Error> {
    let stored = table::load(tx).await?;
    Ok(stored.map_or_else(before_set_up, |stored| Workspace {
        name: stored.name,
        premise: stored.premise,
        soak_hours: stored.soak_hours,
        term: Term::new(&stored.term, &stored.terms).unwrap_or_default(),
        revision: stored.revision,
    }))
}

/// What holds until somebody chooses.
pub(crate) fn before_set_up() -> Workspace {
    Workspace {
        name: "Debrief".into(),
        premise: PREMISE.into(),
        soak_hours: SOAK_DEFAULT.as_minutes() / 60,
        term: Term::default(),
        revision: 0,
    }
}

pub(crate) fn to_record(workspace: &Workspace) -> table::Workspace {
    table::Workspace {
        name: workspace.name.clone(),
        premise: workspace.premise.clone(),
        soak_hours: workspace.soak_hours,
        term: workspace.term.one().to_owned(),
        terms: workspace.term.many().to_owned(),
        revision: workspace.revision,
    }
}

/// The workspace without outer blanks, if it can be kept.
pub(crate) fn checked(workspace: Workspace) -> Result<Workspace> {
    let name = workspace.name.trim().to_owned();
    let premise = workspace.premise.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("workspace", "A workspace has a name of 1 to 100 characters."));
    }
    PersonName::chosen(&name).map_err(|wrong| Error::invalid("workspace", wrong.to_string()))?;
    if premise.is_empty() || premise.chars().count() > 1000 {
        return Err(Error::invalid(
            "premise",
            "A premise has 1 to 1,000 characters; one or two sentences do.",
        ));
    }
    let rest = SOAK_MIN.as_minutes() / 60..=SOAK_MAX.as_minutes() / 60;
    if !rest.contains(&workspace.soak_hours) {
        return Err(Error::invalid("soak_hours", "Ideas rest for 24 to 72 hours."));
    }
    Ok(Workspace { name, premise, ..workspace })
}
