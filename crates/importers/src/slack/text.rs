//! Slack's message text as plain text: references become names, links their label, markup goes.
//!
//! The format is described in Slack's “Formatting text for app surfaces”. Every search for a closing
//! mark is bounded, so that the work is linear in the length of the text whatever it holds.

use std::collections::HashMap;

/// Names of people and channels by id.
#[derive(Debug, Default)]
pub struct Names {
    /// By user id.
    pub people: HashMap<String, Person>,
    /// Channel names by id, without `#`.
    pub channels: HashMap<String, String>,
}

/// Somebody in the directory of the workspace.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name people read.
    pub name: String,
    /// Whether it is a bot or an app.
    pub machine: bool,
}

impl Names {
    /// The name for a user id; unknown people are called so.
    pub fn person(&self, id: &str) -> String {
        match self.people.get(id) {
            Some(person) => person.name.clone(),
            None if id == "USLACKBOT" => "Slackbot".to_owned(),
            None => format!("Unknown person {}", crate::record::line(id)),
        }
    }
}

/// Plain text and whom it mentions.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plain {
    pub text: String,
    /// Names, each once, in order.
    pub mentions: Vec<String>,
}

/// The longest reference that is looked for, in bytes.
const REFERENCE: usize = 8_000;
/// The farthest closing mark of `*bold*` and the like, in bytes.
const MARKUP: usize = 400;

/// Reads `text`, which is in Slack's format.
pub fn plain(text: &str, names: &Names) -> Plain {
    let mut out = Plain { text: String::with_capacity(text.len()), mentions: Vec::new() };
    let mut rest = text;
    let mut before = None;
    let mut closers: Vec<usize> = Vec::new(); // remaining lengths at which a closing mark stands
    let mut fences = true;
    while let Some(c) = rest.chars().next() {
        if closers.last() == Some(&rest.len()) {
            closers.pop();
            rest = &rest[1..];
            continue;
        }
        let step = match c {
            '`' if fences && rest.starts_with("```") => match rest[3..].find("```") {
                Some(end) => {
                    verbatim(rest[3..3 + end].trim_matches('\n'), names, &mut out);
                    Some(end + 6)
                }
                None => {
                    fences = false;
                    None
                }
            },
            '`' => closing(rest, '`').map(|end| {
                verbatim(&rest[1..end], names, &mut out);
                end + 1
            }),
            '<' => reference(rest, names, &mut out),
            '&' => entity(rest, &mut out.text),
            '*' | '_' | '~' if before.is_none_or(|it: char| !it.is_alphanumeric() && it != c) => {
                emphasis(rest, c).inspect(|end| closers.push(rest.len() - end)).map(|_| 1)
            }
            ':' => emoji(rest, &mut out.text),
            _ => None,
        };
        let step = step.unwrap_or_else(|| {
            out.text.push(c);
            c.len_utf8()
        });
        before = rest[..step].chars().next_back();
        rest = &rest[step..];
        while closers.last().is_some_and(|at| *at > rest.len()) {
            closers.pop();
        }
    }
    out.text = crate::record::clean(&out.text);
    out
}

/// Code: references and entities are still written in Slack's way, everything else stays.
fn verbatim(code: &str, names: &Names, out: &mut Plain) {
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let step = match c {
            '<' => reference(rest, names, out),
            '&' => entity(rest, &mut out.text),
            _ => None,
        };
        let step = step.unwrap_or_else(|| {
            out.text.push(c);
            c.len_utf8()
        });
        rest = &rest[step..];
    }
}

/// The position of the next `mark` on this line, at least one character away.
fn closing(rest: &str, mark: char) -> Option<usize> {
    let line = rest.as_bytes().iter().take(MARKUP).skip(1).take_while(|it| **it != b'\n');
    let at = line.clone().position(|it| *it == mark as u8)? + 1;
    (at > 1).then_some(at)
}

/// The position of the mark that closes the one `rest` begins with, if this is emphasis at all.
fn emphasis(rest: &str, mark: char) -> Option<usize> {
    let bytes = rest.as_bytes();
    if bytes.get(1).is_none_or(|next| next.is_ascii_whitespace() || *next == mark as u8) {
        return None;
    }
    let line = bytes.iter().enumerate().take(MARKUP).skip(2).take_while(|(_, it)| **it != b'\n');
    line.filter(|(_, it)| **it == mark as u8).map(|(at, _)| at).find(|at| {
        let after = rest.get(at + 1..).and_then(|it| it.chars().next());
        !bytes[at - 1].is_ascii_whitespace() && after.is_none_or(|it| !it.is_alphanumeric() && it != mark)
    })
}

/// `<@U1>`, `<#C1|name>`, `<!here>`, `<https://…|label>`: how many bytes it took.
fn reference(rest: &str, names: &Names, out: &mut Plain) -> Option<usize> {
    let end = rest.as_bytes().iter().take(REFERENCE).position(|it| *it == b'>')?;
    let inner = &rest[1..end];
    let (target, label) = inner.split_once('|').map_or((inner, ""), |(target, label)| (target, label.trim()));
    let (sort, id) = target.split_at_checked(1)?;
    match sort {
        "@" => {
            // The directory knows better than a label, which may be an old handle.
            let known = names.people.contains_key(id) || label.is_empty();
            let name = if known { names.person(id) } else { label.trim_start_matches('@').to_owned() };
            out.text.push('@');
            out.text.push_str(&name);
            if out.mentions.len() < 100 && !out.mentions.contains(&name) {
                out.mentions.push(name);
            }
        }
        "#" => {
            let name =
                names.channels.get(id).map_or(if label.is_empty() { id } else { label }, String::as_str);
            out.text.push('#');
            out.text.push_str(name);
        }
        "!" => special(id, label, out),
        _ if target.contains(':') => {
            decoded(if label.is_empty() { shown(target) } else { label }, &mut out.text)
        }
        _ => return None,
    }
    Some(end + 1)
}

/// `<!here>`, `<!subteam^S1|@oncall>`, `<!date^…|yesterday>`.
fn special(id: &str, label: &str, out: &mut Plain) {
    let (word, rest) = id.split_once('^').unwrap_or((id, ""));
    match word {
        "here" | "channel" | "everyone" => {
            out.text.push('@');
            out.text.push_str(word);
        }
        "subteam" => {
            out.text.push('@');
            out.text.push_str(if label.is_empty() { rest } else { label.trim_start_matches('@') });
        }
        _ => decoded(if label.is_empty() { word } else { label }, &mut out.text),
    }
}

/// A bare address as people read it.
fn shown(target: &str) -> &str {
    target.strip_prefix("mailto:").or_else(|| target.strip_prefix("tel:")).unwrap_or(target)
}

/// Text in which only entities are special.
fn decoded(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let step = if c == '&' { entity(rest, out) } else { None };
        let step = step.unwrap_or_else(|| {
            out.push(c);
            c.len_utf8()
        });
        rest = &rest[step..];
    }
}

/// The three entities that Slack uses, and two that old exports have.
fn entity(rest: &str, out: &mut String) -> Option<usize> {
    let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", ' ')];
    let (text, c) = known.into_iter().find(|(text, _)| rest.starts_with(text))?;
    out.push(c);
    Some(text.len())
}

/// The few short names that incident chat is full of; others stay as written.
const EMOJI: &[(&str, &str)] = &[
    ("+1", "👍"),
    ("-1", "👎"),
    ("boom", "💥"),
    ("checkered_flag", "🏁"),
    ("eyes", "👀"),
    ("fire", "🔥"),
    ("heavy_check_mark", "✔"),
    ("large_green_circle", "🟢"),
    ("large_orange_circle", "🟠"),
    ("large_yellow_circle", "🟡"),
    ("no_entry", "⛔"),
    ("pray", "🙏"),
    ("pushpin", "📌"),
    ("red_circle", "🔴"),
    ("rocket", "🚀"),
    ("rotating_light", "🚨"),
    ("round_pushpin", "📍"),
    ("slightly_smiling_face", "🙂"),
    ("tada", "🎉"),
    ("thinking_face", "🤔"),
    ("thumbsup", "👍"),
    ("warning", "⚠"),
    ("wave", "👋"),
    ("white_check_mark", "✅"),
    ("x", "❌"),
];

fn emoji(rest: &str, out: &mut String) -> Option<usize> {
    let end = rest.as_bytes().iter().take(40).skip(1).position(|it| *it == b':')? + 1;
    let name = rest.get(1..end)?;
    let (_, emoji) = EMOJI.iter().find(|(known, _)| *known == name)?;
    out.push_str(emoji);
    Some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let person = |name: &str| Person { name: name.to_owned(), machine: false };
        Names {
            people: HashMap::from([("U1".to_owned(), person("Ada Lindqvist"))]),
            channels: HashMap::from([("C1".to_owned(), "inc-checkout".to_owned())]),
        }
    }

    #[test]
    fn references_become_names() {
        for (slack, readable) in [
            ("<@U1> look", "@Ada Lindqvist look"),
            ("<@U1|ada> look", "@Ada Lindqvist look"),
            ("<@U9|ben> look", "@ben look"),
            ("<@U9> look", "@Unknown person U9 look"),
            ("see <#C1> and <#C9|other>", "see #inc-checkout and #other"),
            ("<!here> <!channel> <!subteam^S1|@oncall>", "@here @channel @oncall"),
            ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
            ("<https://x.example/?a=1&amp;b=2|the graph>", "the graph"),
            ("<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
            ("<mailto:a@x.example|a@x.example>", "a@x.example"),
            ("a &lt; b &amp;&amp; c &gt; d &amp;lt;", "a < b && c > d &lt;"),
            ("1 < 2", "1 < 2"),
            ("<not closed", "<not closed"),
            ("<>", "<>"),
        ] {
            assert_eq!(plain(slack, &names()).text, readable);
        }
        assert_eq!(plain("<@U1> <@U1> <@U2>", &names()).mentions, ["Ada Lindqvist", "Unknown person U2"]);
    }

    #[test]
    fn markup_goes_and_code_stays() {
        for (slack, readable) in [
            ("*Decision:* we _roll back_ ~now~", "Decision: we roll back now"),
            ("*bold _and_ more*", "bold and more"),
            ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
            ("* not a list *", "* not a list *"),
            ("run `kubectl get *pods*` now", "run kubectl get *pods* now"),
            ("```ERROR *x*\n  at y```", "ERROR *x*\n  at y"),
            ("``` never closed *b*", "``` never closed b"),
            (":fire: it :unknown: 12:30:45", "🔥 it :unknown: 12:30:45"),
            ("é*b*", "é*b*"),
        ] {
            assert_eq!(plain(slack, &names()).text, readable);
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for piece in ["<", "*a ", "`", "```", ":a", "&", "_x"] {
            let text = piece.repeat(50_000);
            assert!(plain(&text, &names()).text.len() <= text.len());
        }
    }
}
