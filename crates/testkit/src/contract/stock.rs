//! Stock as those who sell reach it.

use std::sync::Arc;

use domain_catalog::{
    CatalogStore, Demand, InventoryLot, Mover, Product, ProductVariant, Reference, Shortage,
    StockMovement, StockWork, release, reserve, ship, take_back,
};
use domain_kernel::field::{Count, Date, Link, ShortText};
use domain_kernel::query::{ListQuery, Window};
use domain_kernel::{Error, Id, OpContext, Record, Result};
use jiff::civil::date;

use super::Fixture;
use super::catalog::{product, variant};
use super::steps::soon;
use crate::SeededRandom;

/// A line of an order.
fn line(id: i64) -> Reference {
    Reference { kind: "order_line", id }
}

fn demand(variant: Id<ProductVariant>, quantity: i64, id: i64) -> Demand {
    Demand { variant, quantity, reference: line(id) }
}

impl Fixture {
    /// A new variant.
    async fn new_variant(&self, ctx: &OpContext, name: &str) -> Id<ProductVariant> {
        let made: Record<Product> = self.put_goods(ctx, product(name, None)).await;
        self.put_goods(ctx, variant(name, made.id)).await.id
    }

    /// A lot of a variant that expires in this year, if it does.
    async fn lot(
        &self,
        ctx: &OpContext,
        variant: Id<ProductVariant>,
        quantity: i64,
        expires: Option<i16>,
    ) -> Record<InventoryLot> {
        let data = InventoryLot {
            variant: Link::to(Some(variant)),
            quantity: Count(quantity),
            received_at: Date(Some(date(2020, 1, 1))),
            expires_at: Date(expires.map(|year| date(year, 12, 31))),
            location: ShortText::trusted("Store"),
            ..InventoryLot::default()
        };
        self.put_goods(ctx, data).await
    }

    /// Moves stock in a unit of its own.
    async fn moves<T>(
        &self,
        ctx: &OpContext,
        what: impl AsyncFnOnce(&mut dyn StockWork, &Mover<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut work = self.writing_catalog(ctx).await;
        let by = Mover { ctx, now: self.later(), random: &self.random };
        let outcome = what(&mut *work, &by).await?;
        work.commit().await?;
        Ok(outcome)
    }

    /// What is on hand and reserved of lots.
    async fn stock_of(&self, ctx: &OpContext, lots: &[&Record<InventoryLot>]) -> Vec<(i64, i64)> {
        let mut stock = Vec::new();
        for lot in lots {
            let found = self.catalog_row(ctx, lot.id).await.expect("it");
            stock.push((found.data.quantity.0, found.data.reserved.0));
        }
        stock
    }

    async fn movements(&self, ctx: &OpContext) -> Vec<(String, i64)> {
        let mut work = self.catalog.begin_read(ctx).await.expect("a unit");
        let window = Window::Page { number: 1, size: 200 };
        let query = ListQuery { window, ..ListQuery::all::<StockMovement>() };
        let mut found = work.stock_movements().list(&query).await.expect("a list").records;
        work.commit().await.expect("a commit");
        found.sort_by_key(|row| row.id);
        let shown = |row: &Record<StockMovement>| (row.data.kind.to_string(), row.data.quantity.0);
        found.iter().map(shown).collect()
    }
}

/// A promise takes from what expires first; what is handed over, released and brought back is that.
pub async fn a_promise_is_kept_lot_by_lot(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let milk = fixture.new_variant(&ctx, "milk").await;
    let never = fixture.lot(&ctx, milk, 5, None).await;
    let later = fixture.lot(&ctx, milk, 5, Some(2999)).await;
    let sooner = fixture.lot(&ctx, milk, 5, Some(2998)).await;
    let gone = fixture.lot(&ctx, milk, 5, Some(2001)).await;
    let lots = [&sooner, &later, &never, &gone];
    let done = fixture.moves(&ctx, async |work, by| reserve(work, by, &[demand(milk, 8, 1)]).await);
    assert_eq!(done.await.expect("a promise"), Ok(()));
    assert_eq!(fixture.stock_of(&ctx, &lots).await, [(5, 5), (5, 3), (5, 0), (5, 0)]);
    let done = fixture.moves(&ctx, async |work, by| ship(work, by, &[demand(milk, 6, 1)]).await);
    done.await.expect("a shipment");
    assert_eq!(fixture.stock_of(&ctx, &lots).await, [(0, 0), (4, 2), (5, 0), (5, 0)]);
    let done = fixture.moves(&ctx, async |work, by| release(work, by, &[demand(milk, 2, 1)]).await);
    done.await.expect("a release");
    let back =
        fixture.moves(&ctx, async |work, by| take_back(work, by, &[demand(milk, 2, 1)]).await);
    back.await.expect("a return");
    assert_eq!(fixture.stock_of(&ctx, &lots).await, [(1, 0), (5, 0), (5, 0), (5, 0)]);
    let ledger = fixture.movements(&ctx).await;
    let kinds: Vec<_> = ledger.iter().map(|(kind, units)| (kind.as_str(), *units)).collect();
    assert_eq!(
        kinds,
        [
            ("reservation", 5),
            ("reservation", 3),
            ("shipment", 5),
            ("shipment", 1),
            ("release", 2),
            ("return", 1),
            ("return", 1),
        ]
    );
    let audit = fixture.backdoor.audit(ctx.tenant).await;
    assert_eq!(audit.len(), 7, "each lot that a step moved has its entry");
    for refused in [
        fixture.moves(&ctx, async |work, by| ship(work, by, &[demand(milk, 1, 1)]).await).await,
        fixture.moves(&ctx, async |work, by| release(work, by, &[demand(milk, 1, 1)]).await).await,
        fixture
            .moves(&ctx, async |work, by| take_back(work, by, &[demand(milk, 5, 1)]).await)
            .await,
    ] {
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    }
    assert_eq!(fixture.movements(&ctx).await.len(), 7, "what is refused moves nothing");
}

/// What is not there is promised to nobody, and nothing of the request is.
pub async fn a_shortage_says_how_many_there_are(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let (milk, tea) =
        (fixture.new_variant(&ctx, "milk").await, fixture.new_variant(&ctx, "tea").await);
    let free = fixture.new_variant(&ctx, "free").await;
    let lots = [&fixture.lot(&ctx, milk, 5, None).await, &fixture.lot(&ctx, tea, 1, None).await];
    let demands =
        [demand(milk, 3, 1), demand(milk, 3, 2), demand(tea, 2, 3), demand(free, 1_000, 4)];
    let outcome = fixture.moves(&ctx, async |work, by| reserve(work, by, &demands).await).await;
    let short = |demand, available| Shortage { demand, available };
    assert_eq!(outcome.expect("an answer"), Err(vec![short(1, 2), short(2, 1)]));
    assert_eq!(fixture.stock_of(&ctx, &lots).await, [(5, 0), (1, 0)]);
    assert_eq!(fixture.movements(&ctx).await, []);
    // What is in no stock-keeping is sold in any number, shipped and brought back without it.
    let demands = [demand(free, 1_000, 4)];
    let done = fixture.moves(&ctx, async |work, by| {
        assert_eq!(reserve(work, by, &demands).await?, Ok(()));
        ship(work, by, &demands).await?;
        take_back(work, by, &demands).await
    });
    done.await.expect("all of it");
    assert_eq!(fixture.movements(&ctx).await, []);
}

/// Of two hundred who want one of fifty units at once, fifty get one, and nobody waits for ever.
pub async fn racing_promises_give_what_there_is(fixture: &Fixture) {
    const WISHES: i64 = 200;
    let ctx = fixture.member().await.ctx;
    let (milk, tea) =
        (fixture.new_variant(&ctx, "milk").await, fixture.new_variant(&ctx, "tea").await);
    let of_milk =
        [fixture.lot(&ctx, milk, 20, Some(2999)).await, fixture.lot(&ctx, milk, 30, None).await];
    let of_tea = fixture.lot(&ctx, tea, WISHES, None).await;
    let now = fixture.later();
    let wishes = (1..=WISHES).map(|id| {
        let (store, ctx) = (fixture.catalog.clone(), ctx.clone());
        // Named in either order: the locks are taken in one.
        let mut demands = vec![demand(milk, 1, id), demand(tea, 1, id)];
        if id % 2 == 0 {
            demands.reverse();
        }
        tokio::spawn(async move { wish(&store, &ctx, &demands, now, id).await })
    });
    let wishes: Vec<_> = wishes.collect();
    let mut got = 0;
    for wish in wishes {
        got += i64::from(soon("a wish", wish).await.expect("no panic"));
    }
    assert_eq!(got, 50, "as many as there are");
    let [first, second] = &of_milk;
    let stock = fixture.stock_of(&ctx, &[first, second, &of_tea]).await;
    assert_eq!(stock, [(20, 20), (30, 30), (WISHES, 50)]);
    assert_eq!(fixture.movements(&ctx).await.len(), 100);
}

/// Whether somebody gets what they want; asked again while the store has too much to do.
async fn wish(
    store: &Arc<CatalogStore>,
    ctx: &OpContext,
    demands: &[Demand],
    now: jiff::Timestamp,
    seed: i64,
) -> bool {
    let random = SeededRandom::new(1_000_000 + seed.unsigned_abs());
    loop {
        let mut work = match store.begin_write(ctx).await {
            Ok(work) => work,
            // No connection was free in time.
            Err(Error::Busy) => continue,
            Err(error) => panic!("{error}"),
        };
        let by = Mover { ctx, now, random: &random };
        let outcome = reserve(&mut *work, &by, demands).await.expect("no deadlock");
        if outcome.is_err() {
            return false;
        }
        work.commit().await.expect("a commit");
        return true;
    }
}
