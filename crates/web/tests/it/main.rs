//! The service from outside: requests in, answers out, on both databases and on two nodes.

mod accounts;
mod api;
mod client;
mod guards;
mod hooks;
mod identity;
mod language;
mod pages;
mod services;
mod socket;
mod surfaces;
mod timeline;
mod uploads;
mod versions;
mod withdrawing;
