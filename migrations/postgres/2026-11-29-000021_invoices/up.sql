-- What customers are asked to pay, what of it is taken back, what they have paid, and what of that was
-- given back. Amounts are ten-thousandths of a unit.

CREATE TABLE invoices (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    order_id          BIGINT NOT NULL,
    -- Empty until it is issued.
    number            TEXT COLLATE "C" NOT NULL,
    number_folded     TEXT COLLATE "C" NOT NULL,
    series            TEXT COLLATE "C" NOT NULL,
    status            TEXT COLLATE "C" NOT NULL,
    issued_at         TIMESTAMPTZ,
    due_date          DATE,
    overdue_at        TIMESTAMPTZ,
    currency          TEXT COLLATE "C" NOT NULL,
    total_amount      BIGINT NOT NULL CHECK (total_amount >= 0),
    paid_amount       BIGINT NOT NULL CHECK (paid_amount >= 0),
    refunded_amount   BIGINT NOT NULL CHECK (refunded_amount BETWEEN 0 AND paid_amount),
    credited_amount   BIGINT NOT NULL CHECK (credited_amount BETWEEN 0 AND total_amount),
    owed_amount       BIGINT NOT NULL CHECK (owed_amount >= 0),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
);
CREATE UNIQUE INDEX invoices_number ON invoices (organization_id, number) WHERE number <> '';
CREATE INDEX invoices_live ON invoices (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX invoices_order ON invoices (organization_id, order_id, id) WHERE deleted_at IS NULL;
CREATE INDEX invoices_status ON invoices (organization_id, status, id) WHERE deleted_at IS NULL;
CREATE INDEX invoices_overdue_at ON invoices (organization_id, overdue_at, id) WHERE deleted_at IS NULL;

CREATE TABLE credit_notes (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    number            TEXT COLLATE "C" NOT NULL,
    number_folded     TEXT COLLATE "C" NOT NULL,
    invoice_id        BIGINT NOT NULL,
    amount            BIGINT NOT NULL CHECK (amount > 0),
    currency          TEXT COLLATE "C" NOT NULL,
    reason            TEXT COLLATE "C" NOT NULL,
    issued_at         TIMESTAMPTZ NOT NULL,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, number),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id)
);
CREATE INDEX credit_notes_invoice ON credit_notes (organization_id, invoice_id, id);

CREATE TABLE payments (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    invoice_id        BIGINT NOT NULL,
    amount            BIGINT NOT NULL CHECK (amount > 0),
    currency          TEXT COLLATE "C" NOT NULL,
    provider          TEXT COLLATE "C" NOT NULL,
    provider_folded   TEXT COLLATE "C" NOT NULL,
    transaction_reference         TEXT COLLATE "C" NOT NULL,
    transaction_reference_folded  TEXT COLLATE "C" NOT NULL,
    processed_at      TIMESTAMPTZ NOT NULL,
    refunded_amount   BIGINT NOT NULL CHECK (refunded_amount BETWEEN 0 AND amount),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id)
);
CREATE UNIQUE INDEX payments_reference ON payments (organization_id, provider_folded, transaction_reference) WHERE deleted_at IS NULL;
CREATE INDEX payments_live ON payments (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX payments_invoice ON payments (organization_id, invoice_id, id) WHERE deleted_at IS NULL;
CREATE INDEX payments_processed_at ON payments (organization_id, processed_at, id) WHERE deleted_at IS NULL;

CREATE TABLE refunds (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    payment_id        BIGINT NOT NULL,
    amount            BIGINT NOT NULL CHECK (amount > 0),
    currency          TEXT COLLATE "C" NOT NULL,
    reason            TEXT COLLATE "C" NOT NULL,
    refunded_at       TIMESTAMPTZ NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
);
CREATE INDEX refunds_payment ON refunds (organization_id, payment_id, id);

ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE credit_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON credit_notes
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE payments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON payments
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE refunds ENABLE ROW LEVEL SECURITY;
ALTER TABLE refunds FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
