-- The second factor of people, and which workspaces require one. A person is global, and so is it.

ALTER TABLE people ADD COLUMN second_factor_at INTEGER;
ALTER TABLE organizations ADD COLUMN requires_second_factor INTEGER NOT NULL DEFAULT 0;

-- `sealed` is the secret, encrypted with a key that is not in the database.
CREATE TABLE second_factors (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL UNIQUE REFERENCES people (id),
    sealed     BLOB NOT NULL,
    last_step  INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
    user_id  INTEGER NOT NULL REFERENCES people (id),
    digest   BLOB NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (user_id, digest)
) STRICT;
