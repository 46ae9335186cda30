//! The SQLite database, and how fast its list can be read without a server.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection};

use crate::Result;
use crate::data::{self, Wording};
use crate::fragment::Fragment;
use crate::row::{Row, SqliteColumns};
use crate::statements::ListStatements;

const WORDS: Wording = Wording { moment: "1767225600000000 + i * 1000000", json: "TEXT" };

/// Fills a database that has been migrated and in which the workspaces are registered.
///
/// Without `ANALYZE`, which the server does not run either: statistics would tell that most rows
/// belong to one workspace, and lists would be read from the whole table instead of an index.
pub(crate) fn fill(file: &Path, large: i64, small: &[i64]) -> Result<()> {
    let mut connection = SqliteConnection::establish(&file.display().to_string())?;
    let inserts = data::inserts(&WORDS, large, small).join(";");
    connection.batch_execute(&format!(
        "PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; {inserts}; {}; COMMIT; \
        VACUUM; PRAGMA wal_checkpoint(TRUNCATE)",
        data::WITHOUT_LIMITS
    ))?;
    Ok(())
}

/// Lists a second on so many threads, each with a connection that does nothing else.
pub(crate) fn limit(
    file: &Path,
    list: &ListStatements,
    threads: usize,
    time: Duration,
) -> Result<f64> {
    let counts: Result<Vec<u32>> = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| count_lists(file, list, time))).collect();
        running.into_iter().map(|thread| thread.join().map_err(|_| "a thread failed")?).collect()
    });
    Ok(f64::from(counts?.iter().sum::<u32>()) / time.as_secs_f64())
}

fn count_lists(file: &Path, list: &ListStatements, time: Duration) -> Result<u32> {
    let mut connection = SqliteConnection::establish(&file.display().to_string())?;
    connection.batch_execute("PRAGMA query_only = ON; PRAGMA cache_size = -4096")?;
    let page = Fragment::<SqliteColumns>::new(&list.page)?;
    let count = list.count.as_ref().map(Fragment::<BigInt>::new).transpose()?;
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < time {
        connection.batch_execute("BEGIN")?;
        let rows: Vec<Row> = page.clone().load(&mut connection)?;
        if let Some(count) = count.clone() {
            count.get_result::<i64>(&mut connection)?;
        }
        connection.batch_execute("COMMIT")?;
        std::hint::black_box(rows);
        done += 1;
    }
    Ok(done)
}
