//! What tests share: the same test on both databases and on two nodes, a clock that stands still, the application on a fresh
//! record. Only ever a dev-dependency.
//!
//! Types of a crate and of the same crate built for its own unit tests differ, so tests that use this crate
//! live in `tests/it/` of the crate they test.

mod clock;
mod database;
#[cfg(feature = "app")]
mod installation;
mod mail;
mod remains;
mod run;
#[cfg(feature = "app")]
mod turns;

pub use clock::FakeClock;
pub use database::{Database, Kind, as_released, by_hand, database, rows};
#[cfg(feature = "app")]
pub use installation::Installation;
pub use mail::{Letter, PostOffice};
pub use remains::remains;
pub use run::{Fixture, run};

/// Writes each test twice: `name::sqlite` and `name::postgres`.
///
/// The argument decides what the test gets: [`Database`] (an address), `store::Db`, or [`Installation`] with
/// feature `app`; anything that implements [`Fixture`] will do.
///
/// ```ignore
/// testing::both! {
///     async fn names_are_kept(db: Db) { … }
///     async fn nobody_signs_in_twice(place: Installation) { … }
/// }
/// ```
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($argument:ident: $fixture:ty) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a test may use nothing from around it")]
            use super::*;

            $(#[$meta])*
            async fn story($argument: $fixture) $body

            #[test]
            fn sqlite() {
                $crate::run($crate::Kind::Sqlite, story);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Kind::Postgres, story);
            }
        }
    )+};
}

/// Writes each test three times: `name::sqlite`, `name::postgres` and `name::two_nodes`, in which the requests of a
/// service made by [`Installation::service`] go to one node and the other in turn.
///
/// For tests that see the service from outside. Otherwise like [`both`].
#[macro_export]
macro_rules! everywhere {
    ($($(#[$meta:meta])* async fn $name:ident($argument:ident: $fixture:ty) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a test may use nothing from around it")]
            use super::*;

            $(#[$meta])*
            async fn story($argument: $fixture) $body

            #[test]
            fn sqlite() {
                $crate::run($crate::Kind::Sqlite, story);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Kind::Postgres, story);
            }

            #[test]
            fn two_nodes() {
                $crate::run($crate::Kind::TwoNodes, story);
            }
        }
    )+};
}
