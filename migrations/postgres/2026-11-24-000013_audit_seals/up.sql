-- The chain over the entries of each workspace's trail. It is written after them, by the sealer.

CREATE TABLE audit_seals (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    position         BIGINT NOT NULL CHECK (position > 0),
    entry_id         BIGINT NOT NULL,
    content          BYTEA NOT NULL CHECK (length(content) = 32),
    chain            BYTEA NOT NULL CHECK (length(chain) = 32),
    created_at       TIMESTAMPTZ NOT NULL,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, position),
    UNIQUE (organization_id, entry_id),
    FOREIGN KEY (organization_id, entry_id) REFERENCES audit_entries (organization_id, id)
);

ALTER TABLE audit_seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_seals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_seals
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
