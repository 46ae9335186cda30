-- What a workspace has otherwise than its plan says, and who wishes for another plan.

CREATE TABLE plan_overrides (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    feature          INTEGER REFERENCES features (id),
    enabled          INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    "limit"          TEXT NOT NULL CHECK ("limit" IN ('', 'max_users', 'max_deals', 'max_api_calls_per_minute')),
    value            INTEGER NOT NULL CHECK (value >= 0),
    reason           TEXT NOT NULL,
    expires_at       TEXT,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    CHECK ((feature IS NULL) <> ("limit" = '')),
    UNIQUE (organization_id, id)
) STRICT;

-- The staff's queue over all workspaces; what a workspace sees of it is its own.
CREATE TABLE plan_requests (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace     INTEGER NOT NULL REFERENCES organizations (id),
    plan          INTEGER NOT NULL REFERENCES plans (id),
    requested_by  INTEGER REFERENCES people (id),
    status        TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'refused', 'withdrawn')),
    note          TEXT NOT NULL,
    decided_at    INTEGER,
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    deleted_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX plan_requests_pending ON plan_requests (workspace) WHERE status = 'pending';
