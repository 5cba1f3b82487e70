//! What letters say, as plain text and as simple HTML of the same words.

use super::Change;
use domain::Instant;
use jiff::tz::TimeZone;
use store::sealed::Opening;

/// A letter as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A link to sign in.
pub(super) fn sign_in(place: &str, link: &str) -> Written {
    written(
        format!("Sign in to {place}"),
        &[&format!("Here is the link to sign in to {place}. It works once, within ten minutes.")],
        Some(("Sign in", link)),
        "If you did not ask for it, leave it unused. Nobody can sign in without it.",
    )
}

/// An invitation.
pub(super) fn invitation(place: &str, name: &str, link: &str) -> Written {
    written(
        format!("You are invited to {place}"),
        &[
            &format!("Hello {name},"),
            &format!(
                "you are invited to {place}, where we write down what incidents taught us. \
                 The link works once, within seven days."
            ),
        ],
        Some(("Come in", link)),
        "If you expect no invitation, leave it unused.",
    )
}

/// Something about an account changed.
pub(super) fn notice(place: &str, change: Change, at: Instant, sessions: &str) -> Written {
    let (subject, what) = match change {
        Change::NewDevice => {
            ("A new sign-in", "Somebody signed in to your account from a browser not seen before")
        }
        Change::Passphrase => ("Your passphrase was changed", "Your passphrase was changed"),
        Change::Passkey => ("A passkey was added", "A passkey was added to your account"),
        Change::FactorSet => ("A second factor was set up", "A second factor was set up for your account"),
        Change::FactorRemoved => ("Your second factor was removed", "Your second factor was removed"),
        Change::CodeAgain => (
            "A code of yours came twice",
            "A one-time code that had opened your account came again, and was refused,",
        ),
    };
    let when = at.format(&TimeZone::UTC, "%-d %B %Y at %H:%M UTC");
    written(
        format!("{subject} · {place}"),
        &[&format!("{what} on {when}."), "If that was you, there is nothing to do."],
        Some(("Look at your sessions", sessions)),
        "If it was not, end the sessions you do not know, choose another passphrase and tell an administrator.",
    )
}

/// A token ends soon; `of` names the service account whose it is.
pub(super) fn token_ends(place: &str, label: &str, of: Option<&str>, at: Instant, address: &str) -> Written {
    let when = at.format(&TimeZone::UTC, "%-d %B %Y at %H:%M UTC");
    let whose = match of {
        Some(account) => format!("The API token “{label}” of the service account {account}"),
        None => format!("Your API token “{label}”"),
    };
    written(
        format!("An API token ends soon · {place}"),
        &[
            &format!("{whose} ends on {when}. What uses it is refused from then on."),
            "If it is still needed, make another one and put it in its place before. Both work until the old one ends.",
        ],
        Some(("Look at the tokens", address)),
        "If nothing needs it any more, let it end.",
    )
}

/// An administrator opened something that was sealed.
pub(super) fn opened(place: &str, number: &str, opening: &Opening, address: &str) -> Written {
    let when = opening.at.format(&TimeZone::UTC, "%-d %B %Y at %H:%M UTC");
    written(
        format!("Something you sealed was opened · {place}"),
        &[
            &format!("{} opened what you had sealed with {number}, on {when}.", opening.name),
            &format!("The reason they gave: {}", opening.reason),
        ],
        Some(("See what you keep there", address)),
        "The opening stays on record. You can change whom you let in, or have your words forgotten, there.",
    )
}

/// Whoever leads a debrief moved out what somebody wrote.
pub(super) fn moved_out(place: &str, number: &str, address: &str) -> Written {
    written(
        format!("A passage of yours is kept for you · {place}"),
        &[
            &format!(
                "Whoever leads the debrief of {number} moved a passage that you wrote out of it, quietly."
            ),
            "It was about somebody rather than about how the work went, and there is a better place for that. \
             Nobody else reads it now. Your words are kept for you as you wrote them.",
        ],
        Some(("Read what you wrote", address)),
        "Speak with whoever leads the debrief if you see it otherwise. Nothing about this is counted.",
    )
}

/// Everything that comes from people is escaped here and nowhere else.
fn written(subject: String, paragraphs: &[&str], link: Option<(&str, &str)>, last: &str) -> Written {
    let (mut text, mut html) = (String::new(), String::from("<!doctype html><html lang=\"en\"><body>"));
    for paragraph in paragraphs {
        text.push_str(paragraph);
        text.push_str("\n\n");
        html.push_str(&format!("<p>{}</p>", escaped(paragraph)));
    }
    if let Some((words, address)) = link {
        text.push_str(address);
        text.push_str("\n\n");
        html.push_str(&format!("<p><a href=\"{}\">{}</a></p>", escaped(address), escaped(words)));
    }
    text.push_str(last);
    text.push('\n');
    html.push_str(&format!("<p>{}</p></body></html>", escaped(last)));
    Written { subject: in_head(&subject), text, html }
}

/// Words as they stand in the head of a letter: on one line, whatever a workspace or a person is called, and nothing in
/// them is taken for an encoded word (RFC 2047), which a mail program would show as something else.
pub(super) fn in_head(words: &str) -> String {
    let line: String = words
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect();
    line.replace("=?", "= ?")
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_text_in_both_forms() {
        let evil = "<script>alert(1)</script>\" onload='x'";
        let letter = invitation(evil, evil, "https://debrief.example/links/abc");
        assert!(letter.text.contains(evil));
        assert!(!letter.html.contains("<script") && !letter.html.contains("' "), "{}", letter.html);
        assert!(letter.html.contains("href=\"https://debrief.example/links/abc\""));
    }

    #[test]
    fn a_subject_is_one_line() {
        let letter = sign_in("Larkfare\r\nBcc: everybody@evil.example", "https://x.example");
        assert!(!letter.subject.contains(['\r', '\n']), "{:?}", letter.subject);
        let letter = sign_in("=?utf-8?q?Another=0D=0A?=", "https://x.example");
        assert!(!letter.subject.contains("=?"), "{:?}", letter.subject);
    }

    #[test]
    fn every_notice_says_what_when_and_what_to_do() {
        let at = Instant::from_seconds(1_794_635_220);
        for change in [
            Change::NewDevice,
            Change::Passphrase,
            Change::Passkey,
            Change::FactorSet,
            Change::FactorRemoved,
            Change::CodeAgain,
        ] {
            let letter = notice("Larkfare", change, at, "https://debrief.example/settings/sessions");
            assert!(letter.text.contains("14 November 2026 at 05:47 UTC"), "{}", letter.text);
            assert!(letter.text.contains("/settings/sessions") && letter.text.contains("end the sessions"));
        }
    }
}
