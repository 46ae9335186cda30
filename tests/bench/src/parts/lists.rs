//! Figure A: a list of 20 contacts among 100,000, under load.

use std::fs;

use serde_json::{Value, json};

use super::race::{Contender, HEADER, race};
use crate::Result;
use crate::bare::Setup;
use crate::http::Client;
use crate::load::{pgbench, pgbench_script, wrk};
use crate::place::Place;
use crate::report::{Report, Section};
use crate::sqlite;
use crate::statements::ListStatements;

/// The list as most clients ask for it: a numbered page, with the count of all rows.
const NUMBERED: &str = "/api/contacts/?page_size=20";
/// The list from a cursor: nothing is counted, so that what the server adds weighs most.
const KEYSET: &str = "/api/contacts/?page_size=20&cursor=";
const LISTS: [(&str, &str); 2] = [("numbered page, with count", NUMBERED), ("keyset page", KEYSET)];

/// Beside pgbench with the same statements, and beside a bare handler.
pub(crate) fn on_postgres(place: &Place, report: &mut Report) -> Result<()> {
    let statements = statements(place)?;
    let server = place.server_on_postgres().start()?;
    let lists = LISTS.iter().map(|(_, path)| (*path).to_owned()).zip(statements.clone());
    let paths = ["/numbered", "/keyset"];
    let setup = Setup {
        url: place.postgres.url(),
        connections: place.plan.connections,
        lists: lists.zip(paths).map(|((_, list), path)| (path.to_owned(), list)).collect(),
    };
    let (bare, bare_address) = setup.start()?;
    let (connections, token) = (place.plan.connections, place.on_postgres.token.as_str());
    for (index, (title, path)) in LISTS.into_iter().enumerate() {
        let (statements, bare_path) = (&statements[index], paths[index]);
        same_answer(
            &mut server.client(token)?,
            path,
            &mut Client::connect(bare_address, "")?,
            bare_path,
        )?;
        let target = place.postgres.target();
        let script = place.scratch(if index == 0 { "numbered.sql" } else { "keyset.sql" });
        let at_once = script.with_extension("pipelined.sql");
        fs::write(&script, pgbench_script(statements, false))?;
        fs::write(&at_once, pgbench_script(statements, true))?;
        let mut contenders = [
            Contender::new("a: server", Some(&server.process), |time| {
                wrk(server.address, path, token, connections, time)
            }),
            Contender::new("b: pgbench", None, |time| pgbench(&target, &script, connections, time)),
            Contender::new("b′: pgbench, pipelined", None, |time| {
                pgbench(&target, &at_once, connections, time)
            }),
            Contender::new("c: bare handler", Some(&bare), |time| {
                wrk(bare_address, bare_path, "", connections, time)
            }),
        ];
        race(&mut contenders, place.plan)?;
        let [a, b, pipelined, c] = &contenders;
        let (database, pipe, handler) = (a.against(b), a.against(pipelined), a.against(c));
        if index == 0 {
            report.at_least("A: server / pgbench", database.median, 0.5);
            report.at_least("A: server / bare handler", handler.median, 0.85);
        }
        let rows: Result<Vec<_>> = contenders.iter().map(Contender::row).collect();
        report.add(Section {
            key: if index == 0 { "lists_postgres" } else { "lists_postgres_keyset" },
            title: format!("A: list of 20 contacts on Postgres, {title}"),
            header: HEADER.to_vec(),
            rows: rows?,
            notes: vec![
                format!(
                    "a/b {database}; a/b′ {pipe}; a/c {handler} (min – median – max over rounds)"
                ),
                described(statements),
            ],
            data: json!({
                "contenders": contenders.iter().map(Contender::json).collect::<Vec<_>>(),
                "a/b": database.json(), "a/b'": pipe.json(), "a/c": handler.json(),
                "statements": statements,
            }),
        });
    }
    Ok(())
}

/// Beside threads that do nothing but read the list.
pub(crate) fn on_sqlite(place: &Place, report: &mut Report) -> Result<()> {
    if place.on_postgres.workspace != place.on_sqlite.workspace {
        return Err("the workspaces have other ids on SQLite than on Postgres".into());
    }
    let server = place.server_on_sqlite().start()?;
    let (connections, token) = (place.plan.connections, place.on_sqlite.token.as_str());
    let (mut rows, mut data) = (Vec::new(), Vec::<Value>::new());
    for ((title, path), statements) in LISTS.into_iter().zip(statements(place)?) {
        let file = place.file();
        let mut contenders = [Contender::new(title, Some(&server.process), |time| {
            wrk(server.address, path, token, connections, time)
        })];
        race(&mut contenders, place.plan)?;
        rows.push(contenders[0].row()?);
        let threads = std::thread::available_parallelism()?.get();
        let limit = sqlite::limit(&file, &statements, threads, place.plan.turn)?;
        let mut row = vec!["  its statements alone, a thread per processor".to_owned()];
        row.extend([format!("{limit:.0}"), String::new(), String::new()]);
        row.extend([String::new(), String::new()]);
        rows.push(row);
        data.push(json!({ "server": contenders[0].json(), "statements_alone": limit }));
    }
    report.add(Section {
        key: "lists_sqlite",
        title: "A: list of 20 contacts on SQLite".to_owned(),
        header: HEADER.to_vec(),
        rows,
        notes: Vec::new(),
        data: json!(data),
    });
    Ok(())
}

/// What the server sends to Postgres for each list.
fn statements(place: &Place) -> Result<Vec<ListStatements>> {
    place.postgres.log_statements(true)?;
    let server = place.server_on_postgres().start()?;
    let mut client = server.client(&place.on_postgres.token)?;
    let mut found = Vec::new();
    for (_, path) in LISTS {
        // Twice before: the sign-in is remembered from the first on, and the log is quiet then.
        for _ in 0..2 {
            client.get(path)?.expect(200)?;
            crate::process::pause(std::time::Duration::from_millis(100));
        }
        let list = place.postgres.statements_of(|| client.get(path)?.expect(200).map(drop))?;
        found.push(list);
    }
    place.postgres.log_statements(false)?;
    Ok(found)
}

/// Makes sure that the bare handler does the same work.
fn same_answer(server: &mut Client, path: &str, bare: &mut Client, bare_path: &str) -> Result<()> {
    let (ours, theirs) = (server.get(path)?.expect(200)?, bare.get(bare_path)?.expect(200)?);
    let names =
        |answer: &Value| answer.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
    let same = ours["results"] == theirs["results"]
        && ours["count"] == theirs["count"]
        && names(&ours) == names(&theirs);
    if same {
        return Ok(());
    }
    Err(format!("the bare handler must be brought up to date: {theirs}\ninstead of {ours}").into())
}

fn described(list: &ListStatements) -> String {
    let count = list.count.as_ref().map_or("", |(sql, _)| sql);
    let statements = [list.begin.as_str(), &list.page.0, count, &list.end];
    let lines: Vec<&str> = statements.into_iter().filter(|sql| !sql.is_empty()).collect();
    format!("```sql\n{}\n```", lines.join("\n"))
}
