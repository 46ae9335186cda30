//! What a list is asked for: filters, search, order and the part that is wanted.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::field::Rate;
use crate::resource::all_fields;
use crate::{
    Amount, Currency, Cursor, Error, Field, FieldErrors, Fields, Kind, Only, Resource, Result,
    Value, fold,
};

/// Rows on a page unless asked otherwise.
pub const DEFAULT_PAGE_SIZE: i64 = 20;
/// Most rows on a page; who asks for more gets this many.
pub const MAX_PAGE_SIZE: i64 = 200;
/// The last page that can be asked for: far past any list, and safe to multiply.
const MAX_PAGE: i64 = 1 << 40;
/// The longest text that is searched for, in characters: no searched field holds more.
pub const MAX_SEARCH: usize = 255;

/// Most words that one search looks for; the same word again is none.
const MAX_WORDS: usize = 16;
/// Most parameters of one request: more than there are.
const MAX_PARAMETERS: usize = 100;

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The same value; with [`Value::Null`], no value; with [`Value::Texts`], any of them.
    Equal,
    /// At or after.
    From,
    /// At or before.
    Until,
}

/// One filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The field that is compared.
    pub field: &'static Field,
    /// How.
    pub test: Test,
    /// With what.
    pub value: Value,
}

impl Condition {
    /// That a field of `T` has a value, for a question that the system itself asks.
    ///
    /// # Errors
    /// [`Error::Internal`] when lists of `T` are not filtered by such a field.
    pub fn equal<T: Fields>(field: &'static str, value: Value) -> Result<Self> {
        let known = orderable::<T>().find(|known| known.name == field);
        let field =
            known.ok_or_else(|| Error::internal(format!("no list is filtered by {field}")))?;
        Ok(Self { field, test: Test::Equal, value })
    }
}

/// One step of an order.
#[derive(Debug, Clone, Copy)]
pub struct OrderBy {
    /// The field.
    pub field: &'static Field,
    /// From large to small. Rows without a value come last either way.
    pub descending: bool,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// The page of this number, from 1; with the count of all rows.
    Page {
        /// From 1.
        number: i64,
        /// Rows on a page.
        size: i64,
    },
    /// The rows after (or before) a position in the order; without a count.
    Keyset {
        /// Where to go on; the beginning when none.
        from: Option<Cursor>,
        /// Rows on a page.
        size: i64,
    },
}

/// A question for a list of a resource.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Filters; all must hold.
    pub conditions: Vec<Condition>,
    /// Folded words; each must occur in one of the searched fields.
    pub words: Vec<String>,
    /// The order; it ends with the id, so that it is total.
    pub ordering: Vec<OrderBy>,
    /// The deleted rows instead of the others.
    pub deleted: bool,
    /// The part that is wanted.
    pub window: Window,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Listing<R> {
    /// The rows, in the order asked for.
    pub records: Vec<R>,
    /// How many there are over all pages; only for [`Window::Page`].
    pub total: Option<i64>,
    /// Whether there are rows beyond the last (going back: before the first).
    pub more: bool,
}

impl ListQuery {
    /// All rows in the resource's own order, from the first page.
    pub fn all<T: Resource>() -> Self {
        Self {
            conditions: Vec::new(),
            words: Vec::new(),
            ordering: own_order::<T>(),
            deleted: false,
            window: Window::Page { number: 1, size: DEFAULT_PAGE_SIZE },
        }
    }

    /// The same without a page's limit, for what is few in every workspace.
    pub fn every<T: Resource>() -> Self {
        Self { window: Window::Page { number: 1, size: i64::from(i32::MAX) }, ..Self::all::<T>() }
    }

    /// All rows whose text in a field is one of several, whatever its case, in order of id.
    ///
    /// # Errors
    /// [`Error::Internal`] when lists of `T` are not filtered by such a field.
    pub fn alike<T: Resource>(field: &'static str, texts: Vec<String>) -> Result<Self> {
        Ok(Self {
            conditions: vec![Condition::equal::<T>(field, Value::Texts(texts))?],
            ordering: complete_order(Vec::new()),
            window: Window::Keyset { from: None, size: i64::from(i32::MAX) },
            ..Self::all::<T>()
        })
    }

    /// The same, of which a condition holds.
    pub fn and(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Reads the parameters of a request: a query, and which fields to show.
    ///
    /// `also_allowed` names parameters that the caller handles itself.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming each parameter that is unknown, repeated or has a bad value;
    /// [`Error::InvalidPage`] for a page number that no list has.
    pub fn parse<T: Resource>(
        parameters: &[(String, String)],
        also_allowed: &[&str],
    ) -> Result<(Self, Only)> {
        if parameters.len() > MAX_PARAMETERS {
            let message = format!("Give no more than {MAX_PARAMETERS} parameters.");
            return Err(Error::field("non_field_errors", message));
        }
        let mut query = Self::all::<T>();
        let mut only = Only::Everything;
        let mut errors = FieldErrors::default();
        let mut seen = BTreeSet::new();
        let (mut number, mut size, mut cursor) = (None, DEFAULT_PAGE_SIZE, None);
        for (name, text) in parameters {
            if also_allowed.contains(&name.as_str()) {
                continue;
            }
            if !seen.insert(name.as_str()) {
                errors.add(name, "This parameter was given more than once.");
                continue;
            }
            let outcome = match name.as_str() {
                "page" => {
                    number = Some(parse_page(text)?);
                    Ok(())
                }
                "page_size" => parse_size(text).map(|rows| size = rows),
                "cursor" => {
                    cursor = Some(text);
                    Ok(())
                }
                "search" if is_searched::<T>() => {
                    parse_words(text).map(|words| query.words = words)
                }
                "ordering" => parse_ordering::<T>(text).map(|order| query.ordering = order),
                "fields" => parse_only::<T>(text).map(|named| only = named),
                "deleted" if marks_deletion::<T>() => {
                    parse_flag(text).map(|flag| query.deleted = flag)
                }
                other => parse_condition::<T>(other, text, also_allowed)
                    .map(|condition| query.conditions.push(condition)),
            };
            if let Err(message) = outcome {
                errors.add(name, message);
            }
        }
        query.window = match cursor {
            None => Window::Page { number: number.unwrap_or(1), size },
            Some(text) => match Cursor::decode(text, &query.ordering) {
                Ok(from) => Window::Keyset { from, size },
                Err(message) => {
                    errors.add("cursor", message);
                    Window::Keyset { from: None, size }
                }
            },
        };
        errors.into_result()?;
        Ok((query, only))
    }
}

/// The names of the parameters that a list of `T` understands, filters included.
pub fn parameter_names<T: Resource>() -> Vec<String> {
    let fixed = ["page", "page_size", "cursor", "ordering", "fields"].into_iter();
    let fixed = fixed.chain(is_searched::<T>().then_some("search"));
    let fixed = fixed.chain(marks_deletion::<T>().then_some("deleted"));
    let filters = filters::<T>().into_iter().map(|(name, _, _)| name);
    fixed.map(str::to_owned).chain(filters).collect()
}

/// Whether there is a field of `T` that `?search=` looks into.
pub fn is_searched<T: Fields>() -> bool {
    T::FIELDS.iter().any(|field| field.searched)
}

/// Whether rows of `T` are marked as deleted, so that one can ask for those.
pub fn marks_deletion<T: Fields>() -> bool {
    T::BESIDE.iter().any(|field| field.name == "deleted_at")
}

/// The filters of a list of `T`: parameter, field and comparison. Each plain field has its own, and
/// the resource may name more.
pub fn filters<T: Resource>() -> Vec<(String, &'static Field, Test)> {
    let mut found = Vec::new();
    for field in orderable::<T>() {
        found.push((field.name.to_owned(), field, Test::Equal));
        if matches!(field.kind, Kind::Timestamp | Kind::Date) {
            let stem = field.name.trim_end_matches("_at");
            found.push((format!("{stem}_after"), field, Test::From));
            found.push((format!("{stem}_before"), field, Test::Until));
        }
    }
    found.extend(T::FILTERS.iter().filter_map(|filter| {
        let field = orderable::<T>().find(|field| field.name == filter.field)?;
        Some((filter.name.to_owned(), field, filter.test))
    }));
    found
}

/// A filter that a resource gives a name of its own, beside those that its fields have by themselves.
///
/// Where it compares an instant and is asked for with a day alone, [`Test::Until`] takes that whole
/// day in: who asks for what was recorded to the 31st means the 31st, too.
#[derive(Debug, Clone, Copy)]
pub struct NamedFilter {
    /// The parameter.
    pub name: &'static str,
    /// The field that is compared.
    pub field: &'static str,
    /// How.
    pub test: Test,
}

/// The fields that a list of `T` can be ordered and filtered by.
///
/// The workspace is not one: it is the same in every row.
pub fn orderable<T: Fields>() -> impl Iterator<Item = &'static Field> {
    all_fields::<T>().filter(|field| field.kind.is_plain() && field.name != "organization")
}

/// A page number; one that cannot be is answered as a page past the end.
fn parse_page(text: &str) -> Result<i64> {
    text.parse().ok().filter(|page| (1..=MAX_PAGE).contains(page)).ok_or(Error::InvalidPage)
}

fn parse_size(text: &str) -> Result<i64, String> {
    match text.parse::<i64>() {
        Ok(size) if size > 0 => Ok(size.min(MAX_PAGE_SIZE)),
        // More than fits.
        Err(_) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => Ok(MAX_PAGE_SIZE),
        _ => Err("A positive whole number is required.".to_owned()),
    }
}

fn parse_flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("Must be true or false.".to_owned()),
    }
}

fn parse_words(text: &str) -> Result<Vec<String>, String> {
    if text.contains('\0') {
        return Err(crate::field::NO_NUL.to_owned());
    }
    if text.chars().count() > MAX_SEARCH {
        return Err(format!("Ensure this has no more than {MAX_SEARCH} characters."));
    }
    let words: BTreeSet<String> = fold(text).split_whitespace().map(str::to_owned).collect();
    if words.len() > MAX_WORDS {
        return Err(format!("Ensure there are no more than {MAX_WORDS} words."));
    }
    Ok(words.into_iter().collect())
}

fn parse_ordering<T: Resource>(text: &str) -> Result<Vec<OrderBy>, String> {
    let mut order: Vec<OrderBy> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, descending) = match part.strip_prefix('-') {
            Some(name) => (name, true),
            None => (part, false),
        };
        let Some(field) = orderable::<T>().find(|field| field.name == name) else {
            let allowed: Vec<_> = orderable::<T>().map(|field| field.name).collect();
            return Err(format!("Cannot order by \"{name}\". Allowed: {}.", allowed.join(", ")));
        };
        // Named again it would change nothing.
        if !order.iter().any(|step| step.field.name == name) {
            order.push(OrderBy { field, descending });
        }
    }
    Ok(if order.is_empty() { own_order::<T>() } else { complete_order(order) })
}

/// The order of a list that asks for none.
fn own_order<T: Resource>() -> Vec<OrderBy> {
    let steps = T::ORDER.iter().filter_map(|step| {
        let (name, descending) = step.strip_prefix('-').map_or((*step, false), |name| (name, true));
        let field = orderable::<T>().find(|field| field.name == name)?;
        Some(OrderBy { field, descending })
    });
    complete_order(steps.collect())
}

/// Ends an order with the id.
fn complete_order(mut order: Vec<OrderBy>) -> Vec<OrderBy> {
    if !order.iter().any(|step| step.field.name == "id") {
        const ID: &Field = &crate::RECORD_FIELDS[0];
        order.push(OrderBy { field: ID, descending: false });
    }
    order
}

fn parse_only<T: Fields>(text: &str) -> Result<Only, String> {
    let names: Vec<String> =
        text.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect();
    if names.is_empty() {
        return Err("Name at least one field.".to_owned());
    }
    match names.iter().find(|name| !all_fields::<T>().any(|field| field.name == **name)) {
        Some(unknown) => {
            let known: Vec<_> = all_fields::<T>().map(|field| field.name).collect();
            Err(format!("Unknown field \"{unknown}\". Known: {}.", known.join(", ")))
        }
        None => Ok(Only::Named(names)),
    }
}

fn parse_condition<T: Resource>(
    name: &str,
    text: &str,
    also_allowed: &[&str],
) -> Result<Condition, String> {
    let Some((_, field, test)) = filters::<T>().into_iter().find(|(known, _, _)| known == name)
    else {
        let mut allowed = parameter_names::<T>();
        allowed.extend(also_allowed.iter().map(|&name| name.to_owned()));
        return Err(format!("Unknown parameter. Allowed: {}.", allowed.join(", ")));
    };
    let is_named = T::FILTERS.iter().any(|filter| filter.name == name);
    let value = match parse_value(field, test, text)? {
        Value::Timestamp(instant) if is_named && test == Test::Until && is_day(text) => {
            Value::Timestamp(last_of_day(instant))
        }
        value => value,
    };
    Ok(Condition { field, test, value })
}

/// Reads a filter's value as its field's kind.
fn parse_value(field: &Field, test: Test, text: &str) -> Result<Value, String> {
    if field.nullable && test == Test::Equal && text == "null" {
        return Ok(Value::Null);
    }
    match field.kind {
        Kind::TargetKind { .. } if !text.contains('\0') => Ok(Value::Text(crate::kind_name(text))),
        Kind::Integer
        | Kind::Count
        | Kind::Member
        | Kind::Target
        | Kind::Link { .. }
        | Kind::Key { .. } => {
            text.parse().map(Value::Integer).map_err(|_| "A valid integer is required.".to_owned())
        }
        Kind::Money { .. } => match text.parse::<Amount>() {
            Ok(amount) => Ok(Value::Integer(amount.ten_thousandths())),
            Err(error) => Err(error.to_string()),
        },
        Kind::Percent => crate::field::parse_percent(text).map(Value::Integer),
        Kind::Rate => match text.parse::<Rate>() {
            Ok(rate) => Ok(Value::Integer(rate.ten_billionths())),
            Err(error) => Err(error.to_string()),
        },
        Kind::Currency => match text.parse::<Currency>() {
            Ok(currency) => Ok(Value::Text(currency.code().to_owned())),
            Err(error) => Err(error.to_string()),
        },
        Kind::Timestamp => parse_timestamp(text).map(Value::Timestamp),
        Kind::Date => crate::field::parse_date(text).map(Value::Date),
        Kind::Flag => parse_flag(text).map(Value::Flag),
        Kind::Choice { codes } if !codes.contains(&text) && !text.is_empty() => {
            Err(format!("\"{text}\" is not a valid choice. Allowed: {}.", codes.join(", ")))
        }
        _ if text.contains('\0') => Err(crate::field::NO_NUL.to_owned()),
        _ => Ok(Value::Text(text.to_owned())),
    }
}

/// Reads an instant; a date alone is its first moment in UTC.
fn parse_timestamp(text: &str) -> Result<Timestamp, String> {
    // An unescaped `+` of an offset arrives as a space.
    let text = text.replace(' ', "+");
    let instant = text.parse::<Timestamp>().or_else(|_| {
        let date: jiff::civil::Date = text.parse()?;
        jiff::tz::TimeZone::UTC.to_timestamp(date.into())
    });
    instant
        .ok()
        .and_then(crate::ports::in_range)
        .map(crate::ports::to_microseconds)
        .ok_or_else(|| "Use RFC 3339, for example 2026-01-31T09:30:00Z or 2026-01-31.".to_owned())
}

fn is_day(text: &str) -> bool {
    crate::field::parse_date(text).is_ok()
}

/// The last microsecond of the day that begins at an instant.
fn last_of_day(first: Timestamp) -> Timestamp {
    const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);
    const STEP: jiff::SignedDuration = jiff::SignedDuration::from_micros(1);
    first.checked_add(DAY - STEP).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Email, Link, LongText, ShortText};
    use crate::policy::Area;

    crate::resource! {
        /// A thing that is lent.
        pub struct Tool, patch ToolPatch {
            /// Name.
            name: ShortText<10> [required, searched],
            /// Whom to ask.
            contact: Email,
            /// What it belongs to.
            parent: Link<Tool>,
            /// Text.
            manual: LongText,
        }
    }

    impl Resource for Tool {
        const NAME: &'static str = "tools";
        const SINGULAR: &'static str = "tool";
        const MODULE: &'static str = "lending";
        const DESCRIPTION: &'static str = "";
        const AREA: Area = Area::Customers;
        const FILTERS: &'static [NamedFilter] = &[
            NamedFilter { name: "made_from", field: "created_at", test: Test::From },
            NamedFilter { name: "made_to", field: "created_at", test: Test::Until },
        ];
        const ORDER: &'static [&'static str] = &["name", "-created_at"];
        type Work = dyn crate::Work;

        fn records<'w>(_: &'w mut Self::Work) -> Box<dyn crate::Records<Self> + 'w> {
            unreachable!("these tests store nothing")
        }
    }

    fn parse(query: &str) -> Result<(ListQuery, Only)> {
        let pairs: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        ListQuery::parse::<Tool>(&pairs, &["format"])
    }

    fn refused(query: &str) -> FieldErrors {
        match parse(query) {
            Err(Error::Invalid(errors)) => errors,
            other => panic!("{query} gave {other:?}"),
        }
    }

    #[test]
    fn every_part_of_a_query_is_read() {
        let (query, only) = parse(
            "name=Saw&parent=null&created_after=2026-01-01&search=Big%20 SAW&ordering=-name,id\
             &page=2&page_size=500&fields=id,name&deleted=true&format=csv",
        )
        .expect("valid");
        assert_eq!(query.conditions.len(), 3);
        assert_eq!(query.conditions[1].value, Value::Null);
        assert_eq!(query.words, ["big%20", "saw"]);
        assert_eq!(query.ordering.len(), 2);
        assert!(query.deleted);
        assert_eq!(query.window, Window::Page { number: 2, size: MAX_PAGE_SIZE });
        assert_eq!(only, Only::Named(vec!["id".to_owned(), "name".to_owned()]));
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for query in [
            "colour=red",
            "organization=3",
            "name=a&name=b",
            "ordering=colour",
            "page_size=0",
            "page_size=-1",
            "parent=x",
            "created_at=yesterday",
            "created_after=-004800-01-01",
            "deleted_after=null",
            "deleted=maybe",
            "fields=colour",
            "fields=",
            "cursor=%%%",
            "name=a\0b",
        ] {
            let name = query.split('=').next().expect("a name");
            assert!(refused(query).0.contains_key(name), "{query}");
        }
        let messages = format!("{:?}", refused("colour=red"));
        assert!(messages.contains("created_after") && messages.contains("format"), "{messages}");
    }

    #[test]
    fn a_page_that_cannot_be_is_past_the_end() {
        for page in ["0", "-1", "x", "", "99999999999999999999"] {
            assert!(matches!(parse(&format!("page={page}")), Err(Error::InvalidPage)), "{page}");
        }
    }

    #[test]
    fn a_resource_names_filters_and_an_order_of_its_own() {
        let (query, _) = parse("made_from=2026-01-30&made_to=2026-01-31").expect("valid");
        let instants: Vec<String> = query
            .conditions
            .iter()
            .map(|condition| match condition.value {
                Value::Timestamp(at) => at.to_string(),
                ref other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(instants, ["2026-01-30T00:00:00Z", "2026-01-31T23:59:59.999999Z"]);
        let exact = parse("made_to=2026-01-31T09:30:00Z").expect("valid").0.conditions;
        let at = "2026-01-31T09:30:00Z".parse().expect("an instant");
        assert_eq!(exact[0].value, Value::Timestamp(at));
        let order: Vec<_> =
            query.ordering.iter().map(|step| (step.field.name, step.descending)).collect();
        assert_eq!(order, [("name", false), ("created_at", true), ("id", false)]);
        assert!(format!("{:?}", refused("colour=red")).contains("made_from"));
    }

    #[test]
    fn an_order_ends_with_the_id() {
        let (query, _) = parse("ordering=name").expect("valid");
        assert_eq!(query.ordering.last().map(|step| step.field.name), Some("id"));
    }

    #[test]
    fn input_collects_all_errors_and_refuses_unknown_fields() {
        let Err(Error::Invalid(errors)) = Tool::read(serde_json::json!({
            "id": 7, "organization": 9, "contact": "nobody", "colour": "red"
        })) else {
            panic!("not refused")
        };
        let names: Vec<_> = errors.0.keys().map(String::as_str).collect();
        assert_eq!(names, ["colour", "contact", "name"]);
    }

    #[test]
    fn a_patch_keeps_what_is_not_named() {
        let mut tool = Tool { manual: LongText::trusted("old"), ..Tool::default() };
        let patch = Tool::read_patch(serde_json::json!({"name": "Saw", "parent": null}));
        tool.apply(patch.expect("valid"));
        assert_eq!((&*tool.name, &*tool.manual), ("Saw", "old"));
    }
}
