-- From the lead to the deal: pipelines with their stages, leads, deals, and how deals went through
-- the stages. Probabilities are hundredths of a percent, amounts ten-thousandths of a unit.

CREATE TABLE pipelines (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    name             TEXT NOT NULL,
    name_folded      TEXT NOT NULL,
    UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX pipelines_live ON pipelines (organization_id, id) WHERE deleted_at IS NULL;

CREATE TABLE deal_stages (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    pipeline_id      INTEGER NOT NULL,
    name             TEXT NOT NULL,
    name_folded      TEXT NOT NULL,
    position         INTEGER NOT NULL,
    win_probability  INTEGER NOT NULL CHECK (win_probability BETWEEN 0 AND 10000),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, pipeline_id) REFERENCES pipelines (organization_id, id)
) STRICT;
CREATE INDEX deal_stages_live ON deal_stages (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX deal_stages_pipeline ON deal_stages (organization_id, pipeline_id, position) WHERE deleted_at IS NULL;

CREATE TABLE leads (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    contact_id       INTEGER,
    source           TEXT NOT NULL,
    source_folded    TEXT NOT NULL,
    status           TEXT NOT NULL,
    status_folded    TEXT NOT NULL,
    notes            TEXT NOT NULL,
    score            INTEGER NOT NULL,
    metadata         TEXT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id)
) STRICT;
CREATE INDEX leads_live ON leads (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_contact ON leads (organization_id, contact_id, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_status ON leads (organization_id, status_folded, id) WHERE deleted_at IS NULL;

CREATE TABLE deals (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    lead_id           INTEGER,
    company_id        INTEGER,
    contact_id        INTEGER,
    name              TEXT NOT NULL,
    name_folded       TEXT NOT NULL,
    pipeline_id       INTEGER NOT NULL,
    stage_id          INTEGER NOT NULL,
    amount            INTEGER NOT NULL CHECK (amount >= 0),
    currency          TEXT NOT NULL,
    close_date        TEXT,
    probability       INTEGER NOT NULL CHECK (probability BETWEEN 0 AND 10000),
    expected_value    INTEGER NOT NULL,
    -- A member, perhaps one who has left.
    owner             INTEGER,
    status            TEXT NOT NULL CHECK (status IN ('open', 'won', 'lost')),
    stage_entered_at  INTEGER NOT NULL,
    closed_at         INTEGER,
    lost_reason       TEXT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, lead_id) REFERENCES leads (organization_id, id),
    FOREIGN KEY (organization_id, company_id) REFERENCES companies (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, pipeline_id) REFERENCES pipelines (organization_id, id),
    FOREIGN KEY (organization_id, stage_id) REFERENCES deal_stages (organization_id, id),
    FOREIGN KEY (organization_id, owner) REFERENCES memberships (organization_id, user_id)
) STRICT;
CREATE INDEX deals_live ON deals (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_name ON deals (organization_id, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_pipeline ON deals (organization_id, pipeline_id, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_stage ON deals (organization_id, stage_id, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_owner ON deals (organization_id, owner, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_close_date ON deals (organization_id, close_date, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_lead ON deals (organization_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX deals_company ON deals (organization_id, company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX deals_contact ON deals (organization_id, contact_id, id) WHERE contact_id IS NOT NULL;

-- Deals as the API shows them, with the names of what they lead to.
CREATE VIEW opportunities AS
SELECT
    d.id,
    d.organization_id,
    d.version,
    d.created_at,
    d.updated_at,
    d.deleted_at,
    d.lead_id,
    d.company_id,
    d.contact_id,
    d.name,
    d.name_folded,
    d.pipeline_id,
    d.stage_id,
    d.amount,
    d.currency,
    d.close_date,
    d.probability,
    d.expected_value,
    d.owner,
    d.status,
    d.stage_entered_at,
    d.closed_at,
    d.lost_reason,
    COALESCE((
        SELECT p.name FROM pipelines p
        WHERE p.organization_id = d.organization_id AND p.id = d.pipeline_id
    ), '') AS pipeline_name,
    COALESCE((
        SELECT s.name FROM deal_stages s
        WHERE s.organization_id = d.organization_id AND s.id = d.stage_id
    ), '') AS stage_name,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = d.owner
    ), '') AS owner_name
FROM deals d;

-- Only added to: each time a deal entered a stage, with the names that the stages had then.
CREATE TABLE stage_changes (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id    INTEGER NOT NULL REFERENCES organizations (id),
    changed_at         INTEGER NOT NULL,
    opportunity_id     INTEGER NOT NULL,
    from_stage_id      INTEGER,
    from_stage_name    TEXT NOT NULL,
    to_stage_id        INTEGER NOT NULL,
    to_stage_name      TEXT NOT NULL,
    seconds_in_former_stage  INTEGER NOT NULL,
    -- Platform staff change deals, too.
    changed_by         INTEGER REFERENCES people (id),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, opportunity_id) REFERENCES deals (organization_id, id),
    FOREIGN KEY (organization_id, from_stage_id) REFERENCES deal_stages (organization_id, id),
    FOREIGN KEY (organization_id, to_stage_id) REFERENCES deal_stages (organization_id, id)
) STRICT;
CREATE INDEX stage_changes_opportunity ON stage_changes (organization_id, opportunity_id, id);

CREATE VIEW opportunity_stage_changes AS
SELECT
    c.id,
    c.organization_id,
    c.changed_at,
    c.opportunity_id,
    c.from_stage_id,
    c.from_stage_name,
    c.to_stage_id,
    c.to_stage_name,
    c.seconds_in_former_stage,
    c.changed_by,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = c.changed_by
    ), '') AS changed_by_name
FROM stage_changes c;
