//! The catalog: what is stored of it, and what its rows show of each other.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain_catalog::{
    CatalogWork, Category, Claim, InventoryLot, Movement, MovementKind, PRICES_SHOWN, PriceChange,
    PricePoint, PricePoints, Product, ProductVariant, Reference, StockMovement, StockWork,
    Supplier,
};
use domain_kernel::field::{
    Choice, DoneBy, Link, LongText, Nested, RowId, ShortText, Slug, Whole, Word,
};
use domain_kernel::files::FileKey;
use domain_kernel::{Error, Id, PersonId, Record, Records, Resource, Result, TenantId, Which};
use domain_sales::OrderLine;
use jiff::Timestamp;
use jiff::civil::Date;

use super::records::MemoryRecords;
use super::state::{State, Stored, Table, relinked};
use super::work::MemoryWork;

/// What is stored of the catalog.
#[derive(Clone, Default)]
pub(super) struct CatalogState {
    categories: Table<Category>,
    suppliers: Table<Supplier>,
    products: Table<Product>,
    product_variants: Table<ProductVariant>,
    prices: Table<PriceChange>,
    lots: Table<InventoryLot>,
    movements: Table<StockMovement>,
}

impl CatalogState {
    /// Which of the ids are rows of a resource in a workspace.
    pub(super) fn existing(
        &self,
        tenant: TenantId,
        resource: &str,
        ids: &[i64],
        which: Which,
    ) -> Result<BTreeSet<i64>> {
        let is_there: &dyn Fn(i64) -> bool = match resource {
            Category::NAME => &|id| self.categories.get(tenant, id, which).is_some(),
            Supplier::NAME => &|id| self.suppliers.get(tenant, id, which).is_some(),
            Product::NAME => &|id| self.products.get(tenant, id, which).is_some(),
            ProductVariant::NAME => &|id| self.product_variants.get(tenant, id, which).is_some(),
            InventoryLot::NAME => &|id| self.lots.get(tenant, id, which).is_some(),
            other => return Err(Error::internal(format!("there is no resource {other}"))),
        };
        Ok(ids.iter().copied().filter(|id| is_there(*id)).collect())
    }

    /// Removes what a workspace has; how many rows of which table.
    pub(super) fn erase(&mut self, tenant: TenantId) -> [(&'static str, usize); 7] {
        fn others<T>(tenant: TenantId) -> impl Fn(&Record<T>) -> bool {
            move |row| row.tenant != tenant
        }
        [
            ("stock_movements", self.movements.keep(others(tenant))),
            ("inventory_lots", self.lots.keep(others(tenant))),
            ("price_changes", self.prices.keep(others(tenant))),
            ("product_variants", self.product_variants.keep(others(tenant))),
            ("products", self.products.keep(others(tenant))),
            ("categories", self.categories.keep(others(tenant))),
            ("suppliers", self.suppliers.keep(others(tenant))),
        ]
    }
}

/// Says where the rows of a resource are.
macro_rules! in_table {
    ($table:ident) => {
        fn table(state: &State) -> &Table<Self> {
            &state.catalog.$table
        }

        fn table_mut(state: &mut State) -> &mut Table<Self> {
            &mut state.catalog.$table
        }
    };
}

impl Stored for Category {
    in_table!(categories);

    fn references(&self) -> Vec<(&'static str, i64)> {
        self.parent.kept().map(|id| (Self::NAME, id.raw())).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.parent = relinked(&self.parent, tenant, state);
    }
}

impl Stored for Supplier {
    in_table!(suppliers);
}

impl Stored for Product {
    in_table!(products);

    fn references(&self) -> Vec<(&'static str, i64)> {
        self.category.kept().map(|id| (Category::NAME, id.raw())).into_iter().collect()
    }

    fn see(row: &mut Record<Self>, state: &State) {
        let (tenant, product) = (row.tenant, row.id);
        row.data.category = relinked(&row.data.category, tenant, state);
        let category = row.data.category.shown();
        let category = category.and_then(|id| {
            state.catalog.categories.get(tenant, id.raw(), Which::Live).map(|row| &row.data)
        });
        row.data.category_name =
            Word::trusted(category.map(|data| data.name.to_string()).unwrap_or_default());
        row.data.category_slug =
            Slug::trusted(category.map(|data| data.slug.to_string()).unwrap_or_default());
        let variants = state.catalog.product_variants.of(tenant);
        let own = variants.filter(|variant| {
            variant.data.product.kept() == Some(product) && variant.deleted_at.is_none()
        });
        let shown = own.map(|variant| {
            let mut variant = variant.clone();
            ProductVariant::see(&mut variant, state);
            variant
        });
        row.data.variants = Nested::Stored(shown.collect());
    }
}

impl Stored for ProductVariant {
    in_table!(product_variants);

    fn references(&self) -> Vec<(&'static str, i64)> {
        self.product.kept().map(|id| (Product::NAME, id.raw())).into_iter().collect()
    }

    fn see(row: &mut Record<Self>, state: &State) {
        let (tenant, variant) = (row.tenant, row.id);
        row.data.product = relinked(&row.data.product, tenant, state);
        let prices = state.catalog.prices.of(tenant);
        let mut own: Vec<_> =
            prices.filter(|price| price.data.variant.kept() == Some(variant)).collect();
        own.sort_by_key(|price| std::cmp::Reverse((price.data.recorded_at.0, price.id)));
        let shown = own.iter().take(PRICES_SHOWN).map(|price| PricePoint {
            id: price.id,
            price: price.data.price.0,
            currency: price.data.currency.0,
            recorded_at: price.data.recorded_at.0.unwrap_or_default(),
            recorded_by: price.data.recorded_by.0,
        });
        row.data.price_history = PricePoints(shown.collect());
    }
}

impl Stored for PriceChange {
    in_table!(prices);

    fn references(&self) -> Vec<(&'static str, i64)> {
        self.variant.kept().map(|id| (ProductVariant::NAME, id.raw())).into_iter().collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.variant = relinked(&self.variant, tenant, state);
        let variant = self.variant.kept().map_or(0, |id| id.raw());
        let variants = &state.catalog.product_variants;
        if let Some(variant) = variants.get(tenant, variant, Which::Any) {
            self.product = relinked(&variant.data.product, tenant, state);
            self.variant_sku = Word::trusted(variant.data.sku.to_string());
            self.variant_name = Word::trusted(variant.data.name.to_string());
        }
    }
}

impl Stored for InventoryLot {
    in_table!(lots);

    fn references(&self) -> Vec<(&'static str, i64)> {
        let variant = self.variant.kept().map(|id| (ProductVariant::NAME, id.raw()));
        let supplier = self.supplier.kept().map(|id| (Supplier::NAME, id.raw()));
        variant.into_iter().chain(supplier).collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.variant = relinked(&self.variant, tenant, state);
        self.supplier = relinked(&self.supplier, tenant, state);
    }
}

impl Stored for StockMovement {
    in_table!(movements);

    fn references(&self) -> Vec<(&'static str, i64)> {
        let variant = self.variant.kept().map(|id| (ProductVariant::NAME, id.raw()));
        let lot = self.lot.kept().map(|id| (InventoryLot::NAME, id.raw()));
        variant.into_iter().chain(lot).collect()
    }

    fn relink(&mut self, tenant: TenantId, state: &State) {
        self.variant = relinked(&self.variant, tenant, state);
        self.lot = relinked(&self.lot, tenant, state);
    }
}

#[async_trait]
impl StockWork for MemoryWork {
    fn inventory_lots(&mut self) -> Box<dyn Records<InventoryLot> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn stock_movements(&mut self) -> Box<dyn Records<StockMovement> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn lots_of(
        &mut self,
        variants: &[Id<ProductVariant>],
    ) -> Result<Vec<Record<InventoryLot>>> {
        let (tenant, state) = (self.tenant()?, self.state());
        let live = state.catalog.lots.of(tenant).filter(|lot| lot.deleted_at.is_none());
        let is_wanted = |lot: &&Record<InventoryLot>| {
            lot.data.variant.kept().is_some_and(|variant| variants.contains(&variant))
        };
        let seen = live.filter(is_wanted).map(|lot| {
            let mut lot = lot.clone();
            InventoryLot::see(&mut lot, state);
            lot
        });
        Ok(seen.collect())
    }

    async fn claims(&mut self, references: &[Reference]) -> Result<Vec<Claim>> {
        let (tenant, state) = (self.tenant()?, self.state());
        let mut claims: Vec<Claim> = Vec::new();
        for movement in state.catalog.movements.of(tenant) {
            let data = &movement.data;
            let is_it = |one: &&Reference| {
                one.kind == &*data.reference_type && Some(one.id) == data.reference_id.0
            };
            let (Some(reference), Some(kind), Some(lot)) = (
                references.iter().find(is_it).copied(),
                MovementKind::from_code(&data.kind),
                data.lot.kept(),
            ) else {
                continue;
            };
            let known = claims.iter().position(|one| one.lot == lot && one.reference == reference);
            let place = known.unwrap_or_else(|| {
                claims.push(Claim { lot, reference, reserved: 0, shipped: 0 });
                claims.len() - 1
            });
            claims[place].apply(kind, data.quantity.0);
        }
        Ok(claims)
    }

    async fn record_movements(
        &mut self,
        movements: &[Movement],
        by: Option<PersonId>,
        now: Timestamp,
    ) -> Result<()> {
        for movement in movements {
            let data = StockMovement {
                kind: Choice::trusted(movement.kind.code()),
                lot: Link::to(Some(movement.lot)),
                variant: Link::to(movement.variant),
                location: Word::trusted(movement.location.clone()),
                quantity: Whole(movement.quantity),
                reason: LongText::trusted(movement.reason.clone()),
                reference_type: Word::trusted(movement.reference.kind),
                reference_id: RowId((movement.reference.id > 0).then_some(movement.reference.id)),
                created_by: DoneBy(by),
            };
            self.stock_movements().insert(data, now).await?;
        }
        Ok(())
    }

    async fn day_of(&mut self, now: Timestamp) -> Result<Date> {
        let tenant = self.tenant()?;
        let mut organizations = self.state().accounts.organizations.iter();
        let found = organizations.find(|organization| organization.id == tenant);
        Ok(found.ok_or(Error::NotFound)?.day_of(now))
    }
}

#[async_trait]
impl CatalogWork for MemoryWork {
    fn categories(&mut self) -> Box<dyn Records<Category> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn suppliers(&mut self) -> Box<dyn Records<Supplier> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn products(&mut self) -> Box<dyn Records<Product> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn product_variants(&mut self) -> Box<dyn Records<ProductVariant> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    fn price_history(&mut self) -> Box<dyn Records<PriceChange> + '_> {
        Box::new(MemoryRecords::new(self))
    }

    async fn lock_catalog(&mut self) -> Result<()> {
        // Who writes has the one turn already.
        self.state_mut().map(drop)
    }

    async fn sold(&mut self, variants: &[Id<ProductVariant>]) -> Result<Vec<Id<ProductVariant>>> {
        let lines = OrderLine::table(self.state()).of(self.tenant()?);
        let named = lines.filter(|line| line.deleted_at.is_none());
        let named: BTreeSet<_> =
            named.filter_map(|line| line.data.product_variant.kept()).collect();
        Ok(variants.iter().copied().filter(|variant| named.contains(variant)).collect())
    }

    async fn pictured(&mut self, files: &[FileKey]) -> Result<Vec<FileKey>> {
        let products = Product::table(self.state()).of(self.tenant()?);
        let pictures = products.filter_map(|row| row.data.main_image_url.0.as_deref());
        let named: BTreeSet<_> = pictures.filter_map(FileKey::in_address).collect();
        Ok(files.iter().filter(|key| named.contains(key)).cloned().collect())
    }

    async fn set_category_paths(&mut self, paths: &[(Id<Category>, String)]) -> Result<()> {
        let tenant = self.tenant()?;
        let table = &mut self.state_mut()?.catalog.categories;
        for (id, path) in paths {
            if let Some(mut row) = table.get(tenant, id.raw(), Which::Any).cloned() {
                row.data.path = ShortText::trusted(path.clone());
                table.put(row);
            }
        }
        Ok(())
    }
}
