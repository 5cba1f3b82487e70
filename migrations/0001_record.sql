-- The record: people, incidents, evidence, timelines, post-mortems, follow-ups, and what was done when by whom.
-- One text for SQLite and PostgreSQL: instants are BIGINT microseconds since 1970, ids UUIDv7, JSON is TEXT.

CREATE TABLE people (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    zone TEXT,
    passphrase_hash TEXT,
    created_at BIGINT NOT NULL,
    deactivated_at BIGINT
);

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    person UUID NOT NULL REFERENCES people (id),
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person);

-- One-time links: setting up, invitations, signing in.
CREATE TABLE links (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    person UUID REFERENCES people (id),
    email TEXT,
    name TEXT,
    role TEXT,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE tokens (
    id UUID PRIMARY KEY,
    person UUID NOT NULL REFERENCES people (id),
    label TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);

-- Exactly one row, made when the workspace is set up.
CREATE TABLE workspace (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    premise TEXT NOT NULL,
    soak_hours BIGINT NOT NULL,
    revision BIGINT NOT NULL
);

-- Counters that only grow, one row each.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
-- Incidents are numbered; whoever changes people and roles counts here first, and so waits for the one before.
INSERT INTO counters (name, value) VALUES ('incident', 0), ('people', 0);

-- What was done: each row holds the SHA-256 of itself together with the row before it.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    person UUID,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    digest BYTEA NOT NULL
);
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    digest BYTEA NOT NULL
);

CREATE TABLE incidents (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity BIGINT,
    state TEXT NOT NULL,
    services TEXT NOT NULL,
    team TEXT,
    declared_at BIGINT NOT NULL,
    resolved_at BIGINT,
    origin_source TEXT,
    origin_id TEXT,
    origin_url TEXT,
    -- Names of those who took part by the evidence, a JSON array; renewed whenever evidence arrives.
    participants TEXT NOT NULL DEFAULT '[]',
    -- Number, title, summary, services and team, lower-cased, for the filter of the list.
    words TEXT NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (origin_source, origin_id)
);
CREATE INDEX incidents_by_time ON incidents (declared_at, number);
CREATE INDEX incidents_by_team ON incidents (team);

CREATE TABLE evidence (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    author_name TEXT,
    author_kind TEXT,
    author_source_id TEXT,
    signal TEXT NOT NULL,
    text TEXT NOT NULL,
    place TEXT,
    url TEXT,
    -- Text, author and place, lower-cased, for search.
    words TEXT NOT NULL,
    -- SHA-256 of the raw form.
    digest BYTEA NOT NULL,
    facts TEXT NOT NULL,
    UNIQUE (incident, source, source_id)
);
-- The raw form apart: it is most of the bytes, and nobody but its own page and `debrief check` reads it.
CREATE TABLE evidence_raw (
    evidence UUID PRIMARY KEY REFERENCES evidence (id),
    raw TEXT NOT NULL
);
CREATE INDEX evidence_by_time ON evidence (incident, at, id);
-- How much each source gave and when chat was busy, without reading the pieces themselves.
CREATE INDEX evidence_by_source ON evidence (incident, source, signal, at);

CREATE TABLE events (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    at BIGINT NOT NULL,
    precise TEXT NOT NULL,
    rank BIGINT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    detail TEXT NOT NULL,
    actor_name TEXT,
    actor_kind TEXT,
    team TEXT,
    -- Either a rule (rule, key, reason) or a person chose it.
    rule TEXT,
    rule_key TEXT,
    reason TEXT,
    person UUID REFERENCES people (id),
    hidden BOOLEAN NOT NULL,
    touched BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (incident, rule_key)
);
CREATE INDEX events_by_time ON events (incident, at, rank, id);

CREATE TABLE event_evidence (
    event UUID NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    evidence UUID NOT NULL REFERENCES evidence (id),
    place BIGINT NOT NULL,
    PRIMARY KEY (event, evidence)
);
CREATE INDEX event_evidence_by_evidence ON event_evidence (evidence);

CREATE TABLE key_instants (
    incident UUID NOT NULL REFERENCES incidents (id),
    instant TEXT NOT NULL,
    -- NULL: a person decided that no event shows it.
    event UUID REFERENCES events (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    confirmed BOOLEAN NOT NULL,
    PRIMARY KEY (incident, instant)
);

CREATE TABLE postmortems (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL UNIQUE REFERENCES incidents (id),
    title TEXT NOT NULL,
    template TEXT NOT NULL,
    -- Exactly one owner, or nobody yet and a time by which to choose.
    owner UUID REFERENCES people (id),
    owner_since BIGINT,
    owner_due BIGINT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    -- Changes when the document's history was rebuilt; clients with another epoch start afresh.
    epoch BIGINT NOT NULL,
    -- The first words of the summary, for lists; refreshed from the document.
    opening TEXT NOT NULL,
    revision BIGINT NOT NULL,
    CHECK ((owner IS NULL) = (owner_since IS NULL)),
    CHECK ((owner IS NULL) <> (owner_due IS NULL))
);

CREATE INDEX postmortems_by_publication ON postmortems (state, published_at);

-- The log of the shared documents: an edit is acknowledged only after its row is on disk.
CREATE TABLE document_updates (
    document UUID NOT NULL REFERENCES postmortems (id),
    seq BIGINT NOT NULL,
    body BYTEA NOT NULL,
    author UUID REFERENCES people (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (document, seq)
);
CREATE TABLE document_writers (
    document UUID NOT NULL REFERENCES postmortems (id),
    person UUID NOT NULL REFERENCES people (id),
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    -- The number of their last update.
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (document, person)
);

-- Which of a document's Yjs clients were whose, kept when updates are merged and their authors with them.
CREATE TABLE document_authors (
    document UUID NOT NULL REFERENCES postmortems (id),
    client BIGINT NOT NULL,
    person UUID NOT NULL REFERENCES people (id),
    PRIMARY KEY (document, client)
);

-- What a document said at moments that matter, for good: no statement changes or removes a row.
CREATE TABLE document_versions (
    document UUID NOT NULL REFERENCES postmortems (id),
    number BIGINT NOT NULL,
    -- The updates of the log that it holds, and the life of the document they belong to.
    seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    restored_from BIGINT,
    -- Where the post-mortem stood from then on.
    standing TEXT NOT NULL,
    made_by UUID REFERENCES people (id),
    made_at BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (document, number)
);

-- Who wrote since the version before.
CREATE TABLE document_version_writers (
    document UUID NOT NULL,
    version BIGINT NOT NULL,
    person UUID NOT NULL REFERENCES people (id),
    place BIGINT NOT NULL,
    PRIMARY KEY (document, version, person),
    FOREIGN KEY (document, version) REFERENCES document_versions (document, number)
);

CREATE TABLE follow_ups (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    text TEXT NOT NULL,
    intent TEXT NOT NULL,
    raised_by UUID REFERENCES people (id),
    raised_at BIGINT NOT NULL,
    opens_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    owner UUID REFERENCES people (id),
    due BIGINT,
    state_at BIGINT,
    reason TEXT,
    revision BIGINT NOT NULL,
    CHECK (state <> 'committed' OR (owner IS NOT NULL AND due IS NOT NULL))
);
CREATE INDEX follow_ups_by_incident ON follow_ups (incident, raised_at);

CREATE TABLE imports (
    id UUID PRIMARY KEY,
    person UUID REFERENCES people (id),
    at BIGINT NOT NULL,
    files TEXT NOT NULL,
    outcome TEXT NOT NULL
);
