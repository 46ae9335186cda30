-- What customers are asked to pay, what of it is taken back, what they have paid, and what of that was
-- given back. Amounts are ten-thousandths of a unit.

CREATE TABLE invoices (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    order_id          INTEGER NOT NULL,
    -- Empty until it is issued.
    number            TEXT NOT NULL,
    number_folded     TEXT NOT NULL,
    series            TEXT NOT NULL,
    status            TEXT NOT NULL,
    issued_at         INTEGER,
    due_date          TEXT,
    overdue_at        INTEGER,
    currency          TEXT NOT NULL,
    total_amount      INTEGER NOT NULL CHECK (total_amount >= 0),
    paid_amount       INTEGER NOT NULL CHECK (paid_amount >= 0),
    refunded_amount   INTEGER NOT NULL CHECK (refunded_amount BETWEEN 0 AND paid_amount),
    credited_amount   INTEGER NOT NULL CHECK (credited_amount BETWEEN 0 AND total_amount),
    owed_amount       INTEGER NOT NULL CHECK (owed_amount >= 0),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX invoices_number ON invoices (organization_id, number) WHERE number <> '';
CREATE INDEX invoices_live ON invoices (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX invoices_order ON invoices (organization_id, order_id, id) WHERE deleted_at IS NULL;
CREATE INDEX invoices_status ON invoices (organization_id, status, id) WHERE deleted_at IS NULL;
CREATE INDEX invoices_overdue_at ON invoices (organization_id, overdue_at, id) WHERE deleted_at IS NULL;

CREATE TABLE credit_notes (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    number            TEXT NOT NULL,
    number_folded     TEXT NOT NULL,
    invoice_id        INTEGER NOT NULL,
    amount            INTEGER NOT NULL CHECK (amount > 0),
    currency          TEXT NOT NULL,
    reason            TEXT NOT NULL,
    issued_at         INTEGER NOT NULL,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, number),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id)
) STRICT;
CREATE INDEX credit_notes_invoice ON credit_notes (organization_id, invoice_id, id);

CREATE TABLE payments (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    invoice_id        INTEGER NOT NULL,
    amount            INTEGER NOT NULL CHECK (amount > 0),
    currency          TEXT NOT NULL,
    provider          TEXT NOT NULL,
    provider_folded   TEXT NOT NULL,
    transaction_reference         TEXT NOT NULL,
    transaction_reference_folded  TEXT NOT NULL,
    processed_at      INTEGER NOT NULL,
    refunded_amount   INTEGER NOT NULL CHECK (refunded_amount BETWEEN 0 AND amount),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX payments_reference ON payments (organization_id, provider_folded, transaction_reference) WHERE deleted_at IS NULL;
CREATE INDEX payments_live ON payments (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX payments_invoice ON payments (organization_id, invoice_id, id) WHERE deleted_at IS NULL;
CREATE INDEX payments_processed_at ON payments (organization_id, processed_at, id) WHERE deleted_at IS NULL;

CREATE TABLE refunds (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    payment_id        INTEGER NOT NULL,
    amount            INTEGER NOT NULL CHECK (amount > 0),
    currency          TEXT NOT NULL,
    reason            TEXT NOT NULL,
    refunded_at       INTEGER NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id)
) STRICT;
CREATE INDEX refunds_payment ON refunds (organization_id, payment_id, id);
