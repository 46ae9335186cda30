-- Who works where: workspaces, people, memberships, and what a plan gives.
--
-- Instants are microseconds since 1970 in UTC, dates are YYYY-MM-DD, JSON is text, booleans are 0
-- and 1.

CREATE TABLE organizations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    slug        TEXT NOT NULL UNIQUE,
    currency    TEXT NOT NULL DEFAULT 'USD',
    timezone    TEXT NOT NULL DEFAULT 'UTC',
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;

CREATE TABLE people (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    username           TEXT NOT NULL,
    username_folded    TEXT NOT NULL UNIQUE,
    email              TEXT NOT NULL,
    email_folded       TEXT NOT NULL,
    first_name         TEXT NOT NULL,
    first_name_folded  TEXT NOT NULL,
    last_name          TEXT NOT NULL,
    last_name_folded   TEXT NOT NULL,
    title              TEXT NOT NULL,
    title_folded       TEXT NOT NULL,
    timezone           TEXT NOT NULL,
    timezone_folded    TEXT NOT NULL,
    locale             TEXT NOT NULL,
    locale_folded      TEXT NOT NULL,
    password_hash      TEXT NOT NULL,
    is_active          INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    is_superuser       INTEGER NOT NULL CHECK (is_superuser IN (0, 1)),
    version            INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX people_email ON people (email_folded) WHERE email_folded <> '';

CREATE TABLE memberships (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    user_id          INTEGER NOT NULL REFERENCES people (id),
    is_active        INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    ended_at         INTEGER,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, user_id)
) STRICT;
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE user_roles (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL,
    user_id          INTEGER NOT NULL,
    role             TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'analyst', 'marketer')),
    assigned_at      INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id)
) STRICT;
CREATE UNIQUE INDEX user_roles_once ON user_roles (organization_id, user_id, role) WHERE deleted_at IS NULL;

-- The people of each workspace as it sees them. A write of either row raises the version by one.
CREATE VIEW users AS
SELECT
    p.id,
    m.organization_id,
    p.version + m.version - 1 AS version,
    m.created_at,
    max(p.updated_at, m.updated_at) AS updated_at,
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
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    digest           BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    organization_id  INTEGER NOT NULL,
    user_id          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    revoked_at       INTEGER,
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id)
) STRICT;

CREATE TABLE plans (
    id                        INTEGER PRIMARY KEY AUTOINCREMENT,
    key                       TEXT NOT NULL UNIQUE,
    name                      TEXT NOT NULL,
    name_folded               TEXT NOT NULL,
    description               TEXT NOT NULL,
    price_per_month           INTEGER NOT NULL CHECK (price_per_month >= 0),
    max_users                 INTEGER NOT NULL CHECK (max_users >= 0),
    max_deals                 INTEGER NOT NULL CHECK (max_deals >= 0),
    max_api_calls_per_minute  INTEGER NOT NULL CHECK (max_api_calls_per_minute > 0),
    is_self_service           INTEGER NOT NULL CHECK (is_self_service IN (0, 1)),
    version                   INTEGER NOT NULL,
    created_at                INTEGER NOT NULL,
    updated_at                INTEGER NOT NULL,
    deleted_at                INTEGER
) STRICT;

CREATE TABLE features (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    code         TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    name_folded  TEXT NOT NULL,
    description  TEXT NOT NULL,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    deleted_at   INTEGER
) STRICT;

CREATE TABLE plan_features (
    plan_id     INTEGER NOT NULL REFERENCES plans (id),
    feature_id  INTEGER NOT NULL REFERENCES features (id),
    PRIMARY KEY (plan_id, feature_id)
) STRICT;

CREATE TABLE subscriptions (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    plan_id          INTEGER NOT NULL REFERENCES plans (id),
    started_at       TEXT NOT NULL,
    expires_at       TEXT,
    is_active        INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX subscriptions_live ON subscriptions (organization_id, started_at) WHERE deleted_at IS NULL;

-- The plans and what they include; operators change them at run time.
INSERT INTO plans (
    key, name, name_folded, description, price_per_month, max_users, max_deals,
    max_api_calls_per_minute, is_self_service, version, created_at, updated_at
) VALUES
    ('free', 'Free', 'free', 'For a first look and for small teams.', 0, 5, 500, 60, 1, 1, 1767225600000000, 1767225600000000),
    ('pro', 'Pro', 'pro', 'For a sales team with a catalog, orders and invoices.', 59000000, 25, 5000, 240, 0, 1, 1767225600000000, 1767225600000000),
    ('enterprise', 'Enterprise', 'enterprise', 'Everything, with automation and integrations.', 129000000, 100, 20000, 600, 0, 1, 1767225600000000, 1767225600000000);

INSERT INTO features (code, name, name_folded, description, version, created_at, updated_at) VALUES
    ('catalog.read', 'Read the catalog', 'read the catalog', 'See products, variants and categories.', 1, 1767225600000000, 1767225600000000),
    ('sales.pipeline', 'Sales pipeline', 'sales pipeline', 'Pipelines, stages, leads and activities.', 1, 1767225600000000, 1767225600000000),
    ('assistant.chat', 'Assistant', 'assistant', 'Ask the assistant about your figures.', 1, 1767225600000000, 1767225600000000),
    ('catalog.manage', 'Manage the catalog', 'manage the catalog', 'Create and change products and variants.', 1, 1767225600000000, 1767225600000000),
    ('catalog.manage_suppliers', 'Suppliers', 'suppliers', 'Keep suppliers of the catalog.', 1, 1767225600000000, 1767225600000000),
    ('inventory.advanced_tracking', 'Advanced inventory', 'advanced inventory', 'Lots, expiry and locations.', 1, 1767225600000000, 1767225600000000),
    ('pricing.history_view', 'Price history', 'price history', 'See how prices changed.', 1, 1767225600000000, 1767225600000000),
    ('sales.advanced_pipeline', 'Opportunities', 'opportunities', 'Opportunities with amounts and probabilities.', 1, 1767225600000000, 1767225600000000),
    ('sales.order_management', 'Orders', 'orders', 'Orders and their lines.', 1, 1767225600000000, 1767225600000000),
    ('billing.invoices', 'Invoices', 'invoices', 'Invoices for orders.', 1, 1767225600000000, 1767225600000000),
    ('billing.payments', 'Payments', 'payments', 'Payments of invoices.', 1, 1767225600000000, 1767225600000000),
    ('logistics.shipments', 'Shipments', 'shipments', 'Shipments of orders.', 1, 1767225600000000, 1767225600000000),
    ('analytics.standard', 'Analytics', 'analytics', 'Dashboards, insights and sales metrics.', 1, 1767225600000000, 1767225600000000),
    ('analytics.custom_metrics', 'Custom metrics', 'custom metrics', 'Metrics of your own definition.', 1, 1767225600000000, 1767225600000000),
    ('analytics.forecasting', 'Forecasting', 'forecasting', 'Demand forecasts and next best actions.', 1, 1767225600000000, 1767225600000000),
    ('analytics.customer_segments', 'Customer segments', 'customer segments', 'Segments of customers by behaviour.', 1, 1767225600000000, 1767225600000000),
    ('billing.manage_subscriptions', 'Manage subscriptions', 'manage subscriptions', 'See and change the workspace''s subscriptions.', 1, 1767225600000000, 1767225600000000),
    ('analytics.automated_reports', 'Automated reports', 'automated reports', 'Reports on a schedule.', 1, 1767225600000000, 1767225600000000),
    ('analytics.mlops', 'Model training', 'model training', 'Training runs of models.', 1, 1767225600000000, 1767225600000000),
    ('analytics.integrations', 'Data sources', 'data sources', 'Analytics over outside data.', 1, 1767225600000000, 1767225600000000),
    ('analytics.insights', 'Insights', 'insights', 'Anomalies and price recommendations.', 1, 1767225600000000, 1767225600000000),
    ('automation.core', 'Automation', 'automation', 'The automation engine.', 1, 1767225600000000, 1767225600000000),
    ('automation.rules', 'Automation rules', 'automation rules', 'Rules that act on events.', 1, 1767225600000000, 1767225600000000),
    ('automation.campaigns', 'Campaigns', 'campaigns', 'Campaigns in several steps.', 1, 1767225600000000, 1767225600000000),
    ('automation.notifications', 'Notifications', 'notifications', 'Notifications over several channels.', 1, 1767225600000000, 1767225600000000),
    ('automation.webhooks', 'Outgoing events', 'outgoing events', 'Events sent to other systems.', 1, 1767225600000000, 1767225600000000),
    ('integrations.core', 'Integrations', 'integrations', 'The integrations module.', 1, 1767225600000000, 1767225600000000),
    ('integrations.api_keys', 'API keys', 'api keys', 'Keys for other programs.', 1, 1767225600000000, 1767225600000000),
    ('integrations.webhooks', 'Webhooks', 'webhooks', 'Webhook subscriptions.', 1, 1767225600000000, 1767225600000000),
    ('integrations.connectors', 'Connectors', 'connectors', 'Connections to other services.', 1, 1767225600000000, 1767225600000000),
    ('integrations.imports', 'Imports', 'imports', 'Imports of data in the background.', 1, 1767225600000000, 1767225600000000),
    ('compliance.audit_logs', 'Audit log', 'audit log', 'Who did what and when.', 1, 1767225600000000, 1767225600000000);

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
VALUES ('Platform', 'platform', 'platform', 1, 1767225600000000, 1767225600000000);
INSERT INTO subscriptions (organization_id, plan_id, started_at, is_active, version, created_at, updated_at)
SELECT 1, id, '2026-01-01', 1, 1, 1767225600000000, 1767225600000000 FROM plans WHERE key = 'enterprise';
