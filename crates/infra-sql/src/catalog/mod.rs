//! Repositories of the catalog.

pub(crate) mod categories;
mod prices;
pub(crate) mod product_variants;
pub(crate) mod products;
pub(crate) mod suppliers;

use async_trait::async_trait;
use domain_catalog::{CatalogWork, Category, PriceChange, Product, ProductVariant, Supplier};
use domain_kernel::{Id, Records, Result};

use self::categories::Categories;
use self::prices::PriceHistory;
use self::product_variants::ProductVariants;
use self::products::Products;
use self::suppliers::Suppliers;
use crate::dialect;
use crate::errors::of_query;
use crate::work::SqlWork;

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

    async fn set_category_paths(&mut self, paths: &[(Id<Category>, String)]) -> Result<()> {
        Categories(self.scope()).set_paths(paths).await
    }
}
