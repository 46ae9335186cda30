//! Contacts and products from spreadsheets, over HTTP.

use std::process::{Command, Stdio};

use domain_kernel::policy::Role;
use reqwest::multipart::{Form, Part};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use system_tests::{Answer, Backend, Client, TestApp, on_both_databases};

const PATH: &str = "/api/data-import/";
/// The program that reads, as the server starts it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_counting-server");

fn form(resource: &str, file_name: &str, file: &[u8]) -> Form {
    Form::new().text("resource", resource.to_owned()).part("file", part(file_name, file))
}

fn part(file_name: &str, file: &[u8]) -> Part {
    Part::bytes(file.to_owned()).file_name(file_name.to_owned())
}

async fn import(client: &Client, resource: &str, file_name: &str, file: &[u8]) -> Answer {
    client.post_form(PATH, form(resource, file_name, file)).await
}

async fn contacts(client: &Client, csv: &str) -> Value {
    import(client, "contacts", "contacts.csv", csv.as_bytes()).await.expect(200)
}

/// A workbook of rows, of texts and numbers.
fn workbook(rows: &[&[Value]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            let written = match cell {
                Value::Number(number) => sheet.write(row, column, number.as_f64().expect("one")),
                Value::Bool(flag) => sheet.write(row, column, *flag),
                text => sheet.write(row, column, text.as_str().expect("a text")),
            };
            written.expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

fn report(resource: &str, created: usize, updated: usize, skipped: usize) -> Value {
    json!({
        "resource": resource,
        "created": created, "updated": updated, "skipped": skipped, "errors": [],
    })
}

/// The fields of all rows of a resource, in order of id.
async fn rows(client: &Client, resource: &str, fields: &str) -> Vec<Value> {
    let path = format!("/api/{resource}/?ordering=id&page_size=200&fields={fields}");
    let page = client.get(&path).await.expect(200);
    page["results"].as_array().expect("rows").clone()
}

on_both_databases!(contacts_come_from_text_and_from_workbooks, async |app: TestApp| {
    let ada = app.register("ada").await;
    let csv = "\u{FEFF}Имя;Фамилия;E-mail;Телефон;Компания;Теги\r\n\
        Анна;Иванова;anna@example.com;+7 916 123-45-67;ООО «Ромашка»;\"vip, новый\"\r\n\
        Пётр;;;;ооо «ромашка»;\r\n";
    assert_eq!(contacts(&ada, csv).await, report("contacts", 2, 0, 0));
    let book = workbook(&[
        &[json!("Phone"), json!("First name"), json!("Id"), json!("Company")],
        &[json!(79_161_234_567.0), json!("Wile"), json!(1), json!("Acme")],
        &[json!(8_800), json!("Road"), json!(2), json!("ACME")],
    ]);
    let answer = import(&ada, "contacts", "Контакты.XLSX", &book).await.expect(200);
    assert_eq!(answer, report("contacts", 2, 0, 0));
    let companies = rows(&ada, "companies", "id,name").await;
    let names: Vec<_> = companies.iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["ООО «Ромашка»", "Acme"], "each is made once");
    let fields = "first_name,last_name,email,phone_number,company,tags,version";
    let (flower, acme) = (&companies[0]["id"], &companies[1]["id"]);
    let expected = json!([
        {"first_name": "Анна", "last_name": "Иванова", "email": "anna@example.com",
         "phone_number": "+7 916 123-45-67", "company": flower, "tags": ["vip", "новый"], "version": 1},
        {"first_name": "Пётр", "last_name": "", "email": "", "phone_number": "",
         "company": flower, "tags": [], "version": 1},
        {"first_name": "Wile", "last_name": "", "email": "", "phone_number": "79161234567",
         "company": acme, "tags": [], "version": 1},
        {"first_name": "Road", "last_name": "", "email": "", "phone_number": "8800",
         "company": acme, "tags": [], "version": 1},
    ]);
    assert_eq!(json!(rows(&ada, "contacts", fields).await), expected);
});

on_both_databases!(the_same_file_again_changes_nothing, async |app: TestApp| {
    let ada = app.register("ada").await;
    let csv = "first_name,last_name,email,company,tags\n\
        Ada,Lovelace,ada@example.com,Acme,\"a,b\"\nAlan,Turing,,Acme,\nGrace,,grace@example.com,,x\n";
    assert_eq!(contacts(&ada, csv).await, report("contacts", 3, 0, 0));
    let products = "name,sku,description,category,is_active\nLamp,L-1,It shines,Light,no\n";
    let products =
        async || import(&ada, "products", "p.csv", products.as_bytes()).await.expect(200);
    assert_eq!(products().await, report("products", 1, 0, 0));
    let before = app.database.dump().await;
    assert_eq!(contacts(&ada, csv).await, report("contacts", 0, 0, 3));
    assert_eq!(products().await, report("products", 0, 0, 1));
    let after = app.database.dump().await;
    for (table, rows) in before {
        assert_eq!(rows, after[&table], "{table}");
    }
});

on_both_databases!(what_is_there_is_changed_as_by_any_other_write, async |app: TestApp| {
    let (ada, other) = (app.register("ada").await, app.register("other").await);
    let made = |client: Client, body: Value| async move {
        client.post("/api/contacts/", body).await.expect(201)["id"].clone()
    };
    let by_email = made(ada.clone(), json!({"first_name": "A", "email": "ada@example.com"})).await;
    let by_name = made(ada.clone(), json!({"first_name": "Alan", "last_name": "Turing"})).await;
    let theirs = json!({"first_name": "Ada", "last_name": "L", "email": "ada@example.com"});
    made(other.clone(), theirs).await;
    other.post("/api/companies/", json!({"name": "Acme"})).await.expect(201);
    let tables = ["contacts", "companies"];
    let all = rows(&other, "contacts", "id,version,updated_at,company").await;
    let csv = "first_name,last_name,email,phone,company\n\
        Ada,Lovelace,ADA@example.com,1,Acme\nAlan,Turing,alan@example.com,2,Acme\n";
    assert_eq!(contacts(&ada, csv).await, report("contacts", 0, 2, 0));
    let changed = rows(&ada, "contacts", "id,first_name,email,version").await;
    let expected = json!([
        {"id": by_email, "first_name": "Ada", "email": "ADA@example.com", "version": 2},
        {"id": by_name, "first_name": "Alan", "email": "alan@example.com", "version": 2},
    ]);
    assert_eq!(json!(changed), expected);
    // The other workspace has the same address, name and company, and nothing of it was touched.
    assert_eq!(rows(&other, "contacts", "id,version,updated_at,company").await, all);
    for table in tables {
        let count = format!("SELECT count(*) AS n FROM {table}");
        let expected = if table == "contacts" { 3 } else { 2 };
        assert_eq!(app.database.query(&count).await[0]["n"], expected, "{table}");
    }
    let events = app.database.query("SELECT type AS kind FROM events ORDER BY position").await;
    let types: Vec<_> = events.iter().map(|event| event["kind"].as_str().expect("one")).collect();
    let ours = ["company.created", "contact.updated", "contact.updated"];
    assert_eq!(types[types.len() - 3..], ours);
    let trail = "SELECT action, changed FROM audit_entries ORDER BY id DESC LIMIT 1";
    let entry = app.database.query(trail).await.remove(0);
    assert_eq!(entry["action"], "contact.updated");
    let change = match &entry["changed"] {
        Value::String(text) => serde_json::from_str(text).expect("JSON"),
        json => json.clone(),
    };
    assert_eq!(change["phone_number"], json!(["", "2"]));
});

on_both_databases!(products_come_with_their_categories, async |app: TestApp| {
    let ada = app.register("ada").await;
    let made = json!({"name": "Old", "sku": "S-1", "status": "active"});
    let kept = ada.post("/api/products/", made).await.expect(201);
    let book = workbook(&[
        &[
            json!("Артикул"),
            json!("Название"),
            json!("Категория"),
            json!("Активен"),
            json!("Описание"),
        ],
        &[json!("S-1"), json!("Стул"), json!("Мебель"), json!("нет"), json!("На нём сидят")],
        &[json!(1001), json!("Лампа"), json!("Свет"), json!(true), json!("")],
        &[json!(1002), json!("Лампа"), json!("СВЕТ"), json!("да"), json!("")],
        &[json!(1003), json!("Лампа"), json!("Свет"), json!("возможно"), json!("")],
        &[json!(""), json!("Лампа"), json!("Свет"), json!("да"), json!("")],
    ]);
    let answer = import(&ada, "products", "products.xlsx", &book).await.expect(200);
    let errors = json!([
        {"row": 5, "reason": "is_active: Must be a valid boolean."},
        {"row": 6, "reason": "sku: This field is required."},
    ]);
    let expected = json!({
        "resource": "products", "created": 2, "updated": 1, "skipped": 0, "errors": errors,
    });
    assert_eq!(answer, expected);
    let fields = "id,name,sku,slug,status,is_active,category_name,description,variants";
    let found = rows(&ada, "products", fields).await;
    assert_eq!(found.len(), 3);
    assert_eq!(found[0]["id"], kept["id"]);
    let shown = ["name", "sku", "status", "is_active", "category_name", "description"];
    let seen = |row: &Value| json!(shown.map(|field| row[field].clone()));
    let chair = json!(["Стул", "S-1", "inactive", false, "Мебель", "На нём сидят"]);
    assert_eq!(seen(&found[0]), chair);
    assert_eq!(seen(&found[1]), json!(["Лампа", "1001", "draft", true, "Свет", ""]));
    assert_eq!(seen(&found[2]), json!(["Лампа", "1002", "draft", true, "Свет", ""]));
    assert_ne!(found[1]["slug"], found[2]["slug"]);
    assert_eq!(rows(&ada, "categories", "name").await.len(), 2);
});

on_both_databases!(bad_rows_are_told_and_stop_no_other, async |app: TestApp| {
    let ada = app.register("ada").await;
    let csv = "name,email\n,nobody@example.com\n\nAda,ada\nAlan,alan@example.com\n";
    let answer = contacts(&ada, csv).await;
    assert_eq!(answer["created"], 1);
    let errors = json!([
        {"row": 2, "reason": "first_name: This field is required."},
        {"row": 4, "reason": "email: Enter a valid email address."},
    ]);
    assert_eq!(answer["errors"], errors);
    assert_eq!(rows(&ada, "contacts", "email").await, [json!({"email": "alan@example.com"})]);
});

on_both_databases!(who_may_not_write_many_imports_nothing, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let file = b"first_name,name,sku\nAda,Lamp,L-1\n";
    for (name, roles, contacts, products) in [
        ("analyst", &[Role::Analyst][..], 403, 403),
        ("marketer", &[Role::Marketer], 200, 403),
        ("nobody", &[], 403, 403),
        ("manager", &[Role::Manager], 200, 200),
    ] {
        let client = app.member(&ada, name, roles).await;
        let answers = [("contacts", contacts), ("products", products)];
        for (resource, expected) in answers {
            let answer = import(&client, resource, "a.csv", file).await;
            assert_eq!(answer.status, expected, "{name} {resource}: {}", answer.text);
        }
    }
    assert_eq!(import(&app.stranger(), "contacts", "a.csv", file).await.status, 401);
    assert_eq!(rows(&ada, "contacts", "id").await.len(), 1);
});

on_both_databases!(what_is_no_import_is_refused, async |app: TestApp| {
    let ada = app.register("ada").await;
    let csv: &[u8] = b"first_name\nAda\n";
    let many = format!("first_name\n{}", "x\n".repeat(100_001));
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    for (form, field, told) in [
        (form("companies", "a.csv", csv), "resource", "\"companies\" is not a valid choice."),
        (Form::new().part("file", part("a.csv", csv)), "resource", "This field is required."),
        (Form::new().text("resource", "contacts"), "file", "No file was submitted."),
        (
            Form::new().text("resource", "contacts").text("file", "x"),
            "file",
            "The submitted data was not a file. Send it with a file name.",
        ),
        (form("contacts", "a.xls", csv), "file", "Send a .csv or .xlsx file."),
        (form("contacts", "csv", csv), "file", "Send a .csv or .xlsx file."),
        (
            form("contacts", "a.xlsx", csv),
            "file",
            "The file could not be read. Send a sound .csv or .xlsx file.",
        ),
        (
            form("contacts", "a.csv", many.as_bytes()),
            "file",
            "The file has more than 100000 rows. Send it in parts.",
        ),
        (form("contacts", "a.csv", &large), "file", "It is larger than 10 MB."),
        (form("contacts", "a.csv", csv).text("dry_run", "1"), "dry_run", "Unknown field."),
        (form("contacts", "a.csv", csv).text("resource", "contacts"), "resource", "Send it once."),
        (
            form("products", "a.csv", b"title,sku\nLamp,L-1\n"),
            "file",
            "The first row must name the columns; missing: name. Expected headers: \
             name | название, sku | артикул, description | описание, category | категория, \
             is_active | активен.",
        ),
        (
            form("contacts", "a.csv", b""),
            "file",
            "The first row must name the columns; missing: first_name. Expected headers: \
             first_name | имя | name, last_name | фамилия, email | e-mail, \
             phone | phone_number | телефон, company | компания, tags | теги.",
        ),
    ] {
        let answer = ada.post_form(PATH, form).await.expect(400);
        assert_eq!(answer, json!({ field: [told] }));
    }
    let huge = vec![b'x'; 21 * 1024 * 1024];
    let answer = ada.post_form(PATH, form("contacts", "a.csv", &huge)).await;
    assert_eq!(answer.status, 413, "{}", answer.text);
    let answer = ada.post(PATH, json!({"resource": "contacts"})).await;
    assert_eq!(answer.status, 415, "{}", answer.text);
    let request = ada.request(reqwest::Method::POST, PATH);
    let request = request.header("content-type", "multipart/form-data; boundary=x");
    let torn = "--x\r\nContent-Disposition: form-data; name=\"resource\"\r\n\r\ncontac";
    let answer = ada.send(request.body(torn)).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(rows(&ada, "contacts", "id").await.is_empty(), "nothing was written");
});

on_both_databases!(a_repeated_request_is_done_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let send = async |file: &[u8], path: &str| {
        let mut client = ada.clone();
        client.headers.push(("idempotency-key", "an import".to_owned()));
        client.post_form(path, form("contacts", "a.csv", file)).await
    };
    let csv = b"first_name\nAda\n";
    assert_eq!(send(csv, PATH).await.expect(200), report("contacts", 1, 0, 0));
    let again = send(csv, PATH).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.expect(200), report("contacts", 1, 0, 0), "and not a skipped row");
    assert_eq!(send(b"first_name\nAlan\n", PATH).await.status, 422);
    assert_eq!(rows(&ada, "contacts", "id").await.len(), 1);
});

on_both_databases!(imports_at_the_same_time_make_everybody_once, async |app: TestApp| {
    let ada = app.register("ada").await;
    let rows_of = |number: usize| {
        format!("Guest {number},guest{number}@example.com,Company {}\n", number % 7)
    };
    let csv: String = (0..300).map(rows_of).collect();
    let csv = format!("first_name,email,company\n{csv}");
    let (one, two) = tokio::join!(contacts(&ada, &csv), contacts(&ada, &csv));
    let count = |field: &str| one[field].as_i64().zip(two[field].as_i64()).map(|(a, b)| a + b);
    assert_eq!((count("created"), count("skipped")), (Some(300), Some(300)), "{one} {two}");
    let page = ada.get("/api/contacts/?page_size=1").await.expect(200);
    assert_eq!(page["count"], 300);
    assert_eq!(rows(&ada, "companies", "id").await.len(), 7);
});

/// How many statements an import of so many rows takes.
async fn statements(app: &TestApp, client: &Client, resource: &str, count: usize) -> Vec<String> {
    let row = |number: usize| match resource {
        "contacts" => format!("Guest of {count},{count}-{number}@example.com,Company {count}\n"),
        _ => format!("Lamp {number} of {count},{count}-{number},Category {count}\n"),
    };
    let header =
        if resource == "contacts" { "name,email,company\n" } else { "name,sku,category\n" };
    let csv: String = std::iter::once(header.to_owned()).chain((0..count).map(row)).collect();
    app.statements.take();
    let answer = import(client, resource, "a.csv", csv.as_bytes()).await.expect(200);
    assert_eq!(answer["created"], count, "{answer}");
    app.statements.take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_rows_of_a_batch_take_no_more_statements() {
    let app = TestApp::start(Backend::Postgres).await;
    let ada = app.register("ada").await;
    for resource in ["contacts", "products"] {
        // Who is signed in is remembered from here on.
        statements(&app, &ada, resource, 1).await;
        let few = statements(&app, &ada, resource, 9).await;
        let many = statements(&app, &ada, resource, 900).await;
        assert_eq!(many.len(), few.len(), "{resource}: {few:#?}");
        assert!(few.len() < 30, "{resource}: {few:#?}");
    }
}

/// A workbook whose only text is so many bytes long: of some megabytes.
fn bomb(length: usize) -> Vec<u8> {
    let mut zip = crate::bomb::Zip::default();
    zip.text(
        "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
    );
    zip.text(
        "_rels/.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
         relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
    );
    zip.text(
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
         relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
    );
    zip.text(
        "xl/workbook.xml",
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
         <sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    );
    let head = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
        <sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>first_name";
    let tail = "</t></is></c></row></sheetData></worksheet>";
    zip.inflating("xl/worksheets/sheet1.xml", head, length, tail);
    zip.finish()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_made_to_harm_harms_nobody() {
    let app = TestApp::start(Backend::Sqlite).await;
    let ada = app.register("ada").await;
    // The same file, but harmless: it is read, so what stops the other is its size.
    let small = import(&ada, "contacts", "small.xlsx", &bomb(0)).await;
    assert_eq!(small.expect(200), report("contacts", 0, 0, 0));
    let file = bomb(1_400_000_000);
    assert!(file.len() < 10 * 1024 * 1024, "{} bytes are let in", file.len());
    let answer = import(&ada, "contacts", "bomb.xlsx", &file).await.expect(400);
    let told = "The file could not be read. Send a sound .csv or .xlsx file.";
    assert_eq!(answer, json!({ "file": [told] }));
    assert_eq!(contacts(&ada, "first_name\nAda\n").await, report("contacts", 1, 0, 0));
}

/// The program alone: what it may not have, it does not get.
#[test]
fn what_reads_a_file_has_little_memory() {
    let file = bomb(1_400_000_000);
    let mut child = Command::new(PROGRAM)
        .args(["read-sheet", "xlsx"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, &file).expect("it takes the file");
    drop(input);
    let ended = child.wait_with_output().expect("it ends");
    assert!(!ended.status.success());
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("memory allocation"), "{:?} {told}", ended.status);
}
