//! A server under test.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use crm_server::Server;
use domain_accounts::{NewMember, PersonDraft};
use domain_kernel::Clock;
use domain_kernel::policy::Role;
use infra_runtime::{Application, Database, OsRandom, SystemClock};
use serde_json::json;

use crate::{Backend, Client, PASSWORD, Statements, TestDatabase};

/// A real server on a fresh database.
pub struct TestApp {
    /// The database.
    pub database: TestDatabase,
    /// Every statement that the server sends.
    pub statements: Statements,
    /// The use cases, as `crm-admin` reaches them.
    pub application: Application,
    /// Where the server listens: `http://127.0.0.1:…`.
    pub address: String,
    server: Server,
}

impl TestApp {
    /// Starts a server with the default configuration.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[]).await
    }

    /// Starts a server with more settings.
    pub async fn start_with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        Self::over(TestDatabase::create(backend).await, settings).await
    }

    /// Starts a server on a database.
    pub async fn over(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        let config = database.config(settings);
        let (statements, clock) = (Statements::default(), Arc::new(SystemClock) as Arc<dyn Clock>);
        let opened =
            Database::open_observed(&config, clock.clone(), Some(statements.observer())).await;
        let application =
            Application::over(opened.expect("opens"), &config, clock, Arc::new(OsRandom));
        let application = application.expect("composes");
        let server = Server::start(application.clone(), config).expect("the server starts");
        let address = format!("http://{}", server.address());
        Self { database, statements, application, address, server }
    }

    /// A client that is not signed in.
    pub fn stranger(&self) -> Client {
        Client::new(&self.address, None)
    }

    /// Registers a person with a workspace of their own.
    pub async fn register(&self, name: &str) -> Client {
        let answer = self
            .stranger()
            .post(
                "/api/auth/register/",
                json!({"email": format!("{name}@example.com"), "password": PASSWORD}),
            )
            .await
            .expect(201);
        let token = answer["access"].as_str().expect("a token").to_owned();
        Client::new(&self.address, Some(token))
    }

    /// Registers a person with a workspace that has every feature.
    pub async fn register_enterprise(&self, name: &str) -> Client {
        let client = self.register(name).await;
        let profile = client.get("/api/auth/profile/").await.expect(200);
        let slug = profile["organization"]["slug"].as_str().expect("a slug");
        self.application.accounts.set_plan(slug, "enterprise").await.expect("a plan");
        // What is remembered of the first token is some seconds old.
        self.sign_in(&format!("{name}@example.com"), PASSWORD).await
    }

    /// Makes a member of somebody's workspace and signs them in.
    pub async fn member(&self, admin: &Client, name: &str, roles: &[Role]) -> Client {
        let profile = admin.get("/api/auth/profile/").await.expect(200);
        let slug = profile["organization"]["slug"].as_str().expect("a slug").to_owned();
        let person = PersonDraft { username: name.to_owned(), ..PersonDraft::new() };
        let person = PersonDraft { email: format!("{name}@example.com"), ..person };
        let (password, roles) = (PASSWORD.to_owned(), roles.to_vec());
        let new = NewMember { person, password, organization: slug, roles };
        self.application.accounts.create_member(new).await.expect("a new member");
        self.sign_in(name, PASSWORD).await
    }

    /// Makes somebody of the platform's staff, who acts in a workspace.
    pub async fn staff(&self, organization: i64) -> Client {
        let person = PersonDraft { username: "staff".to_owned(), ..PersonDraft::new() };
        let person = PersonDraft { email: "staff@example.com".to_owned(), ..person };
        self.application.accounts.create_superuser(person, PASSWORD).await.expect("staff");
        let mut client = self.sign_in("staff", PASSWORD).await;
        client.headers.push(("x-organization-id", organization.to_string()));
        client
    }

    /// Signs in.
    pub async fn sign_in(&self, username: &str, password: &str) -> Client {
        let credentials = json!({"username": username, "password": password});
        let answer = self.stranger().post("/api/auth/token/", credentials).await.expect(200);
        Client::new(&self.address, answer["access"].as_str().map(str::to_owned))
    }

    /// Sends bytes as they are, and reads what comes until the server ends the connection or
    /// says nothing more.
    pub async fn raw(&self, request: impl Into<Vec<u8>>) -> String {
        let (address, request) = (self.address.clone(), request.into());
        let exchange = move || {
            let mut stream = TcpStream::connect(address.trim_start_matches("http://"))?;
            stream.set_read_timeout(Some(Duration::from_millis(500)))?;
            // The server may hang up on a long request before it has all of it.
            let _sent = stream.write_all(&request).and_then(|()| stream.shutdown(Shutdown::Write));
            let mut answer = Vec::new();
            let _ended = stream.read_to_end(&mut answer);
            std::io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
        };
        tokio::task::spawn_blocking(exchange).await.expect("no panic").expect("a connection")
    }

    /// Starts another server on the same database and gives its address.
    pub async fn second_server(&self) -> (Server, String) {
        self.second_server_with(&[]).await
    }

    /// The same, with more settings.
    pub async fn second_server_with(&self, settings: &[(&str, &str)]) -> (Server, String) {
        let config = self.database.config(settings);
        let clock = Arc::new(SystemClock) as Arc<dyn Clock>;
        let database = Database::open(&config, clock.clone()).await.expect("opens");
        let application = Application::over(database, &config, clock, Arc::new(OsRandom));
        let application = application.expect("composes");
        let server = Server::start(application, config).expect("the server starts");
        let address = format!("http://{}", server.address());
        (server, address)
    }

    /// Stops the server as SIGTERM does; the database stays.
    pub async fn stop(self) -> TestDatabase {
        self.server.stop().await;
        self.database
    }
}
