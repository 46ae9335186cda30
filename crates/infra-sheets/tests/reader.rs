//! What the reader makes of the program that it starts, whatever that does: programs of these tests are
//! scripts.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use domain_integrations::import::{MAX_ROWS, SheetFormat, SheetReader as _, SheetRow};
use domain_kernel::{Error, Result};
use infra_sheets::ChildReader;
use tempfile::TempDir;

/// A program that is a script, in a folder of its own.
fn program(script: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, path) = (folder.path().join("text"), folder.path().join("program"));
    let script = script.replace("{folder}", &folder.path().display().to_string());
    std::fs::write(&text, format!("#!/bin/sh\n{script}\n")).expect("a script");
    // Written by another process: what this one starts meanwhile would have it open for writing, and
    // what is open for writing is not run.
    let copied = Command::new("install").args(["-m", "700"]).arg(text).arg(&path).status();
    assert!(copied.expect("it is run").success());
    (folder, path)
}

async fn read(program: &Path, file: &[u8]) -> Result<Vec<SheetRow>> {
    let mut rows = Vec::new();
    let mut take = |row| {
        rows.push(row);
        Ok(())
    };
    let reader = ChildReader::new(program.to_owned());
    reader.read(SheetFormat::Csv, file.to_vec(), &mut take).await?;
    Ok(rows)
}

/// What a file is refused with.
fn refusal(outcome: Result<Vec<SheetRow>>) -> String {
    match outcome {
        Err(Error::Invalid(errors)) => serde_json::to_string(&errors).expect("JSON"),
        other => panic!("not refused: {other:?}"),
    }
}

const FORGIVES_INPUT: &str = "cat > /dev/null";

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "there must be something that is not given")]
async fn the_program_gets_the_file_and_nothing_of_ours() {
    let (folder, program) = program(
        "cat > {folder}/file; env > {folder}/env; pwd > {folder}/pwd; echo $* > {folder}/words
         echo '{\"Row\":[1,[\"a\",\"b\"]]}'; echo '{\"Row\":[3,[\"c\"]]}'; echo '\"End\"'",
    );
    let rows = read(&program, b"the file").await.expect("rows");
    let row = |number, cells: &[&str]| SheetRow {
        number,
        cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
    };
    assert_eq!(rows, [row(1, &["a", "b"]), row(3, &["c"])]);
    let noted = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("noted");
    assert_eq!(noted("file"), "the file");
    assert_eq!((noted("pwd").as_str(), noted("words").as_str()), ("/\n", "read-sheet csv\n"));
    // What a shell sets by itself.
    let own = ["PWD=", "SHLVL=", "_=", "OLDPWD="];
    let env = noted("env");
    let given: Vec<_> =
        env.lines().filter(|line| !own.iter().any(|name| line.starts_with(name))).collect();
    assert!(given.is_empty(), "{given:?}");
    assert!(std::env::vars_os().count() > 3, "there was something to be given");
}

#[tokio::test]
async fn what_breaks_off_is_no_table() {
    for script in [
        "exit 0",
        "kill -9 $$",
        "echo '{\"Row\":[1,[\"a\"]]}'",
        "echo '{\"Row\":[1,[\"a\"]]'; echo '\"End\"'",
        "echo nonsense; echo '\"End\"'",
        "printf '\"En'",
    ] {
        let (_folder, program) = program(&format!("{FORGIVES_INPUT}\n{script}"));
        let told = refusal(read(&program, b"").await);
        assert!(told.contains("could not be read"), "{script}: {told}");
    }
}

#[tokio::test]
async fn a_program_that_does_not_take_the_file_is_heard_all_the_same() {
    let (_folder, program) = program("exec 0<&-; echo '{\"Row\":[1,[\"a\"]]}'; echo '\"End\"'");
    let file = vec![b'x'; 4 * 1024 * 1024];
    assert_eq!(read(&program, &file).await.expect("rows").len(), 1);
}

#[tokio::test]
async fn who_talks_without_end_is_stopped() {
    let (_folder, program) = program("exec yes '{\"Row\":[1,[]]}'");
    assert!(refusal(read(&program, b"").await).contains(&format!("more than {MAX_ROWS} rows")));
    let (_folder, program) = self::program("exec cat /dev/zero");
    assert!(refusal(read(&program, b"").await).contains("too much text"));
}

#[tokio::test]
async fn rows_that_are_not_taken_end_the_reading() {
    let (_folder, program) = program("exec yes '{\"Row\":[1,[]]}'");
    let mut take = |_| Err(Error::NotFound);
    let outcome = ChildReader::new(program).read(SheetFormat::Xlsx, Vec::new(), &mut take).await;
    assert!(matches!(outcome, Err(Error::NotFound)), "{outcome:?}");
}

#[tokio::test]
async fn who_says_nothing_is_killed() {
    let (folder, program) = program("echo $$ > {folder}/pid; exec sleep 1000");
    let reading = tokio::spawn(async move { read(&program, b"").await });
    let noted = folder.path().join("pid");
    let pid = loop {
        match std::fs::read_to_string(&noted) {
            Ok(pid) if pid.ends_with('\n') => break pid,
            _ if reading.is_finished() => panic!("it ended before it said who it is"),
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    // From here on time passes at once where everybody waits.
    tokio::time::pause();
    let outcome = reading.await.expect("it ends");
    assert!(refusal(outcome).contains("could not be read"));
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "{pid} is gone");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_our_fault() {
    let outcome = read(Path::new("/nowhere/at/all"), b"").await;
    assert!(matches!(outcome, Err(Error::Internal(_))), "{outcome:?}");
}
