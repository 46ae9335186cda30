-- What lies in stock, and the ledger of everything that moved.

CREATE TABLE inventory_lots (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    variant_id        INTEGER NOT NULL,
    supplier_id       INTEGER,
    -- What lies there, and how much of that is promised: what the ledger adds up to.
    quantity          INTEGER NOT NULL CHECK (quantity >= 0),
    reserved          INTEGER NOT NULL CHECK (reserved >= 0 AND reserved <= quantity),
    received_at       TEXT NOT NULL,
    expires_at        TEXT,
    location          TEXT NOT NULL,
    location_folded   TEXT NOT NULL,
    custom            TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, variant_id) REFERENCES product_variants (organization_id, id),
    FOREIGN KEY (organization_id, supplier_id) REFERENCES suppliers (organization_id, id)
) STRICT;
CREATE INDEX inventory_lots_live ON inventory_lots (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX inventory_lots_received ON inventory_lots (organization_id, received_at, id) WHERE deleted_at IS NULL;
CREATE INDEX inventory_lots_variant ON inventory_lots (organization_id, variant_id, id);
CREATE INDEX inventory_lots_supplier ON inventory_lots (organization_id, supplier_id, id);

-- Added to, never changed.
CREATE TABLE stock_movements (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    created_at       INTEGER NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN (
        'receipt', 'reservation', 'release', 'shipment', 'return', 'adjustment', 'transfer')),
    lot_id           INTEGER NOT NULL,
    variant_id       INTEGER NOT NULL,
    location         TEXT NOT NULL,
    -- Less than none where an adjustment or a transfer takes away.
    quantity         INTEGER NOT NULL CHECK (quantity > 0 OR kind IN ('adjustment', 'transfer')),
    reason           TEXT NOT NULL,
    -- What it is for: a resource and an id, or empty and none.
    reference_type   TEXT NOT NULL,
    reference_id     INTEGER,
    created_by       INTEGER REFERENCES people (id),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, lot_id) REFERENCES inventory_lots (organization_id, id),
    FOREIGN KEY (organization_id, variant_id) REFERENCES product_variants (organization_id, id)
) STRICT;
CREATE INDEX stock_movements_lot ON stock_movements (organization_id, lot_id, id);
CREATE INDEX stock_movements_variant ON stock_movements (organization_id, variant_id, id);
CREATE INDEX stock_movements_created ON stock_movements (organization_id, created_at, id);
CREATE INDEX stock_movements_reference ON stock_movements (organization_id, reference_id, reference_type)
    WHERE reference_id IS NOT NULL;
