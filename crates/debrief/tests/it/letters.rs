//! What people wrote, in every letter: the whole corpus through every field that a letter carries, and what is meant for
//! mail servers and mail programs besides. Asserted on what arrived at a post office, read as mail programs read it.

#![expect(clippy::print_stdout, reason = "how much was tried is what is reported")]

use crate::{
    house::PASSPHRASE,
    markup::{Piece, dangers_of, pieces, tags},
    text::all_vectors,
};
use app::{Error, Outside, accounts, incidents, jobs, mail, people, sealed};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    PersonId,
    access::Actor,
    incident::{IncidentKind, IncidentNumber},
    instant::Span,
    person::Role,
    sealed::Audience,
};
use mail::{Change, Letter};
use std::collections::BTreeSet;
use testing::{Installation, PostOffice};

const BASE: &str = "https://debrief.example";
const HEADERS: [&str; 7] = ["content-type", "date", "from", "message-id", "mime-version", "subject", "to"];

/// Meant for mail servers and mail programs rather than for browsers.
const FOR_MAIL: [&str; 14] = [
    "=?utf-8?q?Larkfare=0D=0ABcc:_evil@evil.example?=",
    "=?utf-8?B?PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==?=",
    "=?utf-8?q?Your_bank?= =?utf-8?q?says?=",
    "==?utf-8?q?x?==??=",
    "Ada <evil@evil.example>, x",
    "\"Ada\" <evil@evil.example>",
    "Ada\\",
    "\\\" <evil@evil.example>, \"",
    "(a comment",
    "Ada; evil@evil.example",
    ". Ada",
    "..Ada",
    "Bcc: evil@evil.example",
    "--=_boundary Content-Type: text/html",
];

/// Nobody can be called so, and no workspace, and nobody can have such an address.
const REFUSED: [&str; 5] = [
    "Ada\r\nBcc: evil@evil.example",
    "Ada\nSubject: Another",
    "Ada\rTo: evil@evil.example",
    "Ada\u{0}",
    "Ada\u{2028}Bcc: evil@evil.example",
];

/// Reasons have several lines.
const LINES: [&str; 3] = [
    "We looked.\n.\nMAIL FROM:<evil@evil.example>\nRCPT TO:<evil@evil.example>\nDATA\nSubject: Another",
    "We looked.\r\n.\r\nQUIT\r\n",
    "..\n.\n..",
];

/// A letter of a new sort is to be sent here as well.
fn sort(letter: &Letter) -> &'static str {
    match letter {
        Letter::SignIn { .. } => "sign in",
        Letter::Invitation { .. } => "invitation",
        Letter::Notice { .. } => "notice",
        Letter::TokenEnds { .. } => "token ends",
        Letter::Opened { .. } => "opened",
        Letter::MovedOut { .. } => "moved out",
    }
}

const CHANGES: [Change; 5] =
    [Change::NewDevice, Change::Passphrase, Change::Passkey, Change::FactorSet, Change::FactorRemoved];

/// A part of a letter or the letter itself: what is said about it, and what it holds.
struct Part {
    headers: Vec<(String, String)>,
    body: String,
}

impl Part {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
        let headers = unfolded.lines().map(|line| {
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("a header is {line:?}"));
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Self { headers: headers.collect(), body: body.to_owned() }
    }

    fn says(&self, name: &str) -> &str {
        let of: Vec<&str> = self.headers.iter().filter(|it| it.0 == name).map(|it| it.1.as_str()).collect();
        assert_eq!(of.len(), 1, "{name}: {of:?}");
        of[0]
    }

    /// The parts within it.
    fn parts(&self) -> Vec<Self> {
        let kind = self.says("content-type");
        let boundary = kind.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
        let line = format!("--{boundary}");
        let between = self.body.split(&line).skip(1);
        between
            .take_while(|part| !part.starts_with("--"))
            .map(|part| Self::read(part.trim_start_matches('\n')))
            .collect()
    }

    /// Its words.
    fn text(&self) -> String {
        match self.says("content-transfer-encoding") {
            "quoted-printable" => quoted_printable(&self.body.replace("=\n", "")),
            "base64" => decoded(&self.body.replace('\n', "")),
            "7bit" | "8bit" => self.body.clone(),
            other => panic!("an encoding is called {other}"),
        }
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

fn quoted_printable(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut parts = text.split('=');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// What a mail program makes of an encoded word (RFC 2047), wherever one may stand.
fn word(token: &str) -> Option<String> {
    let mut parts = token.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let (_, how, text) = (parts.next()?, parts.next()?, parts.next()?);
    match how {
        "b" | "B" => Some(decoded(text)),
        _ => Some(quoted_printable(&text.replace('_', " "))),
    }
}

/// A header as it is read: encoded words are decoded, and blanks between two of them mean nothing.
fn read(value: &str) -> String {
    let (mut text, mut after_word) = (String::new(), false);
    for token in value.split(' ').filter(|token| !token.is_empty()) {
        let found = word(token);
        let goes_on = after_word && found.is_some();
        if !(text.is_empty() || goes_on) {
            text.push(' ');
        }
        after_word = found.is_some();
        text.push_str(found.as_deref().unwrap_or(token));
    }
    text
}

/// The name before the address of a header, without its quotes.
fn name_of(to: &str) -> String {
    let name = to.rsplit_once(" <").map_or("", |(name, _)| name);
    let inner = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let mut plain = String::new();
    let mut escaped = false;
    for c in inner.unwrap_or(name).chars() {
        if c == '\\' && !escaped && inner.is_some() {
            escaped = true;
            continue;
        }
        assert!(inner.is_none() || escaped || c != '"', "a quoted name ends early: {to}");
        escaped = false;
        plain.push(c);
    }
    read(&plain)
}

fn blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As the head of a letter says it: what a mail program would take for an encoded word is taken apart.
fn in_head(text: &str) -> String {
    blanks(&text.replace("=?", "= ?"))
}

/// One letter, read as a mail program reads it; answers its subject and its words.
fn check(letter: &testing::Letter, to: &str, name: &str) -> (String, String) {
    assert_eq!(letter.to, [to], "{}", letter.text);
    let whole = Part::read(&letter.text);
    let names: Vec<&str> =
        whole.headers.iter().map(|it| it.0.as_str()).filter(|it| *it != "message-id").collect();
    let all: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), all.len(), "a header stands twice: {}", letter.text);
    assert!(all.iter().all(|name| HEADERS.contains(name) || *name == "content-transfer-encoding"), "{all:?}");
    assert_eq!(
        whole.says("from"),
        "\"Debrief\" <debrief@larkfare.example>".trim_matches(' ').replace('"', ""),
        "{}",
        letter.text
    );
    assert!(whole.says("to").ends_with(&format!("<{to}>")) || whole.says("to") == to, "{}", whole.says("to"));
    assert_eq!(blanks(&name_of(whole.says("to"))), in_head(name), "{}", letter.text);
    for (header, value) in &whole.headers {
        assert!(value.is_ascii() && !value.contains(char::is_control), "{header}: {value:?}");
    }
    let subject = read(whole.says("subject"));
    assert!(!subject.contains(char::is_control), "{subject:?}");

    let parts = whole.parts();
    assert_eq!(parts.len(), 2, "{}", letter.text);
    let (text, html) = (parts[0].text(), parts[1].text());
    assert!(parts[0].says("content-type").starts_with("text/plain; charset=utf-8"));
    assert!(parts[1].says("content-type").starts_with("text/html; charset=utf-8"));
    let found = dangers_of(&pieces(&html), false);
    assert!(found.is_empty(), "{found:?}");
    for tag in tags(&html) {
        assert!(["html", "body", "p", "a"].contains(&tag.name.as_str()), "{tag:?}");
        for (attribute, value) in &tag.attributes {
            let known = match (tag.name.as_str(), attribute.as_str()) {
                ("html", "lang") => value == "en",
                ("a", "href") => {
                    value.starts_with(&format!("{BASE}/")) && !value.contains(char::is_whitespace)
                }
                _ => false,
            };
            assert!(known, "{attribute}={value} in {tag:?}");
        }
    }
    let words: String = pieces(&html)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => words,
            Piece::Start(_) | Piece::End(_) => " ".to_owned(),
        })
        .collect();
    // Both say the same, but for the address that stands behind a word in one of them.
    for line in text.lines().filter(|line| !line.starts_with(BASE)) {
        assert!(blanks(&words).contains(&blanks(line)), "{line:?} is not in {words:?}");
    }
    (subject, blanks(&text))
}

async fn enqueue(place: &Installation, of: &Round, letters: Vec<Letter>) {
    let mut tx = of.db.write().await.unwrap();
    for letter in letters {
        jobs::enqueue(&place.app, &mut tx, &jobs::Job::Mail(letter)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What one round of letters is about.
struct Round {
    db: store::Db,
    wren: PersonId,
    ada: Actor,
    number: IncidentNumber,
    place: domain::SealedId,
}

/// Every letter once, with `words` wherever letters take words; answers how many came.
async fn send(
    place: &Installation,
    office: &PostOffice,
    of: &Round,
    n: usize,
    words: &str,
    reason: &str,
) -> usize {
    let app = &place.app;
    place.clock.advance(Span::hours(2));
    let words: String = words.chars().take(100).collect();
    let before = app::workspace::show(app).await.unwrap();
    app::workspace::edit(app, &of.ada, app::workspace::Workspace { name: words.clone(), ..before })
        .await
        .unwrap();
    let wren = Actor { person: Some(of.wren), name: words.clone(), role: Role::Member, ..of.ada.clone() };
    people::update_me(app, &wren, &words, None).await.unwrap();
    people::update_me(app, &of.ada, &words, None).await.unwrap();
    let ada = Actor { name: words.clone(), ..of.ada.clone() };

    let here = office.letters().len();
    let mut sorts = BTreeSet::new();
    let mut expected = Vec::new();
    let (to, invited) = ("wren@larkfare.example", format!("invited{n}@larkfare.example"));
    let place_said = in_head(&words);
    let sign_in = Letter::SignIn { email: to.into() };
    sorts.insert(sort(&sign_in));
    let mut asked = vec![sign_in];
    expected.push((to.to_owned(), format!("Sign in to {place_said}"), vec![words.clone()]));
    for change in CHANGES {
        let notice = Letter::Notice { person: of.wren, change, at: app.now() };
        sorts.insert(sort(&notice));
        asked.push(notice);
        expected.push((to.to_owned(), format!("· {place_said}"), vec![]));
    }
    let new = app::tokens::New { days: Some(14), ..app::tokens::New::from(words.as_str()) };
    app::tokens::create(app, &wren, new).await.unwrap();
    let token = app::tokens::list(app, &wren).await.unwrap()[0].id;
    let ends = Letter::TokenEnds { token, to: of.wren };
    sorts.insert(sort(&ends));
    asked.push(ends);
    expected.push((
        to.to_owned(),
        format!("An API token ends soon · {place_said}"),
        vec![format!("“{words}” ends on")],
    ));
    let moved = Letter::MovedOut { place: of.place.0 };
    sorts.insert(sort(&moved));
    asked.push(moved);
    enqueue(place, of, asked).await;
    expected.push((to.to_owned(), format!("· {place_said}"), vec![of.number.to_string()]));
    people::invite(app, &ada, &words, &invited, Role::Reader).await.unwrap();
    sorts.insert("invitation");
    expected.push((
        invited.clone(),
        format!("You are invited to {place_said}"),
        vec![format!("Hello {words},")],
    ));
    sealed::open_with_reason(app, &ada, of.number, of.place, reason).await.unwrap();
    sorts.insert("opened");
    expected.push((
        to.to_owned(),
        format!("was opened · {place_said}"),
        vec![format!("{words} opened"), reason.to_owned()],
    ));
    assert_eq!(sorts.len(), 6, "every sort of letter: {sorts:?}");

    jobs::run_due(app, &jobs::Duties::default()).await.unwrap();
    app::tokens::revoke(app, &wren, token).await.unwrap();
    let letters = office.letters().split_off(here);
    assert_eq!(letters.len(), expected.len(), "{letters:#?}");
    let mut came: Vec<_> =
        letters.iter().map(|letter| (letter, check(letter, &letter.to[0], &words))).collect();
    // Those that say most are found first: a notice says little that no other letter says.
    expected.sort_by_key(|it| std::cmp::Reverse(it.2.len()));
    for (to, subject, said) in expected {
        let fits = |(letter, (is, text)): &(&testing::Letter, (String, String))| {
            letter.to == [to.as_str()]
                && blanks(is).contains(&blanks(&subject))
                && said.iter().all(|words| text.contains(&blanks(words)))
        };
        let at = came
            .iter()
            .position(fits)
            .unwrap_or_else(|| panic!("no letter to {to} says {subject:?} and {said:?}: {came:#?}"));
        came.swap_remove(at);
    }
    letters.len()
}

testing::both! {
    async fn the_whole_corpus_through_every_letter(place: Installation) {
        let office = PostOffice::open().await;
        let settings = mail::Settings {
            smtp_url: office.url(),
            from: "Debrief <debrief@larkfare.example>".into(),
            public_url: BASE.into(),
        };
        let place = place.with(Outside { mail: Some(settings), ..Outside::default() }).await;
        let app = &place.app;
        let ada = place.somebody("Ada", Role::Administrator).await;
        let wren = place.somebody("Wren", Role::Member).await;
        let said = incidents::Declaration {
            title: "Gates".into(), summary: String::new(), kind: IncidentKind::Incident, severity: None,
            services: vec![], team: None, declared_at: None,
        };
        let number = incidents::declare(app, &wren, said).await.unwrap().number;
        let account = accounts::said(|_| "A lamp").unwrap();
        let sealed = accounts::tell(app, &wren, number, None, &account, Audience::Author).await.unwrap();
        let db = store::Db::open(place.database_url()).await.unwrap();
        let of = Round { db, wren: wren.person.unwrap(), ada: ada.clone(), number, place: sealed };

        let mut came = 0;
        let vectors: Vec<String> = all_vectors().into_iter().chain(FOR_MAIL.map(str::to_owned)).collect();
        for (n, words) in vectors.iter().enumerate() {
            came += send(&place, &office, &of, n, words, words).await;
        }
        for (n, reason) in LINES.iter().enumerate() {
            came += send(&place, &office, &of, vectors.len() + n, "Larkfare", reason).await;
        }
        let mut refused = 0;
        for words in REFUSED {
            let before = app::workspace::show(app).await.unwrap();
            let named = app::workspace::Workspace { name: words.into(), ..before };
            assert!(matches!(app::workspace::edit(app, &ada, named).await, Err(Error::Invalid { .. })), "{words:?}");
            assert!(matches!(people::update_me(app, &wren, words, None).await, Err(Error::Invalid { .. })), "{words:?}");
            assert!(matches!(people::invite(app, &ada, words, "x@larkfare.example", Role::Reader).await, Err(Error::Invalid { .. })));
            for address in [format!("x@larkfare.example{words}"), format!("{words}@larkfare.example")] {
                assert!(matches!(people::invite(app, &ada, "X", &address, Role::Reader).await, Err(Error::Invalid { .. })), "{address:?}");
                assert!(matches!(mail::ask_for_link(app, &address, &device()).await, Err(Error::Invalid { .. })), "{address:?}");
                refused += 2;
            }
            refused += 3;
        }
        assert!(office.letters().iter().all(|letter| !letter.text.contains(PASSPHRASE) && !letter.text.contains("A lamp")));
        println!("corpus={} letters={came} refused={refused}", vectors.len() + LINES.len());
    }
}

fn device() -> app::sign_in::Device {
    app::sign_in::Device { agent: "A test".into(), address: "192.0.2.1".into() }
}
