//! Orders with their lines: how many statements it takes to read 20 and to make one, and how long.

use serde_json::{Value, json};

use crate::Result;
use crate::http::Client;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::statements::Statement;
use crate::stats::{median, milliseconds, quantile};

/// Lines of an order that is made.
const LINES: i64 = 10;

/// What is done, and in how many statements at most.
struct Request {
    name: &'static str,
    most: f64,
    send: fn(&mut Client, &Value) -> Result<f64>,
}

const REQUESTS: [Request; 2] = [
    Request { name: "list of 20 orders with their lines", most: 3.0, send: list },
    Request { name: "creating an order with 10 lines", most: 12.0, send: create },
];

fn list(client: &mut Client, _: &Value) -> Result<f64> {
    let answer = client.get("/api/orders/?page_size=20")?;
    let page = answer.expect(200)?;
    let with_lines = page["results"].as_array().into_iter().flatten();
    let with_lines =
        with_lines.filter(|order| order["lines"].as_array().is_some_and(|l| !l.is_empty()));
    match with_lines.count() {
        20 => Ok(milliseconds(answer.took)),
        other => Err(format!("the list has {other} orders with lines").into()),
    }
}

fn create(client: &mut Client, order: &Value) -> Result<f64> {
    let answer = client.post("/api/orders/", order)?;
    answer.expect(201)?;
    Ok(milliseconds(answer.took))
}

/// Counts on Postgres, whose log tells, and measures on both.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let trade = place.trade()?;
    let lines: Vec<Value> = (1..=LINES)
        .map(|variant| json!({ "product_variant": variant, "quantity": 2, "tax_rate": "19" }))
        .collect();
    let order = json!({ "contact": 1, "lines": lines });
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for Request { name, most, send } in REQUESTS {
        let sent = trade.record(place, |recorder| {
            recorder.statements_of(|client| send(client, &order).map(drop))
        })?;
        let (queries, control) = counted(&sent);
        report.at_most(&format!("{name}: statements"), f64::from(queries), most);
        for side in trade.both(place) {
            let server = side.launch.start()?;
            let mut client = server.client(&side.member.token)?;
            let took: Result<Vec<f64>> =
                (0..place.plan.samples).map(|_| send(&mut client, &order)).collect();
            let took = took?;
            let p50 = median(took.iter().copied());
            let p95 = quantile(took.iter().copied(), 0.95);
            rows.push(vec![
                format!("{name}, {}", side.name),
                queries.to_string(),
                (queries + control).to_string(),
                format!("{p50:.2}"),
                format!("{p95:.2}"),
            ]);
            data.push(json!({
                "request": name, "database": side.name, "statements": queries,
                "with_transaction_control": queries + control, "median_ms": p50, "p95_ms": p95,
            }));
        }
    }
    report.add(Section {
        key: "orders",
        title: "Orders with their lines".to_owned(),
        header: vec!["", "statements", "with BEGIN, SET LOCAL and COMMIT", "median ms", "p95 ms"],
        rows,
        notes: vec![format!(
            "Over {}. Statements are those in Postgres's log; tests/system/statements.rs counts them \
             on both databases.",
            trade.described()
        )],
        data: json!(data),
    });
    Ok(())
}

/// Queries, and what controls the transaction.
fn counted(statements: &[Statement]) -> (u32, u32) {
    statements
        .iter()
        .map(Statement::counted)
        .fold((0, 0), |(queries, control), (more, other)| (queries + more, control + other))
}
