-- The reframing aid: rules that a workspace switched off, what became of findings, steps that were asked for.

-- Rules that speak differently here than as shipped.
CREATE TABLE language_rules (
    rule TEXT PRIMARY KEY,
    silent BOOLEAN NOT NULL,
    -- Since when it speaks one strength lower, because most of what it found last was dismissed.
    demoted_at BIGINT
);

-- Findings that somebody looked at, by sentence; who did is not kept.
CREATE TABLE language_findings (
    document UUID NOT NULL REFERENCES postmortems (id),
    -- The key of the normalised sentence, sixteen hexadecimal digits; never its words.
    sentence TEXT NOT NULL,
    rule TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- 'seen', 'not_here' or 'does_not_help'
    outcome TEXT NOT NULL,
    PRIMARY KEY (document, sentence, rule)
);
CREATE INDEX language_findings_by_rule ON language_findings (rule, at);

-- Steps that were asked for beside a sentence: a debrief, an account.
CREATE TABLE language_requests (
    id UUID PRIMARY KEY,
    document UUID NOT NULL REFERENCES postmortems (id),
    -- 'debrief' or 'account'
    kind TEXT NOT NULL,
    asked_by UUID REFERENCES people (id),
    asked_at BIGINT NOT NULL,
    settled_at BIGINT
);
CREATE INDEX language_requests_by_document ON language_requests (document, asked_at);

-- Where matters about a person go instead of into a document (PER-01); at most one row.
CREATE TABLE personnel_channel (
    id BIGINT PRIMARY KEY,
    contact TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
