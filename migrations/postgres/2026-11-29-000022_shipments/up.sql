-- What leaves for customers.

CREATE TABLE shipments (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    order_id          BIGINT NOT NULL,
    carrier           TEXT COLLATE "C" NOT NULL,
    carrier_folded    TEXT COLLATE "C" NOT NULL,
    tracking_number   TEXT COLLATE "C" NOT NULL,
    tracking_number_folded  TEXT COLLATE "C" NOT NULL,
    shipped_at        TIMESTAMPTZ,
    delivered_at      TIMESTAMPTZ,
    status            TEXT COLLATE "C" NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
);
CREATE INDEX shipments_live ON shipments (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX shipments_order ON shipments (organization_id, order_id, id) WHERE deleted_at IS NULL;
CREATE INDEX shipments_status ON shipments (organization_id, status, id) WHERE deleted_at IS NULL;
CREATE INDEX shipments_tracking_number ON shipments (organization_id, tracking_number_folded, id) WHERE deleted_at IS NULL;

-- What is in them; written once.
CREATE TABLE shipment_parts (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    shipment_id       BIGINT NOT NULL,
    order_line_id     BIGINT NOT NULL,
    quantity          BIGINT NOT NULL CHECK (quantity >= 1),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, shipment_id) REFERENCES shipments (organization_id, id),
    FOREIGN KEY (organization_id, order_line_id) REFERENCES order_lines (organization_id, id)
);
CREATE INDEX shipment_parts_shipment ON shipment_parts (organization_id, shipment_id, id);
CREATE INDEX shipment_parts_line ON shipment_parts (organization_id, order_line_id);

ALTER TABLE shipments ENABLE ROW LEVEL SECURITY;
ALTER TABLE shipments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON shipments
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE shipment_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE shipment_parts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON shipment_parts
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
