//! The catalog.

use std::time::Duration;

use domain_catalog::{
    CatalogWork, Category, Image, InventoryLot, Movement, MovementKind, PRICES_SHOWN, PriceChange,
    Product, ProductVariant, Reference, StockMovement, Supplier,
};
use domain_kernel::field::{
    Choice, Count, CurrencyCode, Date, DoneBy, Flag, Link, Moment, Nested, ShortText, Slug,
};
use domain_kernel::files::FileKey;
use domain_kernel::query::{ListQuery, Window};
use domain_kernel::{Id, OpContext, Record, Resource, Which};
use jiff::SignedDuration;
use jiff::civil::date;

use super::Fixture;
use super::every_list::check_list;
use super::steps::{ids, soon};
use crate::builders::{Member, amount};

/// A category with a name, whose slug is the same.
pub(super) fn category(name: &str, parent: Option<Id<Category>>) -> Category {
    Category {
        name: ShortText::trusted(name),
        slug: Slug::trusted(name),
        parent: Link::to(parent),
        path: ShortText::trusted(name),
        ..Category::default()
    }
}

/// A product with a name, whose slug and SKU are the same.
pub(super) fn product(name: &str, category: Option<Id<Category>>) -> Product {
    Product {
        name: ShortText::trusted(name),
        slug: Slug::trusted(name),
        sku: ShortText::trusted(name),
        status: Choice::trusted("draft"),
        category: Link::to(category),
        ..Product::default()
    }
}

/// A variant with a name, whose SKU is the same.
pub(super) fn variant(name: &str, product: Id<Product>) -> ProductVariant {
    ProductVariant {
        product: Link::to(Some(product)),
        name: ShortText::trusted(name),
        sku: ShortText::trusted(name),
        price: amount("10.50"),
        cost: amount("4.00"),
        status: Choice::trusted("active"),
        ..ProductVariant::default()
    }
}

impl Fixture {
    /// A unit of work for writing the catalog.
    pub(super) async fn writing_catalog(&self, ctx: &OpContext) -> Box<dyn CatalogWork> {
        soon("beginning to write", self.catalog.begin_write(ctx)).await.expect("a unit")
    }

    /// Stores a new row of the catalog.
    pub(super) async fn put_goods<T: Resource<Work = dyn CatalogWork>>(
        &self,
        ctx: &OpContext,
        data: T,
    ) -> Record<T> {
        let mut work = self.writing_catalog(ctx).await;
        let made = T::records(&mut *work).insert(data, self.later()).await.expect("it is stored");
        work.commit().await.expect("a commit");
        made
    }

    /// Marks a row of the catalog as deleted.
    pub(super) async fn drop_row<T: Resource<Work = dyn CatalogWork>>(
        &self,
        ctx: &OpContext,
        row: &Record<T>,
    ) {
        let mut work = self.writing_catalog(ctx).await;
        let now = self.later();
        let gone = Record { deleted_at: Some(now), ..row.rewritten(row.data.clone(), now) };
        assert!(T::records(&mut *work).update(&gone).await.expect("an update"), "it was there");
        work.commit().await.expect("a commit");
    }

    /// The row of the catalog with an id.
    pub(super) async fn catalog_row<T: Resource<Work = dyn CatalogWork>>(
        &self,
        ctx: &OpContext,
        id: Id<T>,
    ) -> Option<Record<T>> {
        let mut work = self.catalog.begin_read(ctx).await.expect("a unit");
        let found = T::records(&mut *work).find(&[id], Which::Any).await.expect("a look-up").pop();
        work.commit().await.expect("a commit");
        found
    }

    /// All rows of the catalog that a query finds.
    async fn answer<T: Resource<Work = dyn CatalogWork>>(
        &self,
        ctx: &OpContext,
        query: ListQuery,
    ) -> Vec<Record<T>> {
        let mut work = self.catalog.begin_read(ctx).await.expect("a unit");
        let window = Window::Page { number: 1, size: 200 };
        let query = ListQuery { window, ..query };
        let found = T::records(&mut *work).list(&query).await.expect("a list").records;
        work.commit().await.expect("a commit");
        found
    }

    /// Records a price of a variant.
    async fn price(&self, member: &Member, variant: Id<ProductVariant>, price: &str) {
        let change = PriceChange {
            variant: Link::to(Some(variant)),
            price: amount(price),
            currency: CurrencyCode::trusted("EUR"),
            recorded_at: Moment(Some(self.later())),
            recorded_by: DoneBy(Some(member.person.id)),
            ..PriceChange::default()
        };
        self.put_goods(&member.ctx, change).await;
    }
}

/// A small catalog of every kind, with deleted rows.
async fn stocked(fixture: &Fixture) -> Member {
    let member = fixture.member().await;
    let ctx = &member.ctx;
    let top = fixture.put_goods(ctx, category("Tops", None)).await.id;
    let within = fixture.put_goods(ctx, category("shirts", Some(top))).await.id;
    let gone = fixture.put_goods(ctx, category("gone", None)).await;
    for name in ["Zuse", "ada", "Ärger", ""] {
        let name = ShortText::trusted(name);
        fixture.put_goods(ctx, Supplier { name, ..Supplier::default() }).await;
    }
    for (name, category, status) in [
        ("shirt", Some(within), "active"),
        ("Hat", Some(gone.id), "draft"),
        ("coat", None, "archived"),
        ("Cap", Some(top), "inactive"),
    ] {
        let (status, is_active) = (Choice::trusted(status), Flag(status == "active"));
        let published_at = Moment(is_active.0.then(|| fixture.later()));
        let data = Product { status, is_active, published_at, ..product(name, category) };
        let made = fixture.put_goods(ctx, data).await;
        for size in ["L", "s"] {
            let name = format!("{name}-{size}");
            let is_default = Flag(size == "L");
            let data = ProductVariant { is_default, ..variant(&name, made.id) };
            let made = fixture.put_goods(ctx, data).await;
            fixture.price(&member, made.id, "9.99").await;
            stock(fixture, &member, made.id).await;
        }
    }
    fixture.drop_row(ctx, &gone).await;
    member
}

/// A lot of a variant, with what came and what was promised.
async fn stock(fixture: &Fixture, member: &Member, variant: Id<ProductVariant>) {
    let units = variant.raw() % 3;
    let lot = InventoryLot {
        variant: Link::to(Some(variant)),
        quantity: Count(units),
        received_at: Date(Some(date(2026, 1, 1 + i8::try_from(units).expect("few")))),
        expires_at: Date((units > 0).then(|| date(2027, 1, 1))),
        location: ShortText::trusted(["Yard", "store", ""][usize::try_from(units).expect("few")]),
        ..InventoryLot::default()
    };
    let lot = fixture.put_goods(&member.ctx, lot).await;
    let movement = |kind, quantity, id| Movement {
        lot: lot.id,
        variant: Some(variant),
        kind,
        quantity,
        location: lot.data.location.to_string(),
        reference: Reference { kind: if id > 0 { "order_line" } else { "" }, id },
        reason: String::new(),
    };
    let movements =
        [movement(MovementKind::Receipt, 1 + units, 0), movement(MovementKind::Reservation, 1, 7)];
    let mut work = fixture.writing_catalog(&member.ctx).await;
    let by = (units > 0).then_some(member.person.id);
    work.record_movements(&movements, by, fixture.later()).await.expect("they are stored");
    work.commit().await.expect("a commit");
}

/// Every filter and every order of the catalog's lists gives what the rows say.
pub async fn every_filter_and_order_of_the_catalog_holds(fixture: &Fixture) {
    let ctx = stocked(fixture).await.ctx;
    check_list(async |query| fixture.answer::<Category>(&ctx, query).await).await;
    check_list(async |query| fixture.answer::<Supplier>(&ctx, query).await).await;
    check_list(async |query| fixture.answer::<Product>(&ctx, query).await).await;
    check_list(async |query| fixture.answer::<ProductVariant>(&ctx, query).await).await;
    check_list(async |query| fixture.answer::<PriceChange>(&ctx, query).await).await;
    check_list(async |query| fixture.answer::<InventoryLot>(&ctx, query).await).await;
    check_list(async |query| fixture.answer::<StockMovement>(&ctx, query).await).await;
}

/// A product comes with its live variants, in order of id, and with what it shows of its category.
pub async fn a_product_comes_with_its_variants_and_its_category(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let shirts = fixture.put_goods(&ctx, category("shirts", None)).await;
    let made = fixture.put_goods(&ctx, product("shirt", Some(shirts.id))).await;
    let other = fixture.put_goods(&ctx, product("other", None)).await;
    let mut of_it = Vec::new();
    for name in ["b", "a", "c"] {
        of_it.push(fixture.put_goods(&ctx, variant(name, made.id)).await);
    }
    fixture.put_goods(&ctx, variant("stranger", other.id)).await;
    fixture.drop_row(&ctx, &of_it[1]).await;
    let shown = |row: &Record<Product>| match &row.data.variants {
        Nested::Stored(variants) => ids(variants),
        other => panic!("not as stored: {other:?}"),
    };
    let expected = [of_it[0].id.raw(), of_it[2].id.raw()];
    let found = fixture.catalog_row(&ctx, made.id).await.expect("it");
    assert_eq!(shown(&found), expected, "the live ones in order of id");
    assert_eq!(&*found.data.category_name, "shirts");
    assert_eq!(&*found.data.category_slug, "shirts");
    let listed = fixture.answer::<Product>(&ctx, ListQuery::all::<Product>()).await;
    let listed: Vec<_> = listed.iter().filter(|row| row.id == made.id).collect();
    assert_eq!(shown(listed[0]), expected, "lists show them as well");
    fixture.drop_row(&ctx, &shirts).await;
    let found = fixture.catalog_row(&ctx, made.id).await.expect("it");
    assert_eq!((&*found.data.category_name, found.data.category.shown()), ("", None));
}

/// A variant shows its last prices, the newest first; the history has all of them.
pub async fn a_variant_shows_its_last_prices(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = &member.ctx;
    let made = fixture.put_goods(ctx, product("shirt", None)).await;
    let (one, other) = (
        fixture.put_goods(ctx, variant("one", made.id)).await,
        fixture.put_goods(ctx, variant("two", made.id)).await,
    );
    let prices = ["1.00", "2.00", "3.00", "4.00", "5.00", "6.00", "7.00"];
    for price in prices {
        fixture.price(&member, one.id, price).await;
    }
    fixture.price(&member, other.id, "99.00").await;
    let found = fixture.catalog_row(ctx, one.id).await.expect("it");
    let shown: Vec<String> =
        found.data.price_history.0.iter().map(|point| point.price.to_string()).collect();
    let expected: Vec<_> = prices.iter().rev().take(PRICES_SHOWN).collect();
    assert!(shown.iter().eq(expected), "{shown:?}");
    let newest = &found.data.price_history.0[0];
    assert_eq!(newest.recorded_by, Some(member.person.id));
    assert_eq!(newest.currency.code(), "EUR");
    let history = fixture.answer::<PriceChange>(ctx, ListQuery::all::<PriceChange>()).await;
    assert_eq!(history.len(), prices.len() + 1, "all are in the history");
    assert_eq!(&*history[1].data.variant_sku, "one", "the newest first, with what it is of");
    assert_eq!(history[1].data.product.shown(), Some(made.id));
    fixture.drop_row(ctx, &one).await;
    let history = fixture.answer::<PriceChange>(ctx, ListQuery::all::<PriceChange>()).await;
    assert_eq!(history[1].data.variant.shown(), None, "it outlives the variant");
    assert_eq!(&*history[1].data.variant_name, "one", "whose name it keeps");
}

/// A file is named by a product of its workspace, whether that is deleted or not, until it names
/// another.
pub async fn files_are_named_by_products(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let key = || FileKey::picture(ctx.tenant, &fixture.random, "jpg");
    let (first, second) = (key(), key());
    let pictured = |key: &FileKey| Product {
        main_image_url: Image(Some(format!("https://crm.example.com/media/{key}"))),
        ..product("Tent", None)
    };
    let keys = [first.clone(), second.clone()];
    let asked = async |ctx: &OpContext| {
        let mut work = fixture.writing_catalog(ctx).await;
        work.pictured(&keys).await.expect("an answer")
    };
    let tent = fixture.put_goods(&ctx, pictured(&first)).await;
    assert_eq!(asked(&ctx).await, std::slice::from_ref(&first));
    assert_eq!(asked(&other).await, [], "another workspace names nothing of it");

    let mut work = fixture.writing_catalog(&ctx).await;
    let next = tent.rewritten(pictured(&second), fixture.later());
    assert!(work.products().update(&next).await.expect("an update"));
    work.commit().await.expect("a commit");
    fixture.drop_row(&ctx, &next).await;
    assert_eq!(asked(&ctx).await, [second]);
}

/// Paths are stored without a new version; other workspaces' are not reached.
pub async fn a_path_is_stored_without_a_new_version(fixture: &Fixture) {
    let (ctx, strangers) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let row = fixture.put_goods(&ctx, category("shirts", None)).await;
    let theirs = fixture.put_goods(&strangers, category("theirs", None)).await;
    let mut work = fixture.writing_catalog(&ctx).await;
    let paths = [(row.id, "tops / shirts".to_owned()), (theirs.id, "stolen".to_owned())];
    work.set_category_paths(&paths).await.expect("they are stored");
    work.commit().await.expect("a commit");
    let found = fixture.catalog_row(&ctx, row.id).await.expect("it");
    assert_eq!((&*found.data.path, found.version), ("tops / shirts", row.version));
    let found = fixture.catalog_row(&strangers, theirs.id).await.expect("it");
    assert_eq!(&*found.data.path, "theirs");
}

/// Who locks the catalog of a workspace waits for who has it, and nobody waits for another's.
pub async fn who_locks_the_catalog_waits(fixture: &Fixture) {
    let (ctx, strangers) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let mut first = fixture.writing_catalog(&ctx).await;
    first.lock_catalog().await.expect("it is free");
    let row = Category::records(&mut *first).insert(category("first", None), fixture.now()).await;
    row.expect("it is stored");
    let (store, waiting) = (fixture.catalog.clone(), ctx.clone());
    let second = tokio::spawn(async move {
        let mut work = store.begin_write(&waiting).await.expect("a unit");
        work.lock_catalog().await.expect("it comes free");
        let all = work.categories().list(&ListQuery::all::<Category>()).await.expect("a list");
        work.commit().await.expect("a commit");
        all.records.len()
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!second.is_finished(), "it waits");
    first.commit().await.expect("a commit");
    let seen = soon("the second's turn", second).await.expect("no panic");
    assert_eq!(seen, 1, "and sees what the first has written");
    fixture.clock.advance(SignedDuration::from_secs(1));
    let mut other = fixture.writing_catalog(&strangers).await;
    soon("another workspace's lock", other.lock_catalog()).await.expect("it is free");
    other.commit().await.expect("a commit");
}
