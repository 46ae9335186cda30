-- From the lead to the deal: pipelines with their stages, leads, deals, and how deals went through
-- the stages. Probabilities are hundredths of a percent, amounts ten-thousandths of a unit.

CREATE TABLE pipelines (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    name             TEXT COLLATE "C" NOT NULL,
    name_folded      TEXT COLLATE "C" NOT NULL,
    UNIQUE (organization_id, id)
);
CREATE INDEX pipelines_live ON pipelines (organization_id, id) WHERE deleted_at IS NULL;

CREATE TABLE deal_stages (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    pipeline_id      BIGINT NOT NULL,
    name             TEXT COLLATE "C" NOT NULL,
    name_folded      TEXT COLLATE "C" NOT NULL,
    position         BIGINT NOT NULL,
    win_probability  BIGINT NOT NULL CHECK (win_probability BETWEEN 0 AND 10000),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, pipeline_id) REFERENCES pipelines (organization_id, id)
);
CREATE INDEX deal_stages_live ON deal_stages (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX deal_stages_pipeline ON deal_stages (organization_id, pipeline_id, position) WHERE deleted_at IS NULL;

CREATE TABLE leads (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    contact_id       BIGINT,
    source           TEXT COLLATE "C" NOT NULL,
    source_folded    TEXT COLLATE "C" NOT NULL,
    status           TEXT COLLATE "C" NOT NULL,
    status_folded    TEXT COLLATE "C" NOT NULL,
    notes            TEXT COLLATE "C" NOT NULL,
    score            BIGINT NOT NULL,
    metadata         JSONB NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id)
);
CREATE INDEX leads_live ON leads (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_contact ON leads (organization_id, contact_id, id) WHERE deleted_at IS NULL;
CREATE INDEX leads_status ON leads (organization_id, status_folded, id) WHERE deleted_at IS NULL;

CREATE TABLE deals (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    lead_id           BIGINT,
    company_id        BIGINT,
    contact_id        BIGINT,
    name              TEXT COLLATE "C" NOT NULL,
    name_folded       TEXT COLLATE "C" NOT NULL,
    pipeline_id       BIGINT NOT NULL,
    stage_id          BIGINT NOT NULL,
    amount            BIGINT NOT NULL CHECK (amount >= 0),
    currency          TEXT COLLATE "C" NOT NULL,
    close_date        DATE,
    probability       BIGINT NOT NULL CHECK (probability BETWEEN 0 AND 10000),
    expected_value    BIGINT NOT NULL,
    -- A member, perhaps one who has left.
    owner             BIGINT,
    status            TEXT COLLATE "C" NOT NULL CHECK (status IN ('open', 'won', 'lost')),
    stage_entered_at  TIMESTAMPTZ NOT NULL,
    closed_at         TIMESTAMPTZ,
    lost_reason       TEXT COLLATE "C" NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, lead_id) REFERENCES leads (organization_id, id),
    FOREIGN KEY (organization_id, company_id) REFERENCES companies (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, pipeline_id) REFERENCES pipelines (organization_id, id),
    FOREIGN KEY (organization_id, stage_id) REFERENCES deal_stages (organization_id, id),
    FOREIGN KEY (organization_id, owner) REFERENCES memberships (organization_id, user_id)
);
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
CREATE VIEW opportunities WITH (security_invoker = true) AS
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
    ), '') COLLATE "C" AS pipeline_name,
    COALESCE((
        SELECT s.name FROM deal_stages s
        WHERE s.organization_id = d.organization_id AND s.id = d.stage_id
    ), '') COLLATE "C" AS stage_name,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = d.owner
    ), '') COLLATE "C" AS owner_name
FROM deals d;

-- Only added to: each time a deal entered a stage, with the names that the stages had then.
CREATE TABLE stage_changes (
    id                 BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id    BIGINT NOT NULL REFERENCES organizations (id),
    changed_at         TIMESTAMPTZ NOT NULL,
    opportunity_id     BIGINT NOT NULL,
    from_stage_id      BIGINT,
    from_stage_name    TEXT COLLATE "C" NOT NULL,
    to_stage_id        BIGINT NOT NULL,
    to_stage_name      TEXT COLLATE "C" NOT NULL,
    seconds_in_former_stage  BIGINT NOT NULL,
    -- Platform staff change deals, too.
    changed_by         BIGINT REFERENCES people (id),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, opportunity_id) REFERENCES deals (organization_id, id),
    FOREIGN KEY (organization_id, from_stage_id) REFERENCES deal_stages (organization_id, id),
    FOREIGN KEY (organization_id, to_stage_id) REFERENCES deal_stages (organization_id, id)
);
CREATE INDEX stage_changes_opportunity ON stage_changes (organization_id, opportunity_id, id);

CREATE VIEW opportunity_stage_changes WITH (security_invoker = true) AS
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
    ), '') COLLATE "C" AS changed_by_name
FROM stage_changes c;

ALTER TABLE pipelines ENABLE ROW LEVEL SECURITY;
ALTER TABLE pipelines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON pipelines
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE deal_stages ENABLE ROW LEVEL SECURITY;
ALTER TABLE deal_stages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deal_stages
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE leads ENABLE ROW LEVEL SECURITY;
ALTER TABLE leads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leads
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE deals ENABLE ROW LEVEL SECURITY;
ALTER TABLE deals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deals
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE stage_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE stage_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON stage_changes
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
