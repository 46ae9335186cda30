DROP VIEW deal_activities;
DROP VIEW organization_invites;

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

CREATE VIEW deal_activities AS
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
    ), '') AS owner_name,
    (a.completed_at IS NULL AND a.due_at IS NOT NULL AND a.due_at < CAST(strftime('%s', 'now') AS INTEGER) * 1000000) AS overdue,
    (a.completed_at IS NULL AND a.due_at IS NOT NULL AND a.due_at >= CAST(strftime('%s', 'now') AS INTEGER) * 1000000) AS upcoming
FROM activities a;
