-- Passages that left for good, what people asked to be looked at, and words apart from the chain of acts.

-- Where a passage stood: 'document', 'event', 'idea', 'incident' or 'headline'; and whether somebody else moved it
-- out quietly, which its author is told.
ALTER TABLE sealed ADD COLUMN surface TEXT NOT NULL DEFAULT 'document';
ALTER TABLE sealed ADD COLUMN moved BOOLEAN NOT NULL DEFAULT FALSE;

-- A passage that somebody asked to be looked at. Who asked is in no column; the words lie sealed among the secrets.
CREATE TABLE reports (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    -- Where it stands: as above, or 'account'; and which one, for events, ideas and accounts.
    surface TEXT NOT NULL,
    subject UUID,
    -- To whom: its author, who is asked to take it out; NULL: whoever leads the debrief.
    addressee UUID REFERENCES people (id),
    secret TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    settled_at BIGINT
);
CREATE INDEX reports_by_incident ON reports (incident, at);

-- What people wrote in acts on incidents: the chain holds the sum of such words and never changes, the words stand
-- here and can leave. NULL: they left.
CREATE TABLE audit_words (
    seq BIGINT NOT NULL,
    place BIGINT NOT NULL,
    words TEXT,
    PRIMARY KEY (seq, place)
);
