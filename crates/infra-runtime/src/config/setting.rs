//! What is known about one setting.

use super::Config;
use super::value::{HIDDEN, Value};

/// One line of the table of settings.
pub(super) struct Setting {
    /// The name in files and for `--set`.
    pub key: &'static str,
    /// One or two sentences for operators.
    pub help: &'static str,
    /// Where the value lives.
    pub field: fn(&mut Config) -> &mut dyn Value,
    /// What holds when nobody says anything.
    pub fallback: Fallback,
    /// Smallest and largest number.
    pub range: Option<(u64, u64)>,
    /// Environment names of the previous backend; the first that has a value counts.
    pub old_names: &'static [&'static str],
    /// Whether the value, or the password in it, must not be shown.
    pub secret: bool,
    /// Whether no feature reads it yet.
    pub later: bool,
}

/// The default of a setting.
pub(super) enum Fallback {
    /// Always the same text.
    Fixed(&'static str),
    /// Made from settings that stand above it in the table: how to say so, and how to do so.
    Derived(&'static str, fn(&Config) -> String),
}

impl Setting {
    /// An optional, public setting without help, used now.
    pub const fn new(key: &'static str, field: fn(&mut Config) -> &mut dyn Value) -> Self {
        let fallback = Fallback::Fixed("");
        let (range, old_names, secret, later) = (None, &[], false, false);
        Self { key, help: "", field, fallback, range, old_names, secret, later }
    }

    /// Says what it is for.
    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// What holds when nobody says anything.
    pub const fn default(mut self, text: &'static str) -> Self {
        self.fallback = Fallback::Fixed(text);
        self
    }

    /// A default made from settings above, and how to say so.
    pub const fn derived(mut self, shown: &'static str, make: fn(&Config) -> String) -> Self {
        self.fallback = Fallback::Derived(shown, make);
        self
    }

    /// Smallest and largest number.
    pub const fn between(mut self, least: u64, most: u64) -> Self {
        self.range = Some((least, most));
        self
    }

    /// Environment names of the previous backend.
    pub const fn old(mut self, names: &'static [&'static str]) -> Self {
        self.old_names = names;
        self
    }

    /// The value, or the password in it, must not be shown.
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// No feature reads it yet.
    pub const fn later(mut self) -> Self {
        self.later = true;
        self
    }

    /// The environment variable that sets it.
    pub fn env_name(&self) -> String {
        format!("CRM_{}", self.key.to_ascii_uppercase())
    }

    /// The text that stands in for a missing value.
    pub fn fallback_text(&self, config: &Config) -> String {
        match &self.fallback {
            Fallback::Fixed(text) => (*text).to_owned(),
            Fallback::Derived(_, make) => make(config),
        }
    }

    /// Reads `text` into the field; an error says what is wrong without showing a secret.
    pub fn apply(&self, config: &mut Config, text: &str) -> Result<(), String> {
        let text = text.trim();
        // Saved `--print-config` output must not start a server with `***` as its password.
        if self.secret
            && (text == HIDDEN
                || text.contains(":***@")
                || text.contains("=***")
                || text.ends_with("?***"))
        {
            return Err(format!("is hidden ({HIDDEN}) here; write the real one"));
        }
        let field = (self.field)(config);
        let number = || text.parse::<u64>().ok();
        let fits = |(least, most)| number().is_some_and(|n| (least..=most).contains(&n));
        if self.range.is_none_or(fits) && field.set(text) {
            return Ok(());
        }
        if let Some(complaint) = field.complaint(text) {
            return Err(complaint);
        }
        let bounds = match self.range {
            Some((least, most)) => format!(" from {least} to {most}"),
            None => String::new(),
        };
        // A URL in the wrong place may hold a password too.
        let given = match self.secret || text.contains('@') {
            true => String::new(),
            false => format!(", not {text:?}"),
        };
        Err(format!("must be {}{bounds}{given}", field.expects()))
    }
}
