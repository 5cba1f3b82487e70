//! Each target and what it promises beyond not to panic.

use crate::{Target, compose, seeds};
use domain::{
    Instant,
    document::{Document, safe_link},
    evidence::Source,
    template::Template,
    timeline::{EventKind, KeyInstant, Precision},
};
use exports::{Article, Attached, Moment, Outlook, Questions};

pub(crate) const ALL: &[Target] = &[
    Target { name: "pagerduty", run: importers::fuzz::pagerduty, seeds: seeds::pagerduty },
    Target { name: "on_call", run: importers::fuzz::on_call, seeds: seeds::on_call },
    Target { name: "incident_file", run: importers::fuzz::incident_file, seeds: seeds::incident_file },
    Target { name: "slack", run: importers::fuzz::slack, seeds: seeds::slack },
    Target { name: "slack_day", run: importers::fuzz::slack_day, seeds: seeds::slack_day },
    Target { name: "openid_answers", run: openid::fuzz::answers, seeds: seeds::openid },
    Target { name: "openid_token", run: openid::fuzz::token, seeds: seeds::openid },
    Target { name: "openid_claims", run: openid::fuzz::claims, seeds: seeds::openid },
    Target { name: "any_file", run: importers::fuzz::any, seeds: seeds::any_file },
    Target {
        name: "opsgenie",
        run: |bytes| importers::fuzz::of(Source::Opsgenie, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/opsgenie.json")),
    },
    Target {
        name: "alertmanager",
        run: |bytes| importers::fuzz::of(Source::Alertmanager, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/alertmanager.json")),
    },
    Target {
        name: "grafana",
        run: |bytes| importers::fuzz::of(Source::Grafana, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/grafana.json")),
    },
    Target {
        name: "datadog",
        run: |bytes| importers::fuzz::of(Source::Datadog, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/datadog.json")),
    },
    Target {
        name: "sentry",
        run: |bytes| importers::fuzz::of(Source::Sentry, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/sentry.json")),
    },
    Target {
        name: "statuspage",
        run: |bytes| importers::fuzz::of(Source::Statuspage, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/statuspage.json")),
    },
    Target {
        name: "statuspage_feed",
        run: |bytes| importers::fuzz::of(Source::Statuspage, bytes),
        seeds: || {
            seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/statuspage-history.atom"))
        },
    },
    Target {
        name: "github",
        run: |bytes| importers::fuzz::of(Source::Github, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/github.json")),
    },
    Target {
        name: "cloudwatch",
        run: |bytes| importers::fuzz::of(Source::Cloudwatch, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/cloudwatch.json")),
    },
    Target {
        name: "google_cloud",
        run: |bytes| importers::fuzz::of(Source::GoogleCloud, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/google_cloud.json")),
    },
    Target {
        name: "jira",
        run: |bytes| importers::fuzz::of(Source::Jira, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/jira.json")),
    },
    Target {
        name: "transcript",
        run: |bytes| importers::fuzz::of(Source::Transcript, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/transcript.vtt")),
    },
    Target {
        name: "calendar",
        run: |bytes| importers::fuzz::of(Source::Calendar, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/calendar.ics")),
    },
    Target {
        name: "incident_file_received",
        run: |bytes| importers::fuzz::of(Source::Json, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/incident.json")),
    },
    Target {
        name: "table",
        run: |bytes| importers::fuzz::of(Source::Csv, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/table.csv")),
    },
    Target {
        name: "slack_events",
        run: |bytes| importers::fuzz::of(Source::Slack, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/slack.json")),
    },
    Target {
        name: "pagerduty_events",
        run: |bytes| importers::fuzz::of(Source::Pagerduty, bytes),
        seeds: || seeds::fixture(include_bytes!("../../crates/importers/tests/fixtures/pagerduty.json")),
    },
    Target { name: "frame", run: |bytes| collab::fuzz::frame(&seeds::base(), bytes), seeds: seeds::frames },
    Target {
        name: "update",
        run: |bytes| collab::fuzz::update(&seeds::base(), bytes),
        seeds: seeds::updates,
    },
    Target {
        name: "state_vector",
        run: |bytes| collab::fuzz::state_vector(&seeds::base(), bytes),
        seeds: seeds::state_vectors,
    },
    Target { name: "awareness", run: collab::fuzz::awareness, seeds: seeds::awareness },
    Target { name: "projection", run: projection, seeds: seeds::updates },
    Target { name: "exports", run: exports, seeds: seeds::documents },
    Target { name: "template", run: template, seeds: seeds::templates },
    Target { name: "words", run: words, seeds: seeds::words },
    Target { name: "prose", run: language::fuzz::prose, seeds: seeds::prose },
    Target { name: "rules", run: language::fuzz::rules, seeds: seeds::rules },
];

/// A stored update reads without panic, and whatever it says can be exported.
fn projection(bytes: &[u8]) {
    if let Ok(document) = collab::project(&[bytes]) {
        write(document);
    }
}

/// A document survives the way into a shared one and back, and its exports carry no markup of its own.
fn exports(bytes: &[u8]) {
    let document = compose::document(bytes);
    let read = |document: &Document| collab::project(&[collab::begin(document, 7)]);
    let Ok(once) = read(&document) else { panic!("a document that was begun cannot be read") };
    assert!(read(&once) == Ok(once.clone()), "what was read and begun again says something else");
    write(document);
}

fn template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(template) = Template::from_json(text) else { return };
    let document = template.begin();
    assert!(collab::project(&[collab::begin(&document, 7)]).is_ok(), "a template's document cannot be read");
    write(document);
}

/// Small things that stand in addresses, forms, cookies and settings.
fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(number) = text.parse::<domain::incident::IncidentNumber>() {
        assert_eq!(number.to_string().parse(), Ok(number), "a number reads back differently");
    }
    if let Ok(at) = text.parse::<Instant>() {
        assert_eq!(at.to_string().parse(), Ok(at), "an instant reads back differently");
    }
    let _ = text.parse::<domain::PersonId>();
    let _ = (EventKind::from_key(&text), Precision::from_key(&text));
    if let Some(link) = safe_link(&text) {
        let scheme = link.split(':').next().unwrap_or_default().to_ascii_lowercase();
        assert!(["http", "https", "mailto"].contains(&scheme.as_str()), "a link leads elsewhere");
    }
}

fn write(document: Document) {
    let strange = document.blocks.iter().take(1).map(|block| format!("{block:?}")).collect::<String>();
    let moment = Moment {
        at: Instant::from_timestamp(Default::default()),
        precision: Precision::Minute,
        kind: EventKind::Note,
        title: strange.clone(),
        detail: strange.clone(),
        actor: Some(strange.clone()),
        team: None,
        instants: vec![KeyInstant::Detected],
        sources: vec![strange.clone()],
        attached: vec![
            Attached::File { name: strange.clone(), bytes: 1, sum: strange.clone(), picture: None },
            Attached::Link { title: strange.clone(), url: strange.clone() },
            Attached::Query { place: strange.clone(), text: strange.clone(), url: Some(strange.clone()) },
        ],
    };
    let outlook =
        Outlook { text: strange.clone(), intent: strange.clone(), state: strange.clone(), done: false };
    let article = Article {
        title: strange.clone(),
        kicker: strange.clone(),
        facts: vec![(strange.clone(), strange)],
        document,
        timeline: vec![moment],
        follow_ups: vec![outlook],
        questions: Questions::Shown,
    };
    let html = exports::html::write(&article);
    for dangerous in ["<script", "<img", "<iframe", "href=\"javascript:", "href=\"data:"] {
        assert!(!html.contains(dangerous), "the exported page carries {dangerous}");
    }
    let _ = exports::markdown::write(&article);
    let _ = exports::markdown::write(&Article { questions: Questions::LeftOut, ..article });
}
