//! The tour in the README works as it is written.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

mod program;

use std::process::Command;

use program::Program;

/// The shell commands of a chapter of the README.
fn commands(chapter: &str) -> String {
    let readme = include_str!("../../../README.md");
    let text = readme.split("\n## ").find(|text| text.starts_with(chapter)).expect("the chapter");
    let blocks = text.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_tour_works_as_written() {
    let server = Program::start(&["--demo"]);
    let script = commands("Five-minute tour")
        .replace("http://127.0.0.1:8000", &format!("http://{}", server.address()));
    assert!(script.matches("curl").count() >= 10, "the tour is there");
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(server.folder())
        .output()
        .expect("bash runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    for part in [
        "\"first_name\":\"Wile\"",
        "\"tags\":[\"vip\"]",
        "\"company\":null",
        "\"deleted_at\":null",
        "\"committed\":true",
    ] {
        assert!(printed.contains(part), "{part} is missing in: {printed}");
    }
    let coyotes = server.get_with("/api/contacts/?last_name=Coyote", &server.demo_token()).1;
    assert!(coyotes.contains("\"count\":1"), "done once: {coyotes}");
    let sheet = std::fs::read_to_string(server.folder().join("contacts.csv")).expect("a file");
    assert!(sheet.lines().count() > 4_000 && sheet.contains("Coyote"));
}
