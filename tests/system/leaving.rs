//! Leaving: the whole workspace as an archive, and its end with proof.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use domain_kernel::policy::Role;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use system_tests::{Client, PASSWORD, TestApp, on_both_databases};

const EXPORT: &str = "/api/workspace/export/";
const DELETE: &str = "/api/workspace/delete/";

/// A workspace with something in it.
async fn workspace(app: &TestApp, name: &str) -> Client {
    let admin = app.register_enterprise(name).await;
    let company = admin.post("/api/companies/", json!({"name": format!("{name} Ltd")})).await;
    let company = company.expect(201)["id"].clone();
    for number in 0..3 {
        let contact = json!({"first_name": format!("{name} {number}"), "last_name": "Of", "company": company});
        admin.post("/api/contacts/", contact).await.expect(201);
    }
    let gone = admin.post("/api/companies/", json!({"name": format!("{name} gone")})).await;
    let gone = gone.expect(201)["id"].clone();
    admin.delete(&format!("/api/companies/{gone}/")).await.expect(204);
    let invite = json!({"email": format!("guest-of-{name}@example.com"), "role": "manager"});
    admin.post("/api/organization-invites/", invite).await.expect(201);
    app.application.accounts.seal_trails().await.expect("they are sealed");
    admin
}

async fn slug(client: &Client) -> String {
    let profile = client.get("/api/auth/profile/").await.expect(200);
    profile["organization"]["slug"].as_str().expect("a slug").to_owned()
}

/// The files of an archive.
pub(crate) async fn files(client: &Client) -> BTreeMap<String, String> {
    let request = client.request(reqwest::Method::POST, EXPORT).json(&json!({}));
    let (client, request) = request.build_split();
    let response = client.execute(request.expect("a request")).await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip");
    let bytes = response.bytes().await.expect("the whole archive");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).expect("a file");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        files.insert(file.name().expect("a name").into_owned(), text);
    }
    files
}

fn rows(files: &BTreeMap<String, String>, name: &str) -> Vec<Value> {
    let lines = files.get(name).unwrap_or_else(|| panic!("{name} of {:?}", files.keys()));
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

on_both_databases!(the_archive_holds_everything, async |app: TestApp| {
    let ada = workspace(&app, "ada").await;
    workspace(&app, "zebulon").await;
    let files = files(&ada).await;
    let contacts = rows(&files, "contacts.ndjson");
    assert_eq!(contacts.len(), 3);
    let shown = ada.get(&format!("/api/contacts/{}/", contacts[0]["id"])).await.expect(200);
    assert_eq!(contacts[0], shown, "a row is as the API shows it");
    let companies = rows(&files, "companies.ndjson");
    assert_eq!(companies.len(), 2, "deleted rows are among them");
    assert!(companies.iter().any(|row| row["deleted_at"].is_string()));
    assert!(!rows(&files, "audit-logs.ndjson").is_empty());
    // Every resource of a workspace's has its file; what is the platform's has none.
    let root = ada.get("/api/").await.expect(200);
    let platforms =
        ["organizations", "subscription-plans", "feature-flags", "plan-requests"].as_slice();
    for name in root.as_object().expect("resources").keys() {
        let has = files.contains_key(&format!("{name}.ndjson"));
        assert_eq!(has, !platforms.contains(&name.as_str()), "{name}");
    }
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).expect("JSON");
    assert_eq!(manifest["organization"]["slug"], slug(&ada).await);
    for (name, text) in files.iter().filter(|(name, _)| *name != "manifest.json") {
        let digest: [u8; 32] = Sha256::digest(text).into();
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let said = &manifest["files"][name];
        assert_eq!(*said, json!({"rows": text.lines().count(), "sha256": digest}), "{name}");
        for secret in ["zebulon", "$argon2", "crm_"] {
            assert!(!text.contains(secret), "{secret} is in {name}");
        }
    }
    let trail = ada.get("/api/audit-logs/?entity=organizations&ordering=-id").await.expect(200);
    let changed = &trail["results"][0]["metadata"]["changed"];
    assert_eq!(changed["export"], json!([null, "taken"]), "who took it is in the trail");
});

/// Every row of every table that names a workspace.
async fn everything_of(app: &TestApp, id: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::new();
    let tables = infra_runtime::TABLES_OF_WORKSPACES.iter().chain(infra_runtime::TABLES_OF_TRAILS);
    for table in tables {
        let sql = format!("SELECT * FROM {table} WHERE organization_id = {id}");
        let mut rows = app.database.query(&sql).await;
        rows.sort_by_key(ToString::to_string);
        found.insert((*table).to_owned(), rows);
    }
    found
}

on_both_databases!(a_deleted_workspace_is_gone, async |app: TestApp| {
    let (ada, bea) = (workspace(&app, "ada").await, workspace(&app, "bea").await);
    let cia = app.member(&ada, "cia", &[Role::Manager]).await;
    crate::paths::goods_and_deals(&ada).await;
    let id = |profile: Value| profile["organization"]["id"].clone();
    let (ours, theirs) = (
        id(ada.get("/api/auth/profile/").await.expect(200)),
        id(bea.get("/api/auth/profile/").await.expect(200)),
    );
    let before = everything_of(&app, &ours).await;
    let others = everything_of(&app, &theirs).await;
    let farewell = json!({"confirm": slug(&ada).await, "password": PASSWORD});
    let proof = ada.post(DELETE, farewell).await.expect(200);
    for (table, rows) in &before {
        let counted = proof["removed"][table].as_u64().unwrap_or(0);
        assert!(counted >= rows.len() as u64, "{table}: {counted} of {}", rows.len());
    }
    assert_eq!(proof["removed"]["people"], 2, "{proof}");
    assert!(proof["trail"]["position"].as_i64() > Some(0));
    let mut said = proof.clone();
    said.as_object_mut().expect("an object").remove("digest");
    assert!(proof["digest"].as_str().is_some_and(|digest| digest.len() == 64));
    assert!(everything_of(&app, &ours).await.values().all(Vec::is_empty), "nothing is left");
    let orphans = "SELECT count(*) AS n FROM people WHERE email LIKE 'ada@%' OR email LIKE 'cia@%'";
    assert_eq!(app.database.query(orphans).await[0]["n"], 0);
    assert_eq!(everything_of(&app, &theirs).await, others, "others are as they were");
    ada.get("/api/companies/").await.expect(401);
    cia.get("/api/companies/").await.expect(401);
    let credentials = json!({"username": "ada@example.com", "password": PASSWORD});
    app.stranger().post("/api/auth/token/", credentials).await.expect(400);
    bea.get("/api/companies/").await.expect(200);
    // The platform keeps the proof, and both names are free again.
    let kept = "SELECT changed FROM audit_entries WHERE organization_id = 1
        AND action = 'organization.deleted'";
    let kept = app.database.query(kept).await;
    assert_eq!(kept[0]["changed"]["digest"][1], proof["digest"], "{kept:?}");
    app.register("ada").await;
});

on_both_databases!(only_an_admin_who_means_it_deletes, async |app: TestApp| {
    let ada = workspace(&app, "ada").await;
    let slug = slug(&ada).await;
    let mia = app.member(&ada, "mia", &[Role::Manager]).await;
    let right = json!({"confirm": slug, "password": PASSWORD});
    mia.post(DELETE, right.clone()).await.expect(403);
    mia.post(EXPORT, json!({})).await.expect(403);
    app.stranger().post(DELETE, right).await.expect(401);
    app.stranger().post(EXPORT, json!({})).await.expect(401);
    for (wrong, field) in [
        (json!({}), "confirm"),
        (json!({"confirm": slug}), "password"),
        (json!({"confirm": "other", "password": PASSWORD}), "confirm"),
        (json!({"confirm": slug, "password": "not the password"}), "password"),
        (json!({"confirm": 5, "password": PASSWORD}), "confirm"),
        (json!({"confirm": slug, "password": PASSWORD, "force": true}), "force"),
    ] {
        let answer = ada.post(DELETE, wrong.clone()).await.expect(400);
        assert!(answer.get(field).is_some(), "{wrong}: {answer}");
    }
    ada.post(EXPORT, json!({"format": "xml"})).await.expect(400);
    assert_eq!(ada.get("/api/companies/").await.expect(200)["count"], 1, "nothing happened");
    let staff = app.staff(1).await;
    let platform = json!({"confirm": "platform", "password": PASSWORD});
    assert_eq!(staff.post(DELETE, platform).await.status, 409, "the platform's own stays");
});

on_both_databases!(who_belongs_elsewhere_stays, async |app: TestApp| {
    let (ada, bea) = (workspace(&app, "ada").await, workspace(&app, "bea").await);
    let invite = bea.post("/api/organization-invites/", json!({"role": "manager"})).await;
    let token = invite.expect(201)["token"].clone();
    ada.post("/api/invites/accept/", json!({"token": token})).await.expect(200);
    let farewell = json!({"confirm": slug(&ada).await, "password": PASSWORD});
    let proof = ada.post(DELETE, farewell).await.expect(200);
    assert_eq!(proof["removed"].get("people"), None, "{proof}");
    let ada = app.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(slug(&ada).await, slug(&bea).await, "they come into the other one");
});

on_both_databases!(who_writes_meanwhile_leaves_nothing_behind, async |app: TestApp| {
    let ada = workspace(&app, "ada").await;
    let ours = ada.get("/api/auth/profile/").await.expect(200)["organization"]["id"].clone();
    let farewell = json!({"confirm": slug(&ada).await, "password": PASSWORD});
    let writes = async {
        let mut statuses = Vec::new();
        // Until nobody of the workspace is let in any more.
        while statuses.last() != Some(&401) {
            let writes = (0..8).map(|number| {
                ada.post("/api/contacts/", json!({ "first_name": format!("late {number}") }))
            });
            let answers = futures_util::future::join_all(writes).await;
            statuses.extend(answers.iter().map(|answer| answer.status));
        }
        statuses
    };
    let (proof, statuses) = tokio::join!(ada.post(DELETE, farewell), writes);
    proof.expect(200);
    assert!(statuses.contains(&201), "some came before: {statuses:?}");
    assert!(statuses.iter().all(|status| [201, 401, 409, 503].contains(status)), "{statuses:?}");
    assert!(everything_of(&app, &ours).await.values().all(Vec::is_empty), "nothing is left");
});
