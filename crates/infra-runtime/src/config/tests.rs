use std::fs;
use std::path::PathBuf;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

/// A load that reads like a sentence: file, environment, flags.
struct Given {
    directory: TempDir,
    env: Vec<(String, String)>,
    args: ConfigArgs,
}

fn given() -> Given {
    let directory = tempfile::tempdir().expect("a directory");
    Given { directory, env: Vec::new(), args: ConfigArgs::default() }
}

impl Given {
    fn file(self, text: &str) -> Self {
        fs::write(self.directory.path().join("simplycrm.toml"), text).expect("a file");
        self
    }
    fn env(mut self, name: &str, text: &str) -> Self {
        self.env.push((name.to_owned(), text.to_owned()));
        self
    }
    fn set(mut self, pair: &str) -> Self {
        self.args.set.push(pair.to_owned());
        self
    }
    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.args, self.env.iter().cloned(), self.directory.path())
    }
    fn accepted(&self) -> Config {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }
    fn refused(&self) -> String {
        self.load().expect_err("this must be refused").to_string()
    }
}

/// Asserts that each needle is in the text.
fn says(text: &str, needles: &[&str]) {
    for needle in needles {
        assert!(text.contains(needle), "no {needle:?} in:\n{text}");
    }
}

#[test]
fn defaults_follow_each_other() {
    let config = given().accepted();
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8000");
    assert!(matches!(&config.database.url, DatabaseUrl::Sqlite(path)
        if path == &PathBuf::from("./data/simplycrm.db")));
    assert!(config.debug && !config.https.redirect && config.https.hsts_seconds == 0);

    let config = given().set("public_url=https://crm.example.com").set("data_dir=/d").accepted();
    assert!(!config.debug && config.https.redirect && config.https.hsts_preload);
    assert_eq!(config.https.hsts_seconds, 31_536_000);
    says(&config.render(), &["database_url = \"sqlite:/d/simplycrm.db\" # default"]);
    assert!(!given().set("listen=0.0.0.0:80").accepted().debug);
}

#[test]
fn higher_layers_win() {
    let mut world = given().file("workers = 1\n\ndebug = true\n");
    let seen = |world: &Given, debug, source: Source| {
        let config = world.accepted();
        assert_eq!((config.debug, config.source("debug")), (debug, Some(&source)));
        assert_eq!(config.workers, 1);
    };
    seen(&world, true, Source::File { path: "simplycrm.toml".into(), line: 3 });
    world = world.env("DJANGO_DEBUG", "False");
    seen(&world, false, Source::Env("DJANGO_DEBUG".to_owned()));
    world = world.env("CRM_DEBUG", "yes");
    seen(&world, true, Source::Env("CRM_DEBUG".to_owned()));
    world = world.set("debug=off");
    seen(&world, false, Source::Flag("--set"));

    world = world.set("listen=127.0.0.1:1");
    world.args.listen = Some("127.0.0.1:2".to_owned());
    let config = world.accepted();
    assert_eq!(
        (config.listen.port(), config.source("listen")),
        (2, Some(&Source::Flag("--listen")))
    );
}

#[test]
fn the_file_may_be_named() {
    let mut world = given().env("CRM_CONFIG", "other.toml").file("workers = 1");
    says(&world.refused(), &["config (environment CRM_CONFIG): cannot read other.toml"]);
    fs::write(world.directory.path().join("other.toml"), "workers = 2").expect("a file");
    assert_eq!(world.accepted().workers, 2);
    world.args.config = Some("simplycrm.toml".into());
    assert_eq!(world.accepted().workers, 1);
}

#[test]
fn old_names_are_understood() {
    let config = given()
        .env("DJANGO_ALLOWED_HOSTS", ".example.com, localhost")
        .env("DJANGO_REST_ANON_RATE", "7/h")
        .env("DDOS_SHIELD_WINDOW_SECONDS", "11")
        .env("DJANGO_LOGIN_ATTEMPT_WINDOW", "12")
        .env("GOOGLE_OAUTH_CLIENT_IDS", "")
        .env("GOOGLE_OAUTH_CLIENT_ID", "one")
        .env("CELERY_BROKER_URL", "redis://:pw@cache:6379/0")
        .env("DJANGO_SECRET_KEY", "ignored")
        .accepted();
    assert_eq!(config.allowed_hosts.len(), 2);
    assert_eq!(config.rates.anon, Some(Rate { count: 7, period: Duration::from_secs(3600) }));
    assert_eq!(config.burst.window.as_secs(), 11);
    assert_eq!(config.login.attempt_window.as_secs(), 12);
    assert_eq!(config.google.client_ids, ["one"]);
    let redis = config.redis_url.as_ref().map(|url| url.0.expose());
    assert_eq!(redis, Some("redis://:pw@cache:6379/0"));

    let refusal = given().env("CELERY_BROKER_URL", "amqp://u:hunter2@rabbit").refused();
    says(&refusal, &["redis_url (environment CELERY_BROKER_URL): must be a redis://"]);
    assert!(!refusal.contains("hunter2"));
}

#[test]
fn all_problems_are_shown_at_once() {
    let error = given()
        .file("listne = 1\nworkers = -1\nlisten = ['a', 'b']\n[table]\n")
        .env("CRM_DATABSE_URL", "x")
        .env("CRM_LOGIN_RATE", "ten a minute")
        .env("CRM_PORT", "tcp://10.0.0.1:80")
        .env("CRM_PORT_80_TCP_ADDR", "10.0.0.1")
        .set("log-level=info")
        .set("quite-something-else=1")
        .set("database_connections")
        .set("database_connections=501")
        .set("log_level=inffo")
        .set("public_url=crm.example.com/app")
        .load()
        .expect_err("nothing here is right");
    assert_eq!(error.problems.len(), 12);
    says(
        &error.to_string(),
        &[
            "12 problems:",
            "listne (simplycrm.toml:1): unknown key; did you mean listen?",
            "workers (simplycrm.toml:2): must be a whole number from 0 to 1024, not \"-1\"",
            "listen (simplycrm.toml:3): must be a single plain value",
            "table (simplycrm.toml:4): unknown key",
            "CRM_DATABSE_URL (environment CRM_DATABSE_URL): unknown environment variable; did you \
             mean CRM_DATABASE_URL?",
            "login_rate (environment CRM_LOGIN_RATE): must be COUNT/PERIOD such as 10/min",
            "log-level (flag --set): unknown key; did you mean log_level?",
            "quite-something-else (flag --set): unknown key\n",
            "--set (flag --set): must be KEY=VALUE",
            "database_connections (flag --set): must be a whole number from 1 to 500, not \"501\"",
            "log_level (flag --set): must be a level",
            "public_url (flag --set): must be a URL",
        ],
    );
}

#[test]
fn nonsense_is_refused() {
    for pair in [
        "listen=127.0.0.1:99999",
        "listen=",
        "database_url=mysql://u@h/d",
        "database_url=postgres://h/d",
        "database_url=postgres://u@h",
        "database_url=sqlite::memory:",
        "database_url=sqlite:x.db?mode=ro",
        "database_owner_url=sqlite:x.db",
        "debug=maybe",
        "request_timeout_seconds=0",
        "request_timeout_seconds=1.5",
        "trusted_proxies=10.0.0.0/33",
        "allowed_hosts=https://example.com",
        "allowed_hosts=*.example.com",
        "cors_allowed_origins=*",
        "csrf_trusted_origins=https://a.*.example.com",
        "csrf_cookie_samesite=Maybe",
        "log_format=xml",
        "user_rate=10/month",
        "user_rate=0/min",
        "openai_api_key=***",
    ] {
        let (key, _) = pair.split_once('=').expect("a pair");
        says(&given().set(pair).refused(), &["has a problem:\n  ", key, "(flag --set)"]);
    }
}

#[test]
fn rates_are_read_as_before() {
    let rate = |text: &str| given().set(&format!("user_rate={text}")).accepted().rates.user;
    let seconds = |text| rate(text).map(|rate| (rate.count, rate.period.as_secs()));
    assert_eq!(seconds("3/s"), Some((3, 1)));
    assert_eq!(seconds("120/minute"), Some((120, 60)));
    assert_eq!(seconds(" 5/Hour "), Some((5, 3600)));
    assert_eq!(seconds("9/day"), Some((9, 86_400)));
    assert_eq!((seconds(""), seconds("None")), (None, None));
}

#[test]
fn hosts_match_as_in_django() {
    let hosts = |list: &str| given().set(&format!("allowed_hosts={list}")).accepted();
    let config = hosts("crm.test,.Example.com,[::1]");
    for host in ["CRM.test:8000", "crm.test.", "example.com", "a.b.example.com:1", "[::1]:8000"] {
        assert!(config.allows_host(host), "{host}");
    }
    for host in ["", "crm.test.evil", "a.crm.test", "badexample.com", "[::2]", "crm.test:evil"] {
        assert!(!config.allows_host(host), "{host}");
    }
    assert!(hosts("").allows_host("any") && hosts("*").allows_host("any"));
}

#[test]
fn origins_and_networks_match() {
    let config = given()
        .set("csrf_trusted_origins=https://one.test:443/,https://*.example.com")
        .set("trusted_proxies=10.0.0.0/8,::1")
        .accepted();
    let trusted = |origin: &str| config.csrf.trusted_origins.iter().any(|one| one.matches(origin));
    assert!(trusted("https://one.test") && trusted("https://a.example.com"));
    for origin in ["http://one.test", "http://a.example.com", "https://x/.example.com", "null"] {
        assert!(!trusted(origin), "{origin}");
    }
    let proxy = |address: &str| {
        let address = address.parse().expect("an address");
        config.trusted_proxies.iter().any(|network| network.contains(address))
    };
    assert!(proxy("10.1.2.3") && proxy("::ffff:10.1.2.3") && proxy("::1") && !proxy("11.0.0.1"));
}

#[test]
fn secrets_are_never_shown() {
    let mut world = given()
        .env("CRM_DATABASE_URL", "postgres://crm:hunter2@db:5432/crm?sslmode=require")
        .env("CRM_DATABASE_OWNER_URL", "postgresql://owner@db/crm?password=hunter2")
        .env("CRM_REDIS_URL", "rediss://:hunter2@cache")
        .env("OPENAI_API_KEY", "sk-hunter2");
    world.args.log_level = Some("info".to_owned());
    let config = world.accepted();
    let text = format!("{}{config:?}", config.render());
    assert!(!text.contains("hunter2"), "{text}");
    says(
        &text,
        &[
            "database_url = \"postgres://crm:***@db:5432/crm?sslmode=require\"",
            "database_owner_url = \"postgresql://owner@db/crm?***\"",
            "redis_url = \"rediss://:***@cache\"",
            "openai_api_key = \"***\" # environment OPENAI_API_KEY",
        ],
    );
    assert_eq!(config.openai_api_key.as_ref().map(|key| key.expose_secret()), Some("sk-hunter2"));

    // What was printed starts no server with `***` for a password.
    let refusal = given().file(&config.render()).refused();
    says(&refusal, &["4 problems", "database_url (simplycrm.toml:", "is hidden (***) here"]);

    // Nor is it when something is wrong.
    let world = given().file("redis_url = \"redis://:hunter2@cache\nworkers = 1\n");
    says(&world.refused(), &["config (simplycrm.toml:1): is not TOML"]);
    let unquoted = given().file("openai_api_key = sk-hunter2 and = hunter2\n").refused();
    let misplaced = given().set("public_url=https://u:hunter2@host");
    let flags = format!("{:?}", misplaced.args);
    for text in [world.refused(), unquoted, misplaced.refused(), flags] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn printed_configuration_loads_again() {
    let config = given()
        .set("listen=[::1]:0")
        .set("allowed_hosts=.example.com,crm.test")
        .set("trusted_proxies=10.0.0.0/8,::1")
        .set("user_rate=none")
        .set("data_dir=/it's \"quoted\" # here")
        .set("database_url=postgres://crm@db/crm")
        .set("csrf_cookie_samesite=none")
        .set("workers=007")
        .accepted();
    let text = config.render();
    let values = |text: &str| toml::from_str::<toml::Table>(text).expect("TOML");
    let again = given().file(&text).accepted();
    assert_eq!(values(&again.render()), values(&text));
    says(&text, &["workers = 7 # flag --set", "user_rate = \"off\"", "# redis_url is not set"]);
    says(&again.render(), &["workers = 7 # simplycrm.toml:5"]);
}

/// Two providers in a file, the second with all that can be said.
const PROVIDERS: &str = r#"
oidc_client_secrets = ["entra=hunter2~x.y"]

[oidc_providers.keycloak]
issuer = "https://id.example.com/realms/crm"
client_id = "crm"

[oidc_providers.entra]
issuer = "https://login.microsoftonline.com/0000/v2.0"
client_id = "1111"
label = "Acme"
scopes = ["email", "profile", "groups"]
domains = ["acme.example"]
trust_email = true
organization = "acme"
groups_claim = "roles"
roles = { "CRM Admins" = "admin", Sales = "manager" }
sso_only = true
"#;

#[test]
fn providers_are_tables_and_in_the_environment_json() {
    let config = given().file(PROVIDERS).accepted();
    let tables = &config.oidc.providers.0;
    let keycloak = &tables["keycloak"];
    assert_eq!(keycloak.scopes, ["email", "profile"]);
    assert!(!keycloak.trust_email && !keycloak.sso_only && keycloak.organization.is_none());
    let entra = &tables["entra"];
    assert_eq!(entra.roles["CRM Admins"], domain_kernel::policy::Role::Admin);
    assert_eq!(
        (entra.groups_claim.as_str(), entra.domains.as_slice()),
        ("roles", &["acme.example".to_owned()][..])
    );
    let secret = &config.oidc.client_secrets[0];
    assert_eq!((secret.name.as_str(), secret.secret.expose_secret()), ("entra", "hunter2~x.y"));

    // What is printed is the same again, but for the secret.
    let shown = config.render();
    assert!(!format!("{shown}{config:?}").contains("hunter2"), "{shown}");
    says(&shown, &["oidc_client_secrets = [\"entra=***\"]"]);
    says(&given().file(&shown).refused(), &["oidc_client_secrets", "is hidden (***) here"]);
    let again = given().file(&shown.replace("entra=***", "entra=x")).accepted();
    assert_eq!(again.oidc.providers, config.oidc.providers);

    let json =
        r#"{"keycloak": {"issuer": "https://id.example.com/realms/crm", "client_id": "crm"}}"#;
    let from_env = given().env("CRM_OIDC_PROVIDERS", json).accepted();
    assert_eq!(&from_env.oidc.providers.0["keycloak"], keycloak);
    assert!(given().accepted().oidc.providers.0.is_empty());
}

#[test]
fn a_provider_that_makes_no_sense_is_refused_by_name() {
    let table = |more: &str| {
        let text = format!("[oidc_providers.main]\nclient_id = \"crm\"\n{more}");
        given().file(&text).set("public_url=https://crm.example.com").refused()
    };
    let issuer = "issuer = \"https://id.example\"\n";
    for (more, problem) in [
        ("", "missing field `issuer`"),
        ("issuer = \"id.example\"", "main: issuer must be"),
        ("issuer = \"http://id.example\"", "main: issuer must be https:// except on loopback"),
        (&format!("{issuer}sso_only = true"), "need an organization"),
        (&format!("{issuer}roles = {{ a = \"admin\" }}"), "need an organization"),
        (
            &format!("{issuer}organization = \"a\"\nroles = {{ a = \"boss\" }}"),
            "unknown variant `boss`",
        ),
        (&format!("{issuer}organization = \"platform\""), "the platform's own"),
        (&format!("{issuer}client_secret = \"hunter2\""), "unknown field `client_secret`"),
    ] {
        let refusal = table(more);
        says(&refusal, &["oidc_providers (simplycrm.toml:1)", problem]);
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
    for name in ["google", "Main", "a/b", ""] {
        let json =
            format!("{{\"{name}\": {{\"issuer\": \"https://id.example\", \"client_id\": \"c\"}}}}");
        says(
            &given().env("CRM_OIDC_PROVIDERS", &json).refused(),
            &["oidc_providers", "lower-case letters"],
        );
    }
    let refusal = given().set("oidc_client_secrets=main=hunter2").refused();
    says(&refusal, &["oidc_client_secrets (flag --set): there is no provider main"]);
    let refusal = given().set("oidc_client_secrets=hunter2").refused();
    says(&refusal, &["must be a list, each of it NAME=SECRET"]);
    assert!(!refusal.contains("hunter2"), "{refusal}");
    let refusal = given().set("google_issuer=http://id.example").set("debug=false").refused();
    says(&refusal, &["google_issuer (flag --set): must be https://"]);
    given().set("google_issuer=http://127.0.0.1:9").set("debug=false").accepted();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of this test, not a setting")]
fn reference_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, reference_markdown()).expect("docs can be written");
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    assert!(stored == reference_markdown(), "docs/configuration.md is stale: see its first lines");
}

#[test]
fn mail_needs_no_setting_and_its_password_is_hidden() {
    let config = given().accepted();
    assert!(config.mail.smtp_url.is_none());
    assert_eq!(config.mail.from.0.to_string(), "SimplyCRM <no-reply@localhost>");
    let world = given()
        .set("public_url=https://crm.example.com")
        .env("CRM_SMTP_URL", "smtp://crm:hunter2@mail.example:2525");
    let config = world.accepted();
    assert_eq!(config.mail.from.0.to_string(), "SimplyCRM <no-reply@crm.example.com>");
    says(&config.render(), &["smtp_url = \"smtp://crm:***@mail.example:2525\""]);
    assert!(!config.render().contains("hunter2") && !format!("{config:?}").contains("hunter2"));
    let refused = given().env("CRM_SMTP_URL", "smtp://crm:hunter2@mail.example?tls=none").refused();
    says(&refused, &["smtp_url (environment CRM_SMTP_URL): must be smtp://USER"]);
    assert!(!refused.contains("hunter2"), "{refused}");
    says(
        &given().set("mail_from=nobody").refused(),
        &["mail_from (flag --set): must be an address"],
    );
}
