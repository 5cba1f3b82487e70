//! Title and words of a fetched page, as somebody would have copied them: tags, scripts and styles are left out, and
//! nothing that a page says is ever markup here.

/// What a page says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Words {
    /// Its title, in one line; may be empty.
    pub title: String,
    /// Its text; one line a block.
    pub text: String,
}

/// Elements whose content nobody reads.
const UNREAD: [&str; 7] = ["script", "style", "noscript", "template", "svg", "iframe", "head"];
/// Elements that begin a new line.
const BLOCKS: [&str; 20] = [
    "p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section",
    "article", "pre", "dt", "dd", "hr",
];

/// Reads HTML, however broken, to at most `most` characters of text. One pass over the text.
pub(super) fn of_html(html: &str, most: usize) -> Words {
    let mut words = Words::default();
    let mut rest = html;
    let mut characters = 0;
    while let Some(open) = rest.find('<') {
        characters += push(&mut words.text, &rest[..open], most.saturating_sub(characters));
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(close) = rest.find('>') else {
            rest = "";
            break;
        };
        let name = name_of(&rest[1..close]);
        let closing = rest[1..].starts_with('/');
        rest = &rest[close + 1..];
        if BLOCKS.contains(&name.as_str()) && !words.text.ends_with('\n') && characters < most {
            words.text.push('\n');
            characters += 1;
        }
        if closing {
            continue;
        }
        if name == "title" && words.title.is_empty() {
            let end = find_closing(rest, "title").unwrap_or(rest.len());
            push(&mut words.title, &rest[..end], 200);
            rest = &rest[end..];
        } else if name == "head" {
            // Its title is read all the same.
            continue;
        } else if UNREAD.contains(&name.as_str()) {
            let end = find_closing(rest, &name).unwrap_or(rest.len());
            rest = &rest[end..];
        }
        if characters >= most {
            rest = "";
            break;
        }
    }
    push(&mut words.text, rest, most.saturating_sub(characters));
    words.title = words.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = words.text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    words.text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    words
}

/// The name of a tag, without its slash and attributes.
fn name_of(tag: &str) -> String {
    let name = tag.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    name[..end.min(20)].to_ascii_lowercase()
}

/// Where `</name` begins, whatever its case.
fn find_closing(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find("</") {
        let at = from + found;
        if text.as_bytes()[at + 2..]
            .get(..name.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(name.as_bytes()))
        {
            return Some(at);
        }
        from = at + 2;
    }
    None
}

/// Appends at most `most` characters, with what stands for a character read; answers how many.
fn push(out: &mut String, text: &str, most: usize) -> usize {
    let mut count = 0;
    let mut rest = text;
    while count < most {
        let Some(c) = rest.chars().next() else { break };
        let (c, length) = if c == '&' { reference(rest).unwrap_or((c, 1)) } else { (c, c.len_utf8()) };
        rest = &rest[length..];
        // A line of the source is no line of the page.
        out.push(if c.is_control() || c == '\u{a0}' { ' ' } else { c });
        count += 1;
    }
    count
}

/// A character reference at the start of `text` and its length in bytes.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
            char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_says_what_somebody_would_read() {
        let page = "<!doctype html><html><head><title>Gates\n slow &amp; late</title><style>p{color:red}</style></head>
            <body><script>if (1 < 2) alert('</p>')</script><h1>Status</h1><p>Gates are <b>slow</b>&#8230; since&nbsp;05:47</p>
            <ul><li>Quay 1<li>Quay 2 &#x1F6A2;</ul><!-- <p>hidden</p> --><p>5 &lt; 6 & 7</body></html>";
        let words = of_html(page, 10_000);
        assert_eq!(words.title, "Gates slow & late");
        assert_eq!(words.text, "Status\nGates are slow… since 05:47\nQuay 1\nQuay 2 🚢\n5 < 6 & 7");
    }

    #[test]
    fn broken_pages_are_read_as_far_as_they_go() {
        for (page, text) in [
            ("plain words", "plain words"),
            ("<p>cut <b", "cut"),
            ("<script>never closed <p>x</p>", ""),
            ("<!-- never closed", ""),
            ("<TITLE>A</TITLE><P>b</P>", "b"),
            ("a & b &; &#xFFFFFFFF; &unknown; c", "a & b &; &#xFFFFFFFF; &unknown; c"),
        ] {
            assert_eq!(of_html(page, 100).text, text, "{page}");
        }
        assert_eq!(of_html("abcdefgh", 3).text, "abc");
    }

    proptest! {
        #[test]
        fn any_page_can_be_read_and_stays_short(page in "(<|>|/|&|;|#|x|script|title|p|!--|--| |é|[a-z0-9]){0,300}", most in 0usize..200) {
            let words = of_html(&page, most);
            prop_assert!(words.text.chars().count() <= most && words.title.chars().count() <= 200);
        }
    }
}
