//! Two workspaces with rows of every resource, made through the API itself.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use system_tests::{Backend, Client, TestApp, TestIssuer, browser};

use crate::by_server;
use crate::document::{self, Operation};
use crate::meaning::{PLATFORMS, Thing};
use crate::template::{self, Template};

/// The word that is in every text of the workspace that must not be reached.
pub(crate) const THEIR_WORD: &str = "zebulon";
/// The word of the workspace that asks.
const OUR_WORD: &str = "alpha";
/// The word of what belongs to no workspace.
const PLATFORMS_WORD: &str = "gamma";

/// Ids from here on have eight digits that begin like this, and so stand out in any text.
const THEIR_IDS: i64 = 71_000_000;
/// An id that nothing has, as long as theirs.
pub(crate) const NO_ID: i64 = 83_000_029;

/// A server with two workspaces.
pub(crate) struct World {
    pub(crate) app: TestApp,
    /// Who plays Google.
    pub(crate) google: TestIssuer,
    pub(crate) operations: Vec<Operation>,
    /// The one that asks.
    pub(crate) ours: Workspace,
    /// The one that must not be reached.
    pub(crate) theirs: Workspace,
    /// Somebody of the platform's staff, who acts in ours.
    pub(crate) staff: Client,
    number: AtomicU32,
}

/// A workspace with its founder.
pub(crate) struct Workspace {
    pub(crate) client: Client,
    pub(crate) word: &'static str,
    pub(crate) id: i64,
    pub(crate) slug: String,
    /// The founder's id.
    pub(crate) person: i64,
    /// The founder's user name.
    pub(crate) username: String,
    /// The number of the token that the client has.
    token: i64,
    /// By resource: a row that lives and one that is deleted.
    rows: BTreeMap<String, (i64, i64)>,
}

impl Workspace {
    async fn found(app: &TestApp, word: &'static str) -> Self {
        let client = app.register(word).await;
        let profile = client.get("/api/auth/profile/").await.expect(200);
        let organization = &profile["organization"];
        let slug = organization["slug"].as_str().expect("a slug").to_owned();
        // All features and no limit that the tests would reach.
        app.application.accounts.set_plan(&slug, "enterprise").await.expect("the plan is set");
        let client = app.sign_in(&format!("{word}@example.com"), system_tests::PASSWORD).await;
        let token = current_token(&client).await;
        Self {
            client,
            token,
            word,
            id: organization["id"].as_i64().expect("an id"),
            slug,
            person: profile["id"].as_i64().expect("an id"),
            username: profile["username"].as_str().expect("a name").to_owned(),
            rows: BTreeMap::new(),
        }
    }

    /// A row of the workspace that lives.
    pub(crate) fn live(&self, resource: &str) -> i64 {
        let row = self.rows.get(resource);
        row.unwrap_or_else(|| panic!("{resource}: no row was made; how is one?")).0
    }

    /// A row of the workspace that is deleted.
    pub(crate) fn deleted(&self, resource: &str) -> i64 {
        self.rows[resource].1
    }

    /// What of the workspace an id may lead to.
    pub(crate) fn ids(&self, thing: &Thing) -> Vec<i64> {
        match thing {
            Thing::Row(resource) => vec![self.live(resource), self.deleted(resource)],
            Thing::Workspace => vec![self.id],
            Thing::Person => vec![self.person],
            Thing::Token => vec![self.token],
        }
    }
}

/// The number of the token that a client comes with.
pub(crate) async fn current_token(client: &Client) -> i64 {
    let tokens = client.get("/api/auth/sessions/").await.expect(200);
    let mut tokens = tokens.as_array().expect("a list").iter();
    let current = tokens.find(|token| token["current"] == true).expect("the current one");
    current["id"].as_i64().expect("an id")
}

impl World {
    /// Makes both.
    pub(crate) async fn new(app: TestApp) -> Self {
        let google = TestIssuer::start().await;
        let app = with_providers(app, &google).await;
        let operations = document::operations(&app).await;
        let generous = "UPDATE plans SET max_users = 1000000, is_self_service = (1 = 1)";
        app.database.execute(generous).await;
        let ours = Workspace::found(&app, OUR_WORD).await;
        let theirs = {
            let empty =
                Workspace { rows: BTreeMap::new(), ..Workspace::found(&app, "spare").await };
            drop(empty);
            set_sequences(&app).await;
            Workspace::found(&app, THEIR_WORD).await
        };
        let staff = app.staff(ours.id).await;
        let mut world =
            Self { app, google, operations, ours, theirs, staff, number: AtomicU32::new(0) };
        for resource in world.resources() {
            let [ours, theirs] = [&world.ours, &world.theirs].map(|home| async {
                (world.first(home, &resource).await, world.make_deleted(home, &resource).await)
            });
            let (ours, theirs) = (ours.await, theirs.await);
            world.ours.rows.insert(resource.clone(), ours);
            world.theirs.rows.insert(resource.clone(), theirs);
            if world.links_to_itself(&resource) {
                // One that links to the first.
                world.make(&world.ours, &resource).await;
                world.make(&world.theirs, &resource).await;
            }
        }
        world
    }

    /// A new number, for texts that must differ.
    pub(crate) fn number(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// The operation with this id.
    pub(crate) fn operation(&self, id: &str) -> &Operation {
        let found = self.operations.iter().find(|operation| operation.id == id);
        found.unwrap_or_else(|| panic!("there is no operation {id}: how is it done now?"))
    }

    /// Who makes rows of a resource for a workspace.
    pub(crate) fn maker(&self, home: &Workspace, resource: &str) -> Client {
        if !PLATFORMS.contains(&resource) {
            return home.client.clone();
        }
        // In the workspace that the row is for, if it is for one.
        let mut staff = self.staff.clone();
        staff
            .headers
            .iter_mut()
            .filter(|(name, _)| *name == "x-organization-id")
            .for_each(|(_, id)| *id = home.id.to_string());
        staff
    }

    /// Whether only the server writes the rows of a resource.
    fn reads_only(&self, resource: &str) -> bool {
        let create = format!("{resource}_create");
        !self.operations.iter().any(|operation| operation.id == create)
    }

    /// Every resource, those first that others link to.
    pub(crate) fn resources(&self) -> Vec<String> {
        let mut waiting: Vec<String> = Vec::new();
        for operation in self.operations.iter().filter(|operation| operation.lists()) {
            waiting.push(operation.tag.clone());
        }
        let mut sorted: Vec<String> = Vec::new();
        while !waiting.is_empty() {
            let ready = waiting.iter().position(|resource| {
                let is_there = |other: &&str| sorted.iter().any(|known| known == other);
                if !by_server::needs(resource).iter().all(is_there) {
                    return false;
                }
                let links = self.create(resource).into_iter().flat_map(|template| template.holes);
                links.filter(|hole| !hole.ignored).all(|hole| match hole.thing {
                    Thing::Row(other) => other == *resource || sorted.contains(&other),
                    _ => true,
                })
            });
            let ready = ready.unwrap_or_else(|| {
                panic!("{waiting:?} link to each other, or to what is no resource")
            });
            sorted.push(waiting.remove(ready));
        }
        sorted
    }

    /// The bodies that make a row; none where only the server does.
    fn create(&self, resource: &str) -> Vec<Template> {
        if self.reads_only(resource) {
            return Vec::new();
        }
        template::templates(self.operation(&format!("{resource}_create")))
    }

    /// Whether rows of a resource link to others of it.
    fn links_to_itself(&self, resource: &str) -> bool {
        let is_own = |thing: &Thing| matches!(thing, Thing::Row(other) if other == resource);
        let templates = self.create(resource);
        templates.iter().flat_map(|one| &one.holes).any(|hole| !hole.ignored && is_own(&hole.thing))
    }

    /// The row of a resource that a workspace has, with all that a row can have: the first lead
    /// became the first deal.
    async fn first(&self, home: &Workspace, resource: &str) -> i64 {
        if resource != "opportunities" {
            return self.make(home, resource).await;
        }
        let template = self.create(resource).swap_remove(0);
        let mut deal = self.filled(home, &template, resource).await;
        let deal = deal.as_object_mut().expect("an object");
        // What the lead gives.
        deal.retain(|name, _| !["lead", "contact", "company"].contains(&name.as_str()));
        let convert = format!("/api/leads/{}/convert/", home.live("leads"));
        let lead = home.client.post(&convert, json!({ "opportunity": deal })).await.expect(200);
        lead["converted_opportunity"].as_i64().expect("an id")
    }

    /// A new row of a workspace, with all its fields and links.
    pub(crate) async fn make(&self, home: &Workspace, resource: &str) -> i64 {
        if self.reads_only(resource) {
            return by_server::make(&self.app, home, resource).await;
        }
        let template = self.create(resource).swap_remove(0);
        let body = Box::pin(self.filled(home, &template, resource)).await;
        let path = format!("/api/{resource}/");
        let answer = self.maker(home, resource).post(&path, body).await.expect(201);
        answer["id"].as_i64().expect("an id")
    }

    /// What the row that a workspace has of a resource links to by a field; none where it has no such
    /// field, or nothing in it.
    pub(crate) async fn linked(
        &self,
        home: &Workspace,
        resource: &str,
        field: &str,
    ) -> Option<i64> {
        let path = format!("/api/{resource}/{}/", home.live(resource));
        home.client.get(&path).await.json[field].as_i64()
    }

    /// A new row of a workspace that is deleted again.
    pub(crate) async fn make_deleted(&self, home: &Workspace, resource: &str) -> i64 {
        let id = self.make(home, resource).await;
        if self.reads_only(resource) {
            // What members only read, nobody marks as deleted.
            return id;
        }
        let path = format!("/api/{resource}/{id}/");
        self.maker(home, resource).delete(&path).await.expect(204);
        id
    }

    /// A template's body with words and with links to rows of the workspace; those to rows of the
    /// resource itself are left empty in the first.
    pub(crate) async fn filled(&self, home: &Workspace, template: &Template, own: &str) -> Value {
        let mut body = template.body.clone();
        // What is the platform's, everybody may see.
        let word = if PLATFORMS.contains(&own) { PLATFORMS_WORD } else { home.word };
        template::worded(&mut body, word, self.number());
        // A shipment takes all that is open of an order.
        let goods = if own == "shipments" { Some(by_server::order(home).await) } else { None };
        for hole in template.holes.iter().filter(|hole| !hole.ignored) {
            let id = match (&hole.thing, goods) {
                (Thing::Row(resource), Some((order, _))) if resource == "orders" => json!(order),
                (Thing::Row(resource), Some((_, line))) if resource == "order-lines" => json!(line),
                (thing, _) => self.leads_to(home, thing, own).await,
            };
            template::put(&mut body, &hole.pointer, id);
        }
        body
    }

    /// What a link of a row leads to.
    async fn leads_to(&self, home: &Workspace, thing: &Thing, own: &str) -> Value {
        match thing {
            Thing::Row(resource) if resource == own => {
                json!(home.rows.get(own).map(|(live, _)| live))
            }
            // A member has each role once, a workspace one override of a feature.
            Thing::Row(resource) if ["user-roles", "plan-overrides"].contains(&own) => {
                json!(self.make(home, resource).await)
            }
            Thing::Row(resource) => json!(home.live(resource)),
            Thing::Workspace => json!(home.id),
            Thing::Person => json!(home.person),
            Thing::Token => json!(home.token),
        }
    }
}

/// The server with all ways to sign in.
async fn with_providers(app: TestApp, google: &TestIssuer) -> TestApp {
    let main = json!({ "issuer": browser::provider_url("main"), "client_id": "crm" });
    let providers = json!({ "main": main }).to_string();
    let mut settings = google.settings();
    settings.extend([
        ("CRM_OIDC_PROVIDERS", providers.as_str()),
        ("CRM_OIDC_CLIENT_SECRETS", "main=main secret+/%"),
        ("CRM_PUBLIC_URL", browser::HOME),
    ]);
    TestApp::over(app.stop().await, &settings).await
}

/// Lets the next id of every table be one that stands out.
async fn set_sequences(app: &TestApp) {
    let sql = match app.database.backend {
        Backend::Sqlite => format!(
            "INSERT INTO sqlite_sequence (name, seq)
             SELECT name, 0 FROM sqlite_master
             WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'
               AND name NOT IN (SELECT name FROM sqlite_sequence);
             UPDATE sqlite_sequence SET seq = {THEIR_IDS} + 10000 * rowid;"
        ),
        Backend::Postgres => format!(
            "SELECT setval(c.oid::regclass, {THEIR_IDS} + 10000 * row_number() OVER (ORDER BY c.relname))
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'S' AND n.nspname = 'public'"
        ),
    };
    app.database.execute(&sql).await;
}
