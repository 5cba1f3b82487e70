//! JSON at `/api/v1`, for programs with a token and for our own pages.
//!
//! Shapes are types of their own ([`views`]), so that a change of the record cannot change the API unnoticed.
//! Every address here stands in `openapi.json` as well; a test compares the two.

mod blocks;
mod body;
mod evidence;
mod follow_ups;
mod imports;
mod incidents;
mod lint;
mod openapi;
mod people;
mod postmortems;
mod services;
mod sharing;
mod timeline;
mod tokens;
mod versions;
mod views;
mod webhooks;

use crate::table::{
    ADMINISTER, IMPORT, IMPORT_HERE, LOOK_INTO, NARROW_HERE, OPEN, PUBLISH_HERE, READ, Table, WRITE,
    WRITE_HERE, WRITE_SOMEWHERE,
};

/// Every address of the API with its rule.
#[rustfmt::skip]
pub(crate) fn routes(table: Table) -> Table {
    table
        .get(OPEN, "/api/v1/openapi.json", openapi::document)
        .get(READ, "/api/v1/incidents", incidents::list)
        .post(WRITE, "/api/v1/incidents", incidents::declare)
        .get(READ, "/api/v1/incidents/{number}", incidents::show)
        .post(WRITE_HERE, "/api/v1/incidents/{number}/mitigate", incidents::mitigate)
        .post(WRITE_HERE, "/api/v1/incidents/{number}/resolve", incidents::resolve)
        .post(WRITE_HERE, "/api/v1/incidents/{number}/reopen", incidents::reopen)
        .get(READ, "/api/v1/incidents/{number}/timeline", timeline::list)
        .post(WRITE_HERE, "/api/v1/incidents/{number}/timeline", timeline::add)
        .patch(WRITE_HERE, "/api/v1/incidents/{number}/timeline/{id}", timeline::change)
        .post(WRITE_HERE, "/api/v1/incidents/{number}/key-instants/confirmation", timeline::accept_instants)
        .get(READ, "/api/v1/incidents/{number}/evidence", evidence::list)
        .upload(IMPORT_HERE, "/api/v1/incidents/{number}/imports", imports::run)
        .upload(IMPORT, "/api/v1/imports", imports::declare)
        .get(READ, "/api/v1/postmortems", postmortems::list)
        .get(READ, "/api/v1/postmortems/{number}", postmortems::show)
        .put(WRITE_HERE, "/api/v1/postmortems/{number}/owner", postmortems::hand_to)
        .post(PUBLISH_HERE, "/api/v1/postmortems/{number}/steps", postmortems::step)
        .get(READ, "/api/v1/postmortems/{number}/versions", versions::list)
        .post(WRITE_HERE, "/api/v1/postmortems/{number}/versions", versions::name)
        .get(READ, "/api/v1/postmortems/{number}/versions/{version}", versions::show)
        .post(WRITE_HERE, "/api/v1/postmortems/{number}/versions/{version}/restore", versions::restore)
        .get(READ, "/api/v1/follow-ups", follow_ups::list)
        .post(WRITE_SOMEWHERE, "/api/v1/follow-ups", follow_ups::add)
        .post(WRITE_SOMEWHERE, "/api/v1/follow-ups/{id}/commitment", follow_ups::commit)
        .post(WRITE_SOMEWHERE, "/api/v1/follow-ups/{id}/done", follow_ups::finish)
        .post(WRITE_SOMEWHERE, "/api/v1/follow-ups/{id}/drop", follow_ups::drop_with)
        .post(READ, "/api/v1/lint", lint::read)
        .get(READ, "/api/v1/people", people::list)
        .get(READ, "/api/v1/incidents/{number}/people", sharing::show)
        .post(WRITE_HERE, "/api/v1/incidents/{number}/people", sharing::give)
        .post(WRITE_HERE, "/api/v1/incidents/{number}/people/end", sharing::take)
        .post(NARROW_HERE, "/api/v1/incidents/{number}/narrowing", sharing::narrow)
        .post(NARROW_HERE, "/api/v1/incidents/{number}/widening", sharing::widen)
        .post(LOOK_INTO, "/api/v1/incidents/{number}/openings", sharing::look_into)
        .get(READ, "/api/v1/teams", sharing::teams)
        .post(ADMINISTER, "/api/v1/teams", sharing::create_team)
        .post(ADMINISTER, "/api/v1/teams/{id}/members", sharing::take_in)
        .post(ADMINISTER, "/api/v1/teams/{id}/members/end", sharing::let_go)
        .get(READ, "/api/v1/services", services::list)
        .post(ADMINISTER, "/api/v1/services", services::create)
        .get(READ, "/api/v1/services/{id}", services::show)
        .post(ADMINISTER, "/api/v1/services/{id}/name", services::rename)
        .post(ADMINISTER, "/api/v1/services/{id}/end", services::end)
        .post(WRITE, "/api/v1/services/{id}/duties", services::add_duty)
        .post(WRITE, "/api/v1/services/{id}/duties/end", services::remove_duty)
        .post(IMPORT, "/api/v1/services/{id}/schedules", services::bring_in)
        .get(READ, "/api/v1/tokens", tokens::list)
        .post(READ, "/api/v1/tokens", tokens::create)
        .post(READ, "/api/v1/tokens/{id}/end", tokens::end)
        .get(ADMINISTER, "/api/v1/webhooks", webhooks::list)
        .post(ADMINISTER, "/api/v1/webhooks", webhooks::create)
        .post(ADMINISTER, "/api/v1/webhooks/{id}/rotation", webhooks::rotate)
        .post(ADMINISTER, "/api/v1/webhooks/{id}/end", webhooks::end)
        .get(ADMINISTER, "/api/v1/deliveries", webhooks::deliveries)
        .post(ADMINISTER, "/api/v1/deliveries/{id}/attempt", webhooks::try_again)
}
