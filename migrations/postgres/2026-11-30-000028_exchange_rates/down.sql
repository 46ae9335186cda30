DROP INDEX orders_sums;
CREATE INDEX orders_sums ON orders (organization_id, state, currency, total_amount) WHERE deleted_at IS NULL;
DROP TABLE exchange_rates;
