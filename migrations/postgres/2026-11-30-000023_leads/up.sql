-- What leads became, and what is to be done about deals.

-- The name goes to the view that knows what a lead became.
ALTER TABLE leads RENAME TO prospects;

CREATE TABLE lead_conversions (
    organization_id  BIGINT NOT NULL,
    lead_id          BIGINT NOT NULL,
    converted_at     TIMESTAMPTZ NOT NULL,
    contact_id       BIGINT NOT NULL,
    company_id       BIGINT,
    opportunity_id   BIGINT,
    PRIMARY KEY (organization_id, lead_id),
    FOREIGN KEY (organization_id, lead_id) REFERENCES prospects (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, company_id) REFERENCES companies (organization_id, id),
    FOREIGN KEY (organization_id, opportunity_id) REFERENCES deals (organization_id, id)
);

-- Leads as the API shows them.
CREATE VIEW leads WITH (security_invoker = true) AS
SELECT
    l.id,
    l.organization_id,
    l.version,
    l.created_at,
    l.updated_at,
    l.deleted_at,
    l.contact_id,
    l.source,
    l.source_folded,
    l.status,
    l.status_folded,
    l.notes,
    l.score,
    l.metadata,
    (SELECT c.converted_at FROM lead_conversions c
        WHERE c.organization_id = l.organization_id AND c.lead_id = l.id) AS converted_at,
    (SELECT c.contact_id FROM lead_conversions c
        WHERE c.organization_id = l.organization_id AND c.lead_id = l.id) AS converted_contact_id,
    (SELECT c.company_id FROM lead_conversions c
        WHERE c.organization_id = l.organization_id AND c.lead_id = l.id) AS converted_company_id,
    (SELECT c.opportunity_id FROM lead_conversions c
        WHERE c.organization_id = l.organization_id AND c.lead_id = l.id) AS converted_opportunity_id
FROM prospects l;

CREATE TABLE activities (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    opportunity_id   BIGINT NOT NULL,
    type             TEXT COLLATE "C" NOT NULL,
    type_folded      TEXT COLLATE "C" NOT NULL,
    subject          TEXT COLLATE "C" NOT NULL,
    subject_folded   TEXT COLLATE "C" NOT NULL,
    notes            TEXT COLLATE "C" NOT NULL,
    due_at           TIMESTAMPTZ,
    completed_at     TIMESTAMPTZ,
    -- A member, perhaps one who has left.
    owner            BIGINT,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, opportunity_id) REFERENCES deals (organization_id, id),
    FOREIGN KEY (organization_id, owner) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX activities_live ON activities (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX activities_opportunity ON activities (organization_id, opportunity_id, id) WHERE deleted_at IS NULL;
CREATE INDEX activities_owner ON activities (organization_id, owner, id) WHERE deleted_at IS NULL;
CREATE INDEX activities_due ON activities (organization_id, due_at, id)
    WHERE deleted_at IS NULL AND completed_at IS NULL;

-- Activities as the API shows them, with how they stand now.
CREATE VIEW deal_activities WITH (security_invoker = true) AS
SELECT
    a.id,
    a.organization_id,
    a.version,
    a.created_at,
    a.updated_at,
    a.deleted_at,
    a.opportunity_id,
    a.type,
    a.type_folded,
    a.subject,
    a.subject_folded,
    a.notes,
    a.due_at,
    a.completed_at,
    a.owner,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = a.owner
    ), '') COLLATE "C" AS owner_name,
    (a.completed_at IS NULL AND a.due_at IS NOT NULL AND a.due_at < now()) AS overdue,
    (a.completed_at IS NULL AND a.due_at IS NOT NULL AND a.due_at >= now()) AS upcoming
FROM activities a;

ALTER TABLE lead_conversions ENABLE ROW LEVEL SECURITY;
ALTER TABLE lead_conversions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON lead_conversions
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE activities ENABLE ROW LEVEL SECURITY;
ALTER TABLE activities FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON activities
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
