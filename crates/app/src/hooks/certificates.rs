//! The certificates by which Amazon SNS signs: fetched through the one way out and remembered for a day.

use super::sns::Place;
use crate::outbound::{Asked, Inside, Outbound};
use domain::{Instant, instant::Span};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// How long a certificate is remembered. They change about once a year, and then their address does.
const REMEMBERED: Span = Span::days(1);
/// So many are remembered: one for each region and a new one beside it.
const MOST: usize = 64;
/// So long is a certificate with those above it at most, in bytes.
const LONGEST: usize = 64 << 10;

/// What was at an address, and when.
type Seen = HashMap<String, (Instant, Arc<[u8]>)>;

/// What is known of certificates, and the way to them.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    inside: Inside,
    instead: Option<String>,
    way_out: OnceLock<Outbound>,
    known: Mutex<Seen>,
}

impl Certificates {
    /// With the hosts inside that may be asked, and the one that is asked instead of Amazon's, if there is one.
    pub fn new(inside: Inside, instead: Option<String>) -> Self {
        Self { inside, instead, ..Self::default() }
    }

    /// What is at a place. The error is the end of a sentence; it passes, or is looked into.
    pub(super) async fn at(&self, place: &Place, now: Instant) -> Result<Arc<[u8]>, String> {
        let name = place.url.as_str();
        let fresh = |since: &Instant| (Span::ZERO..REMEMBERED).contains(&now.since(*since));
        if let Some((_, pem)) = self.known().get(name).filter(|(since, _)| fresh(since)) {
            return Ok(Arc::clone(pem));
        }
        let url = match &self.instead {
            Some(host) => format!("http://{host}{}", place.url.path()),
            None => name.to_owned(),
        };
        let answered = self
            .way_out()?
            .ask(Asked::get(url))
            .await
            .map_err(|refused| format!("its certificate cannot be had: {refused}"))?;
        if !answered.status.is_success() {
            return Err(format!(
                "its certificate cannot be had: the answer was {}",
                answered.status.as_u16()
            ));
        }
        if answered.body.len() > LONGEST {
            return Err("its certificate cannot be had: what is there is too long to be one".to_owned());
        }
        let pem: Arc<[u8]> = answered.body.into();
        let mut known = self.known();
        known.retain(|_, (since, _)| fresh(since));
        if known.len() < MOST {
            known.insert(name.to_owned(), (now, Arc::clone(&pem)));
        }
        Ok(pem)
    }

    fn way_out(&self) -> Result<&Outbound, String> {
        if let Some(way_out) = self.way_out.get() {
            return Ok(way_out);
        }
        let made = Outbound::new(self.inside.clone()).map_err(|refused| refused.to_string())?;
        Ok(self.way_out.get_or_init(|| made))
    }

    /// A panic elsewhere leaves the table whole, so poison is of no concern.
    fn known(&self) -> MutexGuard<'_, Seen> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
