//! The head of the chain of acts, signed, to be kept where nobody who can change the record can change it.
//!
//! A chain in which each act holds the sum of the one before shows that something in it was changed. It cannot
//! show that its end was cut off, or that all of it was written anew: for that, somebody outside must have
//! noted where it once stood (quality.md A3).

use crate::{App, Error, Result, key_file};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Instant, access::Action, access::Actor, evidence::Digest32};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::path::Path;
use store::audit;

const FORMAT: &str = "debrief head 1";
/// The seed of the installation's key; it never leaves the machine and is in no backup.
const KEY: &str = "head.key";

/// Where the chain of acts stood at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of the last act then, 0 if there was none.
    pub seq: i64,
    /// Its sum.
    pub digest: Digest32,
    /// When this was noted.
    pub at: Instant,
    /// The public key (Ed25519, RFC 8032) of the installation that signed it.
    pub key: [u8; 32],
    signature: Vec<u8>,
}

/// Why a file is no head.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// It has another form.
    #[error("This file is not the head of a chain of acts.")]
    Form,
    /// Somebody changed it, or made it without the key.
    #[error("The signature does not fit: this head was changed after it was signed.")]
    Signature,
}

/// The file: JSON with these members.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    format: String,
    seq: i64,
    digest: String,
    at: Instant,
    key: String,
    signature: String,
}

impl Head {
    /// Reads a head and checks its signature.
    pub fn read(text: &[u8]) -> std::result::Result<Self, HeadError> {
        let form: Form = serde_json::from_slice(text).map_err(|_| HeadError::Form)?;
        let key: Option<[u8; 32]> = STANDARD.decode(form.key).ok().and_then(|key| key.try_into().ok());
        let (Some(key), Some(digest), Ok(signature)) =
            (key, Digest32::from_hex(&form.digest), STANDARD.decode(form.signature))
        else {
            return Err(HeadError::Form);
        };
        if form.format != FORMAT {
            return Err(HeadError::Form);
        }
        let head = Self { seq: form.seq, digest, at: form.at, key, signature };
        let fits = UnparsedPublicKey::new(&ED25519, head.key).verify(&head.signed(), &head.signature);
        fits.map_err(|_| HeadError::Signature)?;
        Ok(head)
    }

    /// The file of this head.
    pub fn write(&self) -> Vec<u8> {
        let form = Form {
            format: FORMAT.into(),
            seq: self.seq,
            digest: self.digest.to_string(),
            at: self.at,
            key: STANDARD.encode(self.key),
            signature: STANDARD.encode(&self.signature),
        };
        let mut text = serde_json::to_vec_pretty(&form).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// What the signature is over.
    fn signed(&self) -> Vec<u8> {
        [FORMAT.as_bytes(), &self.seq.to_be_bytes(), &self.digest.0, &self.at.as_micros().to_be_bytes()]
            .concat()
    }
}

/// Notes where the chain stands now. The first time makes the installation's key.
pub async fn export(app: &App, actor: &Actor) -> Result<Head> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let (seq, digest) = audit::head(&mut tx).await?;
    drop(tx);
    let seed = seed(app).map_err(|cause| {
        Error::Unavailable(format!(
            "The key in {} cannot be used: {cause}.",
            app.data_dir().join(KEY).display()
        ))
    })?;
    let pair =
        Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| Error::internal("the key is no key"))?;
    let key = pair.public_key().as_ref().try_into().map_err(Error::internal)?;
    let mut head = Head { seq, digest, at: app.now(), key, signature: Vec::new() };
    head.signature = pair.sign(&head.signed()).as_ref().to_vec();
    Ok(head)
}

/// The public key of this installation, if it has one yet.
pub fn own_key(app: &App) -> Option<[u8; 32]> {
    let seed = read_seed(&app.data_dir().join(KEY)).ok()?;
    Ed25519KeyPair::from_seed_unchecked(&seed).ok()?.public_key().as_ref().try_into().ok()
}

fn seed(app: &App) -> std::io::Result<[u8; 32]> {
    let path = app.data_dir().join(KEY);
    match read_seed(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // Of those who ask at the same moment the first makes it for everybody.
            let mark = format!("{:016x}", u64::from_le_bytes(app.random()));
            key_file::make(&path, &mark, &app.random::<32>())?;
            read_seed(&path)
        }
        read => read,
    }
}

fn read_seed(path: &Path) -> std::io::Result<[u8; 32]> {
    let wrong = || std::io::Error::new(std::io::ErrorKind::InvalidData, "it does not have 32 bytes");
    std::fs::read(path)?.try_into().map_err(|_| wrong())
}
