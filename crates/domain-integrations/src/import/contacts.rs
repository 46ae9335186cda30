//! Rows that are contacts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use domain_kernel::crud::insert_rows;
use domain_kernel::field::{Link, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::query::ListQuery;
use domain_kernel::{
    Error, FieldErrors, Fields as _, Id, Patch, Record, Result, Step, Which, fold,
};
use domain_sales::{Company, Contact, ContactPatch, SalesWork};
use serde_json::{Map, Value, json};

use super::columns::{Column, Columns};
use super::kept::{Imported, Kept};
use super::{SheetRow, Under, cells};

/// The columns of contacts.
pub const COLUMNS: &[Column] = &[
    Column { field: "first_name", headers: &["first_name", "имя", "name"], required: true },
    Column { field: "last_name", headers: &["last_name", "фамилия"], required: false },
    Column { field: "email", headers: &["email", "e-mail"], required: false },
    Column {
        field: "phone_number",
        headers: &["phone", "phone_number", "телефон"],
        required: false,
    },
    Column { field: "company", headers: &["company", "компания"], required: false },
    Column { field: "tags", headers: &["tags", "теги"], required: false },
];

type Unit = dyn SalesWork;

/// A row that was read.
pub(super) struct Line {
    row: u32,
    /// What it says of the contact, but for the company.
    patch: ContactPatch,
    /// The company's name, as it is written.
    company: Option<String>,
    key: Key,
}

/// What a contact is known by, folded.
#[derive(Clone)]
struct Key {
    /// Empty where there is none.
    email: String,
    name: (String, String),
}

impl Key {
    fn of(contact: &Contact) -> Self {
        let name = (fold(&contact.first_name), fold(&contact.last_name));
        Self { email: fold(&contact.email), name }
    }
}

#[async_trait]
impl Imported for Contact {
    type Line = Line;

    const COLUMNS: &'static [Column] = COLUMNS;

    fn line(columns: &Columns, row: &SheetRow) -> Result<Line> {
        read(columns, row)
    }

    async fn of_lines(
        work: &mut Unit,
        under: &Under<'_>,
        lines: &[Line],
    ) -> Result<Vec<Kept<Self>>> {
        work.lock_customers().await?;
        let companies = companies(work, under, lines).await?;
        let mut people = People::load(work, lines).await?;
        for line in lines {
            let company = line.company.as_deref().and_then(|name| companies.get(&fold(name)));
            let company = company.map_or(Patch::Keep, |id| Patch::Set(Link::to(Some(*id))));
            people.take(line, ContactPatch { company, ..line.patch.clone() });
        }
        Ok(people.all)
    }

    async fn insert(
        work: &mut Unit,
        step: &Step<'_, Self>,
        rows: Vec<Self>,
    ) -> Result<Vec<Result<Record<Self>>>> {
        insert_rows(work, step, rows).await
    }
}

fn read(columns: &Columns, row: &SheetRow) -> Result<Line> {
    let cell = |field| columns.cell(row, field);
    let mut object = Map::new();
    for field in ["first_name", "last_name", "email"] {
        object.extend(cell(field).map(|text| (field.to_owned(), json!(text))));
    }
    object.extend(cell("phone_number").map(|text| ("phone_number".to_owned(), cells::phone(text))));
    object.extend(cell("tags").map(|text| ("tags".to_owned(), cells::tags(text))));
    let mut errors = FieldErrors::default();
    let company = cell("company");
    if let Some(Err(Error::Invalid(mut wrong))) =
        company.map(|name| Company::read(json!({ "name": name })))
    {
        errors.0.extend(wrong.0.remove("name").map(|messages| ("company".to_owned(), messages)));
    }
    if cell("first_name").is_none() {
        errors.add("first_name", "This field is required.");
    }
    let patch = match Contact::read_patch(Value::Object(object)) {
        Ok(patch) => patch,
        Err(Error::Invalid(more)) => {
            errors.0.extend(more.0);
            ContactPatch::default()
        }
        Err(error) => return Err(error),
    };
    errors.into_result()?;
    let mut alone = Contact::default();
    alone.apply(patch.clone());
    Ok(Line { row: row.number, patch, company: company.map(str::to_owned), key: Key::of(&alone) })
}

/// The companies that rows name, by folded name; those that are missing are made.
async fn companies(
    work: &mut Unit,
    under: &Under<'_>,
    lines: &[Line],
) -> Result<BTreeMap<String, Id<Company>>> {
    let mut names = BTreeMap::new();
    for name in lines.iter().filter_map(|line| line.company.as_deref()) {
        names.entry(fold(name)).or_insert(name);
    }
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = ListQuery::alike::<Company>("name", names.keys().cloned().collect())?;
    let mut known = BTreeMap::new();
    for found in work.companies().list(&query).await?.records {
        known.entry(fold(&found.data.name)).or_insert(found.id);
    }
    let missing = names.iter().filter(|(folded, _)| !known.contains_key(*folded));
    let missing: Vec<Company> = missing
        .map(|(_, name)| Company { name: ShortText::trusted(*name), ..Company::default() })
        .collect();
    if !missing.is_empty() {
        for made in insert_rows(work, &under.step(Verb::Created, None), missing).await? {
            let made = made?;
            known.insert(fold(&made.data.name), made.id);
        }
    }
    Ok(known)
}

/// The contacts that rows may be of.
#[derive(Default)]
struct People {
    all: Vec<Kept<Contact>>,
    /// What each is known by now.
    keys: Vec<Key>,
    by_email: HashMap<String, usize>,
    by_name: HashMap<(String, String), Vec<usize>>,
}

impl People {
    /// Finds those that are stored, in order of id: of several that fit the first is meant.
    async fn load(work: &mut Unit, lines: &[Line]) -> Result<Self> {
        let emails = lines.iter().map(|line| &line.key.email).filter(|email| !email.is_empty());
        let emails: BTreeSet<&String> = emails.collect();
        let mut names: BTreeMap<&(String, String), usize> = BTreeMap::new();
        for line in lines {
            *names.entry(&line.key.name).or_default() += 1;
        }
        // No name needs more namesakes than it has rows.
        let most = names.values().copied().max().unwrap_or_default();
        let names: Vec<_> = names.into_keys().cloned().collect();
        let query = ListQuery::alike::<Contact>("email", emails.into_iter().cloned().collect())?;
        let found = work.contacts().list(&query).await?.records;
        let mut ids: BTreeSet<Id<Contact>> = found.into_iter().map(|record| record.id).collect();
        ids.extend(work.contacts_named(&names, most).await?);
        let mut people = Self::default();
        if ids.is_empty() {
            return Ok(people);
        }
        // As they are now: from here on nobody else writes them.
        let ids: Vec<_> = ids.into_iter().collect();
        let mut found: Vec<Record<Contact>> = work.contacts().find(&ids, Which::Live).await?;
        found.sort_by_key(|record| record.id);
        for record in found {
            people.add(Kept::stored(record));
        }
        Ok(people)
    }

    fn add(&mut self, one: Kept<Contact>) {
        self.keys.push(Key::of(&one.after));
        self.all.push(one);
        self.note(self.all.len() - 1);
    }

    /// Lets a contact be found by what it is known by now.
    fn note(&mut self, place: usize) {
        let key = &self.keys[place];
        if !key.email.is_empty() {
            self.by_email.entry(key.email.clone()).or_insert(place);
        }
        let namesakes = self.by_name.entry(key.name.clone()).or_default();
        if !namesakes.contains(&place) {
            namesakes.push(place);
        }
    }

    /// The contact that a row is of: the one with its e-mail address, else the first with its names.
    /// One with another e-mail address is somebody else of the same name.
    fn find(&self, key: &Key) -> Option<usize> {
        let is_at = |place: &usize| self.keys[*place].email == key.email;
        let by_email = self.by_email.get(&key.email).copied().filter(is_at);
        let is_it = |place: &usize| {
            let one = &self.keys[*place];
            one.name == key.name && (key.email.is_empty() || one.email.is_empty())
        };
        by_email.or_else(|| self.by_name.get(&key.name)?.iter().copied().find(is_it))
    }

    fn take(&mut self, line: &Line, patch: ContactPatch) {
        match self.find(&line.key) {
            Some(place) => {
                self.all[place].take(line.row, patch);
                self.keys[place] = Key::of(&self.all[place].after);
                self.note(place);
            }
            None => self.add(Kept::made(line.row, patch)),
        }
    }
}
