-- Whom one sells to. `…_folded` is what ordering and search compare; `custom` holds the values of
-- fields that a workspace defines for itself.

CREATE TABLE companies (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    name              TEXT NOT NULL,
    name_folded       TEXT NOT NULL,
    industry          TEXT NOT NULL,
    industry_folded   TEXT NOT NULL,
    website           TEXT NOT NULL,
    billing_address   TEXT NOT NULL,
    shipping_address  TEXT NOT NULL,
    custom            TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX companies_live ON companies (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_name ON companies (organization_id, name_folded, id) WHERE deleted_at IS NULL;

CREATE TABLE contacts (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id      INTEGER NOT NULL REFERENCES organizations (id),
    version              INTEGER NOT NULL,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    deleted_at           INTEGER,
    company_id           INTEGER,
    first_name           TEXT NOT NULL,
    first_name_folded    TEXT NOT NULL,
    last_name            TEXT NOT NULL,
    last_name_folded     TEXT NOT NULL,
    email                TEXT NOT NULL,
    email_folded         TEXT NOT NULL,
    phone_number         TEXT NOT NULL,
    phone_number_folded  TEXT NOT NULL,
    tags                 TEXT NOT NULL,
    custom               TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, company_id) REFERENCES companies (organization_id, id)
) STRICT;
CREATE INDEX contacts_live ON contacts (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_company ON contacts (organization_id, company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_first_name ON contacts (organization_id, first_name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_last_name ON contacts (organization_id, last_name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_email ON contacts (organization_id, email_folded, id) WHERE deleted_at IS NULL;
