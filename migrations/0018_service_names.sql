-- What services are and were called. Whatever names one by an earlier name still finds it.
CREATE TABLE service_names (
    id UUID PRIMARY KEY,
    service UUID NOT NULL REFERENCES services (id),
    name TEXT NOT NULL,
    -- The name as it is compared: lower-cased, with single blanks.
    matches TEXT NOT NULL,
    -- From when to when it was called so; without an end it still is.
    from_at BIGINT NOT NULL,
    until BIGINT,
    -- Whether the name finds the service. A name belongs to one service at a time, whether it is called so now or
    -- was before; names of services that ended belong to none.
    holds BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX service_names_once ON service_names (matches) WHERE holds;
CREATE INDEX service_names_by_service ON service_names (service, from_at);
-- Whether somebody was told that a token ends soon.
ALTER TABLE tokens ADD COLUMN end_told BOOLEAN NOT NULL DEFAULT FALSE;
INSERT INTO service_names (id, service, name, matches, from_at, until, holds)
    SELECT id, id, name, matches, created_at, ended_at, ended_at IS NULL FROM services;
