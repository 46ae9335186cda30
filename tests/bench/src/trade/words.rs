//! How the databases write what they do not write alike, and how much of everything there is.

/// A database that is filled.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}

impl Dialect {
    /// An instant, in seconds since 1970.
    pub(crate) fn moment(self, seconds: &str) -> String {
        match self {
            Self::Postgres => format!("to_timestamp({seconds})"),
            Self::Sqlite => format!("(({seconds}) * 1000000)"),
        }
    }
}

/// What the statements are written with: rows end at an instant that is the same on both databases,
/// so that these hold the same.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) dialect: Dialect,
    /// Seconds since 1970.
    pub(super) now: i64,
    /// Whose rows they are: a workspace and its member.
    pub(super) workspace: i64,
    pub(super) person: i64,
    pub(super) size: Size,
}

impl Words {
    /// An instant, so many seconds ago.
    pub(super) fn moment(&self, ago: &str) -> String {
        self.dialect.moment(&format!("{} - ({ago})", self.now))
    }

    /// A day, so many days from now.
    pub(super) fn day(&self, ahead: &str) -> String {
        let today = self.now / 86_400;
        match self.dialect {
            Dialect::Postgres => {
                format!("(DATE '1970-01-01' + CAST({today} + ({ahead}) AS INTEGER))")
            }
            Dialect::Sqlite => format!("date(({today} + ({ahead})) * 86400, 'unixepoch')"),
        }
    }

    /// A JSON document.
    pub(super) fn json(&self, text: &str) -> String {
        match self.dialect {
            Dialect::Postgres => format!("CAST('{text}' AS JSONB)"),
            Dialect::Sqlite => format!("'{text}'"),
        }
    }

    /// `INSERT` of a row for each `i` from 1 to a number. `columns` are pairs of a name and what
    /// stands in it; a folded copy is written beside each that is named with a `~`.
    pub(super) fn insert(&self, table: &str, rows: i64, columns: &[(&str, &str)]) -> String {
        self.insert_where(table, rows, "1 = 1", columns)
    }

    /// The same for each `i` of which a condition holds.
    pub(super) fn insert_where(
        &self,
        table: &str,
        rows: i64,
        condition: &str,
        columns: &[(&str, &str)],
    ) -> String {
        let workspace = self.workspace.to_string();
        let mut pairs = vec![("organization_id".to_owned(), workspace)];
        for (name, value) in columns {
            // All that is stored here is ASCII, which both databases fold as we do.
            if let Some(name) = name.strip_prefix('~') {
                pairs.push((format!("{name}_folded"), format!("lower({value})")));
                pairs.push((name.to_owned(), (*value).to_owned()));
            } else {
                pairs.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<&str> = pairs.iter().map(|(_, value)| value.as_str()).collect();
        format!(
            "INSERT INTO {table} ({}) WITH RECURSIVE series (i) AS \
            (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM series WHERE i < {rows}) \
            SELECT {} FROM series WHERE {condition} ORDER BY i",
            names.join(", "),
            values.join(", "),
        )
    }

    /// The same of a resource's table, whose rows have a version and instants as well.
    pub(super) fn records(
        &self,
        table: &str,
        rows: i64,
        condition: &str,
        ago: &str,
        columns: &[(&str, &str)],
    ) -> String {
        let moment = self.moment(ago);
        let stamp = [("version", "1"), ("created_at", &*moment), ("updated_at", &*moment)];
        let columns: Vec<(&str, &str)> = stamp.into_iter().chain(columns.iter().copied()).collect();
        self.insert_where(table, rows, condition, &columns)
    }
}

/// A number in six digits, as documents are numbered.
pub(super) fn six_digits(number: &str) -> String {
    let text = format!("CAST({number} AS TEXT)");
    format!("substr('000000' || {text}, length({text}) + 1)")
}

/// How many rows there are.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) contacts: i64,
    pub(crate) companies: i64,
    pub(crate) orders: i64,
    pub(crate) lines: i64,
    pub(crate) variants: i64,
    pub(crate) deals: i64,
}

/// Lines of each order.
pub(super) const LINES: i64 = 4;

impl Size {
    /// The size that is promised for, or a hundredth of it.
    pub(super) const fn of(quick: bool) -> Self {
        let part = if quick { 100 } else { 1 };
        let orders = 200_000 / part;
        Self {
            contacts: 1_000_000 / part,
            companies: 50_000 / part,
            orders,
            lines: orders * LINES,
            variants: 5_000 / part,
            deals: orders / 10,
        }
    }
}
