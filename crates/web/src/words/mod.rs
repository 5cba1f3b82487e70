//! How times, durations and states read: small, kind words in one place.

pub(crate) mod acts;
pub(crate) mod device;
pub(crate) mod done;
pub(crate) mod facts;
pub(crate) mod said;
pub(crate) mod severity;
pub(crate) mod standing;
pub(crate) mod text;
pub(crate) mod time;
