-- Places that nobody reads by their role; services, who looks after them, and who was on call.

-- Passages that left a document and accounts in somebody's own words. What is in them lies sealed among the
-- secrets; the terms stand in the seal as well, so that a changed row opens nothing.
CREATE TABLE sealed (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    kind TEXT NOT NULL,
    author UUID NOT NULL REFERENCES people (id),
    audience TEXT NOT NULL,
    -- Ids of people who were let in by name, a JSON array.
    named TEXT NOT NULL,
    -- The name among the secrets.
    secret TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- When its author had the words forgotten.
    forgotten_at BIGINT
);
CREATE INDEX sealed_by_incident ON sealed (incident, created_at);
-- Administrators who opened one, each with the reason; its author reads this.
CREATE TABLE sealed_openings (
    id UUID PRIMARY KEY,
    sealed UUID NOT NULL REFERENCES sealed (id),
    person UUID NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX sealed_openings_by_place ON sealed_openings (sealed, at);

-- Services with the team that looks after each. Incidents name them in words; names that match are theirs.
CREATE TABLE services (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name as it is compared: lower-cased, with single blanks.
    matches TEXT NOT NULL UNIQUE,
    team UUID REFERENCES teams (id),
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
-- Who was on call for a service, from when to when.
CREATE TABLE on_call (
    id UUID PRIMARY KEY,
    service UUID NOT NULL REFERENCES services (id),
    -- 'hand', or where its schedule is kept; the schedule's id there and its name.
    source TEXT NOT NULL,
    rota TEXT NOT NULL,
    rota_name TEXT NOT NULL,
    -- Who, if they have an account here; and the name as it was given.
    person UUID REFERENCES people (id),
    name TEXT NOT NULL,
    -- 1 is asked first.
    level BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT
);
CREATE INDEX on_call_by_service ON on_call (service, from_at);
