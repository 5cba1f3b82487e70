-- What runs an installation besides its record: jobs, requests that come again, secrets under a key, imports as
-- they go on.

-- What is to be done after the act that asked for it, written by that act's transaction.
CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The job as JSON.
    payload TEXT NOT NULL,
    -- Of jobs with one name only one waits; NULL: each is its own.
    name TEXT UNIQUE,
    made_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    -- How often it was begun.
    attempts BIGINT NOT NULL,
    -- Counts claims: whoever holds an older number has lost the job and can change nothing more.
    claim BIGINT NOT NULL,
    claimed_until BIGINT,
    -- It was asked for again while it ran.
    again BOOLEAN NOT NULL,
    last_error TEXT,
    -- When it was given up after too many attempts.
    given_up_at BIGINT
);
CREATE INDEX jobs_by_time ON jobs (run_at, id);

-- Requests with an Idempotency-Key, kept for a day. The row is written by the transaction of the act.
CREATE TABLE repeats (
    person UUID NOT NULL,
    name TEXT NOT NULL,
    -- SHA-256 over method, path and body.
    request BYTEA NOT NULL,
    -- Tells this request from one that comes at the same time.
    attempt BYTEA NOT NULL,
    at BIGINT NOT NULL,
    -- The answer; NULL until it is known.
    status BIGINT,
    kind TEXT,
    body BYTEA,
    PRIMARY KEY (person, name)
);
CREATE INDEX repeats_by_time ON repeats (at);

-- Secrets that must be read again, sealed under a key that is not in the database.
CREATE TABLE secrets (
    -- What it belongs to; bound into the seal, so that no secret can take another's place.
    name TEXT PRIMARY KEY,
    -- Which key sealed it.
    key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    at BIGINT NOT NULL
);

-- An import is on record from its start; before, only those that ended well were.
ALTER TABLE imports ADD COLUMN state TEXT NOT NULL DEFAULT 'done';
ALTER TABLE imports ADD COLUMN doing TEXT NOT NULL DEFAULT '';
-- Thousandths.
ALTER TABLE imports ADD COLUMN share BIGINT NOT NULL DEFAULT 1000;
-- When its process last said that it is at work.
ALTER TABLE imports ADD COLUMN seen_at BIGINT;
