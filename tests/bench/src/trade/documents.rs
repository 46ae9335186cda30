//! Orders of the workspace with their lines, and the documents that follow from them.

use super::data::{INTERVAL, price};
use super::words::{LINES, Words, six_digits};

/// The variant of a line: one is in every eightieth of them.
fn variant(line: &str, variants: i64) -> String {
    format!("CASE ({line}) % 80 WHEN 5 THEN 1 ELSE 2 + ({line}) * 7919 % {} END", variants - 1)
}

/// What a line comes to before tax.
fn net(line: &str, variants: i64) -> String {
    format!("(({line}) % 5 + 1) * {}", price(&variant(line, variants)))
}

/// What an order comes to before tax.
fn subtotal(order: &str, variants: i64) -> String {
    let lines =
        (0..LINES).map(|place| net(&format!("({order} - 1) * {LINES} + {}", place + 1), variants));
    format!("({})", lines.collect::<Vec<_>>().join(" + "))
}

pub(super) fn orders(words: &Words) -> Vec<String> {
    let (orders, variants) = (words.size.orders, words.size.variants);
    let ago = format!("({orders} - i) * {INTERVAL}");
    let line_ago = format!("({orders} - (i - 1) / {LINES} - 1) * {INTERVAL}");
    let (subtotal, variant) = (subtotal("i", variants), variant("i", variants));
    let net = net("i", variants);
    let moment = words.moment(&ago);
    let state = |fulfilled: &str| {
        format!(
            "CASE i % 20 WHEN 0 THEN 'draft' WHEN 1 THEN 'confirmed' WHEN 2 THEN 'partly_fulfilled' \
            WHEN 3 THEN 'cancelled' ELSE CASE WHEN i % 20 < 12 THEN '{fulfilled}' ELSE 'closed' END END"
        )
    };
    vec![
        words.records(
            "orders",
            orders,
            "1 = 1",
            &ago,
            &[
                ("~number", &format!("'SO-' || {}", six_digits("i"))),
                (
                    "contact_id",
                    &format!(
                        "CASE i / 20 % 20 WHEN 3 THEN NULL WHEN 7 THEN 1 ELSE 2 + i * 5 % {} END",
                        words.size.contacts - 1
                    ),
                ),
                ("opportunity_id", "CASE i % 10 WHEN 0 THEN i / 10 END"),
                ("status", &state("delivered")),
                ("state", &state("fulfilled")),
                ("currency", "'USD'"),
                ("discount_amount", "0"),
                ("subtotal_amount", &subtotal),
                ("tax_amount", &format!("{subtotal} * 19 / 100")),
                ("total_amount", &format!("{subtotal} * 119 / 100")),
                ("ordered_at", &moment),
                ("fulfilled_at", &format!("CASE WHEN i % 20 > 3 THEN {moment} END")),
            ],
        ),
        words.records(
            "order_lines",
            words.size.lines,
            "1 = 1",
            &line_ago,
            &[
                ("order_id", &format!("(i - 1) / {LINES} + 1")),
                ("product_variant_id", &variant),
                ("variant_name", &format!("'Rope, variant ' || {variant}")),
                ("variant_sku", &format!("'ROPE-V' || {variant}")),
                ("quantity", "i % 5 + 1"),
                ("unit_price", &price(&variant)),
                ("discount_amount", "0"),
                ("tax_rate", "190000"),
                ("total_price", &net),
                ("discount_share", "0"),
                ("tax_amount", &format!("{net} * 19 / 100")),
            ],
        ),
        format!("INSERT INTO number_series VALUES ({}, 'order', {orders})", words.workspace),
    ]
}

/// Invoices of three quarters of the orders, what was paid of them, and shipments of half of them.
pub(super) fn of_orders(words: &Words) -> Vec<String> {
    let (orders, variants) = (words.size.orders, words.size.variants);
    let ago = format!("({orders} - i) * {INTERVAL}");
    let moment = words.moment(&ago);
    let total = format!("({} * 119 / 100)", subtotal("i", variants));
    let paid =
        format!("CASE WHEN i % 15 = 2 THEN {total} / 2 WHEN i % 15 > 3 THEN {total} ELSE 0 END");
    let is_due = "i % 15 IN (1, 2)";
    let number = format!("CASE WHEN i % 15 = 0 THEN '' ELSE 'INV-' || {} END", six_digits("i"));
    vec![
        words.records(
            "invoices",
            orders * 3 / 4,
            "1 = 1",
            &ago,
            &[
                ("order_id", "i"),
                ("~number", &number),
                ("series", "'INV'"),
                (
                    "status",
                    "CASE i % 15 WHEN 0 THEN 'draft' WHEN 1 THEN 'issued' WHEN 2 THEN 'partly_paid' \
                    WHEN 3 THEN 'void' ELSE 'paid' END",
                ),
                ("issued_at", &format!("CASE WHEN i % 15 > 0 THEN {moment} END")),
                ("due_date", &words.day(&format!("14 - ({ago}) / 86400"))),
                ("overdue_at", &format!(
                    "CASE WHEN {is_due} THEN {} END",
                    words.moment(&format!("({ago}) - 15 * 86400"))
                )),
                ("currency", "'USD'"),
                ("total_amount", &total),
                ("paid_amount", &paid),
                ("refunded_amount", "0"),
                ("credited_amount", "0"),
                ("owed_amount", &format!("{total} - ({paid})")),
            ],
        ),
        words.records(
            "payments",
            orders * 3 / 4,
            "i % 15 = 2 OR i % 15 > 3",
            &ago,
            &[
                ("invoice_id", "i"),
                ("amount", &paid),
                ("currency", "'USD'"),
                ("~provider", "'bank ' || (i / 15 % 12)"),
                ("~transaction_reference", "'TR-' || i"),
                ("processed_at", &moment),
                ("refunded_amount", "0"),
            ],
        ),
        words.records(
            "shipments",
            orders / 2,
            "1 = 1",
            &format!("({orders} - 2 * i) * {INTERVAL}"),
            &[
                ("order_id", "2 * i"),
                ("~carrier", "'Harbour Post'"),
                ("~tracking_number", "CASE i % 10 WHEN 9 THEN '' ELSE 'HP' || i END"),
                ("shipped_at", &format!("CASE WHEN i % 10 > 1 THEN {moment} END")),
                (
                    "status",
                    "CASE i % 10 WHEN 0 THEN 'pending' WHEN 1 THEN 'cancelled' WHEN 2 THEN 'shipped' \
                    WHEN 3 THEN 'in_transit' WHEN 4 THEN 'returned' ELSE 'delivered' END",
                ),
            ],
        ),
        words.insert(
            "shipment_parts",
            orders / 2,
            &[
                ("shipment_id", "i"),
                ("order_line_id", &format!("(2 * i - 1) * {LINES} + 1")),
                ("quantity", "1"),
            ],
        ),
        format!(
            "INSERT INTO number_series VALUES ({}, 'invoice/INV', {})",
            words.workspace,
            orders * 3 / 4
        ),
    ]
}
