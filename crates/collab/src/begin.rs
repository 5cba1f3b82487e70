//! The first update of a new document.

use domain::document::Document;

/// One Yjs update (version 1) that makes `document` in the structure y-prosemirror expects. `client_id` is
/// the author as Yjs knows it: random, below 2^53, never used again.
pub fn begin(_document: &Document, _client_id: u64) -> Vec<u8> {
    Vec::new()
}
