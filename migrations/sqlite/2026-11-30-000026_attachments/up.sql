-- Files of records of any kind. As with notes, no foreign key leads to the record.

CREATE TABLE attached_files (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id      INTEGER NOT NULL REFERENCES organizations (id),
    version              INTEGER NOT NULL,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    deleted_at           INTEGER,
    -- A member, perhaps one who has left.
    uploaded_by          INTEGER,
    file_name            TEXT NOT NULL,
    file_name_folded     TEXT NOT NULL,
    file_url             TEXT NOT NULL,
    related_object_type  TEXT NOT NULL,
    related_object_id    INTEGER NOT NULL,
    uploaded_at          INTEGER NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, uploaded_by) REFERENCES memberships (organization_id, user_id)
) STRICT;
CREATE INDEX attached_files_live ON attached_files (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX attached_files_record ON attached_files (organization_id, related_object_type, related_object_id, id)
    WHERE deleted_at IS NULL;

-- Attachments as the API shows them, with the name of who added them.
CREATE VIEW attachments AS
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
    ), '') AS uploaded_by_name,
    f.file_name,
    f.file_name_folded,
    f.file_url,
    f.related_object_type,
    f.related_object_id,
    f.uploaded_at
FROM attached_files f;
