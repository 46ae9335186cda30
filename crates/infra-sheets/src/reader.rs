//! The process that asks: it starts the one that reads and believes nothing of what comes.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use domain_integrations::import::{
    MAX_ROWS, SheetFormat, SheetReader, SheetRow, TakeRow, Unreadable,
};
use domain_kernel::{Error, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::COMMAND;
use crate::line::Line;

/// How many read at a time: each may take as much memory as a process of its own is allowed.
const AT_A_TIME: usize = 2;
/// How long one waits for that.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a file may take. The process itself has a limit to its processor's time; this is for one
/// that waits.
const TIME: Duration = Duration::from_secs(60);
/// Most bytes that the rows of a file may have.
const MAX_OUTPUT: u64 = 64 * 1024 * 1024;

/// Reads spreadsheets in processes of their own.
pub struct ChildReader {
    program: PathBuf,
    turns: Semaphore,
}

impl ChildReader {
    /// A reader that starts a program, which calls [`serve`](crate::serve) when its first argument is
    /// [`COMMAND`].
    pub fn new(program: PathBuf) -> Self {
        Self { program, turns: Semaphore::new(AT_A_TIME) }
    }

    /// Starts the program. It gets nothing of this one's: no setting, no secret, no folder.
    fn start(&self, format: SheetFormat) -> std::io::Result<Child> {
        Command::new(&self.program)
            .args([COMMAND, format.extension()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

#[async_trait]
impl SheetReader for ChildReader {
    async fn read(&self, format: SheetFormat, file: Vec<u8>, take: TakeRow<'_>) -> Result<()> {
        let Ok(turn) = timeout(PATIENCE, self.turns.acquire()).await else {
            return Err(Error::Busy);
        };
        let _turn = turn.map_err(Error::internal)?;
        let mut child = self.start(format).map_err(Error::internal)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::internal("a process without the pipes that it was started with"));
        };
        let exchange = async { tokio::join!(give(input, file), hand_over(output, take)).1 };
        let outcome = timeout(TIME, exchange).await;
        // It has said all that it has to say, or more than it may.
        child.kill().await.map_err(Error::internal)?;
        outcome.unwrap_or_else(|_| Err(Unreadable::Damaged.into()))
    }
}

/// Hands the file over; a process that does not take it is heard all the same.
async fn give(mut input: ChildStdin, file: Vec<u8>) {
    if let Err(error) = input.write_all(&file).await {
        tracing::debug!(%error, "a file was not taken");
    }
}

/// Hands over the rows that are told.
async fn hand_over(output: ChildStdout, take: TakeRow<'_>) -> Result<()> {
    let mut output = BufReader::new(output.take(MAX_OUTPUT));
    let (mut count, mut line) = (0, Vec::new());
    loop {
        line.clear();
        output.read_until(b'\n', &mut line).await.map_err(Error::internal)?;
        match serde_json::from_slice(&line) {
            Ok(Line::Row(number, cells)) if count <= MAX_ROWS => {
                take(SheetRow { number, cells })?;
                count += 1;
            }
            Ok(Line::End) => return Ok(()),
            Ok(Line::TooManyRows | Line::Row(..)) => return Err(Unreadable::TooManyRows.into()),
            // It broke off.
            Err(_) if output.get_ref().limit() == 0 => return Err(Unreadable::TooLong.into()),
            Err(_) => return Err(Unreadable::Damaged.into()),
        }
    }
}
