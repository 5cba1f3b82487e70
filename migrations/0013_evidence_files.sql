-- Small pictures of pictures that were attached, and what a linked page said when it was fetched.

CREATE TABLE evidence_thumbnails (
    evidence UUID PRIMARY KEY REFERENCES evidence (id),
    media TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE TABLE link_snapshots (
    evidence UUID PRIMARY KEY REFERENCES evidence (id),
    -- waiting, kept or refused.
    state TEXT NOT NULL,
    -- When it was asked for, and then when it was fetched.
    at BIGINT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    -- Why there is none.
    reason TEXT NOT NULL
);
