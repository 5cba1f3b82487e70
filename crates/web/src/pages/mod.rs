//! Pages: one file per room, mirrored by `templates/`. A handler reads the request, calls one act, renders.

pub(crate) mod accounts;
pub(crate) mod acts;
pub(crate) mod choices;
pub(crate) mod evidence;
pub(crate) mod follow_ups;
pub(crate) mod imports;
pub(crate) mod incidents;
pub(crate) mod jobs;
pub(crate) mod language;
pub(crate) mod links;
pub(crate) mod own_sign_in;
pub(crate) mod palette;
pub(crate) mod people;
pub(crate) mod postmortems;
pub(crate) mod provider;
pub(crate) mod service_accounts;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod sharing;
pub(crate) mod sign_in;
pub(crate) mod single_sign_on;
pub(crate) mod sources;
pub(crate) mod teams;
pub(crate) mod timeline;
pub(crate) mod tokens;
pub(crate) mod withdrawing;

use crate::{error::Answer, render::go, urls};

/// The address without anything leads to where people begin.
pub(crate) async fn home() -> Answer {
    go(urls::HOME)
}
