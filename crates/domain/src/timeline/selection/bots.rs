//! What bots announce in a chat: alerts, changes, and how an incident stands. Not every line of a bot.

use super::{
    Candidate,
    phrases::Topic,
    story::{Record, Story},
};
use crate::timeline::EventKind;

/// What a bot's message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A monitoring rule fired.
    Fired,
    /// A monitoring rule is quiet again.
    Cleared,
    /// The system was changed.
    Change,
    /// How an incident or a status page stands.
    Status,
}

/// Parts of the names of monitoring systems' bots.
const MONITORS: &[&str] = &[
    "alert",
    "datadog",
    "grafana",
    "prometheus",
    "cloudwatch",
    "sentry",
    "opsgenie",
    "pingdom",
    "relic",
    "honeycomb",
    "zabbix",
    "nagios",
    "monitor",
    "uptime",
    "pager",
    "checkly",
    "dynatrace",
    "splunk",
    "watch",
];
/// Parts of the names of bots that change systems or tell of changes.
const CHANGERS: &[&str] = &[
    "deploy",
    "release",
    "argo",
    "spinnaker",
    "github",
    "gitlab",
    "jenkins",
    "circle",
    "darkly",
    "flag",
    "terraform",
    "rollout",
    "octopus",
    "buildkite",
    "flux",
    "ship",
    "config",
    "pipeline",
    "ci bot",
    "cd bot",
];
/// Parts of the names of bots that keep incidents and status pages.
const KEEPERS: &[&str] = &["status", "incident", "rootly", "firehydrant", "dispatch", "respond"];
/// Words of a line that is not worth the timeline whoever posts it.
const IDLE: &[&str] = &[
    "build passed",
    "build succeeded",
    "build failed",
    "tests passed",
    "pull request",
    "review requested",
    "commented",
    "reminder",
    "standup",
    "approved by",
    "opened issue",
    "pushed to",
    "pushed 1",
    "pushed 2",
    "merge conflict",
    "queued",
    "lint",
];

/// What the message of a bot is about, if it is about any of these.
pub fn says(it: &Record<'_>) -> Option<Says> {
    let text = &it.evidence().text;
    let mut start = text.len().min(300);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let opening = text.get(..start).unwrap_or(text).to_ascii_lowercase();
    let name = it.evidence().author.as_ref().map(|it| it.name.to_ascii_lowercase()).unwrap_or_default();
    let named = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let mentions = |topic| it.reading.marks.iter().any(|mark| mark.topic == topic);
    let tag = opening.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[').trim_start_matches('[');
    let tagged = |words: &[&str]| words.iter().any(|word| tag.starts_with(word));
    if IDLE.iter().any(|idle| opening.contains(idle)) {
        None
    } else if tagged(&[
        "recovered",
        "resolved]",
        "resolved:",
        "resolved [",
        "ok]",
        "ok:",
        "cleared",
        "recovery",
    ]) && !named(KEEPERS)
    {
        Some(Says::Cleared)
    } else if tagged(&["firing", "triggered", "alerting", "alarm", "critical", "problem", "alert:", "alert]"])
    {
        Some(Says::Fired)
    } else if named(MONITORS) {
        let cleared = mentions(Topic::BotCleared) && !mentions(Topic::BotFired);
        let fired = mentions(Topic::BotFired) && !tagged(&["warn"]);
        if cleared { Some(Says::Cleared) } else { fired.then_some(Says::Fired) }
    } else if named(CHANGERS) {
        mentions(Topic::BotChange).then_some(Says::Change)
    } else if named(KEEPERS) {
        (mentions(Topic::BotStatus) || mentions(Topic::Role)).then_some(Says::Status)
    } else if it.reading.states(Topic::Changed).is_some() {
        Some(Says::Change)
    } else {
        None
    }
}

/// Deploys, rollbacks, flags and other changes that a bot announces.
pub fn change(story: &Story<'_>) -> Vec<Candidate> {
    let event = |it: &Record<'_>| {
        let reason = "A bot announced a change of the system.";
        it.candidate("bot.change", EventKind::Change, None).because(reason).score(72)
    };
    story.bots().filter(|it| says(it) == Some(Says::Change)).map(event).collect()
}

/// How the incident or the status page stands, as a bot keeps it.
pub fn status(story: &Story<'_>) -> Vec<Candidate> {
    let event = |it: &Record<'_>| {
        let reason = "A bot announced how the incident or the status page stands.";
        it.candidate("bot.status", EventKind::Update, None).because(reason).score(70)
    };
    story.bots().filter(|it| says(it) == Some(Says::Status)).map(event).collect()
}
