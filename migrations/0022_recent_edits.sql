-- The edits of shared documents that were kept last, one after the other: where one writer keeps them all, an edit is
-- a row at the end of a small table, and not one in its document's place of a large index. They move to
-- `document_updates` many at a time; what they point to is looked up then.
CREATE TABLE recent_edits (
    document UUID NOT NULL,
    seq BIGINT NOT NULL,
    body BYTEA NOT NULL,
    author UUID,
    at BIGINT NOT NULL
);

-- Rises whenever edits get numbers, or a document another life, in any other way: whoever numbers edits by what it
-- remembers finds that this is out of date. One row, once there are edits.
CREATE TABLE edit_generations (
    id BIGINT PRIMARY KEY,
    generation BIGINT NOT NULL
);
