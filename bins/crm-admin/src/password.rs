//! A new password: typed twice, read from a pipe, or made up. Never an argument.

use std::io::{BufRead as _, IsTerminal as _, Read as _, stdin};

use domain_kernel::Random;

use crate::ask;
use crate::cli::PasswordArgs;
use crate::failure::{Failure, Result};

/// The letters of made-up passwords: 32 of them, none that is mistaken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// How many a made-up password has, 5 bits each.
const LENGTH: usize = 25;
/// More than any password may have; a file that was piped in by mistake is not read whole.
const LONGEST_LINE: u64 = 4096;
/// How often two different texts may be typed.
const ATTEMPTS: usize = 3;

/// A new password.
pub struct NewPassword {
    /// The password itself.
    pub text: String,
    /// Whether it was made up, so that it has to be shown.
    generated: bool,
}

impl NewPassword {
    /// Gets a password in the way that the flags say.
    ///
    /// # Errors
    /// When none is given, or nobody can be asked.
    pub fn obtain(args: &PasswordArgs, random: &dyn Random) -> Result<Self> {
        if args.generate_password {
            return Ok(Self { text: made_up(random), generated: true });
        }
        let text = if args.password_stdin { from_pipe() } else { typed() }?;
        if text.is_empty() {
            return Err(Failure::usage("the password is empty"));
        }
        Ok(Self { text, generated: false })
    }

    /// The password if the operator does not know it yet.
    pub fn to_show(&self) -> Option<&str> {
        self.generated.then_some(&*self.text)
    }
}

fn made_up(random: &dyn Random) -> String {
    let mut bytes = [0; LENGTH];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

fn from_pipe() -> Result<String> {
    let input = stdin();
    if input.is_terminal() {
        // It would stand on the screen.
        let message =
            "standard input is a terminal; without --password-stdin the password is asked for";
        return Err(Failure::usage(message));
    }
    let mut line = String::new();
    let read = input.lock().take(LONGEST_LINE).read_line(&mut line);
    read.map_err(|error| Failure::io("standard input", &error))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn typed() -> Result<String> {
    if !ask::possible() {
        return Err(Failure::usage("there is no terminal to type a password at")
            .hint("Give --password-stdin or --generate-password."));
    }
    let ask = |prompt| {
        rpassword::prompt_password(prompt).map_err(|error| Failure::io("the terminal", &error))
    };
    for _ in 0..ATTEMPTS {
        let first = ask("Password: ")?;
        if first == ask("Password again: ")? {
            return Ok(first);
        }
        eprintln!("The two are not the same. Please try again.");
    }
    Err(Failure::new("cancelled", "the password was not typed twice alike"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    struct Counting;
    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (byte, value) in buffer.iter_mut().zip(0..) {
                *byte = value;
            }
        }
    }

    #[test]
    fn a_made_up_password_uses_all_of_32_letters() {
        assert_eq!(LETTERS.iter().collect::<BTreeSet<_>>().len(), 32);
        assert_eq!(made_up(&Counting), "abcdefghijkmnpqrstuvwxyz2");
    }
}
