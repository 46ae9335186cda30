-- The deals that lead somewhere, and those that lead nowhere: the other indexes of these columns are
-- for who deletes what they lead to, and have no row that leads nowhere.
CREATE INDEX deals_lead_live ON deals (organization_id, lead_id, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_company_live ON deals (organization_id, company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX deals_contact_live ON deals (organization_id, contact_id, id) WHERE deleted_at IS NULL;
