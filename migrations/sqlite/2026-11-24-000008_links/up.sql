-- Links that let somebody do one thing once, by mail. They belong to a person and to no workspace:
-- who opens one is in none yet.

-- Under the digest of a secret that only the receiver of the mail has.
CREATE TABLE links (
    digest      BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    purpose     TEXT NOT NULL
                CHECK (purpose IN ('password_reset', 'password_setup', 'email_verification')),
    user_id     INTEGER NOT NULL REFERENCES people (id),
    -- Where it was mailed to.
    email       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;
CREATE INDEX links_user ON links (user_id);
CREATE INDEX links_expires_at ON links (expires_at);
