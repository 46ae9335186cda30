-- Who people are at identity providers, and sign-ins that have begun there. Neither belongs to a
-- workspace: who signs in is in none yet.

ALTER TABLE people ADD COLUMN email_verified_at TIMESTAMPTZ;

CREATE TABLE identities (
    issuer      TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C" NOT NULL,
    user_id     BIGINT NOT NULL REFERENCES people (id),
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- Under the digest of a secret that the browser keeps.
CREATE TABLE sign_in_flows (
    digest    BYTEA PRIMARY KEY CHECK (octet_length(digest) = 32),
    provider  TEXT COLLATE "C" NOT NULL,
    next      TEXT COLLATE "C" NOT NULL,
    ends_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_flows_ends_at ON sign_in_flows (ends_at);
