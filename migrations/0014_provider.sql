-- Signing in with a provider of OpenID Connect.

-- At most one row. Its client secret is among the sealed ones.
CREATE TABLE providers (
    id BIGINT PRIMARY KEY,
    label TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client TEXT NOT NULL,
    -- Scopes that are asked for beside openid, with blanks between.
    scopes TEXT NOT NULL,
    -- The claim that lists groups; and by role the groups whose members have it, a JSON object.
    groups_claim TEXT NOT NULL,
    roles TEXT NOT NULL,
    -- Whether people who are unknown get an account when they come in.
    newcomers BOOLEAN NOT NULL,
    -- Whether passphrases, passkeys and mailed links open anything beside it.
    other_ways BOOLEAN NOT NULL,
    revision BIGINT NOT NULL
);

-- What the provider calls the session there, so that it can end ours (OpenID Connect Back-Channel Logout 1.0).
ALTER TABLE sessions ADD COLUMN provider_session TEXT;
