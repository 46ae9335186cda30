//! Gathers what file, environment and flags say, the higher layer replacing the lower.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Config;
use super::args::ConfigArgs;
use super::error::{Problem, Source};
use super::setting::Setting;
use super::table::{find, settings};

/// Reads without a file being named.
const DEFAULT_FILE: &str = "simplycrm.toml";
/// Names a file when no flag does.
const FILE_VARIABLE: &str = "CRM_CONFIG";

/// The text and origin of every setting that was given, and what could not be understood.
#[derive(Default)]
pub(super) struct Layers {
    pub given: BTreeMap<&'static str, (String, Source)>,
    pub problems: Vec<Problem>,
}

impl Layers {
    /// Reads all layers, the lowest first.
    pub fn gather(args: &ConfigArgs, env: &HashMap<String, String>, cwd: &Path) -> Self {
        let mut layers = Self::default();
        layers.read_file(args, env, cwd);
        layers.read_old_names(env);
        layers.read_env(env);
        layers.read_flags(args);
        layers
    }

    fn take(&mut self, key: &'static str, text: &str, source: Source) {
        self.given.insert(key, (text.to_owned(), source));
    }

    fn refuse(&mut self, key: &str, source: Source, message: impl Into<String>) {
        self.problems.push(Problem { key: key.to_owned(), source, message: message.into() });
    }

    fn read_file(&mut self, args: &ConfigArgs, env: &HashMap<String, String>, cwd: &Path) {
        let variable = env.get(FILE_VARIABLE).filter(|path| !path.is_empty());
        let (path, named_by) = match (&args.config, variable) {
            (Some(path), _) => (path.clone(), Source::Flag("--config")),
            (None, Some(path)) => (path.into(), Source::Env(FILE_VARIABLE.to_owned())),
            (None, None) => (PathBuf::from(DEFAULT_FILE), Source::Default),
        };
        match fs::read_to_string(cwd.join(&path)) {
            Ok(text) => self.read_toml(&path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound && named_by == Source::Default => {}
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                self.refuse("config", named_by, message);
            }
        }
    }

    fn read_toml(&mut self, path: &Path, text: &str) {
        let source = |start: usize| {
            let before = text.get(..start).unwrap_or(text);
            Source::File { path: path.to_owned(), line: before.matches('\n').count() + 1 }
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            // The message alone: the error's own text quotes the line, which may hold a secret.
            let start = error.span().map_or(0, |span| span.start);
            self.refuse("config", source(start), format!("is not TOML: {}", error.message()));
        }
        if !errors.is_empty() {
            return;
        }
        for (key, value) in table.get_ref() {
            let source = source(key.span().start);
            let key: &str = key.get_ref();
            match find(key) {
                None => self.refuse(key, source, unknown("key", key, str::to_owned)),
                Some(setting) => match text_of(setting, value.get_ref()) {
                    Some(text) => self.take(setting.key, &text, source),
                    None => self.refuse(key, source, "must be a single plain value"),
                },
            }
        }
    }

    fn read_old_names(&mut self, env: &HashMap<String, String>) {
        for setting in settings() {
            let present = || setting.old_names.iter().filter_map(|name| env.get_key_value(*name));
            // Composed environments pass unset variables on as empty ones: look further.
            let filled = present().find(|(_, text)| !text.trim().is_empty());
            if let Some((name, text)) = filled.or_else(|| present().next()) {
                self.take(setting.key, text, Source::Env(name.clone()));
            }
        }
    }

    fn read_env(&mut self, env: &HashMap<String, String>) {
        let mut ours: Vec<_> = env.iter().filter(|(name, _)| name.starts_with("CRM_")).collect();
        ours.sort();
        for (name, text) in ours {
            let source = Source::Env(name.clone());
            if let Some(setting) = settings().find(|setting| setting.env_name() == *name) {
                self.take(setting.key, text, source);
            } else if name != FILE_VARIABLE && !is_service_link(name, text) {
                let key = name.trim_start_matches("CRM_").to_ascii_lowercase();
                let as_variable = |key: &str| format!("CRM_{}", key.to_ascii_uppercase());
                self.refuse(name, source, unknown("environment variable", &key, as_variable));
            }
        }
    }

    fn read_flags(&mut self, args: &ConfigArgs) {
        let source = Source::Flag("--set");
        for pair in &args.set {
            match pair.split_once('=').map(|(key, text)| (key.trim(), text)) {
                None => self.refuse("--set", source.clone(), "must be KEY=VALUE"),
                Some((key, text)) => match find(key) {
                    Some(setting) => self.take(setting.key, text, source.clone()),
                    None => self.refuse(key, source.clone(), unknown("key", key, str::to_owned)),
                },
            }
        }
        for (flag, key, text) in args.named() {
            self.take(key, text, Source::Flag(flag));
        }
    }
}

/// A value in a file as the text it would be in the environment, for a setting.
fn text_of(setting: &Setting, value: &DeValue<'_>) -> Option<String> {
    let mut blank = Config::blank();
    let field = (setting.field)(&mut blank);
    match value {
        DeValue::Table(_) if field.is_table() => json(value).map(|json| json.to_string()),
        other => plain(other, field.is_list()),
    }
}

/// A TOML value as JSON; numbers with a fraction and dates have none here.
fn json(value: &DeValue<'_>) -> Option<serde_json::Value> {
    match value {
        DeValue::Table(table) => {
            let entries = table
                .iter()
                .map(|(name, value)| Some((name.get_ref().to_string(), json(value.get_ref())?)));
            entries.collect::<Option<serde_json::Map<_, _>>>().map(Into::into)
        }
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Boolean(switch) => Some((*switch).into()),
        DeValue::String(text) => Some(text.to_string().into()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Into::into)
        }
        _ => None,
    }
}

/// A TOML value as the text it would be in the environment; tables and dates have none.
fn plain(value: &DeValue<'_>, list: bool) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
            Some(number.to_string())
        }
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(switch) => Some(switch.to_string()),
        DeValue::Array(items) if list => {
            let texts = items.iter().map(|item| plain(item.get_ref(), false));
            texts.collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        _ => None,
    }
}

/// Kubernetes announces a service named `crm` by variables such as `CRM_PORT=tcp://10.0.0.1:80`
/// and `CRM_WEB_SERVICE_HOST`; nobody wrote those for us.
fn is_service_link(name: &str, text: &str) -> bool {
    let numbered = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.ends_with("_PORT") && text.contains("://"))
        || name.split_once("_PORT_").is_some_and(|(_, rest)| numbered(rest))
}

/// Says that `key` does not exist, and which one was probably meant.
fn unknown(what: &str, key: &str, written: impl Fn(&str) -> String) -> String {
    let likeness = |known: &str| strsim::jaro_winkler(known, key);
    let nearest = settings()
        .map(|setting| setting.key)
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|known| likeness(known) > 0.8) {
        Some(known) => format!("unknown {what}; did you mean {}?", written(known)),
        None => format!("unknown {what}"),
    }
}
