-- Failed sign-ins and where people signed in from. Neither belongs to a workspace: who signs in is
-- in none yet.

-- What failures are counted under: a name (the SHA-256 of its folded form) at an address, a name
-- everywhere (no address), or an address with any name (no name).
CREATE TABLE sign_in_failures (
    name     BYTEA NOT NULL CHECK (octet_length(name) IN (0, 32)),
    address  TEXT COLLATE "C" NOT NULL,
    used     BIGINT NOT NULL CHECK (used >= 0),
    ends_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name, address)
);
CREATE INDEX sign_in_failures_ends_at ON sign_in_failures (ends_at);

CREATE TABLE known_addresses (
    user_id  BIGINT NOT NULL REFERENCES people (id),
    address  TEXT COLLATE "C" NOT NULL,
    seen_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, address)
);
CREATE INDEX known_addresses_seen_at ON known_addresses (seen_at);
