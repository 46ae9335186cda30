//! Who may do what: `docs/permissions.md` and the running server say the same, cell by cell, for
//! every operation of the API document.

use std::collections::BTreeMap;

use domain_kernel::policy::Role;
use serde_json::json;
use system_tests::{Answer, Client, PASSWORD, TestApp, on_both_databases};

use crate::document::Operation;
use crate::tables::first_table;
use crate::template::templates;
use crate::world::{NO_ID, World};

const PAGE: &str = include_str!("../../docs/permissions.md");

/// Above the cells that say which feature is needed.
const FEATURE: &str = "feature";
/// The columns beside those of the roles.
const NO_ROLE: &str = "no role";
const STAFF: &str = "staff";
const STRANGER: &str = "not signed in";

/// Cells: it works; it is forbidden; one must sign in first; it works on some rows.
const YES: &str = "yes";
const NO: &str = "no";
const SIGN_IN: &str = "sign in";
/// It works on rows of one's own; others are as if they were not there.
const OWN: &str = "own";

/// One line of the table: an operation, or a way to use it that has a permission of its own.
struct Line<'w> {
    operation: &'w Operation,
    name: (String, String),
    /// The format of an export.
    format: Option<String>,
}

on_both_databases!(everybody_may_do_what_the_page_says, async |app: TestApp| {
    let world = World::new(app).await;
    let clients = clients(&world).await;
    let page = page();
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for line in world.operations.iter().flat_map(lines) {
        let Some(cells) = page.get(&line.name) else {
            wrong.push(format!("{:?} ({}) is not on the page", line.name, line.operation.id));
            continue;
        };
        seen.push(line.name.clone());
        for (column, client) in &clients {
            let cell = cell(&world, &line, client).await;
            if cells.get(*column) != Some(&cell) {
                let says = cells.get(*column);
                wrong.push(format!(
                    "{:?} {column}: the page says {says:?}, it is {cell}",
                    line.name
                ));
            }
        }
        let feature = line.operation.feature.as_deref().unwrap_or_default().to_owned();
        if cells.get(FEATURE).map(|cell| cell.trim_matches('`').to_owned()) != Some(feature) {
            wrong.push(format!("{:?}: the feature is {:?}", line.name, line.operation.feature));
        }
    }
    wrong.extend(
        page.keys().filter(|name| !seen.contains(name)).map(|name| format!("{name:?} is gone")),
    );
    assert!(wrong.is_empty(), "docs/permissions.md and the server differ:\n{}", wrong.join("\n"));
});

on_both_databases!(a_plan_without_the_feature_is_told_its_code, async |app: TestApp| {
    let world = World::new(app).await;
    // Both workspaces have every feature; this one has those of the first plan.
    let poor = world.app.register("poor").await;
    let profile = poor.get("/api/auth/profile/").await.expect(200);
    let flags = profile["feature_flags"].as_array().expect("flags");
    for operation in world.operations.iter().filter(|operation| operation.feature.is_some()) {
        let code = operation.feature.as_deref().unwrap();
        let known = flags.iter().find(|flag| flag["code"] == code);
        let enabled = known.unwrap_or_else(|| panic!("{}: no feature {code}", operation.id))["enabled"]
            == true;
        let draft = world.draft(&world.ours, operation, templates(operation).first()).await;
        let answer = world.send(&poor, operation, &draft).await;
        if !enabled {
            assert_eq!(answer.status, 403, "{}: {}", operation.id, answer.text);
            assert!(answer.text.contains(code), "{} names {code}: {}", operation.id, answer.text);
        }
    }
});

/// The page by resource and action: cells by column.
fn page() -> BTreeMap<(String, String), BTreeMap<String, String>> {
    let mut rows = first_table(PAGE).into_iter();
    let heading = rows.next().expect("a table");
    let mut page = BTreeMap::new();
    for row in rows {
        assert_eq!(row.len(), heading.len(), "{row:?}");
        let cells = heading.iter().cloned().zip(row.iter().cloned()).skip(2).collect();
        let before = page.insert((row[0].clone(), row[1].clone()), cells);
        assert!(before.is_none(), "{:?} twice", &row[..2]);
    }
    page
}

/// The lines of an operation.
fn lines(operation: &Operation) -> Vec<Line<'_>> {
    let words = operation.id.trim_start_matches(&format!("{}_", operation.tag));
    let action = match words {
        "retrieve" => "show",
        "update" => "replace",
        "partial_update" => "change",
        "destroy" => "delete",
        other => other,
    };
    let name = (operation.tag.clone(), action.replace('_', " "));
    let mut lines = vec![Line { operation, name, format: None }];
    if operation.lists() {
        for format in operation.choices("format").into_iter().filter(|format| format != "json") {
            let name = (operation.tag.clone(), format!("export {format}"));
            lines.push(Line { operation, name, format: Some(format) });
        }
    }
    lines
}

/// Somebody for every column.
async fn clients(world: &World) -> Vec<(&'static str, Client)> {
    let founder = &world.ours.client;
    let mut clients = Vec::new();
    for role in Role::ALL {
        clients.push((role.code(), world.app.member(founder, role.code(), &[role]).await));
    }
    clients.push((STAFF, world.staff.clone()));
    clients.push((NO_ROLE, world.app.member(founder, "nobody", &[]).await));
    clients.push((STRANGER, world.app.stranger()));
    clients
}

/// What somebody gets: on rows that no other request has touched, and on rows that are not there,
/// where permission must come first.
async fn cell(world: &World, line: &Line<'_>, client: &Client) -> String {
    let operation = line.operation;
    let template = templates(operation);
    let mut draft = world.draft(&world.ours, operation, template.first()).await;
    if let Some(format) = &line.format {
        draft.query.push(("format".to_owned(), format.clone()));
    }
    let spare = match operation.id.as_str() {
        // It ends the token that it comes with.
        "auth_token_revoke" | "auth_session_destroy" => spare(world, client).await,
        _ => client.clone(),
    };
    let answer = world.send(&spare, operation, &draft).await;
    let meant = meaning(operation, &answer);
    let must_sign_in = client.token.is_none() && operation.secured;
    assert_eq!(meant == SIGN_IN, must_sign_in, "{}: the document says otherwise", operation.id);
    if meant != YES && !draft.path.is_empty() {
        draft.path.iter_mut().for_each(|(_, id)| *id = NO_ID.to_string());
        let nothing = world.send(client, operation, &draft).await;
        assert_eq!(meaning(operation, &nothing), meant, "{}: permission first", operation.id);
    }
    meant.to_owned()
}

fn meaning(operation: &Operation, answer: &Answer) -> &'static str {
    match answer.status {
        // A browser may be sent on.
        200..300 | 302 => YES,
        // It would end the workspace, so it is asked with another one's name: permission comes first.
        400 if operation.id == "workspace_delete" => YES,
        // They may, but have none.
        409 if operation.id.starts_with("auth_second_factor_") => YES,
        401 => {
            assert_eq!(answer.header("www-authenticate"), Some("Token"), "{}", operation.id);
            SIGN_IN
        }
        403 => {
            let detail = "You do not have permission to perform this action.";
            assert_eq!(answer.json, json!({ "detail": detail }), "{}", operation.id);
            NO
        }
        404 => OWN,
        other => panic!("{} answered {other}: {}", operation.id, answer.text),
    }
}

/// Another client of the same person.
async fn spare(world: &World, client: &Client) -> Client {
    if client.token.is_none() {
        return client.clone();
    }
    let profile = client.get("/api/auth/profile/").await.expect(200);
    world.app.sign_in(profile["username"].as_str().expect("a name"), PASSWORD).await
}
