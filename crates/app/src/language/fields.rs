//! Single fields, read while somebody writes in them: an event, an idea, an account, a reason. Nothing is kept and nothing
//! is told to anybody else.

use super::{
    Marked, Piece, Silent, Surface, aid, context, dismissed, is_partial, marks_of, record,
    writes_for_the_first_time,
};
use crate::{App, Error, Result, reach};
use ::language::Context;
use domain::{
    access::{Action, Actor},
    incident::IncidentNumber,
};

/// Fields that are read at once: as many as the largest form has, and some.
const FIELDS: usize = 20;
/// Characters of all of them together; a field holds at most 20,000.
const CHARACTERS: usize = 80_000;

/// Reads fields of a form for whoever writes them. `about` is the incident that they are about, if there is one yet: what was
/// dismissed there stays silent.
///
/// # Errors
/// [`Error::Invalid`] for more than is read at once, [`Error::NotFound`] for an incident that `actor` does not see.
pub async fn read_fields(
    app: &App,
    actor: &Actor,
    about: Option<IncidentNumber>,
    fields: &[Piece],
) -> Result<Marked> {
    let characters: usize = fields.iter().map(|field| field.text.chars().count()).sum();
    if fields.len() > FIELDS || characters > CHARACTERS {
        let most = "At most 20 fields with 80,000 characters are read at once.";
        return Err(Error::invalid("fields", most));
    }
    let (mut tx, held) = match about {
        Some(number) => {
            let (tx, held) = reach::reading(app, actor, number, Action::Read).await?;
            (tx, Some(held))
        }
        None => (app.read(actor, Action::Read).await?, None),
    };
    let outside = fields.iter().any(|field| field.surface == Some(Surface::Public));
    let (mut silent, mut partial_impact, mut no_follow_up) = (Silent::new(), false, false);
    if let Some(held) = &held {
        silent = dismissed(&mut tx, held).await?;
        if outside {
            partial_impact = is_partial(&mut tx, held).await?;
            no_follow_up = !store::follow_ups::any_promised(&mut tx, held.id()).await?;
        }
    }
    let context = Context { partial_impact, no_follow_up, ..context(&mut tx).await? };
    let first_time = writes_for_the_first_time(&mut tx, actor).await?;
    let channel = record::channel(&mut tx).await?;
    drop(tx);
    let asks = held.is_some_and(|held| held.postmortem().is_some());
    let aid = aid(app)?;
    Ok(Marked { marks: marks_of(&aid, &context, fields, &silent), first_time, channel, asks })
}
