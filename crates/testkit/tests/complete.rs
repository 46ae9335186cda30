//! Nothing is forgotten: promises in the macros, plans in the fake.

use std::fs;
use std::path::Path;

use testkit::{FEATURES, PLANS};

/// Every promise is stamped by a macro, under the module that it is in.
#[test]
fn every_promise_is_stamped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let macros = fs::read_to_string(folder.join("mod.rs")).expect("the macros");
    let mut promises = 0;
    for file in fs::read_dir(&folder).expect("the folder") {
        let path = file.expect("a file").path();
        let subject = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let source = fs::read_to_string(&path).expect("a source");
        let list = macros.split(&format!("$make, {subject} {{")).nth(1).unwrap_or_default();
        let list: Vec<_> = list.split('}').next().unwrap_or_default().split_whitespace().collect();
        for line in source.lines().filter(|line| line.starts_with("pub async fn ")) {
            let name = line["pub async fn ".len()..].split('(').next().expect("a name");
            let reexported = subject == "random_lists" && macros.contains(name);
            assert!(reexported || list.contains(&name), "{subject}::{name} is stamped");
            promises += 1;
        }
    }
    assert!(promises > 80, "the promises were found: {promises}");
}

/// The fake's plans and features are those that the migrations write.
#[test]
fn the_plans_are_those_of_the_migrations() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    for database in ["sqlite", "postgres"] {
        let path = migrations.join(database).join("2026-11-24-000001_accounts/up.sql");
        let sql = fs::read_to_string(path).expect("the migration");
        let (now, yes, no) = match database {
            "sqlite" => ("1767225600000000", "1", "0"),
            _ => ("'2026-01-01 00:00:00+00'", "TRUE", "FALSE"),
        };
        let quote = |text: &str| text.replace('\'', "''");
        let plans = PLANS.iter().map(|plan| {
            format!(
                "    ('{}', '{}', '{}', '{}', {}, {}, {}, {}, {}, 1, {now}, {now})",
                plan.key,
                plan.name,
                plan.name.to_lowercase(),
                quote(plan.description),
                plan.price_per_month,
                plan.max_users,
                plan.max_deals,
                plan.max_api_calls_per_minute,
                if plan.key == "free" { yes } else { no }
            )
        });
        let features = FEATURES.iter().map(|feature| {
            let (name, description) = (quote(feature.name), quote(feature.description));
            let folded = name.to_lowercase();
            format!(
                "    ('{}', '{name}', '{folded}', '{description}', 1, {now}, {now})",
                feature.code
            )
        });
        let rows = |rows: Vec<String>| format!(" VALUES\n{};\n", rows.join(",\n"));
        assert!(sql.contains(&rows(plans.collect())), "the plans of {database}");
        assert!(sql.contains(&rows(features.collect())), "the features of {database}");
        for plan in &PLANS[..2] {
            let codes: Vec<_> = FEATURES[..plan.features]
                .iter()
                .map(|feature| format!("        '{}'", feature.code))
                .collect();
            let clause = format!(
                "plans.key = '{}' AND features.code IN (\n{}\n    ))",
                plan.key,
                codes.join(",\n")
            );
            assert!(sql.contains(&clause), "the features of the plan {} of {database}", plan.key);
        }
        assert_eq!(PLANS[2].features, FEATURES.len());
        assert!(sql.contains("WHERE plans.key = 'enterprise'\n"), "the last plan includes all");
    }
}
