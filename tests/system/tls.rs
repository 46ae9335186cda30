//! Connections to PostgreSQL over TLS: encrypted, and only to a server that proves who it is.

use std::path::Path;
use std::sync::Arc;

use infra_runtime::{Database, SystemClock};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use system_tests::{Backend, TestDatabase};

/// A certificate authority of our own.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    CertifiedIssuer::self_signed(parameters, key).unwrap()
}

/// Gives the cluster a certificate of the authority and turns TLS on.
///
/// The server writes the files itself, so that they belong to it.
async fn turn_on(database: &TestDatabase, authority: &CertifiedIssuer<'static, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = parameters.signed_by(&key, authority).unwrap();
    for (file, pem) in [("test.key", key.serialize_pem()), ("test.crt", certificate.pem())] {
        let rows: Vec<String> =
            pem.lines().enumerate().map(|(number, line)| format!("({number}, '{line}')")).collect();
        let sql = format!(
            "COPY (SELECT line FROM (VALUES {}) AS t (number, line) ORDER BY number)
             TO PROGRAM 'umask 077; cat > {file}'",
            rows.join(", ")
        );
        database.execute(&sql).await;
    }
    database.execute("ALTER SYSTEM SET ssl_key_file = 'test.key'").await;
    database.execute("ALTER SYSTEM SET ssl_cert_file = 'test.crt'").await;
    database.execute("ALTER SYSTEM SET ssl = on").await;
    database.execute("SELECT pg_reload_conf()").await;
    for _ in 0..100 {
        if database.query("SELECT current_setting('ssl') AS ssl").await[0]["ssl"] == "on" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("TLS is not on");
}

/// Asks the database for an answer over TLS, with a file of roots or without.
async fn ping(database: &TestDatabase, roots: Option<&Path>) -> Result<(), String> {
    let config = database.config(&[]);
    let url = match &config.database.url {
        infra_runtime::config::DatabaseUrl::Postgres(url) => url.0.expose().to_owned(),
        infra_runtime::config::DatabaseUrl::Sqlite(_) => unreachable!("asked for PostgreSQL"),
    };
    let url = url.replace("sslmode=disable", "sslmode=require");
    let mut settings = vec![("CRM_DATABASE_URL", url.as_str())];
    let roots = roots.map(|path| path.display().to_string());
    settings.extend(roots.as_deref().map(|path| ("CRM_DATABASE_CA_FILE", path)));
    let config = database.config(&settings);
    let store = Database::open(&config, Arc::new(SystemClock)).await.map_err(|e| e.to_string())?;
    store.ping().await.map_err(|error| error.to_string())?;
    let sql = "SELECT count(*) AS n FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
               WHERE ssl AND datname = current_database() AND usename = 'crm_test_app'";
    assert_eq!(database.query(sql).await[0]["n"], 1, "the connection is encrypted");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_reached_over_tls_and_must_prove_who_it_is() {
    let database = TestDatabase::create(Backend::Postgres).await;
    let (ours, other) = (authority(), authority());
    let files = tempfile::tempdir().unwrap();
    let (right, wrong) = (files.path().join("right.pem"), files.path().join("wrong.pem"));
    std::fs::write(&right, ours.pem()).unwrap();
    std::fs::write(&wrong, other.pem()).unwrap();
    turn_on(&database, &ours).await;
    let results = [
        ping(&database, Some(&right)).await,
        ping(&database, Some(&wrong)).await,
        ping(&database, None).await,
    ];
    database.execute("ALTER SYSTEM RESET ssl").await;
    database.execute("SELECT pg_reload_conf()").await;
    let [trusted, wrong, public] = results;
    trusted.expect("a certificate of the given authority is accepted");
    for refused in [wrong, public] {
        let message = refused.expect_err("another authority's certificate is refused");
        assert!(message.contains("certificate"), "{message}");
    }
}
