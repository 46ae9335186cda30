-- Notes on records of any kind. No foreign key can lead to any kind: who writes one looks for the
-- record, and records are never removed as long as their workspace is there.

CREATE TABLE note_texts (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id      INTEGER NOT NULL REFERENCES organizations (id),
    version              INTEGER NOT NULL,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    deleted_at           INTEGER,
    -- A member, perhaps one who has left.
    author               INTEGER,
    content              TEXT NOT NULL,
    related_object_type  TEXT NOT NULL,
    related_object_id    INTEGER NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, author) REFERENCES memberships (organization_id, user_id)
) STRICT;
CREATE INDEX note_texts_live ON note_texts (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX note_texts_record ON note_texts (organization_id, related_object_type, related_object_id, id)
    WHERE deleted_at IS NULL;

-- Notes as the API shows them, with the name of who wrote them.
CREATE VIEW notes AS
SELECT
    n.id,
    n.organization_id,
    n.version,
    n.created_at,
    n.updated_at,
    n.deleted_at,
    n.author,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = n.author
    ), '') AS author_name,
    n.content,
    n.related_object_type,
    n.related_object_id
FROM note_texts n;
