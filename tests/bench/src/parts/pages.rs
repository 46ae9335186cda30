//! Figure B: a page near the end of a list must not cost more than the first.

use domain_kernel::query::ListQuery;
use domain_kernel::{Cursor, Value};
use domain_sales::Contact;
use serde_json::json;

use crate::Result;
use crate::data::CONTACTS;
use crate::http::Client;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::stats::{median, milliseconds, quantile};

const SIZE: i64 = 20;
/// The page near the end.
const FAR: i64 = 4_000;

/// Asks for the pages in turn, one request after the other.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for (database, launch, member) in place.both() {
        let server = launch.start()?;
        let mut client = server.client(&member.token)?;
        let numbered = |page: i64| format!("/api/contacts/?page_size={SIZE}&page={page}");
        let keyset = |cursor: &str| format!("/api/contacts/?page_size={SIZE}&cursor={cursor}");
        let pages = [
            ("keyset, page 1", keyset("")),
            ("keyset, page 4,000", keyset(&cursor_after(&mut client, &numbered(FAR - 1))?)),
            ("numbered, page 1", numbered(1)),
            ("numbered, page 4,000", numbered(FAR)),
        ];
        let far = client.get(&pages[1].1)?.expect(200)?;
        if far["results"] != client.get(&pages[3].1)?.expect(200)?["results"] {
            return Err("the cursor leads to another page than the number".into());
        }
        let mut took = [const { Vec::new() }; 4];
        for _ in 0..place.plan.samples {
            for ((_, path), took) in pages.iter().zip(&mut took) {
                let answer = client.get(path)?;
                answer.expect(200)?;
                took.push(milliseconds(answer.took));
            }
        }
        let medians: Vec<f64> = took.iter().map(|took| median(took.iter().copied())).collect();
        for (index, (name, _)) in pages.iter().enumerate() {
            let p99 = quantile(took[index].iter().copied(), 0.99);
            rows.push(vec![
                format!("{database}, {name}"),
                format!("{:.2}", medians[index]),
                format!("{p99:.2}"),
                format!("{:.2}", medians[index] / medians[0]),
            ]);
            data.push(json!({
                "database": database, "page": name, "median_ms": medians[index], "p99_ms": p99,
            }));
        }
        let what = format!("B: keyset page 4,000 / page 1 on {database}");
        report.at_most(&what, medians[1] / medians[0], 1.5);
    }
    report.add(Section {
        key: "pages",
        title: format!("B: pages of {SIZE} among {CONTACTS} contacts, one request after the other"),
        header: vec!["", "median ms", "p99 ms", "to keyset page 1"],
        rows,
        notes: Vec::new(),
        data: json!(data),
    });
    Ok(())
}

/// The position after the last row of a page.
fn cursor_after(client: &mut Client, path: &str) -> Result<String> {
    let page = client.get(path)?.expect(200)?;
    let last = page["results"].as_array().and_then(|rows| rows.last()?["id"].as_i64());
    let last = last.ok_or("the page has no rows")?;
    let cursor = Cursor { values: vec![Value::Integer(last)], backwards: false };
    Ok(cursor.encode(&ListQuery::all::<Contact>().ordering))
}
