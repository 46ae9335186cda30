//! `crm-server`: the program is in the library, so that tests can run it with jobs of their own.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_server::program::main(|_| {})
}
