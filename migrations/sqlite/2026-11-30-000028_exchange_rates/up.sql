-- What currencies are worth in each other from a day on. Rates are ten-billionths.

CREATE TABLE exchange_rates (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    base             TEXT NOT NULL,
    quote            TEXT NOT NULL CHECK (quote <> base),
    date             TEXT NOT NULL,
    rate             INTEGER NOT NULL CHECK (rate > 0),
    UNIQUE (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX exchange_rates_day ON exchange_rates (organization_id, base, quote, date) WHERE deleted_at IS NULL;
CREATE INDEX exchange_rates_live ON exchange_rates (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX exchange_rates_date ON exchange_rates (organization_id, date, id) WHERE deleted_at IS NULL;

-- Orders are summed up by day, too: as before, from the index alone.
DROP INDEX orders_sums;
CREATE INDEX orders_sums ON orders (organization_id, state, currency, ordered_at, total_amount) WHERE deleted_at IS NULL;
