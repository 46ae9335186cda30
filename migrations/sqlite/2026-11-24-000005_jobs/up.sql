-- Work in the background: jobs of workspaces, those of the platform's own among them.
--
-- `claim_number` is raised by every claim; who shows an older one has lost the job. `version`,
-- `updated_at` and `deleted_at` are those of every resource; finished jobs are deleted for good,
-- after their time.

CREATE TABLE jobs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    started_by       INTEGER REFERENCES people (id),
    kind             TEXT NOT NULL,
    payload          TEXT NOT NULL,
    priority         INTEGER NOT NULL,
    state            TEXT NOT NULL
                     CHECK (state IN ('waiting', 'running', 'done', 'dead', 'cancelled')),
    run_at           INTEGER NOT NULL,
    unique_key       TEXT,
    attempts         INTEGER NOT NULL,
    max_attempts     INTEGER NOT NULL CHECK (max_attempts > 0),
    claim_number     INTEGER NOT NULL,
    worker           TEXT NOT NULL,
    leased_until     INTEGER,
    progress         INTEGER NOT NULL CHECK (progress BETWEEN 0 AND 100),
    progress_note    TEXT NOT NULL,
    started_at       INTEGER,
    finished_at      INTEGER,
    outcome          TEXT,
    last_error       TEXT NOT NULL,
    request_id       TEXT NOT NULL,
    UNIQUE (organization_id, id),
    CHECK ((state = 'running') = (leased_until IS NOT NULL)),
    CHECK ((state IN ('waiting', 'running')) = (finished_at IS NULL))
) STRICT;
-- The order of claims: whose turn it is, then within the workspace.
CREATE INDEX jobs_turn ON jobs (organization_id, priority, run_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (leased_until) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state IN ('done', 'cancelled');
CREATE UNIQUE INDEX jobs_unique ON jobs (organization_id, kind, unique_key)
    WHERE state IN ('waiting', 'running') AND unique_key IS NOT NULL;

CREATE TABLE schedules (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    name             TEXT NOT NULL,
    cron             TEXT NOT NULL,
    time_zone        TEXT NOT NULL,
    kind             TEXT NOT NULL,
    payload          TEXT NOT NULL,
    priority         INTEGER NOT NULL,
    max_attempts     INTEGER NOT NULL CHECK (max_attempts > 0),
    next_at          INTEGER NOT NULL,
    last_at          INTEGER,
    UNIQUE (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX schedules_name ON schedules (organization_id, name);
CREATE INDEX schedules_due ON schedules (next_at);
