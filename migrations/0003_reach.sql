-- Who can see an incident, what people are to it, and teams.

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
