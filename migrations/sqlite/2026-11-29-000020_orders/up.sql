-- What customers buy: orders with their lines, and the numbers that documents are given. Amounts are
-- ten-thousandths of a unit, rates ten-thousandths of a percent.

-- The last number that was given in a series; a row is locked from the taking to the commit, so that
-- no number is lost.
CREATE TABLE number_series (
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    series           TEXT NOT NULL,
    last             INTEGER NOT NULL,
    PRIMARY KEY (organization_id, series)
) STRICT;

CREATE TABLE orders (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    number           TEXT NOT NULL,
    number_folded    TEXT NOT NULL,
    contact_id       INTEGER,
    opportunity_id   INTEGER,
    status           TEXT NOT NULL,
    state            TEXT NOT NULL,
    currency         TEXT NOT NULL,
    discount_amount  INTEGER NOT NULL CHECK (discount_amount >= 0),
    subtotal_amount  INTEGER NOT NULL CHECK (subtotal_amount >= 0),
    tax_amount       INTEGER NOT NULL CHECK (tax_amount >= 0),
    total_amount     INTEGER NOT NULL CHECK (total_amount >= 0),
    ordered_at       INTEGER NOT NULL,
    fulfilled_at     INTEGER,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, number),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, opportunity_id) REFERENCES deals (organization_id, id)
) STRICT;
CREATE INDEX orders_live ON orders (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX orders_contact ON orders (organization_id, contact_id, id) WHERE deleted_at IS NULL;
CREATE INDEX orders_opportunity ON orders (organization_id, opportunity_id, id) WHERE deleted_at IS NULL;
CREATE INDEX orders_state ON orders (organization_id, state, id) WHERE deleted_at IS NULL;
CREATE INDEX orders_ordered_at ON orders (organization_id, ordered_at, id) WHERE deleted_at IS NULL;

CREATE TABLE order_lines (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id     INTEGER NOT NULL REFERENCES organizations (id),
    version             INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    deleted_at          INTEGER,
    order_id            INTEGER NOT NULL,
    product_variant_id  INTEGER NOT NULL,
    variant_name        TEXT NOT NULL,
    variant_sku         TEXT NOT NULL,
    quantity            INTEGER NOT NULL CHECK (quantity >= 1),
    unit_price          INTEGER NOT NULL CHECK (unit_price >= 0),
    discount_amount     INTEGER NOT NULL CHECK (discount_amount >= 0),
    tax_rate            INTEGER NOT NULL CHECK (tax_rate BETWEEN 0 AND 1000000),
    total_price         INTEGER NOT NULL CHECK (total_price >= 0),
    discount_share      INTEGER NOT NULL CHECK (discount_share BETWEEN 0 AND total_price),
    tax_amount          INTEGER NOT NULL CHECK (tax_amount >= 0),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id),
    FOREIGN KEY (organization_id, product_variant_id) REFERENCES product_variants (organization_id, id)
) STRICT;
CREATE INDEX order_lines_live ON order_lines (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX order_lines_order ON order_lines (organization_id, order_id, id) WHERE deleted_at IS NULL;
CREATE INDEX order_lines_variant ON order_lines (organization_id, product_variant_id, id);

-- Orders as the API shows them, with the names of their contacts.
CREATE VIEW sales_orders AS
SELECT
    o.id,
    o.organization_id,
    o.version,
    o.created_at,
    o.updated_at,
    o.deleted_at,
    o.number,
    o.number_folded,
    o.contact_id,
    o.opportunity_id,
    o.status,
    o.state,
    o.currency,
    o.discount_amount,
    o.subtotal_amount,
    o.tax_amount,
    o.total_amount,
    o.ordered_at,
    o.fulfilled_at,
    COALESCE((
        SELECT TRIM(c.first_name || ' ' || c.last_name) FROM contacts c
        WHERE c.organization_id = o.organization_id AND c.id = o.contact_id AND c.deleted_at IS NULL
    ), '') AS contact_name
FROM orders o;
