//! Files that people send: pictures of products and documents beside records.

use std::fs::{File, FileTimes};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain_kernel::files::FileKey;
use domain_kernel::policy::Role;
use domain_kernel::{NewJob, OpContext, TenantId};
use infra_runtime::jobs::SweepFiles;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use system_tests::{Answer, Client, TestApp, TestBucket, on_both_databases};

use crate::deals::path;

/// A red and a blue point, 1 × 1, as PNG.
const RED: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const BLUE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

fn png(picture: &str) -> Vec<u8> {
    STANDARD.decode(picture).expect("base64")
}

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Part {
    Part::bytes(bytes.into()).file_name(name.to_owned())
}

async fn send(client: &Client, method: Method, path: &str, form: Form) -> Answer {
    client.send(client.request(method, path).multipart(form)).await
}

/// What stands at an address: status, headers and bytes.
async fn fetch(client: &Client, address: &Value) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    // The server's port was not known when it was told where people reach it.
    let address = address.as_str().expect("an address");
    let path = address.find("/media/").map_or(address, |begin| &address[begin..]);
    let request = client.request(Method::GET, path);
    let (http, request) = request.build_split();
    let answer = http.execute(request.expect("a request")).await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.expect("a whole answer").to_vec())
}

/// The keys of a workspace's files.
async fn kept(app: &TestApp, client: &Client) -> Vec<FileKey> {
    let profile = client.get("/api/auth/profile/").await.expect(200);
    let tenant = TenantId::new(profile["organization"]["id"].as_i64().expect("an id"));
    let kept = app.application.files.store().list(tenant).await.expect("a list");
    kept.into_iter().map(|file| file.key).collect()
}

on_both_databases!(a_picture_is_drawn_anew_and_everybody_sees_it, async |app: TestApp| {
    let ada = app.register("ada").await;
    let tents = ada.post("/api/categories/", json!({"name": "Tents"})).await.expect(201);
    // Beside a picture stands what a form can say of every other kind of field.
    let form = Form::new()
        .text("name", "Tunnel tent")
        .text("category", tents["id"].to_string())
        .text("attributes", r#"{"persons": 3}"#)
        .text("is_active", "true")
        .text("variants", r#"[{"name": "Green", "sku": "T-G", "price": "199.00", "cost": "90"}]"#)
        .part("main_image", file("tent.png", png(RED)));
    let made = send(&ada, Method::POST, "/api/products/", form).await.expect(201);
    assert_eq!(made["category_name"], "Tents");
    assert_eq!((&made["attributes"], &made["is_active"]), (&json!({"persons": 3}), &json!(true)));
    assert_eq!(made["variants"][0]["price"], "199.00");
    assert!(made.get("main_image").is_none(), "it is write-only: {made}");
    let (status, headers, bytes) = fetch(&app.stranger(), &made["main_image_url"]).await;
    assert_eq!((status, &bytes[..8]), (200, &b"\x89PNG\r\n\x1a\n"[..]));
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cache-control", "public, max-age=31536000, immutable"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert_eq!(headers["content-length"], bytes.len().to_string());

    // Other fields leave it; another picture has another address; null takes it out.
    let one = path("products", &made);
    let renamed = ada.patch(&one, json!({"name": "Tent"})).await.expect(200);
    assert_eq!(renamed["main_image_url"], made["main_image_url"]);
    let form = Form::new().part("main_image", file("blue.png", png(BLUE)));
    let blue = send(&ada, Method::PATCH, &one, form).await.expect(200);
    assert_ne!(blue["main_image_url"], made["main_image_url"]);
    assert_ne!(fetch(&app.stranger(), &blue["main_image_url"]).await.2, bytes);
    let form = Form::new().text("name", "Tent");
    let kept = send(&ada, Method::PUT, &one, form).await.expect(200);
    assert_eq!(kept["main_image_url"], blue["main_image_url"]);
    let without = ada.patch(&one, json!({"main_image": null})).await.expect(200);
    assert_eq!(without["main_image_url"], Value::Null);
});

on_both_databases!(what_is_no_picture_is_refused_and_nothing_is_done, async |app: TestApp| {
    let app = TestApp::over(app.stop().await, &[("CRM_UPLOAD_LIMIT", "4096")]).await;
    let ada = app.register("ada").await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let named = |part: Part| Form::new().text("name", "Tent").part("main_image", part);
    for (form, says) in [
        (named(file("a.png", svg)), "Upload a valid image."),
        (named(file("a.png", "")), "The submitted file is empty."),
        (named(file("a.png", &png(RED)[..40])), "Upload a valid image."),
        (named(file("a.png", vec![0; 5000])), "It is larger than 4 KB."),
        (Form::new().text("name", "Tent").text("main_image", "a.png"), "was not a file"),
    ] {
        let refused = send(&ada, Method::POST, "/api/products/", form).await.expect(400);
        let told = refused["main_image"][0].as_str().unwrap_or_else(|| panic!("{refused}"));
        assert!(told.contains(says), "{told}");
    }
    let typed = json!({"name": "Tent", "main_image": "a.png"});
    let refused = ada.post("/api/products/", typed).await.expect(400);
    assert!(refused["main_image"][0].as_str().unwrap().contains("was not a file"), "{refused}");
    // What is wrong elsewhere is told as of any object; what is unknown, too.
    let good = || file("a.png", png(RED));
    for (form, field) in [
        (Form::new().part("main_image", good()), "name"),
        (named(good()).text("category", "no number"), "category"),
        (named(good()).text("variants", "[{"), "variants"),
        (named(good()).text("colour", "red"), "colour"),
        (named(good()).part("manual", file("m.pdf", "x")), "manual"),
    ] {
        let refused = send(&ada, Method::POST, "/api/products/", form).await.expect(400);
        assert!(refused[field].is_array(), "{field}: {refused}");
    }
    assert_eq!(ada.get("/api/products/").await.expect(200)["count"], 0);
    assert_eq!(kept(&app, &ada).await, []);
    // Who may not write is told before the file is looked at.
    let bob = app.member(&ada, "bob", &[Role::Analyst]).await;
    let form = named(file("a.png", svg));
    send(&bob, Method::POST, "/api/products/", form).await.expect(403);
    // Resources that hold no file take no form.
    let form = Form::new().text("first_name", "Grace");
    send(&ada, Method::POST, "/api/contacts/", form).await.expect(415);
});

/// A contact and a form that attaches a file to it.
async fn attached(ada: &Client, name: &str, bytes: &[u8]) -> Answer {
    let contact = ada.post("/api/contacts/", json!({"first_name": "Grace"})).await.expect(201);
    let form = Form::new()
        .text("related_object_type", "contact")
        .text("related_object_id", contact["id"].to_string())
        .part("file", file(name, bytes));
    send(ada, Method::POST, "/api/attachments/", form).await
}

on_both_databases!(a_document_is_for_who_may_see_its_attachment, async |app: TestApp| {
    let ada = app.register("ada").await;
    let script = b"<html><script>alert(document.cookie)</script>\0\xFF";
    let made = attached(&ada, "Vertrag über <alles>.html", script).await.expect(201);
    assert_eq!(made["file_name"], "Vertrag über <alles>.html");
    let address = made["file_url"].clone();
    assert!(address.as_str().unwrap().ends_with("/Vertrag-ber-alles.html"), "{address}");
    let bob = app.member(&ada, "bob", &[Role::Analyst]).await;
    for member in [&ada, &bob] {
        let (status, headers, bytes) = fetch(member, &address).await;
        assert_eq!((status, &bytes[..]), (200, &script[..]));
        assert_eq!(headers["content-type"], "application/octet-stream");
        let disposition = "attachment; filename=\"Vertrag-ber-alles.html\"";
        assert_eq!(headers["content-disposition"], disposition);
        assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox");
        assert_eq!(headers["cache-control"], "private, no-store");
    }
    assert_eq!(fetch(&app.stranger(), &address).await.0, 401);
    let other = app.register("other").await;
    assert_eq!(fetch(&other, &address).await.0, 404);
    // An attachment of one's own that says the same address opens nothing.
    let mine = other.post("/api/contacts/", json!({"first_name": "G"})).await.expect(201);
    let stolen = json!({"file_name": "x", "file_url": address, "related_object_type": "contact",
        "related_object_id": mine["id"]});
    other.post("/api/attachments/", stolen).await.expect(201);
    assert_eq!(fetch(&other, &address).await.0, 404);
    // With the attachment goes the file, and comes back with it.
    let one = path("attachments", &made);
    ada.delete(&one).await.expect(204);
    assert_eq!(fetch(&ada, &address).await.0, 404);
    ada.post(&format!("{one}restore/"), json!({})).await.expect(200);
    assert_eq!(fetch(&ada, &address).await.0, 200);
    // Another file takes its place under the name that the request gives.
    let form = Form::new().text("file_name", "Second.txt").part("file", file("b.txt", "second"));
    let second = send(&ada, Method::PATCH, &one, form).await.expect(200);
    assert_eq!(second["file_name"], "Second.txt");
    assert_eq!(fetch(&ada, &second["file_url"]).await.2, b"second");
    assert_eq!(fetch(&ada, &address).await.0, 404);
    for nowhere in ["/media/", "/media/1/files/../x", "/media/1/pictures/a.png"] {
        assert_eq!(fetch(&ada, &json!(nowhere)).await.0, 404, "{nowhere}");
    }
    let key = FileKey::in_address(address.as_str().unwrap()).unwrap();
    assert_eq!(ada.post(&format!("/media/{key}"), json!({})).await.status, 405);
});

on_both_databases!(a_file_is_kept_once_and_only_with_its_row, async |app: TestApp| {
    let ada = app.register("ada").await;
    let form = |id: i64| {
        Form::new()
            .text("related_object_type", "contact")
            .text("related_object_id", id.to_string())
            .part("file", file("a.txt", "a"))
    };
    let refused = send(&ada, Method::POST, "/api/attachments/", form(1 << 50)).await.expect(400);
    assert!(refused["related_object_id"].is_array(), "{refused}");
    assert_eq!(kept(&app, &ada).await, []);
    // Sent again, also with other marks between its parts, it is the same request.
    let contact = ada.post("/api/contacts/", json!({"first_name": "G"})).await.expect(201);
    let id = contact["id"].as_i64().unwrap();
    let mut made = Vec::new();
    for _ in 0..2 {
        let request = ada.request(Method::POST, "/api/attachments/").multipart(form(id));
        made.push(ada.send(request.header("idempotency-key", "once")).await.expect(201));
    }
    assert_eq!(made[0], made[1]);
    assert_eq!(kept(&app, &ada).await.len(), 1);
    let other = form(id).text("file_name", "b.txt");
    let request = ada.request(Method::POST, "/api/attachments/").multipart(other);
    ada.send(request.header("idempotency-key", "once")).await.expect(422);
    assert_eq!(fetch(&ada, &made[0]["file_url"]).await.2, b"a");
});

on_both_databases!(files_leave_with_their_workspace, async |app: TestApp| {
    let ada = app.register("ada").await;
    let other = app.register("other").await;
    attached(&ada, "plan.txt", b"the plan").await.expect(201);
    attached(&other, "theirs.txt", b"theirs").await.expect(201);
    let key = kept(&app, &ada).await.remove(0);
    let archive = crate::leaving::files(&ada).await;
    assert_eq!(archive[&format!("files/{key}")], "the plan");
    let manifest: Value = serde_json::from_str(&archive["manifest.json"]).expect("JSON");
    assert_eq!(manifest["files"][format!("files/{key}")]["bytes"], 8);
    assert!(!archive.keys().any(|name| name.contains("theirs")));

    let slug = ada.get("/api/auth/profile/").await.expect(200)["organization"]["slug"].clone();
    let farewell = json!({"confirm": slug, "password": system_tests::PASSWORD});
    ada.post("/api/workspace/delete/", farewell).await.expect(200);
    let store = app.application.files.store();
    assert_eq!(store.list(key.tenant()).await.unwrap(), []);
    assert_eq!(kept(&app, &other).await.len(), 1);
});

on_both_databases!(what_no_row_names_is_swept, async |app: TestApp| {
    let ada = app.register("ada").await;
    let picture =
        |png: Vec<u8>| Form::new().text("name", "Tent").part("main_image", file("a.png", png));
    let tent = send(&ada, Method::POST, "/api/products/", picture(png(RED))).await.expect(201);
    let document = attached(&ada, "plan.txt", b"the plan").await.expect(201);
    ada.delete(&path("attachments", &document)).await.expect(204);
    // The first picture is not named any more; nor is another file, which is too young to tell.
    let changed = picture(png(BLUE));
    let tent = send(&ada, Method::PUT, &path("products", &tent), changed).await.expect(200);
    let now = app.application.clock.now().as_second().unsigned_abs();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
    let hours_ago =
        |hours: u64| FileTimes::new().set_modified(now - Duration::from_secs(hours * 3600));
    let store = app.application.files.store();
    let tenant = kept(&app, &ada).await[0].tenant();
    let young = FileKey::document(tenant, &*app.application.random, "young.txt");
    store.put(&young, b"young".to_vec()).await.unwrap();
    let folder = app.database.folder().join("files");
    let age = |key: &FileKey, times| {
        File::options().write(true).open(folder.join(key.as_str())).unwrap().set_times(times)
    };
    for key in kept(&app, &ada).await {
        age(&key, hours_ago(if key == young { 23 } else { 25 })).unwrap();
    }
    assert_eq!(kept(&app, &ada).await.len(), 4);

    // The same database again, this time with a worker in the server.
    let ctx = OpContext::system(TenantId::PLATFORM, "test");
    let mut work = app.application.database.sales().begin_write(&ctx).await.unwrap();
    let job = NewJob::new(&ctx, app.application.clock.now(), &SweepFiles {}).unwrap();
    let id = work.enqueue(job).await.unwrap();
    work.commit().await.unwrap();
    let app = TestApp::over(app.stop().await, &[("CRM_JOBS_IN_SERVER", "1")]).await;
    crate::jobs::until("the files are swept", async || {
        app.application.jobs.show(id).await.unwrap().state == domain_jobs::State::Done
    })
    .await;
    let client = app.sign_in("ada@example.com", system_tests::PASSWORD).await;
    let left = kept(&app, &client).await;
    assert_eq!(left.len(), 3, "{left:?}");
    let named = FileKey::in_address(tent["main_image_url"].as_str().unwrap()).unwrap();
    let document = FileKey::in_address(document["file_url"].as_str().unwrap()).unwrap();
    // What can be restored is kept.
    assert!([&young, &named, &document].iter().all(|key| left.contains(key)), "{left:?}");
});

on_both_databases!(files_go_into_the_bucket_that_the_setting_names, async |app: TestApp| {
    let bucket = TestBucket::start().await;
    let url = bucket.url();
    let app = TestApp::over(app.stop().await, &[("CRM_FILES_URL", url.as_str())]).await;
    let ada = app.register("ada").await;
    let form =
        Form::new().text("name", "Tunnel tent").part("main_image", file("tent.png", png(RED)));
    let before = bucket.count();
    let made = send(&ada, Method::POST, "/api/products/", form).await.expect(201);
    let (status, headers, bytes) = fetch(&app.stranger(), &made["main_image_url"]).await;
    assert_eq!((status, &bytes[..8]), (200, &b"\x89PNG\r\n\x1a\n"[..]));
    assert_eq!(headers["content-type"], "image/png");
    assert!(bucket.count() > before, "it is in the bucket");
    assert!(!app.database.folder().join("files").exists(), "and in no folder");
    assert_eq!(app.stranger().get("/readyz").await.status, 200);
});
