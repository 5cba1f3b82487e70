//! Files as evidence: what they are called, and their bytes in pieces.

use crate::{
    reach::seen,
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{EvidenceId, access::Sight, evidence::Digest32, incident::IncidentNumber};

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The name that people gave it.
    pub name: String,
    /// Its sort, by its own bytes.
    pub media: String,
    /// How many bytes.
    pub bytes: i64,
    /// Their SHA-256.
    pub digest: Digest32,
}

/// How many bytes a piece has at most.
const PIECE: usize = 256 << 10;

/// Keeps a file of a piece of evidence.
pub async fn insert(tx: &mut Tx, evidence: EvidenceId, file: &File, bytes: &[u8]) -> Result<()> {
    run!(
        tx,
        "INSERT INTO evidence_files (evidence, name, media, bytes, digest) VALUES ($1, $2, $3, $4, $5)",
        evidence.0,
        file.name.as_str(),
        file.media.as_str(),
        file.bytes,
        file.digest.0.to_vec()
    )?;
    for (piece, place) in bytes.chunks(PIECE).zip(0i64..) {
        run!(
            tx,
            "INSERT INTO evidence_file_parts (evidence, place, body) VALUES ($1, $2, $3)",
            evidence.0,
            place,
            piece.to_vec()
        )?;
    }
    Ok(())
}

/// A small picture of an attached picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Its sort: `image/png` or `image/jpeg`.
    pub media: String,
    /// How wide, in pixels.
    pub width: i64,
    /// How high, in pixels.
    pub height: i64,
    /// Its bytes, at most 256 KiB.
    pub body: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct ThumbnailRow {
    media: String,
    width: i64,
    height: i64,
    body: Vec<u8>,
}

/// Keeps the small picture of a piece of evidence.
pub async fn insert_thumbnail(tx: &mut Tx, evidence: EvidenceId, small: &Thumbnail) -> Result<()> {
    run!(
        tx,
        "INSERT INTO evidence_thumbnails (evidence, media, width, height, body) VALUES ($1, $2, $3, $4, $5)",
        evidence.0,
        small.media.as_str(),
        small.width,
        small.height,
        small.body.as_slice()
    )?;
    Ok(())
}

/// The small picture of a piece of evidence of the incident with a number.
pub async fn thumbnail(
    tx: &mut Tx,
    number: IncidentNumber,
    evidence: EvidenceId,
    sight: Sight,
) -> Result<Option<Thumbnail>> {
    let found = row!(
        tx,
        ThumbnailRow,
        concat!(
            "SELECT t.media, t.width, t.height, t.body FROM evidence_thumbnails t
             JOIN evidence e ON e.id = t.evidence JOIN incidents i ON i.id = e.incident
             WHERE i.number = $1 AND e.id = $2 AND ",
            seen!("$3", "$4")
        ),
        number.0,
        evidence.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    Ok(found.map(|it| Thumbnail { media: it.media, width: it.width, height: it.height, body: it.body }))
}

/// What somebody attached to an event, for whoever takes the incident elsewhere.
#[derive(Debug, Clone)]
pub struct Attached {
    /// The piece of evidence.
    pub evidence: EvidenceId,
    /// `file`, `link` or `query`.
    pub sort: String,
    /// Its name, its title, or where it was asked.
    pub place: Option<String>,
    /// What it says.
    pub text: String,
    /// Its address.
    pub url: Option<String>,
    /// The file, if it is one.
    pub file: Option<File>,
    /// A small picture of it, if it is one.
    pub small: Option<Thumbnail>,
}

/// Everything that was attached to events of an incident, in order, with small pictures: one statement.
pub async fn attached(tx: &mut Tx, number: IncidentNumber, sight: Sight) -> Result<Vec<Attached>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: uuid::Uuid,
        source_id: String,
        place: Option<String>,
        text: String,
        url: Option<String>,
        name: Option<String>,
        media: Option<String>,
        bytes: Option<i64>,
        digest: Option<Vec<u8>>,
        small_media: Option<String>,
        width: Option<i64>,
        height: Option<i64>,
        body: Option<Vec<u8>>,
    }
    let found = rows!(
        tx,
        Row,
        concat!(
            "SELECT e.id, e.source_id, e.place, e.text, e.url, f.name, f.media, f.bytes, f.digest,
                 t.media AS small_media, t.width, t.height, t.body
             FROM evidence e JOIN incidents i ON i.id = e.incident
             LEFT JOIN evidence_files f ON f.evidence = e.id
             LEFT JOIN evidence_thumbnails t ON t.evidence = e.id
             WHERE i.number = $1 AND e.source = 'debrief' AND ",
            seen!("$2", "$3"),
            " ORDER BY e.at, e.id"
        ),
        number.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    let attached = |row: Row| {
        let digest = row.digest.map(|sum| {
            sum.try_into().map(Digest32).map_err(|_| Error::unknown("a sum", "of another length"))
        });
        let file = match (row.name, row.media, row.bytes, digest.transpose()?) {
            (Some(name), Some(media), Some(bytes), Some(digest)) => Some(File { name, media, bytes, digest }),
            _ => None,
        };
        let small = match (row.small_media, row.width, row.height, row.body) {
            (Some(media), Some(width), Some(height), Some(body)) => {
                Some(Thumbnail { media, width, height, body })
            }
            _ => None,
        };
        Ok(Attached {
            evidence: EvidenceId(row.id),
            sort: row.source_id.split(':').next().unwrap_or_default().to_owned(),
            place: row.place,
            text: row.text,
            url: row.url,
            file,
            small,
        })
    };
    found.into_iter().map(attached).collect()
}

/// The file of a piece of evidence of the incident with a number, with its bytes. Two statements.
pub async fn find(
    tx: &mut Tx,
    number: IncidentNumber,
    evidence: EvidenceId,
    sight: Sight,
) -> Result<Option<(File, Vec<u8>)>> {
    let found = row!(
        tx,
        (String, String, i64, Vec<u8>),
        concat!(
            "SELECT f.name, f.media, f.bytes, f.digest FROM evidence_files f
             JOIN evidence e ON e.id = f.evidence JOIN incidents i ON i.id = e.incident
             WHERE i.number = $1 AND e.id = $2 AND ",
            seen!("$3", "$4")
        ),
        number.0,
        evidence.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    let Some((name, media, bytes, digest)) = found else { return Ok(None) };
    let pieces = rows!(
        tx,
        (Vec<u8>,),
        "SELECT body FROM evidence_file_parts WHERE evidence = $1 ORDER BY place",
        evidence.0
    )?;
    let digest = Digest32(digest.try_into().map_err(|_| Error::unknown("a sum", "of another length"))?);
    let body = pieces.into_iter().flat_map(|(piece,)| piece).collect();
    Ok(Some((File { name, media, bytes, digest }, body)))
}
