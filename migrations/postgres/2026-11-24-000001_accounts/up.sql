-- Who works where: workspaces, people, memberships, and what a plan gives.
--
-- Text is COLLATE "C": order is bytewise on folded columns, the same as SQLite's.

CREATE TABLE organizations (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    slug        TEXT COLLATE "C" NOT NULL UNIQUE,
    currency    TEXT COLLATE "C" NOT NULL DEFAULT 'USD',
    timezone    TEXT COLLATE "C" NOT NULL DEFAULT 'UTC',
    version     BIGINT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL,
    deleted_at  TIMESTAMPTZ
);

CREATE TABLE people (
    id                 BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username           TEXT COLLATE "C" NOT NULL,
    username_folded    TEXT COLLATE "C" NOT NULL UNIQUE,
    email              TEXT COLLATE "C" NOT NULL,
    email_folded       TEXT COLLATE "C" NOT NULL,
    first_name         TEXT COLLATE "C" NOT NULL,
    first_name_folded  TEXT COLLATE "C" NOT NULL,
    last_name          TEXT COLLATE "C" NOT NULL,
    last_name_folded   TEXT COLLATE "C" NOT NULL,
    title              TEXT COLLATE "C" NOT NULL,
    title_folded       TEXT COLLATE "C" NOT NULL,
    timezone           TEXT COLLATE "C" NOT NULL,
    timezone_folded    TEXT COLLATE "C" NOT NULL,
    locale             TEXT COLLATE "C" NOT NULL,
    locale_folded      TEXT COLLATE "C" NOT NULL,
    password_hash      TEXT COLLATE "C" NOT NULL,
    is_active          BOOLEAN NOT NULL,
    is_superuser       BOOLEAN NOT NULL,
    version            BIGINT NOT NULL,
    created_at         TIMESTAMPTZ NOT NULL,
    updated_at         TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX people_email ON people (email_folded) WHERE email_folded <> '';

CREATE TABLE memberships (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    user_id          BIGINT NOT NULL REFERENCES people (id),
    is_active        BOOLEAN NOT NULL,
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    ended_at         TIMESTAMPTZ,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE user_roles (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL,
    user_id          BIGINT NOT NULL,
    role             TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'manager', 'analyst', 'marketer')),
    assigned_at      TIMESTAMPTZ NOT NULL,
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id)
);
CREATE UNIQUE INDEX user_roles_once ON user_roles (organization_id, user_id, role) WHERE deleted_at IS NULL;

-- The people of each workspace as it sees them. A write of either row raises the version by one.
CREATE VIEW users WITH (security_invoker = true) AS
SELECT
    p.id,
    m.organization_id,
    p.version + m.version - 1 AS version,
    m.created_at,
    GREATEST(p.updated_at, m.updated_at) AS updated_at,
    m.ended_at AS deleted_at,
    p.username,
    p.username_folded,
    p.email,
    p.email_folded,
    p.first_name,
    p.first_name_folded,
    p.last_name,
    p.last_name_folded,
    p.title,
    p.title_folded,
    p.timezone,
    p.timezone_folded,
    p.locale,
    p.locale_folded,
    m.is_active AND p.is_active AS is_active,
    p.is_superuser AS is_staff,
    o.name AS organization_name,
    o.slug AS organization_slug,
    o.currency AS organization_currency,
    o.timezone AS organization_timezone,
    o.created_at AS organization_created_at,
    o.updated_at AS organization_updated_at
FROM memberships m
JOIN people p ON p.id = m.user_id
JOIN organizations o ON o.id = m.organization_id;

CREATE TABLE tokens (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest           BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    organization_id  BIGINT NOT NULL,
    user_id          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    revoked_at       TIMESTAMPTZ,
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id)
);

CREATE TABLE plans (
    id                        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key                       TEXT COLLATE "C" NOT NULL UNIQUE,
    name                      TEXT COLLATE "C" NOT NULL,
    name_folded               TEXT COLLATE "C" NOT NULL,
    description               TEXT COLLATE "C" NOT NULL,
    price_per_month           BIGINT NOT NULL CHECK (price_per_month >= 0),
    max_users                 BIGINT NOT NULL CHECK (max_users >= 0),
    max_deals                 BIGINT NOT NULL CHECK (max_deals >= 0),
    max_api_calls_per_minute  BIGINT NOT NULL CHECK (max_api_calls_per_minute > 0),
    is_self_service           BOOLEAN NOT NULL,
    version                   BIGINT NOT NULL,
    created_at                TIMESTAMPTZ NOT NULL,
    updated_at                TIMESTAMPTZ NOT NULL,
    deleted_at                TIMESTAMPTZ
);
COMMENT ON COLUMN plans.price_per_month IS 'ten-thousandths of a unit';

CREATE TABLE features (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code         TEXT COLLATE "C" NOT NULL UNIQUE,
    name         TEXT COLLATE "C" NOT NULL,
    name_folded  TEXT COLLATE "C" NOT NULL,
    description  TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    deleted_at   TIMESTAMPTZ
);

CREATE TABLE plan_features (
    plan_id     BIGINT NOT NULL REFERENCES plans (id),
    feature_id  BIGINT NOT NULL REFERENCES features (id),
    PRIMARY KEY (plan_id, feature_id)
);

CREATE TABLE subscriptions (
    id               BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id),
    plan_id          BIGINT NOT NULL REFERENCES plans (id),
    started_at       DATE NOT NULL,
    expires_at       DATE,
    is_active        BOOLEAN NOT NULL,
    version          BIGINT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ,
    UNIQUE (organization_id, id)
);
CREATE INDEX subscriptions_live ON subscriptions (organization_id, started_at) WHERE deleted_at IS NULL;

-- The second wall behind the queries' own filter. `app.tenant` is set for each transaction; while
-- it is not, no row is visible. A person sees their own memberships (`app.person`), which is how
-- signing in finds the workspace.
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memberships USING (
    organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint
    OR user_id = NULLIF(current_setting('app.person', true), '')::bigint
) WITH CHECK (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE user_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON user_roles
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

ALTER TABLE subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subscriptions
    USING (organization_id = NULLIF(current_setting('app.tenant', true), '')::bigint);

-- The plans and what they include; operators change them at run time.
INSERT INTO plans (
    key, name, name_folded, description, price_per_month, max_users, max_deals,
    max_api_calls_per_minute, is_self_service, version, created_at, updated_at
) VALUES
    ('free', 'Free', 'free', 'For a first look and for small teams.', 0, 5, 500, 60, TRUE, 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('pro', 'Pro', 'pro', 'For a sales team with a catalog, orders and invoices.', 59000000, 25, 5000, 240, FALSE, 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('enterprise', 'Enterprise', 'enterprise', 'Everything, with automation and integrations.', 129000000, 100, 20000, 600, FALSE, 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00');

INSERT INTO features (code, name, name_folded, description, version, created_at, updated_at) VALUES
    ('catalog.read', 'Read the catalog', 'read the catalog', 'See products, variants and categories.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('sales.pipeline', 'Sales pipeline', 'sales pipeline', 'Pipelines, stages, leads and activities.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('assistant.chat', 'Assistant', 'assistant', 'Ask the assistant about your figures.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('catalog.manage', 'Manage the catalog', 'manage the catalog', 'Create and change products and variants.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('catalog.manage_suppliers', 'Suppliers', 'suppliers', 'Keep suppliers of the catalog.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('inventory.advanced_tracking', 'Advanced inventory', 'advanced inventory', 'Lots, expiry and locations.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('pricing.history_view', 'Price history', 'price history', 'See how prices changed.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('sales.advanced_pipeline', 'Opportunities', 'opportunities', 'Opportunities with amounts and probabilities.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('sales.order_management', 'Orders', 'orders', 'Orders and their lines.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('billing.invoices', 'Invoices', 'invoices', 'Invoices for orders.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('billing.payments', 'Payments', 'payments', 'Payments of invoices.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('logistics.shipments', 'Shipments', 'shipments', 'Shipments of orders.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.standard', 'Analytics', 'analytics', 'Dashboards, insights and sales metrics.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.custom_metrics', 'Custom metrics', 'custom metrics', 'Metrics of your own definition.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.forecasting', 'Forecasting', 'forecasting', 'Demand forecasts and next best actions.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.customer_segments', 'Customer segments', 'customer segments', 'Segments of customers by behaviour.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('billing.manage_subscriptions', 'Manage subscriptions', 'manage subscriptions', 'See and change the workspace''s subscriptions.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.automated_reports', 'Automated reports', 'automated reports', 'Reports on a schedule.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.mlops', 'Model training', 'model training', 'Training runs of models.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.integrations', 'Data sources', 'data sources', 'Analytics over outside data.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('analytics.insights', 'Insights', 'insights', 'Anomalies and price recommendations.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('automation.core', 'Automation', 'automation', 'The automation engine.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('automation.rules', 'Automation rules', 'automation rules', 'Rules that act on events.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('automation.campaigns', 'Campaigns', 'campaigns', 'Campaigns in several steps.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('automation.notifications', 'Notifications', 'notifications', 'Notifications over several channels.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('automation.webhooks', 'Outgoing events', 'outgoing events', 'Events sent to other systems.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('integrations.core', 'Integrations', 'integrations', 'The integrations module.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('integrations.api_keys', 'API keys', 'api keys', 'Keys for other programs.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('integrations.webhooks', 'Webhooks', 'webhooks', 'Webhook subscriptions.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('integrations.connectors', 'Connectors', 'connectors', 'Connections to other services.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('integrations.imports', 'Imports', 'imports', 'Imports of data in the background.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00'),
    ('compliance.audit_logs', 'Audit log', 'audit log', 'Who did what and when.', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00');

INSERT INTO plan_features (plan_id, feature_id)
SELECT plans.id, features.id FROM plans CROSS JOIN features
WHERE plans.key = 'enterprise'
    OR (plans.key = 'pro' AND features.code IN (
        'catalog.read',
        'sales.pipeline',
        'assistant.chat',
        'catalog.manage',
        'catalog.manage_suppliers',
        'inventory.advanced_tracking',
        'pricing.history_view',
        'sales.advanced_pipeline',
        'sales.order_management',
        'billing.invoices',
        'billing.payments',
        'logistics.shipments',
        'analytics.standard',
        'analytics.custom_metrics',
        'analytics.forecasting',
        'analytics.customer_segments'
    ))
    OR (plans.key = 'free' AND features.code IN (
        'catalog.read',
        'sales.pipeline',
        'assistant.chat'
    ));

-- The platform's own workspace, which its staff belong to; it is the first row, and stays.
INSERT INTO organizations (name, name_folded, slug, version, created_at, updated_at)
VALUES ('Platform', 'platform', 'platform', 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00');
SET LOCAL app.tenant = '1';
INSERT INTO subscriptions (organization_id, plan_id, started_at, is_active, version, created_at, updated_at)
SELECT 1, id, '2026-01-01', TRUE, 1, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00' FROM plans WHERE key = 'enterprise';
