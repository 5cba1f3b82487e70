//! GitHub: webhooks, and lists of its REST API: deployments and their statuses, releases, pushes, pull
//! requests, runs of workflows, checks, issues and comments.

use crate::{
    collect::Collector,
    json,
    record::{When, Word, clean, cut, line, sum_id, web_address},
};
use domain::{
    Instant,
    evidence::{Author, AuthorKind, Evidence, Facts, Signal},
};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Hook<'a> {
    action: Word<'a>,
    repository: Repository<'a>,
    sender: Option<User<'a>>,
    #[serde(borrow)]
    deployment: Option<&'a RawValue>,
    #[serde(borrow)]
    deployment_status: Option<&'a RawValue>,
    #[serde(borrow)]
    release: Option<&'a RawValue>,
    #[serde(borrow)]
    pull_request: Option<&'a RawValue>,
    #[serde(borrow)]
    workflow_run: Option<&'a RawValue>,
    #[serde(borrow)]
    workflow_runs: Option<&'a RawValue>,
    #[serde(borrow)]
    check_run: Option<&'a RawValue>,
    #[serde(borrow)]
    check_runs: Option<&'a RawValue>,
    #[serde(borrow)]
    issue: Option<&'a RawValue>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
    zen: Word<'a>,
    hook_id: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Repository<'a> {
    #[serde(borrow)]
    full_name: Word<'a>,
    default_branch: Word<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    login: Word<'a>,
    name: Word<'a>,
    r#type: Word<'a>,
}

/// One thing, whichever: the fields that any of them has.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Thing<'a> {
    #[serde(borrow)]
    id: Word<'a>,
    number: Word<'a>,
    name: Word<'a>,
    title: Word<'a>,
    body: Word<'a>,
    description: Word<'a>,
    state: Word<'a>,
    conclusion: Word<'a>,
    status: Word<'a>,
    context: Word<'a>,
    environment: Word<'a>,
    task: Word<'a>,
    tag_name: Word<'a>,
    r#ref: Word<'a>,
    sha: Word<'a>,
    head_sha: Word<'a>,
    head_branch: Word<'a>,
    html_url: Word<'a>,
    target_url: Word<'a>,
    deployment_url: Word<'a>,
    issue_url: Word<'a>,
    run_number: Word<'a>,
    created_at: When,
    updated_at: When,
    published_at: When,
    completed_at: When,
    started_at: When,
    closed_at: When,
    merged_at: When,
    creator: Option<User<'a>>,
    user: Option<User<'a>>,
    author: Option<User<'a>>,
    actor: Option<User<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Push<'a> {
    #[serde(borrow)]
    r#ref: Word<'a>,
    before: Word<'a>,
    after: Word<'a>,
    compare: Word<'a>,
    forced: bool,
    deleted: bool,
    pusher: Option<User<'a>>,
    commits: Vec<Commit<'a>>,
    head_commit: Option<Commit<'a>>,
    repository: PushedRepository,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PushedRepository {
    pushed_at: When,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Commit<'a> {
    #[serde(borrow)]
    message: Word<'a>,
    timestamp: When,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ListedCommit<'a> {
    #[serde(borrow)]
    sha: Word<'a>,
    html_url: Word<'a>,
    commit: Option<Inner<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inner<'a> {
    #[serde(borrow)]
    message: Word<'a>,
    author: Option<Signed<'a>>,
    committer: Option<Signed<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Signed<'a> {
    #[serde(borrow)]
    name: Word<'a>,
    date: When,
}

/// What a thing comes to, before it is evidence.
struct Told {
    signal: Signal,
    text: String,
    at: Option<Instant>,
    key: String,
    by: Option<Author>,
    service: Option<String>,
}

/// Reads one webhook, one page, or one element of a list.
pub fn read(collector: &mut Collector, raw: &RawValue, place: &str) -> Result<(), String> {
    let hook: Hook<'_> = json::typed(raw)?;
    let text = raw.get();
    let action = hook.action.line().unwrap_or_default();
    for (index, run) in
        json::each(hook.workflow_runs).into_iter().chain(json::each(hook.check_runs)).enumerate()
    {
        let place = format!("{place}, run {}", index + 1);
        match json::typed::<Thing<'_>>(run) {
            Ok(it) => keep(collector, &hook, ran(&it, "completed"), &it, run.get(), &place),
            Err(reason) => collector.keep(None, &place, &reason, run.get()),
        }
    }
    if hook.workflow_runs.is_some() || hook.check_runs.is_some() {
        return Ok(());
    }
    if let Some(status) = hook.deployment_status {
        let deployment = hook.deployment.map(thing).transpose()?.unwrap_or_default();
        let it = thing(status)?;
        keep(collector, &hook, deployed(&it, &deployment), &it, text, place);
    } else if let Some(inner) = hook.workflow_run.or(hook.check_run) {
        let it = thing(inner)?;
        keep(collector, &hook, ran(&it, &action), &it, text, place);
    } else if let Some(inner) = hook.deployment {
        let it = thing(inner)?;
        keep(collector, &hook, deploying(&it), &it, text, place);
    } else if let Some(inner) = hook.release {
        let it = thing(inner)?;
        keep(collector, &hook, released(&it, &action), &it, text, place);
    } else if let Some(inner) = hook.comment {
        let it = thing(inner)?;
        let on = hook.issue.map(thing).transpose()?;
        keep(collector, &hook, commented(&it, on.as_ref(), &action), &it, text, place);
    } else if let Some(inner) = hook.pull_request {
        let it = thing(inner)?;
        keep(collector, &hook, pulled(&it, &action), &it, text, place);
    } else if let Some(inner) = hook.issue {
        let it = thing(inner)?;
        keep(collector, &hook, issue(&it, &action), &it, text, place);
    } else if hook.zen.get().is_some() {
        let mut evidence = collector.piece(
            Signal::Housekeeping,
            format!("ping/{}", hook.hook_id.line().unwrap_or_else(|| sum_id(text))),
            None,
            text,
        );
        evidence.text = "GitHub tried the webhook".to_owned();
        collector.add(None, evidence);
    } else {
        return bare(collector, &hook, raw, place);
    }
    Ok(())
}

fn thing(raw: &RawValue) -> Result<Thing<'_>, String> {
    json::typed(raw)
}

/// A push, a commit status, or an element of a list.
fn bare(collector: &mut Collector, hook: &Hook<'_>, raw: &RawValue, place: &str) -> Result<(), String> {
    let push: Push<'_> = json::typed(raw)?;
    if push.before.get().is_some() && push.after.get().is_some() {
        let it = Thing { html_url: Word(push.compare.0.clone()), ..Thing::default() };
        keep(collector, hook, pushed(&push, hook), &it, raw.get(), place);
        return Ok(());
    }
    let it: Thing<'_> = json::typed(raw)?;
    let told = if it.deployment_url.get().is_some() && it.state.get().is_some() {
        deployed(&it, &Thing::default())
    } else if it.task.get().is_some() && it.environment.get().is_some() {
        deploying(&it)
    } else if it.tag_name.get().is_some() {
        released(&it, "published")
    } else if it.run_number.get().is_some() || (it.conclusion.get().is_some() && it.head_sha.get().is_some())
    {
        ran(&it, "completed")
    } else if it.context.get().is_some() && it.state.get().is_some() {
        checked(&it)
    } else if it.issue_url.get().is_some() && it.body.get().is_some() {
        commented(&it, None, "created")
    } else if it.number.get().is_some() && it.title.get().is_some() {
        issue(&it, if it.closed_at.0.is_some() { "closed" } else { "opened" })
    } else {
        return commit(collector, raw);
    };
    keep(collector, hook, told, &it, raw.get(), place);
    Ok(())
}

fn keep(collector: &mut Collector, hook: &Hook<'_>, told: Told, it: &Thing<'_>, raw: &str, place: &str) {
    if told.at.is_none() {
        collector.problem(place, "the record does not say when it happened");
    }
    let repository = hook.repository.full_name.line();
    let evidence = Evidence {
        author: told.by.or_else(|| author(hook.sender.as_ref())),
        text: clean(&told.text),
        place: repository.clone(),
        url: web_address(it.html_url.get()).or_else(|| web_address(it.target_url.get())),
        facts: Facts {
            source_type: hook.action.line().unwrap_or_default(),
            service: told.service.or(repository),
            ..Facts::default()
        },
        ..collector.piece(told.signal, told.key, told.at, raw)
    };
    collector.add(None, evidence);
}

fn author(user: Option<&User<'_>>) -> Option<Author> {
    let user = user?;
    let name = user.login.line().or_else(|| user.name.line())?;
    let machine = user.r#type.get() == Some("Bot") || name.ends_with("[bot]");
    let kind = if machine { AuthorKind::Machine } else { AuthorKind::Person };
    Some(Author { name, kind, source_id: None })
}

fn short(sha: &Word<'_>) -> String {
    sha.line().map(|it| cut(&it, 7).to_owned()).unwrap_or_default()
}

fn named(it: &Thing<'_>) -> String {
    let what = it.r#ref.line().or_else(|| it.head_branch.line()).unwrap_or_else(|| short(&it.sha));
    let sha = short(&it.sha);
    if sha.is_empty() || what.starts_with(&sha) { what } else { format!("{what} ({sha})") }
}

fn key(kind: &str, it: &Thing<'_>, more: &str) -> String {
    let id = it.id.line().or_else(|| it.number.line()).unwrap_or_default();
    format!("{kind}/{id}/{more}")
}

fn deploying(it: &Thing<'_>) -> Told {
    let to = it.environment.line().map(|it| format!(" to {it}")).unwrap_or_default();
    let about = it.description.line().map(|it| format!("\n{it}")).unwrap_or_default();
    Told {
        signal: Signal::Deployed,
        text: format!("Deployment of {}{to} created{about}", named(it)),
        at: it.created_at.0,
        key: key("deployment", it, "created"),
        by: author(it.creator.as_ref()),
        service: None,
    }
}

fn deployed(it: &Thing<'_>, deployment: &Thing<'_>) -> Told {
    let state = it.state.line().unwrap_or_default();
    let place = it.environment.line().or_else(|| deployment.environment.line());
    let to = place.map(|it| format!(" to {it}")).unwrap_or_default();
    let of = named(deployment);
    let of = if of.is_empty() { String::new() } else { format!(" of {of}") };
    let about = it.description.line().map(|it| format!("\n{it}")).unwrap_or_default();
    let ended = matches!(state.as_str(), "success" | "failure" | "error" | "inactive");
    Told {
        signal: if ended { Signal::Deployed } else { Signal::Housekeeping },
        text: format!("Deployment{of}{to}: {}{about}", state.replace('_', " ")),
        at: it.created_at.0.or(it.updated_at.0),
        key: key("deployment-status", it, &state),
        by: author(it.creator.as_ref()),
        service: None,
    }
}

fn released(it: &Thing<'_>, action: &str) -> Told {
    let tag = it.tag_name.line().unwrap_or_default();
    let name = it.name.line().filter(|name| *name != tag).map(|it| format!(" “{it}”")).unwrap_or_default();
    let public = matches!(action, "published" | "released" | "prereleased");
    Told {
        signal: if public { Signal::Deployed } else { Signal::Housekeeping },
        text: format!("Release {tag}{name} {action}"),
        at: if public { it.published_at.0.or(it.created_at.0) } else { it.created_at.0 },
        key: key("release", it, action),
        by: author(it.author.as_ref()),
        service: None,
    }
}

fn ran(it: &Thing<'_>, action: &str) -> Told {
    let name = it.name.line().unwrap_or_else(|| "A workflow".to_owned());
    let outcome = it.conclusion.line().filter(|_| action == "completed");
    let on = it.head_branch.line().map(|it| format!(" on {it}")).unwrap_or_default();
    let sha = short(&it.head_sha);
    let sha = if sha.is_empty() { sha } else { format!(" ({sha})") };
    let deploys = ["deploy", "release", "rollback", "rollout", "publish"];
    let deploys = deploys.iter().any(|word| name.to_ascii_lowercase().contains(word));
    let words = match &outcome {
        Some(outcome) => outcome.replace('_', " "),
        None => it.status.line().unwrap_or_else(|| action.to_owned()),
    };
    let started = it.started_at.0.or(it.created_at.0);
    let done = it.completed_at.0.or(it.updated_at.0);
    Told {
        signal: if deploys && outcome.is_some() { Signal::Deployed } else { Signal::Housekeeping },
        text: format!("{name}{on}{sha}: {words}"),
        at: if outcome.is_some() { done.or(started) } else { started },
        key: key("run", it, &words),
        by: author(it.actor.as_ref()),
        service: None,
    }
}

fn checked(it: &Thing<'_>) -> Told {
    let state = it.state.line().unwrap_or_default();
    let about = it.description.line().map(|it| format!(": {it}")).unwrap_or_default();
    Told {
        signal: Signal::Housekeeping,
        text: format!("{} on {}: {state}{about}", it.context.line().unwrap_or_default(), short(&it.sha)),
        at: it.updated_at.0.or(it.created_at.0),
        key: key("status", it, &state),
        by: author(it.creator.as_ref()),
        service: None,
    }
}

fn pushed(it: &Push<'_>, hook: &Hook<'_>) -> Told {
    let branch = it.r#ref.line().unwrap_or_default();
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(&branch).to_owned();
    let main = hook.repository.default_branch.line();
    let counts = main.as_deref().unwrap_or("main") == branch || branch.starts_with("refs/tags/");
    let first = it.head_commit.as_ref().and_then(|it| it.message.get());
    let first = first.and_then(|it| it.lines().next()).map(line).unwrap_or_default();
    let commits = it.commits.len();
    let what = match commits {
        _ if it.deleted => format!("{branch} was deleted"),
        0 => format!("Pushed to {branch}"),
        1 => format!("Pushed 1 commit to {branch}: {first}"),
        many => format!("Pushed {many} commits to {branch}: {first}"),
    };
    let forced = if it.forced { " (forced)" } else { "" };
    let last = it.commits.iter().filter_map(|it| it.timestamp.0).max();
    Told {
        signal: if counts { Signal::Deployed } else { Signal::Housekeeping },
        text: format!("{what}{forced}"),
        // A commit can be older than its push; the time of the push is what counts.
        at: it.repository.pushed_at.0.or(it.head_commit.as_ref().and_then(|it| it.timestamp.0)).or(last),
        key: format!("push/{}/{}/{branch}", short(&it.before), short(&it.after)),
        by: author(it.pusher.as_ref()),
        service: None,
    }
}

fn pulled(it: &Thing<'_>, action: &str) -> Told {
    let merged = it.merged_at.0.is_some() && action == "closed";
    let (number, title) = (it.number.line().unwrap_or_default(), it.title.line().unwrap_or_default());
    let words = if merged { "merged" } else { action };
    Told {
        signal: if merged { Signal::Deployed } else { Signal::Housekeeping },
        text: format!("Pull request #{number} {words}: {title}"),
        at: if merged { it.merged_at.0 } else { it.updated_at.0.or(it.created_at.0) },
        key: key("pull", it, words),
        by: None,
        service: None,
    }
}

fn issue(it: &Thing<'_>, action: &str) -> Told {
    let (number, title) = (it.number.line().unwrap_or_default(), it.title.line().unwrap_or_default());
    let at = match action {
        "opened" => it.created_at.0,
        "closed" => it.closed_at.0.or(it.updated_at.0),
        _ => it.updated_at.0,
    };
    let tells = matches!(action, "opened" | "closed" | "reopened");
    Told {
        signal: if tells { Signal::Note } else { Signal::Housekeeping },
        text: format!("Issue #{number} {action}: {title}"),
        key: format!("{}/{}", key("issue", it, action), at.map(|it| it.to_string()).unwrap_or_default()),
        at,
        by: if action == "opened" { author(it.user.as_ref()) } else { None },
        service: None,
    }
}

fn commented(it: &Thing<'_>, on: Option<&Thing<'_>>, action: &str) -> Told {
    let on = on.and_then(|it| it.number.line()).map(|it| format!("On #{it}: ")).unwrap_or_default();
    let created = action == "created";
    let at = if created { it.created_at.0 } else { it.updated_at.0 };
    Told {
        signal: if created { Signal::Note } else { Signal::Housekeeping },
        text: format!("{on}{}", it.body.get().map(clean).unwrap_or_default()),
        key: format!("{}/{}", key("comment", it, action), at.map(|it| it.to_string()).unwrap_or_default()),
        at,
        by: author(it.user.as_ref()),
        service: None,
    }
}

fn commit(collector: &mut Collector, raw: &RawValue) -> Result<(), String> {
    let it: ListedCommit<'_> = json::typed(raw)?;
    let inner = it.commit.ok_or("this is no record of GitHub's that is read here")?;
    let signed = inner.committer.or(inner.author);
    let sha = it.sha.line().unwrap_or_else(|| sum_id(raw.get()));
    let at = signed.as_ref().and_then(|it| it.date.0);
    let mut evidence = collector.piece(Signal::Housekeeping, format!("commit/{sha}"), at, raw.get());
    evidence.text =
        format!("Commit {}: {}", cut(&sha, 7), inner.message.get().map(clean).unwrap_or_default());
    evidence.author = crate::record::person(signed.as_ref().and_then(|it| it.name.get()));
    evidence.url = web_address(it.html_url.get());
    collector.add(None, evidence);
    Ok(())
}
