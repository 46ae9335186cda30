-- What lies in stock, and the ledger of everything that moved.

CREATE TABLE inventory_lots (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    variant_id        BIGINT NOT NULL,
    supplier_id       BIGINT,
    -- What lies there, and how much of that is promised: what the ledger adds up to.
    quantity          BIGINT NOT NULL CHECK (quantity >= 0),
    reserved          BIGINT NOT NULL CHECK (reserved >= 0 AND reserved <= quantity),
    received_at       DATE NOT NULL,
    expires_at        DATE,
    location          TEXT COLLATE "C" NOT NULL,
    location_folded   TEXT COLLATE "C" NOT NULL,
    custom            JSONB NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, variant_id) REFERENCES product_variants (organization_id, id),
    FOREIGN KEY (organization_id, supplier_id) REFERENCES suppliers (organization_id, id)
);
CREATE INDEX inventory_lots_live ON inventory_lots (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX inventory_lots_received ON inventory_lots (organization_id, received_at, id) WHERE deleted_at IS NULL;
CREATE INDEX inventory_lots_variant ON inventory_lots (organization_id, variant_id, id);
CREATE INDEX inventory_lots_supplier ON inventory_lots (organization_id, supplier_id, id);

-- Added to, never changed.
CREATE TABLE stock_movements (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    created_at       TIMESTAMPTZ NOT NULL,
    kind             TEXT COLLATE "C" NOT NULL CHECK (kind IN (
        'receipt', 'reservation', 'release', 'shipment', 'return', 'adjustment', 'transfer')),
    lot_id           BIGINT NOT NULL,
    variant_id       BIGINT NOT NULL,
    location         TEXT COLLATE "C" NOT NULL,
    -- Less than none where an adjustment or a transfer takes away.
    quantity         BIGINT NOT NULL CHECK (quantity > 0 OR kind IN ('adjustment', 'transfer')),
    reason           TEXT COLLATE "C" NOT NULL,
    -- What it is for: a resource and an id, or empty and none.
    reference_type   TEXT COLLATE "C" NOT NULL,
    reference_id     BIGINT,
    created_by       BIGINT REFERENCES people (id),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, lot_id) REFERENCES inventory_lots (organization_id, id),
    FOREIGN KEY (organization_id, variant_id) REFERENCES product_variants (organization_id, id)
);
CREATE INDEX stock_movements_lot ON stock_movements (organization_id, lot_id, id);
CREATE INDEX stock_movements_variant ON stock_movements (organization_id, variant_id, id);
CREATE INDEX stock_movements_created ON stock_movements (organization_id, created_at, id);
CREATE INDEX stock_movements_reference ON stock_movements (organization_id, reference_id, reference_type)
    WHERE reference_id IS NOT NULL;

ALTER TABLE inventory_lots ENABLE ROW LEVEL SECURITY;
ALTER TABLE inventory_lots FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inventory_lots
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE stock_movements ENABLE ROW LEVEL SECURITY;
ALTER TABLE stock_movements FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON stock_movements
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
