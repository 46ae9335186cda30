//! Tables in Markdown files.

/// The rows of the first table of a text, with the heading as the first; cells are trimmed.
pub(crate) fn first_table(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().skip_while(|line| !line.starts_with('|'));
    let lines = lines.take_while(|line| line.starts_with('|'));
    let is_rule = |line: &&str| line.chars().all(|c| "|-: ".contains(c));
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    lines.filter(|line| !is_rule(line)).map(cells).collect()
}

#[test]
fn a_table_is_read_with_its_heading() {
    let text = "# Title\n\n| a | b |\n| --- | --- |\n| 1 |  |\n\n| other |\n";
    assert_eq!(first_table(text), [["a", "b"], ["1", ""]]);
}
