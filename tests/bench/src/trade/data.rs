//! The rows of a workspace that has traded for two years.
//!
//! Values repeat so that the largest group behind most filters has 10,000 rows. What is summed up
//! is right: prices are whole hundreds, so that a tax of 19 percent needs no rounding.

use super::words::Words;
use super::{deals, documents};

/// Seconds between two orders.
pub(super) const INTERVAL: i64 = 300;

/// The statements that fill a database, in which the workspace is registered.
pub(super) fn inserts(words: &Words) -> Vec<String> {
    let mut statements = customers(words);
    statements.extend(catalog(words));
    statements.extend(deals::inserts(words));
    statements.extend(documents::orders(words));
    statements.extend(documents::of_orders(words));
    statements
}

fn customers(words: &Words) -> Vec<String> {
    let (companies, contacts) = (words.size.companies, words.size.contacts);
    let ago = format!("({contacts} - i) * 60");
    // One company has a hundredth of all contacts, another hundredth has none.
    let company =
        format!("CASE i % 100 WHEN 1 THEN 1 WHEN 2 THEN NULL ELSE 2 + i % {} END", companies - 1);
    vec![
        words.records(
            "companies",
            companies,
            "1 = 1",
            &ago,
            &[
                ("~name", "'Harbour Works ' || i"),
                ("~industry", "'Logistics ' || (i % 5)"),
                ("website", "'https://harbour' || i || '.example'"),
                ("billing_address", "i || ' Quay Street, Port Example'"),
                ("shipping_address", "i || ' Quay Street, Port Example'"),
            ],
        ),
        words.records(
            "contacts",
            contacts,
            "1 = 1",
            &ago,
            &[
                ("company_id", &company),
                ("~first_name", "'Adelheid' || ((i * 37 + i / 100) % 100)"),
                ("~last_name", "'Montgomery' || ((i * 61 + i / 10000) % 100)"),
                (
                    "~email",
                    "CASE i % 100 WHEN 3 THEN '' ELSE 'adelheid.' || i || '@harbour.example' END",
                ),
                ("~phone_number", "'+1 555 0100 ' || i"),
                ("tags", &words.json("[\"customer\", \"newsletter\"]")),
            ],
        ),
    ]
}

fn catalog(words: &Words) -> Vec<String> {
    let variants = words.size.variants;
    let (object, price) = (words.json("{}"), price("i"));
    let (ago, now) = (format!("{variants} - i"), words.moment("0"));
    let person = words.person.to_string();
    vec![
        words.records(
            "products",
            variants / 2,
            "1 = 1",
            &ago,
            &[
                ("~name", "'Rope ' || i"),
                ("slug", "'rope-' || i"),
                ("~sku", "'ROPE-' || i"),
                ("description", "'A rope.'"),
                ("status", "'active'"),
                ("attributes", &object),
                ("metadata", &object),
                ("is_active", "TRUE"),
            ],
        ),
        words.records(
            "product_variants",
            variants,
            "1 = 1",
            &ago,
            &[
                ("product_id", "(i + 1) / 2"),
                ("~name", "'Rope, variant ' || i"),
                ("~sku", "'ROPE-V' || i"),
                ("attributes", &object),
                ("price", &price),
                ("cost", "500000"),
                ("currency", "'USD'"),
                ("~barcode", "''"),
                ("status", "'active'"),
                ("is_default", "i % 2 = 1"),
            ],
        ),
        words.insert(
            "price_changes",
            variants,
            &[
                ("variant_id", "i"),
                ("price", &price),
                ("currency", "'USD'"),
                ("recorded_at", &now),
                ("recorded_by", &person),
            ],
        ),
        words.records(
            "inventory_lots",
            variants,
            "1 = 1",
            &ago,
            &[
                ("variant_id", "i"),
                ("quantity", "100000"),
                ("reserved", "0"),
                ("received_at", &words.day("-i % 700")),
                ("~location", "'Quay ' || (i % 9)"),
            ],
        ),
        words.insert(
            "stock_movements",
            variants,
            &[
                ("created_at", &now),
                ("kind", "'receipt'"),
                ("lot_id", "i"),
                ("variant_id", "i"),
                ("location", "'Quay ' || (i % 9)"),
                ("quantity", "100000"),
                ("reason", "''"),
                ("reference_type", "''"),
                ("created_by", &person),
            ],
        ),
    ]
}

/// What a variant costs.
pub(super) fn price(variant: &str) -> String {
    format!("(({variant}) % 50 + 1) * 1000000")
}
