//! Asking the person at the terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin};

use crate::failure::{Failure, Result};

/// Whether somebody can be asked. Questions go to standard error: standard output is the outcome.
pub fn possible() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// The value of a flag, or the answer to a question.
///
/// # Errors
/// When it was given empty, or not at all and nobody can be asked.
pub fn required(given: Option<String>, flag: &str, question: &str) -> Result<String> {
    match given {
        Some(text) if text.trim().is_empty() => Err(Failure::usage(format!("{flag} is empty"))),
        Some(text) => Ok(text),
        None if possible() => loop {
            let answer = line(&format!("{question}: "))?;
            if !answer.is_empty() {
                return Ok(answer);
            }
        },
        None => Err(Failure::usage(format!("{flag} is required"))),
    }
}

/// The value of a flag, or the answer to a question with a default.
///
/// # Errors
/// When the terminal cannot be read.
pub fn or_default(given: Option<String>, question: &str, default: &str) -> Result<String> {
    match given {
        Some(text) => Ok(text),
        None if possible() => Ok(match line(&format!("{question} [{default}]: "))? {
            empty if empty.is_empty() => default.to_owned(),
            answer => answer,
        }),
        None => Ok(default.to_owned()),
    }
}

/// Goes on only if the operator agrees, by the flag `--yes` or on the terminal.
///
/// # Errors
/// When they do not, or nobody can be asked.
pub fn consent(yes: bool, why: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !possible() {
        return Err(Failure::usage(why).hint("Give --yes to go on all the same."));
    }
    match line(&format!("{why}\nGo on? [y/N] "))?.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new("cancelled", "nothing was done")),
    }
}

fn line(prompt: &str) -> Result<String> {
    let failed = |error| Failure::io("standard input", &error);
    let mut out = stderr();
    write!(out, "{prompt}").and_then(|()| out.flush()).map_err(failed)?;
    let mut answer = String::new();
    match stdin().lock().read_line(&mut answer).map_err(failed)? {
        0 => Err(Failure::new("cancelled", "nothing was done")),
        _ => Ok(answer.trim().to_owned()),
    }
}
