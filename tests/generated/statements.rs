//! How many statements a request that reads sends to the database: as many with few rows as with more.

use std::collections::BTreeMap;

use reqwest::Method;
use system_tests::{TestApp, on_both_databases};

use crate::meaning::PLATFORMS;
use crate::world::World;

/// How many rows are added of each resource.
const MORE: usize = 4;
/// How often a request is counted: who sends it is looked up again every few seconds.
const TRIES: usize = 3;

on_both_databases!(no_request_sends_more_for_more_rows, async |app: TestApp| {
    let world = World::new(app).await;
    let few = counts(&world).await;
    let counted = few.values().filter(|sent| !sent.is_empty()).count();
    assert!(counted > 60, "what reads is counted: {counted} of {}", few.len());
    for resource in world.resources() {
        for _ in 0..MORE {
            world.make(&world.ours, &resource).await;
        }
    }
    let grown: Vec<String> = counts(&world)
        .await
        .into_iter()
        .filter(|(id, sent)| sent.len() > few[id].len())
        .map(|(id, sent)| format!("{id}: {:#?} instead of {:#?}", sent, few[&id]))
        .collect();
    assert!(grown.is_empty(), "{}", grown.join("\n"));
});

/// What each operation that reads sends, by its id.
async fn counts(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut counts = BTreeMap::new();
    for operation in world.operations.iter().filter(|one| one.method == Method::GET) {
        let client = match PLATFORMS.contains(&operation.tag.as_str()) {
            true => world.maker(&world.ours, &operation.tag),
            false => world.client_for(&world.ours, operation).await,
        };
        let mut fewest: Option<Vec<String>> = None;
        for _ in 0..TRIES {
            let draft = world.draft(&world.ours, operation, None).await;
            world.app.statements.take();
            let answer = world.send(&client, operation, &draft).await;
            let sent = world.app.statements.take();
            assert!(answer.status < 400, "{}: {}", operation.id, answer.text);
            if fewest.as_ref().is_none_or(|fewest| sent.len() < fewest.len()) {
                fewest = Some(sent);
            }
        }
        counts.insert(operation.id.clone(), fewest.expect("it was tried"));
    }
    counts
}
