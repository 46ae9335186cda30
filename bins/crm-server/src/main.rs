//! `crm-server`: reads the configuration, opens the application, serves until told to stop.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use crm_server::Server;
use domain_kernel::Error;
use infra_runtime::config::{Config, ConfigArgs, DatabaseUrl};
use infra_runtime::{Application, Database, telemetry};
use tokio::signal::unix::{SignalKind, signal};

/// The SimplyCRM API server.
///
/// Without any configuration it serves http://127.0.0.1:8000 from a SQLite database under ./data.
#[derive(Parser)]
#[command(
    version,
    after_help = "Settings come from flags, CRM_* variables, a TOML file and \
    defaults, in this order; docs/configuration.md lists them. Operators' commands: crm-admin."
)]
struct Cli {
    /// Create a demonstration workspace, unless it exists, and print how to sign in.
    #[arg(long)]
    demo: bool,
    /// Print the effective configuration, secrets hidden, with where each value came from.
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match Config::from_process(&cli.config) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if cli.print_config {
        print!("{}", config.render());
        return ExitCode::SUCCESS;
    }
    if let Err(error) = telemetry::init(&config) {
        eprintln!("{error}");
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve(config, cli.demo)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crm-server cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn serve(config: Config, demo: bool) -> Result<(), Failure> {
    if demo && !config.listen.ip().is_loopback() {
        let problem = "--demo makes accounts with a published password: listen on loopback only";
        return Err(problem.into());
    }
    let mut _alone = None;
    if let DatabaseUrl::Sqlite(path) = &config.database.url {
        _alone = Some(hold(path)?);
        for migration in Database::migrate(&config).await?.ran {
            tracing::info!(migration, "migrated");
        }
    }
    let application = Application::open(&config).await?;
    check(&application.database).await?;
    let database = application.database.name();
    let server = Server::start(application.clone(), config)?;
    let url = format!("http://{}", server.address());
    tracing::info!(url, database, "serving");
    if demo {
        println!("Making the demonstration workspace …");
        let made = demo_data::load(
            &application.accounts,
            &application.sales,
            demo_data::Size::default(),
            &demo_data::Quiet,
        )
        .await?;
        introduce(&made, &url);
    }
    stop_signal().await?;
    tracing::info!("stopping: finishing what is in flight");
    server.stop().await;
    Ok(())
}

/// Makes sure that no other server uses the file: idempotency locks and the one writer are those of
/// a process. The lock ends with the file that is returned.
fn hold(database: &Path) -> Result<File, Failure> {
    let path = database.with_extension("lock");
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = File::options();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let database = database.display();
            Err(format!("another server uses {database}; SQLite serves one at a time").into())
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Refuses to serve from a database that is not as the server needs it.
async fn check(database: &Database) -> Result<(), Failure> {
    let pending = match database.pending_migrations().await {
        Ok(pending) => pending,
        Err(Error::Internal(cause)) if database.ping().await.is_ok() => {
            return Err(format!(
                "the database has not been migrated ({cause}). Run: crm-admin migrate"
            )
            .into());
        }
        Err(other) => return Err(other.into()),
    };
    if !pending.is_empty() {
        let list = pending.join(", ");
        return Err(format!("migrations are missing ({list}). Run: crm-admin migrate").into());
    }
    match database.misuse().await? {
        None => Ok(()),
        Some(problem) if matches!(database, Database::Sqlite(_)) => {
            Err(format!("the database is not set up as it must be: {problem}").into())
        }
        Some(problem) => Err(format!(
            "{problem}: row-level security would not hold. Set CRM_DATABASE_URL to another role \
             (crm-admin migrate makes it) and CRM_DATABASE_OWNER_URL to this one."
        )
        .into()),
    }
}

/// Prints how to sign in to the demonstration workspace.
fn introduce(demo: &demo_data::DemoWorkspace, address: &str) {
    println!("Demonstration workspace: {address}/api/");
    println!("  {} companies, {} contacts", demo.companies, demo.contacts);
    for member in &demo.members {
        println!("  {:<10} {}  password: {}", member.role, member.username, demo.password);
    }
}

/// Waits for SIGTERM or Ctrl-C.
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}
