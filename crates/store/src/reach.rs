//! Who can see an incident, as part of every statement that could tell of one; and the incident that an act
//! holds.
//!
//! An incident that the asker cannot see is no row, exactly as one that does not exist: the same statement, the
//! same answer.

use crate::{
    incidents::{Row, incident_columns},
    sql::row,
    tx::{Error, Result, Tx},
};
use domain::{
    IncidentId, Instant, PostmortemId,
    access::{Action, Actor, Part, Sight, may},
    incident::{Incident, IncidentNumber},
};

/// The condition that the incident `i` of a statement is seen, for the placeholders of [`Sight::person`] and
/// [`Sight::at`]. The other half of it is [`crate::statement::Statement::seen`].
macro_rules! seen {
    ($person:literal, $at:literal) => {
        concat!(
            "(i.narrowed_until <= ",
            $at,
            " OR EXISTS (SELECT 1 FROM incident_people s WHERE s.incident = i.id AND s.person = ",
            $person,
            ") OR EXISTS (SELECT 1 FROM incident_teams s JOIN team_members m ON m.team = s.team
                 WHERE s.incident = i.id AND m.person = ",
            $person,
            ") OR EXISTS (SELECT 1 FROM postmortems s WHERE s.incident = i.id AND s.owner = ",
            $person,
            ") OR EXISTS (SELECT 1 FROM incident_openings s WHERE s.incident = i.id AND s.ends_at > ",
            $at,
            " AND s.person = ",
            $person,
            "))"
        )
    };
}
pub(crate) use seen;

/// What somebody is to the incident `i` of a statement, as one text for [`parts`].
macro_rules! parts {
    ($person:literal) => {
        concat!(
            "(COALESCE((SELECT MAX(CASE a.part WHEN 'responder' THEN 'responder ' ELSE '' END)
                    || MAX(CASE a.part WHEN 'facilitator' THEN 'facilitator ' ELSE '' END)
                    || MAX(CASE a.part WHEN 'participant' THEN 'participant ' ELSE '' END)
                  FROM incident_people a WHERE a.incident = i.id AND a.person = ",
            $person,
            "), '') || CASE WHEN EXISTS (SELECT 1 FROM postmortems o WHERE o.incident = i.id AND o.owner = ",
            $person,
            ") THEN 'owner' ELSE '' END)"
        )
    };
}
pub(crate) use parts;

/// The parts that the text of [`parts!`] names.
pub(crate) fn read_parts(text: &str) -> Result<Vec<Part>> {
    let named = text.split_whitespace();
    named.map(|key| Part::from_key(key).ok_or_else(|| Error::unknown("a part in an incident", key))).collect()
}

/// An incident that was reached: whoever has this asked for it with a sight that shows it, or has just made it.
/// Everything that belongs to an incident is stored and loaded with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reached(pub(crate) IncidentId);

impl Reached {
    /// Its id, for whatever else is kept of it.
    pub const fn incident(self) -> IncidentId {
        self.0
    }
}

/// An incident held for an act: its asker sees it and may do what they asked for. Nothing but [`hold`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    incident: Incident,
    postmortem: Option<PostmortemId>,
    narrowed: bool,
    parts: Vec<Part>,
}

impl Held {
    /// What everything that belongs to it is loaded with.
    pub const fn id(&self) -> Reached {
        Reached(self.incident.id)
    }

    /// The incident.
    pub const fn incident(&self) -> &Incident {
        &self.incident
    }

    /// Its number.
    pub const fn number(&self) -> IncidentNumber {
        self.incident.number
    }

    /// Its post-mortem, whose id is also that of the shared document.
    pub const fn postmortem(&self) -> Option<PostmortemId> {
        self.postmortem
    }

    /// Whether others cannot see it.
    pub const fn is_narrowed(&self) -> bool {
        self.narrowed
    }

    /// What the asker is to it.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether the asker, who must be the one it is held for, may do something else with it too.
    pub fn allows(&self, actor: &Actor, action: Action) -> bool {
        may(actor, &self.parts, action)
    }
}

/// What came of asking for an incident.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Here it is.
    Held(Box<Held>),
    /// It does not exist, or the asker may not know that it does.
    Hidden,
    /// They see it, but may not do this.
    Refused,
}

/// The incident with a number, for an act of `actor` at `now`. One statement.
pub async fn hold(
    tx: &mut Tx,
    actor: &Actor,
    number: IncidentNumber,
    action: Action,
    now: Instant,
) -> Result<Asked> {
    #[derive(sqlx::FromRow)]
    struct Found {
        #[sqlx(flatten)]
        row: Row,
        postmortem: Option<uuid::Uuid>,
        parts: String,
    }
    let sight = Sight::of(actor, now);
    let found = row!(
        tx,
        Found,
        concat!(
            "SELECT ",
            incident_columns!(),
            ", p.id AS postmortem, ",
            parts!("$2"),
            " AS parts
             FROM incidents i LEFT JOIN postmortems p ON p.incident = i.id
             WHERE i.number = $1 AND ",
            seen!("$2", "$3")
        ),
        number.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    let Some(found) = found else { return Ok(Asked::Hidden) };
    let parts = read_parts(&found.parts)?;
    if !may(actor, &parts, action) {
        return Ok(Asked::Refused);
    }
    Ok(Asked::Held(Box::new(Held {
        narrowed: found.row.is_narrowed(now),
        incident: found.row.incident()?,
        postmortem: found.postmortem.map(PostmortemId),
        parts,
    })))
}
