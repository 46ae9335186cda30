//! The programs that put load on a server or on Postgres, and what they print.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::Result;
use crate::process::output;
use crate::statements::ListStatements;

/// What one turn gave.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    /// Requests (or transactions) a second.
    pub(crate) rate: f64,
    /// Milliseconds that half of the requests stay below; of pgbench the mean.
    pub(crate) p50: f64,
    /// Milliseconds that all but a hundredth stay below; pgbench does not say.
    pub(crate) p99: Option<f64>,
}

/// Runs `wrk` against a path.
pub(crate) fn wrk(
    address: SocketAddr,
    path: &str,
    token: &str,
    connections: usize,
    time: Duration,
) -> Result<Turn> {
    let text = output(
        Command::new("wrk")
            .args(["--threads", "1", "--latency"])
            .args(["--connections", &connections.to_string()])
            .args(["--duration", &format!("{}s", time.as_secs())])
            .args(["--header", &format!("authorization: Token {token}")])
            .arg(format!("http://{address}{path}")),
    )?;
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(format!("some requests to {path} failed:\n{text}").into());
    }
    let word = |label: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(label));
        line.map(str::trim).ok_or_else(|| format!("wrk printed no {label}:\n{text}"))
    };
    Ok(Turn {
        rate: word("Requests/sec:")?.parse()?,
        p50: wrk_milliseconds(word("50%")?)?,
        p99: Some(wrk_milliseconds(word("99%")?)?),
    })
}

/// Reads a duration as wrk prints it: `812.00us`, `3.42ms`, `1.20s`.
fn wrk_milliseconds(text: &str) -> Result<f64> {
    for (unit, factor) in [("us", 0.001), ("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return Ok(number.parse::<f64>()? * factor);
        }
    }
    Err(format!("wrk printed a duration of {text}").into())
}

/// How to reach a database with Postgres's programs.
pub(crate) struct Target<'a> {
    pub(crate) programs: &'a Path,
    pub(crate) port: u16,
    pub(crate) role: &'a str,
    pub(crate) password: &'a str,
    pub(crate) database: &'a str,
}

/// Runs `pgbench` with a script, its statements prepared.
pub(crate) fn pgbench(
    target: &Target<'_>,
    script: &Path,
    clients: usize,
    time: Duration,
) -> Result<Turn> {
    let text = output(
        Command::new(target.programs.join("pgbench"))
            .env("PGPASSWORD", target.password)
            .args(["--no-vacuum", "--protocol", "prepared", "--host", "127.0.0.1"])
            .args(["--port", &target.port.to_string(), "--username", target.role])
            .args(["--client", &clients.to_string(), "--jobs", "1"])
            .args(["--time", &time.as_secs().to_string()])
            .arg("--file")
            .arg(script)
            .arg(target.database),
    )?;
    if !text.contains("number of failed transactions: 0 ") && text.contains("failed") {
        return Err(format!("some transactions failed:\n{text}").into());
    }
    let number = |label: &str| -> Result<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(label));
        let word = line.and_then(|rest| rest.trim_start_matches([' ', '=']).split(' ').next());
        Ok(word.ok_or_else(|| format!("pgbench printed no {label}:\n{text}"))?.parse()?)
    };
    Ok(Turn { rate: number("tps")?, p50: number("latency average")?, p99: None })
}

/// The script for pgbench that sends a list's statements: one after the other, or all at once.
pub(crate) fn pgbench_script(list: &ListStatements, at_once: bool) -> String {
    let mut variables = String::new();
    let mut body = String::new();
    if at_once {
        body += "\\startpipeline\n";
    }
    for statement in list.begin.split("; ") {
        body += &format!("{statement};\n");
    }
    let page = ("page", &list.page);
    let count = list.count.as_ref().map(|statement| ("count", statement));
    for (name, (sql, values)) in [page].into_iter().chain(count) {
        let mut sql = sql.clone();
        // From the last, so that $1 does not match in $12.
        for (index, value) in values.iter().enumerate().rev() {
            let number = index + 1;
            variables += &format!("\\set {name}_{number} {value}\n");
            sql = sql.replace(&format!("${number}"), &format!(":{name}_{number}"));
        }
        body += &format!("{sql};\n");
    }
    body += &format!("{};\n", list.end);
    if at_once {
        body += "\\endpipeline\n";
    }
    variables + &body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrk_counts_in_several_units() {
        for (text, milliseconds) in [("500.00us", 0.5), ("3.42ms", 3.42), ("1.20s", 1_200.0)] {
            assert_eq!(wrk_milliseconds(text).expect("reads"), milliseconds);
        }
    }

    #[test]
    fn a_script_binds_the_same_values() {
        let list = ListStatements {
            begin: "BEGIN; SET LOCAL a = '1'".to_owned(),
            page: ("SELECT $1 LIMIT $2".to_owned(), vec![7, 21]),
            count: None,
            end: "COMMIT".to_owned(),
        };
        let script = pgbench_script(&list, false);
        let expected = "\\set page_2 21\n\\set page_1 7\nBEGIN;\nSET LOCAL a = '1';\n\
            SELECT :page_1 LIMIT :page_2;\nCOMMIT;\n";
        assert_eq!(script, expected);
    }
}
