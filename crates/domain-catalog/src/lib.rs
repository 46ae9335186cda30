//! The catalog: what one sells (categories, products with their variants and prices), from whom one has
//! it (suppliers) and what of it there is (stock).
//!
//! It may depend on the language and the kernel. To add a resource: a file that declares it (see
//! `supplier.rs`), a repository in [`CatalogWork`], its use cases in [`Catalog`]; then follow
//! `docs/adding-a-resource.md`.
//!
//! Whoever writes the catalog of a workspace takes its lock first ([`CatalogWork::lock_catalog`]),
//! so that rules over many rows (no category inside itself, slugs and SKUs once, one default variant)
//! are looked up and kept without a race. So does who changes stock by hand: orders lock the variants that
//! they name before the lots, and a lot's movement its lot before the variant.

mod ask;
mod category;
mod names;
mod product;
mod stock;
mod supplier;

use std::sync::Arc;

use async_trait::async_trait;
pub use category::{Branch, Category, CategoryPatch, MAX_DEPTH, PATH_SEPARATOR};
use domain_kernel::crud::Crud;
use domain_kernel::files::FileKey;
use domain_kernel::{Clock, Id, Random, Records, Result, Store};
pub use product::{
    Image, PRICES_SHOWN, PriceChange, PriceChangePatch, PricePoint, PricePoints, Product,
    ProductPatch, ProductStatus, ProductVariant, ProductVariantPatch, SET_STATUS_FIELDS,
    VariantStatus, insert_products,
};
pub use stock::{
    ADJUST_FIELDS, Account, Allocation, Claim, Demand, InventoryLot, InventoryLotPatch, LotLevel,
    Movement, MovementCode, MovementKind, Mover, NO_REFERENCE, PlaceLevel, Reference, Shortage,
    StockLevel, StockMovement, StockMovementPatch, StockWork, Supply, TRANSFER_FIELDS, allocate,
    release, reserve, ship, take_back,
};
pub use supplier::{Supplier, SupplierPatch};

/// What a unit of work reaches of the catalog.
#[async_trait]
pub trait CatalogWork: StockWork {
    /// The categories of the workspace.
    fn categories(&mut self) -> Box<dyn Records<Category> + '_>;
    /// The suppliers of the workspace.
    fn suppliers(&mut self) -> Box<dyn Records<Supplier> + '_>;
    /// The products of the workspace. Each comes with its live variants in order of id.
    fn products(&mut self) -> Box<dyn Records<Product> + '_>;
    /// The variants of all products of the workspace. Each comes with its last
    /// [`PRICES_SHOWN`] prices.
    fn product_variants(&mut self) -> Box<dyn Records<ProductVariant> + '_>;
    /// The prices that variants had and have. They are added to and never changed.
    fn price_history(&mut self) -> Box<dyn Records<PriceChange> + '_>;

    /// Makes others who lock the catalog of the workspace wait until the unit ends.
    async fn lock_catalog(&mut self) -> Result<()>;

    /// Those of some variants that live lines of orders name, in no particular order.
    async fn sold(&mut self, variants: &[Id<ProductVariant>]) -> Result<Vec<Id<ProductVariant>>>;

    /// Those of some files that products name, deleted ones included, in no particular order.
    async fn pictured(&mut self, files: &[FileKey]) -> Result<Vec<FileKey>>;

    /// Stores where categories are in the tree; it is no new version of theirs.
    async fn set_category_paths(&mut self, paths: &[(Id<Category>, String)]) -> Result<()>;
}

/// A unit of work as the rules of the catalog take it.
pub(crate) type Unit = dyn CatalogWork;

/// A store that opens units of work for the catalog.
pub type CatalogStore = dyn Store<dyn CatalogWork>;

/// The use cases of the catalog.
#[derive(Clone)]
pub struct Catalog {
    store: Arc<CatalogStore>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// Categories.
    pub categories: Crud<Category>,
    /// Suppliers.
    pub suppliers: Crud<Supplier>,
    /// Products.
    pub products: Crud<Product>,
    /// Variants of products.
    pub product_variants: Crud<ProductVariant>,
    /// Prices that variants had and have.
    pub price_history: Crud<PriceChange>,
    /// What lies in stock.
    pub inventory_lots: Crud<InventoryLot>,
    /// The ledger of stock.
    pub stock_movements: Crud<StockMovement>,
}

impl Catalog {
    /// The use cases over a store.
    pub fn new(store: Arc<CatalogStore>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            categories: Crud::new(store.clone(), clock.clone(), random.clone()),
            suppliers: Crud::new(store.clone(), clock.clone(), random.clone()),
            products: Crud::new(store.clone(), clock.clone(), random.clone()),
            product_variants: Crud::new(store.clone(), clock.clone(), random.clone()),
            price_history: Crud::new(store.clone(), clock.clone(), random.clone()),
            inventory_lots: Crud::new(store.clone(), clock.clone(), random.clone()),
            stock_movements: Crud::new(store.clone(), clock.clone(), random.clone()),
            store,
            clock,
            random,
        }
    }
}
