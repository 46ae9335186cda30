//! Whole lists as CSV and NDJSON.

use domain_kernel::policy::Role;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

const PATH: &str = "/api/contacts/";
const ROWS: usize = 2_600;

/// Names that make a file difficult.
const DIFFICULT: [&str; 8] = [
    "plain",
    "comma, and more",
    "\"quoted\"",
    "two\nlines",
    "cr\r\nlf",
    "Ünïcödé 李 🦀 Иван",
    "back\\slash; semi",
    "a\u{2028}b",
];

async fn fill(ada: &Client) {
    let acme = ada.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    let create = |number: usize| {
        json!({"op": "create", "data": {
            "first_name": DIFFICULT[number % 8],
            "last_name": format!("{}", number % 10),
            "company": if number.is_multiple_of(3) { acme["id"].clone() } else { Value::Null },
            "tags": {"n": number, "text": "a,\"b\""},
        }})
    };
    for begin in (0..ROWS).step_by(650) {
        let operations: Vec<Value> = (begin..begin + 650).map(create).collect();
        ada.post("/api/contacts/bulk/", json!({"operations": operations})).await.expect(200);
    }
}

/// All rows of a list, page by page.
async fn paged(ada: &Client, query: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut next = Some(format!("{PATH}?page_size=200&{query}"));
    while let Some(path) = next {
        let page = ada.get(&path).await.expect(200);
        rows.extend(page["results"].as_array().expect("results").clone());
        next = page["next"].as_str().map(str::to_owned);
    }
    rows
}

/// Reads CSV (RFC 4180) into records.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell, mut quoted) =
        (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    assert!(!quoted && cell.is_empty() && record.is_empty(), "the file ends with a line");
    records
}

on_both_databases!(a_file_holds_what_the_pages_show, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    for query in [
        "",
        "ordering=-company,last_name",
        "last_name=7&ordering=first_name",
        "company=null&search=quoted",
        "fields=id,tags,first_name",
        "last_name=none",
    ] {
        let rows = paged(&ada, query).await;
        let answer = ada.get(&format!("{PATH}?format=ndjson&{query}")).await;
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
        let disposition = answer.header("content-disposition");
        assert_eq!(disposition, Some("attachment; filename=\"contacts.ndjson\""));
        let lines: Vec<Value> =
            answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines == rows, "ndjson by {query}");

        let answer = ada.get(&format!("{PATH}?{query}&format=csv")).await;
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        let disposition = answer.header("content-disposition");
        assert_eq!(disposition, Some("attachment; filename=\"contacts.csv\""));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let mut found = records(&answer.text);
        let heading = found.remove(0);
        let expected: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let cell = |name: &String| match &row[name] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                heading.iter().map(cell).collect()
            })
            .collect();
        assert!(found == expected, "csv by {query}");
        if query.starts_with("fields") {
            assert_eq!(heading, ["id", "first_name", "tags"]);
        } else {
            assert_eq!(heading.len(), 12, "{heading:?}");
        }
    }
});

on_both_databases!(a_page_is_still_a_page, async |app: TestApp| {
    let ada = app.register("ada").await;
    ada.post(PATH, json!({"first_name": "Grace"})).await.expect(201);
    let page = ada.get(&format!("{PATH}?format=json")).await;
    assert_eq!(page.header("content-type"), Some("application/json"));
    assert_eq!(page.expect(200)["count"], 1);
    for wrong in ["xml", "", "CSV", "csv,ndjson"] {
        let errors = ada.get(&format!("{PATH}?format={wrong}")).await.expect(400);
        assert_eq!(errors, json!({"format": ["Use json, csv or ndjson."]}), "{wrong}");
    }
    for format in ["csv", "ndjson"] {
        let errors = ada.get(&format!("{PATH}?format={format}&ordering=colour")).await;
        assert_eq!(errors.header("content-disposition"), None, "an error is no file");
        errors.expect(400);
    }
    let deleted = ada.get(&format!("{PATH}?format=ndjson&deleted=true")).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
});

on_both_databases!(who_may_export_is_a_matter_of_role, async |app: TestApp| {
    let ada = app.register("ada").await;
    ada.post(PATH, json!({"first_name": "Grace"})).await.expect(201);
    let path = format!("{PATH}?format=csv");
    for (name, roles, allowed) in [
        ("none", &[][..], false),
        ("analyst", &[Role::Analyst], true),
        ("marketer", &[Role::Marketer], true),
        ("manager", &[Role::Manager], true),
    ] {
        let member = app.member(&ada, name, roles).await;
        member.get(PATH).await.expect(200);
        let answer = member.get(&path).await;
        if allowed {
            assert_eq!((answer.status, answer.text.lines().count()), (200, 2), "{name}");
        } else {
            let detail = "You do not have permission to perform this action.";
            assert_eq!(answer.expect(403), json!({"detail": detail}), "{name}");
        }
    }
    app.stranger().get(&path).await.expect(401);
    let eve = app.register("eve").await;
    assert_eq!(eve.get(&path).await.text.lines().count(), 1, "only the heading");
});

on_both_databases!(who_hangs_up_does_no_harm, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    for round in 0..40 {
        let path = format!("{PATH}?format=csv&ordering=-first_name");
        let (client, request) = ada.request(reqwest::Method::GET, &path).build_split();
        let mut answer = client.execute(request.unwrap()).await.unwrap();
        if round % 2 == 0 {
            answer.chunk().await.unwrap();
        }
        drop(answer);
    }
    let whole = ada.get(&format!("{PATH}?format=ndjson")).await;
    assert_eq!(whole.text.lines().count(), ROWS);
    ada.post(PATH, json!({"first_name": "after"})).await.expect(201);
    app.stranger().get("/readyz").await.expect(200);
    app.stop().await;
});
