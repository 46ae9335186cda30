-- What a workspace has otherwise than its plan says, and who wishes for another plan.

CREATE TABLE plan_overrides (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    feature          BIGINT REFERENCES features (id),
    enabled          BOOLEAN NOT NULL,
    "limit"          TEXT COLLATE "C" NOT NULL CHECK ("limit" IN ('', 'max_users', 'max_deals', 'max_api_calls_per_minute')),
    value            BIGINT NOT NULL CHECK (value >= 0),
    reason           TEXT COLLATE "C" NOT NULL,
    expires_at       DATE,
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    CHECK ((feature IS NULL) <> ("limit" = '')),
    UNIQUE (organization_id, id)
);

ALTER TABLE plan_overrides ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_overrides FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON plan_overrides
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

-- The staff's queue over all workspaces; what a workspace sees of it is its own.
CREATE TABLE plan_requests (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace     BIGINT NOT NULL REFERENCES organizations (id),
    plan          BIGINT NOT NULL REFERENCES plans (id),
    requested_by  BIGINT REFERENCES people (id),
    status        TEXT COLLATE "C" NOT NULL CHECK (status IN ('pending', 'approved', 'refused', 'withdrawn')),
    note          TEXT COLLATE "C" NOT NULL,
    decided_at    TIMESTAMPTZ,
    version       BIGINT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL,
    deleted_at    TIMESTAMPTZ
);
CREATE UNIQUE INDEX plan_requests_pending ON plan_requests (workspace) WHERE status = 'pending';
