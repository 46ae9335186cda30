DROP VIEW opportunities;

CREATE VIEW opportunities WITH (security_invoker = true) AS
SELECT
    d.id,
    d.organization_id,
    d.version,
    d.created_at,
    d.updated_at,
    d.deleted_at,
    d.lead_id,
    d.company_id,
    d.contact_id,
    d.name,
    d.name_folded,
    d.pipeline_id,
    d.stage_id,
    d.amount,
    d.currency,
    d.close_date,
    d.probability,
    d.expected_value,
    d.owner,
    d.status,
    d.stage_entered_at,
    d.closed_at,
    d.lost_reason,
    COALESCE((
        SELECT p.name FROM pipelines p
        WHERE p.organization_id = d.organization_id AND p.id = d.pipeline_id
    ), '') COLLATE "C" AS pipeline_name,
    COALESCE((
        SELECT s.name FROM deal_stages s
        WHERE s.organization_id = d.organization_id AND s.id = d.stage_id
    ), '') COLLATE "C" AS stage_name,
    COALESCE((
        SELECT COALESCE(NULLIF(TRIM(p.first_name || ' ' || p.last_name), ''), p.username)
        FROM people p WHERE p.id = d.owner
    ), '') COLLATE "C" AS owner_name
FROM deals d;

ALTER TABLE deals DROP COLUMN won_reason;
