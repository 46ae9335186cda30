-- Files of records of any kind. As with notes, no foreign key leads to the record.

CREATE TABLE attached_files (
    id                   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id      BIGINT NOT NULL REFERENCES organizations (id),
    version              BIGINT NOT NULL,
    created_at           TIMESTAMPTZ NOT NULL,
    updated_at           TIMESTAMPTZ NOT NULL,
    deleted_at           TIMESTAMPTZ,
    -- A member, perhaps one who has left.
    uploaded_by          BIGINT,
    file_name            TEXT COLLATE "C" NOT NULL,
    file_name_folded     TEXT COLLATE "C" NOT NULL,
    file_url             TEXT COLLATE "C" NOT NULL,
    related_object_type  TEXT COLLATE "C" NOT NULL,
    related_object_id    BIGINT NOT NULL,
    uploaded_at          TIMESTAMPTZ NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, uploaded_by) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX attached_files_live ON attached_files (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX attached_files_record ON attached_files (organization_id, related_object_type, related_object_id, id)
    WHERE deleted_at IS NULL;

-- Attachments as the API shows them, with the name of who added them.
CREATE VIEW attachments WITH (security_invoker = true) AS
SELECT
    f.id,
    f.organization_id,
    f.version,
    f.created_at,
    f.updated_at,
    f.deleted_at,
    f.uploaded_by,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = f.uploaded_by
    ), '') COLLATE "C" AS uploaded_by_name,
    f.file_name,
    f.file_name_folded,
    f.file_url,
    f.related_object_type,
    f.related_object_id,
    f.uploaded_at
FROM attached_files f;

ALTER TABLE attached_files ENABLE ROW LEVEL SECURITY;
ALTER TABLE attached_files FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attached_files
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
