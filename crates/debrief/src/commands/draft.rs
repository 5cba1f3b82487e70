//! `debrief draft`: from exported files to a Markdown draft without a server.

use crate::{
    arguments::Draft,
    commands::{import::options, name, put, spread},
    failure::Failure,
};
use app::drafting::{Material, draft};
use domain::{
    Instant,
    evidence::{Evidence, Signal, Source},
    instant::Span,
};
use importers::{Export, NO_TIME, NamedBytes, slack};
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// How much chat before the first and after the last page belongs to the story unless a window is given.
const BEFORE: Span = Span::hours(1);
const AFTER: Span = Span::hours(2);

/// Reads the files, chooses the timeline and writes the draft.
pub fn run(command: Draft) -> Result<(), Failure> {
    let others = command.others.all().iter().any(|(_, files)| !files.is_empty());
    if command.pagerduty.is_empty() && command.slack.is_none() && !others {
        return Err(Failure::new(
            "Give --pagerduty FILE… or --slack ZIP, or the files of another product; --help lists them.",
        ));
    }
    let mut material = Material::default();
    let mut exports = Vec::new();
    for (source, files) in
        std::iter::once((Source::Pagerduty, command.pagerduty.as_slice())).chain(command.others.all())
    {
        if !files.is_empty() {
            let options = options(&command.reading, Some(source), files.first().map(PathBuf::as_path))?;
            exports.extend(importers::read(&bytes(files)?, &options)?);
        }
    }
    if !exports.is_empty() {
        material = from_exports(exports, &command)?;
    }
    if let Some(zip) = &command.slack {
        add_slack(&mut material, zip, &command)?;
    }
    if command.title.is_some() {
        material.title.clone_from(&command.title);
    }
    let article = draft(material, &command.template).map_err(|refused| Failure::new(refused.to_string()))?;
    put(exports::markdown::write(&article).as_bytes(), command.output.as_deref())
}

fn bytes(files: &[PathBuf]) -> Result<Vec<NamedBytes>, Failure> {
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::new(format!("{} cannot be read: {error}.", path.display())))?;
        Ok(NamedBytes { name: name(path), bytes })
    };
    spread(files.to_vec())?.iter().map(read).collect()
}

fn from_exports(exports: Vec<Export>, command: &Draft) -> Result<Material, Failure> {
    let (mut incidents, mut unattached) = (Vec::new(), Vec::new());
    for export in exports {
        report(&export.not_understood);
        incidents.extend(export.incidents);
        unattached.extend(export.unattached);
    }
    if let Some(id) = &command.incident {
        incidents.retain(|incident| incident.id == *id);
        if incidents.is_empty() {
            return Err(Failure::new(format!("The files hold no incident {id}.")));
        }
    }
    // Files of a single incident may speak of others in passing; the one with most records is meant.
    let told: Vec<_> = incidents.iter().filter(|incident| incident.title.is_some()).collect();
    if told.len() > 1 {
        let names: Vec<String> = told
            .iter()
            .take(20)
            .map(|incident| format!("{} ({})", incident.id, incident.title.as_deref().unwrap_or_default()))
            .collect();
        return Err(Failure::new(format!(
            "The files hold {} incidents. Choose one with --incident: {}{}.",
            told.len(),
            names.join(", "),
            if told.len() > names.len() { ", …" } else { "" }
        )));
    }
    let Some(incident) =
        incidents.into_iter().max_by_key(|incident| (incident.title.is_some(), incident.evidence.len()))
    else {
        return Ok(Material { evidence: dated(unattached, None), ..Material::default() });
    };
    let mut evidence = incident.evidence;
    evidence.extend(unattached);
    Ok(Material {
        title: incident.title,
        evidence: dated(evidence, incident.created_at),
        severity: incident.severity,
        services: incident.services,
        teams: incident.teams,
        declared_at: incident.created_at,
        resolved_at: incident.resolved_at,
    })
}

/// What does not say when it happened stands at the beginning.
fn dated(evidence: impl IntoIterator<Item = Evidence>, opened: Option<Instant>) -> Vec<Evidence> {
    let mut evidence: Vec<_> = evidence.into_iter().collect();
    let undated = |at: Instant| at.since(NO_TIME) <= Span::days(2);
    let first = evidence.iter().map(|it| it.at).filter(|at| !undated(*at)).min();
    if let Some(opened) = opened.or(first) {
        for it in evidence.iter_mut().filter(|it| undated(it.at)) {
            it.at = opened.plus(it.at.since(NO_TIME));
        }
    }
    evidence
}

fn add_slack(material: &mut Material, zip: &Path, command: &Draft) -> Result<(), Failure> {
    let file = File::open(zip)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}.", zip.display())))?;
    let mut export = slack::Export::open(BufReader::new(file), &name(zip))?;
    let choice = slack::Choice {
        channel: channel(&mut export, command)?,
        from: command.window.from.or_else(|| edge(material, |ends| ends.0.plus(BEFORE.reversed()))),
        to: command.window.to.or_else(|| edge(material, |ends| ends.1.plus(AFTER))),
    };
    let gathered = export.gather(&choice, &mut |_| {})?;
    report(&gathered.not_understood);
    if gathered.evidence.is_empty() {
        eprintln!(
            "debrief: #{} has no messages in the window{}; choose another with --channel, --from and --to.",
            command.window.channel.as_deref().unwrap_or(&choice.channel),
            match (choice.from, choice.to) {
                (Some(from), Some(to)) => format!(" {from} to {to}"),
                _ => String::new(),
            }
        );
    }
    material.evidence.extend(gathered.evidence);
    Ok(())
}

/// The first and last instant of what is known so far, moved by `how`.
fn edge(material: &Material, how: impl Fn((Instant, Instant)) -> Instant) -> Option<Instant> {
    let timed = || material.evidence.iter().filter(|evidence| evidence.signal != Signal::NotUnderstood);
    let first = timed().map(|evidence| evidence.at).min()?;
    let last = timed().map(|evidence| evidence.at).max()?;
    Some(how((
        material.declared_at.unwrap_or(first).min(first),
        material.resolved_at.unwrap_or(last).max(last),
    )))
}

fn channel(export: &mut slack::Export<BufReader<File>>, command: &Draft) -> Result<String, Failure> {
    let channels = export.preview(&mut |_| {})?;
    if let Some(wanted) = &command.window.channel {
        let wanted = wanted.trim_start_matches('#');
        return channels
            .iter()
            .find(|channel| channel.label.trim_start_matches('#') == wanted || channel.id == wanted)
            .map(|channel| channel.id.clone())
            .ok_or_else(|| {
                let names: Vec<&str> = channels.iter().map(|channel| channel.label.as_str()).collect();
                Failure::new(format!("The export has no channel {wanted}. It has: {}.", names.join(", ")))
            });
    }
    let spoken: Vec<_> = channels.iter().filter(|channel| channel.messages > 0).collect();
    match spoken.as_slice() {
        [only] => Ok(only.id.clone()),
        _ => {
            let names: Vec<String> = spoken
                .iter()
                .map(|channel| format!("{} ({} messages)", channel.label, channel.messages))
                .collect();
            Err(Failure::new(format!("Choose a channel with --channel: {}.", names.join(", "))))
        }
    }
}

fn report(problems: &[importers::Problem]) {
    for problem in problems {
        eprintln!("debrief: {}, {}: {}; left out of the draft.", problem.file, problem.place, problem.reason);
    }
}
