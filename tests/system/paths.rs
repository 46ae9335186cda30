//! Paths: every spelling, the root, the documentation, and the headers that protect browsers.

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Answer, Client, TestApp, on_both_databases};

/// The modules in whose paths clients find resources, too.
const MODULES: [(&str, &[&str]); 2] = [
    (
        "catalog",
        &[
            "categories",
            "suppliers",
            "products",
            "product-variants",
            "inventory-lots",
            "price-history",
        ],
    ),
    (
        "sales",
        &[
            "companies",
            "contacts",
            "pipelines",
            "deal-stages",
            "leads",
            "opportunities",
            "deal-activities",
            "orders",
            "order-lines",
            "invoices",
            "payments",
            "shipments",
            "notes",
            "attachments",
        ],
    ),
];

/// The path with and without its final slash, and with the module where it has one.
fn spellings(path: &str) -> Vec<String> {
    let bare = path.trim_end_matches('/');
    let mut all = vec![path.to_owned(), bare.to_owned()];
    let resource = bare.split('/').nth(2).unwrap_or_default();
    for (module, resources) in MODULES {
        if resources.contains(&resource) {
            let rest = bare.trim_start_matches("/api");
            all.push(format!("/api/{module}{rest}/"));
            all.push(format!("/api/{module}{rest}"));
        }
    }
    all
}

/// Sends a request that changes nothing.
async fn harmless(client: &Client, method: &Method, path: &str) -> Answer {
    let request = client.request(method.clone(), path);
    let request = match *method {
        Method::GET | Method::HEAD => request,
        // Nobody has read this version.
        Method::DELETE => request.header("if-match", "\"v99\""),
        _ => request.json(&json!({"nonsense": 1})),
    };
    client.send(request).await
}

/// Every operation of the API document: method and path, with an id that exists.
async fn operations(app: &TestApp, ada: &Client) -> Vec<(Method, String)> {
    ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    ada.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    ada.post("/api/organization-invites/", json!({})).await.expect(201);
    crate::jobs::started_by(app, ada, 1).await;
    goods_and_deals(ada).await;
    let document = ada.get("/api/schema/").await.expect(200);
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let resource = path.split('/').nth(2).unwrap_or_default();
        let path = match path.contains("{id}") {
            true => path.replace("{id}", &first_of(ada, resource).await),
            false => path.clone(),
        };
        let path = path.replace("{provider}", "main");
        assert!(!path.contains('{'), "{path}: a new parameter");
        for method in item.as_object().expect("operations").keys() {
            if let Ok(method) = method.to_uppercase().parse::<Method>()
                && ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str())
            {
                all.push((method, path.clone()));
            }
        }
    }
    assert!(all.len() > 20, "the document lists the operations");
    all
}

/// Something of everything that is sold, and of whom to.
pub(crate) async fn goods_and_deals(ada: &Client) {
    ada.post("/api/categories/", json!({"name": "Shoes"})).await.expect(201);
    ada.post("/api/suppliers/", json!({"name": "Cobbler"})).await.expect(201);
    let rate = json!({"base": "EUR", "quote": "USD", "date": "2026-03-01", "rate": "1.0837"});
    ada.post("/api/exchange-rates/", rate).await.expect(201);
    let variant = json!({"name": "Red", "price": "5.00", "cost": "1.00"});
    let product = json!({"name": "Boots", "variants": [variant]});
    let product = ada.post("/api/products/", product).await.expect(201);
    let variant = &product["variants"][0]["id"];
    let lot = json!({"variant": variant, "quantity": 5, "received_at": "2026-01-15"});
    ada.post("/api/inventory-lots/", lot).await.expect(201);
    ada.post("/api/leads/", json!({})).await.expect(201);
    let pipeline = ada.post("/api/pipelines/", json!({"name": "New"})).await.expect(201);
    let stage = json!({"name": "Asked", "pipeline": pipeline["id"], "win_probability": "10"});
    let stage = ada.post("/api/deal-stages/", stage).await.expect(201);
    let deal = json!({"name": "A hundred boots", "amount": "500", "pipeline": pipeline["id"],
        "stage": stage["id"]});
    let deal = ada.post("/api/opportunities/", deal).await.expect(201);
    let activity = json!({"opportunity": deal["id"], "type": "call", "subject": "Ask again"});
    ada.post("/api/deal-activities/", activity).await.expect(201);
    let note = json!({"content": "In a hurry.", "related_object_type": "opportunity",
        "related_object_id": deal["id"]});
    ada.post("/api/notes/", note).await.expect(201);
    let file = json!({"file_name": "Plan.pdf", "file_url": "https://files.example/plan.pdf",
        "related_object_type": "opportunity", "related_object_id": deal["id"]});
    ada.post("/api/attachments/", file).await.expect(201);
    let lines = json!([{"product_variant": variant, "quantity": 2}]);
    let order = ada
        .post("/api/orders/", json!({"opportunity": deal["id"], "lines": lines}))
        .await
        .expect(201);
    let shipment = json!({"order": order["id"], "carrier": "Post"});
    ada.post("/api/shipments/", shipment).await.expect(201);
    let invoice = json!({"order": order["id"], "status": "issued"});
    let invoice = ada.post("/api/invoices/", invoice).await.expect(201);
    let payment = json!({"invoice": invoice["id"], "amount": "4.00", "provider": "Bank",
        "transaction_reference": "1"});
    let payment = ada.post("/api/payments/", payment).await.expect(201);
    for (resource, row, action) in
        [("invoices", &invoice, "credit"), ("payments", &payment, "refund")]
    {
        let path = format!("/api/{resource}/{}/{action}/", row["id"]);
        ada.post(&path, json!({"amount": "1.00"})).await.expect(201);
    }
}

/// The id of a row of a resource that somebody sees; 1 where they see no list of them.
async fn first_of(client: &Client, resource: &str) -> String {
    let listed = client.get(&format!("/api/{resource}/?page_size=1")).await;
    match &listed.json["results"][0]["id"] {
        Value::Null => "1".to_owned(),
        id => id.to_string(),
    }
}

/// Deleting what is there ends what somebody came with.
const ENDS: &str = "/api/auth/session";

/// What must be the same at every spelling.
fn told(answer: &Answer) -> (u16, String, Vec<Option<String>>) {
    let names = ["content-type", "etag", "allow", "www-authenticate", "content-security-policy"];
    let headers = names.iter().map(|name| answer.header(name).map(str::to_owned));
    // Each has a token of its own.
    let has_token = answer.json.get("csrfToken").is_some_and(|token| token.is_string());
    let text = if has_token { "a token".to_owned() } else { answer.text.clone() };
    // The next page is at the spelling that was asked for.
    let text = text.replace("/?page=", "?page=");
    (answer.status, text, headers.collect())
}

on_both_databases!(every_spelling_of_a_path_answers_the_same, async |app: TestApp| {
    let google = [("CRM_GOOGLE_OAUTH_CLIENT_IDS", "google-web")];
    let app = crate::oidc::serve(app.stop().await, json!({}), &google).await;
    let ada = app.register_enterprise("ada").await;
    let operations = operations(&app, &ada).await;
    for (method, path) in &operations {
        for client in [&ada, &app.stranger()] {
            if path.starts_with(ENDS) && *method == Method::DELETE && client.token.is_some() {
                continue;
            }
            let first = harmless(client, method, path).await;
            assert_ne!(first.status, 404, "{method} {path}: {}", first.text);
            for other in spellings(path) {
                let answer = harmless(client, method, &other).await;
                assert_eq!(told(&answer), told(&first), "{method} {other}");
            }
        }
    }
    for (method, path) in [(Method::OPTIONS, "/api/contacts/"), (Method::TRACE, "/api/contacts/")] {
        let first = ada.ask(method.clone(), path, &[]).await;
        for other in spellings(path) {
            assert_eq!(told(&ada.ask(method.clone(), &other, &[]).await), told(&first), "{other}");
        }
    }
    for path in spellings("/api/companies/") {
        let made = ada.post(&path, json!({"name": "Acme"})).await.expect(201);
        let item = format!("{}/{}", path.trim_end_matches('/'), made["id"]);
        ada.patch(&item, json!({"industry": "Anvils"})).await.expect(200);
        ada.delete(&item).await.expect(204);
        ada.post(&format!("{item}/restore"), json!({})).await.expect(200);
    }
    assert_eq!(ada.get("/api/companies").await.expect(200)["count"], 5);
});

on_both_databases!(the_root_lists_what_there_is, async |app: TestApp| {
    // They reach everything.
    let staff = app.staff(1).await;
    let stranger = app.stranger();
    for accept in ["application/json", "*/*", "application/json, text/html", "nonsense"] {
        let answer = stranger.ask(Method::GET, "/api/", &[("accept", accept)]).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{accept}");
        assert!(answer.header("vary").unwrap().to_lowercase().contains("accept"));
        let list = answer.expect(200);
        for (name, url) in list.as_object().unwrap() {
            assert_eq!(url, &json!(format!("{}/api/{name}/", app.address)));
            staff.get(url.as_str().unwrap()).await.expect(200);
        }
        assert!(list["contacts"].is_string() && list["companies"].is_string());
    }
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = stranger.ask(Method::GET, "/api/", &[("accept", browser)]).await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text.starts_with("<!DOCTYPE html>") && page.text.contains("/api/contacts/"));
    assets_of(&stranger, &page).await;
});

/// Gets every file that a page refers to, and checks that it comes from here.
async fn assets_of(client: &Client, page: &Answer) -> usize {
    let mut found = 0;
    for attribute in ["src=\"", "href=\""] {
        for rest in page.text.split(attribute).skip(1) {
            let path = rest.split('"').next().expect("a value").replace("&amp;", "&");
            assert!(path.starts_with('/') || path.starts_with('#'), "{path} is somewhere else");
            if let Some(name) = path.strip_prefix("/api/assets/") {
                let asset = client.get(&path).await;
                assert_eq!(asset.status, 200, "{path}");
                let kind = match name.rsplit('.').next() {
                    Some("js") => "text/javascript; charset=utf-8",
                    Some("css") => "text/css; charset=utf-8",
                    _ => "image/svg+xml",
                };
                assert_eq!(asset.header("content-type"), Some(kind), "{path}");
                let tag = asset.header("etag").expect("a tag");
                let again = client.ask(Method::GET, &path, &[("if-none-match", tag)]).await;
                assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
                found += 1;
            } else if path.starts_with("/api/") {
                let linked = client.get(&path).await;
                assert!([200, 401].contains(&linked.status), "{path}: {}", linked.status);
            }
        }
    }
    assert!(!page.text.contains("<script>") && !page.text.contains(" onclick="), "inline script");
    found
}

on_both_databases!(the_documentation_is_served_with_all_it_needs, async |app: TestApp| {
    let stranger = app.stranger();
    for (path, least) in [("/api/docs/", 3), ("/api/redoc/", 3), ("/api/docs", 3)] {
        let page = stranger.get(path).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe-eval"), "{policy}");
        assert!(assets_of(&stranger, &page).await >= least, "{path}");
    }
    for script in ["swagger-init.js", "redoc-init.js"] {
        let text = stranger.get(&format!("/api/assets/{script}")).await.text;
        assert!(text.contains("/api/schema/"), "{script} shows our document");
    }
    for style in ["site.css", "page.css"] {
        let text = stranger.get(&format!("/api/assets/{style}")).await.text;
        assert!(!text.contains("url(http") && !text.contains("@import"), "{style}");
    }
    stranger.get("/api/assets/").await.expect(404);
    stranger.get("/api/assets/unknown.js").await.expect(404);
    let yaml = stranger.get("/api/schema/?format=yaml").await;
    assert_eq!(yaml.header("content-type"), Some("application/yaml"));
    assert!(yaml.text.contains("openapi: "), "{}", &yaml.text[..80]);
    let json = stranger.get("/api/schema").await.expect(200);
    assert!(json["openapi"].as_str().unwrap().starts_with("3."));
    stranger.get("/api/schema/?format=xml").await.expect(400);
    stranger.get("/api/schema/?colour=red").await.expect(400);
});

on_both_databases!(every_answer_has_the_headers_that_protect, async |app: TestApp| {
    let ada = app.register("ada").await;
    let bob = app.member(&ada, "bob", &[]).await;
    let stranger = app.stranger();
    let made = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await;
    let item = format!("/api/contacts/{}/", made["id"]);
    let large = vec![b' '; (1 << 20) + 1];
    let post = |client: &Client| client.request(Method::POST, "/api/contacts/");
    let kind = "application/json";
    let answers = vec![
        (made, 201),
        (ada.get(&item).await, 200),
        (ada.get("/api/contacts/?format=csv").await, 200),
        (ada.get("/api/contacts/?page=9").await, 404),
        (ada.ask(Method::GET, &item, &[("if-none-match", "*")]).await, 304),
        (ada.ask(Method::HEAD, &item, &[]).await, 200),
        (ada.ask(Method::OPTIONS, &item, &[]).await, 200),
        (ada.ask(Method::DELETE, &item, &[("if-match", "\"v9\"")]).await, 412),
        (ada.post(&item, json!({})).await, 405),
        (ada.send(post(&ada).header("content-type", kind).body("{")).await, 400),
        (ada.send(post(&ada).body("{}")).await, 415),
        (ada.send(post(&ada).header("content-type", kind).body(large)).await, 413),
        (ada.post_with("/api/contacts/", ("idempotency-key", ""), json!({})).await, 400),
        (bob.delete(&item).await, 403),
        (ada.delete(&item).await, 204),
        (ada.get("/nowhere").await, 404),
        (stranger.get("/api/contacts/").await, 401),
        (stranger.get("/api/").await, 200),
        (stranger.get("/api/docs/").await, 200),
        (stranger.get("/api/redoc/").await, 200),
        (stranger.get("/api/schema/").await, 200),
        (stranger.get("/api/assets/page.css").await, 200),
        (stranger.get("/healthz").await, 200),
        (stranger.get("/readyz").await, 200),
        (stranger.get("/metrics").await, 200),
        (stranger.get("/%ff").await, 404),
        (stranger.get("/nowhere").await, 404),
    ];
    for (number, (answer, status)) in answers.into_iter().enumerate() {
        assert_eq!(answer.status, status, "{number}: {}", answer.text);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{number}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{number}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{number}");
        assert!(answer.header("x-request-id").is_some(), "{number}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("script-src 'unsafe"), "{policy}");
        // The first sixteen are answers to somebody who is signed in.
        let stored = answer.header("cache-control");
        assert!(number > 15 || stored == Some("no-store"), "{number}: {stored:?}");
        for name in [
            "server",
            "x-powered-by",
            "strict-transport-security",
            "access-control-allow-origin",
            "set-cookie",
        ] {
            assert_eq!(answer.header(name), None, "{name} in {number}");
        }
    }
    let foreign =
        [("origin", "https://evil.example.com"), ("access-control-request-method", "PUT")];
    let preflight = stranger.ask(Method::OPTIONS, "/api/contacts/", &foreign).await;
    assert!(preflight.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
});

on_both_databases!(only_hosts_that_are_ours_are_served, async |app: TestApp| {
    let app = TestApp::over(
        app.stop().await,
        &[("CRM_ALLOWED_HOSTS", "crm.example.com, .example.org, [::1]")],
    )
    .await;
    let stranger = app.stranger();
    let with = async |path: &str, host: &str, accept: &str| {
        stranger.ask(Method::GET, path, &[("host", host), ("accept", accept)]).await
    };
    for host in [
        "crm.example.com",
        "CRM.example.com:8443",
        "crm.example.com.",
        "example.org",
        "a.b.example.org",
        "[::1]:80",
    ] {
        let root = with("/api/", host, "application/json").await.expect(200);
        assert_eq!(root["contacts"], format!("http://{host}/api/contacts/"));
    }
    for host in [
        "evil.example",
        "example.com",
        "xcrm.example.com",
        "evilexample.org",
        "crm.example.com@evil.example",
        "crm.example.com/evil",
        "127.0.0.1",
        "crm.example.com:x",
        "a b",
    ] {
        let answer = with("/api/", host, "application/json").await;
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{host}");
        assert_eq!(
            answer.expect(400),
            json!({"detail": "This host is not served here."}),
            "{host}"
        );
        let problem = with("/api/", host, "application/problem+json").await;
        assert_eq!(problem.header("content-type"), Some("application/problem+json"));
        assert_eq!(problem["status"], 400);
        with("/healthz", host, "*/*").await.expect(200);
    }
});

/// Sends a GET as a client would that follows nothing: status line and headers.
async fn get(app: &TestApp, path: &str, headers: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: crm.example.com\r\n{headers}\r\n");
    app.raw(request).await.to_lowercase()
}

const HTTPS: [(&str, &str); 2] =
    [("CRM_PUBLIC_URL", "https://crm.example.com"), ("CRM_TRUSTED_PROXIES", "127.0.0.1")];

on_both_databases!(outside_loopback_everything_goes_to_https, async |app: TestApp| {
    let app = TestApp::over(app.stop().await, &HTTPS).await;
    let answer = get(&app, "/api/contacts/?page=2&search=a%20b", "").await;
    assert!(answer.starts_with("http/1.1 308"), "{answer}");
    let target = "\r\nlocation: https://crm.example.com/api/contacts/?page=2&search=a%20b\r\n";
    assert!(answer.contains(target), "{answer}");
    let hsts = "\r\nstrict-transport-security: max-age=31536000; includesubdomains; preload\r\n";
    assert!(answer.contains(hsts), "{answer}");
    let forged = get(&app, "//evil.example/a", "").await;
    assert!(
        forged.contains("\r\nlocation: https://crm.example.com//evil.example/a\r\n"),
        "{forged}"
    );
    for other in
        ["X-Forwarded-Proto: http\r\n", "X-Forwarded-Proto: \r\n", "Forwarded: proto=https\r\n"]
    {
        assert!(get(&app, "/api/", other).await.starts_with("http/1.1 308"), "{other}");
    }
    let answer = get(&app, "/api/", "X-Forwarded-Proto: https\r\n").await;
    assert!(answer.starts_with("http/1.1 200") && answer.contains(hsts), "{answer}");
    assert!(answer.contains("https://crm.example.com/api/contacts/"), "{answer}");
    assert!(get(&app, "/healthz", "").await.starts_with("http/1.1 200"));
});

on_both_databases!(a_proxy_that_is_not_ours_is_not_believed, async |app: TestApp| {
    let app = TestApp::over(app.stop().await, &HTTPS[..1]).await;
    let answer = get(&app, "/api/", "X-Forwarded-Proto: https\r\n").await;
    assert!(answer.starts_with("http/1.1 308"), "{answer}");
});

on_both_databases!(https_can_be_left_to_others, async |app: TestApp| {
    let off = [
        ("CRM_SSL_REDIRECT", "false"),
        ("CRM_HSTS_SECONDS", "60"),
        ("CRM_HSTS_INCLUDE_SUBDOMAINS", "false"),
        ("CRM_HSTS_PRELOAD", "false"),
    ];
    let settings: Vec<_> = HTTPS.into_iter().chain(off).collect();
    let app = TestApp::over(app.stop().await, &settings).await;
    let answer = get(&app, "/api/", "").await;
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(answer.contains("\r\nstrict-transport-security: max-age=60\r\n"), "{answer}");
    let ada = app.register("ada").await;
    for name in ["a", "b"] {
        ada.post("/api/contacts/", json!({"first_name": name})).await.expect(201);
    }
    let page = ada.get("/api/sales/contacts?page_size=1").await.expect(200);
    let next = "https://crm.example.com/api/sales/contacts?page_size=1&page=2";
    assert_eq!((&page["next"], &page["previous"]), (&json!(next), &Value::Null));
});
