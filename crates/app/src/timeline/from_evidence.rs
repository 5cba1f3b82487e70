//! A piece of evidence, said as an event.

use super::Draft;
use domain::{
    evidence::{AuthorKind, Signal, StoredEvidence},
    timeline::{
        Actor, EventKind,
        event::{ActorKind, DETAIL_MAX, TITLE_MAX},
    },
};

/// What a person who takes `piece` into the timeline gets to begin with: its words stay as they are.
pub(super) fn draft(piece: &StoredEvidence) -> Draft {
    let evidence = &piece.evidence;
    let (kind, name) = reading(evidence.signal);
    let line: String =
        evidence.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(name).into();
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let title = shorten(&line, TITLE_MAX);
    let whole = evidence.text.trim();
    let detail = if whole.is_empty() || whole == title { String::new() } else { shorten(whole, DETAIL_MAX) };
    let actor = evidence.author.as_ref().map(|author| Actor {
        name: author.name.clone(),
        kind: match author.kind {
            AuthorKind::Machine => ActorKind::System,
            AuthorKind::Person | AuthorKind::Unknown => ActorKind::Person,
        },
    });
    Draft {
        at: evidence.at,
        precision: evidence.facts.precision,
        kind,
        title,
        detail,
        actor,
        team: None,
        evidence: vec![piece.id],
        context: domain::timeline::Context::default(),
    }
}

/// The sort of event, and what to call it when the record has no words of its own.
const fn reading(signal: Signal) -> (EventKind, &'static str) {
    match signal {
        Signal::Triggered => (EventKind::Alert, "Triggered"),
        Signal::Acknowledged => (EventKind::Response, "Acknowledged"),
        Signal::Unacknowledged => (EventKind::Response, "Acknowledgement ended"),
        Signal::Escalated => (EventKind::Response, "Escalated"),
        Signal::Assigned => (EventKind::Response, "Assigned"),
        Signal::Notified => (EventKind::Response, "Notified"),
        Signal::Snoozed => (EventKind::Response, "Snoozed"),
        Signal::Changed => (EventKind::Status, "Changed"),
        Signal::Resolved => (EventKind::Status, "Resolved"),
        Signal::Note => (EventKind::Note, "Note"),
        Signal::StatusUpdate => (EventKind::Update, "Status update"),
        Signal::AlertFired => (EventKind::Alert, "Alert fired"),
        Signal::AlertCleared => (EventKind::Alert, "Alert cleared"),
        Signal::Message => (EventKind::Note, "Message"),
        Signal::BotMessage => (EventKind::Observation, "Message of an integration"),
        Signal::File => (EventKind::Note, "File shared"),
        Signal::Marked => (EventKind::Note, "Marked"),
        Signal::Housekeeping => (EventKind::Note, "Housekeeping"),
        Signal::Deployed => (EventKind::Change, "Changed"),
        Signal::NotUnderstood => (EventKind::Note, "A record that could not be read"),
    }
}

/// The beginning of a text, at most `max` characters, with … where something was left out.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    let cut = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(head, _)| if head.len() * 2 > cut.len() { head } else { &cut });
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        EvidenceId, Instant,
        evidence::{Author, Digest32, Evidence, Facts, Source},
    };

    fn piece(signal: Signal, text: &str) -> StoredEvidence {
        StoredEvidence {
            id: EvidenceId::new(Instant::from_seconds(1), [0; 10]),
            digest: Digest32([0; 32]),
            evidence: Evidence {
                source: Source::Slack,
                source_id: "C1:1".into(),
                at: Instant::from_seconds(100),
                author: Some(Author { name: "Ines".into(), kind: AuthorKind::Person, source_id: None }),
                signal,
                text: text.into(),
                place: None,
                url: None,
                facts: Facts::default(),
                raw: String::new(),
            },
        }
    }

    #[test]
    fn words_of_the_source_stay_as_they_are() {
        let long = "word ".repeat(60);
        for (signal, text, title, detail) in [
            (Signal::Message, "All gates refuse", "All gates refuse", ""),
            (Signal::Message, "\n first\nsecond", "first", "first\nsecond"),
            (Signal::Resolved, "", "Resolved", ""),
            (Signal::NotUnderstood, " ", "A record that could not be read", ""),
        ] {
            let draft = draft(&piece(signal, text));
            assert_eq!((draft.title.as_str(), draft.detail.as_str()), (title, detail));
        }
        let draft = draft(&piece(Signal::Message, &long));
        assert!(draft.title.ends_with("word…") && draft.title.chars().count() <= TITLE_MAX);
        assert_eq!(draft.detail, long.trim());
    }
}
