//! Whether a message comes from Amazon SNS: the signature over its fields, by a certificate that only Amazon serves.
//! The form is that of “Verifying the signatures of Amazon SNS messages” in Amazon's guide to SNS.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Instant, instant::Span};
use ring::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName, SignatureVerificationAlgorithm,
    UnixTime, alg_id, pem::PemObject,
};
use serde::Deserialize;
use std::time::Duration;
use url::Url;
use webpki::{EndEntityCert, Error, KeyUsage, ring::RSA_PKCS1_2048_8192_SHA256};

/// SNS tries again for up to an hour with the stamp of the first attempt, so that long a message may be under way …
const UNDER_WAY: Span = Span::hours(1);
/// … and so far may clocks be apart.
const AHEAD: Span = Span::minutes(5);

/// Why a message is not believed; the end of a sentence.
pub(super) type Doubt = &'static str;

/// A message as SNS posts it. Fields that are not named here are not signed, and not read by anybody.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    r#type: String,
    message_id: String,
    /// The topic that it was published to.
    pub topic_arn: String,
    subject: Option<String>,
    message: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    token: Option<String>,
}

/// Where a certificate is, and for whom it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its address, at a host of Amazon's.
    pub url: Url,
    names: [String; 3],
}

impl Message {
    /// What came, as far as it is a message with a signature that can be looked into.
    pub fn read(body: &[u8]) -> Result<Self, Doubt> {
        serde_json::from_slice(body).map_err(
            |_| "it is no message of SNS with a signature; raw message delivery and EventBridge send none",
        )
    }

    /// Where the certificate is that it names: nowhere but at Amazon's own hosts for SNS.
    pub fn certificate(&self) -> Result<Place, Doubt> {
        place(&self.signing_cert_url).ok_or("its certificate is not at an address of Amazon SNS")
    }

    /// Checks the message with the certificate that was at its place: that it is one of SNS and good at that time,
    /// that it signs the message, and that the message was not recorded long ago.
    pub fn check(&self, place: &Place, pem: &[u8], received_at: Instant) -> Result<(), Doubt> {
        let strange = "its certificate cannot be read";
        let chain: Vec<CertificateDer<'_>> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| strange)?;
        let (first, above) = chain.split_first().ok_or(strange)?;
        let certificate = EndEntityCert::try_from(first).map_err(|_| strange)?;
        sound(&certificate, above, place, received_at)?;
        let signature = STANDARD.decode(self.signature.trim()).map_err(|_| "its signature cannot be read")?;
        let algorithm = match self.signature_version.as_str() {
            "1" => &Sha1 as &dyn SignatureVerificationAlgorithm,
            "2" => RSA_PKCS1_2048_8192_SHA256,
            _ => return Err("the version of its signature is not known"),
        };
        certificate
            .verify_signature(algorithm, self.signed_words().as_bytes(), &signature)
            .map_err(|_| "its signature is not good")?;
        let at: Instant = self.timestamp.parse().map_err(|_| "its time cannot be read")?;
        let late = received_at.since(at);
        if late > UNDER_WAY || late < AHEAD.reversed() {
            return Err(
                "it was signed too long before it came, or after; a message that was recorded is not believed",
            );
        }
        Ok(())
    }

    /// What is signed: names and values of these fields, each on a line, in the order of the names. What confirms a
    /// subscription has other fields than a notification.
    fn signed_words(&self) -> String {
        let confirms = self.r#type != "Notification";
        let fields = [
            ("Message", Some(&self.message)),
            ("MessageId", Some(&self.message_id)),
            ("Subject", self.subject.as_ref().filter(|_| !confirms)),
            ("SubscribeURL", self.subscribe_url.as_ref().filter(|_| confirms)),
            ("Timestamp", Some(&self.timestamp)),
            ("Token", self.token.as_ref().filter(|_| confirms)),
            ("TopicArn", Some(&self.topic_arn)),
            ("Type", Some(&self.r#type)),
        ];
        let signed = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        signed.map(|(name, value)| format!("{name}\n{value}\n")).collect()
    }
}

/// `https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-….pem`; `None` for any other address.
fn place(url: &str) -> Option<Place> {
    let url = Url::parse(url).ok()?;
    let plain = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let rest = url.host_str()?.strip_prefix("sns.")?;
    let (region, domain) = match rest.strip_suffix(".amazonaws.com") {
        Some(region) => (region, ".amazonaws.com"),
        None => (rest.strip_suffix(".amazonaws.com.cn")?, ".amazonaws.com.cn"),
    };
    let known = (1..=40).contains(&region.len())
        && region.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    let file = url.path().strip_prefix("/SimpleNotificationService-")?.strip_suffix(".pem")?;
    let file = file.bytes().all(|it| it.is_ascii_alphanumeric());
    let names =
        ["sns.amazonaws.com".to_owned(), format!("sns.{region}{domain}"), format!("sns-{region}{domain}")];
    (plain && known && file).then_some(Place { url, names })
}

/// Whether a certificate is one of SNS and good at that time. Amazon serves it without those above it, so that its
/// chain can only be followed where they come along; that it came over TLS from Amazon's host stands for the rest.
fn sound(
    certificate: &EndEntityCert<'_>,
    above: &[CertificateDer<'_>],
    place: &Place,
    at: Instant,
) -> Result<(), Doubt> {
    let name = |name: &String| ServerName::try_from(name.clone()).ok();
    let named = place.names.iter().filter_map(name);
    if !named.into_iter().any(|it| certificate.verify_is_valid_for_subject_name(&it).is_ok()) {
        return Err("its certificate is not one of SNS");
    }
    let seconds = u64::try_from(at.as_micros() / 1_000_000).unwrap_or_default();
    let checked = certificate.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        webpki_roots::TLS_SERVER_ROOTS,
        above,
        UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
        KeyUsage::server_auth(),
        None,
        None,
    );
    match checked {
        Ok(_) => Ok(()),
        Err(Error::UnknownIssuer) if above.is_empty() => Ok(()),
        Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) => {
            Err("its certificate was not good at that time")
        }
        Err(_) => Err("its certificate is not one that can be trusted"),
    }
}

/// RSA with SHA-1, by which version 1 is signed: every topic that nobody has set to version 2.
#[derive(Debug)]
struct Sha1;

impl SignatureVerificationAlgorithm for Sha1 {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        // sha1WithRSAEncryption (RFC 3279, 2.2.1) without parameters but null.
        const SHA1_WITH_RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5, 5, 0];
        AlgorithmIdentifier::from_slice(SHA1_WITH_RSA)
    }

    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, key)
            .verify(message, signature)
            .map_err(|_| InvalidSignature)
    }
}

#[cfg(test)]
#[path = "sns_tests.rs"]
mod tests;
