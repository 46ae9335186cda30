//! Bodies of requests, made from their schemas, with the places where ids go.

use serde_json::{Map, Value};

use crate::document::Operation;
use crate::meaning::{self, Meaning, Thing};

/// A body, but for its ids.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) body: Value,
    /// Where ids are to be filled in.
    pub(crate) holes: Vec<Hole>,
}

/// A place in a body where an id goes.
#[derive(Debug, Clone)]
pub(crate) struct Hole {
    /// The JSON pointer.
    pub(crate) pointer: String,
    pub(crate) thing: Thing,
    /// The server ignores what is sent here; unless it is tried, nothing is.
    pub(crate) ignored: bool,
}

/// The bodies of an operation: one, or one for each state of the switches in it.
pub(crate) fn templates(operation: &Operation) -> Vec<Template> {
    let Some(schema) = &operation.body else { return Vec::new() };
    let properties = schema["properties"].as_object();
    let has_switch = properties.is_some_and(|p| p.values().any(|v| v["type"] == "boolean"));
    let states: &[bool] = if has_switch { &[true, false] } else { &[true] };
    let made = states.iter().map(|&state| {
        let mut maker = Maker { operation, state, holes: Vec::new() };
        let body = maker.value("body", schema, "").expect("a body is never left out");
        Template { body, holes: maker.holes }
    });
    made.collect()
}

struct Maker<'o> {
    operation: &'o Operation,
    state: bool,
    holes: Vec<Hole>,
}

impl Maker<'_> {
    fn value(&mut self, name: &str, schema: &Value, pointer: &str) -> Option<Value> {
        let hole = |thing, ignored| Hole { pointer: pointer.to_owned(), thing, ignored };
        match meaning::of(self.operation, name, schema) {
            Meaning::Id(thing) => {
                self.holes.push(hole(thing, false));
                Some(Value::Null)
            }
            Meaning::Ignored(thing) => {
                self.holes.extend(thing.map(|thing| hole(thing, true)));
                None
            }
            Meaning::Object => {
                let mut object = Map::new();
                for (name, schema) in schema["properties"].as_object().expect("properties") {
                    let value = self.value(name, schema, &format!("{pointer}/{name}"));
                    object.extend(value.map(|value| (name.clone(), value)));
                }
                Some(object.into())
            }
            Meaning::List => {
                let items = &schema["items"];
                let kinds = match items["anyOf"].as_array() {
                    Some(kinds) if kinds.iter().all(|kind| kind["properties"].is_object()) => {
                        kinds.as_slice()
                    }
                    _ => std::slice::from_ref(items),
                };
                let made = kinds.iter().enumerate();
                let made: Vec<Value> = made
                    .filter_map(|(at, kind)| {
                        let mut value = self.value(name, kind, &format!("{pointer}/{at}"))?;
                        if at > 0 {
                            told_apart(&mut value, at);
                        }
                        Some(value)
                    })
                    .collect();
                Some(made.into())
            }
            Meaning::Plain(Value::Bool(_)) => Some(self.state.into()),
            Meaning::Plain(value) => Some(value),
            Meaning::Cursor | Meaning::Omitted => None,
        }
    }
}

/// Puts a value into a body, also where there is nothing yet.
pub(crate) fn put(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("not the body itself");
    match body.pointer_mut(parent).expect("the place is there") {
        Value::Object(object) => drop(object.insert(name.to_owned(), value)),
        Value::Array(list) => list[name.parse::<usize>().expect("a place")] = value,
        other => panic!("nothing can be put into {other}"),
    }
}

/// Lets the texts of one item differ from those of the others: some must be unique.
fn told_apart(value: &mut Value, at: usize) {
    match value {
        Value::String(text) => {
            *text = text.replace("{n}", &format!("{{n}}-{at}")).replace("{day}", "{another day}");
        }
        Value::Array(list) => list.iter_mut().for_each(|value| told_apart(value, at)),
        Value::Object(object) => object.values_mut().for_each(|value| told_apart(value, at)),
        _ => {}
    }
}

/// The day of a number: each has one of its own.
fn day(number: u32) -> String {
    let first = jiff::civil::date(1900, 1, 1);
    first.saturating_add(jiff::ToSpan::days(i64::from(number))).to_string()
}

/// Puts the words in the place of `{who}`, `{n}` and `{day}`.
pub(crate) fn worded(value: &mut Value, who: &str, number: u32) {
    match value {
        Value::String(text) => {
            *text = text.replace("{who}", who).replace("{n}", &format!("{number:06}"));
            // Far from the days of the others.
            *text = text.replace("{another day}", &day(number + 1_000_000));
            *text = text.replace("{day}", &day(number));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| worded(value, who, number)),
        Value::Object(object) => {
            object.values_mut().for_each(|value| worded(value, who, number));
        }
        _ => {}
    }
}
