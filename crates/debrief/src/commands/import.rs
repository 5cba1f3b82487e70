//! `debrief import`: records into this installation.

use crate::{
    arguments::{Brought, Import, Reading},
    commands::{name, put, spread},
    configuration::Configuration,
    failure::Failure,
    progress::Bar,
};
use app::imports::{Columns, File, Options, Order, Preview, Selection};
use domain::{access::Actor, evidence::Source};
use std::path::Path;

/// Brings files in: all of them or nothing.
pub async fn run(configuration: &Configuration, import: Import) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let actor = Actor::installation();
    let files: Vec<File> =
        spread(import.files)?.into_iter().map(|path| File { name: name(&path), path }).collect();
    let source = match import.source {
        Brought::Records(source) => source,
        Brought::OnCall => return on_call(app, &files, &import.service).await,
    };
    let selection = if source == Source::Slack && zipped(&files) {
        let channel = match import.window.channel {
            Some(channel) => channel.trim_start_matches('#').to_owned(),
            None => match app::imports::only_channel(&actor, &files).await? {
                Some(channel) => channel,
                None => the_only_channel(app::imports::preview(&app, &actor, &files).await?)?,
            },
        };
        Selection::Slack { channel, from: import.window.from, to: import.window.to }
    } else {
        let first = files.first().map(|file| file.path.as_path());
        let options = options(&import.reading, Some(source), first)?;
        Selection::Records { incidents: Vec::new(), options }
    };
    let order = Order { files, selection, incident: import.incident };
    let mut bar = Bar::new();
    let outcome = app::imports::run(&app, &actor, order, &mut |progress| bar.show(&progress)).await;
    drop(bar);
    app.shut_down().await;
    let outcome = outcome?;
    let mut text = format!(
        "{}: {} new records, {} known before, {} events on the timeline\n",
        outcome.incidents.join(", "),
        outcome.added,
        outcome.known,
        outcome.events
    );
    if outcome.not_understood > 0 {
        text +=
            &format!("{} records were not understood; they are kept as they came.\n", outcome.not_understood);
    }
    put(text.as_bytes(), None)
}

fn zipped(files: &[File]) -> bool {
    let start = |file: &File| {
        let mut first = [0; 2];
        let read =
            std::fs::File::open(&file.path).and_then(|mut it| std::io::Read::read(&mut it, &mut first));
        read.is_ok_and(|read| first[..read] == *b"PK")
    };
    files.first().is_some_and(start)
}

/// What was typed about how to read the files; columns are named after the first row of `table`.
pub fn options(reading: &Reading, source: Option<Source>, table: Option<&Path>) -> Result<Options, Failure> {
    let mut options = Options { source, columns: None, began: reading.began };
    if reading.columns.is_empty() && reading.zone.is_none() && !reading.day_first {
        return Ok(options);
    }
    let bytes = table.map(std::fs::read).transpose();
    let bytes = bytes.map_err(|error| Failure::new(format!("The table cannot be read: {error}.")))?;
    let head = importers::table::head(&String::from_utf8_lossy(&bytes.unwrap_or_default()));
    let mut columns = if reading.columns.is_empty() { head.guess.clone() } else { Columns::default() };
    for column in &reading.columns {
        let wrong = || {
            let names = head.names.join(", ");
            Failure::new(format!(
                "“{column}” names no column. It looks like time=When or text=2; the table has: {names}."
            ))
        };
        let (role, name) = column.split_once('=').ok_or_else(wrong)?;
        let number = name.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
        let at = head.names.iter().position(|it| it.eq_ignore_ascii_case(name.trim())).or(number);
        let at = at.filter(|at| *at < head.names.len()).ok_or_else(wrong)?;
        let place = match role.trim() {
            "time" => &mut columns.time,
            "text" => &mut columns.text,
            "author" => &mut columns.author,
            "kind" => &mut columns.kind,
            "service" => &mut columns.service,
            "url" => &mut columns.url,
            "id" => &mut columns.id,
            _ => return Err(wrong()),
        };
        *place = Some(at);
    }
    columns.zone.clone_from(&reading.zone);
    columns.day_first = reading.day_first;
    options.columns = Some(columns);
    Ok(options)
}

/// Who was on call for services: all files or nothing.
async fn on_call(app: app::App, files: &[File], services: &[String]) -> Result<(), Failure> {
    let mut read = Vec::with_capacity(files.len());
    for file in files {
        let unreadable = |error| Failure::new(format!("{} cannot be read: {error}.", file.path.display()));
        let bytes = std::fs::read(&file.path).map_err(unreadable)?;
        read.push(importers::NamedBytes { name: file.name.clone(), bytes });
    }
    let outcome = app::on_call::import(&app, &Actor::installation(), &read, services).await;
    app.shut_down().await;
    let outcome = outcome?;
    let mut text = format!("{}: {} duties from these files\n", outcome.services.join(", "), outcome.duties);
    if !outcome.unknown.is_empty() {
        text += &format!(
            "Nobody here goes by {}; the names are kept as they came.\n",
            outcome.unknown.join(", ")
        );
    }
    put(text.as_bytes(), None)
}

fn the_only_channel(preview: Preview) -> Result<String, Failure> {
    let Preview::Slack { channels } = preview else {
        return Err(Failure::new("These files are no Slack export. Nothing was brought in."));
    };
    let mut spoken: Vec<_> = channels.into_iter().filter(|channel| channel.messages > 0).collect();
    match (spoken.pop(), spoken.is_empty()) {
        (Some(only), true) => Ok(only.name),
        (last, _) => {
            let names: Vec<String> = spoken
                .iter()
                .chain(last.as_ref())
                .map(|channel| format!("{} ({} messages)", channel.name, channel.messages))
                .collect();
            Err(Failure::new(format!("Choose a channel with --channel: {}.", names.join(", "))))
        }
    }
}
