-- What leaves for customers.

CREATE TABLE shipments (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    order_id          INTEGER NOT NULL,
    carrier           TEXT NOT NULL,
    carrier_folded    TEXT NOT NULL,
    tracking_number   TEXT NOT NULL,
    tracking_number_folded  TEXT NOT NULL,
    shipped_at        INTEGER,
    delivered_at      INTEGER,
    status            TEXT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
) STRICT;
CREATE INDEX shipments_live ON shipments (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX shipments_order ON shipments (organization_id, order_id, id) WHERE deleted_at IS NULL;
CREATE INDEX shipments_status ON shipments (organization_id, status, id) WHERE deleted_at IS NULL;
CREATE INDEX shipments_tracking_number ON shipments (organization_id, tracking_number_folded, id) WHERE deleted_at IS NULL;

-- What is in them; written once.
CREATE TABLE shipment_parts (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    shipment_id       INTEGER NOT NULL,
    order_line_id     INTEGER NOT NULL,
    quantity          INTEGER NOT NULL CHECK (quantity >= 1),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, shipment_id) REFERENCES shipments (organization_id, id),
    FOREIGN KEY (organization_id, order_line_id) REFERENCES order_lines (organization_id, id)
) STRICT;
CREATE INDEX shipment_parts_shipment ON shipment_parts (organization_id, shipment_id, id);
CREATE INDEX shipment_parts_line ON shipment_parts (organization_id, order_line_id);
