-- Imports look contacts up by both names.
CREATE INDEX contacts_names ON contacts (organization_id, last_name_folded, first_name_folded, id) WHERE deleted_at IS NULL;

-- Lists of what was sold of a variant: without a look at each line for whether it is deleted. The index
-- that is there serves the deletion of variants.
CREATE INDEX order_lines_variant_live ON order_lines (organization_id, product_variant_id, id) WHERE deleted_at IS NULL;
