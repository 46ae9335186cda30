-- Notes on records of any kind. No foreign key can lead to any kind: who writes one looks for the
-- record, and records are never removed as long as their workspace is there.

CREATE TABLE note_texts (
    id                   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id      BIGINT NOT NULL REFERENCES organizations (id),
    version              BIGINT NOT NULL,
    created_at           TIMESTAMPTZ NOT NULL,
    updated_at           TIMESTAMPTZ NOT NULL,
    deleted_at           TIMESTAMPTZ,
    -- A member, perhaps one who has left.
    author               BIGINT,
    content              TEXT COLLATE "C" NOT NULL,
    related_object_type  TEXT COLLATE "C" NOT NULL,
    related_object_id    BIGINT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, author) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX note_texts_live ON note_texts (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX note_texts_record ON note_texts (organization_id, related_object_type, related_object_id, id)
    WHERE deleted_at IS NULL;

-- Notes as the API shows them, with the name of who wrote them.
CREATE VIEW notes WITH (security_invoker = true) AS
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
    ), '') COLLATE "C" AS author_name,
    n.content,
    n.related_object_type,
    n.related_object_id
FROM note_texts n;

ALTER TABLE note_texts ENABLE ROW LEVEL SECURITY;
ALTER TABLE note_texts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON note_texts
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
