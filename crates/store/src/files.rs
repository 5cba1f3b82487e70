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
