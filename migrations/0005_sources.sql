-- Addresses that products send their webhooks to, and what came there.

CREATE TABLE hooks (
    id UUID PRIMARY KEY,
    source TEXT NOT NULL,
    label TEXT NOT NULL,
    -- SHA-256 of the last part of the address.
    token_hash BYTEA NOT NULL UNIQUE,
    -- Whether what comes must be signed; the key is a secret named after the hook.
    signed BOOLEAN NOT NULL,
    -- Whether an incident that is not known yet may begin by it.
    declares BOOLEAN NOT NULL,
    created_by UUID REFERENCES people (id),
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- Accepted means stored: a row stands here before the answer goes out.
CREATE TABLE deliveries (
    id UUID PRIMARY KEY,
    hook UUID NOT NULL REFERENCES hooks (id),
    received_at BIGINT NOT NULL,
    -- The headers that say what it is, as JSON.
    headers TEXT NOT NULL,
    body BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    -- waiting, done, kept (in no incident), failed
    status TEXT NOT NULL,
    -- What became of it, for people.
    outcome TEXT NOT NULL,
    incident UUID REFERENCES incidents (id),
    attempts BIGINT NOT NULL
);
CREATE INDEX deliveries_by_time ON deliveries (received_at, id);
CREATE INDEX deliveries_by_status ON deliveries (status, received_at, id);
