-- Invitations into workspaces, and the links that carry them.

CREATE TABLE invites (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    -- Empty: it is for whoever has it.
    email            TEXT COLLATE "C" NOT NULL,
    email_folded     TEXT COLLATE "C" NOT NULL,
    -- Empty: a member without a role.
    role             TEXT COLLATE "C" NOT NULL CHECK (role IN ('', 'admin', 'manager', 'analyst', 'marketer')),
    expires_at       TIMESTAMPTZ NOT NULL,
    accepted_at      TIMESTAMPTZ,
    created_by       BIGINT REFERENCES people (id),
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    UNIQUE (organization_id, id)
);

ALTER TABLE invites ENABLE ROW LEVEL SECURITY;
ALTER TABLE invites FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invites
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

-- Under the digest of a secret that only who is invited has: found before the workspace is known.
CREATE TABLE invite_links (
    digest           BYTEA PRIMARY KEY CHECK (octet_length(digest) = 32),
    organization_id  BIGINT NOT NULL,
    invite_id        BIGINT NOT NULL,
    -- Where it was mailed to; empty when it was handed over.
    email            TEXT COLLATE "C" NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (organization_id, invite_id) REFERENCES invites (organization_id, id)
);
CREATE INDEX invite_links_invite ON invite_links (organization_id, invite_id);

-- Invitations as members see them. The secret itself is shown when it is made, and never again.
CREATE VIEW organization_invites WITH (security_invoker = true) AS
SELECT
    i.id,
    i.organization_id,
    i.version,
    i.created_at,
    i.updated_at,
    i.deleted_at,
    i.email,
    i.email_folded,
    '' COLLATE "C" AS token,
    i.role,
    i.expires_at,
    i.accepted_at,
    i.created_by,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = i.created_by
    ), '') COLLATE "C" AS created_by_name,
    (i.accepted_at IS NULL AND i.deleted_at IS NULL AND i.expires_at > now()) AS is_active
FROM invites i;
