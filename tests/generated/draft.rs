//! Requests that a workspace could make with success, to be spoilt in one place.

use domain_accounts::{Invite, LinkPurpose, LinkSecret, NO_PASSWORD, OneTimeLink, PersonDraft};
use domain_kernel::OpContext;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use system_tests::browser::{self, Browser};
use system_tests::{Answer, Client};

use crate::document::Operation;
use crate::meaning::{self, Meaning, Thing};
use crate::template::{self, Template};
use crate::world::{self, Workspace, World};

/// A request before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

/// Where in a request something is put.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A parameter of the path.
    Path(String),
    /// A parameter of the query.
    Query(String),
    /// A header.
    Header(String),
    /// A JSON pointer into the body.
    Body(String),
}

/// What a parameter of the path is.
pub(crate) enum InPath {
    /// It leads to something.
    Leads(Thing),
    /// It is the same for every workspace.
    Same(String),
}

impl Draft {
    /// Puts a value into a place.
    pub(crate) fn put(&mut self, place: &Place, value: &str) {
        let set = |list: &mut Vec<(String, String)>, name: &String| {
            list.retain(|(known, _)| known != name);
            list.push((name.clone(), value.to_owned()));
        };
        match place {
            Place::Path(name) => set(&mut self.path, name),
            Place::Query(name) => set(&mut self.query, name),
            Place::Header(name) => set(&mut self.headers, name),
            Place::Body(pointer) => {
                let value = value.parse::<i64>().map_or_else(|_| json!(value), Value::from);
                template::put(self.body.as_mut().expect("a body"), pointer, value);
            }
        }
    }
}

/// What a script of a page of ours sends along, with a token.
pub(crate) fn from_our_page(token: &Value) -> [(String, String); 2] {
    let token = token.as_str().expect("a token").to_owned();
    let origin = ("origin".to_owned(), browser::HOME.to_owned());
    [("x-csrftoken".to_owned(), token), origin]
}

impl World {
    /// A request that a workspace's founder may make, on rows that no other request has touched; one
    /// that only looks does so at the row that is there.
    pub(crate) async fn draft(
        &self,
        home: &Workspace,
        operation: &Operation,
        template: Option<&Template>,
    ) -> Draft {
        let mut path = Vec::new();
        for parameter in operation.parameters_in("path") {
            let deleted = operation.id.ends_with("_restore");
            let value = match self.in_path(operation, &parameter.name, &parameter.schema) {
                InPath::Leads(Thing::Row(resource)) if operation.method == Method::GET => {
                    home.live(&resource).to_string()
                }
                InPath::Leads(thing) => self.fresh(home, &thing, deleted).await.to_string(),
                InPath::Same(text) => text,
            };
            if operation.id == "opportunities_reopen" {
                // Only what has ended is opened again.
                let win = format!("/api/opportunities/{value}/win/");
                home.client.post(&win, json!({})).await.expect(200);
            }
            let first = match operation.id.as_str() {
                "orders_reopen" | "orders_close" => Some("orders/{id}/confirm"),
                "invoices_credit" => Some("invoices/{id}/issue"),
                "shipments_return" => Some("shipments/{id}/ship"),
                _ => None,
            };
            if let Some(first) = first {
                let first = format!("/api/{}/", first.replace("{id}", &value));
                home.client.post(&first, json!({})).await.expect(200);
            }
            path.push((parameter.name.clone(), value));
        }
        let mut body = match template {
            Some(template) => Some(self.filled(home, template, &operation.tag).await),
            None => None,
        };
        for hole in template.iter().flat_map(|template| &template.holes) {
            if let (Thing::Row(resource), false) = (&hole.thing, hole.ignored)
                && *resource == operation.tag
                && hole.pointer.ends_with("/id")
            {
                let id = self.fresh(home, &hole.thing, false).await;
                template::put(body.as_mut().expect("a body"), &hole.pointer, json!(id));
            }
        }
        if let (Some(body), "shipments_update" | "shipments_partial_update") =
            (&mut body, operation.id.as_str())
        {
            // It stays with its order, and what is in it stays.
            let path = format!("/api/shipments/{}/", path[0].1);
            let shipment = home.client.get(&path).await.expect(200);
            body["order"] = shipment["order"].clone();
            body["lines"] = shipment["lines"].clone();
        }
        if let (Some(body), "auth_token_create" | "auth_session_create") =
            (&mut body, operation.id.as_str())
        {
            body["username"] = json!(home.username);
        }
        if let (Some(body), "auth_google") = (&mut body, operation.id.as_str()) {
            body["token"] = json!(self.google.token(self.newcomer(home)));
        }
        if let Some(body) = &mut body {
            match operation.id.as_str() {
                // Nobody has a second factor here; required, it would end all the rest.
                id if id.starts_with("auth_second_factor_") && !id.ends_with("_setup") => {
                    body["code"] = json!("000000");
                }
                // The lead names its contact.
                "leads_convert" => drop(body.as_object_mut().expect("one").remove("contact")),
                "auth_workspace_security_partial_update" => {
                    body["require_second_factor"] = json!(false);
                }
                _ => {}
            }
        }
        let purpose = match operation.id.as_str() {
            "auth_password_reset_confirm" => Some(LinkPurpose::PasswordReset),
            "auth_email_verify_confirm" => Some(LinkPurpose::EmailVerification),
            _ => None,
        };
        if let (Some(body), Some(purpose)) = (&mut body, purpose) {
            body["token"] = json!(self.mailed_link(home, purpose).await);
        }
        if let (Some(body), "organization-invites_accept") = (&mut body, operation.id.as_str()) {
            body["token"] = json!(self.invitation(home).await);
        }
        let mut draft = Draft { path, query: Vec::new(), headers: Vec::new(), body };
        match operation.id.as_str() {
            "auth_oidc_callback" => self.come_back(home, &mut draft).await,
            "auth_session_create" => {
                let mut visitor = Browser::new();
                let granted = visitor.visit(&self.app.stranger(), "/api/auth/csrf/").await;
                draft.headers.extend(from_our_page(&granted.expect(200)["csrfToken"]));
                draft.headers.push(("cookie".to_owned(), visitor.sent()));
            }
            _ => {}
        }
        draft
    }

    /// Somebody whom a provider vouches for the first time.
    fn newcomer(&self, home: &Workspace) -> Value {
        let name = format!("{}-{:06}", home.word, self.number());
        json!({ "sub": name, "email": format!("{name}@example.com"), "email_verified": true })
    }

    /// The secret of a link that was mailed to somebody new.
    async fn mailed_link(&self, home: &Workspace, purpose: LinkPurpose) -> String {
        let name = format!("{}-{:06}", home.word, self.number());
        let email = format!("{name}@example.com");
        let draft = PersonDraft { username: name, email, ..PersonDraft::new() };
        let application = &self.app.application;
        let (now, secret) = (application.clock.now(), LinkSecret::generate(&*application.random));
        let mut work = application.database.accounts().open_write().await.expect("a unit");
        let person = work.insert_person(&draft, NO_PASSWORD, false, now).await.expect("a person");
        let link = OneTimeLink::new(purpose, &person, now);
        work.insert_link(&secret.digest(), &link, now).await.expect("a link");
        work.commit().await.expect("a commit");
        secret.reveal().to_owned()
    }

    /// The secret of an invitation into a workspace that is neither ours nor theirs.
    async fn invitation(&self, home: &Workspace) -> String {
        let name = format!("{}-{:06}", home.word, self.number());
        let application = &self.app.application;
        let made =
            application.accounts.create_organization(&name, None).await.expect("a workspace");
        let ctx = OpContext::system(made.id, home.word);
        let reply = application.accounts.invites.create(&ctx, Invite::default()).await;
        reply.expect("an invitation").json().expect("JSON")["token"]
            .as_str()
            .expect("it")
            .to_owned()
    }

    /// Makes a request one of a browser that was at a provider.
    async fn come_back(&self, home: &Workspace, draft: &mut Draft) {
        let mut browser = Browser::new();
        let back = browser.go(&self.app.stranger(), "main", &self.newcomer(home)).await;
        let back: url::Url = format!("{}{back}", browser::HOME).parse().expect("a URL");
        draft.query.extend(back.query_pairs().into_owned());
        draft.headers.push(("cookie".to_owned(), browser.sent()));
    }

    /// What a parameter of the path is.
    pub(crate) fn in_path(&self, operation: &Operation, name: &str, schema: &Value) -> InPath {
        match meaning::of(operation, name, schema) {
            Meaning::Id(thing) => InPath::Leads(thing),
            Meaning::Plain(Value::String(text)) => InPath::Same(text),
            other => panic!("{}: {{{name}}} in the path is {other:?}", operation.id),
        }
    }

    async fn fresh(&self, home: &Workspace, thing: &Thing, deleted: bool) -> i64 {
        match thing {
            Thing::Row(resource) if deleted => self.make_deleted(home, resource).await,
            Thing::Row(resource) => self.make(home, resource).await,
            Thing::Workspace => home.id,
            Thing::Person => home.person,
            Thing::Token => {
                let another = self.app.sign_in(&home.username, system_tests::PASSWORD).await;
                world::current_token(&another).await
            }
        }
    }

    /// Sends a request as somebody.
    pub(crate) async fn send(
        &self,
        client: &Client,
        operation: &Operation,
        draft: &Draft,
    ) -> Answer {
        let mut path = operation.path.clone();
        for (name, value) in &draft.path {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let mut request = client.request(operation.method.clone(), &path).query(&draft.query);
        for (name, value) in &draft.headers {
            request = request.header(name, value);
        }
        request = match &draft.body {
            Some(body) if operation.in_parts => request.multipart(form(operation, body)),
            Some(body) => request.json(body),
            None => request,
        };
        client.send(request).await
    }

    /// The client to send an operation with: a spare one where it ends what it came with.
    pub(crate) async fn client_for(&self, home: &Workspace, operation: &Operation) -> Client {
        match operation.id.as_str() {
            "auth_token_revoke" | "auth_session_destroy" => {
                self.app.sign_in(&home.username, system_tests::PASSWORD).await
            }
            _ => home.client.clone(),
        }
    }
}

/// A body of texts as a form.
fn form(operation: &Operation, body: &Value) -> Form {
    let fields = body.as_object().expect("an object").clone();
    fields.into_iter().fold(Form::new(), |form, (name, value)| {
        let text = value.as_str().expect("a text").to_owned();
        match operation.is_file(&name) {
            true => form.part(name, Part::text(text).file_name(meaning::FILE_NAME)),
            false => form.text(name, text),
        }
    })
}
