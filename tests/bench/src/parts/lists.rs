//! Figure A: a list of 20 contacts among 100,000, under load.

use std::fs;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::race::{Contender, HEADER, race};
use crate::Result;
use crate::bare::Setup;
use crate::http::Client;
use crate::load::{pgbench, pgbench_script, wrk};
use crate::place::Place;
use crate::process::Process;
use crate::report::{Report, Section};
use crate::server::Server;
use crate::sqlite;
use crate::statements::ListStatements;
use crate::stats::Spread;

/// A list, and what it is called in the report and at the bare handler.
struct List {
    title: &'static str,
    key: &'static str,
    path: &'static str,
    bare_path: &'static str,
}

const LISTS: [List; 2] = [
    // As most clients ask for it: with the count of all rows.
    List {
        title: "numbered page, with count",
        key: "lists_postgres",
        path: "/api/contacts/?page_size=20",
        bare_path: "/numbered",
    },
    // From a cursor: nothing is counted, so that what the server adds weighs most.
    List {
        title: "keyset page",
        key: "lists_postgres_keyset",
        path: "/api/contacts/?page_size=20&cursor=",
        bare_path: "/keyset",
    },
];

/// Beside pgbench with the same statements, and beside a bare handler.
pub(crate) fn on_postgres(place: &Place, report: &mut Report) -> Result<()> {
    let statements = statements(place)?;
    let server = place.server_on_postgres().start()?;
    let paths = LISTS.iter().map(|list| list.bare_path.to_owned());
    let setup = Setup {
        url: place.postgres.url(),
        connections: place.plan.connections,
        lists: paths.zip(statements.clone()).collect(),
    };
    let bare = setup.start()?;
    let ratios = beside(place, report, &LISTS[0], &statements[0], &server, &bare)?;
    beside(place, report, &LISTS[1], &statements[1], &server, &bare)?;
    report.at_least("A: server / pgbench", ratios.database.median, 0.5);
    report.at_least("A: server / bare handler", ratios.handler.median, 0.85);
    Ok(())
}

/// The server's rate over others'.
struct Ratios {
    database: Spread,
    pipelined: Spread,
    handler: Spread,
}

fn beside(
    place: &Place,
    report: &mut Report,
    list: &List,
    statements: &ListStatements,
    server: &Server,
    (bare, bare_address): &(Process, SocketAddr),
) -> Result<Ratios> {
    let (connections, token) = (place.plan.connections, place.on_postgres.token.as_str());
    let mut bare_client = Client::connect(*bare_address, "")?;
    same_answer(list, &mut server.client(token)?, &mut bare_client)?;
    let target = place.postgres.target();
    let (script, at_once) = (place.scratch("list.sql"), place.scratch("list.pipelined.sql"));
    fs::write(&script, pgbench_script(statements, false))?;
    fs::write(&at_once, pgbench_script(statements, true))?;
    let mut contenders = [
        Contender::new("a: server", Some(&server.process), |time| {
            wrk(server.address, list.path, token, connections, time)
        }),
        Contender::new("b: pgbench", None, |time| pgbench(&target, &script, connections, time)),
        Contender::new("b′: pgbench, pipelined", None, |time| {
            pgbench(&target, &at_once, connections, time)
        }),
        Contender::new("c: bare handler", Some(bare), |time| {
            wrk(*bare_address, list.bare_path, "", connections, time)
        }),
    ];
    race(&mut contenders, place.plan)?;
    let [a, b, b_pipelined, c] = &contenders;
    let ratios =
        Ratios { database: a.against(b), pipelined: a.against(b_pipelined), handler: a.against(c) };
    let Ratios { database, pipelined, handler } = &ratios;
    let rows: Result<Vec<_>> = contenders.iter().map(Contender::row).collect();
    report.add(Section {
        key: list.key,
        title: format!("A: list of 20 contacts on Postgres, {}", list.title),
        header: HEADER.to_vec(),
        rows: rows?,
        notes: vec![
            format!(
                "a/b {database}; a/b′ {pipelined}; a/c {handler} (min – median – max over rounds). \
                 pgbench's p50 is the mean."
            ),
            described(statements),
        ],
        data: json!({
            "contenders": contenders.iter().map(Contender::json).collect::<Vec<_>>(),
            "a/b": database.json(), "a/b'": pipelined.json(), "a/c": handler.json(),
            "statements": statements,
        }),
    });
    Ok(ratios)
}

/// Beside threads that do nothing but read the list.
pub(crate) fn on_sqlite(place: &Place, report: &mut Report) -> Result<()> {
    if place.on_postgres.workspace != place.on_sqlite.workspace {
        return Err("the workspaces have other ids on SQLite than on Postgres".into());
    }
    let server = place.server_on_sqlite().start()?;
    let (connections, token) = (place.plan.connections, place.on_sqlite.token.as_str());
    let (mut rows, mut data) = (Vec::new(), Vec::<Value>::new());
    for (list, statements) in LISTS.iter().zip(statements(place)?) {
        let file = place.file();
        let mut contenders = [Contender::new(list.title, Some(&server.process), |time| {
            wrk(server.address, list.path, token, connections, time)
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
    for List { path, .. } in LISTS {
        let sent = place.postgres.statements_of(|| client.get(path)?.expect(200).map(drop))?;
        found.push(ListStatements::recognise(sent)?);
    }
    place.postgres.log_statements(false)?;
    Ok(found)
}

/// Makes sure that the bare handler does the same work.
fn same_answer(list: &List, server: &mut Client, bare: &mut Client) -> Result<()> {
    let ours = server.get(list.path)?.expect(200)?;
    let theirs = bare.get(list.bare_path)?.expect(200)?;
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
