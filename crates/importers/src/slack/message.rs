//! One message as evidence.

use super::{
    directory::Profile,
    text::{Names, plain},
};
use crate::{
    json,
    record::{bounded_id, clean, line, web_address},
};
use domain::{
    Instant,
    evidence::{Author, AuthorKind, Evidence, Facts, FileFact, Reaction, Signal, Source},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// What a message needs from around it.
pub struct Around<'a> {
    pub names: &'a Names,
    /// The id of the channel.
    pub channel: &'a str,
    /// How people read the channel, for instance `#inc-checkout`.
    pub place: &'a str,
    /// The `ts` of pinned messages.
    pub pinned: &'a HashSet<String>,
}

/// A message and what it says about other messages.
pub struct Read {
    pub evidence: Evidence,
    /// The `ts` of the message that this record says was pinned.
    pub pins: Option<String>,
}

/// Parts that are nice to have stay raw until they are needed: a strange one then harms nothing else.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    ts: Option<&'a RawValue>,
    subtype: Option<String>,
    user: Option<String>,
    text: Option<String>,
    bot_id: Option<String>,
    username: Option<String>,
    #[serde(borrow)]
    thread_ts: Option<&'a RawValue>,
    #[serde(borrow)]
    edited: Option<&'a RawValue>,
    #[serde(borrow)]
    bot_profile: Option<&'a RawValue>,
    #[serde(borrow)]
    user_profile: Option<&'a RawValue>,
    #[serde(borrow)]
    attachments: Option<&'a RawValue>,
    #[serde(borrow)]
    blocks: Option<&'a RawValue>,
    #[serde(borrow)]
    reactions: Option<&'a RawValue>,
    #[serde(borrow)]
    files: Option<&'a RawValue>,
    #[serde(borrow)]
    file: Option<&'a RawValue>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
    #[serde(borrow)]
    pinned_to: Option<&'a RawValue>,
    #[serde(borrow)]
    permalink: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Edited {
    ts: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attachment {
    pretext: Option<String>,
    title: Option<String>,
    text: Option<String>,
    fallback: Option<String>,
    fields: Vec<Field>,
    ts: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Field {
    title: Option<String>,
    value: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct GivenReaction {
    name: String,
    users: Vec<String>,
    count: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    title: Option<String>,
    name: Option<String>,
    permalink: Option<String>,
    url_private: Option<String>,
    user: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Comment {
    comment: Option<String>,
    user: Option<String>,
}

/// The message's own time as text, for previews.
pub fn ts(raw: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Stamp<'a> {
        #[serde(borrow)]
        ts: &'a RawValue,
    }
    json::typed::<Stamp<'_>>(raw).ok().and_then(|it| stamp(it.ts))
}

/// Reads one message; the reason is the end of a sentence.
pub fn read(raw: &RawValue, around: &Around<'_>) -> Result<Read, String> {
    let message: Message<'_> = json::typed(raw)?;
    let ts = message.ts.and_then(stamp).ok_or("the message has no time")?;
    let at = instant(&ts)
        .ok_or_else(|| format!("“{}” is not a time", crate::pagerduty::shorten(&line(&ts), 40)))?;
    let subtype = message.subtype.as_deref().unwrap_or_default();
    let files: Vec<File> =
        part(message.files).or_else(|| part(message.file).map(|it| vec![it])).unwrap_or_default();
    let comment: Comment = part(message.comment).unwrap_or_default();
    let author = author(&message, &files, &comment, around.names);
    let attachments: Vec<Attachment> = part(message.attachments).unwrap_or_default();
    let machine = author.as_ref().is_some_and(|it| it.kind == AuthorKind::Machine);
    let signal = signal(&message, machine, !files.is_empty());
    let (text, mentions) = words(&message, signal, &attachments, &files, &comment, around.names);
    let thread = message.thread_ts.and_then(stamp).filter(|it| *it != ts);
    let edited: Option<Edited> = part(message.edited);
    let pinned_to: Vec<String> = part(message.pinned_to).unwrap_or_default();
    let pinned = around.pinned.contains(&ts) || !pinned_to.is_empty();
    let pins = match subtype {
        "pinned_item" => attachments.iter().find_map(|it| it.ts.as_str().map(str::to_owned)),
        _ => None,
    };
    let evidence = Evidence {
        source: Source::Slack,
        source_id: id(around.channel, &ts),
        at,
        author,
        signal,
        text,
        place: Some(around.place.to_owned()),
        url: web_address(part::<String>(message.permalink).as_deref()),
        facts: Facts {
            source_type: if subtype.is_empty() { "message".to_owned() } else { line(subtype) },
            reactions: reactions(message.reactions),
            pinned,
            thread: thread.map(|it| id(around.channel, &it)),
            edited_at: edited.and_then(|it| it.ts).and_then(|it| instant(&it)),
            files: files.iter().map(file_fact).collect(),
            people: mentions,
            ..Facts::default()
        },
        raw: raw.get().to_owned(),
    };
    Ok(Read { evidence, pins })
}

/// The `source_id` of a message: unique within a workspace except for colliding times.
pub fn id(channel: &str, ts: &str) -> String {
    bounded_id(line(&format!("{channel}:{ts}")))
}

/// `1433558319.000002`: seconds and microseconds since 1970, up to the year 9999. Zero is no time: nobody wrote then.
pub fn instant(ts: &str) -> Option<Instant> {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, ""));
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    if seconds.is_empty() || seconds.len() > 12 || !digits(seconds) || !digits(fraction) {
        return None;
    }
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros = seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(micros.parse().ok()?)?;
    (1..=Instant::MAX.as_micros()).contains(&micros).then(|| Instant::from_micros(micros))
}

/// A `ts` is a text; some tools write it as a number.
fn stamp(raw: &RawValue) -> Option<String> {
    let text = raw.get();
    if text.starts_with('"') {
        return serde_json::from_str(text).ok();
    }
    text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.to_owned())
}

fn part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    raw.and_then(|it| json::typed(it).ok())
}

fn author(message: &Message<'_>, files: &[File], comment: &Comment, names: &Names) -> Option<Author> {
    let user = message.user.as_deref().filter(|it| !it.is_empty());
    let user = user.or(comment.user.as_deref());
    // Old exports name the person who shared a file only in the file.
    let user = user.or_else(|| {
        let uploaded = message.bot_id.is_none() && message.subtype.as_deref() == Some("file_share");
        files.iter().filter(|_| uploaded).find_map(|it| it.user.as_deref())
    });
    let of_bot = || -> Option<String> {
        let profile: Option<Profile> = part(message.bot_profile);
        let named = message.username.as_deref().map(|it| plain(it, names).text);
        named.or_else(|| profile.and_then(|it| it.name)).map(|it| line(&it)).filter(|it| !it.is_empty())
    };
    if let Some(id) = user {
        let known = names.people.get(id);
        let machine = known.map_or(message.bot_id.is_some() || id == "USLACKBOT", |it| it.machine);
        let profile = || part::<Profile>(message.user_profile).and_then(|it| it.label());
        let name = match known {
            Some(person) => Some(person.name.clone()),
            None if machine => of_bot().or_else(profile),
            None => profile(),
        };
        let kind = match (machine, &name) {
            (true, _) => AuthorKind::Machine,
            (false, Some(_)) => AuthorKind::Person,
            (false, None) => AuthorKind::Unknown,
        };
        let name = name.unwrap_or_else(|| names.person(id));
        return Some(Author { name, kind, source_id: Some(bounded_id(id.to_owned())) });
    }
    let id = message.bot_id.as_deref().filter(|it| !it.is_empty());
    let name = of_bot().or_else(|| id.map(|id| format!("Unknown bot {}", line(id))))?;
    Some(Author { name, kind: AuthorKind::Machine, source_id: id.map(|it| bounded_id(it.to_owned())) })
}

/// The subtypes of Slack's message event, and a few that only exports have.
fn signal(message: &Message<'_>, machine: bool, files: bool) -> Signal {
    let silent = message.text.as_deref().is_none_or(|it| it.trim().is_empty());
    match message.subtype.as_deref().unwrap_or_default() {
        "pinned_item" | "channel_topic" | "channel_purpose" | "group_topic" | "group_purpose" => {
            Signal::Marked
        }
        "channel_join"
        | "channel_leave"
        | "channel_name"
        | "channel_archive"
        | "channel_unarchive"
        | "channel_convert_to_private"
        | "channel_convert_to_public"
        | "channel_canvas_updated"
        | "channel_posting_permissions"
        | "group_join"
        | "group_leave"
        | "group_name"
        | "group_archive"
        | "group_unarchive"
        | "bot_add"
        | "bot_remove"
        | "bot_enable"
        | "bot_disable"
        | "unpinned_item"
        | "reminder_add"
        | "reminder_delete"
        | "ekm_access_denied"
        | "huddle_thread"
        | "sh_room_created"
        | "joiner_notification"
        | "slackbot_response"
        | "tombstone" => Signal::Housekeeping,
        // Old exports put “uploaded a file” in the text, so a share there says nothing by itself.
        "file_share" if message.file.is_some() || silent => Signal::File,
        "file_mention" => Signal::File,
        "bot_message" => Signal::BotMessage,
        _ if machine => Signal::BotMessage,
        _ if message.bot_id.is_some() && message.user.is_none() => Signal::BotMessage,
        _ if files && silent => Signal::File,
        _ => Signal::Message,
    }
}

/// The words of a message: its text, else its blocks, else what is attached. Bots and pins often say
/// the essential in attachments, so these are added for them.
fn words(
    message: &Message<'_>,
    signal: Signal,
    attachments: &[Attachment],
    files: &[File],
    comment: &Comment,
    names: &Names,
) -> (String, Vec<String>) {
    let mut said = plain(message.text.as_deref().unwrap_or_default(), names);
    if let Some(comment) = comment.comment.as_deref().filter(|_| said.text.is_empty()) {
        said = plain(comment, names);
    }
    if said.text.is_empty() {
        said = plain(&blocks(message.blocks), names);
    }
    if said.text.is_empty() || matches!(signal, Signal::BotMessage | Signal::Marked) {
        for piece in attachments.iter().take(50).map(|it| attached(it, names)) {
            if !piece.is_empty() && !said.text.contains(&piece) {
                said.text = if said.text.is_empty() { piece } else { format!("{}\n{piece}", said.text) };
            }
        }
    }
    if said.text.is_empty() && !files.is_empty() {
        let titles: Vec<_> = files.iter().take(20).map(|it| file_fact(it).name).collect();
        said.text = format!("Shared {}", titles.join(", "));
    }
    (clean(&said.text), said.mentions)
}

fn attached(it: &Attachment, names: &Names) -> String {
    let mut lines = Vec::new();
    for part in [&it.pretext, &it.title, &it.text].into_iter().flatten() {
        lines.push(plain(part, names).text);
    }
    for field in it.fields.iter().take(30) {
        let value = match &field.value {
            serde_json::Value::String(text) => plain(text, names).text,
            serde_json::Value::Null => continue,
            other => other.to_string(),
        };
        lines.push(match field.title.as_deref().map(line).filter(|it| !it.is_empty()) {
            Some(title) => format!("{title}: {value}"),
            None => value,
        });
    }
    lines.retain(|it| !it.is_empty());
    match (&it.fallback, lines.is_empty()) {
        (Some(fallback), true) => plain(fallback, names).text,
        _ => lines.join("\n"),
    }
}

/// The text inside Block Kit blocks, in Slack's format. Parsing stops at a depth of 128, so this may recurse.
fn blocks(raw: Option<&RawValue>) -> String {
    fn walk(value: &serde_json::Value, out: &mut String) {
        match value {
            serde_json::Value::Array(items) => items.iter().for_each(|it| walk(it, out)),
            serde_json::Value::Object(fields) => {
                let kind = fields.get("type").and_then(|it| it.as_str()).unwrap_or_default();
                let field = |name: &str| fields.get(name).and_then(|it| it.as_str()).unwrap_or_default();
                match kind {
                    "user" => out.push_str(&format!("<@{}>", field("user_id"))),
                    "channel" => out.push_str(&format!("<#{}>", field("channel_id"))),
                    "emoji" => out.push_str(&format!(":{}:", field("name"))),
                    "link" => out.push_str(&format!("<{}|{}>", field("url"), field("text"))),
                    "broadcast" => out.push_str(&format!("<!{}>", field("range"))),
                    _ if field("text").is_empty() => {
                        for name in ["text", "title", "elements", "fields"] {
                            fields.get(name).into_iter().for_each(|it| walk(it, out));
                        }
                    }
                    _ => out.push_str(field("text")),
                }
                let ends_line =
                    ["section", "header", "context", "rich_text_section", "rich_text_preformatted"];
                if ends_line.contains(&kind) && !out.is_empty() {
                    out.push('\n');
                }
            }
            _ => {}
        }
    }
    let mut out = String::new();
    if let Some(value) = part::<serde_json::Value>(raw) {
        walk(&value, &mut out);
    }
    out
}

fn reactions(raw: Option<&RawValue>) -> Vec<Reaction> {
    let given: Vec<GivenReaction> = part(raw).unwrap_or_default();
    let count = |it: &GivenReaction| it.count.max(u32::try_from(it.users.len()).unwrap_or(u32::MAX));
    given.iter().take(200).map(|it| Reaction { name: line(&it.name), count: count(it) }).collect()
}

fn file_fact(file: &File) -> FileFact {
    let name = [&file.title, &file.name].into_iter().flatten().map(|it| line(it)).find(|it| !it.is_empty());
    let url = web_address(file.permalink.as_deref()).or_else(|| web_address(file.url_private.as_deref()));
    FileFact { name: name.unwrap_or_else(|| "a file".to_owned()), url }
}
