-- What every write leaves behind, in its own transaction.

CREATE TABLE audit_entries (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    user_id          BIGINT,
    staff_id         BIGINT REFERENCES people (id),
    action           TEXT COLLATE "C" NOT NULL,
    entity           TEXT COLLATE "C" NOT NULL,
    entity_id        BIGINT NOT NULL,
    changed          JSONB NOT NULL,
    request_id       TEXT COLLATE "C" NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX audit_entries_entity ON audit_entries (organization_id, entity, entity_id, id);
COMMENT ON COLUMN audit_entries.staff_id IS 'platform staff who acted here without being a member';
COMMENT ON COLUMN audit_entries.changed IS '{field: [before, after]}';

-- The outbox: `position` is the order in which the events were written.
CREATE TABLE events (
    position         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id               UUID NOT NULL UNIQUE,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    type             TEXT COLLATE "C" NOT NULL,
    entity           TEXT COLLATE "C" NOT NULL,
    entity_id        BIGINT NOT NULL,
    occurred_at      TIMESTAMPTZ NOT NULL,
    envelope         JSONB NOT NULL,
    UNIQUE (organization_id, position)
);

CREATE TABLE idempotency_keys (
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    user_id          BIGINT NOT NULL REFERENCES people (id),
    key              TEXT COLLATE "C" NOT NULL,
    fingerprint      BYTEA NOT NULL,
    outcome          JSONB NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (organization_id, user_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (organization_id, created_at);

ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_entries
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

-- The trail as the workspace's admins read it.
CREATE VIEW audit_logs WITH (security_invoker = true) AS
SELECT
    id,
    organization_id,
    created_at,
    coalesce(user_id, staff_id) AS "user",
    staff_id IS NOT NULL AS by_staff,
    action,
    entity,
    entity_id,
    request_id,
    jsonb_build_object('changed', changed) AS metadata
FROM audit_entries;
