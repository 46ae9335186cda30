//! The process that reads: it confines itself, reads what it is given, tells the rows, and ends.

use std::io::{BufWriter, Read as _, Write as _};
use std::process::ExitCode;

use domain_integrations::import::{SheetFormat, SheetRow};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::line::{Line, Rows, Stopped};
use crate::{text, workbook};

/// The name of the command that a program has for [`serve`]; the form of the file is its argument.
pub const COMMAND: &str = "read-sheet";

/// What the process may use at most: twenty times the largest file, and time for it.
const MEMORY: u64 = 512 * 1024 * 1024;
const SECONDS: u64 = 30;

/// Reads a spreadsheet from the standard input, and writes its rows to the standard output.
///
/// The process is of no other use from then on: it may open no file and no connection, start no
/// process, and has little memory and time.
pub fn serve(format: SheetFormat) -> ExitCode {
    match confine().map_err(std::io::Error::from).map_err(Stopped::from).and_then(|()| read(format))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(stopped) => {
            eprintln!("{stopped}");
            ExitCode::FAILURE
        }
    }
}

/// Gives up what reading does not need.
fn confine() -> rustix::io::Result<()> {
    let most = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    for (resource, limit) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, SECONDS),
        (Resource::Core, 0),
        // Writing to a pipe is not writing a file.
        (Resource::Fsize, 0),
        // The three that are open stay.
        (Resource::Nofile, 3),
        (Resource::Nproc, 0),
    ] {
        setrlimit(resource, most(limit))?;
    }
    Ok(())
}

fn read(format: SheetFormat) -> Result<(), Stopped> {
    let mut file = Vec::new();
    std::io::stdin().lock().read_to_end(&mut file)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut rows =
        Rows::new(|SheetRow { number, cells }| tell(&mut out, &Line::Row(number, cells)));
    let outcome = match format {
        SheetFormat::Csv => text::read(&file, &mut rows),
        SheetFormat::Xlsx => workbook::read(&file, &mut rows),
    };
    match outcome {
        Ok(()) => tell(&mut out, &Line::End)?,
        Err(Stopped::TooManyRows) => tell(&mut out, &Line::TooManyRows)?,
        Err(stopped) => return Err(stopped),
    }
    Ok(out.flush()?)
}

fn tell(out: &mut impl std::io::Write, line: &Line) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
