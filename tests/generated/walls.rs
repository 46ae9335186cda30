//! Nothing that one workspace asks reaches another: every operation, with another workspace's id
//! in every place where an id can stand, answers as if there were no such row, and changes
//! nothing there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use system_tests::{Answer, TestApp};

use crate::document::Operation;
use crate::draft::{Draft, InPath, Place};
use crate::meaning::{self, Meaning, PLAIN_HEADERS, PLATFORMS, Thing};
use crate::template::{Template, templates};
use crate::world::{NO_ID, THEIR_WORD, World};

/// Switches the policies of every table off, as only a superuser can.
pub(crate) async fn without_policies(app: &TestApp) {
    let off = "DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', name);
        END LOOP; END $$";
    app.database.execute(off).await;
    let left = "SELECT relname FROM pg_class WHERE relrowsecurity OR relforcerowsecurity";
    assert!(app.database.query(left).await.is_empty());
}

/// The walls between two workspaces of a server stand.
pub(crate) async fn stand(app: TestApp) {
    let world = World::new(app).await;
    use_their_keys(&world).await;
    let before = theirs(&world).await;
    assert!(before.values().flatten().count() > 10, "there is something to protect: {before:?}");
    let of_platform = |operation: &&Operation| PLATFORMS.contains(&operation.tag.as_str());
    for operation in world.operations.iter().filter(|o| o.lists() && !of_platform(o)) {
        try_list(&world, operation).await;
    }
    let mut tried = 0;
    let mut leaks = Vec::new();
    for operation in world.operations.iter().filter(|operation| !of_platform(operation)) {
        tried += try_operation(&world, operation, &mut leaks).await;
        assert!(leaks.len() < MANY, "{}", leaks.join("\n\n"));
        let after = theirs(&world).await;
        for (table, rows) in &after {
            let changed: Vec<_> = rows.iter().filter(|row| !before[table].contains(row)).collect();
            let what = format!("{} changed {table} of another workspace", operation.id);
            assert!(rows == &before[table], "{what}: {changed:#?}");
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n\n"));
    assert!(tried > world.operations.len(), "ids were tried: {tried}");
}

/// So many leaks are enough to look into; fewer are shown together, when all was tried.
const MANY: usize = 12;

/// What must not change: by table, the rows in which the other workspace's id or word stands, or
/// all rows where the table holds nothing of a workspace's.
async fn theirs(world: &World) -> BTreeMap<String, Vec<String>> {
    // The platform's own: every row counts.
    const SHARED: [&str; 4] = ["plans", "features", "plan_features", "__diesel_schema_migrations"];
    let database = &world.app.database;
    let mut dump = database.dump_of(&[&world.theirs.id.to_string(), THEIR_WORD]).await;
    // Counters of SQLite: they count our rows too.
    dump.remove("sqlite_sequence");
    for table in SHARED {
        *dump.get_mut(table).expect("it is there") = database.rows(table).await;
    }
    dump
}

/// The key under which they have sent a body of an operation.
fn their_key(operation: &Operation, template: Option<&Template>) -> String {
    let body = template.and_then(|template| template.body.as_object());
    let switches = body.into_iter().flat_map(|body| body.values().filter_map(Value::as_bool));
    format!("theirs-{}-{:?}", operation.id, switches.collect::<Vec<_>>())
}

async fn use_their_keys(world: &World) {
    let repeatable = |operation: &&Operation| {
        is_repeatable(operation) && !PLATFORMS.contains(&operation.tag.as_str())
    };
    for operation in world.operations.iter().filter(repeatable) {
        for template in templates(operation) {
            let key = their_key(operation, Some(&template));
            let mut draft = world.draft(&world.theirs, operation, Some(&template)).await;
            draft.put(&Place::Header("Idempotency-Key".to_owned()), &key);
            let answer = world.send(&world.theirs.client, operation, &draft).await;
            assert!((200..300).contains(&answer.status), "{}: {}", operation.id, answer.text);
        }
    }
}

fn is_repeatable(operation: &Operation) -> bool {
    operation.parameters_in("header").any(|parameter| parameter.name == "Idempotency-Key")
}

/// Tries every place of an operation; how many there were.
async fn try_operation(world: &World, operation: &Operation, leaks: &mut Vec<String>) -> usize {
    let mut tried = 0;
    let bodies = templates(operation);
    let bodies: Vec<Option<&Template>> =
        if bodies.is_empty() { vec![None] } else { bodies.iter().map(Some).collect() };
    for template in bodies {
        for (place, thing, ignored) in places(world, operation, template) {
            tried += 1;
            for query in variants(operation) {
                let attempt = Attempt { world, operation, template, query: &query, place: &place };
                leaks.extend(attempt.make(thing.as_ref(), ignored).await);
            }
        }
    }
    tried
}

/// Whether a request did what it was for; a browser may have been sent on.
fn works(answer: &Answer) -> bool {
    (200..300).contains(&answer.status) || answer.status == 302
}

/// The places of an operation where something of another workspace could be named, with what
/// would be named; the header of repeated requests names none.
fn places(
    world: &World,
    operation: &Operation,
    template: Option<&Template>,
) -> Vec<(Place, Option<Thing>, bool)> {
    let mut places = Vec::new();
    for parameter in &operation.parameters {
        let (name, schema) = (&parameter.name, &parameter.schema);
        match parameter.place.as_str() {
            "path" => {
                if let InPath::Leads(thing) = world.in_path(operation, name, schema) {
                    places.push((Place::Path(name.clone()), Some(thing), false));
                }
            }
            "query" => {
                if let Meaning::Id(thing) = meaning::of(operation, name, schema) {
                    places.push((Place::Query(name.clone()), Some(thing), false));
                }
            }
            "header" if name == "Idempotency-Key" => {
                places.push((Place::Header(name.clone()), None, true));
            }
            "header" if PLAIN_HEADERS.contains(&name.as_str()) => {}
            other => panic!("{}: the generator knows no {other} {name}", operation.id),
        }
    }
    for hole in template.iter().flat_map(|template| &template.holes) {
        places.push((Place::Body(hole.pointer.clone()), Some(hole.thing.clone()), hole.ignored));
    }
    // The platform's rows are the same for everybody: none is another workspace's.
    places.retain(|(_, thing, _)| match thing {
        Some(Thing::Row(resource)) => !PLATFORMS.contains(&resource.as_str()),
        _ => true,
    });
    // What platform staff name a workspace by is ignored for everybody else, on every path.
    for name in ["organization_id", "organization_slug"] {
        places.push((Place::Query(name.to_owned()), Some(Thing::Workspace), true));
    }
    for name in ["X-Organization-Id", "X-Organization-Slug"] {
        places.push((Place::Header(name.to_owned()), Some(Thing::Workspace), true));
    }
    places
}

/// The queries that change what an operation looks at or how it shows it.
fn variants(operation: &Operation) -> Vec<Vec<(String, String)>> {
    let mut variants: Vec<Vec<(String, String)>> = vec![Vec::new()];
    if operation.query("deleted").is_some() {
        variants.push(vec![("deleted".to_owned(), "true".to_owned())]);
    }
    let formats = operation.choices("format").into_iter().map(|v| vec![("format".to_owned(), v)]);
    variants.extend(formats);
    variants
}

/// One place of one operation.
struct Attempt<'w> {
    world: &'w World,
    operation: &'w Operation,
    template: Option<&'w Template>,
    query: &'w [(String, String)],
    place: &'w Place,
}

impl Attempt<'_> {
    /// Tries each id of theirs against one that does not exist, and one of ours to see that the
    /// request would work. Returns what differed.
    async fn make(&self, thing: Option<&Thing>, ignored: bool) -> Vec<String> {
        let mut leaks = Vec::new();
        let (theirs, nothing) = match (thing, self.place) {
            (_, Place::Header(name) | Place::Query(name))
                if name.to_lowercase().ends_with("slug") =>
            {
                (vec![self.world.theirs.slug.clone()], "nobody-has-it".to_owned())
            }
            (Some(thing), _) => {
                let ids = self.world.theirs.ids(thing);
                (ids.iter().map(i64::to_string).collect(), NO_ID.to_string())
            }
            (None, _) => (
                vec![their_key(self.operation, self.template)],
                format!("unused-{}", self.world.number()),
            ),
        };
        let (expected, _) = self.send(Some(&nothing)).await;
        for id in theirs {
            let (seen, answer) = self.send(Some(&id)).await;
            if seen != expected {
                leaks.push(format!(
                    "{} with another workspace's {id} in {:?} (query {:?}) is not answered as one \
                     that does not exist:\n{seen:?}\n{expected:?}",
                    self.operation.id, self.place, self.query
                ));
            }
            assert_no_leak(&answer, &format!("{} {:?}", self.operation.id, self.place));
        }
        // That the refusal is one of the id, and not of the rest of the request.
        let (control, answer) = self.send(None).await;
        let what =
            format!("{} {:?} {:?}: {}", self.operation.id, self.place, self.query, answer.text);
        // Nobody has a second factor here.
        let has_none = answer.status == 409 && self.operation.id.starts_with("auth_second_factor_");
        // It would end our workspace, so it is asked with another one's name.
        let is_asked = answer.status == 400 && self.operation.id == "workspace_delete";
        assert!(
            works(&answer) || has_none || is_asked || self.looks_elsewhere(),
            "a request of one's own failed: {what}"
        );
        if !ignored && !self.looks_elsewhere() {
            assert_ne!(control, expected, "one's own id makes no difference: {what}");
        }
        if ignored {
            assert_eq!(control, expected, "what should be ignored is not: {what}");
        }
        leaks
    }

    /// Whether the query asks for rows among which one's own living one is not.
    fn looks_elsewhere(&self) -> bool {
        self.operation.lists() && self.query.iter().any(|(name, _)| name == "deleted")
    }

    /// Sends the request with a value in the place, or as it is with one of ours.
    async fn send(&self, value: Option<&str>) -> (Seen, Answer) {
        let Self { world, operation, .. } = self;
        let mut draft: Draft = world.draft(&world.ours, operation, self.template).await;
        draft.query.extend_from_slice(self.query);
        match (value, self.place) {
            (Some(value), place) => draft.put(place, value),
            (None, Place::Query(name)) => {
                // A filter is not there by itself.
                if let Some(parameter) = operation.query(name)
                    && let Meaning::Id(thing) = meaning::of(operation, name, &parameter.schema)
                {
                    let own = world.linked(&world.ours, &operation.tag, name).await;
                    let own = own.unwrap_or_else(|| world.ours.ids(&thing)[0]);
                    draft.put(self.place, &own.to_string());
                }
            }
            (None, _) => {}
        }
        let client = world.client_for(&world.ours, operation).await;
        let answer = world.send(&client, operation, &draft).await;
        (Seen::of(&answer, &world.theirs.slug), answer)
    }
}

/// What of an answer must be the same: all but ids, moments, what differs in every answer, and
/// the words that differ in every request.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Seen {
    fn of(answer: &Answer, slug: &str) -> Self {
        // The last three: where a browser is sent to sign in, what it keeps, and what it shows.
        let varies =
            ["date", "x-request-id", "content-length", "location", "set-cookie", "x-csrftoken"];
        let headers = answer.headers.iter().filter(|(name, _)| !varies.contains(&name.as_str()));
        let headers = headers.map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            // The tag of what shows other rows is made from their words, too: a number of eight digits.
            let value = if name == "etag" { without_numbers(&value) } else { value.into() };
            (name.to_string(), value)
        });
        let mut json = answer.json.clone();
        let is_archive = answer.header("content-type") == Some("application/zip");
        let body = if is_archive {
            // Its trail has one entry more each time; what is in it, `tests/system/leaving.rs` reads.
            "<archive>".to_owned()
        } else if json.is_null() {
            answer.text.clone()
        } else {
            mask(&mut json);
            json.to_string()
        };
        let body = body.replace(slug, "<slug>").replace("nobody-has-it", "<slug>");
        Self { status: answer.status, headers: headers.collect(), body: without_numbers(&body) }
    }
}

/// Hides what is new in each answer.
fn mask(json: &mut Value) {
    match json {
        Value::Object(object) => {
            for (name, value) in object {
                let new = [
                    "id",
                    "created_at",
                    "updated_at",
                    "deleted_at",
                    "stage_entered_at",
                    "closed_at",
                    "changed_at",
                    "converted_at",
                    "completed_at",
                    "recorded_at",
                    "uploaded_at",
                    "ordered_at",
                    "fulfilled_at",
                    "issued_at",
                    "overdue_at",
                    "processed_at",
                    "refunded_at",
                    "shipped_at",
                    "delivered_at",
                    "assigned_at",
                    "run_at",
                    "access",
                    "token",
                    "accepted_at",
                    "expires_at",
                    "last_used_at",
                    "csrfToken",
                    "secret",
                    "otpauth_url",
                    "qr_svg",
                    // Partly drawn by chance.
                    "sku",
                    "variant_sku",
                    // Of an exchange rate: each has its own.
                    "date",
                ];
                match new.contains(&name.as_str()) && !value.is_null() {
                    true => *value = Value::from("<new>"),
                    false => mask(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Hides numbers as long as the ids that stand out, and the numbers in our words.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - at);
        out.push_str(&rest[..at]);
        match digits {
            6 | 8 => out.push_str("<number>"),
            _ => out.push_str(&rest[at..at + digits]),
        }
        rest = &rest[at + digits..];
    }
    out + rest
}

/// Their word is in all of their texts: where it is, something leaked.
fn assert_no_leak(answer: &Answer, what: &str) {
    let headers = format!("{:?}", answer.headers);
    assert!(!headers.contains(THEIR_WORD), "{what}: {headers}");
    assert!(!answer.text.contains(THEIR_WORD), "{what}: {}", answer.text);
    // What a SKU begins with that is made from it.
    let sku = format!("\"{}-", THEIR_WORD[..3].to_uppercase());
    assert!(!answer.text.contains(&sku), "{what}: {}", answer.text);
}

/// A list shows rows of one's own only, whatever is asked.
async fn try_list(world: &World, operation: &Operation) {
    let resource = &operation.tag;
    let path = &operation.path;
    let states: &[&str] = match operation.query("deleted") {
        Some(_) => &["?deleted=true", "?deleted=false"],
        None => &["?"],
    };
    for state in states {
        let theirs = format!("{path}{state}&page_size=1&cursor=");
        let theirs = world.theirs.client.get(&theirs).await.expect(200);
        let first = &theirs["results"][0];
        assert!(
            belongs(first, world.theirs.id),
            "{path} shows them rows of another workspace, or none: {first}"
        );
        let mut queries = vec![
            String::new(),
            "&cursor=".to_owned(),
            "&format=csv".to_owned(),
            "&format=ndjson".to_owned(),
        ];
        queries.extend(operation.query("search").map(|_| format!("&search={THEIR_WORD}")));
        if let Some(next) = theirs["next"].as_str() {
            let cursor = next.split_once("cursor=").expect("a cursor").1;
            queries.push(format!("&cursor={}", cursor.split('&').next().unwrap()));
        }
        for field in theirs["results"][0].as_object().expect("a row").keys() {
            queries.push(format!("&ordering={field}"));
            queries.push(format!("&ordering=-{field}&cursor="));
        }
        for (name, value) in theirs["results"][0].as_object().expect("a row") {
            if let (Some(_), Some(text)) = (operation.query(name), value.as_str()) {
                queries.push(format!("&{name}={}", text.replace('+', "%2B")));
                queries.push(format!("&{name}={}&format=csv", text.replace('+', "%2B")));
            }
        }
        for query in queries {
            let shown = walk(world, &format!("{path}{state}{query}")).await;
            let live = world.ours.live(resource);
            if query == "&cursor=" && *state != "?deleted=true" {
                assert!(shown.contains(&live), "{resource}: one's own row is shown");
            }
        }
    }
}

/// Whether a row is a workspace's; it says so by the id or with an object.
fn belongs(row: &Value, workspace: i64) -> bool {
    match &row["organization"] {
        Value::Object(organization) => organization["id"] == workspace,
        id => *id == workspace,
    }
}

/// Reads a list to its end; the ids that it showed.
async fn walk(world: &World, path: &str) -> BTreeSet<i64> {
    let mut shown = BTreeSet::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next.take() {
        let answer = world.ours.client.get(&path).await;
        // Not every field orders a list.
        assert!([200, 400].contains(&answer.status), "{path}: {}", answer.text);
        // An address of a page, or a message, says again what was searched for.
        let searched = path.contains(THEIR_WORD);
        assert!(searched || !answer.text.contains(THEIR_WORD), "{path}: {}", answer.text);
        assert!(!answer.text.contains(&world.theirs.id.to_string()), "{path}: {}", answer.text);
        for row in answer["results"].as_array().into_iter().flatten() {
            let ours = belongs(row, world.ours.id);
            assert!(ours, "{path} shows a row of another workspace: {row}");
            assert!(!row.to_string().contains(THEIR_WORD), "{path}: {row}");
            shown.insert(row["id"].as_i64().expect("an id"));
        }
        next = answer["next"].as_str().map(str::to_owned);
    }
    shown
}
