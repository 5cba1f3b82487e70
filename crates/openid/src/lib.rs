//! What a provider of OpenID Connect says, read and verified: bytes in, claims or a refusal out.
//!
//! Nothing here speaks to anybody: `app::provider` asks, this crate judges the answers. Everything is bounded, nothing
//! panics, and a [`Refused`] says in words for the log why something is not believed, without a secret in them.

mod answers;
mod discovery;
pub mod fuzz;
mod keys;
mod said;
mod token;

pub use answers::{Granted, granted, user_info};
pub use discovery::{Discovery, address, discovery, is_issuer};
pub use keys::{Key, keys};
pub use said::Said;
pub use token::{Expected, Farewell, SKEW, farewell, identity};

/// Why something that a provider sent is not believed. For the log; people are told one sentence for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A token names a key that the provider did not show so far: a new look at its keys may help.
    #[error("it is signed with a key that is not known")]
    UnknownKey,
    /// Nothing helps.
    #[error("{0}")]
    Bad(&'static str),
}
