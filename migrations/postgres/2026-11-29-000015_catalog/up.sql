-- What one sells, and from whom one has it.

CREATE TABLE categories (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    parent_id         BIGINT,
    name              TEXT COLLATE "C" NOT NULL,
    name_folded       TEXT COLLATE "C" NOT NULL,
    slug              TEXT COLLATE "C" NOT NULL,
    description       TEXT COLLATE "C" NOT NULL,
    is_active         BOOLEAN NOT NULL,
    -- The names from the top down to its own; it follows them without a new version.
    path              TEXT COLLATE "C" NOT NULL,
    path_folded       TEXT COLLATE "C" NOT NULL,
    custom            JSONB NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES categories (organization_id, id)
);
CREATE INDEX categories_live ON categories (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX categories_parent ON categories (organization_id, parent_id, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX categories_slug ON categories (organization_id, slug) WHERE deleted_at IS NULL;

CREATE TABLE suppliers (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    name                  TEXT COLLATE "C" NOT NULL,
    name_folded           TEXT COLLATE "C" NOT NULL,
    contact_email         TEXT COLLATE "C" NOT NULL,
    contact_email_folded  TEXT COLLATE "C" NOT NULL,
    phone_number          TEXT COLLATE "C" NOT NULL,
    phone_number_folded   TEXT COLLATE "C" NOT NULL,
    notes                 TEXT COLLATE "C" NOT NULL,
    custom                JSONB NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id)
);
CREATE INDEX suppliers_live ON suppliers (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX suppliers_name ON suppliers (organization_id, name_folded, id) WHERE deleted_at IS NULL;

CREATE TABLE products (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    category_id       BIGINT,
    name              TEXT COLLATE "C" NOT NULL,
    name_folded       TEXT COLLATE "C" NOT NULL,
    slug              TEXT COLLATE "C" NOT NULL,
    sku               TEXT COLLATE "C" NOT NULL,
    sku_folded        TEXT COLLATE "C" NOT NULL,
    description       TEXT COLLATE "C" NOT NULL,
    status            TEXT COLLATE "C" NOT NULL CHECK (status IN ('draft', 'active', 'inactive', 'archived')),
    attributes        JSONB NOT NULL,
    metadata          JSONB NOT NULL,
    main_image_url    TEXT COLLATE "C",
    is_active         BOOLEAN NOT NULL,
    published_at      TIMESTAMPTZ,
    custom            JSONB NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, category_id) REFERENCES categories (organization_id, id)
);
CREATE INDEX products_live ON products (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX products_name ON products (organization_id, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX products_category ON products (organization_id, category_id, id) WHERE deleted_at IS NULL;
CREATE INDEX products_sku_folded ON products (organization_id, sku_folded, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX products_sku ON products (organization_id, sku) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX products_slug ON products (organization_id, slug) WHERE deleted_at IS NULL;

CREATE TABLE product_variants (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id   BIGINT NOT NULL REFERENCES organizations (id),
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ,
    product_id        BIGINT NOT NULL,
    name              TEXT COLLATE "C" NOT NULL,
    name_folded       TEXT COLLATE "C" NOT NULL,
    sku               TEXT COLLATE "C" NOT NULL,
    sku_folded        TEXT COLLATE "C" NOT NULL,
    attributes        JSONB NOT NULL,
    -- In ten-thousandths.
    price             BIGINT NOT NULL,
    cost              BIGINT NOT NULL,
    currency          TEXT COLLATE "C" NOT NULL,
    barcode           TEXT COLLATE "C" NOT NULL,
    barcode_folded    TEXT COLLATE "C" NOT NULL,
    status            TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'inactive', 'archived')),
    is_default        BOOLEAN NOT NULL,
    custom            JSONB NOT NULL DEFAULT '{}',
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
);
CREATE INDEX product_variants_live ON product_variants (organization_id, id) WHERE deleted_at IS NULL;
CREATE INDEX product_variants_name ON product_variants (organization_id, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX product_variants_product ON product_variants (organization_id, product_id, id);
CREATE INDEX product_variants_sku_folded ON product_variants (organization_id, sku_folded, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX product_variants_sku ON product_variants (organization_id, sku) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX product_variants_default ON product_variants (organization_id, product_id)
    WHERE is_default AND deleted_at IS NULL;

-- Added to, never changed.
CREATE TABLE price_changes (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    variant_id       BIGINT NOT NULL,
    price            BIGINT NOT NULL,
    currency         TEXT COLLATE "C" NOT NULL,
    recorded_at      TIMESTAMPTZ NOT NULL,
    recorded_by      BIGINT REFERENCES people (id),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, variant_id) REFERENCES product_variants (organization_id, id)
);
CREATE INDEX price_changes_variant ON price_changes (organization_id, variant_id, recorded_at, id);
CREATE INDEX price_changes_recorded ON price_changes (organization_id, recorded_at, id);

ALTER TABLE categories ENABLE ROW LEVEL SECURITY;
ALTER TABLE categories FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON categories
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE suppliers ENABLE ROW LEVEL SECURITY;
ALTER TABLE suppliers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON suppliers
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE products ENABLE ROW LEVEL SECURITY;
ALTER TABLE products FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON products
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE product_variants ENABLE ROW LEVEL SECURITY;
ALTER TABLE product_variants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON product_variants
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE price_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE price_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON price_changes
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

-- Products with what they show of their categories.
CREATE VIEW catalog_products WITH (security_invoker = true) AS
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
    ), '') COLLATE "C" AS category_name,
    COALESCE((
        SELECT c.slug FROM categories c
        WHERE c.organization_id = p.organization_id AND c.id = p.category_id AND c.deleted_at IS NULL
    ), '') COLLATE "C" AS category_slug,
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
CREATE VIEW price_history WITH (security_invoker = true) AS
SELECT
    c.id,
    c.organization_id,
    CAST(1 AS BIGINT) AS version,
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
CREATE VIEW recent_prices WITH (security_invoker = true) AS
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
