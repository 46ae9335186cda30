//! The program: reads the configuration, opens the application, serves or works until told to
//! stop.

mod checks;
mod demonstration;

use std::pin::pin;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use domain_integrations::import::SheetFormat;
use infra_runtime::config::{Config, ConfigArgs, DatabaseUrl};
use infra_runtime::{Application, Database, telemetry};
use tokio::signal::unix::{SignalKind, signal};

use self::checks::{check, hold};
use self::demonstration::demonstrate;
use crate::{JobWorker, Server};

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
    /// Create a demonstration workspace with two years of business, unless it exists, and print how
    /// to sign in. It fills while the server serves.
    #[arg(long)]
    demo: bool,
    /// Print the effective configuration, secrets hidden, with where each value came from.
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Do background jobs and serve nothing
    ///
    /// As many workers as wanted share the jobs of one PostgreSQL database, on any machines; set
    /// jobs_in_server to 0 where the servers should do none. On SQLite the server does its jobs
    /// itself.
    Worker,
    /// Read a spreadsheet from the standard input and write its rows; the server calls it
    #[command(name = infra_runtime::READ_SHEET, hide = true)]
    ReadSheet {
        /// `csv` or `xlsx`.
        #[arg(value_parser = sheet_format)]
        format: SheetFormat,
    },
}

fn sheet_format(extension: &str) -> Result<SheetFormat, String> {
    let known = SheetFormat::ALL.into_iter().find(|format| format.extension() == extension);
    known.ok_or_else(|| "there is no such form of spreadsheet".to_owned())
}

/// What a test program does to the application before it is used: it adds kinds of jobs of its own.
pub type Prepare = fn(&mut Application);

/// Runs the program.
pub fn main(prepare: Prepare) -> ExitCode {
    let cli = Cli::parse();
    // First of all: what reads a stranger's file knows no setting and opens nothing.
    if let Some(Command::ReadSheet { format }) = cli.command {
        return infra_runtime::read_sheet(format);
    }
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
    let outcome = match cli.command {
        None => runtime.block_on(serve(config, cli.demo, prepare)),
        Some(Command::Worker) => runtime.block_on(work(config, prepare)),
        Some(Command::ReadSheet { .. }) => Ok(()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crm-server cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn serve(config: Config, demo: bool, prepare: Prepare) -> Result<(), Failure> {
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
    let mut application = Application::open(&config).await?;
    prepare(&mut application);
    check(&application.database).await?;
    let database = application.database.name();
    let server = Server::start(application.clone(), config)?;
    let url = format!("http://{}", server.address());
    tracing::info!(url, database, "serving");
    let mut stop = pin!(stop_signal());
    // What is being made when the signal comes is left as it is.
    let made = async {
        if demo {
            demonstrate(&application, &url).await;
        }
    };
    tokio::select! {
        stopped = &mut stop => stopped?,
        () = made => stop.await?,
    }
    tracing::info!("stopping: finishing what is in flight");
    server.stop().await;
    Ok(())
}

/// Works until told to stop.
async fn work(config: Config, prepare: Prepare) -> Result<(), Failure> {
    if let DatabaseUrl::Sqlite(_) = &config.database.url {
        let problem = "SQLite is used by one process, and its server does the jobs: start \
            crm-server alone, with jobs_in_server above 0";
        return Err(problem.into());
    }
    let mut application = Application::open(&config).await?;
    prepare(&mut application);
    check(&application.database).await?;
    let worker = JobWorker::alone(&application, &config)?;
    tracing::info!(jobs = config.jobs.in_worker, "working");
    stop_signal().await?;
    tracing::info!("stopping: finishing the running jobs");
    worker.stop().await;
    Ok(())
}

/// Waits for SIGTERM or Ctrl-C.
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}
