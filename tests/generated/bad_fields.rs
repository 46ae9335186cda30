//! A field of the wrong type, or one that is missing, is refused by its name, and nothing is done: of
//! every operation with a body.

use serde_json::{Value, json};
use system_tests::{TestApp, on_both_databases};

use crate::document::Operation;
use crate::meaning::PLATFORMS;
use crate::template::templates;
use crate::world::World;

/// Operations whose bodies are no row of fields, and where else they are tried.
const OTHERS: &[(&str, &str)] = &[
    ("auth", "`tests/system/bad_input.rs`"),
    ("_bulk", "`tests/system/bulk.rs`: errors stand beside the operation"),
];

fn is_tried(operation: &Operation) -> bool {
    let others = OTHERS.iter().any(|(part, _)| operation.id.contains(part));
    let has_fields = operation.body.as_ref().is_some_and(|body| body["properties"].is_object());
    has_fields && !operation.in_parts && !others && !PLATFORMS.contains(&operation.tag.as_str())
}

/// A value that a field of this schema cannot have; none for one that takes any JSON.
fn wrong(schema: &Value) -> Option<Value> {
    let kinds: Vec<&Value> = match schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        Some(kinds) => kinds.iter().collect(),
        None => vec![schema],
    };
    let is = |kind: &str| {
        kinds.iter().any(|one| match &one["type"] {
            Value::Array(several) => several.contains(&json!(kind)),
            one => *one == json!(kind),
        })
    };
    let takes_any = kinds.iter().any(|one| one.get("type").is_none());
    match (is("object"), is("string")) {
        _ if takes_any => None,
        (true, true) => None,
        (true, false) => Some(json!("neither")),
        (false, _) => Some(json!({"neither": ["this", "nor that"]})),
    }
}

on_both_databases!(a_wrong_field_is_refused_by_its_name, async |app: TestApp| {
    let world = World::new(app).await;
    let (mut tried, mut faults) = (0, Vec::new());
    for operation in world.operations.iter().filter(|operation| is_tried(operation)) {
        let schema = operation.body.as_ref().expect("a body");
        let template = templates(operation).into_iter().next();
        let draft = world.draft(&world.ours, operation, template.as_ref()).await;
        let client = world.client_for(&world.ours, operation).await;
        let before = world.app.database.dump().await;
        let required = schema["required"].as_array().into_iter().flatten();
        let missing = required.filter_map(Value::as_str).map(|name| (name, None));
        let fields = schema["properties"].as_object().expect("properties").iter();
        let spoilt =
            fields.filter_map(|(name, schema)| Some((name.as_str(), Some(wrong(schema)?))));
        for (name, value) in missing.chain(spoilt) {
            let mut bad = draft.clone();
            let body = bad.body.as_mut().and_then(Value::as_object_mut).expect("an object");
            match &value {
                Some(value) => drop(body.insert(name.to_owned(), value.clone())),
                None => drop(body.remove(name)),
            }
            let answer = world.send(&client, operation, &bad).await;
            let is_named = answer[name].is_array() || answer[name].is_object();
            if answer.status != 400 || !is_named {
                let (status, text) = (answer.status, &answer.text);
                faults.push(format!("{} {name}={value:?}: {status} {text}", operation.id));
            }
            tried += 1;
        }
        if world.app.database.dump().await != before {
            faults.push(format!("{} wrote something", operation.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tried > 300, "{tried}");
});
