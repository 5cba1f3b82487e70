//! The service from outside: requests in, answers out, on both databases.

mod api;
mod client;
mod guards;
mod identity;
mod pages;
mod socket;
mod uploads;
mod versions;
