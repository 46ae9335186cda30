//! Goods, prices and deliveries through the use cases.

use domain_catalog::{Category, InventoryLot, ProductVariantPatch, Supplier};
use domain_kernel::crud::BulkItem;
use domain_kernel::field::{Count, Date, Email, Link, LongText, Money, Nested, Phone, ShortText};
use domain_kernel::{Error, Id, Patch, Result};
use serde_json::json;

use super::receipts::Receipt;
use super::table::{DEPARTMENTS, SUPPLIERS};
use super::{Goods, cents};
use crate::calendar::{Calendar, hour};
use crate::history::{Event, Step};
use crate::player::{Player, fresh, known};
use crate::store::bulk;

/// What happens to goods.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GoodsStep {
    /// A product is sold from now on.
    Launch(usize),
    /// Goods come in.
    Receive(Vec<Receipt>),
    /// Variants have other prices from now on, in cents.
    Reprice(Vec<(usize, i64)>),
    /// A product is not sold any more.
    End(usize),
}

/// Everything that happens to goods but deliveries.
pub(crate) fn events(goods: &Goods, calendar: &Calendar) -> Vec<Event> {
    let mut events = Vec::new();
    for (at, good) in goods.goods.iter().enumerate() {
        events.push(Event::new(hour(good.launched, 4), Step::Goods(GoodsStep::Launch(at))));
        let ended = good.ended.map(|day| Event::new(hour(day, 4), Step::Goods(GoodsStep::End(at))));
        events.extend(ended);
    }
    for day in 1..calendar.days() {
        let changes = super::prices::changes(goods, calendar, day);
        if !changes.is_empty() {
            events.push(Event::new(hour(day, 4), Step::Goods(GoodsStep::Reprice(changes))));
        }
    }
    events
}

/// The deliveries.
pub(crate) fn deliveries(
    goods: &Goods,
    calendar: &Calendar,
    sold: &[(i64, usize, i64)],
) -> Vec<Event> {
    let receipts = super::receipts::plan(goods, calendar, sold).into_iter();
    let received = |(day, all)| Event::new(hour(day, 5), Step::Goods(GoodsStep::Receive(all)));
    receipts.map(received).collect()
}

impl Player<'_> {
    /// Makes what goods need to be there: their groups, and who delivers them.
    pub(crate) async fn open_catalog(&mut self) -> Result<()> {
        for (name, email, phone, notes) in SUPPLIERS {
            let supplier = Supplier {
                name: ShortText::trusted(name),
                contact_email: Email::trusted(email),
                phone_number: Phone::trusted(phone),
                notes: LongText::trusted(notes),
            };
            let made = fresh(self.catalog.suppliers.create(&self.desk(0), supplier).await?)?;
            self.suppliers.push(made.id);
        }
        for one in &DEPARTMENTS {
            let category = Category {
                name: ShortText::trusted(one.name),
                description: LongText::trusted(one.description),
                parent: Link::to(self.category(one.within)),
                ..Category::default()
            };
            let made = fresh(self.catalog.categories.create(&self.desk(0), category).await?)?;
            self.categories.push(made.id);
        }
        Ok(())
    }

    fn category(&self, name: &str) -> Option<Id<Category>> {
        let at = DEPARTMENTS.iter().position(|one| one.name == name)?;
        self.categories.get(at).copied()
    }

    /// Does what happens to goods.
    pub(crate) async fn goods(&mut self, day: i64, step: &GoodsStep) -> Result<()> {
        match step {
            GoodsStep::Launch(good) => self.launch(*good).await,
            GoodsStep::Receive(receipts) => self.receive(day, receipts).await,
            GoodsStep::Reprice(changes) => self.reprice(changes).await,
            GoodsStep::End(good) => {
                let id = known(&self.products, *good)?;
                let status = json!({ "status": "inactive" });
                self.catalog.set_status(&self.desk(0), id, status, None).await.map(drop)
            }
        }
    }

    async fn launch(&mut self, good: usize) -> Result<()> {
        let goods = &self.plan.goods;
        let category = self.category(goods.goods[good].department.name);
        let product = goods.product(good, category, &self.plan.calendar);
        let made = fresh(self.catalog.products.create(&self.desk(0), product).await?)?;
        let Nested::Stored(variants) = &made.data.variants else {
            return Err(Error::internal("a product came back without its variants"));
        };
        for (form, variant) in goods.forms_of(good).zip(variants) {
            self.variants[form] = Some(variant.id);
        }
        self.products[good] = Some(made.id);
        Ok(())
    }

    async fn receive(&mut self, day: i64, receipts: &[Receipt]) -> Result<()> {
        let (goods, calendar) = (&self.plan.goods, &self.plan.calendar);
        let lots = receipts.iter().map(|Receipt { form, quantity }| {
            let good = goods.good(*form);
            let keeps = good.article.keeps;
            let expires = (keeps > 0).then(|| calendar.date(day + keeps * 30));
            Ok(BulkItem::Create(InventoryLot {
                variant: Link::to(Some(known(&self.variants, *form)?)),
                supplier: Link::to(self.suppliers.get(good.department.supplier).copied()),
                quantity: Count(*quantity),
                received_at: Date(Some(calendar.date(day))),
                expires_at: Date(expires),
                location: ShortText::trusted(place(good.department.supplier)),
                ..InventoryLot::default()
            }))
        });
        let lots = lots.collect::<Result<_>>()?;
        bulk(&self.catalog.inventory_lots, &self.desk(0), lots).await.map(drop)
    }

    async fn reprice(&mut self, changes: &[(usize, i64)]) -> Result<()> {
        let changes = changes.iter().map(|(form, price)| {
            let price = Patch::Set(Money(cents(*price)));
            let patch = ProductVariantPatch { price, ..ProductVariantPatch::default() };
            Ok(BulkItem::Update(known(&self.variants, *form)?, patch, None))
        });
        let changes = changes.collect::<Result<_>>()?;
        bulk(&self.catalog.product_variants, &self.desk(0), changes).await.map(drop)
    }
}

/// Where goods of a supplier lie.
const fn place(supplier: usize) -> &'static str {
    match supplier {
        0 | 3 => "Main warehouse, cool room",
        1 | 2 => "Main warehouse, hall 1",
        4 | 5 => "Main warehouse, hall 2",
        _ => "Harbour Street store",
    }
}
