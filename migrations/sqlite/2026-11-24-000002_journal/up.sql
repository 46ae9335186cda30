-- What every write leaves behind, in its own transaction.

-- `staff_id`: platform staff who acted here without being a member.
CREATE TABLE audit_entries (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    user_id          INTEGER,
    staff_id         INTEGER REFERENCES people (id),
    action           TEXT NOT NULL,
    entity           TEXT NOT NULL,
    entity_id        INTEGER NOT NULL,
    changed          TEXT NOT NULL,
    request_id       TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id)
) STRICT;
CREATE INDEX audit_entries_entity ON audit_entries (organization_id, entity, entity_id, id);

-- The outbox: `position` is the order in which the events were written.
CREATE TABLE events (
    position         INTEGER PRIMARY KEY AUTOINCREMENT,
    id               BLOB NOT NULL UNIQUE,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    type             TEXT NOT NULL,
    entity           TEXT NOT NULL,
    entity_id        INTEGER NOT NULL,
    occurred_at      INTEGER NOT NULL,
    envelope         TEXT NOT NULL,
    UNIQUE (organization_id, position)
) STRICT;

CREATE TABLE idempotency_keys (
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    user_id          INTEGER NOT NULL REFERENCES people (id),
    key              TEXT NOT NULL,
    fingerprint      BLOB NOT NULL,
    outcome          TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_age ON idempotency_keys (organization_id, created_at);

-- The trail as the workspace's admins read it.
CREATE VIEW audit_logs AS
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
    json_object('changed', json(changed)) AS metadata
FROM audit_entries;
