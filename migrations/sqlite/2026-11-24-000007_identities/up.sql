-- Who people are at identity providers, and sign-ins that have begun there. Neither belongs to a
-- workspace: who signs in is in none yet.

ALTER TABLE people ADD COLUMN email_verified_at INTEGER;

CREATE TABLE identities (
    issuer      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    user_id     INTEGER NOT NULL REFERENCES people (id),
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT;
CREATE INDEX identities_user ON identities (user_id);

-- Under the digest of a secret that the browser keeps.
CREATE TABLE sign_in_flows (
    digest    BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    provider  TEXT NOT NULL,
    next      TEXT NOT NULL,
    ends_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_flows_ends_at ON sign_in_flows (ends_at);
