-- What currencies are worth in each other from a day on. Rates are ten-billionths.

CREATE TABLE exchange_rates (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    base             TEXT COLLATE "C" NOT NULL,
    quote            TEXT COLLATE "C" NOT NULL CHECK (quote <> base),
    date             DATE NOT NULL,
    rate             BIGINT NOT NULL CHECK (rate > 0),
    UNIQUE (organization_id, id)
);
CREATE UNIQUE INDEX exchange_rates_day ON exchange_rates (organization_id, base, quote, date) WHERE deleted_at IS NULL;
CREATE INDEX exchange_rates_live ON exchange_rates (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX exchange_rates_date ON exchange_rates (organization_id, date, id) WHERE deleted_at IS NULL;

ALTER TABLE exchange_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_rates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON exchange_rates
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

-- Orders are summed up by day, too: as before, from the index alone.
DROP INDEX orders_sums;
CREATE INDEX orders_sums ON orders (organization_id, state, currency, ordered_at, total_amount) WHERE deleted_at IS NULL;
