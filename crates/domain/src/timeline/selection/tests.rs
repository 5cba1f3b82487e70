use super::*;
use crate::evidence::{Author, AuthorKind, Digest32, Evidence, Facts, Reaction, Signal, Source};
use proptest::prelude::*;

/// A record `minute` minutes after 10:00 UTC.
fn record(
    number: u64,
    source: Source,
    signal: Signal,
    minute: i64,
    author: &str,
    text: &str,
) -> StoredEvidence {
    let machine = signal == Signal::BotMessage || signal == Signal::AlertFired || author.is_empty();
    let kind = if machine { AuthorKind::Machine } else { AuthorKind::Person };
    let mut random = [0; 10];
    random[..8].copy_from_slice(&number.to_be_bytes());
    StoredEvidence {
        id: EvidenceId::new(Instant::from_micros(0), random),
        digest: Digest32::of(text.as_bytes()),
        evidence: Evidence {
            source,
            source_id: format!("r{number}"),
            at: "2026-11-14T10:00:00Z"
                .parse::<Instant>()
                .unwrap()
                .plus(crate::instant::Span::minutes(minute)),
            author: Some(Author { name: author.to_owned(), kind, source_id: None }),
            signal,
            text: text.to_owned(),
            place: None,
            url: None,
            facts: Facts::default(),
            raw: text.to_owned(),
        },
    }
}

fn page(number: u64, signal: Signal, minute: i64, author: &str, text: &str) -> StoredEvidence {
    record(number, Source::Pagerduty, signal, minute, author, text)
}

fn said(number: u64, minute: i64, text: &str) -> StoredEvidence {
    record(number, Source::Slack, Signal::Message, minute, "Ada", text)
}

fn bot(number: u64, minute: i64, name: &str, text: &str) -> StoredEvidence {
    record(number, Source::Slack, Signal::BotMessage, minute, name, text)
}

fn chosen(evidence: &[StoredEvidence]) -> Vec<(&'static str, String)> {
    select(evidence).events.into_iter().map(|it| (it.rule, it.title)).collect()
}

#[test]
fn what_a_source_states_goes_before_what_the_rules_find() {
    use crate::timeline::KeyInstant as K;
    let mut first = page(1, Signal::Triggered, 0, "Monitor", "Gates refuse tickets");
    let mut note = page(2, Signal::Note, 5, "Ada", "Support calls: tickets are refused");
    let of = |all: &[StoredEvidence], instant| {
        let found = select(all);
        found.instants.into_iter().find(|it| it.instant == instant).map(|it| it.key)
    };
    assert_eq!(
        of(&[first.clone(), note.clone()], K::Detected).as_deref(),
        Some("paging.triggered:pagerduty:r1")
    );
    note.evidence.facts.instants = vec![K::Detected, K::FirstTold];
    first.evidence.facts.instants = vec![K::Trigger];
    let all = [first, note];
    assert_eq!(of(&all, K::Detected).as_deref(), Some("paging.note:pagerduty:r2"));
    assert_eq!(of(&all, K::FirstTold).as_deref(), Some("paging.note:pagerduty:r2"));
    assert_eq!(of(&all, K::Trigger).as_deref(), Some("paging.triggered:pagerduty:r1"));
    let kinds: Vec<_> = select(&all).instants.into_iter().map(|it| it.instant).collect();
    let mut once = kinds.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(kinds.len(), once.len(), "at most one of each");
}

#[test]
fn one_statement_gives_one_event_of_its_kind() {
    for (text, rule) in [
        ("Decision: roll back to v411", Some("chat.decision")),
        ("let’s fail over to the replica", Some("chat.decision")),
        ("agreed: we keep the queue paused", Some("chat.decision")),
        ("stopping the payout worker now", Some("chat.action")),
        ("rollback is done", Some("chat.change")),
        ("error rate is back to normal", Some("chat.mitigated")),
        ("all clear, thanks", Some("chat.resolved")),
        ("I'm incident lead", Some("chat.role")),
        ("status page updated", Some("chat.customers")),
        ("root cause is a full disk", Some("chat.finding")),
        ("anyone else seeing 502s?", Some("chat.first_report")),
        ("should we roll back?", None),
        ("if we fail over now we lose writes", None),
        ("not back to normal yet", None),
        ("last month the rollback was done by hand", None),
        ("> let's roll back", None),
        ("I'm going to restart my laptop", None),
        ("merged", None),
        ("the decision is hard", None),
        ("thanks!", None),
        ("", None),
    ] {
        let rules: Vec<_> = chosen(&[said(1, 0, text)]).into_iter().map(|it| it.0).collect();
        assert_eq!(rules, rule.into_iter().collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn pins_and_marking_reactions_choose_and_answers_do_not() {
    let with = |name: &str, count| {
        let mut it = said(1, 0, "the dashboard lied");
        it.evidence.facts.reactions = vec![Reaction { name: name.to_owned(), count }];
        it
    };
    assert_eq!(select(&[with("pushpin", 1)]).events[0].reason, "Somebody marked it with :pushpin:.");
    assert_eq!(select(&[with("star2", 3)]).events[0].reason, "3 people marked it with :star2:.");
    assert!(chosen(&[with("eyes", 9)]).is_empty() && chosen(&[with("star2", 1)]).is_empty());
    let mut pinned = said(1, 0, "the dashboard lied");
    pinned.evidence.facts.pinned = true;
    assert_eq!(chosen(&[pinned]), [("chat.pinned", "the dashboard lied".to_owned())]);
}

#[test]
fn the_course_of_a_page_is_told_without_every_notification() {
    let mut assigned = page(2, Signal::Assigned, 0, "", "Assigned to Ben");
    assigned.evidence.facts.people = vec!["Ben".to_owned()];
    let mut handed = page(8, Signal::Assigned, 20, "Ben", "Delegated to Ada by Ben");
    handed.evidence.facts.people = vec!["Ada".to_owned()];
    let evidence = [
        page(1, Signal::Triggered, 0, "", "Triggered: error rate"),
        assigned,
        page(3, Signal::Notified, 1, "", "Ben was notified by push"),
        page(4, Signal::Escalated, 5, "", "Escalated to Ada"),
        page(5, Signal::Escalated, 10, "", "Escalated to Ada"),
        page(6, Signal::Acknowledged, 12, "Ada", "Acknowledged by Ada"),
        page(7, Signal::Note, 15, "Ada", "Decision: fail over"),
        handed,
        page(9, Signal::NotUnderstood, 21, "", "?"),
        page(10, Signal::Resolved, 60, "Ada", "Resolved by Ada"),
    ];
    let rules: Vec<_> = chosen(&evidence).into_iter().map(|it| it.0).collect();
    let expected = [
        "paging.triggered",
        "paging.escalated",
        "paging.acknowledged",
        "paging.note",
        "paging.assigned",
        "paging.resolved",
    ];
    assert_eq!(rules, expected);
    let selection = select(&evidence);
    assert_eq!(selection.events[1].evidence.len(), 2, "the repeated escalation is one event");
    assert_eq!(selection.events[3].kind, EventKind::Decision);
}

#[test]
fn an_alert_that_fires_again_and_again_is_one_event() {
    let fires = (0..14).map(|it| bot(it, it as i64, "Alertwatch", "[FIRING:1] Disk full on store-3"));
    let mut evidence: Vec<_> = fires.collect();
    evidence.push(bot(20, 15, "Alertwatch", "[RESOLVED] Disk full on store-3"));
    evidence.push(bot(21, 300, "Alertwatch", "[FIRING:1] Disk full on store-3"));
    let events = select(&evidence).events;
    let titles: Vec<_> = events.iter().map(|it| (it.title.as_str(), it.evidence.len())).collect();
    let expected = [
        ("Disk full on store-3 fired 14 times until 10:13 UTC", 14),
        ("Disk full on store-3 cleared", 1),
        ("Disk full on store-3", 1),
    ];
    assert_eq!(titles, expected);
}

#[test]
fn the_same_fact_from_two_sources_is_one_event_that_cites_both() {
    let mut alert = page(2, Signal::AlertFired, 1, "", "Checkout errors\nregion: eu");
    alert.evidence.facts.alert = Some("key".to_owned());
    let evidence = [
        page(1, Signal::Triggered, 0, "", "Triggered: Checkout errors"),
        alert,
        bot(3, 1, "Alertwatch", "[FIRING:1] Checkout errors"),
        page(4, Signal::Note, 5, "Ada", "Decision: roll back"),
        said(5, 6, "Decision: roll back"),
        bot(6, 1, "PagerDuty", "Triggered: Checkout errors"),
    ];
    let events = select(&evidence).events;
    let cited: Vec<_> = events.iter().map(|it| (it.rule, it.evidence.len())).collect();
    assert_eq!(cited, [("paging.triggered", 3), ("paging.note", 2)]);
}

#[test]
fn bots_are_heard_only_when_they_announce_something() {
    for (name, text, rule) in [
        ("deploybot", "checkout v412 deployed to production", Some("bot.change")),
        ("FlagKeeper", "Feature flag x turned off in production", Some("bot.change")),
        ("Statusboard", "Status page: Investigating", Some("bot.status")),
        ("Grafana", "[Alerting] p99 above 3 s", Some("alert.fired")),
        ("Datadog", "[Recovered] p99 above 3 s", Some("alert.cleared")),
        ("deploybot", "build passed for docs #881", None),
        ("standup", "Reminder: standup in 5 minutes", None),
        ("giphy", "a cat", None),
    ] {
        let rules: Vec<_> = chosen(&[bot(1, 0, name, text)]).into_iter().map(|it| it.0).collect();
        assert_eq!(rules, rule.into_iter().collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn a_crowded_hour_is_thinned_out_and_says_so() {
    let mut evidence: Vec<_> =
        (0..40).map(|it| said(it, it as i64, &format!("root cause is number {it}"))).collect();
    evidence.push(said(50, 30, "Decision: roll back"));
    let events = select(&evidence).events;
    assert_eq!(events.len(), crowd::MOST_PER_HOUR);
    let decision = events.iter().find(|it| it.rule == "chat.decision").unwrap();
    assert_eq!(decision.reason, "It states a decision. Kept among the strongest 15 of 41 in this hour.");
}

#[test]
fn key_instants_come_only_from_events() {
    assert_eq!(select(&[said(1, 0, "thanks!")]).instants, []);
    let evidence = [
        said(1, -5, "anyone else seeing timeouts on search?"),
        page(2, Signal::Triggered, 0, "", "Triggered: search latency"),
        page(3, Signal::Acknowledged, 4, "Ada", "Acknowledged by Ada"),
        said(4, 10, "errors are gone"),
        bot(5, 12, "Alertwatch", "[FIRING:1] search latency again"),
        said(6, 30, "search is back to normal"),
        said(7, 40, "impact started at 09:41 UTC by the logs"),
        page(8, Signal::Resolved, 60, "Ada", "Resolved by Ada"),
    ];
    let selection = select(&evidence);
    let at = |key: &str| selection.events.iter().find(|it| it.key == key).unwrap().at.to_string();
    let instants: Vec<_> = selection.instants.iter().map(|it| (it.instant, at(&it.key))).collect();
    let expected = [
        (KeyInstant::ImpactStart, "2026-11-14T09:41:00Z"),
        (KeyInstant::Detected, "2026-11-14T09:55:00Z"),
        (KeyInstant::Acknowledged, "2026-11-14T10:04:00Z"),
        (KeyInstant::Mitigated, "2026-11-14T10:30:00Z"),
        (KeyInstant::Resolved, "2026-11-14T11:00:00Z"),
    ];
    assert_eq!(instants, expected.map(|(instant, at)| (instant, at.to_owned())));
}

#[test]
fn a_time_without_its_zone_names_no_instant() {
    let said: Instant = "2026-11-14T00:30:00Z".parse().unwrap();
    for (sentence, expected) in [
        ("impact started at 23:50 UTC", Some("2026-11-13T23:50:00Z")),
        ("impact started at 00:10Z.", Some("2026-11-14T00:10:00Z")),
        ("since: 2026-11-13T22:00:00+01:00", Some("2026-11-13T21:00:00Z")),
        ("impact started at 23:50", None),
        ("impact started at 29:50 UTC", None),
        ("since 2027-01-01T00:00:00Z", None),
    ] {
        assert_eq!(
            alerts::stated_time(sentence, said).map(|it| it.to_string()).as_deref(),
            expected,
            "{sentence}"
        );
    }
}

#[test]
fn titles_are_the_words_of_the_source_cut_between_words() {
    let long =
        format!("{} Decision: roll back to v411 now. More follows.", "So much was said before. ".repeat(8));
    assert_eq!(chosen(&[said(1, 0, &long)])[0].1, "Decision: roll back to v411 now.");
    let endless = format!("Decision: {}", "roll back the checkout ".repeat(20));
    let events = select(&[said(1, 0, &endless)]).events;
    assert!(events[0].title.chars().count() <= 120 && events[0].title.ends_with('…'));
    assert_eq!(events[0].detail, endless.trim());
}

#[test]
fn chat_far_from_the_page_does_not_belong() {
    let evidence =
        [page(1, Signal::Triggered, 0, "", "Triggered: x"), said(2, 60 * 24 * 9, "Decision: roll back")];
    assert_eq!(chosen(&evidence).len(), 1);
}

fn any_record() -> impl Strategy<Value = StoredEvidence> {
    let texts = prop::sample::select(vec![
        "Decision: roll back",
        "seeing 502s",
        "[FIRING:1] Disk full",
        "[RESOLVED] Disk full",
        "back to normal",
        "impact started at 09:41 UTC",
        "Triggered: Disk full",
        "rolled back",
        "all clear",
        "é漢🔥 …\u{0}\n\n.?!",
    ]);
    let free = any::<String>();
    let text = prop_oneof![4 => texts.prop_map(str::to_owned), 1 => free];
    let signal = prop::sample::select(Signal::ALL.to_vec());
    let source = prop::sample::select(vec![Source::Pagerduty, Source::Slack]);
    (0u64..60, source, signal, 0i64..90, text, any::<bool>()).prop_map(
        |(number, source, signal, minute, text, pinned)| {
            let mut it = record(number, source, signal, minute, "Ada", &text);
            it.evidence.facts.pinned = pinned;
            it
        },
    )
}

proptest! {
    #[test]
    fn order_of_the_evidence_makes_no_difference(
        (forward, shuffled) in prop::collection::vec(any_record(), 0..40).prop_flat_map(|mut it| {
            it.sort_by_key(|it| it.id);
            it.dedup_by_key(|it| it.id);
            (Just(it.clone()), Just(it).prop_shuffle())
        })
    ) {
        prop_assert_eq!(select(&forward), select(&shuffled));
    }

    #[test]
    fn every_event_cites_evidence_and_every_instant_an_event(evidence in prop::collection::vec(any_record(), 0..40)) {
        let selection = select(&evidence);
        let keys: std::collections::HashSet<_> = selection.events.iter().map(|it| &it.key).collect();
        prop_assert_eq!(keys.len(), selection.events.len());
        prop_assert!(selection.events.is_sorted_by_key(|it| it.at));
        for event in &selection.events {
            prop_assert!(!event.evidence.is_empty() && !event.reason.is_empty());
            prop_assert!(event.title.chars().count() <= crate::timeline::event::TITLE_MAX);
        }
        prop_assert!(selection.instants.iter().all(|it| keys.contains(&it.key)));
    }
}
