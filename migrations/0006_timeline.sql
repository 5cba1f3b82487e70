-- The timeline as an instrument: what an event means to the story, who changed what, who was affected, clocks that
-- ran wrong, what coordination cost, and files as evidence.

-- A JSON object: a decision's circumstances, an explanation's standing, who was told, marks.
ALTER TABLE events ADD COLUMN context TEXT NOT NULL DEFAULT '{}';
-- Who decided, and for “detected” how it came to be noticed.
ALTER TABLE key_instants ADD COLUMN decided_by TEXT;
ALTER TABLE key_instants ADD COLUMN detected_by TEXT;

-- Each act on a timeline, so that it can be undone and earlier wordings are found.
CREATE TABLE timeline_acts (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    -- Its place among the acts on this timeline, from 1.
    place BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person UUID REFERENCES people (id),
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    -- JSON: key instants and intervals as they were before.
    before TEXT NOT NULL,
    undone BOOLEAN NOT NULL
);
CREATE INDEX timeline_acts_by_incident ON timeline_acts (incident, place);
CREATE TABLE timeline_changes (
    act UUID NOT NULL REFERENCES timeline_acts (id),
    event UUID NOT NULL,
    place BIGINT NOT NULL,
    -- The whole event as JSON; NULL where the act wrote it first.
    before TEXT,
    after TEXT NOT NULL,
    PRIMARY KEY (act, event)
);
CREATE INDEX timeline_changes_by_event ON timeline_changes (event, act);

CREATE TABLE impact_intervals (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    service TEXT NOT NULL,
    audience TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT,
    precise TEXT NOT NULL,
    degree TEXT NOT NULL,
    -- Hundredths of a percent of its users.
    share BIGINT,
    affected BIGINT,
    note TEXT NOT NULL
);
CREATE INDEX impact_intervals_by_incident ON impact_intervals (incident, from_at);

-- By how much a source's clock is put right; its evidence stays as it came.
CREATE TABLE clock_offsets (
    incident UUID NOT NULL REFERENCES incidents (id),
    source TEXT NOT NULL,
    micros BIGINT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    PRIMARY KEY (incident, source)
);

-- What people said about a candidate that the record suggests, or wrote down themselves.
CREATE TABLE coordination_notes (
    incident UUID NOT NULL REFERENCES incidents (id),
    candidate TEXT NOT NULL,
    confirmed BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (incident, candidate)
);

-- Who had to be told, whether they were affected, and how often an update was owed.
CREATE TABLE audiences (
    incident UUID NOT NULL REFERENCES incidents (id),
    name TEXT NOT NULL,
    affected BOOLEAN NOT NULL,
    every_minutes BIGINT,
    PRIMARY KEY (incident, name)
);

-- Files as evidence: the bytes in pieces, so that neither a statement nor a backup line grows large.
CREATE TABLE evidence_files (
    evidence UUID PRIMARY KEY REFERENCES evidence (id),
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    digest BYTEA NOT NULL
);
CREATE TABLE evidence_file_parts (
    evidence UUID NOT NULL REFERENCES evidence (id),
    place BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (evidence, place)
);
