//! The rules as the settings show them: what each asks and why, whether it speaks, and what became of its findings.

use super::{aid, record};
use crate::{App, Error, Result, sign_in};
use ::language::Strength;
use domain::access::{Action, Actor};
use serde_json::json;

/// The longest contact of the personnel channel, in characters.
const CONTACT_MAX: usize = 500;

/// A rule with what became of its findings. Nothing here is counted by person.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// For instance `CF-1`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How much it asks for.
    pub strength: Strength,
    /// What it asks.
    pub question: String,
    /// One line about why.
    pub why: String,
    /// Where that is known from.
    pub source: String,
    /// Whether it is switched off.
    pub silent: bool,
    /// Whether it speaks lower because most of its last findings were dismissed.
    pub demoted: bool,
    /// Findings that somebody looked at.
    pub looked_at: i64,
    /// Findings that were dismissed.
    pub dismissed: i64,
}

/// All rules, and why the workspace's own are not used.
#[derive(Debug, Clone)]
pub struct Rules {
    /// In the order in which they are asked.
    pub rows: Vec<RuleRow>,
    /// Why files of the workspace's own are not used, in words.
    pub refused: Option<String>,
    /// Where matters about a person go; empty if nobody said.
    pub channel: String,
}

/// Every rule. Three statements.
pub async fn rules(app: &App, actor: &Actor) -> Result<Rules> {
    let mut tx = app.read(actor, Action::Read).await?;
    let states = record::rules(&mut tx).await?;
    let counts = record::counts(&mut tx).await?;
    let channel = record::channel(&mut tx).await?;
    drop(tx);
    let count = |id: &str, dismissed: bool| -> i64 {
        let of_rule = counts.iter().filter(|count| count.rule == id);
        of_rule.filter(|count| !dismissed || count.outcome != "seen").map(|count| count.many).sum()
    };
    let aid = aid(app)?;
    let rows = aid
        .rules()
        .map(|rule| {
            let state = states.iter().find(|state| state.rule == rule.id);
            RuleRow {
                id: rule.id.clone(),
                name: rule.name.clone(),
                strength: rule.strength,
                question: rule.question.clone(),
                why: rule.why.clone(),
                source: rule.source.clone(),
                silent: state.is_some_and(|state| state.silent),
                demoted: state.is_some_and(|state| state.demoted_at.is_some()),
                looked_at: count(&rule.id, false),
                dismissed: count(&rule.id, true),
            }
        })
        .collect();
    let refused = app.language().load(app.data_dir())?.refused.clone();
    Ok(Rules { rows, refused, channel })
}

/// Switches a rule off or on; switched on it speaks as shipped.
pub async fn switch(app: &App, actor: &Actor, rule: &str, silent: bool) -> Result<()> {
    if !aid(app)?.rules().any(|known| known.id == rule) {
        return Err(Error::NotFound);
    }
    let mut tx = app.write(actor, Action::Administer).await?;
    record::set_silent(&mut tx, rule, silent).await?;
    let detail = json!({ "silent": silent });
    sign_in::record(&mut tx, app.now(), actor, "language.switch", rule, &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Says where matters about a person go instead of into a document (PER-01): a contact or an address; empty takes it away.
pub async fn set_channel(app: &App, actor: &Actor, contact: &str) -> Result<()> {
    let contact = contact.trim();
    if contact.chars().count() > CONTACT_MAX || contact.chars().any(char::is_control) {
        return Err(Error::invalid("contact", "A contact has at most 500 characters, on one line."));
    }
    let mut tx = app.write(actor, Action::Administer).await?;
    record::set_channel(&mut tx, contact, app.now()).await?;
    sign_in::record(&mut tx, app.now(), actor, "language.channel", "workspace", &json!({})).await?;
    tx.commit().await?;
    Ok(())
}
