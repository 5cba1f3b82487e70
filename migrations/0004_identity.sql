-- Who somebody is: what is known of a session, what a token may do, second factors, passkeys, single sign-on.

-- A service account is nobody in particular: a program that works under a name of its own.
ALTER TABLE people ADD COLUMN service BOOLEAN NOT NULL DEFAULT FALSE;

-- The browser as it described itself, the address it came from, by what it signed in, and when it last proved it.
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN how TEXT NOT NULL DEFAULT 'link';
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;

-- NULL: everything its person may do, as all tokens could before there were scopes; and for as long as it is kept.
ALTER TABLE tokens ADD COLUMN scopes TEXT;
ALTER TABLE tokens ADD COLUMN ends_at BIGINT;

-- What stands between two steps of a sign-in: found by the SHA-256 of what the browser holds, used once.
CREATE TABLE ceremonies (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    person UUID REFERENCES people (id),
    detail TEXT NOT NULL,
    ends_at BIGINT NOT NULL
);

-- One-time passwords (RFC 6238): the secret is among the sealed ones; a step is never accepted twice.
CREATE TABLE second_factors (
    person UUID PRIMARY KEY REFERENCES people (id),
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL
);
CREATE TABLE recovery_codes (
    id UUID PRIMARY KEY,
    person UUID NOT NULL REFERENCES people (id),
    code_hash BYTEA NOT NULL,
    used_at BIGINT
);
CREATE INDEX recovery_codes_by_person ON recovery_codes (person);

CREATE TABLE passkeys (
    id UUID PRIMARY KEY,
    person UUID NOT NULL REFERENCES people (id),
    credential BYTEA NOT NULL UNIQUE,
    algorithm BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    counter BIGINT NOT NULL,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX passkeys_by_person ON passkeys (person);

-- Who somebody is to a provider of OpenID Connect.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person UUID NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_person ON identities (person);

-- At most one row: the weakest role from which on a second factor is asked for; NULL asks nobody.
CREATE TABLE sign_in_rules (
    id BIGINT PRIMARY KEY,
    second_factor_from TEXT,
    revision BIGINT NOT NULL
);
