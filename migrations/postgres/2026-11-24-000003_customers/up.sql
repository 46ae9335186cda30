-- Whom one sells to. `…_folded` is what ordering and search compare; `custom` holds the values of
-- fields that a workspace defines for itself.

CREATE TABLE companies (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    name              TEXT COLLATE "C" NOT NULL,
    name_folded       TEXT COLLATE "C" NOT NULL,
    industry          TEXT COLLATE "C" NOT NULL,
    industry_folded   TEXT COLLATE "C" NOT NULL,
    website           TEXT COLLATE "C" NOT NULL,
    billing_address   TEXT COLLATE "C" NOT NULL,
    shipping_address  TEXT COLLATE "C" NOT NULL,
    custom            JSONB NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id)
);
CREATE INDEX companies_live ON companies (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_name ON companies (organization_id, name_folded, id) WHERE deleted_at IS NULL;

CREATE TABLE contacts (
    id                   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id      BIGINT NOT NULL REFERENCES organizations (id),
    version              BIGINT NOT NULL,
    created_at           TIMESTAMPTZ NOT NULL,
    updated_at           TIMESTAMPTZ NOT NULL,
    deleted_at           TIMESTAMPTZ,
    company_id           BIGINT,
    first_name           TEXT COLLATE "C" NOT NULL,
    first_name_folded    TEXT COLLATE "C" NOT NULL,
    last_name            TEXT COLLATE "C" NOT NULL,
    last_name_folded     TEXT COLLATE "C" NOT NULL,
    email                TEXT COLLATE "C" NOT NULL,
    email_folded         TEXT COLLATE "C" NOT NULL,
    phone_number         TEXT COLLATE "C" NOT NULL,
    phone_number_folded  TEXT COLLATE "C" NOT NULL,
    tags                 JSONB NOT NULL,
    custom               JSONB NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, company_id) REFERENCES companies (organization_id, id)
);
CREATE INDEX contacts_live ON contacts (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_company ON contacts (organization_id, company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_first_name ON contacts (organization_id, first_name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_last_name ON contacts (organization_id, last_name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_email ON contacts (organization_id, email_folded, id) WHERE deleted_at IS NULL;

ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
ALTER TABLE companies FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON companies
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contacts
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
