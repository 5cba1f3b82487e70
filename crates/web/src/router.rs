//! Every address, the rule that guards it, and who answers. A route cannot be added without a rule.

use crate::{
    api, assets, headers, health, hooks, metrics,
    pages::{
        self, accounts, acts, evidence, follow_ups, imports, incidents, jobs, language, links, own_sign_in,
        palette, people, postmortems, provider, service_accounts, services, sessions, settings, sharing,
        sign_in, single_sign_on, sources, teams, timeline, tokens, withdrawing,
    },
    socket,
    state::State,
    table::{
        ADMINISTER, IMPORT, IMPORT_HERE, IMPORT_SOMEWHERE, LOOK_INTO, NARROW_HERE, OPEN, PUBLISH_HERE, READ,
        Row, Table, WRITE, WRITE_HERE, WRITE_SOMEWHERE,
    },
};
use axum::{Router, middleware::from_fn_with_state};
use tower_http::{
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
};

/// The whole service. A connection should have `TCP_NODELAY` set by the listener, or every edit waits 40 ms.
pub fn router(state: State) -> Router {
    let fonts_are_packed = NotForContentType::const_new("font/");
    let packed = CompressionLayer::new().compress_when(DefaultPredicate::new().and(fonts_are_packed));
    table()
        .into_router(state.clone())
        .layer(from_fn_with_state(state.clone(), headers::protect))
        .layer(packed)
        .layer(axum::middleware::from_fn(headers::log))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Every route with its rule, for tests that try each of them as everybody.
pub fn routes() -> Vec<Row> {
    table().rows().to_vec()
}

#[rustfmt::skip]
fn table() -> Table {
    let table = Table::default()
        .get(OPEN, "/", pages::home)
        .get(OPEN, "/assets/{*name}", assets::file)
        .get(OPEN, "/healthz", health::alive)
        .get(OPEN, "/readyz", health::ready)
        .get(ADMINISTER, "/metrics", metrics::show)
        // Who somebody is.
        .get(OPEN, "/sign-in", sign_in::form)
        .post(OPEN, "/sign-in", sign_in::sign_in)
        .post(OPEN, "/sign-in/code", sign_in::code)
        .get(OPEN, "/sign-in/link", sign_in::link_form)
        .post(OPEN, "/sign-in/link", sign_in::send_link)
        .post(OPEN, "/sign-in/passkey", sign_in::passkey)
        .post(OPEN, "/sign-in/passkey/challenge", sign_in::passkey_challenge)
        .get(OPEN, "/sign-in/provider", provider::enter)
        .get(OPEN, "/sign-in/provider/answer", provider::answered)
        .post(READ, "/sign-out", sign_in::sign_out)
        .get(OPEN, "/sign-out/provider", provider::leave)
        .post(OPEN, "/sign-out/provider", provider::farewell)
        .get(OPEN, "/signed-out", provider::signed_out)
        .get(OPEN, "/links/{token}", links::show)
        .post(OPEN, "/links/{token}", links::use_link)
        // Settings.
        .get(READ, "/settings", settings::show)
        .post(READ, "/settings/me", settings::update_me)
        .post(ADMINISTER, "/settings/workspace", settings::edit_workspace)
        .get(READ, "/settings/sign-in", own_sign_in::show)
        .post(READ, "/settings/sign-in/passphrase", own_sign_in::change_passphrase)
        .post(READ, "/settings/sign-in/factor", own_sign_in::begin_factor)
        .post(READ, "/settings/sign-in/factor/confirmation", own_sign_in::confirm_factor)
        .post(READ, "/settings/sign-in/factor/codes", own_sign_in::renew_codes)
        .post(READ, "/settings/sign-in/factor/end", own_sign_in::remove_factor)
        .post(READ, "/settings/sign-in/passkeys", own_sign_in::add_passkey)
        .post(READ, "/settings/sign-in/passkeys/challenge", own_sign_in::passkey_challenge)
        .post(READ, "/settings/sign-in/passkeys/{id}/end", own_sign_in::remove_passkey)
        .post(ADMINISTER, "/settings/sign-in/rule", own_sign_in::ask_from)
        .get(ADMINISTER, "/settings/single-sign-on", single_sign_on::show)
        .post(ADMINISTER, "/settings/single-sign-on", single_sign_on::set)
        .post(ADMINISTER, "/settings/single-sign-on/end", single_sign_on::remove)
        .post(ADMINISTER, "/settings/single-sign-on/links/end", single_sign_on::forget_links)
        .get(READ, "/settings/proof", own_sign_in::proof_form)
        .post(READ, "/settings/proof", own_sign_in::prove)
        .get(READ, "/settings/sessions", sessions::list)
        .post(READ, "/settings/sessions/end-others", sessions::end_others)
        .post(READ, "/settings/sessions/{id}/end", sessions::end)
        .get(READ, "/settings/tokens", tokens::list)
        .post(READ, "/settings/tokens", tokens::create)
        .post(READ, "/settings/tokens/{id}/end", tokens::revoke)
        .get(ADMINISTER, "/settings/audit", acts::list)
        .get(ADMINISTER, "/settings/audit.csv", acts::csv)
        .get(ADMINISTER, "/settings/audit.jsonl", acts::json_lines)
        .get(ADMINISTER, "/settings/jobs", jobs::list)
        .post(ADMINISTER, "/settings/jobs/{id}/retry", jobs::retry)
        .post(ADMINISTER, "/settings/jobs/{id}/forget", jobs::forget)
        .get(READ, "/settings/people", people::list)
        .post(ADMINISTER, "/settings/people", people::invite)
        .post(ADMINISTER, "/settings/people/{id}/role", people::set_role)
        .post(ADMINISTER, "/settings/people/{id}/end", people::deactivate)
        .get(ADMINISTER, "/settings/sources", sources::show)
        .post(ADMINISTER, "/settings/sources", sources::create)
        .post(ADMINISTER, "/settings/sources/{id}/rotation", sources::rotate)
        .post(ADMINISTER, "/settings/sources/{id}/end", sources::revoke)
        .get(ADMINISTER, "/settings/deliveries", sources::deliveries)
        .get(ADMINISTER, "/settings/deliveries/{id}", sources::delivery)
        .post(ADMINISTER, "/settings/deliveries/{id}/attempt", sources::try_again)
        // What products send by themselves.
        .upload(OPEN, "/hooks/{source}/{token}", hooks::receive)
        .post(ADMINISTER, "/settings/people/{id}/factor/end", people::reset_factor)
        .post(ADMINISTER, "/settings/invitations/{id}/end", people::end_invitation)
        .get(ADMINISTER, "/settings/service-accounts", service_accounts::list)
        .post(ADMINISTER, "/settings/service-accounts", service_accounts::create)
        .post(ADMINISTER, "/settings/service-accounts/{id}/end", service_accounts::end)
        .post(ADMINISTER, "/settings/service-accounts/{id}/tokens", service_accounts::create_token)
        .post(ADMINISTER, "/settings/service-accounts/{id}/tokens/{token}/end", service_accounts::revoke)
        .get(READ, "/settings/teams", teams::list)
        .post(ADMINISTER, "/settings/teams", teams::create)
        .post(ADMINISTER, "/settings/teams/{id}/members", teams::take_in)
        .post(ADMINISTER, "/settings/teams/{id}/members/end", teams::let_go)
        .post(ADMINISTER, "/settings/teams/{id}/end", teams::end)
        .get(READ, "/settings/services", services::list)
        .post(ADMINISTER, "/settings/services", services::create)
        .get(READ, "/settings/services/{id}", services::show)
        .post(ADMINISTER, "/settings/services/{id}/team", services::set_team)
        .post(ADMINISTER, "/settings/services/{id}/end", services::end)
        .post(WRITE, "/settings/services/{id}/duties", services::add_duty)
        .post(WRITE, "/settings/services/{id}/duties/end", services::remove_duty)
        .upload(IMPORT, "/settings/services/{id}/schedules", services::bring_in)
        .get(LOOK_INTO, "/settings/look-into", sharing::look)
        .post(LOOK_INTO, "/settings/look-into", sharing::look_into)
        .get(READ, "/settings/language", language::settings)
        .post(ADMINISTER, "/settings/language", language::switch)
        .post(ADMINISTER, "/settings/language/channel", language::set_channel)
        // Bringing records in.
        .get(IMPORT, "/imports/new", imports::new)
        .upload(IMPORT, "/imports", imports::upload)
        .get(IMPORT_HERE, "/incidents/{number}/import", imports::new_for_incident)
        .upload(IMPORT_HERE, "/incidents/{number}/import", imports::upload_for_incident)
        .get(IMPORT_SOMEWHERE, "/imports/{id}", imports::show)
        .post(IMPORT_SOMEWHERE, "/imports/{id}", imports::start)
        .get(IMPORT_SOMEWHERE, "/imports/{id}/progress", imports::progress)
        // Incidents, their timelines and evidence.
        .get(READ, "/incidents", incidents::list)
        .get(WRITE, "/incidents/new", incidents::new)
        .post(WRITE, "/incidents", incidents::declare)
        .get(READ, "/incidents/{number}", incidents::show)
        .get(WRITE_HERE, "/incidents/{number}/edit", incidents::form)
        .post(WRITE_HERE, "/incidents/{number}", incidents::edit)
        .post(WRITE_HERE, "/incidents/{number}/mitigation", incidents::mitigate)
        .get(WRITE_HERE, "/incidents/{number}/resolution", incidents::resolution)
        .post(WRITE_HERE, "/incidents/{number}/resolution", incidents::resolve)
        .post(WRITE_HERE, "/incidents/{number}/reopening", incidents::reopen)
        .get(WRITE_HERE, "/incidents/{number}/events/new", timeline::new)
        .post(WRITE_HERE, "/incidents/{number}/events", timeline::add)
        .get(WRITE_HERE, "/incidents/{number}/events/{id}", timeline::form)
        .post(WRITE_HERE, "/incidents/{number}/events/{id}", timeline::edit)
        .post(WRITE_HERE, "/incidents/{number}/hidden", timeline::hide)
        .post(WRITE_HERE, "/incidents/{number}/instants", timeline::choose_instant)
        .post(WRITE_HERE, "/incidents/{number}/selection", timeline::reshaping::selected)
        .post(WRITE_HERE, "/incidents/{number}/events/{id}/parts", timeline::reshaping::split)
        .post(WRITE_HERE, "/incidents/{number}/events/{id}/settlement", timeline::reshaping::settle)
        .get(READ, "/incidents/{number}/events/{id}/history", timeline::reshaping::history)
        .get(READ, "/incidents/{number}/timeline/acts", timeline::reshaping::acts)
        .post(WRITE_HERE, "/incidents/{number}/timeline/acts/{id}/undoing", timeline::reshaping::undo)
        .get(READ, "/incidents/{number}/measures", timeline::measures::show)
        .post(WRITE_HERE, "/incidents/{number}/intervals", timeline::measures::add)
        .post(WRITE_HERE, "/incidents/{number}/intervals/{id}", timeline::measures::change)
        .get(READ, "/incidents/{number}/clocks", timeline::clocks::show)
        .post(WRITE_HERE, "/incidents/{number}/clocks", timeline::clocks::set)
        .post(WRITE_HERE, "/incidents/{number}/events/{id}/links", timeline::attaching::add)
        .upload(WRITE_HERE, "/incidents/{number}/events/{id}/files", timeline::attaching::upload)
        .get(READ, "/incidents/{number}/files/{id}", timeline::attaching::file)
        .get(READ, "/incidents/{number}/files/{id}/thumbnail", timeline::attaching::thumbnail)
        .get(READ, "/incidents/{number}/coordination", timeline::coordination::show)
        .post(WRITE_HERE, "/incidents/{number}/coordination", timeline::coordination::settle)
        .post(WRITE_HERE, "/incidents/{number}/audiences", timeline::coordination::audience)
        .get(READ, "/incidents/{number}/replay", timeline::replay::show)
        .get(READ, "/incidents/{number}/replay/print", timeline::replay::storyboard)
        .get(READ, "/incidents/{number}/evidence", evidence::list)
        .get(READ, "/incidents/{number}/evidence/{id}", evidence::show)
        .post(WRITE_HERE, "/incidents/{number}/evidence/{id}/event", timeline::take)
        .get(READ, "/incidents/{number}/people", sharing::show)
        .post(WRITE_HERE, "/incidents/{number}/people", sharing::give)
        .post(WRITE_HERE, "/incidents/{number}/people/end", sharing::take)
        .post(NARROW_HERE, "/incidents/{number}/narrowing", sharing::narrow)
        .post(NARROW_HERE, "/incidents/{number}/widening", sharing::widen)
        .get(READ, "/incidents/{number}/accounts", accounts::show)
        .post(WRITE_HERE, "/incidents/{number}/accounts", accounts::tell)
        .post(READ, "/incidents/{number}/accounts/{id}", accounts::change)
        .post(READ, "/incidents/{number}/sealed/{id}/forgetting", accounts::forget)
        .post(LOOK_INTO, "/incidents/{number}/sealed/{id}/opening", accounts::open)
        .get(READ, "/incidents/{number}/withdrawal", withdrawing::form)
        .post(WRITE_HERE, "/incidents/{number}/withdrawal", withdrawing::withdraw)
        .post(READ, "/incidents/{number}/reports", withdrawing::report)
        .post(READ, "/incidents/{number}/reports/{id}", withdrawing::settle)
        // Post-mortems and follow-ups.
        .get(READ, "/postmortems", postmortems::library)
        .get(READ, "/postmortems/{number}", postmortems::read)
        .post(WRITE_HERE, "/postmortems/{number}", postmortems::create)
        .get(WRITE_HERE, "/postmortems/{number}/edit", postmortems::write)
        .get(READ, "/postmortems/{number}/blocks/{block}", postmortems::block)
        .get(READ, "/postmortems/{number}/export.md", postmortems::export_markdown)
        .get(READ, "/postmortems/{number}/export.html", postmortems::export_html)
        .get(READ, "/postmortems/{number}/versions", postmortems::versions::list)
        .post(WRITE_HERE, "/postmortems/{number}/versions", postmortems::versions::name)
        .get(READ, "/postmortems/{number}/versions/{version}", postmortems::versions::show)
        .post(WRITE_HERE, "/postmortems/{number}/versions/{version}/restoration", postmortems::versions::restore)
        .get(WRITE_HERE, "/postmortems/{number}/mentions", palette::mentions)
        .post(WRITE_HERE, "/postmortems/{number}/title", postmortems::rename)
        .get(WRITE_HERE, "/postmortems/{number}/owner", postmortems::owner)
        .post(WRITE_HERE, "/postmortems/{number}/owner", postmortems::hand_to)
        .post(WRITE_HERE, "/postmortems/{number}/language", language::read)
        .post(WRITE_HERE, "/postmortems/{number}/language/findings", language::remember)
        .post(WRITE_HERE, "/postmortems/{number}/requests", language::ask)
        .post(WRITE_HERE, "/postmortems/{number}/requests/settled", language::settle)
        .post(PUBLISH_HERE, "/postmortems/{number}/steps", postmortems::step)
        .get(READ, "/follow-ups", follow_ups::list)
        .post(WRITE_HERE, "/incidents/{number}/follow-ups", follow_ups::add)
        .post(WRITE_SOMEWHERE, "/follow-ups/{id}/commitment", follow_ups::commit)
        .post(WRITE_SOMEWHERE, "/follow-ups/{id}/done", follow_ups::finish)
        .post(WRITE_SOMEWHERE, "/follow-ups/{id}/drop", follow_ups::drop)
        .get(READ, "/palette", palette::find)
        .socket(READ, "/collab/{number}", socket::join);
    api::routes(table)
}
