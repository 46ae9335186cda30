-- Work in the background: jobs of workspaces, those of the platform's own among them.
--
-- `claim_number` is raised by every claim; who shows an older one has lost the job. `version`,
-- `updated_at` and `deleted_at` are those of every resource; finished jobs are deleted for good,
-- after their time.

CREATE TABLE jobs (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    started_by       BIGINT REFERENCES people (id),
    kind             TEXT COLLATE "C" NOT NULL,
    payload          JSONB NOT NULL,
    priority         BIGINT NOT NULL,
    state            TEXT COLLATE "C" NOT NULL
                     CHECK (state IN ('waiting', 'running', 'done', 'dead', 'cancelled')),
    run_at           TIMESTAMPTZ NOT NULL,
    unique_key       TEXT COLLATE "C",
    attempts         BIGINT NOT NULL,
    max_attempts     BIGINT NOT NULL CHECK (max_attempts > 0),
    claim_number     BIGINT NOT NULL,
    worker           TEXT COLLATE "C" NOT NULL,
    leased_until     TIMESTAMPTZ,
    progress         BIGINT NOT NULL CHECK (progress BETWEEN 0 AND 100),
    progress_note    TEXT COLLATE "C" NOT NULL,
    started_at       TIMESTAMPTZ,
    finished_at      TIMESTAMPTZ,
    outcome          JSONB,
    last_error       TEXT COLLATE "C" NOT NULL,
    request_id       TEXT COLLATE "C" NOT NULL,
    UNIQUE (organization_id, id),
    CHECK ((state = 'running') = (leased_until IS NOT NULL)),
    CHECK ((state IN ('waiting', 'running')) = (finished_at IS NULL))
);
-- The order of claims: whose turn it is, then within the workspace.
CREATE INDEX jobs_turn ON jobs (organization_id, priority, run_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (leased_until) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state IN ('done', 'cancelled');
CREATE UNIQUE INDEX jobs_unique ON jobs (organization_id, kind, unique_key)
    WHERE state IN ('waiting', 'running') AND unique_key IS NOT NULL;

CREATE TABLE schedules (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    name             TEXT COLLATE "C" NOT NULL,
    cron             TEXT COLLATE "C" NOT NULL,
    time_zone        TEXT COLLATE "C" NOT NULL,
    kind             TEXT COLLATE "C" NOT NULL,
    payload          JSONB NOT NULL,
    priority         BIGINT NOT NULL,
    max_attempts     BIGINT NOT NULL CHECK (max_attempts > 0),
    next_at          TIMESTAMPTZ NOT NULL,
    last_at          TIMESTAMPTZ,
    UNIQUE (organization_id, id)
);
CREATE UNIQUE INDEX schedules_name ON schedules (organization_id, name);
CREATE INDEX schedules_due ON schedules (next_at);

-- A member sees the jobs of the workspace, as with every table. The queue's own transactions serve
-- all workspaces at once: they say so by `app.queue`, which holds for that transaction alone.
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
CREATE POLICY queue ON jobs USING (current_setting('app.queue', true) = 'on');

ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE schedules FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON schedules
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
CREATE POLICY queue ON schedules USING (current_setting('app.queue', true) = 'on');
