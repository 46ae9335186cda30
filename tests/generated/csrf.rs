//! No request that changes something is answered that another site can make a browser send: every
//! operation of the document, and every form of the pages, asks for the token and for the origin.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;
use system_tests::browser::{Browser, HOME};
use system_tests::{TestApp, on_both_databases};

use crate::document::Operation;
use crate::draft::{Draft, from_our_page};
use crate::template::templates;
use crate::world::World;

/// Where pages send forms.
const FORMS: [&str; 9] = [
    "/login/",
    "/login/code/",
    "/logout/",
    "/account/second-factor/setup/",
    "/account/second-factor/confirm/",
    "/account/second-factor/recovery-codes/",
    "/account/second-factor/remove/",
    "/account/sessions/end-others/",
    "/account/sessions/1/end/",
];

fn changes(operation: &&Operation) -> bool {
    operation.method != Method::GET
}

/// What a request lacks that another site makes a browser send.
fn forgeries(token: &str, theirs: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let (ours, other) = (HOME.to_owned(), "https://evil.example".to_owned());
    let (token, theirs) = (token.to_owned(), theirs.to_owned());
    vec![
        ("nothing", vec![]),
        ("the origin alone", vec![("origin", ours.clone())]),
        ("the token alone", vec![("x-csrftoken", token.clone())]),
        ("another site", vec![("x-csrftoken", token.clone()), ("origin", other.clone())]),
        ("a longer name", vec![("x-csrftoken", token.clone()), ("origin", format!("{HOME}.evil"))]),
        ("no page", vec![("x-csrftoken", token.clone()), ("origin", "null".to_owned())]),
        ("a neighbour", vec![("x-csrftoken", token), ("sec-fetch-site", "same-site".to_owned())]),
        ("another session's token", vec![("x-csrftoken", theirs), ("origin", ours.clone())]),
        ("an empty token", vec![("x-csrftoken", String::new()), ("origin", ours)]),
    ]
}

on_both_databases!(no_other_site_makes_a_browser_change_anything, async |app: TestApp| {
    let world = World::new(app).await;
    let server = world.app.stranger();
    let (mut ours, mut theirs) = (Browser::new(), Browser::new());
    ours.sign_in(&server, HOME, &world.ours.username).await.expect(200);
    theirs.sign_in(&server, HOME, &world.theirs.username).await.expect(200);
    let token = ours.cookies["csrftoken"].clone();
    let mut tried = 0;
    for operation in world.operations.iter().filter(changes) {
        let draft = world.draft(&world.ours, operation, templates(operation).first()).await;
        let before = stored(&world).await;
        for (what, headers) in forgeries(&token, &theirs.cookies["csrftoken"]) {
            let refused = send(&world, operation, &draft, &ours, &headers).await;
            let what = format!("{} with {what}", operation.id);
            assert_eq!(refused.0, 403, "{what}: {}", refused.1);
            let detail = refused.1["detail"].as_str().unwrap_or_default();
            assert!(detail.starts_with("CSRF Failed: "), "{what}: {detail}");
            tried += 1;
        }
        assert_eq!(stored(&world).await, before, "{}", operation.id);
    }
    assert!(tried > 200, "{tried}");
    for path in FORMS {
        let before = stored(&world).await;
        for (what, headers) in forgeries(&token, &theirs.cookies["csrftoken"]) {
            let mut request = server.request(Method::POST, path).header("cookie", ours.sent());
            request = request.header("content-type", "application/x-www-form-urlencoded");
            for (name, value) in &headers {
                request = request.header(*name, value);
            }
            let refused = server.send(request.body("username=ada&password=x")).await;
            assert_eq!(refused.status, 403, "{path} with {what}: {}", refused.text);
        }
        assert_eq!(stored(&world).await, before, "{path}");
    }
});

on_both_databases!(a_page_of_ours_may_do_everything, async |app: TestApp| {
    let world = World::new(app).await;
    let server = world.app.stranger();
    let mut operations: Vec<&Operation> = world.operations.iter().filter(changes).collect();
    // Last, what ends the founder's own token, too, by which rows are made.
    operations.sort_by_key(|operation| {
        operation.id.starts_with("auth_password_") || operation.id == "auth_sessions_end_others"
    });
    for operation in operations {
        let mut ours = Browser::new();
        ours.sign_in(&server, HOME, &world.ours.username).await.expect(200);
        let draft = world.draft(&world.ours, operation, templates(operation).first()).await;
        let token = Value::from(ours.cookies["csrftoken"].clone());
        let headers = from_our_page(&token);
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let (status, answer) = send(&world, operation, &draft, &ours, &headers).await;
        // The founder is no staff; all else works, and nothing fails for want of a token.
        let platforms = crate::meaning::PLATFORMS.contains(&operation.tag.as_str());
        let has_none = status == 409 && operation.id.starts_with("auth_second_factor_");
        // It would end the founder's workspace, so it is asked with another one's name.
        let is_asked = status == 400 && operation.id == "workspace_delete";
        assert!(
            ((200..300).contains(&status) || has_none || is_asked) != platforms,
            "{}: {status} {answer}",
            operation.id
        );
        assert!(!answer.to_string().contains("CSRF"), "{}: {answer}", operation.id);
    }
});

/// Everything that is stored, but for what the server does by itself.
async fn stored(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut dump = world.app.database.dump().await;
    dump.retain(|table, _| !["jobs", "schedules"].contains(&table.as_str()));
    dump
}

/// Sends a request with a browser's cookies and these headers in the place of the draft's.
async fn send(
    world: &World,
    operation: &Operation,
    draft: &Draft,
    browser: &Browser,
    headers: &[(&str, String)],
) -> (u16, Value) {
    let mut draft = draft.clone();
    draft.headers.retain(|(name, _)| name.starts_with("idempotency"));
    draft.headers.push(("cookie".to_owned(), browser.sent()));
    draft.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let answer = world.send(&world.app.stranger(), operation, &draft).await;
    (answer.status, answer.json)
}
