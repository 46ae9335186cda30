-- What one sells, and from whom one has it.

CREATE TABLE categories (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    parent_id         INTEGER,
    name              TEXT NOT NULL,
    name_folded       TEXT NOT NULL,
    slug              TEXT NOT NULL,
    description       TEXT NOT NULL,
    is_active         INTEGER NOT NULL,
    -- The names from the top down to its own; it follows them without a new version.
    path              TEXT NOT NULL,
    path_folded       TEXT NOT NULL,
    custom            TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES categories (organization_id, id)
) STRICT;
CREATE INDEX categories_live ON categories (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX categories_parent ON categories (organization_id, parent_id, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX categories_slug ON categories (organization_id, slug) WHERE deleted_at IS NULL;

CREATE TABLE suppliers (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    name                  TEXT NOT NULL,
    name_folded           TEXT NOT NULL,
    contact_email         TEXT NOT NULL,
    contact_email_folded  TEXT NOT NULL,
    phone_number          TEXT NOT NULL,
    phone_number_folded   TEXT NOT NULL,
    notes                 TEXT NOT NULL,
    custom                TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX suppliers_live ON suppliers (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX suppliers_name ON suppliers (organization_id, name_folded, id) WHERE deleted_at IS NULL;

CREATE TABLE products (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    category_id       INTEGER,
    name              TEXT NOT NULL,
    name_folded       TEXT NOT NULL,
    slug              TEXT NOT NULL,
    sku               TEXT NOT NULL,
    sku_folded        TEXT NOT NULL,
    description       TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (status IN ('draft', 'active', 'inactive', 'archived')),
    attributes        TEXT NOT NULL,
    metadata          TEXT NOT NULL,
    main_image_url    TEXT,
    is_active         INTEGER NOT NULL,
    published_at      INTEGER,
    custom            TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, category_id) REFERENCES categories (organization_id, id)
) STRICT;
CREATE INDEX products_live ON products (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX products_name ON products (organization_id, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX products_category ON products (organization_id, category_id, id) WHERE deleted_at IS NULL;
CREATE INDEX products_sku_folded ON products (organization_id, sku_folded, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX products_sku ON products (organization_id, sku) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX products_slug ON products (organization_id, slug) WHERE deleted_at IS NULL;

CREATE TABLE product_variants (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id   INTEGER NOT NULL REFERENCES organizations (id),
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    product_id        INTEGER NOT NULL,
    name              TEXT NOT NULL,
    name_folded       TEXT NOT NULL,
    sku               TEXT NOT NULL,
    sku_folded        TEXT NOT NULL,
    attributes        TEXT NOT NULL,
    -- In ten-thousandths.
    price             INTEGER NOT NULL,
    cost              INTEGER NOT NULL,
    currency          TEXT NOT NULL,
    barcode           TEXT NOT NULL,
    barcode_folded    TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
    is_default        INTEGER NOT NULL,
    custom            TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
) STRICT;
CREATE INDEX product_variants_live ON product_variants (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX product_variants_name ON product_variants (organization_id, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX product_variants_product ON product_variants (organization_id, product_id, id);
CREATE INDEX product_variants_sku_folded ON product_variants (organization_id, sku_folded, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX product_variants_sku ON product_variants (organization_id, sku) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX product_variants_default ON product_variants (organization_id, product_id)
    WHERE is_default AND deleted_at IS NULL;

-- Added to, never changed.
CREATE TABLE price_changes (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    variant_id       INTEGER NOT NULL,
    price            INTEGER NOT NULL,
    currency         TEXT NOT NULL,
    recorded_at      INTEGER NOT NULL,
    recorded_by      INTEGER REFERENCES people (id),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, variant_id) REFERENCES product_variants (organization_id, id)
) STRICT;
CREATE INDEX price_changes_variant ON price_changes (organization_id, variant_id, recorded_at, id);
CREATE INDEX price_changes_recorded ON price_changes (organization_id, recorded_at, id);

-- Products with what they show of their categories.
CREATE VIEW catalog_products AS
SELECT
    p.id,
    p.organization_id,
    p.version,
    p.created_at,
    p.updated_at,
    p.deleted_at,
    p.category_id,
    COALESCE((
        SELECT c.name FROM categories c
        WHERE c.organization_id = p.organization_id AND c.id = p.category_id AND c.deleted_at IS NULL
    ), '') AS category_name,
    COALESCE((
        SELECT c.slug FROM categories c
        WHERE c.organization_id = p.organization_id AND c.id = p.category_id AND c.deleted_at IS NULL
    ), '') AS category_slug,
    p.name,
    p.name_folded,
    p.slug,
    p.sku,
    p.sku_folded,
    p.description,
    p.status,
    p.attributes,
    p.metadata,
    p.main_image_url,
    p.is_active,
    p.published_at
FROM products p;

-- Prices with what they are the prices of.
CREATE VIEW price_history AS
SELECT
    c.id,
    c.organization_id,
    CAST(1 AS INTEGER) AS version,
    c.recorded_at AS created_at,
    c.recorded_at AS updated_at,
    c.variant_id,
    v.product_id,
    v.sku AS variant_sku,
    v.name AS variant_name,
    c.price,
    c.currency,
    c.recorded_at,
    c.recorded_by
FROM price_changes c
JOIN product_variants v ON v.organization_id = c.organization_id AND v.id = c.variant_id;

-- The prices of each variant, the newest in the first place.
CREATE VIEW recent_prices AS
SELECT
    c.id,
    c.organization_id,
    c.variant_id,
    c.price,
    c.currency,
    c.recorded_at,
    c.recorded_by,
    row_number() OVER (
        PARTITION BY c.organization_id, c.variant_id ORDER BY c.recorded_at DESC, c.id DESC
    ) AS place
FROM price_changes c;
