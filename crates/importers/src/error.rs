//! Why a file could not be brought in: always file, place and reason in one sentence.

/// A file that cannot be brought in at all. The text is made for the person who chose the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Not JSON (RFC 8259).
    #[error("{file}: line {line}, column {column} is not JSON ({reason}). Nothing was brought in.")]
    NotJson {
        /// The file, or the path inside an archive.
        file: String,
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// The parser's words.
        reason: String,
    },
    /// Not UTF-8, which JSON requires (RFC 8259, section 8.1).
    #[error("{file}: byte {byte} on line {line} is not UTF-8 text. Nothing was brought in.")]
    NotText {
        /// The file, or the path inside an archive.
        file: String,
        /// From 1.
        line: usize,
        /// The first byte that is no text, from 0.
        byte: usize,
    },
    /// Sound JSON of a shape that this source does not have.
    #[error("{file}: {reason}. Nothing was brought in.")]
    Shape {
        /// The file, or the path inside an archive.
        file: String,
        /// What was looked for or found.
        reason: String,
    },
    /// The archive as a whole cannot be read.
    #[error("{file}: this is not a zip archive that can be read ({reason}). Nothing was brought in.")]
    Archive {
        /// The archive.
        file: String,
        /// Why.
        reason: String,
    },
    /// One entry of the archive cannot be read.
    #[error("{file}: the entry “{entry}” {reason}. Nothing was brought in.")]
    Entry {
        /// The archive.
        file: String,
        /// The path inside it.
        entry: String,
        /// Why, as the rest of the sentence.
        reason: String,
    },
    /// More than the limits allow.
    #[error("{file}: {reason}. Nothing was brought in.")]
    TooLarge {
        /// The archive.
        file: String,
        /// Which limit.
        reason: String,
    },
    /// The chosen channel is not in the export.
    #[error("{file}: there is no channel “{channel}” in it. Nothing was brought in.")]
    NoSuchChannel {
        /// The archive.
        file: String,
        /// What was asked for.
        channel: String,
    },
}
