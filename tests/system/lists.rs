//! Lists: pages, cursors, order, filters, search, and what is refused.

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

const PATH: &str = "/api/contacts/";

const FIRST: [&str; 6] = ["Ada", "ada", "Émile", "Иван", "Zoë", "李"];
const LAST: [&str; 3] = ["", "Curie", "O'Neil"];

fn email(number: usize) -> String {
    format!("u{number}@example.com")
}

/// Makes companies and contacts with many equal values, some rows deleted.
async fn fill(ada: &Client) -> Vec<i64> {
    let mut companies = Vec::new();
    for name in ["Acme", "acme", "Zebra"] {
        let made = ada.post("/api/companies/", json!({"name": name})).await.expect(201);
        companies.push(made["id"].clone());
    }
    let create = |number: usize| {
        json!({"op": "create", "data": {
            "first_name": FIRST[number % 6],
            "last_name": LAST[number % 3],
            "email": if number.is_multiple_of(4) { String::new() } else { email(number % 5) },
            "phone_number": format!("{}", number % 2),
            "company": companies.get(number % 5),
            "tags": [number],
        }})
    };
    let operations: Vec<Value> = (0..57).map(create).collect();
    let made = ada.post("/api/contacts/bulk/", json!({"operations": operations})).await.expect(200);
    let id_of = |result: &Value| result["id"].as_i64().unwrap();
    let ids: Vec<i64> = made["results"].as_array().unwrap().iter().map(id_of).collect();
    for id in ids.iter().step_by(4) {
        ada.delete(&format!("{PATH}{id}/")).await.expect(204);
    }
    for id in ids.iter().skip(1).step_by(8) {
        ada.patch(&format!("{PATH}{id}/"), json!({"phone_number": "9"})).await.expect(200);
    }
    ada.delete(&format!("/api/companies/{}/", companies[2])).await.expect(204);
    ids
}

fn ids(page: &Value) -> Vec<i64> {
    let rows = page["results"].as_array().expect("results");
    rows.iter().map(|row| row["id"].as_i64().expect("an id")).collect()
}

/// The ids of a list with these parameters, on one page.
async fn listed(ada: &Client, query: &str) -> Vec<i64> {
    ids(&ada.get(&format!("{PATH}?page_size=200&{query}")).await.expect(200))
}

/// Follows `link` from a page to the last one.
async fn follow(ada: &Client, begin: &str, link: &str) -> Vec<Value> {
    let mut pages = vec![ada.get(begin).await.expect(200)];
    while let Some(next) = pages[pages.len() - 1][link].as_str().map(str::to_owned) {
        pages.push(ada.get(&next).await.expect(200));
        assert!(pages.len() < 100, "the list has an end");
    }
    pages
}

on_both_databases!(pages_lead_from_the_first_to_the_last_and_back, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    let all = listed(&ada, "").await;
    assert_eq!(all.len(), 42);
    let begin = format!("{PATH}?page_size=10&search=&organization_id=5");
    let pages = follow(&ada, &begin, "next").await;
    assert_eq!(pages.len(), 5);
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), all);
    for (index, page) in pages.iter().enumerate() {
        assert_eq!(page["count"], 42);
        let names: Vec<_> = page.as_object().unwrap().keys().collect();
        assert_eq!(names, ["count", "next", "previous", "results"]);
        for link in ["next", "previous"].iter().filter_map(|name| page[*name].as_str()) {
            assert!(link.starts_with(&format!("{}{PATH}?", app.address)), "{link}");
            assert!(link.contains("page_size=10"), "{link}");
            // It means nothing for a member, and goes no further.
            assert!(!link.contains("organization_id"), "{link}");
        }
        assert_eq!(page["previous"].is_null(), index == 0);
        assert_eq!(page["next"].is_null(), index == 4);
    }
    let last = format!("{begin}&page=5");
    let back = follow(&ada, &last, "previous").await;
    assert_eq!(back.iter().rev().collect::<Vec<_>>(), pages.iter().collect::<Vec<_>>());
    let module = ada.get("/api/sales/contacts?page_size=40").await.expect(200);
    let next = module["next"].as_str().unwrap();
    assert!(next.starts_with(&format!("{}/api/sales/contacts?", app.address)), "{next}");
    assert_eq!(ids(&ada.get(next).await.expect(200)), all[40..]);
});

on_both_databases!(a_page_past_the_end_is_not_found, async |app: TestApp| {
    let ada = app.register("ada").await;
    let empty = ada.get(PATH).await.expect(200);
    assert_eq!(empty, json!({"count": 0, "next": null, "previous": null, "results": []}));
    ada.get(&format!("{PATH}?page=1")).await.expect(200);
    for page in
        ["2", "0", "-1", "x", "", "1.5", "last", "9223372036854775807", "99999999999999999999"]
    {
        let answer = ada.get(&format!("{PATH}?page={page}")).await;
        assert_eq!(answer.expect(404), json!({"detail": "Invalid page."}), "{page}");
    }
});

on_both_databases!(a_page_has_twenty_rows_and_at_most_two_hundred, async |app: TestApp| {
    let ada = app.register("ada").await;
    let create = |n: usize| json!({"op": "create", "data": {"first_name": format!("C{n}")}});
    let operations: Vec<Value> = (0..203).map(create).collect();
    ada.post("/api/contacts/bulk/", json!({"operations": operations})).await.expect(200);
    let size = async |query: &str| ids(&ada.get(&format!("{PATH}{query}")).await.expect(200)).len();
    assert_eq!(size("").await, 20);
    assert_eq!(size("?page_size=1").await, 1);
    for large in ["200", "201", "500", "99999999999999999999999"] {
        assert_eq!(size(&format!("?page_size={large}")).await, 200);
        assert_eq!(size(&format!("?page_size={large}&page=2")).await, 3);
    }
    for wrong in ["0", "-1", "", "x", "1.5", "00", "٣"] {
        let errors = ada.get(&format!("{PATH}?page_size={wrong}")).await.expect(400);
        assert_eq!(errors, json!({"page_size": ["A positive whole number is required."]}));
    }
});

const FIELDS: [&str; 10] = [
    "id",
    "company",
    "first_name",
    "last_name",
    "email",
    "phone_number",
    "version",
    "created_at",
    "updated_at",
    "deleted_at",
];

on_both_databases!(cursors_walk_every_order_both_ways, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    let mut orders: Vec<String> = Vec::new();
    for field in FIELDS {
        orders.extend([field.to_owned(), format!("-{field}")]);
    }
    orders.extend(
        ["company,-first_name", "-company,email,-id", "last_name,-deleted_at"].map(str::to_owned),
    );
    for deleted in ["false", "true"] {
        for order in &orders {
            let query = format!("deleted={deleted}&ordering={order}");
            let all = listed(&ada, &query).await;
            let begin = format!("{PATH}?{query}&page_size=4&cursor=");
            let pages = follow(&ada, &begin, "next").await;
            assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), all, "{query}");
            assert!(pages[0].get("count").is_none(), "a cursor counts nothing");
            assert!(pages[0]["previous"].is_null());
            let last = pages.last().unwrap()["previous"].as_str().unwrap();
            let back = follow(&ada, last, "previous").await;
            let mut found: Vec<i64> = back.iter().rev().flat_map(ids).collect();
            found.extend(ids(pages.last().unwrap()));
            assert_eq!(found, all, "back by {query}");
            let again = back.last().unwrap();
            if again["next"].is_string() {
                let forth = follow(&ada, again["next"].as_str().unwrap(), "next").await;
                let mut found = ids(again);
                found.extend(forth.iter().flat_map(ids));
                assert_eq!(found, all, "forth again by {query}");
            }
        }
    }
});

on_both_databases!(every_plain_field_orders_both_ways, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    for deleted in ["false", "true"] {
        let path = format!("{PATH}?page_size=200&deleted={deleted}");
        let page = ada.get(&path).await.expect(200);
        let rows = page["results"].as_array().unwrap();
        for field in FIELDS {
            let key = |row: &Value| match &row[field] {
                Value::String(text) if field.ends_with("_at") => time(text),
                Value::String(text) => domain_kernel::fold(text),
                Value::Number(number) => format!("{:020}", number.as_i64().unwrap()),
                _ => String::new(),
            };
            for descending in [false, true] {
                let mut expected: Vec<&Value> = rows.iter().collect();
                expected.sort_by(|a, b| {
                    let order = key(a).cmp(&key(b));
                    let order = if descending { order.reverse() } else { order };
                    a[field].is_null().cmp(&b[field].is_null()).then(order)
                });
                let expected: Vec<_> =
                    expected.iter().map(|row| row["id"].as_i64().unwrap()).collect();
                let sign = if descending { "-" } else { "" };
                let query = format!("deleted={deleted}&ordering={sign}{field}");
                assert_eq!(listed(&ada, &query).await, expected, "{query}");
            }
        }
    }
    let errors = ada.get(&format!("{PATH}?ordering=first_name,-tags")).await.expect(400);
    let message = errors["ordering"][0].as_str().unwrap();
    assert!(message.starts_with("Cannot order by \"tags\". Allowed: id, company,"), "{message}");
    for wrong in [
        "organization",
        "--id",
        "first_name_folded",
        "id;DROP TABLE contacts",
        "company.name",
        "ID",
    ] {
        ada.get(&format!("{PATH}?ordering={wrong}")).await.expect(400);
    }
    let natural = listed(&ada, "").await;
    for nothing in ["", ",", " , ", "id,id,-id"] {
        assert_eq!(listed(&ada, &format!("ordering={nothing}")).await, natural);
    }
});

on_both_databases!(every_plain_field_filters, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    for deleted in ["false", "true"] {
        let page = ada.get(&format!("{PATH}?page_size=200&deleted={deleted}")).await.expect(200);
        let rows = page["results"].as_array().unwrap();
        for field in FIELDS {
            for row in rows.iter().step_by(7) {
                let value = match &row[field] {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let expected: Vec<i64> = rows
                    .iter()
                    .filter(|other| other[field] == row[field])
                    .map(|other| other["id"].as_i64().unwrap())
                    .collect();
                let request = ada.request(Method::GET, PATH);
                let query = [("page_size", "200"), ("deleted", deleted), (field, &value)];
                let found = ada.send(request.query(&query)).await.expect(200);
                assert_eq!(ids(&found), expected, "{field}={value}");
            }
        }
        for field in ["created", "updated", "deleted"] {
            let value = rows[rows.len() / 2][&format!("{field}_at")].as_str();
            let value = value.unwrap_or("2026-01-01");
            for (test, holds) in [("after", true), ("before", false)] {
                let expected: Vec<i64> = rows
                    .iter()
                    .filter(|row| {
                        let instant = row[&format!("{field}_at")].as_str();
                        instant.is_some_and(|instant| {
                            instant == value
                                || time(instant) > time(value) && holds
                                || time(instant) < time(value) && !holds
                        })
                    })
                    .map(|row| row["id"].as_i64().unwrap())
                    .collect();
                let query = format!("deleted={deleted}&{field}_{test}={value}");
                assert_eq!(listed(&ada, &query).await, expected, "{query}");
            }
        }
    }
    assert_eq!(listed(&ada, "created_after=2999-01-01").await, [] as [i64; 0]);
    assert_eq!(listed(&ada, "created_before=2999-01-01T00:00:00%2B02:00").await.len(), 42);
    assert_eq!(listed(&ada, "created_before=2999-01-01T00:00:00+02:00").await.len(), 42);
    let all = listed(&ada, "deleted_at=null").await;
    assert_eq!(all, listed(&ada, "").await);
});

/// An instant as text that can be compared: all fractions of the same length.
fn time(text: &str) -> String {
    let (seconds, fraction) =
        text.trim_end_matches('Z').split_once('.').unwrap_or((text.trim_end_matches('Z'), ""));
    format!("{seconds}.{fraction:0<6}")
}

on_both_databases!(a_filter_with_a_bad_value_says_so, async |app: TestApp| {
    let ada = app.register("ada").await;
    for (query, field) in [
        ("id=x", "id"),
        ("id=9223372036854775808", "id"),
        ("id=null", "id"),
        ("company=acme", "company"),
        ("company=", "company"),
        ("version=1.0", "version"),
        ("created_at=yesterday", "created_at"),
        ("created_after=2026-02-30", "created_after"),
        ("created_after=", "created_after"),
        ("created_after=null", "created_after"),
        ("updated_before=99999-01-01", "updated_before"),
        ("created_after=-009000-01-01T00:00:00Z", "created_after"),
        ("created_before=0000-12-31", "created_before"),
        ("first_name=a%00b", "first_name"),
        ("search=a%00b", "search"),
        ("deleted=yes", "deleted"),
        ("deleted=", "deleted"),
        ("fields=colour", "fields"),
        ("fields=", "fields"),
        ("format=xml", "format"),
        ("cursor=x", "cursor"),
    ] {
        let errors = ada.get(&format!("{PATH}?{query}")).await.expect(400);
        assert!(errors[field][0].is_string(), "{query}: {errors}");
        assert_eq!(errors.as_object().unwrap().len(), 1, "{query}: {errors}");
    }
    for edge in ["id=-1", "id=9223372036854775807", "id=-9223372036854775808", "company=0"] {
        assert_eq!(listed(&ada, edge).await, [] as [i64; 0], "{edge}");
    }
});

on_both_databases!(search_finds_every_word_in_any_field_and_case, async |app: TestApp| {
    let ada = app.register("ada").await;
    let mut made = Vec::new();
    for (first, last, email, phone) in [
        ("Grace", "Hopper", "grace@navy.example.com", "+1 555 0100"),
        ("Straße", "Иванов", "i@example.com", ""),
        ("100%", "under_score", "a_b@example.com", "5%5"),
        ("back\\slash", "O'Brien \"Bob\"", "", ""),
        ("Robert'); DROP TABLE contacts;--", "", "", ""),
        ("Mu\u{308}ller", "李小龍", "", ""),
        ("100 percent", "underXscore", "", ""),
    ] {
        let body =
            json!({"first_name": first, "last_name": last, "email": email, "phone_number": phone});
        let contact = ada.post(PATH, body).await.expect(201);
        made.push(contact["id"].as_i64().unwrap());
    }
    for (words, expected) in [
        ("grace", &[0][..]),
        ("GRACE hopper", &[0]),
        ("hop gra navy 0100", &[0]),
        ("grace bob", &[]),
        ("STRASSE", &[1]),
        ("ИВАНОВ", &[1]),
        ("иван", &[1]),
        ("%", &[2]),
        ("100%", &[2]),
        ("_", &[2]),
        ("under_score", &[2]),
        ("5%5", &[2]),
        ("\\", &[3]),
        ("k\\s", &[3]),
        ("o'brien", &[3]),
        ("\"bob\"", &[3]),
        ("'", &[3, 4]),
        ("drop table", &[4]),
        ("');", &[4]),
        ("' OR '1'='1", &[]),
        ("müller", &[5]),
        ("MU\u{308}LLER", &[5]),
        ("小", &[5]),
        ("100", &[0, 2, 6]),
        ("example", &[0, 1, 2]),
        ("\t gra\u{a0}\u{2003}hop \n", &[0]),
        ("   ", &[0, 1, 2, 3, 4, 5, 6]),
    ] {
        let request = ada.request(Method::GET, PATH).query(&[("search", words)]);
        let expected: Vec<i64> = expected.iter().map(|index: &usize| made[*index]).collect();
        let found = ada.send(request).await.expect(200);
        assert_eq!(ids(&found), expected, "{words}");
        assert_eq!(found["count"], expected.len());
    }
    let long = ada.get(&format!("{PATH}?search={}", "x".repeat(256))).await.expect(400);
    assert!(long["search"][0].is_string());
    let acme = json!({"name": "Acme", "industry": "Anvils", "website": "https://acme.example.com"});
    ada.post("/api/companies/", acme).await.expect(201);
    for (words, count) in [("ANVILS", 1), ("acme anv", 1), ("https", 0)] {
        let found = ada.get(&format!("/api/companies/?search={words}")).await.expect(200);
        assert_eq!(found["count"], count, "{words}");
    }
});

on_both_databases!(only_the_fields_that_are_asked_for_are_shown, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made =
        ada.post(&format!("{PATH}?fields=id"), json!({"first_name": "Ada"})).await.expect(201);
    assert_eq!(made.as_object().unwrap().len(), 1);
    let path = format!("{PATH}{}/", made["id"]);
    let whole = ada.get(&path).await.expect(200);
    for name in whole.as_object().unwrap().keys() {
        let mut expected = json!({});
        expected[name] = whole[name].clone();
        let page = ada.get(&format!("{PATH}?fields={name}")).await.expect(200);
        assert_eq!(page["results"], json!([expected]));
        assert_eq!(ada.get(&format!("{path}?fields={name}")).await.expect(200), expected);
    }
    let two = ada.get(&format!("{PATH}?fields=tags,%20id,,id")).await.expect(200);
    assert_eq!(two["results"], json!([{"id": made["id"], "tags": []}]));
    let errors = ada.get(&format!("{path}?fields=id,colour")).await.expect(400);
    assert!(
        errors["fields"][0]
            .as_str()
            .unwrap()
            .starts_with("Unknown field \"colour\". Known: id, organization,")
    );
    let order = |text: &str| -> Vec<usize> {
        let names = ["\"id\"", "\"organization\"", "\"company\"", "\"tags\"", "\"version\""];
        names.iter().map(|name| text.find(name).expect("shown")).collect()
    };
    assert!(order(&ada.get(&path).await.text).is_sorted(), "in the declared order");
});

on_both_databases!(deleted_rows_are_listed_apart, async |app: TestApp| {
    let ada = app.register("ada").await;
    let ids_made = fill(&ada).await;
    let gone: Vec<i64> = ids_made.iter().copied().step_by(4).collect();
    assert_eq!(listed(&ada, "deleted=true").await, gone);
    let live = listed(&ada, "deleted=false").await;
    assert!(gone.iter().all(|id| !live.contains(id)));
    assert_eq!(live.len() + gone.len(), ids_made.len());
    let path = format!("{PATH}{}/", gone[0]);
    ada.get(&path).await.expect(404);
    ada.get(&format!("{path}?deleted=false")).await.expect(404);
    let row = ada.get(&format!("{path}?deleted=true")).await.expect(200);
    assert!(row["deleted_at"].is_string());
    assert_eq!(row["version"], 2);
    ada.post(&format!("{path}restore/"), json!({})).await.expect(200);
    assert_eq!(listed(&ada, "deleted=true").await, gone[1..]);
});

on_both_databases!(unknown_and_repeated_parameters_are_refused_by_name, async |app: TestApp| {
    let ada = app.register("ada").await;
    let errors = ada.get(&format!("{PATH}?frist_name=Ada&page_sise=5")).await.expect(400);
    let names: Vec<_> = errors.as_object().unwrap().keys().collect();
    assert_eq!(names, ["frist_name", "page_sise"]);
    let message = errors["frist_name"][0].as_str().unwrap();
    for allowed in
        ["page", "page_size", "cursor", "search", "ordering", "fields", "deleted", "format"]
            .into_iter()
            .chain(FIELDS)
            .chain(["created_after", "created_before", "deleted_after"])
    {
        assert!(message.contains(allowed), "{allowed}: {message}");
    }
    for repeated in
        ["page=1&page=1", "search=a&search=b", "email=a&email=b", "format=csv&format=csv"]
    {
        let name = repeated.split('=').next().unwrap();
        let errors = ada.get(&format!("{PATH}?{repeated}")).await.expect(400);
        assert_eq!(errors[name], json!(["This parameter was given more than once."]));
    }
    for other in
        ["tags=x", "organization=1", "first_name__icontains=a", "company__name=x", "custom=x"]
    {
        ada.get(&format!("{PATH}?{other}")).await.expect(400);
    }
    ada.get(&format!("{PATH}?organization_id=7&organization_slug=x")).await.expect(200);
    let made = ada.post(PATH, json!({"first_name": "Ada"})).await.expect(201);
    let path = format!("{PATH}{}/", made["id"]);
    for wrong in ["page=1", "search=x", "foo=1"] {
        ada.get(&format!("{path}?{wrong}")).await.expect(400);
        ada.patch(&format!("{path}?{wrong}"), json!({})).await.expect(400);
        ada.delete(&format!("{path}?{wrong}")).await.expect(400);
        ada.post(&format!("{PATH}?{wrong}"), json!({"first_name": "x"})).await.expect(400);
    }
    ada.get(&path).await.expect(200);
});

on_both_databases!(a_cursor_fits_its_own_order_only, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    let page = ada.get(&format!("{PATH}?ordering=company&page_size=5&cursor=")).await.expect(200);
    let next = page["next"].as_str().unwrap();
    for other in ["-company", "id", "company,email", "last_name"] {
        let errors = ada.get(&next.replace("ordering=company", &format!("ordering={other}"))).await;
        let message = json!({"cursor": ["The cursor was made for another ordering."]});
        assert_eq!(errors.expect(400), message, "{other}");
    }
    ada.get(next).await.expect(200);
    let filtered = ada.get(&format!("{next}&phone_number=1")).await.expect(200);
    let rows = filtered["results"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["phone_number"] == "1"));
});

on_both_databases!(a_tampered_cursor_is_refused_and_harms_nothing, async |app: TestApp| {
    let ada = app.register("ada").await;
    fill(&ada).await;
    let mut seed = 42_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below).unwrap()).unwrap()
    };
    let alphabet: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain("-_".chars()).collect();
    for order in ["company,-email", "created_at", "-deleted_at,id", "first_name"] {
        let begin = format!("{PATH}?page_size=7&ordering={order}&cursor=");
        let next = ada.get(&begin).await.expect(200)["next"].as_str().unwrap().to_owned();
        let cursor: Vec<char> = next.split("cursor=").nth(1).unwrap().chars().collect();
        for _ in 0..80 {
            let mut tampered = cursor.clone();
            for _ in 0..=random(3) {
                let place = random(tampered.len());
                match random(3) {
                    0 => tampered[place] = alphabet[random(alphabet.len())],
                    1 => drop(tampered.remove(place)),
                    _ => tampered.insert(place, alphabet[random(alphabet.len())]),
                }
            }
            let text: String = tampered.into_iter().collect();
            let answer = ada.get(&format!("{begin}{text}")).await;
            assert!([200, 400].contains(&answer.status), "{text}: {}", answer.text);
        }
    }
    let encode = |json: Value| encoded(&json.to_string());
    for (order, values) in [
        ("created_at,id", json!([i64::MAX, 1])),
        ("created_at,id", json!([-377_705_023_201_000_000_i64, 1])),
        ("created_at,id", json!([253_402_207_200_999_999_i64, 1])),
        ("created_at,id", json!([1.5, 1])),
        ("id", json!([i64::MAX])),
        ("id", json!([u64::MAX])),
        ("id", json!(["1"])),
        ("id", json!([null])),
        ("first_name,id", json!(["a\u{0}b", 1])),
        ("first_name,id", json!([["a"], 1])),
        ("first_name,id", json!(["x".repeat(5_000), 1])),
        ("company,id", json!([null, null])),
    ] {
        for backwards in [false, true] {
            let text = encode(json!([order, backwards, values]));
            let path = format!("{PATH}?ordering={}&cursor={text}", order.trim_end_matches(",id"));
            let answer = ada.get(&path).await;
            assert!([200, 400].contains(&answer.status), "{order} {values}: {}", answer.text);
        }
    }
    for text in ["=", "%00", "%ff", "e30", "W10", "bnVsbA", "....", &"A".repeat(20_000)] {
        let errors = ada.get(&format!("{PATH}?cursor={text}")).await.expect(400);
        assert_eq!(errors, json!({"cursor": ["Invalid cursor."]}), "{text}");
    }
});

/// Base64 for addresses, without padding.
fn encoded(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let number = (0..3).fold(0_u32, |number, at| {
            (number << 8) | u32::from(chunk.get(at).copied().unwrap_or(0))
        });
        for place in 0..=chunk.len() {
            let index = (number >> (18 - 6 * place)) & 63;
            out.push(char::from(ALPHABET[usize::try_from(index).unwrap()]));
        }
    }
    out
}
