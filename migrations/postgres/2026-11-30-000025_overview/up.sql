-- What the dashboard sums up, so that it reads an index and no rows.
CREATE INDEX orders_sums ON orders (organization_id, state, currency, total_amount) WHERE deleted_at IS NULL;
CREATE INDEX invoices_sums ON invoices (organization_id, status, currency, owed_amount) WHERE deleted_at IS NULL;
CREATE INDEX deals_sums ON deals (organization_id, status, stage_id, currency, amount) WHERE deleted_at IS NULL;
CREATE INDEX note_texts_created_at ON note_texts (organization_id, created_at) WHERE deleted_at IS NULL;
