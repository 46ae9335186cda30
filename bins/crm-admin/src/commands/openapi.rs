//! `openapi`: the document of the API.

use std::fs;

use serde_json::Value;

use crate::cli::{DocumentFormat, Openapi};
use crate::failure::{Failure, Result};
use crate::output::Output;

/// Prints the document or writes it to a file.
pub fn run(args: &Openapi, output: &Output) -> Result<()> {
    let document = crm_server::openapi::document().map_err(|error| {
        Failure::new("internal", format!("the document is incomplete: {error}"))
    })?;
    let text = written(&document, args.format)?;
    match &args.output {
        None => output.print(&text),
        Some(path) => fs::write(path, text).map_err(|error| Failure::io(path.display(), &error)),
    }
}

/// The document with one line break at its end.
fn written(document: &Value, format: DocumentFormat) -> Result<String> {
    let text = match format {
        DocumentFormat::Json => format!("{document:#}"),
        DocumentFormat::Yaml => yaml_serde::to_string(document).map_err(|error| {
            Failure::new("internal", format!("the document cannot be written as YAML: {error}"))
        })?,
    };
    Ok(format!("{}\n", text.trim_end()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_says_the_same_as_json() {
        let document = json!({
            "info": { "version": "1.0", "description": "Two\nlines: one # and\n" },
            "answers": { "200": ["yes", "null", 1.5, null, true] },
        });
        let yaml = written(&document, DocumentFormat::Yaml).unwrap();
        assert!(yaml.ends_with('\n') && !yaml.ends_with("\n\n"), "{yaml:?}");
        assert_eq!(yaml_serde::from_str::<Value>(&yaml).unwrap(), document);
        let json = written(&document, DocumentFormat::Json).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), document);
    }
}
