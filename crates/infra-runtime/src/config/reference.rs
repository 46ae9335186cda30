//! The configuration as text: effective values for `--print-config`, the operators' reference.

use std::fmt::Write;

use super::Config;
use super::error::Source;
use super::setting::Fallback;
use super::table::{GROUPS, settings};

const INTRODUCTION: &str = "\
# Configuration

<!-- Generated from the table of settings; regenerate with
`UPDATE_DOCS=1 cargo test -p infra-runtime reference`. -->

SimplyCRM starts without any configuration: it listens on loopback and keeps its data in a SQLite
file. To run it for others, set at least `listen`, `public_url` and, for Postgres, `database_url`.

A setting is looked up in this order; the first that names it wins:

1. command-line flags: `--listen`, `--database-url`, `--data-dir`, `--log-format`, `--log-level`,
   then `--set KEY=VALUE` for any key (the last one counts);
2. the environment, `CRM_` and the key in capitals: `CRM_PUBLIC_URL=https://crm.example.com`;
3. the environment name that deployments of the previous backend use, where the table lists one;
4. a TOML file of flat keys: `--config FILE`, else `$CRM_CONFIG`, else `./simplycrm.toml` if it
   exists;
5. the default.

```toml
public_url = \"https://crm.example.com\"
allowed_hosts = [\"crm.example.com\"]
request_timeout_seconds = 20
```

- Lists are comma-separated outside the file. Switches take true, false, 1, 0, yes, no, on, off.
- Rates are `COUNT/PERIOD` with sec, min, hour or day; `none` is no limit.
- Relative paths start at the working directory.
- Unknown keys, unknown `CRM_*` variables and values that make no sense are refused at start, all
  of them in one message that says where each came from. (Variables that Kubernetes makes for a
  service named `crm…` are left alone.)
- Secrets are best given in the environment. They are never printed: `--print-config` shows every
  effective value and where it came from, with `***` for secrets and passwords. Such a `***` is
  refused when it is read again.

All settings are read once, at start. Some are for features that are still to come: their values
are read and checked, but change nothing yet; the last column says so.
";

impl Config {
    /// The effective configuration as TOML, each key with a comment that says where its value
    /// came from; secrets are shown as `***`.
    pub fn render(&self) -> String {
        let mut text = "# Effective configuration; secrets are hidden (***).\n".to_owned();
        // The table's accessors lend fields mutably.
        let mut config = self.clone();
        for setting in settings() {
            let source = self.source(setting.key).unwrap_or(&Source::Default);
            let line = match (setting.field)(&mut config).show() {
                Some(value) => format!("{} = {value} # {source}\n", setting.key),
                None => format!("# {} is not set # {source}\n", setting.key),
            };
            text.push_str(&line);
        }
        text
    }
}

/// The operators' reference in Markdown, which is `docs/configuration.md`.
pub fn reference_markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    for (title, group) in GROUPS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n## {title}\n\n{HEADER}");
        for setting in *group {
            let default = match setting.fallback {
                Fallback::Fixed("") => "—".to_owned(),
                Fallback::Fixed(default) => format!("`{default}`"),
                Fallback::Derived(shown, _) => shown.to_owned(),
            };
            let old: Vec<_> = setting.old_names.iter().map(|name| format!("`{name}`")).collect();
            let range = setting.range.map(|(least, most)| format!(" From {least} to {most}."));
            let _ = writeln!(
                text,
                "| `{}` | {default} | {}{}{} | {} | {} |",
                setting.key,
                setting.help,
                range.unwrap_or_default(),
                if setting.secret { " Secret." } else { "" },
                if old.is_empty() { "—".to_owned() } else { old.join(", ") },
                if setting.later {
                    "read and checked; used by features to come"
                } else {
                    "at start"
                },
            );
        }
    }
    text
}

const HEADER: &str = "\
| key | default | meaning | old environment name | takes effect |
| --- | --- | --- | --- | --- |";
