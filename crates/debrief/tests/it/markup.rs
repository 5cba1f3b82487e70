//! Reads HTML as browsers do, just far enough to see what would run, what leads where, and what can be sent.

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
    },
};
use std::{cell::RefCell, collections::BTreeSet};

/// A start tag with its attributes, names in lower case, values with their entities read.
#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What a page is made of, in its order.
#[derive(Debug, Clone)]
pub enum Piece {
    Start(Tag),
    End(String),
    Words(String),
}

#[derive(Default)]
struct Pieces(RefCell<Vec<Piece>>);

impl TokenSink for Pieces {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut pieces = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => {
                pieces.push(Piece::End(tag.name.to_string()));
            }
            Token::TagToken(tag) => {
                let attributes =
                    tag.attrs.iter().map(|it| (it.name.local.to_string(), it.value.to_string())).collect();
                let name = tag.name.to_string();
                // What the builder of the tree tells the reader of tags (HTML, 13.2.6). Without scripts, so that what
                // stands in <noscript> is seen as well.
                let next = match name.as_str() {
                    "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
                    "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                        TokenSinkResult::RawData(RawKind::Rawtext)
                    }
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "plaintext" => TokenSinkResult::Plaintext,
                    _ => TokenSinkResult::Continue,
                };
                pieces.push(Piece::Start(Tag { name, attributes }));
                return next;
            }
            Token::CharacterTokens(words) => pieces.push(Piece::Words(words.to_string())),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// What a page is made of.
pub fn pieces(html: &str) -> Vec<Piece> {
    let reader = Tokenizer::new(Pieces::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    while !matches!(reader.feed(&input), html5ever::TokenizerResult::Done) {}
    reader.end();
    reader.sink.0.into_inner()
}

/// Every start tag of a page. What stands in scripts and styles is no markup.
pub fn tags(html: &str) -> Vec<Tag> {
    let only_tags = |piece| if let Piece::Start(tag) = piece { Some(tag) } else { None };
    pieces(html).into_iter().filter_map(only_tags).collect()
}

/// Attributes that lead somewhere or load something.
fn leads(name: &str) -> bool {
    let all = ["href", "src", "srcset", "action", "formaction", "xlink:href", "poster", "data", "data-ask"];
    all.contains(&name) || name.starts_with("hx-")
}

/// What would run or style although the policy forbids it, or would lead out of the page's own markup.
pub fn dangers(html: &str, may_style: bool) -> Vec<String> {
    dangers_of(&pieces(html), may_style)
}

fn starts(pieces: &[Piece]) -> impl Iterator<Item = &Tag> {
    pieces.iter().filter_map(|piece| if let Piece::Start(tag) = piece { Some(tag) } else { None })
}

/// The same of a page that was read already.
pub fn dangers_of(pieces: &[Piece], may_style: bool) -> Vec<String> {
    let mut dangers = Vec::new();
    for tag in starts(pieces) {
        let known = !matches!(
            tag.name.as_str(),
            "iframe" | "object" | "embed" | "base" | "applet" | "frame" | "math"
        );
        let script =
            tag.name == "script" && !tag.attribute("src").is_some_and(|src| src.starts_with("/assets/"));
        let style = tag.name == "style" && !may_style;
        let refresh = tag.name == "meta" && tag.attribute("content").is_some_and(|it| it.contains("url"));
        if !known || script || style || refresh {
            dangers.push(format!("{tag:?}"));
        }
        for (name, value) in &tag.attributes {
            let plain: String = value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
            let plain = plain.to_ascii_lowercase();
            let scheme = ["javascript:", "data:", "vbscript:"].iter().any(|bad| plain.starts_with(bad));
            let icon = plain.starts_with("data:image/");
            let handler = name.starts_with("on") || name.starts_with("hx-on");
            let markup = name.contains(['<', '"', '\'']);
            if handler || markup || name == "style" || name == "srcdoc" || (leads(name) && scheme && !icon) {
                dangers.push(format!("{name}={value:?} in <{}>", tag.name));
            }
        }
    }
    dangers
}

/// The kinds of markup in a page: elements, elements with an attribute, and where those lead that lead somewhere:
/// a scheme, `/` for an address of the house.
pub fn kinds(pieces: &[Piece]) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for tag in starts(pieces) {
        for (name, value) in &tag.attributes {
            kinds.insert(format!("{} {name}", tag.name));
            if leads(name) {
                let scheme = value.split_once(':').map(|(scheme, _)| scheme);
                let scheme =
                    scheme.filter(|it| it.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)));
                let to = scheme.unwrap_or(match value.as_bytes() {
                    [b'/', b'/' | b'\\', ..] => "//",
                    [b'/' | b'#' | b'?', ..] => "/",
                    _ => "relative",
                });
                kinds.insert(format!("{} {name} to {to}", tag.name));
            }
        }
        kinds.insert(tag.name.clone());
    }
    kinds
}

/// A form of a page, with what its fields hold.
#[derive(Debug, Clone)]
pub struct Form {
    pub method: String,
    pub action: String,
    id: String,
    /// Sent as several parts: files.
    pub upload: bool,
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// The type of an `<input>`; `textarea`, `select` or `button`.
    pub kind: String,
    pub value: String,
    /// Sent as it stands: a choice that is made, a box that is ticked.
    pub chosen: bool,
    pub required: bool,
    pub max: Option<usize>,
    /// Where a button sends the form instead.
    pub elsewhere: Option<String>,
}

impl Field {
    /// Whether people write into it.
    pub fn takes_words(&self) -> bool {
        matches!(self.kind.as_str(), "text" | "search" | "email" | "url" | "number" | "textarea")
    }
}

impl Form {
    /// Where its buttons send it.
    pub fn targets(&self) -> Vec<String> {
        let buttons = self.fields.iter().filter(|field| field.kind == "button" || field.kind == "submit");
        let to = |field: &Field| field.elsewhere.clone().unwrap_or_else(|| self.action.clone());
        let targets: Vec<String> = buttons.map(to).collect();
        if targets.is_empty() { vec![self.action.clone()] } else { targets }
    }
}

/// The forms of a page. A field that names a form elsewhere on the page belongs to that one.
pub fn forms(html: &str) -> Vec<Form> {
    forms_of(&pieces(html))
}

/// The same of a page that was read already.
pub fn forms_of(pieces: &[Piece]) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let (mut open, mut elsewhere, mut writing): (Option<usize>, Vec<(String, Field)>, bool) =
        (None, vec![], false);
    for piece in pieces {
        match piece {
            Piece::Start(tag) if tag.name == "form" => {
                let text = |name: &str| tag.attribute(name).unwrap_or("").to_owned();
                let method = if text("method") == "post" { "POST" } else { "GET" }.to_owned();
                let upload = text("enctype") == "multipart/form-data";
                open = Some(forms.len());
                forms.push(Form { method, action: text("action"), id: text("id"), upload, fields: vec![] });
            }
            Piece::End(name) if name == "form" => open = None,
            Piece::End(name) if name == "textarea" => writing = false,
            Piece::Start(tag) if tag.name == "option" => {
                let field = open.and_then(|n| forms[n].fields.last_mut());
                let Some(select) = field.filter(|field| field.kind == "select") else { continue };
                let value = tag.attribute("value").unwrap_or("");
                if select.value.is_empty() || tag.attribute("selected").is_some() {
                    value.clone_into(&mut select.value);
                }
            }
            Piece::Start(tag) if matches!(tag.name.as_str(), "input" | "textarea" | "select" | "button") => {
                let name = tag.attribute("name").unwrap_or("").to_owned();
                writing = tag.name == "textarea";
                let kind =
                    if tag.name == "input" { tag.attribute("type").unwrap_or("text") } else { &tag.name };
                let field = Field {
                    kind: kind.to_owned(),
                    value: tag.attribute("value").unwrap_or("").to_owned(),
                    chosen: tag.attribute("checked").is_some(),
                    required: tag.attribute("required").is_some(),
                    max: tag.attribute("maxlength").and_then(|max| max.parse().ok()),
                    elsewhere: tag.attribute("formaction").map(str::to_owned),
                    name,
                };
                match (tag.attribute("form"), open) {
                    (Some(id), _) => elsewhere.push((id.to_owned(), field)),
                    (None, Some(n)) => forms[n].fields.push(field),
                    (None, None) => {}
                }
            }
            Piece::Words(words) if writing => {
                if let Some(field) = open.and_then(|n| forms[n].fields.last_mut()) {
                    field.value.push_str(words.trim_start_matches('\n'));
                }
            }
            _ => {}
        }
    }
    for (id, field) in elsewhere {
        forms.iter_mut().filter(|form| form.id == id).for_each(|form| form.fields.push(field.clone()));
    }
    forms
}

#[test]
fn the_reader_sees_what_a_browser_would_run() {
    for dangerous in [
        "<script>alert(1)</script>",
        "<script src=https://evil.example></script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<p style=\"color: red\">",
        "<a href=\" java\tscript:alert(1)\">",
        "<a href='&#106;avascript:alert(1)'>",
        "<iframe srcdoc=x>",
        "<input value=\"\" onfocus=alert(1) autofocus x=\"\">",
        "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript><img src=x onerror=alert(1)>",
        "<textarea></textarea><img src=x onerror=alert(1)>",
    ] {
        assert!(!dangers(dangerous, false).is_empty(), "{dangerous}");
    }
    for fine in [
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
        "<script type=\"module\" src=\"/assets/pages.js\"></script>",
        "<a href=\"https://example.org/?javascript:\">1 &lt; 2</a>",
        "<input value=\"&#34; onfocus=alert(1)\">",
        "<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>",
        "<!-- <script> --> a < b",
        "<textarea><img src=x onerror=alert(1)></textarea>",
    ] {
        assert!(dangers(fine, false).is_empty(), "{fine}: {:?}", dangers(fine, false));
    }
}

#[test]
fn forms_are_read_with_what_they_would_send() {
    let html = "<form id=f method=post action=/a><input name=t maxlength=9 value='&lt;b>'><textarea name=w>\n1 &lt; 2</textarea>\
        <select name=s><option value=x>X<option value=y selected>Y</select></form><button form=f name=b value=1>Go</button>";
    let [form] = &forms(html)[..] else { panic!("one form") };
    assert_eq!((form.method.as_str(), form.action.as_str()), ("POST", "/a"));
    let fields: Vec<_> =
        form.fields.iter().map(|it| (it.name.as_str(), it.kind.as_str(), it.value.as_str())).collect();
    assert_eq!(
        fields,
        [("t", "text", "<b>"), ("w", "textarea", "1 < 2"), ("s", "select", "y"), ("b", "button", "1")]
    );
    assert!(kinds(&pieces("<a href='javascript:x'><a href=//evil>")).contains("a href to javascript"));
}
