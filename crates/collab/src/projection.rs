//! From a Yjs document to the blocks of `domain`.

use domain::document::Document;

/// Updates that do not make a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored document cannot be read")]
pub struct Unreadable;

/// What the document of these updates says. Unknown elements give way to their content; nothing panics.
pub fn project<U: AsRef<[u8]>>(_updates: &[U]) -> Result<Document, Unreadable> {
    Err(Unreadable)
}
