//! `debrief import`: records into this installation.

use crate::{
    arguments::{Import, SourceName},
    commands::{name, put, spread},
    configuration::Configuration,
    failure::Failure,
    progress::Bar,
};
use app::imports::{File, Order, Preview, Selection};
use domain::access::Actor;

/// Brings files in: all of them or nothing.
pub async fn run(configuration: &Configuration, import: Import) -> Result<(), Failure> {
    let app = configuration.open().await?;
    let actor = Actor::installation();
    let files: Vec<File> =
        spread(import.files)?.into_iter().map(|path| File { name: name(&path), path }).collect();
    let selection = match import.source {
        SourceName::Pagerduty => Selection::Pagerduty { incidents: Vec::new() },
        SourceName::Slack => {
            let channel = match import.window.channel {
                Some(channel) => channel.trim_start_matches('#').to_owned(),
                None => the_only_channel(app::imports::preview(&app, &actor, &files).await?)?,
            };
            Selection::Slack { channel, from: import.window.from, to: import.window.to }
        }
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
