-- Invitations into workspaces, and the links that carry them.

CREATE TABLE invites (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    -- Empty: it is for whoever has it.
    email            TEXT NOT NULL,
    email_folded     TEXT NOT NULL,
    -- Empty: a member without a role.
    role             TEXT NOT NULL CHECK (role IN ('', 'admin', 'manager', 'analyst', 'marketer')),
    expires_at       INTEGER NOT NULL,
    accepted_at      INTEGER,
    created_by       INTEGER REFERENCES people (id),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    UNIQUE (organization_id, id)
) STRICT;

-- Under the digest of a secret that only who is invited has: found before the workspace is known.
CREATE TABLE invite_links (
    digest           BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    organization_id  INTEGER NOT NULL,
    invite_id        INTEGER NOT NULL,
    -- Where it was mailed to; empty when it was handed over.
    email            TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    FOREIGN KEY (organization_id, invite_id) REFERENCES invites (organization_id, id)
) STRICT;
CREATE INDEX invite_links_invite ON invite_links (organization_id, invite_id);

-- Invitations as members see them. The secret itself is shown when it is made, and never again.
CREATE VIEW organization_invites AS
SELECT
    i.id,
    i.organization_id,
    i.version,
    i.created_at,
    i.updated_at,
    i.deleted_at,
    i.email,
    i.email_folded,
    '' AS token,
    i.role,
    i.expires_at,
    i.accepted_at,
    i.created_by,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = i.created_by
    ), '') AS created_by_name,
    (i.accepted_at IS NULL AND i.deleted_at IS NULL
        AND i.expires_at > CAST(strftime('%s', 'now') AS INTEGER) * 1000000) AS is_active
FROM invites i;
