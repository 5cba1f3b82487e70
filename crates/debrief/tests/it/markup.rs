//! Reads HTML as a browser would, just far enough to see what would run.

/// A start tag with its attributes, names in lower case, values as written.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Every start tag of a page. What stands in scripts and styles is no markup.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(place) = rest.find('<') {
        rest = &rest[place + 1..];
        if let Some(after) = rest.strip_prefix("!--") {
            rest = after.split_once("-->").map_or("", |(_, after)| after);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (tag, after) = tag(rest);
            rest = after;
            if matches!(tag.name.as_str(), "script" | "style") {
                let end = format!("</{}", tag.name);
                rest = rest.find(&end).map_or("", |end| &rest[end..]);
            }
            found.push(tag);
        }
    }
    found
}

fn tag(text: &str) -> (Tag, &str) {
    let ends = |c: char| c.is_ascii_whitespace() || c == '>' || c == '/';
    let end = text.find(ends).unwrap_or(text.len());
    let mut tag = Tag { name: text[..end].to_ascii_lowercase(), attributes: Vec::new() };
    let mut rest = &text[end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (tag, rest.strip_prefix('>').unwrap_or(rest));
        }
        let end = rest.find(|c: char| ends(c) || c == '=').unwrap_or(rest.len()).max(1);
        let name = rest.get(..end).unwrap_or(rest).to_ascii_lowercase();
        rest = rest.get(end..).unwrap_or("").trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            if let Some(quote) = quote {
                let (inner, behind) = after[1..].split_once(quote).unwrap_or((&after[1..], ""));
                (value, rest) = (inner.to_owned(), behind);
            } else {
                let end = after.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(after.len());
                (value, rest) = (after[..end].to_owned(), &after[end..]);
            }
        }
        tag.attributes.push((name, value));
    }
}

/// What would run or style although the policy forbids it, or would lead out of the page's own markup.
pub fn dangers(html: &str, may_style: bool) -> Vec<String> {
    let mut dangers = Vec::new();
    for tag in tags(html) {
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
            let leads = matches!(
                name.as_str(),
                "href" | "src" | "action" | "formaction" | "xlink:href" | "srcdoc" | "hx-get" | "hx-post"
            );
            let scheme = ["javascript:", "data:", "vbscript:", "&#"].iter().any(|bad| plain.starts_with(bad));
            let icon = plain.starts_with("data:image/");
            let handler = name.starts_with("on") || name.starts_with("hx-on");
            let markup = name.contains(['<', '"', '\'']);
            if handler || markup || name == "style" || name == "srcdoc" || (leads && scheme && !icon) {
                dangers.push(format!("{name}={value:?} in <{}>", tag.name));
            }
        }
    }
    dangers
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
    ] {
        assert!(dangers(fine, false).is_empty(), "{fine}: {:?}", dangers(fine, false));
    }
}
