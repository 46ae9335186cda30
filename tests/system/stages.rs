//! Stages and pipelines that hold deals.

use serde_json::{Value, json};
use system_tests::{Client, TestApp, on_both_databases};

use crate::deals::{path, pipeline};

async fn deal(client: &Client, pipeline: &Value, stage: &Value) -> Value {
    let body = json!({"name": "D", "pipeline": pipeline, "stage": stage, "amount": "100"});
    client.post("/api/opportunities/", body).await.expect(201)
}

on_both_databases!(a_stage_is_deleted_when_its_deals_are_elsewhere, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline_, stages) = pipeline(&ada, &["10", "60"]).await;
    let (other, others) = pipeline(&ada, &["90"]).await;
    let (one, two) =
        (deal(&ada, &pipeline_, &stages[0]).await, deal(&ada, &pipeline_, &stages[0]).await);
    ada.post(&format!("{}lose/", path("opportunities", &two)), json!({})).await.expect(200);
    let gone = deal(&ada, &pipeline_, &stages[0]).await;
    ada.delete(&path("opportunities", &gone)).await.expect(204);
    let stage = path("deal-stages", &stages[0]);
    let refused = ada.delete(&stage).await.expect(409);
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("2 deals") && detail.contains("move_to"), "{detail}");
    for (target, part) in [
        (stages[0].to_string(), "deleted, too"),
        ("999999".to_owned(), "Invalid pk"),
        ("x".to_owned(), "integer"),
    ] {
        let refused = ada.delete(&format!("{stage}?move_to={target}")).await.expect(400);
        assert!(refused["move_to"][0].as_str().unwrap().contains(part), "{refused}");
    }
    ada.delete(&format!("{stage}?moves_to=1")).await.expect(400);
    ada.delete(&format!("{}?move_to=1", path("companies", &json!(1)))).await.expect(400);
    let refused = ada.patch(&stage, json!({"pipeline": other})).await.expect(409);
    assert!(refused["detail"].as_str().unwrap().contains("2 deals"), "{refused}");
    ada.delete(&format!("{stage}?move_to={}", others[0])).await.expect(204);
    ada.get(&stage).await.expect(404);
    for (row, chance) in [(&one, "90.00"), (&two, "0.00")] {
        let moved = ada.get(&path("opportunities", row)).await.expect(200);
        assert_eq!((&moved["pipeline"], &moved["stage"]), (&other, &others[0]));
        assert_eq!(
            (&moved["probability"], &moved["pipeline_name"]),
            (&json!(chance), &json!("Pipeline of 1"))
        );
        let query =
            format!("/api/opportunity-stage-changes/?opportunity={}&ordering=-id", row["id"]);
        let last = ada.get(&query).await.expect(200)["results"][0].clone();
        assert_eq!((&last["to_stage"], &last["from_stage_name"]), (&others[0], &json!("Stage 0")));
        assert_eq!(last["from_stage"], json!(null), "it is deleted");
        let trail = format!(
            "/api/audit-logs/?action=opportunity.updated&entity_id={}&ordering=-id",
            row["id"]
        );
        let entry = ada.get(&trail).await.expect(200)["results"][0].clone();
        assert_eq!(entry["metadata"]["changed"]["stage"], json!([stages[0], others[0]]));
    }
    // What was in it and is deleted comes back only with it.
    let restore = format!("{}restore/", path("opportunities", &gone));
    let refused = ada.post(&restore, json!({})).await.expect(409);
    assert!(refused["detail"].as_str().unwrap().contains("Stage 0"), "{refused}");
    ada.post(&format!("{stage}restore/"), json!({})).await.expect(200);
    ada.post(&restore, json!({})).await.expect(200);
    // Without deals a stage moves between pipelines.
    ada.patch(&path("deal-stages", &stages[1]), json!({"pipeline": other})).await.expect(200);
});

on_both_databases!(a_pipeline_goes_and_comes_back_with_its_stages, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline_, stages) = pipeline(&ada, &["10", "60"]).await;
    let (_, others) = pipeline(&ada, &["90"]).await;
    let single = path("deal-stages", &stages[1]);
    ada.delete(&single).await.expect(204);
    let made = deal(&ada, &pipeline_, &stages[0]).await;
    let whole = path("pipelines", &pipeline_);
    let refused = ada.delete(&whole).await.expect(409);
    assert!(
        refused["detail"].as_str().unwrap().contains("1 deal is in this pipeline"),
        "{refused}"
    );
    let refused = ada.delete(&format!("{whole}?move_to={}", stages[0])).await.expect(400);
    assert!(refused["move_to"][0].as_str().unwrap().contains("deleted, too"), "{refused}");
    ada.delete(&format!("{whole}?move_to={}", others[0])).await.expect(204);
    let moved = ada.get(&path("opportunities", &made)).await.expect(200);
    assert_eq!(moved["stage"], others[0]);
    ada.get(&path("deal-stages", &stages[0])).await.expect(404);
    let refused = ada.post(&format!("{single}restore/"), json!({})).await.expect(409);
    assert!(refused["detail"].as_str().unwrap().contains("pipeline"), "{refused}");
    ada.post(&format!("{whole}restore/"), json!({})).await.expect(200);
    let back = ada.get(&path("deal-stages", &stages[0])).await.expect(200);
    assert_eq!(back["pipeline"], pipeline_);
    ada.get(&single).await.expect(404);
    ada.post(&format!("{single}restore/"), json!({})).await.expect(200);
    let trail = format!("/api/audit-logs/?entity=deal-stages&entity_id={}&ordering=id", stages[0]);
    let actions = ada.get(&trail).await.expect(200);
    let actions: Vec<_> =
        actions["results"].as_array().unwrap().iter().map(|e| e["action"].clone()).collect();
    assert_eq!(actions, ["deal_stage.created", "deal_stage.deleted", "deal_stage.restored"]);
});

on_both_databases!(no_deal_is_left_behind_in_a_stage_that_goes, async |app: TestApp| {
    let ada = app.register_enterprise("ada").await;
    let (pipeline_, stages) = pipeline(&ada, &["10", "60"]).await;
    let (_, others) = pipeline(&ada, &["90"]).await;
    for (n, target) in [(0, Some(&others[0])), (1, None)] {
        let stage = stages[n].clone();
        let creates = (0..20).map(|_| {
            let (ada, pipeline, stage) = (ada.clone(), pipeline_.clone(), stage.clone());
            tokio::spawn(async move {
                let body = json!({"name": "D", "pipeline": pipeline, "stage": stage, "amount": 1});
                let answer = ada.post("/api/opportunities/", body).await;
                assert!([201, 400].contains(&answer.status), "{}", answer.text);
            })
        });
        let creates: Vec<_> = creates.collect();
        let query = target.map(|target| format!("?move_to={target}")).unwrap_or_default();
        let deleted = ada.delete(&format!("{}{query}", path("deal-stages", &stage))).await;
        for create in creates {
            create.await.expect("no panic");
        }
        let left = format!("SELECT id FROM deals WHERE stage_id = {stage} AND deleted_at IS NULL");
        let left = app.database.query(&left).await.len();
        match deleted.status {
            204 => assert_eq!(left, 0, "all were moved, or came too late"),
            409 => assert_eq!((left, n), (20, 1), "some came first, so none was refused"),
            other => panic!("{other}: {}", deleted.text),
        }
    }
});
