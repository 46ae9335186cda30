-- Links that let somebody do one thing once, by mail. They belong to a person and to no workspace:
-- who opens one is in none yet.

-- Under the digest of a secret that only the receiver of the mail has.
CREATE TABLE links (
    digest      BYTEA PRIMARY KEY CHECK (octet_length(digest) = 32),
    purpose     TEXT COLLATE "C" NOT NULL
                CHECK (purpose IN ('password_reset', 'password_setup', 'email_verification')),
    user_id     BIGINT NOT NULL REFERENCES people (id),
    -- Where it was mailed to.
    email       TEXT COLLATE "C" NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    used_at     TIMESTAMPTZ
);
CREATE INDEX links_user ON links (user_id);
CREATE INDEX links_expires_at ON links (expires_at);
