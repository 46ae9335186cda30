//! Pipelines, leads and deals of the workspace.

use super::data::INTERVAL;
use super::words::Words;

/// Two pipelines of four stages, leads, and deals in all stages with what is to be done about them.
pub(super) fn inserts(words: &Words) -> Vec<String> {
    let deals = words.size.deals;
    let ago = format!("({deals} - i) * {}", INTERVAL * 10);
    let moment = words.moment(&ago);
    let person = format!("CASE i % 2 WHEN 0 THEN {} END", words.person);
    let probability = "CASE i % 5 WHEN 0 THEN 10000 WHEN 1 THEN 0 ELSE (i % 4 + 1) * 2000 END";
    let amount = "(i % 90 + 10) * 1000000";
    vec![
        words.records("pipelines", 2, "1 = 1", "0", &[("~name", "'Pipeline ' || i")]),
        words.records(
            "deal_stages",
            8,
            "1 = 1",
            "0",
            &[
                ("pipeline_id", "(i + 3) / 4"),
                ("~name", "'Stage ' || i"),
                ("position", "(i - 1) % 4"),
                ("win_probability", "((i - 1) % 4 + 1) * 2000"),
            ],
        ),
        words.records(
            "prospects",
            deals,
            "1 = 1",
            &ago,
            &[
                ("contact_id", "CASE i % 2 WHEN 0 THEN i END"),
                ("~source", "'web'"),
                ("~status", "CASE i % 2 WHEN 0 THEN 'new' ELSE 'contacted' END"),
                ("notes", "''"),
                ("score", "i % 100"),
                ("metadata", &words.json("{}")),
            ],
        ),
        words.records(
            "deals",
            deals,
            "1 = 1",
            &ago,
            &[
                ("lead_id", "CASE i % 2 WHEN 0 THEN i END"),
                (
                    "company_id",
                    &format!("CASE i % 2 WHEN 0 THEN 1 + i % {} ELSE 1 END", words.size.companies),
                ),
                ("contact_id", "CASE i % 2 WHEN 0 THEN i END"),
                ("~name", "'Deal ' || i"),
                ("pipeline_id", "i % 8 / 4 + 1"),
                ("stage_id", "i % 8 + 1"),
                ("amount", amount),
                ("currency", "'USD'"),
                ("close_date", &words.day("i % 700 - 600")),
                ("probability", probability),
                ("expected_value", &format!("{amount} / 10000 * ({probability})")),
                ("owner", &person),
                ("status", "CASE i % 5 WHEN 0 THEN 'won' WHEN 1 THEN 'lost' ELSE 'open' END"),
                ("stage_entered_at", &moment),
                ("closed_at", &format!("CASE WHEN i % 5 < 2 THEN {moment} END")),
                ("lost_reason", "''"),
            ],
        ),
        words.records(
            "activities",
            deals,
            "1 = 1",
            &ago,
            &[
                ("opportunity_id", "i"),
                ("~type", "'call'"),
                ("~subject", "'Call about deal ' || i"),
                ("notes", "''"),
                ("due_at", &words.moment(&format!("({deals} - i - 500) * 3600"))),
                ("completed_at", &format!("CASE WHEN i % 2 = 0 THEN {moment} END")),
                ("owner", &person),
            ],
        ),
        words.records(
            "note_texts",
            deals * 5 / 2,
            "1 = 1",
            &format!("({deals} * 5 / 2 - i) * 1200"),
            &[
                ("author", &words.person.to_string()),
                ("content", "'They asked about rope ' || i"),
                (
                    "related_object_type",
                    "CASE i % 5 WHEN 0 THEN 'contact' WHEN 1 THEN 'company' ELSE 'order' END",
                ),
                ("related_object_id", &format!("1 + i % {}", words.size.companies)),
            ],
        ),
    ]
}
