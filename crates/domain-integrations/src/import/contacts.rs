//! Rows that are contacts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use domain_kernel::crud::insert_rows;
use domain_kernel::field::ShortText;
use domain_kernel::query::ListQuery;
use domain_kernel::{Fields as _, Id, Record, Result, Step, Which, fold};
use domain_sales::{Company, Contact, ContactPatch, SalesWork};

use super::columns::{Column, Columns};
use super::kept::{Imported, Kept};
use super::line::{Line, texts};
use super::named::{Known, Named};
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
pub(super) struct ContactLine {
    line: Line<ContactPatch>,
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
    type Line = ContactLine;

    const COLUMNS: &'static [Column] = COLUMNS;

    fn line(columns: &Columns, row: &SheetRow) -> Result<ContactLine> {
        let mut object = texts(columns, row, &["first_name", "last_name", "email"]);
        let cell = |field| columns.cell(row, field);
        object.extend(cell("phone_number").map(|text| ("phone_number".into(), cells::phone(text))));
        object.extend(cell("tags").map(|text| ("tags".into(), cells::tags(text))));
        let line = Line::read::<Self, Company>(columns, row, object, "company")?;
        let mut alone = Self::default();
        alone.apply(line.patch.clone());
        Ok(ContactLine { line, key: Key::of(&alone) })
    }

    async fn of_lines(
        work: &mut Unit,
        under: &Under<'_>,
        lines: &[ContactLine],
    ) -> Result<Vec<Kept<Self>>> {
        work.lock_customers().await?;
        let names = lines.iter().filter_map(|one| one.line.named.as_deref());
        let companies = Known::<Company>::find_or_make(work, under, names).await?;
        let mut people = People::load(work, lines).await?;
        for ContactLine { line, key } in lines {
            let company = companies.link(line.named.as_deref());
            people.take(line.row, key, ContactPatch { company, ..line.patch.clone() });
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

#[async_trait]
impl Named for Company {
    fn called(name: ShortText<255>) -> Self {
        Self { name, ..Self::default() }
    }

    fn name(&self) -> &str {
        &self.name
    }

    async fn insert(
        work: &mut Unit,
        step: &Step<'_, Self>,
        rows: Vec<Self>,
    ) -> Result<Vec<Record<Self>>> {
        insert_rows(work, step, rows).await?.into_iter().collect()
    }
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
    async fn load(work: &mut Unit, lines: &[ContactLine]) -> Result<Self> {
        let emails = lines.iter().map(|line| &line.key.email).filter(|email| !email.is_empty());
        let emails: BTreeSet<&String> = emails.collect();
        let query = ListQuery::alike::<Contact>("email", emails.into_iter().cloned().collect())?;
        let found = work.contacts().list(&query).await?.records;
        let known: HashSet<String> = found.iter().map(|record| fold(&record.data.email)).collect();
        let mut ids: BTreeSet<Id<Contact>> = found.into_iter().map(|record| record.id).collect();
        // Who is known by an e-mail address is not looked for by name.
        let mut names: BTreeMap<&(String, String), usize> = BTreeMap::new();
        for line in lines.iter().filter(|line| !known.contains(&line.key.email)) {
            *names.entry(&line.key.name).or_default() += 1;
        }
        // No name needs more namesakes than it has rows.
        let most = names.values().copied().max().unwrap_or_default();
        let names: Vec<_> = names.into_keys().cloned().collect();
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

    /// Lets a row have its say of the contact that its key finds.
    fn take(&mut self, row: u32, key: &Key, patch: ContactPatch) {
        match self.find(key) {
            Some(place) => {
                self.all[place].take(row, patch);
                self.keys[place] = Key::of(&self.all[place].after);
                self.note(place);
            }
            None => self.add(Kept::made(row, patch)),
        }
    }
}
