//! What people submit, read field by field, and what goes back into the form when it is refused.

use crate::error::{Answer, Failure};
use app::Error;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, request::Parts},
};
use percent_encoding::percent_decode_str;
use std::{collections::BTreeMap, convert::Infallible, str::FromStr};

/// The fields of a form (`application/x-www-form-urlencoded`), in order; names may occur several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Submitted(Vec<(String, String)>);

/// The same from the query of an address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asking(pub(crate) Submitted);

impl Submitted {
    /// Reads the form's text form. Nothing in it can fail: what is not UTF-8 becomes U+FFFD.
    pub(crate) fn read(text: &str) -> Self {
        let decode = |part: &str| {
            let spaced = part.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(n, v)| (decode(n), decode(v)))
                .collect(),
        )
    }

    /// The field's text without outer blanks; empty if it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The field's text exactly as typed (passphrases).
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The field's text, if it is not blank.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value sent under this name (boxes to tick).
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the box was ticked or the button pressed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The field as a value, or a refusal that says `wrong` beside it.
    pub(crate) fn value<T: FromStr>(&self, name: &'static str, wrong: &str) -> Result<T, Error> {
        self.text(name).parse().map_err(|_| Error::invalid(name, wrong))
    }

    /// What goes back into the form. Passphrases do not.
    pub(crate) fn kept(&self) -> Kept {
        let values = self.0.iter().filter(|(name, _)| !name.contains("passphrase")).cloned().collect();
        Kept { values, ..Kept::default() }
    }

    /// What goes back into the form after a refusal that its reader can do something about (422 and 409);
    /// any other refusal is for the error page.
    pub(crate) fn refused(&self, error: Error) -> Answer<(StatusCode, Kept)> {
        let kept = self.kept();
        match error {
            Error::Invalid { field: Some(field), message } => {
                let wrong = BTreeMap::from([(field, message)]);
                Ok((StatusCode::UNPROCESSABLE_ENTITY, Kept { wrong, ..kept }))
            }
            Error::Invalid { field: None, message } => {
                Ok((StatusCode::UNPROCESSABLE_ENTITY, Kept { general: Some(message), ..kept }))
            }
            Error::Conflict { message, .. } => {
                Ok((StatusCode::CONFLICT, Kept { general: Some(message), ..kept }))
            }
            slowed @ Error::Slowed { .. } => {
                Ok((StatusCode::TOO_MANY_REQUESTS, Kept { general: Some(slowed.to_string()), ..kept }))
            }
            Error::Unavailable(message) => {
                Ok((StatusCode::SERVICE_UNAVAILABLE, Kept { general: Some(message), ..kept }))
            }
            other => Err(Failure(other)),
        }
    }
}

/// What a form shows: values that were typed before, and what was wrong with them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    values: Vec<(String, String)>,
    wrong: BTreeMap<&'static str, String>,
    /// What was wrong with the form as a whole.
    pub(crate) general: Option<String>,
}

impl Kept {
    /// A form that begins with these values.
    pub(crate) fn with<const N: usize>(values: [(&str, String); N]) -> Self {
        Self { values: values.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(), ..Self::default() }
    }

    /// The same form with another value in one field.
    pub(crate) fn and(mut self, name: &str, value: String) -> Self {
        self.values.retain(|(key, _)| key != name);
        self.values.push((name.to_owned(), value));
        self
    }

    /// The same form with one more value, beside those the field has already (boxes to tick).
    pub(crate) fn also(mut self, name: &str, value: String) -> Self {
        self.values.push((name.to_owned(), value));
        self
    }

    /// The value to show in a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Whether a choice or box is to be marked.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(key, kept)| key == name && kept == value)
    }

    /// What was wrong with a field, for `aria-describedby`.
    pub(crate) fn wrong(&self, name: &str) -> Option<&str> {
        self.wrong.get(name).map(String::as_str)
    }
}

impl<S: Send + Sync> FromRequest<S> for Submitted {
    type Rejection = axum::extract::rejection::BytesRejection;
    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let bytes = Bytes::from_request(request, state).await?;
        Ok(Self::read(&String::from_utf8_lossy(&bytes)))
    }
}

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Submitted::read(parts.uri.query().unwrap_or(""))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_send_them() {
        let form = Submitted::read("title=Tickets+refused+%C3%A9&event=1&event=2&flag&odd=%ff&blank=++");
        assert_eq!(form.text("title"), "Tickets refused é");
        assert_eq!(form.all("event").collect::<Vec<_>>(), ["1", "2"]);
        assert!(form.has("flag") && !form.has("other"));
        assert_eq!((form.text("odd"), form.filled("blank")), ("\u{fffd}", None));
    }

    #[test]
    fn a_refused_form_keeps_everything_but_passphrases() {
        let form = Submitted::read("name=Ada&passphrase=secret-words");
        let (status, kept) = form.refused(Error::invalid("name", "Too short.")).unwrap();
        assert_eq!(
            (status.as_u16(), kept.value("name"), kept.wrong("name")),
            (422, "Ada", Some("Too short."))
        );
        assert_eq!(kept.value("passphrase"), "");
        let (status, kept) = form.refused(Error::changed_meanwhile()).unwrap();
        assert!(status == StatusCode::CONFLICT && kept.general.is_some());
        assert!(form.refused(Error::NotFound).is_err());
    }
}
