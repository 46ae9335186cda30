//! Relations between rows: what they may lead to, and what becomes of them when it is deleted.

use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

async fn company(client: &Client, name: &str) -> i64 {
    let made = client.post("/api/companies/", json!({"name": name})).await.expect(201);
    made["id"].as_i64().expect("an id")
}

async fn contact(client: &Client, company: Value) -> (String, Value) {
    let body = json!({"first_name": "Grace", "company": company});
    let made = client.post("/api/contacts/", body).await.expect(201);
    (format!("/api/contacts/{}/", made["id"]), made)
}

fn no_such(id: &str) -> Value {
    json!({"company": [format!("Invalid pk \"{id}\" - object does not exist.")]})
}

on_both_databases!(a_row_that_is_not_there_cannot_be_named, async |app: TestApp| {
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let (hers, gone) = (company(&eve, "Eve's").await, company(&ada, "Gone").await);
    ada.delete(&format!("/api/companies/{gone}/")).await.expect(204);
    let (path, before) = contact(&ada, json!(null)).await;
    for id in [hers, gone, 999_999, 0, -1, i64::MAX] {
        for sent in [json!(id), json!(id.to_string())] {
            let body = json!({"first_name": "Grace", "company": sent});
            let expected = no_such(&id.to_string());
            assert_eq!(ada.post("/api/contacts/", body.clone()).await.expect(400), expected);
            assert_eq!(ada.put(&path, body.clone()).await.expect(400), expected);
            assert_eq!(ada.patch(&path, json!({"company": sent})).await.expect(400), expected);
            let operations = json!([
                {"op": "create", "data": body},
                {"op": "update", "id": before["id"], "data": {"company": sent}},
            ]);
            let answer = ada
                .post("/api/contacts/bulk/", json!({"operations": operations}))
                .await
                .expect(400);
            for result in answer["results"].as_array().unwrap() {
                assert_eq!(result, &json!({"status": 400, "errors": expected}), "{id}");
            }
        }
    }
    assert_eq!(ada.get(&path).await.expect(200), before);
    assert_eq!(ada.get("/api/contacts/").await.expect(200)["count"], 1);
    let other = ada.get(&format!("/api/contacts/?company={hers}")).await.expect(200);
    assert_eq!(other["count"], 0, "nor is a filter told");
});

on_both_databases!(what_is_no_id_is_refused_in_words, async |app: TestApp| {
    let ada = app.register("ada").await;
    for (sent, message) in [
        (json!("acme"), "Incorrect type. Expected pk value, received a string."),
        (json!(true), "Incorrect type. Expected pk value, received a boolean."),
        (json!([1]), "Incorrect type. Expected pk value, received a list."),
        (json!({"id": 1}), "Incorrect type. Expected pk value, received an object."),
        (json!(1.5), "Invalid pk \"1.5\" - object does not exist."),
        (json!(u64::MAX), "Invalid pk \"18446744073709551615\" - object does not exist."),
        (json!(" "), "Incorrect type. Expected pk value, received a string."),
        (json!("+5"), "Invalid pk \"+5\" - object does not exist."),
        (json!("٣"), "Incorrect type. Expected pk value, received a string."),
    ] {
        let body = json!({"first_name": "Grace", "company": sent});
        let errors = ada.post("/api/contacts/", body).await.expect(400);
        assert_eq!(errors, json!({"company": [message]}), "{sent}");
    }
});

on_both_databases!(an_id_may_come_as_text_and_nothing_as_empty_text, async |app: TestApp| {
    let ada = app.register("ada").await;
    let acme = company(&ada, "Acme").await;
    let (path, made) = contact(&ada, json!(acme.to_string())).await;
    assert_eq!(made["company"], acme);
    assert_eq!(ada.patch(&path, json!({"company": ""})).await.expect(200)["company"], json!(null));
    assert_eq!(ada.patch(&path, json!({"company": acme})).await.expect(200)["company"], acme);
    assert_eq!(
        ada.patch(&path, json!({"company": null})).await.expect(200)["company"],
        json!(null)
    );
});

on_both_databases!(a_deleted_company_shows_as_null_and_comes_back, async |app: TestApp| {
    let ada = app.register("ada").await;
    let acme = company(&ada, "Acme").await;
    let (path, made) = contact(&ada, json!(acme)).await;
    let tag = ada.get(&path).await.header("etag").unwrap().to_owned();
    ada.delete(&format!("/api/companies/{acme}/")).await.expect(204);
    let hidden = ada.ask(reqwest::Method::GET, &path, &[("if-none-match", &tag)]).await;
    assert_ne!(hidden.header("etag"), Some(tag.as_str()), "what is shown is another thing");
    let hidden = hidden.expect(200);
    assert_eq!(hidden["company"], json!(null));
    assert_eq!(hidden["version"], made["version"], "the contact itself was not written");
    let listed = ada.get("/api/contacts/").await.expect(200);
    assert_eq!(listed["results"], json!([hidden]));
    ada.post(&format!("/api/companies/{acme}/restore/"), json!({})).await.expect(200);
    assert_eq!(ada.get(&path).await.expect(200), made);
});

on_both_databases!(a_change_of_another_field_keeps_the_hidden_company, async |app: TestApp| {
    let ada = app.register("ada").await;
    let acme = company(&ada, "Acme").await;
    let (path, made) = contact(&ada, json!(acme)).await;
    let (bulk_path, in_bulk) = contact(&ada, json!(acme)).await;
    let (cleared_path, _) = contact(&ada, json!(acme)).await;
    ada.delete(&format!("/api/companies/{acme}/")).await.expect(204);
    let changed = ada.patch(&path, json!({"email": "g@example.com"})).await.expect(200);
    assert_eq!((&changed["company"], &changed["version"]), (&json!(null), &json!(2)));
    let operation = json!({"op": "update", "id": in_bulk["id"], "data": {"last_name": "H"}});
    let answer = ada.post("/api/contacts/bulk/", json!({"operations": [operation]})).await;
    assert_eq!(answer.expect(200)["results"][0]["data"]["company"], json!(null));
    let cleared = ada.patch(&cleared_path, json!({"company": null})).await.expect(200);
    assert_eq!(cleared["version"], 2, "who clears it means it");
    ada.delete(&path).await.expect(204);
    ada.post(&format!("{path}restore/"), json!({})).await.expect(200);
    ada.post(&format!("/api/companies/{acme}/restore/"), json!({})).await.expect(200);
    assert_eq!(ada.get(&path).await.expect(200)["company"], made["company"]);
    assert_eq!(ada.get(&bulk_path).await.expect(200)["company"], acme);
    assert_eq!(ada.get(&cleared_path).await.expect(200)["company"], json!(null));
});

on_both_databases!(a_hidden_company_cannot_be_named_again, async |app: TestApp| {
    let ada = app.register("ada").await;
    let acme = company(&ada, "Acme").await;
    let (path, made) = contact(&ada, json!(acme)).await;
    ada.delete(&format!("/api/companies/{acme}/")).await.expect(204);
    let expected = no_such(&acme.to_string());
    for body in [json!({"company": acme}), json!({"company": acme, "email": "g@example.com"})] {
        assert_eq!(ada.patch(&path, body).await.expect(400), expected);
    }
    let whole = json!({"first_name": "Grace", "company": acme});
    assert_eq!(ada.put(&path, whole).await.expect(400), expected);
    let operation = json!({"op": "update", "id": made["id"], "data": {"company": acme}});
    let answer = ada.post("/api/contacts/bulk/", json!({"operations": [operation]})).await;
    assert_eq!(answer.expect(400)["results"][0]["errors"], expected);
    assert_eq!(ada.get(&path).await.expect(200)["version"], 1);
});

on_both_databases!(lists_see_a_hidden_company_as_none, async |app: TestApp| {
    let ada = app.register("ada").await;
    let (acme, zebra) = (company(&ada, "Acme").await, company(&ada, "Zebra").await);
    let mut made = Vec::new();
    for company in [json!(acme), json!(zebra), json!(null)] {
        made.push(contact(&ada, company).await.1["id"].clone());
    }
    ada.delete(&format!("/api/companies/{acme}/")).await.expect(204);
    let ids = async |query: &str| {
        let page = ada.get(&format!("/api/contacts/?{query}")).await.expect(200);
        let rows = page["results"].as_array().unwrap().clone();
        rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids("company=null").await, [made[0].clone(), made[2].clone()]);
    assert_eq!(ids(&format!("company={acme}")).await, [] as [Value; 0]);
    assert_eq!(ids(&format!("company={zebra}")).await, [made[1].clone()]);
    let nulls_last = [made[1].clone(), made[0].clone(), made[2].clone()];
    assert_eq!(ids("ordering=company").await, nulls_last);
    assert_eq!(ids("ordering=-company").await, nulls_last);
    let csv = ada.get("/api/contacts/?format=csv&fields=first_name,company").await;
    let grace = format!("{zebra},Grace");
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines, ["company,first_name", ",Grace", &grace, ",Grace"]);
});
