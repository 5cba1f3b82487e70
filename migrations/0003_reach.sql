-- Who can see an incident, what people are to it, and the teams and services it concerns.

-- 0: the whole organisation. Otherwise only those named until then; 9223372036854775807 has no end.
ALTER TABLE incidents ADD COLUMN narrowed_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN narrowed_at BIGINT;
ALTER TABLE incidents ADD COLUMN narrowed_by UUID;
ALTER TABLE incidents ADD COLUMN narrowed_reason TEXT;

CREATE TABLE teams (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name as it is compared: lower-cased, with single blanks.
    matches TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    revision BIGINT NOT NULL
);
CREATE TABLE team_members (
    team UUID NOT NULL REFERENCES teams (id),
    person UUID NOT NULL REFERENCES people (id),
    since BIGINT NOT NULL,
    PRIMARY KEY (team, person)
);
CREATE INDEX team_members_by_person ON team_members (person);

CREATE TABLE services (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    matches TEXT NOT NULL UNIQUE,
    team UUID REFERENCES teams (id),
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    revision BIGINT NOT NULL
);
CREATE INDEX services_by_team ON services (team);

-- Who was on call for a service when. Somebody without an account is a name only.
CREATE TABLE on_call (
    id UUID PRIMARY KEY,
    service UUID NOT NULL REFERENCES services (id),
    person UUID REFERENCES people (id),
    name TEXT NOT NULL,
    -- 1 is called first.
    level BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    -- 9223372036854775807: still.
    to_at BIGINT NOT NULL,
    -- 'entered', or the product it was brought in from.
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    UNIQUE (service, source, source_id)
);
CREATE INDEX on_call_by_time ON on_call (service, from_at);

-- What people are to an incident beside its owner: responder, facilitator, participant; or only named as
-- somebody who can see it.
CREATE TABLE incident_people (
    incident UUID NOT NULL REFERENCES incidents (id),
    person UUID NOT NULL REFERENCES people (id),
    part TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (incident, person, part)
);
CREATE INDEX incident_people_by_person ON incident_people (person);
-- Teams whose members can see it.
CREATE TABLE incident_teams (
    incident UUID NOT NULL REFERENCES incidents (id),
    team UUID NOT NULL REFERENCES teams (id),
    since BIGINT NOT NULL,
    PRIMARY KEY (incident, team)
);
-- Administrators who looked into an incident that they could not see.
CREATE TABLE incident_openings (
    id UUID PRIMARY KEY,
    incident UUID NOT NULL REFERENCES incidents (id),
    person UUID NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX incident_openings_by_incident ON incident_openings (incident, person);

-- Words that are nobody's but their writer's and those the writer let in. An administrator reads them only by
-- an opening, which the writer sees.
CREATE TABLE sealed (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL,
    incident UUID NOT NULL REFERENCES incidents (id),
    author UUID NOT NULL REFERENCES people (id),
    -- me, facilitator, participants or readers.
    readers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX sealed_by_incident ON sealed (incident, author);
CREATE TABLE sealed_openings (
    id UUID PRIMARY KEY,
    sealed UUID NOT NULL REFERENCES sealed (id),
    person UUID NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX sealed_openings_by_sealed ON sealed_openings (sealed, at);
