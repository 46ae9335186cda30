//! How long it takes to create a contact, one after the other.

use serde_json::json;

use crate::Result;
use crate::place::Place;
use crate::report::{Report, Section};
use crate::stats::{median, milliseconds, quantile};

/// Creates contacts on both databases.
pub(crate) fn measure(place: &Place, report: &mut Report) -> Result<()> {
    let (mut rows, mut data) = (Vec::new(), Vec::new());
    for (database, launch, member) in place.both() {
        let server = launch.start()?;
        let mut client = server.client(&member.token)?;
        let mut took = Vec::new();
        for number in 0..place.plan.creates {
            let contact = json!({
                "first_name": "Adelheid", "last_name": format!("Newcomer {number}"),
                "email": format!("newcomer{number}@harbour.example"), "tags": ["new"],
            });
            let answer = client.post("/api/contacts/", &contact)?;
            answer.expect(201)?;
            took.push(milliseconds(answer.took));
        }
        let (p50, p99) = (median(took.iter().copied()), quantile(took.iter().copied(), 0.99));
        rows.push(vec![database.to_owned(), format!("{p50:.2}"), format!("{p99:.2}")]);
        data.push(json!({ "database": database, "median_ms": p50, "p99_ms": p99 }));
    }
    report.add(Section {
        key: "creates",
        title: "Creating contacts, one after the other".to_owned(),
        header: vec!["", "median ms", "p99 ms"],
        rows,
        notes: vec!["Each is on the disk when it is answered.".to_owned()],
        data: json!(data),
    });
    Ok(())
}
