//! Lists of 20 rows, with their count, by every filter that an index serves and in every order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Value, json};

use crate::Result;
use crate::http::Client;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::statements::Statement;
use crate::stats::{median, milliseconds, quantile};
use crate::trade::direct::Direct;
use crate::trade::filters::{Filter, Rows};

/// What nearly all answers stay below, in milliseconds.
const WANTED: f64 = 50.0;
/// How often each order is tried to find the slowest.
const TRIES: usize = 3;
/// How many of the slowest are shown.
const SHOWN: usize = 12;

/// A list that is measured.
struct List<'a> {
    filter: &'a Filter,
    order: Option<&'a str>,
}

impl List<'_> {
    fn path(&self) -> String {
        match self.order {
            Some(order) => format!("{}&ordering={order}", self.filter.path),
            None => self.filter.path.clone(),
        }
    }
}

/// What was found about one.
struct Measured<'a> {
    list: List<'a>,
    median: f64,
    p95: f64,
    /// Median and 95th percentile of its statements alone; none where the database has others.
    limit: Option<[f64; 2]>,
}

/// Measures each filter in the list's own order and in the order that proves slowest.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let trade = place.trade()?;
    let filters = Rows::of(&trade.file, trade.on_sqlite.workspace)?.filters()?;
    let lists = filters.iter().map(|filter| filter.orders.len() + 1).sum::<usize>();
    let mut picked = Vec::new();
    for side in trade.both(place) {
        let server = side.launch.start()?;
        let mut client = server.client(&side.member.token)?;
        let picks: Result<Vec<[List<'_>; 2]>> =
            filters.iter().map(|filter| pick(filter, &mut client)).collect();
        picked.push(picks?.into_iter().flatten().collect::<Vec<_>>());
    }
    let sent = statements(place, &picked)?;
    for ((side, direct), lists_of) in trade.both(place).iter().zip(trade.directly()?).zip(picked) {
        let server = side.launch.start()?;
        let mut client = server.client(&side.member.token)?;
        let mut direct = direct;
        let measured: Result<Vec<Measured<'_>>> = lists_of
            .into_iter()
            .map(|list| {
                let statements = &sent[&list.path()];
                compare(list, &mut client, &mut direct, statements, place.plan.filter_samples)
            })
            .collect();
        let notes = format!(
            "{} filters in {lists} orders, over {}; each filter matches at most 10,000 rows. Shown \
             are the {SHOWN} slowest in the list's own order, and the {SHOWN} slowest of all others, \
             which are no target.",
            filters.len(),
            trade.described()
        );
        add(report, side.name, measured?, notes);
    }
    Ok(())
}

/// A filter in its list's own order, and in the slowest of all others.
fn pick<'a>(filter: &'a Filter, client: &mut Client) -> Result<[List<'a>; 2]> {
    let mut slowest = (0.0, None);
    for order in filter.orders.iter().map(String::as_str) {
        let path = List { filter, order: Some(order) }.path();
        let mut took = Vec::new();
        for _ in 0..TRIES {
            let answer = client.get(&path)?;
            answer.expect(200)?;
            took.push(milliseconds(answer.took));
        }
        let middle = median(took);
        if middle > slowest.0 {
            slowest = (middle, Some(order));
        }
    }
    Ok([List { filter, order: None }, List { filter, order: slowest.1 }])
}

/// What the server sends for each list, by path.
fn statements(place: &Place, picked: &[Vec<List<'_>>]) -> Result<HashMap<String, Vec<Statement>>> {
    place.trade()?.record(place, |recorder| {
        let mut sent = HashMap::new();
        for path in picked.iter().flatten().map(List::path) {
            if let Entry::Vacant(unknown) = sent.entry(path) {
                let path = unknown.key().clone();
                let ask = |client: &mut Client| client.get(&path)?.expect(200).map(drop);
                unknown.insert(recorder.statements_of(ask)?);
            }
        }
        Ok(sent)
    })
}

/// The server and its statements alone, in turns.
fn compare<'a>(
    list: List<'a>,
    client: &mut Client,
    direct: &mut Direct<'_>,
    statements: &[Statement],
    samples: usize,
) -> Result<Measured<'a>> {
    let path = list.path();
    let (mut served, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..samples {
        let answer = client.get(&path)?;
        let page = answer.expect(200)?;
        served.push(milliseconds(answer.took));
        let count = &page["count"];
        if count.as_i64().is_none_or(|count| count > 10_000) {
            return Err(format!("{path}: {count} rows match").into());
        }
        if !direct.has(statements) {
            continue;
        }
        let run = direct.run(statements)?;
        alone.push(milliseconds(run.took));
        let shown = page["results"].as_array().map_or(0, Vec::len);
        let more = usize::from(!page["next"].is_null());
        if run.rows != shown + more {
            return Err(format!("{path}: {} rows are read for {shown}", run.rows).into());
        }
    }
    let p95 = |took: &[f64]| quantile(took.iter().copied(), 0.95);
    Ok(Measured {
        list,
        median: median(served.iter().copied()),
        p95: p95(&served),
        limit: (!alone.is_empty()).then(|| [median(alone.iter().copied()), p95(&alone)]),
    })
}

fn add(report: &mut Report, database: &str, mut measured: Vec<Measured<'_>>, notes: String) {
    measured.sort_by(|one, other| other.p95.total_cmp(&one.p95));
    let (own, others): (Vec<_>, Vec<_>) =
        measured.iter().partition(|measured| measured.list.order.is_none());
    // The others are no target: sorting by what no index has reads every row that matches, and what it
    // is sorted by.
    let slowest = own.first().map_or(0.0, |measured| measured.p95);
    report.at_most(&format!("filters on {database}: slowest p95, ms"), slowest, WANTED);
    let shown = own.into_iter().take(SHOWN).chain(others.into_iter().take(SHOWN));
    let rows = shown.map(|one| {
        let Measured { list, median, p95, limit } = one;
        let mut row = vec![
            list.filter.title.clone(),
            list.order.unwrap_or("its own").to_owned(),
            list.filter.matches.to_string(),
        ];
        row.extend([median, p95].map(|number| format!("{number:.2}")));
        row.extend(match limit {
            Some(limit) => limit.map(|number| format!("{number:.2}")),
            None => ["", ""].map(str::to_owned),
        });
        row
    });
    let data: Vec<Value> = measured
        .iter()
        .map(|one| {
            json!({
                "filter": one.list.filter.title, "order": one.list.order,
                "matches": one.list.filter.matches, "median_ms": one.median, "p95_ms": one.p95,
                "statements_alone_median_ms": one.limit.map(|limit| limit[0]),
                "statements_alone_p95_ms": one.limit.map(|limit| limit[1]),
            })
        })
        .collect();
    report.add(Section {
        key: "filters",
        title: format!("Lists by indexed filters on {database}, one request after the other"),
        header: vec![
            "filter",
            "order",
            "matches",
            "median ms",
            "p95 ms",
            "its statements alone, median ms",
            "p95 ms",
        ],
        rows: rows.collect(),
        notes: vec![notes],
        data: json!({ "database": database, "lists": data }),
    });
}
