//! Imports over the store in memory: what becomes of the rows, whatever reads them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain_catalog::{Category, Product};
use domain_integrations::import::{
    Imports, Outcome, SheetFormat, SheetReader, SheetRow, TakeRow, Target, Unreadable,
};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Role;
use domain_kernel::query::{ListQuery, Window};
use domain_kernel::{Clock as _, Error, OpContext, Record, Resource, Result, Store};
use domain_sales::{Company, Contact, SalesWork};
use serde_json::{Value, json};
use testkit::builders::{self, Member};
use testkit::{FixedClock, MemoryStore, SeededRandom};

/// Gives the rows that it was made with, whatever the file.
#[derive(Default)]
struct Given {
    rows: Mutex<Vec<SheetRow>>,
    broken: Mutex<Option<Unreadable>>,
}

#[async_trait]
impl SheetReader for Given {
    async fn read(&self, _: SheetFormat, _: Vec<u8>, take: TakeRow<'_>) -> Result<()> {
        self.rows.lock().expect("not poisoned").drain(..).try_for_each(take)?;
        self.broken.lock().expect("not poisoned").take().map_or(Ok(()), |why| Err(why.into()))
    }
}

struct World {
    store: MemoryStore,
    sheet: Arc<Given>,
    imports: Imports,
    member: Member,
}

impl World {
    async fn new() -> Self {
        let clock = Arc::new(FixedClock::default());
        let store = MemoryStore::new(clock.clone());
        let sheet = Arc::new(Given::default());
        let stores = Arc::new(store.clone());
        let random = Arc::new(SeededRandom::new(7));
        let imports = Imports::new(stores.clone(), stores, sheet.clone(), clock.clone(), random);
        let member = builders::found(&store, "home", clock.now()).await.expect("a workspace");
        Self { store, sheet, imports, member }
    }

    fn lay_out(&self, rows: &[&[&str]]) {
        let own = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows = (1..).zip(rows).map(|(number, cells)| SheetRow { number, cells: own(cells) });
        *self.sheet.rows.lock().expect("not poisoned") = rows.collect();
    }

    async fn import(&self, target: Target, rows: &[&[&str]]) -> Result<Value> {
        self.import_as(&self.member.ctx, target, rows).await
    }

    async fn import_as(&self, ctx: &OpContext, target: Target, rows: &[&[&str]]) -> Result<Value> {
        self.lay_out(rows);
        let outcome = self.imports.import(ctx, target, SheetFormat::Csv, Vec::new()).await?;
        Ok(match outcome {
            Outcome::Fresh(report) => json!(report),
            Outcome::Replayed(report) => report,
        })
    }

    async fn contacts(&self, rows: &[&[&str]]) -> Value {
        self.import(Target::Contacts, rows).await.expect("an import")
    }

    async fn products(&self, rows: &[&[&str]]) -> Value {
        self.import(Target::Products, rows).await.expect("an import")
    }

    async fn all<T: Resource>(&self) -> Vec<Record<T>>
    where
        MemoryStore: Store<T::Work>,
    {
        let mut query = ListQuery::all::<T>();
        query.ordering.retain(|step| step.field.name == "id");
        query.window = Window::Page { number: 1, size: 200_000 };
        let mut work = self.store.begin_read(&self.member.ctx).await.expect("a unit");
        T::records(&mut work).list(&query).await.expect("a list").records
    }

    /// Names, address, number, tags and company of all contacts.
    async fn people(&self) -> Vec<Value> {
        let companies = self.all::<Company>().await;
        let shown = |one: &Record<Contact>| {
            let company = companies.iter().find(|row| Some(row.id) == one.data.company.shown());
            let Contact { first_name, last_name, email, phone_number, tags, .. } = &one.data;
            json!([
                first_name,
                last_name,
                email,
                phone_number,
                tags,
                company.map(|row| row.data.name.to_string()),
            ])
        };
        self.all::<Contact>().await.iter().map(shown).collect()
    }
}

fn report(created: usize, updated: usize, skipped: usize) -> Value {
    json!({
        "resource": "contacts",
        "created": created, "updated": updated, "skipped": skipped, "errors": [],
    })
}

const HEADERS: &[&str] = &["first_name", "last_name", "email", "phone", "company", "tags"];

#[tokio::test]
async fn contacts_come_with_their_companies() {
    let world = World::new().await;
    let rows: &[&[&str]] = &[
        &["Имя", "Фамилия", "E-mail", "Телефон", "Компания", "Теги", "Заметки"],
        &["Анна", "Иванова", "anna@example.com", "79161234567.0", "Ромашка", "vip, новый", "x"],
        &["Пётр", "", "", "", "РОМАШКА"],
        &["Eve"],
    ];
    assert_eq!(world.contacts(rows).await, report(3, 0, 0));
    assert_eq!(
        world.people().await,
        [
            json!([
                "Анна",
                "Иванова",
                "anna@example.com",
                "79161234567",
                ["vip", "новый"],
                "Ромашка"
            ]),
            json!(["Пётр", "", "", "", [], "Ромашка"]),
            json!(["Eve", "", "", "", [], null]),
        ]
    );
    let entries = world.store.entries();
    let made: Vec<_> = entries.iter().map(|entry| entry.event_type()).collect();
    assert_eq!(made, ["company.created", "contact.created", "contact.created", "contact.created"]);
    assert!(entries.iter().all(|entry| entry.actor == world.member.ctx.actor));
}

#[tokio::test]
async fn the_same_again_changes_nothing() {
    let world = World::new().await;
    let rows: &[&[&str]] = &[
        HEADERS,
        &["Ada", "Lovelace", "ada@example.com", "1", "Acme", "vip"],
        &["Alan", "Turing", "", "2", "Acme", ""],
    ];
    assert_eq!(world.contacts(rows).await, report(2, 0, 0));
    let (before, entries) = (world.all::<Contact>().await, world.store.entries().len());
    assert_eq!(world.contacts(rows).await, report(0, 0, 2));
    assert_eq!(world.all::<Contact>().await, before);
    assert_eq!(world.all::<Company>().await.len(), 1);
    assert_eq!(world.store.entries().len(), entries, "nothing was journaled");
}

#[tokio::test]
async fn contacts_are_known_by_their_address_else_by_their_names() {
    let world = World::new().await;
    let rows: &[&[&str]] = &[
        HEADERS,
        &["Ada", "Lovelace", "ada@example.com"],
        &["Alan", "Turing", ""],
        &["Grace", "Hopper", "grace@example.com"],
    ];
    world.contacts(rows).await;
    let rows: &[&[&str]] = &[
        HEADERS,
        // By the address, whatever its case; the name follows.
        &["Augusta", "King", "ADA@Example.com"],
        // By the names, whatever their case; an address comes to it.
        &["ALAN", "turing", "alan@example.com"],
        // By the names: the row has no address, and takes none away.
        &["Grace", "Hopper", "", "5"],
        // Somebody else of the same name.
        &["Grace", "Hopper", "hopper@example.org"],
        // Not the same name.
        &["Alan", "", ""],
    ];
    assert_eq!(world.contacts(rows).await, report(2, 3, 0));
    assert_eq!(
        world.people().await,
        [
            json!(["Augusta", "King", "ADA@Example.com", "", [], null]),
            json!(["ALAN", "turing", "alan@example.com", "", [], null]),
            json!(["Grace", "Hopper", "grace@example.com", "5", [], null]),
            json!(["Grace", "Hopper", "hopper@example.org", "", [], null]),
            json!(["Alan", "", "", "", [], null]),
        ]
    );
    let changes = world.store.entries();
    let changes = changes.iter().filter(|entry| entry.change.verb == Verb::Updated);
    assert_eq!(changes.map(|entry| entry.change.version).collect::<Vec<_>>(), [2, 2, 2]);
}

#[tokio::test]
async fn of_rows_with_one_key_the_later_adds_to_the_earlier() {
    let world = World::new().await;
    let rows: &[&[&str]] = &[
        HEADERS,
        &["Ada", "Lovelace", "ada@example.com", "1", "Acme"],
        &["Ada", "Byron", "Ada@example.com", "", "", "vip"],
        &["Ada", "Byron", "", "", "", "vip"],
    ];
    assert_eq!(world.contacts(rows).await, report(1, 1, 1));
    assert_eq!(
        world.people().await,
        [json!(["Ada", "Byron", "Ada@example.com", "1", ["vip"], "Acme"])]
    );
}

#[tokio::test]
async fn an_empty_cell_leaves_what_is_there() {
    let world = World::new().await;
    world.contacts(&[HEADERS, &["Ada", "L", "ada@example.com", "1", "Acme", "vip"]]).await;
    let rows: &[&[&str]] = &[HEADERS, &["Ada", " ", "ada@example.com", "", "", ""]];
    assert_eq!(world.contacts(rows).await, report(0, 0, 1));
    let shorter: &[&[&str]] = &[&["email", "name"], &["ada@example.com", "Augusta"]];
    assert_eq!(world.contacts(shorter).await, report(0, 1, 0));
    assert_eq!(
        world.people().await,
        [json!(["Augusta", "L", "ada@example.com", "1", ["vip"], "Acme"])]
    );
}

#[tokio::test]
async fn a_row_that_is_wrong_is_told_and_stops_no_other() {
    let world = World::new().await;
    let long = "x".repeat(256);
    let rows: &[&[&str]] = &[
        HEADERS,
        &["Ada", "", "ada"],
        &["Alan", "", "alan@example.com"],
        &["", "Nobody", "nobody@example"],
        &["Grace", "", "", "", &long],
    ];
    let answer = world.contacts(rows).await;
    assert_eq!(answer["created"], 1);
    assert_eq!(
        answer["errors"],
        json!([
            {"row": 2, "reason": "email: Enter a valid email address."},
            {"row": 4, "reason": "email: Enter a valid email address. first_name: This field is required."},
            {"row": 5, "reason": "company: Ensure this field has no more than 255 characters."},
        ])
    );
    assert!(world.all::<Company>().await.is_empty(), "nothing comes of a row that is left out");
}

#[tokio::test]
async fn products_are_known_by_their_sku() {
    let world = World::new().await;
    let rows: &[&[&str]] = &[
        &["Название", "Артикул", "Описание", "Категория", "Активен"],
        &["Лампа", "L-1", "Светит", "Свет", "да"],
        &["Лампа", "L-2", "", "свет", "НЕТ"],
        &["Стул", "S-1", "", "", ""],
    ];
    let answer = world.products(rows).await;
    assert_eq!((&answer["created"], &answer["errors"]), (&json!(3), &json!([])));
    let categories = world.all::<Category>().await;
    assert_eq!(categories.len(), 1);
    assert_eq!((&*categories[0].data.name, &*categories[0].data.path), ("Свет", "Свет"));
    let products = world.all::<Product>().await;
    let shown = |row: &Record<Product>| {
        let Product { name, sku, slug, status, is_active, category_name, .. } = &row.data;
        json!([name, sku, slug, status, is_active, category_name])
    };
    assert_eq!(
        products.iter().map(shown).collect::<Vec<_>>(),
        [
            json!(["Лампа", "L-1", "lampa", "draft", true, "Свет"]),
            json!(["Лампа", "L-2", "lampa-2", "draft", false, "Свет"]),
            json!(["Стул", "S-1", "stul", "draft", true, ""]),
        ]
    );
    let again = world.products(rows).await;
    assert_eq!(
        (&again["created"], &again["updated"], &again["skipped"]),
        (&json!(0), &json!(0), &json!(3))
    );
    let rows: &[&[&str]] = &[
        &["name", "sku", "category", "is_active"],
        &["Lamp", "L-1", "Light", "maybe"],
        &["Lamp", "L-2", "Light", "yes"],
        &["Stool", "s-1", "", ""],
        &["Chair", "", "", ""],
    ];
    let changed = world.products(rows).await;
    assert_eq!((&changed["created"], &changed["updated"]), (&json!(1), &json!(1)), "{changed}");
    assert_eq!(
        changed["errors"],
        json!([
            {"row": 2, "reason": "is_active: Must be a valid boolean."},
            {"row": 5, "reason": "sku: This field is required."},
        ])
    );
    let products = world.all::<Product>().await;
    assert_eq!(shown(&products[1]), json!(["Lamp", "L-2", "lampa-2", "draft", true, "Light"]));
    assert_eq!(products[1].version, 2);
}

#[tokio::test]
async fn what_a_product_cannot_become_is_the_error_of_its_row() {
    let world = World::new().await;
    let headers: &[&str] = &["name", "sku", "is_active"];
    world.products(&[headers, &["Lamp", "L-1", "no"], &["Bulb", "L-2", "no"]]).await;
    let row = world.all::<Product>().await.remove(0);
    let mut archived = row.data.clone();
    archived.status = domain_kernel::field::Choice::trusted("archived");
    let mut work: Box<dyn domain_catalog::CatalogWork> =
        world.store.begin_write(&world.member.ctx).await.expect("a unit");
    let next = row.rewritten(archived, row.updated_at);
    assert!(work.products().update(&next).await.expect("an update"));
    work.commit().await.expect("a commit");
    let answer = world.products(&[headers, &["Lamp", "L-1", "yes"], &["Bulb", "L-2", "yes"]]).await;
    assert_eq!(answer["updated"], 1);
    let reason = "is_active: An archived product comes back by its status.";
    assert_eq!(answer["errors"], json!([{"row": 2, "reason": reason}]));
}

#[tokio::test]
async fn a_file_that_breaks_off_or_lacks_a_column_writes_nothing() {
    let world = World::new().await;
    *world.sheet.broken.lock().expect("not poisoned") = Some(Unreadable::Damaged);
    let broken = world.import(Target::Contacts, &[HEADERS, &["Ada"]]).await;
    let Err(Error::Invalid(errors)) = broken else { panic!("it was read") };
    assert!(errors.0.contains_key("file"));
    for rows in [&[][..], &[&["sku", "title"][..], &["1", "Ada"]]] {
        for target in Target::ALL {
            let Err(Error::Invalid(errors)) = world.import(target, rows).await else {
                panic!("it was read")
            };
            assert!(errors.0.contains_key("file"), "{errors:?}");
        }
    }
    assert!(world.all::<Contact>().await.is_empty());
}

#[tokio::test]
async fn only_who_may_write_many_imports() {
    let world = World::new().await;
    let may = |roles: &[Role], target| {
        let ctx = OpContext { roles: roles.iter().copied().collect(), ..world.member.ctx.clone() };
        let world = &world;
        async move {
            let done = world.import_as(&ctx, target, &[&["name", "first_name", "sku"]]).await;
            match done {
                Ok(_) => true,
                Err(Error::Forbidden) => false,
                Err(other) => panic!("{other}"),
            }
        }
    };
    for (roles, contacts, products) in [
        (&[Role::Admin][..], true, true),
        (&[Role::Manager], true, true),
        (&[Role::Marketer], true, false),
        (&[Role::Analyst], false, false),
        (&[], false, false),
    ] {
        assert_eq!(may(roles, Target::Contacts).await, contacts, "{roles:?}");
        assert_eq!(may(roles, Target::Products).await, products, "{roles:?}");
    }
}

#[tokio::test]
async fn a_repeated_request_gets_what_the_first_gave() {
    let world = World::new().await;
    let once = world.member.repeating("key", b"one");
    let rows: &[&[&str]] = &[HEADERS, &["Ada", "", "ada@example.com"]];
    let first = world.import_as(&once, Target::Contacts, rows).await.expect("an import");
    assert_eq!(first, report(1, 0, 0));
    let again = world.import_as(&once, Target::Contacts, rows).await.expect("the same");
    assert_eq!(again, first, "and not a skipped row");
    let other = world.member.repeating("key", b"another");
    let refused = world.import_as(&other, Target::Contacts, rows).await;
    assert!(matches!(refused, Err(Error::IdempotencyMismatch)));
}

#[tokio::test]
async fn rows_of_several_batches_find_each_other() {
    let world = World::new().await;
    let mut rows: Vec<Vec<String>> = vec![HEADERS.iter().map(|name| (*name).to_owned()).collect()];
    for number in 0..2_500 {
        let company = format!("Company {}", number % 10);
        let email = format!("guest{}@example.com", number % 2_400);
        rows.push(vec!["Guest".to_owned(), String::new(), email, String::new(), company]);
    }
    let cells: Vec<Vec<&str>> =
        rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let cells: Vec<&[&str]> = cells.iter().map(Vec::as_slice).collect();
    assert_eq!(world.contacts(&cells).await, report(2_400, 0, 100));
    assert_eq!(world.all::<Contact>().await.len(), 2_400);
    assert_eq!(world.all::<Company>().await.len(), 10);
    let mut work: Box<dyn SalesWork> =
        world.store.begin_read(&world.member.ctx).await.expect("a unit");
    let few = work.contacts_named(&[("guest".to_owned(), String::new())], 3).await;
    assert_eq!(few.expect("a look-up").len(), 3);
}
