-- The second factor of people, and which workspaces require one. A person is global, and so is it.

ALTER TABLE people ADD COLUMN second_factor_at TIMESTAMPTZ;
ALTER TABLE organizations ADD COLUMN requires_second_factor BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE second_factors (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    BIGINT NOT NULL UNIQUE REFERENCES people (id),
    sealed     BYTEA NOT NULL,
    last_step  BIGINT NOT NULL
);
COMMENT ON COLUMN second_factors.sealed IS 'the secret, encrypted with a key that is not in the database';

CREATE TABLE recovery_codes (
    user_id  BIGINT NOT NULL REFERENCES people (id),
    digest   BYTEA NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (user_id, digest)
);
