//! The real program with one kind of job more: it counts in the database, so that whoever kills
//! this process can see that nothing was lost or done twice.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_server::program::main(system_tests::interrupted::prepare)
}
