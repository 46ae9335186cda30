//! Repositories of the catalog.

pub(crate) mod categories;
pub(crate) mod inventory_lots;
mod prices;
pub(crate) mod product_variants;
pub(crate) mod products;
mod stock_movements;
pub(crate) mod suppliers;

use async_trait::async_trait;
use domain_catalog::{
    CatalogWork, Category, Claim, InventoryLot, Movement, PriceChange, Product, ProductVariant,
    Reference, StockMovement, StockWork, Supplier,
};
use domain_kernel::files::FileKey;
use domain_kernel::{Id, PersonId, Record, Records, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use self::categories::Categories;
use self::inventory_lots::InventoryLots;
use self::prices::PriceHistory;
use self::product_variants::ProductVariants;
use self::products::Products;
use self::stock_movements::StockMovements;
use self::suppliers::Suppliers;
use crate::accounts::organizations;
use crate::dialect;
use crate::errors::of_query;
use crate::trade::order_lines;
use crate::work::SqlWork;

#[async_trait]
impl StockWork for SqlWork {
    fn inventory_lots(&mut self) -> Box<dyn Records<InventoryLot> + '_> {
        Box::new(InventoryLots(self.scope()))
    }

    fn stock_movements(&mut self) -> Box<dyn Records<StockMovement> + '_> {
        Box::new(StockMovements(self.scope()))
    }

    async fn lots_of(
        &mut self,
        variants: &[Id<ProductVariant>],
    ) -> Result<Vec<Record<InventoryLot>>> {
        InventoryLots(self.scope()).of_variants(variants).await
    }

    async fn claims(&mut self, references: &[Reference]) -> Result<Vec<Claim>> {
        StockMovements(self.scope()).claims(references).await
    }

    async fn record_movements(
        &mut self,
        movements: &[Movement],
        by: Option<PersonId>,
        now: Timestamp,
    ) -> Result<()> {
        StockMovements(self.scope()).add(movements, by, now).await
    }

    async fn day_of(&mut self, now: Timestamp) -> Result<Date> {
        let tenant = self.tenant()?;
        let found = organizations::by_id(&mut self.handle().await?, tenant).await;
        let found = found.map_err(of_query)?;
        Ok(found.ok_or(domain_kernel::Error::NotFound)?.day_of(now))
    }
}

#[async_trait]
impl CatalogWork for SqlWork {
    fn categories(&mut self) -> Box<dyn Records<Category> + '_> {
        Box::new(Categories(self.scope()))
    }

    fn suppliers(&mut self) -> Box<dyn Records<Supplier> + '_> {
        Box::new(Suppliers(self.scope()))
    }

    fn products(&mut self) -> Box<dyn Records<Product> + '_> {
        Box::new(Products::new(self.scope()))
    }

    fn product_variants(&mut self) -> Box<dyn Records<ProductVariant> + '_> {
        Box::new(ProductVariants::new(self.scope()))
    }

    fn price_history(&mut self) -> Box<dyn Records<PriceChange> + '_> {
        Box::new(PriceHistory(self.scope()))
    }

    async fn lock_catalog(&mut self) -> Result<()> {
        let tenant = self.tenant()?;
        dialect::take_turn(self.handle().await?, "catalog", tenant).await.map_err(of_query)
    }

    async fn sold(&mut self, variants: &[Id<ProductVariant>]) -> Result<Vec<Id<ProductVariant>>> {
        order_lines::sold(self.scope(), variants).await
    }

    async fn pictured(&mut self, files: &[FileKey]) -> Result<Vec<FileKey>> {
        products::pictured(self.scope(), files).await
    }

    async fn set_category_paths(&mut self, paths: &[(Id<Category>, String)]) -> Result<()> {
        Categories(self.scope()).set_paths(paths).await
    }
}
