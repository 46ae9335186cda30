//! The rows: one large workspace, and small ones whose rows lie between the large one's.

/// Contacts of the large workspace.
pub(crate) const CONTACTS: i64 = 100_000;
/// Companies of the large workspace.
const COMPANIES: i64 = 5_000;
/// Companies of each small workspace.
const FEW_COMPANIES: i64 = 200;
/// Each row of this number goes to a small workspace.
const EVERY: i64 = 6;
/// How many workspaces are small; each gets 4,000 contacts.
pub(crate) const SMALL_WORKSPACES: usize = 5;

/// How a database writes what the other writes differently.
pub(crate) struct Wording {
    /// An instant, `i` seconds after another.
    pub(crate) moment: &'static str,
    /// The type of JSON.
    pub(crate) json: &'static str,
}

/// The statements that fill both tables.
pub(crate) fn inserts(words: &Wording, large: i64, small: &[i64]) -> [String; 2] {
    [companies(words, large, small), contacts(words, large, small)]
}

fn companies(Wording { moment, json }: &Wording, large: i64, small: &[i64]) -> String {
    let few = FEW_COMPANIES * i64::try_from(small.len()).unwrap_or(0);
    let workspace = workspace(large, small, "i <= ", few);
    format!(
        "INSERT INTO companies (organization_id, version, created_at, updated_at, name, \
            name_folded, industry, industry_folded, website, billing_address, shipping_address, \
            custom) \
        WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {}) \
        SELECT {workspace}, 1, {moment}, {moment}, 'Harbour Works ' || i, 'harbour works ' || i, \
            'Logistics', 'logistics', 'https://harbour' || i || '.example', \
            i || ' Quay Street, Port Example', i || ' Quay Street, Port Example', \
            CAST('{{}}' AS {json}) \
        FROM series ORDER BY i",
        few + COMPANIES,
    )
}

fn contacts(Wording { moment, json }: &Wording, large: i64, small: &[i64]) -> String {
    let workspace = workspace(large, small, &format!("i % {EVERY} = "), 0);
    let rows = CONTACTS * EVERY / (EVERY - 1);
    format!(
        "INSERT INTO contacts (organization_id, version, created_at, updated_at, company_id, \
            first_name, first_name_folded, last_name, last_name_folded, email, email_folded, \
            phone_number, phone_number_folded, tags) \
        WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {rows}), \
        placed AS (SELECT i, {workspace} AS workspace FROM series), \
        numbered AS (SELECT id, organization_id, \
            row_number() OVER (PARTITION BY organization_id ORDER BY id) - 1 AS n FROM companies) \
        SELECT workspace, 1, {moment}, {moment}, \
            CASE WHEN i % 10 = 0 THEN NULL ELSE numbered.id END, \
            'Adelheid' || i % 97, 'adelheid' || i % 97, 'Montgomery' || i, 'montgomery' || i, \
            'adelheid.' || i || '@harbour.example', 'adelheid.' || i || '@harbour.example', \
            '+1 555 0100 ' || i, '+1 555 0100 ' || i, \
            CAST('[\"customer\", \"newsletter\"]' AS {json}) \
        FROM placed LEFT JOIN numbered ON numbered.organization_id = workspace \
            AND numbered.n = i % CASE WHEN workspace = {large} THEN {COMPANIES} \
                ELSE {FEW_COMPANIES} END \
        ORDER BY i",
    )
}

/// The workspace of row `i`: one of the small ones in turn where the condition holds.
fn workspace(large: i64, small: &[i64], condition: &str, operand: i64) -> String {
    let turns: String =
        small.iter().enumerate().map(|(turn, id)| format!(" WHEN {turn} THEN {id}")).collect();
    let count = small.len();
    format!(
        "CASE WHEN {condition}{operand} THEN CASE (i / {EVERY}) % {count}{turns} END \
        ELSE {large} END"
    )
}

/// Lets every plan be used as much as one likes.
pub(crate) const WITHOUT_LIMITS: &str =
    "UPDATE plans SET max_api_calls_per_minute = 1000000000, max_users = 1000000000";
