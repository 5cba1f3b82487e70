//! What the drawings promise: nothing breaks out of them, every mark leads somewhere, every label can be read.

use super::*;
use proptest::prelude::*;

fn spot(at: Instant, lane: &str, shape: Shape) -> Spot<'_> {
    Spot { id: EventId::new(at, [1; 10]), at, lane, shape, title: "Gate 4 refuses <tickets>" }
}

fn scene<'a>(
    zone: &'a Zone,
    events: Vec<(Instant, &'a str, Shape)>,
    listed: &'a HashSet<EventId>,
    instants: &'a BTreeMap<KeyInstant, Instant>,
    chat: &'a [(Instant, i64, i64)],
) -> Scene<'a> {
    Scene {
        name: "INC-12".into(),
        zone,
        events: events.into_iter().map(|(at, lane, shape)| spot(at, lane, shape)).collect(),
        listed,
        elsewhere: "/incidents/INC-12?event=",
        here: None,
        instants,
        chat,
        felt: &[],
        gaps: &[],
        now: Instant::from_seconds(0),
        part: None,
    }
}

#[test]
fn nothing_is_not_drawn_and_one_event_is() {
    let (zone, none, listed) = (Zone::of(None), BTreeMap::new(), HashSet::new());
    assert!(draw(&scene(&zone, vec![], &listed, &none, &[])).is_none());
    let events = vec![(Instant::from_seconds(0), "Gates", Shape::Person)];
    let one = draw(&scene(&zone, events, &listed, &none, &[])).unwrap();
    assert!(one.wide.contains("circle") && one.wide.contains("Gates") && one.outside.is_empty());
}

#[test]
fn names_cannot_break_out_of_the_picture() {
    let (zone, none, listed) = (Zone::of(None), BTreeMap::new(), HashSet::new());
    let evil = "</svg><script>alert(1)</script>";
    let events = vec![(Instant::from_seconds(0), evil, Shape::Person)];
    let drawn = draw(&scene(&zone, events, &listed, &none, &[])).unwrap();
    assert!(!drawn.wide.contains("<script") && !drawn.narrow.contains("<script"));
}

#[test]
fn a_late_note_does_not_press_the_hour_into_a_corner() {
    let zone = Zone::of(None);
    let at = |minutes: i64| Instant::from_seconds(minutes * 60);
    let instants = BTreeMap::from([(KeyInstant::Detected, at(0)), (KeyInstant::Resolved, at(60))]);
    let events = vec![(at(0), "Gates", Shape::Person), (at(20_000), "Gates", Shape::Person)];
    assert_eq!(
        draw(&scene(&zone, events, &HashSet::new(), &instants, &[])).unwrap().outside,
        "1 event later than this picture, in the list below."
    );
}

#[test]
fn every_mark_leads_to_its_event_wherever_the_list_holds_it() {
    let at = |minutes: i64| Instant::from_seconds(minutes * 60);
    let (zone, none) = (Zone::of(None), BTreeMap::new());
    let events = vec![(at(0), "Gates", Shape::Person), (at(50), "Gates", Shape::Person)];
    let listed = HashSet::from([EventId::new(at(0), [1; 10])]);
    let drawn = draw(&Scene { here: Some(at(50)), ..scene(&zone, events, &listed, &none, &[]) }).unwrap();
    let (here, there) = (EventId::new(at(0), [1; 10]), EventId::new(at(50), [1; 10]));
    for drawing in [&drawn.wide, &drawn.compact, &drawn.narrow] {
        assert!(
            drawing.contains(&format!("<a href=\"#e-{here}\" tabindex=\"-1\" data-at=\"0 0\"")),
            "{drawing}"
        );
        assert!(
            drawing.contains(&format!("href=\"/incidents/INC-12?event={there}#e-{there}\"")),
            "{drawing}"
        );
        assert!(drawing.contains("00:50 Gate 4 refuses &lt;tickets&gt;") && drawing.contains("line-here"));
    }
}

/// A text of a drawing: its class, its box, and what it says. A letter is about as wide as the frame counts it.
struct Said {
    class: String,
    from: f64,
    to: f64,
    y: f64,
    words: String,
}

fn said(drawing: &str, letter: f64) -> Vec<Said> {
    let mut all = Vec::new();
    for text in drawing.split("<text ").skip(1) {
        let (tag, rest) = text.split_once('>').unwrap();
        let of = |name: &str| {
            let (_, value) = tag.split_once(&format!("{name}=\"")).unwrap_or(("", "start\""));
            value.split('"').next().unwrap().to_owned()
        };
        let words = rest.split("</text>").next().unwrap();
        let words = words.replace("<tspan class=\"num\">", "").replace("</tspan>", "");
        let words = words.replace("&lt;", "<").replace("&amp;", "&").replace("&#39;", "'");
        let (x, wide) = (of("x").parse::<f64>().unwrap(), letters(&words) * letter);
        let from = match of("text-anchor").as_str() {
            "middle" => x - wide / 2.0,
            "end" => x - wide,
            _ => x,
        };
        let y = of(" y").parse().unwrap();
        all.push(Said { class: of("class"), from, to: from + wide, y, words });
    }
    all
}

/// No two labels touch, and none leaves the drawing.
fn labels_are_legible(
    drawn: &Overview,
    instants: &BTreeMap<KeyInstant, Instant>,
) -> Result<(), TestCaseError> {
    let keys = instants.values().filter(|at| **at >= drawn.range.0 && **at <= drawn.range.1).count();
    for (drawing, frame) in [(&drawn.wide, WIDE), (&drawn.compact, COMPACT), (&drawn.narrow, NARROW)] {
        let all = said(drawing, frame.letter);
        prop_assert_eq!(all.iter().filter(|it| it.class == "key").count(), keys);
        // Names, key instants, ticks and what is said of the impact; phases name themselves where they have room.
        let all: Vec<_> =
            all.iter().filter(|it| ["key", "dir", "lab", "tick"].contains(&it.class.as_str())).collect();
        for (n, a) in all.iter().enumerate() {
            let inside = a.from >= -0.1 && a.to <= frame.width + 0.1;
            prop_assert!(inside, "{} leaves the {}: {} to {}", a.words, frame.class, a.from, a.to);
            for b in all.iter().skip(n + 1) {
                let touch = a.from < b.to && b.from < a.to && (a.y - b.y).abs() < 12.0;
                prop_assert!(!touch, "{} and {} touch in the {}", a.words, b.words, frame.class);
            }
        }
    }
    Ok(())
}

fn interval(service: &str, audience: &str, from: Instant, to: Option<Instant>) -> Interval {
    Interval {
        service: service.into(),
        audience: audience.into(),
        from,
        to,
        precision: domain::timeline::Precision::Minute,
        degree: domain::timeline::impact::Degree::Full,
        share: None,
        affected: Some(6_420),
    }
}

#[test]
fn all_fifteen_key_instants_within_a_minute_are_legible() {
    let zone = Zone::of(None);
    let at = |seconds: i64| Instant::from_seconds(seconds);
    let instants = KeyInstant::ALL.into_iter().zip((0..).map(|n| at(3_600 + n * 4))).collect();
    for events in [vec![], vec![(at(0), "Gates", Shape::Person), (at(90_000), "Signs", Shape::Machine)]] {
        let drawn = draw(&scene(&zone, events, &HashSet::new(), &instants, &[])).unwrap();
        labels_are_legible(&drawn, &instants).unwrap();
        assert_eq!(drawn.wide.matches("class=\"key\"").count(), 15);
    }
}

#[test]
fn the_last_words_of_a_long_incident_are_legible_where_there_is_little_room() {
    let zone = Zone::of(None);
    let at = |minutes: i64| Instant::from_seconds(minutes * 60);
    let events = || {
        vec![
            (at(0), "北ホールの改札を開ける人たちと駅員の当直の班と運転指令の人たち", Shape::Person),
            (at(30), "WWW", Shape::Person),
        ]
    };
    // Nobody said when it was limited, so its end is the latest that is known: long words after a bar that fills the drawing.
    for (last, minutes) in
        [(KeyInstant::Resolved, 1_050), (KeyInstant::Resolved, 41_000), (KeyInstant::DamageEnd, 2_000)]
    {
        let instants = BTreeMap::from([
            (KeyInstant::ImpactStart, at(0)),
            (KeyInstant::Resolved, at(minutes)),
            (last, at(minutes)),
        ]);
        let gaps = [(at(minutes / 9), at(minutes))];
        let drawn =
            draw(&Scene { gaps: &gaps, ..scene(&zone, events(), &HashSet::new(), &instants, &[]) }).unwrap();
        labels_are_legible(&drawn, &instants).unwrap();
        let length = Span::minutes(minutes);
        for drawing in [&drawn.wide, &drawn.compact, &drawn.narrow] {
            assert!(
                drawing.contains(&format!(">{length} at most</text>")) && drawing.contains(">Felt outside<")
            );
            assert!(drawing.contains(">no record<"), "{drawing}");
        }
    }
}

#[test]
fn impact_names_its_service_and_its_audience() {
    let (zone, none) = (Zone::of(None), BTreeMap::new());
    let at = |minutes: i64| Instant::from_seconds(minutes * 60);
    let events = vec![(at(0), "Gates", Shape::Person), (at(120), "Gates", Shape::Person)];
    let felt = [
        interval("Gates of the older kind", "passengers of the south", at(-5), Some(at(121))),
        interval("Ticket app", "", at(20), Some(at(40))),
        interval("Gates of the older kind", "station staff", at(60), None),
    ];
    let drawn =
        draw(&Scene { felt: &felt, now: at(130), ..scene(&zone, events, &HashSet::new(), &none, &[]) });
    let drawn = drawn.unwrap();
    labels_are_legible(&drawn, &none).unwrap();
    for drawing in [&drawn.wide, &drawn.compact] {
        assert!(drawing.contains("passengers of the south, 2 h 6 min, 6420 affected"), "{drawing}");
        assert_eq!(drawing.matches(">Gates of the").count(), 1, "one service is named once");
    }
    assert!(
        drawn.narrow.contains("passengers of the south</text>")
            && drawn.narrow.contains(">Gates of the older kind, station staff</text>"),
        "{}",
        drawn.narrow
    );
    assert!(drawn.wide.contains("Ticket app: 20 min, 6420 affected. "), "whoever hears it is told as well");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_label_touches_another_or_leaves_the_drawing(
        keys in prop::collection::vec(0..10_000i64, 15),
        mask in 1u16..1 << 15,
        close in prop_oneof![1..1_000i64, -1_000..-1i64],
        felt in prop::collection::vec((0..10_000i64, 0..10_000i64, 0..4usize), 0..5),
    ) {
        let zone = Zone::of(Some("Europe/Amsterdam"));
        // From a few seconds to some months.
        let at = |seconds: i64| Instant::from_seconds(if close > 0 { seconds / close } else { seconds * -close });
        let instants: BTreeMap<_, _> = KeyInstant::ALL.into_iter().zip(keys.iter().map(|key| at(*key))).enumerate()
            .filter(|(n, _)| mask & (1 << n) != 0).map(|(_, it)| it).collect();
        let part = Some((at(0).plus(Span::seconds(-1)), at(10_000).plus(Span::seconds(1))));
        let audiences = ["", "passengers", "station staff of the southern lines", "everybody"];
        let felt: Vec<_> = felt.into_iter()
            .map(|(a, b, of)| interval("Gates of the older kind", audiences[of], at(a.min(b)), Some(at(a.max(b)))))
            .collect();
        let chat: Vec<_> = keys.iter().map(|key| (at(*key), 60, 7 + *key)).collect();
        let events = || vec![(at(keys[0]), "Ticket gates", Shape::Person), (at(keys[1]), "Ada", Shape::Machine)];
        let gaps = [(at(keys[0].min(keys[1])), at(keys[0].max(keys[1])))];
        for (part, chat) in [(None, &chat[..]), (part, &[])] {
            let drawn = draw(&Scene { felt: &felt, gaps: &gaps, part, ..scene(&zone, events(), &HashSet::new(), &instants, chat) });
            labels_are_legible(&drawn.unwrap(), &instants)?;
        }
    }

    #[test]
    fn any_incident_can_be_drawn_and_stays_small(
        times in prop::collection::vec(any::<i64>(), 0..400),
        keys in prop::collection::vec(any::<i64>(), 15),
        mask in 0u16..=u16::MAX,
        chat in prop::collection::vec((any::<i64>(), any::<i64>(), any::<i64>()), 0..50),
    ) {
        let zone = Zone::of(Some("Europe/Amsterdam"));
        let events: Vec<_> = times.into_iter()
            .map(|at| (Instant::from_micros(at), "Gates", Shape::Machine)).collect();
        let instants: BTreeMap<_, _> = KeyInstant::ALL.into_iter().zip(keys).enumerate()
            .filter(|(n, _)| mask & (1 << n) != 0)
            .map(|(_, (key, at))| (key, Instant::from_micros(at))).collect();
        let chat: Vec<_> = chat.into_iter().map(|(at, s, n)| (Instant::from_micros(at), s, n)).collect();
        if let Some(drawn) = draw(&scene(&zone, events, &HashSet::new(), &instants, &chat)) {
            prop_assert!(drawn.wide.len() < 200_000, "{}", drawn.wide.len());
            prop_assert!(!drawn.wide.contains("NaN") && !drawn.wide.contains("inf"));
        }
    }
}
