//! Every table and column of the record, in an order in which each row finds what it points to.
//!
//! Backups, moves between databases and `debrief check` go by this list. A test compares it with what each
//! database says about itself, so a migration that adds a column must add it here.

use self::Kind::{Bytes, Flag, Id, Life, Number, Text};

/// A table of the record.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// All of its columns.
    pub columns: &'static [Column],
    /// The columns that tell its rows apart; rows are copied in their order.
    pub key: &'static [&'static str],
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// The table in whose `id` each value is found.
    pub points_to: Option<&'static str>,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words or JSON.
    Text,
    /// A whole number, also instants.
    Number,
    /// A UUID.
    Id,
    /// Yes or no.
    Flag,
    /// Bytes.
    Bytes,
    /// The life of a shared document, a number. It belongs to an installation and not to the record: when a
    /// document is restored, it begins a new one.
    Life,
}

impl Table {
    /// The table of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// What a backup holds of it: everything but lives.
    pub fn carried(&self) -> Vec<&'static Column> {
        self.columns.iter().filter(|column| column.kind != Life).collect()
    }

    /// Where its rows are: the last edits of shared documents have not come to theirs yet.
    pub fn places(&'static self) -> &'static [&'static str] {
        match self.name {
            "document_updates" => &["document_updates", "recent_edits"],
            _ => std::slice::from_ref(&self.name),
        }
    }

    /// All of it.
    pub fn all(&self) -> Vec<&'static Column> {
        self.columns.iter().collect()
    }
}

/// Tables that are of no use elsewhere, with the reason.
pub const LEFT_BEHIND: &[(&str, &str)] = &[
    ("migrations", "each database keeps its own"),
    ("repeats", "answers to requests that may come again are good for a day, and only where they were given"),
    ("sessions", "whoever was signed out since would be signed in again; people sign in anew"),
    ("ceremonies", "what stands between two steps of a sign-in lasts minutes"),
    ("recent_edits", "they go with the other updates of their documents"),
    ("edit_generations", "whoever remembers numbers remembers those of one installation"),
];

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, points_to: None }
}

const fn to(name: &'static str, table: &'static str) -> Column {
    Column { name, kind: Id, points_to: Some(table) }
}

macro_rules! table {
    ($name:literal by $key:expr; $($column:expr),+ $(,)?) => {
        Table { name: $name, columns: &[$($column),+], key: &$key }
    };
}

/// The record.
#[rustfmt::skip]
pub const TABLES: &[Table] = &[
    table!("people" by ["id"];
        column("id", Id), column("name", Text), column("email", Text), column("role", Text),
        column("zone", Text), column("passphrase_hash", Text), column("created_at", Number),
        column("deactivated_at", Number), column("service", Flag)),
    table!("links" by ["id"];
        column("id", Id), column("kind", Text), column("token_hash", Bytes), to("person", "people"),
        column("email", Text), column("name", Text), column("role", Text), column("created_at", Number),
        column("ends_at", Number), column("used_at", Number)),
    table!("tokens" by ["id"];
        column("id", Id), to("person", "people"), column("label", Text), column("token_hash", Bytes),
        column("created_at", Number), column("used_at", Number), column("revoked_at", Number),
        column("scopes", Text), column("ends_at", Number), column("end_told", Flag)),
    table!("second_factors" by ["person"];
        to("person", "people"), column("created_at", Number),
        column("confirmed_at", Number), column("last_step", Number)),
    table!("recovery_codes" by ["id"];
        column("id", Id), to("person", "people"), column("code_hash", Bytes), column("used_at", Number)),
    table!("passkeys" by ["id"];
        column("id", Id), to("person", "people"), column("credential", Bytes), column("algorithm", Number),
        column("public_key", Bytes), column("counter", Number), column("label", Text),
        column("created_at", Number), column("used_at", Number)),
    table!("identities" by ["issuer", "subject"];
        column("issuer", Text), column("subject", Text), to("person", "people"), column("created_at", Number)),
    table!("providers" by ["id"];
        column("id", Number), column("label", Text), column("issuer", Text), column("client", Text),
        column("scopes", Text), column("groups_claim", Text), column("roles", Text), column("newcomers", Flag),
        column("other_ways", Flag), column("revision", Number)),
    table!("sign_in_rules" by ["id"];
        column("id", Number), column("second_factor_from", Text), column("revision", Number)),
    table!("workspace" by ["id"];
        column("id", Number), column("name", Text), column("premise", Text), column("soak_hours", Number),
        column("revision", Number), column("term", Text), column("terms", Text)),
    table!("counters" by ["name"]; column("name", Text), column("value", Number)),
    table!("audit" by ["seq"];
        column("seq", Number), column("at", Number), column("person", Id), column("actor", Text),
        column("act", Text), column("subject", Text), column("detail", Text), column("digest", Bytes)),
    table!("audit_head" by ["id"]; column("id", Number), column("seq", Number), column("digest", Bytes)),
    table!("incidents" by ["id"];
        column("id", Id), column("number", Number), column("title", Text), column("summary", Text),
        column("kind", Text), column("severity", Number), column("state", Text), column("services", Text),
        column("team", Text), column("declared_at", Number), column("resolved_at", Number),
        column("origin_source", Text), column("origin_id", Text), column("origin_url", Text),
        column("participants", Text), column("words", Text), column("revision", Number),
        column("narrowed_until", Number), column("narrowed_at", Number), column("narrowed_by", Id),
        column("narrowed_reason", Text)),
    table!("teams" by ["id"];
        column("id", Id), column("name", Text), column("matches", Text), column("created_at", Number),
        column("ended_at", Number), column("revision", Number)),
    table!("team_members" by ["team", "person"];
        to("team", "teams"), to("person", "people"), column("since", Number)),
    table!("services" by ["id"];
        column("id", Id), column("name", Text), column("matches", Text), to("team", "teams"),
        column("created_at", Number), column("ended_at", Number)),
    table!("service_names" by ["id"];
        column("id", Id), to("service", "services"), column("name", Text), column("matches", Text),
        column("from_at", Number), column("until", Number), column("holds", Flag)),
    table!("on_call" by ["id"];
        column("id", Id), to("service", "services"), column("source", Text), column("rota", Text),
        column("rota_name", Text), to("person", "people"), column("name", Text), column("level", Number),
        column("from_at", Number), column("to_at", Number)),
    table!("incident_people" by ["incident", "person", "part"];
        to("incident", "incidents"), to("person", "people"), column("part", Text), column("since", Number)),
    table!("incident_teams" by ["incident", "team"];
        to("incident", "incidents"), to("team", "teams"), column("since", Number)),
    table!("incident_openings" by ["id"];
        column("id", Id), to("incident", "incidents"), to("person", "people"), column("at", Number),
        column("ends_at", Number), column("reason", Text)),
    // Their words are among the secrets, under a key that is in no backup.
    table!("sealed" by ["id"];
        column("id", Id), to("incident", "incidents"), column("kind", Text), to("author", "people"),
        column("audience", Text), column("named", Text), column("secret", Text), column("created_at", Number),
        column("changed_at", Number), column("forgotten_at", Number), column("surface", Text),
        column("moved", Flag)),
    table!("reports" by ["id"];
        column("id", Id), to("incident", "incidents"), column("surface", Text), column("subject", Id),
        to("addressee", "people"), column("secret", Text), column("at", Number), column("settled_at", Number)),
    table!("sealed_openings" by ["id"];
        column("id", Id), to("sealed", "sealed"), to("person", "people"), column("at", Number),
        column("reason", Text)),
    table!("evidence" by ["id"];
        column("id", Id), to("incident", "incidents"), column("source", Text), column("source_id", Text),
        column("at", Number), column("author_name", Text), column("author_kind", Text),
        column("author_source_id", Text), column("signal", Text), column("text", Text), column("place", Text),
        column("url", Text), column("words", Text), column("digest", Bytes), column("facts", Text)),
    table!("evidence_raw" by ["evidence"]; to("evidence", "evidence"), column("raw", Text)),
    table!("events" by ["id"];
        column("id", Id), to("incident", "incidents"), column("at", Number), column("precise", Text),
        column("rank", Number), column("kind", Text), column("title", Text), column("detail", Text),
        column("actor_name", Text), column("actor_kind", Text), column("team", Text), column("rule", Text),
        column("rule_key", Text), column("reason", Text), to("person", "people"), column("hidden", Flag),
        column("touched", Flag), column("revision", Number), column("context", Text)),
    table!("event_evidence" by ["event", "evidence"];
        to("event", "events"), to("evidence", "evidence"), column("place", Number)),
    table!("key_instants" by ["incident", "instant"];
        to("incident", "incidents"), column("instant", Text), to("event", "events"), column("reason", Text),
        column("confirmed", Flag), column("decided_by", Text), column("detected_by", Text)),
    table!("timeline_acts" by ["id"];
        column("id", Id), to("incident", "incidents"), column("place", Number), column("at", Number),
        to("person", "people"), column("actor", Text), column("act", Text), column("before", Text), column("undone", Flag)),
    // An event that the rules wrote may be gone while the act on it stays.
    table!("timeline_changes" by ["act", "event"];
        to("act", "timeline_acts"), column("event", Id), column("place", Number), column("before", Text),
        column("after", Text)),
    table!("impact_intervals" by ["id"];
        column("id", Id), to("incident", "incidents"), column("service", Text), column("audience", Text),
        column("from_at", Number), column("to_at", Number), column("precise", Text), column("degree", Text),
        column("share", Number), column("affected", Number), column("note", Text)),
    table!("clock_offsets" by ["incident", "source"];
        to("incident", "incidents"), column("source", Text), column("micros", Number), column("reason", Text),
        column("decided_by", Text)),
    table!("coordination_notes" by ["incident", "candidate"];
        to("incident", "incidents"), column("candidate", Text), column("confirmed", Flag),
        column("note", Text), column("decided_by", Text), column("at", Number)),
    table!("audiences" by ["incident", "name"];
        to("incident", "incidents"), column("name", Text), column("affected", Flag),
        column("every_minutes", Number)),
    table!("evidence_files" by ["evidence"];
        to("evidence", "evidence"), column("name", Text), column("media", Text), column("bytes", Number),
        column("digest", Bytes)),
    table!("evidence_file_parts" by ["evidence", "place"];
        to("evidence", "evidence"), column("place", Number), column("body", Bytes)),
    table!("evidence_thumbnails" by ["evidence"];
        to("evidence", "evidence"), column("media", Text), column("width", Number), column("height", Number),
        column("body", Bytes)),
    table!("link_snapshots" by ["evidence"];
        to("evidence", "evidence"), column("state", Text), column("at", Number), column("title", Text),
        column("text", Text), column("reason", Text)),
    table!("postmortems" by ["id"];
        column("id", Id), to("incident", "incidents"), column("title", Text), column("template", Text),
        to("owner", "people"), column("owner_since", Number), column("owner_due", Number),
        column("state", Text), column("created_at", Number), column("published_at", Number),
        column("epoch", Life), column("opening", Text), column("revision", Number)),
    table!("language_rules" by ["rule"];
        column("rule", Text), column("silent", Flag), column("demoted_at", Number)),
    table!("language_findings" by ["document", "sentence", "rule"];
        to("document", "postmortems"), column("sentence", Text), column("rule", Text), column("at", Number),
        column("outcome", Text)),
    table!("field_findings" by ["incident", "sentence", "rule"];
        to("incident", "incidents"), column("sentence", Text), column("rule", Text), column("at", Number),
        column("outcome", Text)),
    table!("language_requests" by ["id"];
        column("id", Id), to("document", "postmortems"), column("kind", Text), to("asked_by", "people"),
        column("asked_at", Number), column("settled_at", Number)),
    table!("personnel_channel" by ["id"];
        column("id", Number), column("contact", Text), column("changed_at", Number)),
    table!("document_updates" by ["document", "seq"];
        to("document", "postmortems"), column("seq", Number), column("body", Bytes), to("author", "people"),
        column("at", Number)),
    table!("document_writers" by ["document", "person"];
        to("document", "postmortems"), to("person", "people"), column("first_at", Number),
        column("last_at", Number), column("last_seq", Number)),
    table!("document_authors" by ["document", "client"];
        to("document", "postmortems"), column("client", Number), to("person", "people")),
    // The life that a version belongs to is history, and stays what it was.
    table!("document_versions" by ["document", "number"];
        to("document", "postmortems"), column("number", Number), column("seq", Number),
        column("epoch", Number), column("kind", Text), column("name", Text), column("restored_from", Number),
        column("standing", Text), to("made_by", "people"), column("made_at", Number), column("state", Bytes)),
    table!("document_version_writers" by ["document", "version", "person"];
        to("document", "postmortems"), column("version", Number), to("person", "people"),
        column("place", Number)),
    table!("follow_ups" by ["id"];
        column("id", Id), to("incident", "incidents"), column("text", Text), column("intent", Text),
        to("raised_by", "people"), column("raised_at", Number), column("opens_at", Number),
        column("state", Text), to("owner", "people"), column("due", Number), column("state_at", Number),
        column("reason", Text), column("revision", Number), column("event", Id)),
    table!("hooks" by ["id"];
        column("id", Id), column("source", Text), column("label", Text), column("token_hash", Bytes),
        column("signed", Flag), column("declares", Flag), column("verified", Flag), column("topic", Text),
        to("created_by", "people"),
        column("created_at", Number), column("revoked_at", Number)),
    table!("deliveries" by ["id"];
        column("id", Id), to("hook", "hooks"), column("received_at", Number), column("headers", Text),
        column("body", Bytes), column("digest", Bytes), column("status", Text), column("outcome", Text),
        to("incident", "incidents"), column("attempts", Number)),
    table!("imports" by ["id"];
        column("id", Id), to("person", "people"), column("at", Number), column("files", Text),
        column("outcome", Text), column("state", Text), column("doing", Text), column("share", Number),
        column("seen_at", Number)),
    table!("jobs" by ["id"];
        column("id", Id), column("kind", Text), column("payload", Text), column("name", Text),
        column("made_at", Number), column("run_at", Number), column("attempts", Number),
        column("claim", Number), column("claimed_until", Number), column("again", Flag),
        column("last_error", Text), column("given_up_at", Number)),
    // What people wrote, beside the chain that has its sums.
    table!("audit_words" by ["seq", "place"];
        column("seq", Number), column("place", Number), column("words", Text)),
    // Without the key, which is never in a backup, these open nowhere.
    table!("secrets" by ["name"];
        column("name", Text), column("key", Text), column("sealed", Bytes), column("at", Number)),
];
