//! Nonsense of every kind: refused in words, never with a 500, and nothing is written.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, Client, TestApp, on_both_databases};

const PROBLEM: &str = "application/problem+json";

/// Sends bytes as a body, once for a plain client and once for one that wants problem documents;
/// checks that both answers have the form they must have and gives the plain one.
async fn refused(client: &Client, method: &Method, path: &str, kind: &str, body: &[u8]) -> Answer {
    let send = async |accept: &str| {
        let request = client.request(method.clone(), path).header("accept", accept);
        let request = if kind.is_empty() { request } else { request.header("content-type", kind) };
        client.send(request.body(body.to_vec())).await
    };
    let plain = send("application/json").await;
    let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
    let what = format!("{method} {path} {kind} {shown}: {} {}", plain.status, plain.text);
    assert!((400..500).contains(&plain.status), "{what}");
    assert_eq!(plain.header("content-type"), Some("application/json"), "{what}");
    assert!(plain.json.is_object(), "{what}");
    let problem = send(PROBLEM).await;
    is_problem(&problem, &plain, &what);
    plain
}

/// Checks a problem document (RFC 9457) against the plain answer to the same request.
fn is_problem(problem: &Answer, plain: &Answer, what: &str) {
    assert_eq!(problem.status, plain.status, "{what}");
    assert_eq!(problem.header("content-type"), Some(PROBLEM), "{what}");
    assert_eq!(problem["status"], plain.status, "{what}");
    for member in ["type", "title", "detail", "instance"] {
        assert!(problem[member].is_string(), "{member}: {what}: {}", problem.text);
    }
    match plain.json.get("detail") {
        Some(detail) if detail.is_string() => assert_eq!(&problem["detail"], detail, "{what}"),
        _ => assert_eq!(problem["errors"], plain.json, "{what}"),
    }
    for header in ["www-authenticate", "allow"] {
        assert_eq!(problem.header(header), plain.header(header), "{what}");
    }
}

const JSON: &str = "application/json";

/// The operations that take a body, on a contact that exists.
fn writes(id: &Value) -> Vec<(Method, String)> {
    let post = |path: &str| (Method::POST, path.to_owned());
    vec![
        post("/api/contacts/"),
        post("/api/companies/"),
        post("/api/contacts/bulk/"),
        post("/api/auth/register/"),
        post("/api/auth/token/"),
        post("/api/auth/token/revoke/"),
        post("/api/auth/password/reset/"),
        post("/api/auth/password/reset/confirm/"),
        post("/api/auth/password/change/"),
        post("/api/auth/email/verify/"),
        post("/api/auth/email/verify/confirm/"),
        post("/api/organization-invites/"),
        post("/api/invites/accept/"),
        (Method::PATCH, "/api/auth/profile/".to_owned()),
        (Method::PUT, "/api/auth/profile/".to_owned()),
        (Method::PUT, format!("/api/contacts/{id}/")),
        (Method::PATCH, format!("/api/contacts/{id}/")),
        post(&format!("/api/contacts/{id}/restore/")),
    ]
}

/// A signed-in person, a contact, and everything that is stored.
async fn begin(app: &TestApp) -> (Client, Value, BTreeMap<String, Vec<String>>) {
    let ada = app.register("ada").await;
    let made = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    (ada, made["id"].clone(), app.database.dump().await)
}

on_both_databases!(a_body_that_is_no_json_object_is_refused, async |app: TestApp| {
    let (ada, id, before) = begin(&app).await;
    let deep = |levels: usize| format!("{{\"tags\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let (deeper, deepest) = (deep(32), deep(200_000));
    let bodies: [&[u8]; 26] = [
        b"{",
        b"{\"first_name\": }",
        b"{\"first_name\": \"x\",}",
        b"{'first_name': 'x'}",
        b"{\"first_name\": \"x\"} trailing",
        b"first_name=x",
        b"<a/>",
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}x",
        b"{\"first_name\": \"\xff\"}",
        b"{\"first_name\": \"\xc3\x28\"}",
        b"{\"first_name\": \"\\ud800\"}",
        b"{\"first_name\": \"\\udc00\\ud800\"}",
        b"{\"first_name\": \"\\x41\"}",
        b"{\"first_name\": NaN}",
        b"{\"first_name\": 1e999}",
        b"{\"first_name\": -Infinity}",
        b"{\"tags\": 123456789e99999999}",
        b"{\"first_name\": \"x\", \"first_name\": \"x\"}",
        b"{\"tags\": [{\"a\": 1, \"\\u0061\": 2}]}",
        b"[]",
        b"null",
        b"\"text\"",
        deeper.as_bytes(),
        deepest.as_bytes(),
    ];
    for (method, path) in writes(&id) {
        for body in bodies {
            let answer = refused(&ada, &method, &path, JSON, body).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        }
    }
    assert!(app.database.dump().await == before, "something was written");
    let fits = deep(31);
    let body = fits.replace('{', "{\"first_name\": \"deep\", ");
    let request = ada.request(Method::POST, "/api/contacts/").header("content-type", JSON);
    ada.send(request.body(body)).await.expect(201);
});

on_both_databases!(every_field_refuses_every_wrong_type, async |app: TestApp| {
    let (ada, id, before) = begin(&app).await;
    let wrong = [
        json!(null),
        json!(true),
        json!(5),
        json!(-1.5e300),
        json!(u64::MAX),
        json!(["x"]),
        json!({"a": "x"}),
        json!("a\u{0}b"),
        json!("\u{0}"),
        json!("x".repeat(1_000)),
    ];
    let contacts = ["first_name", "last_name", "email", "phone_number"];
    let companies = ["name", "industry", "website"];
    let profile = ["first_name", "last_name", "email", "title", "timezone", "locale"];
    let register =
        ["email", "username", "first_name", "organization_name", "invite_token", "plan_key"];
    let contact = format!("/api/contacts/{id}/");
    let targets: [(Method, &str, &[&str], Value); 6] = [
        (Method::POST, "/api/contacts/", &contacts, json!({"first_name": "x"})),
        (Method::PUT, &contact, &contacts, json!({"first_name": "x"})),
        (Method::PATCH, &contact, &contacts, json!({})),
        (Method::POST, "/api/companies/", &companies, json!({"name": "x"})),
        (Method::PATCH, "/api/auth/profile/", &profile, json!({})),
        (
            Method::POST,
            "/api/auth/register/",
            &register,
            json!({"email": "x@example.com", "password": "plum-harbour-quilt-9"}),
        ),
    ];
    for (method, path, fields, valid) in targets {
        for field in fields {
            for value in &wrong {
                let mut body = valid.clone();
                body[*field] = value.clone();
                let text = body.to_string();
                let answer = refused(&ada, &method, path, JSON, text.as_bytes()).await;
                assert_eq!(answer.status, 400, "{path} {body}");
                let named = answer[*field][0].is_string() || answer["non_field_errors"].is_array();
                assert!(named, "{path} {field}={value}: {}", answer.text);
            }
        }
    }
    for value in [json!("x"), json!([1]), json!({}), json!(false), json!(1e300), json!("1\u{0}")] {
        let body = json!({"first_name": "x", "company": value}).to_string();
        let answer = refused(&ada, &Method::POST, "/api/contacts/", JSON, body.as_bytes()).await;
        assert!(answer["company"][0].is_string(), "{}", answer.text);
    }
    for value in [json!(null), json!("a\u{0}"), json!([["\u{0}"]]), json!({"a\u{0}": 1})] {
        let body = json!({"first_name": "x", "tags": value}).to_string();
        let answer = refused(&ada, &Method::POST, "/api/contacts/", JSON, body.as_bytes()).await;
        assert!(answer["tags"][0].is_string(), "{}", answer.text);
    }
    for field in ["username", "password"] {
        for value in &wrong[..9] {
            let mut body = json!({"username": "x", "password": "x"});
            body[field] = value.clone();
            refused(&ada, &Method::POST, "/api/auth/token/", JSON, body.to_string().as_bytes())
                .await;
        }
    }
    assert!(app.database.dump().await == before, "something was written");
});

on_both_databases!(unknown_fields_are_refused_by_name, async |app: TestApp| {
    let (ada, id, before) = begin(&app).await;
    for (method, path) in writes(&id) {
        let body = br#"{"colour": "red", "": 1, "first_name ": "x", "__proto__": {}}"#;
        let answer = refused(&ada, &method, &path, JSON, body).await;
        for name in ["colour", "", "first_name ", "__proto__"] {
            assert_eq!(answer[name], json!(["Unknown field."]), "{path}: {}", answer.text);
        }
    }
    assert!(app.database.dump().await == before, "something was written");
});

on_both_databases!(strange_values_that_are_allowed_come_back_unchanged, async |app: TestApp| {
    let ada = app.register("ada").await;
    for tags in [
        json!([1.5, -0.25, 1e300, 5e-324, 9_007_199_254_740_993_i64, u64::MAX, i64::MIN]),
        json!({"": "", "b": 1, "a": {"z": [], "y": {}}}),
        json!("just text"),
        json!(0),
        json!(false),
        json!(["\u{1}\u{7f}\u{feff}\u{202e}\u{10ffff}", "\\u0000 as text"]),
    ] {
        let body = json!({"first_name": "x", "tags": tags});
        let made = ada.post("/api/contacts/", body).await.expect(201);
        assert_eq!(made["tags"], tags);
        let path = format!("/api/contacts/{}/", made["id"]);
        assert_eq!(ada.get(&path).await.expect(200), made);
        let same = ada.patch(&path, json!({"tags": tags})).await.expect(200);
        assert_eq!(same["version"], 1, "{tags}");
    }
    let names = [
        "\u{fdfa}".repeat(128),
        "\u{1f980}".repeat(128),
        "a\u{301}\u{327}".to_owned(),
        "\u{202e}evil".to_owned(),
        "tab\there".to_owned(),
        "e\u{feff}".to_owned(),
        "ΐ".repeat(128),
    ];
    for name in names {
        let made = ada.post("/api/contacts/", json!({"first_name": name})).await.expect(201);
        assert_eq!(made["first_name"], name);
        let found = ada.request(Method::GET, "/api/contacts/").query(&[("first_name", &name)]);
        assert_eq!(ada.send(found).await.expect(200)["results"], json!([made]));
    }
    let name: String = (0..255).map(|n| char::from_u32(0x3300 + n * 7 % 88).unwrap()).collect();
    ada.post("/api/companies/", json!({"name": name})).await.expect(201);
});

on_both_databases!(nul_bytes_are_refused_everywhere, async |app: TestApp| {
    let (ada, _, before) = begin(&app).await;
    for query in [
        "search",
        "first_name",
        "email",
        "id",
        "company",
        "created_at",
        "ordering",
        "fields",
        "cursor",
        "page_size",
        "format",
        "a%00b",
    ] {
        let answer = ada.get(&format!("/api/contacts/?{query}=a%00b")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
    }
    for path in [
        "/api/contacts/%00/",
        "/api/contacts/1%00/",
        "/api/%00/",
        "/%00",
        "/api/contacts%00/",
        "/api/assets/%00",
    ] {
        assert!(ada.get(path).await.expect(404).is_object(), "{path}");
    }
    let operations = json!({"operations": [
        {"op": "create", "data": {"first_name": "a\u{0}"}},
        {"op": "create\u{0}", "data": {}},
        {"op": "create", "data": {"first_name": "a", "b\u{0}": 1}},
    ]});
    let answer = ada.post("/api/contacts/bulk/", operations).await.expect(400);
    let statuses: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|r| &r["status"]).collect();
    assert_eq!(statuses, [400, 400, 400]);
    assert!(app.database.dump().await == before, "something was written");
});

on_both_databases!(queries_and_paths_of_any_bytes_are_answered, async |app: TestApp| {
    let (ada, _, before) = begin(&app).await;
    for query in [
        "%",
        "%f",
        "%ff",
        "%ff=%ff",
        "search=%ff%fe",
        "first_name=%c3%28",
        "search=%ed%a0%80",
        "&&&",
        "=",
        "=1",
        "?",
        "a[]=1",
        "ordering=%ff",
        "id=%ff",
        "page=%ff",
        "cursor=%ff",
    ] {
        let answer = ada.get(&format!("/api/contacts/?{query}")).await;
        assert!([200, 400, 404].contains(&answer.status), "{query}: {}", answer.text);
        assert!(answer.json.is_object(), "{query}");
    }
    for path in [
        "/%ff",
        "/api/contacts/%ff/",
        "/api/%c3%28/",
        "/api//contacts/",
        "//",
        "/api/contacts/1/2/3/",
        "/api/contacts/../../etc/passwd",
        "/api/assets/..%2f..%2fCargo.toml",
        "/api/assets/../Cargo.toml",
        "/%e2%80%ae",
        "/api/sales/sales/contacts/",
        "/api/unknown/contacts/",
        "/api/contacts.json",
        "/index.php",
        "/.env",
        "/api/contacts/bulk/1/",
    ] {
        let answer = ada.get(path).await;
        assert_eq!(answer.expect(404), json!({"detail": "Not found."}), "{path}");
    }
    for length in [8_000, 60_000] {
        let answer = ada.get(&format!("/api/contacts/?search={}", "x".repeat(length))).await;
        assert!((400..500).contains(&answer.status), "{length}: {}", answer.status);
        let answer = ada.get(&format!("/api/{}/", "x".repeat(length))).await;
        assert!((400..500).contains(&answer.status), "{length}: {}", answer.status);
    }
    ada.get("/api/contacts/").await.expect(200);
    assert!(app.database.dump().await == before, "something was written");
});

on_both_databases!(a_body_of_more_than_a_mebibyte_is_too_large, async |app: TestApp| {
    let (ada, id, before) = begin(&app).await;
    let body = |size: usize| {
        let begin = br#"{"name": "x", "billing_address": ""#;
        let mut body = begin.to_vec();
        body.resize(size - 2, b'y');
        body.extend(b"\"}");
        body
    };
    for (method, path) in writes(&id) {
        let answer = refused(&ada, &method, &path, JSON, &body((1 << 20) + 1)).await;
        assert_eq!(answer.status, 413, "{path}");
        assert_eq!(answer["detail"], "The body is larger than 1048576 bytes.");
    }
    assert!(app.database.dump().await == before, "something was written");
    // One byte less is read, and refused for what it says.
    let request = ada.request(Method::POST, "/api/companies/").header("content-type", JSON);
    let answer = ada.send(request.body(body(1 << 20))).await.expect(400);
    let message = "Ensure this field has no more than 20000 characters.";
    assert_eq!(answer["billing_address"], json!([message]));
});

on_both_databases!(what_is_stored_stays_small, async |app: TestApp| {
    let ada = app.register("ada").await;
    let tags = |length: usize| json!({"first_name": "x", "tags": "y".repeat(length)});
    ada.post("/api/contacts/", tags(32_000)).await.expect(201);
    let answer = ada.post("/api/contacts/", tags(33_000)).await.expect(400);
    assert_eq!(answer["tags"], json!(["Ensure this is not longer than 32768 bytes as JSON."]));
    let address = |length: usize| json!({"name": "x", "billing_address": "y".repeat(length)});
    ada.post("/api/companies/", address(20_000)).await.expect(201);
    ada.post("/api/companies/", address(20_001)).await.expect(400);
});

on_both_databases!(a_request_asks_for_so_much_and_no_more, async |app: TestApp| {
    let ada = app.register("ada").await;
    let many: Vec<String> = (0..101).map(|number| format!("p{number}=1")).collect();
    let answer = ada.get(&format!("/api/contacts/?{}", many.join("&"))).await.expect(400);
    assert_eq!(answer["non_field_errors"], json!(["Give no more than 100 parameters."]));
    let words: Vec<String> = (0..17).map(|number| format!("w{number}")).collect();
    let answer = ada.get(&format!("/api/contacts/?search={}", words.join("+"))).await.expect(400);
    assert_eq!(answer["search"], json!(["Ensure there are no more than 16 words."]));
    ada.get(&format!("/api/contacts/?search={}", ["same"; 40].join("+"))).await.expect(200);
});

on_both_databases!(a_body_must_say_that_it_is_json, async |app: TestApp| {
    let (ada, id, before) = begin(&app).await;
    let body = br#"{"first_name": "x"}"#;
    for (method, path) in writes(&id) {
        for kind in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "json",
            "application/xml",
            "text/json; charset=utf-8",
        ] {
            let answer = refused(&ada, &method, &path, kind, body).await;
            assert_eq!(answer.status, 415, "{path} {kind}");
            assert!(answer["detail"].as_str().unwrap().starts_with("Unsupported media type"));
        }
    }
    assert!(app.database.dump().await == before, "something was written");
    for kind in [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/merge-patch+json",
    ] {
        let request = ada.request(Method::PATCH, &format!("/api/contacts/{id}/"));
        ada.send(request.header("content-type", kind).body(&body[..])).await.expect(200);
    }
});

on_both_databases!(an_id_that_cannot_be_is_not_found, async |app: TestApp| {
    let (ada, _, before) = begin(&app).await;
    for id in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999",
        "abc",
        "1.0",
        "1e0",
        "0x1",
        "%20",
        "%201",
        "٣",
        "null",
        "%2B1",
        "+1",
        "1;",
        "'",
    ] {
        let path = format!("/api/contacts/{id}/");
        let not_found = json!({"detail": "Not found."});
        let body = || json!({"first_name": "x"});
        assert_eq!(ada.get(&path).await.expect(404), not_found, "{id}");
        assert_eq!(ada.put(&path, body()).await.expect(404), not_found, "{id}");
        assert_eq!(ada.patch(&path, body()).await.expect(404), not_found, "{id}");
        assert_eq!(ada.delete(&path).await.expect(404), not_found, "{id}");
        let restored = ada.post(&format!("{path}restore/"), json!({})).await;
        assert_eq!(restored.expect(404), not_found, "{id}");
        let plain = ada.get(&path).await;
        let problem = ada.ask(Method::GET, &path, &[("accept", PROBLEM)]).await;
        is_problem(&problem, &plain, id);
    }
    assert!(app.database.dump().await == before, "something was written");
});

on_both_databases!(
    a_method_that_is_not_there_is_refused_with_those_that_are,
    async |app: TestApp| {
        let (ada, id, before) = begin(&app).await;
        let item = format!("/api/contacts/{id}/");
        let restore = format!("{item}restore/");
        let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LOCK"];
        for (path, allowed) in [
            ("/api/", "GET, HEAD, OPTIONS"),
            ("/api/schema/", "GET, HEAD, OPTIONS"),
            ("/api/docs/", "GET, HEAD, OPTIONS"),
            ("/api/redoc/", "GET, HEAD, OPTIONS"),
            ("/api/assets/page.css", "GET, HEAD, OPTIONS"),
            ("/healthz", "GET, HEAD, OPTIONS"),
            ("/readyz", "GET, HEAD, OPTIONS"),
            ("/metrics", "GET, HEAD, OPTIONS"),
            ("/api/auth/token/", "POST, OPTIONS"),
            ("/api/auth/token/revoke/", "POST, OPTIONS"),
            ("/api/auth/register/", "POST, OPTIONS"),
            ("/api/auth/profile/", "GET, HEAD, PUT, PATCH, OPTIONS"),
            ("/api/contacts/", "GET, HEAD, POST, OPTIONS"),
            ("/api/sales/companies", "GET, HEAD, POST, OPTIONS"),
            ("/api/contacts/bulk/", "POST, OPTIONS"),
            (&item, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
            (&restore, "POST, OPTIONS"),
        ] {
            let names: Vec<&str> = allowed.split(", ").collect();
            for name in all.iter().filter(|name| !names.contains(*name)) {
                let method = Method::from_bytes(name.as_bytes()).unwrap();
                let plain = ada.ask(method.clone(), path, &[]).await;
                assert_eq!(plain.status, 405, "{name} {path}: {}", plain.text);
                assert_eq!(plain.header("allow"), Some(allowed), "{name} {path}");
                if *name == "HEAD" {
                    assert_eq!(plain.text, "");
                    continue;
                }
                assert_eq!(plain["detail"], format!("Method \"{name}\" not allowed."), "{path}");
                let problem = ada.ask(method, path, &[("accept", PROBLEM)]).await;
                is_problem(&problem, &plain, path);
            }
            let options = app.stranger().ask(Method::OPTIONS, path, &[]).await;
            assert_eq!((options.status, options.header("allow")), (200, Some(allowed)), "{path}");
        }
        assert!(app.database.dump().await == before, "something was written");
    }
);

on_both_databases!(head_is_get_without_a_body, async |app: TestApp| {
    let (ada, id, before) = begin(&app).await;
    let item = format!("/api/contacts/{id}/");
    for path in [
        "/api/",
        "/api/schema/",
        "/api/docs/",
        "/api/redoc/",
        "/api/assets/page.css",
        "/api/assets/redoc/redoc.standalone.js",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/auth/profile/",
        "/api/contacts/",
        "/api/contacts/?page=2",
        "/api/contacts/?foo=1",
        "/api/contacts/?format=csv",
        "/api/contacts/999999/",
        "/nowhere",
        &item,
    ] {
        let get = ada.get(path).await;
        let head = ada.ask(Method::HEAD, path, &[]).await;
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        for header in [
            "content-type",
            "etag",
            "content-length",
            "allow",
            "cache-control",
            "content-security-policy",
            "content-disposition",
        ] {
            // The figures and a streamed file may have another length each time.
            if header == "content-length" && (path == "/metrics" || path.contains("csv")) {
                continue;
            }
            assert_eq!(head.header(header), get.header(header), "{header} of {path}");
        }
    }
    let anonymous = app.stranger().ask(Method::HEAD, "/api/contacts/", &[]).await;
    assert_eq!((anonymous.status, anonymous.header("www-authenticate")), (401, Some("Token")));
    assert!(app.database.dump().await == before, "something was written");
});

on_both_databases!(requests_that_are_no_http_end_the_connection_only, async |app: TestApp| {
    let (ada, _, before) = begin(&app).await;
    let token = ada.token.clone().unwrap();
    let requests = [
        "\r\n\r\n".to_owned(),
        "\u{0}\u{1}\u{2}".repeat(100),
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "GET /api/ HTTP/1.1\r\nno colon\r\n\r\n".to_owned(),
        "POST /api/contacts/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}".to_owned(),
        "POST /api/contacts/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}".to_owned(),
        format!("POST /api/contacts/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        format!("POST /api/contacts/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"first_name\": \"half"),
        format!("GET /api/ HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(500)),
        format!("GET /api/contacts/?search={} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(300_000)),
        format!("GET /api/ HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n\r\n", "x".repeat(300_000)),
    ];
    for request in requests {
        let answer = app.raw(request.as_str()).await;
        assert!(!answer.starts_with("HTTP/1.1 5"), "{request}: {answer}");
        assert!(!answer.starts_with("HTTP/1.1 2"), "{request}: {answer}");
    }
    ada.get("/api/contacts/").await.expect(200);
    assert!(app.database.dump().await == before, "something was written");
});
