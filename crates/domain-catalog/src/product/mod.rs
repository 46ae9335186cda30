//! Products, their variants and what those cost.

mod image;
mod many;
mod price;
mod status;
mod variant;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain_kernel::field::{
    Choice, Flag, JsonObject, Link, LongText, Moment, Nested, ShortText, Slug, Word,
};
use domain_kernel::files::{FileField, FileKind};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{Id, Patch, Record, Records, Resource, Result, Step, Which};

pub use image::Image;
pub use many::insert_products;
pub use price::{PRICES_SHOWN, PriceChange, PriceChangePatch, PricePoint, PricePoints};
pub use status::{ProductStatus, SET_STATUS_FIELDS, VariantStatus};
pub use variant::{ProductVariant, ProductVariantPatch};

use crate::names::{SKU, SLUG, product_sku, slug_of};
use crate::{CatalogWork, Category, Unit};

domain_kernel::resource! {
    /// Something that one sells, in one or several variants.
    pub struct Product, patch ProductPatch {
        /// The category that it is in.
        category: Link<Category>,
        /// The category's name.
        category_name: Word<255> [read_only, derived],
        /// The category's slug.
        category_slug: Slug<255> [read_only, derived],
        /// The name.
        name: ShortText<255> [required, searched],
        /// Its name in addresses, unique in the workspace; made from the name where none is given.
        slug: Slug<255> [searched],
        /// Its number in stock-keeping, unique in the workspace; made where none is given.
        sku: ShortText<64> [searched],
        /// What it is.
        description: LongText,
        /// Where it is in its life; `draft` where a create leaves it out.
        status: Choice<ProductStatus>,
        /// What tells it from others, such as material or size.
        attributes: JsonObject,
        /// What other programs keep with it.
        metadata: JsonObject,
        /// Where its main picture is.
        main_image_url: Image [read_only],
        /// Whether it may be sold. It goes with the status: `active` switches it on, `inactive` and
        /// `archived` off; switching an active product off makes it `inactive`, and the other way.
        is_active: Flag<true>,
        /// When it was active for the first time.
        published_at: Moment [read_only],
        /// Its variants. Those with an id change, others are new, and those left out of the list go.
        variants: Nested<ProductVariant> [derived],
    }
}

#[async_trait]
impl Resource for Product {
    const NAME: &'static str = "products";
    const SINGULAR: &'static str = "product";
    const MODULE: &'static str = "catalog";
    const DESCRIPTION: &'static str = "What one sells, with its variants.";
    const AREA: Area = Area::Catalog;
    const ORDER: &'static [&'static str] = &["name"];
    const FILE: Option<FileField> = Some(FileField {
        part: "main_image",
        description: "The main picture: a JPEG, PNG, WebP or GIF file. It is drawn anew, at most 2,048 \
            pixels wide and high. `null` takes it out.",
        kind: FileKind::Picture,
        address: "main_image_url",
        name: None,
        nullable: true,
    });
    type Work = dyn CatalogWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.products()
    }

    fn with_file(patch: &mut ProductPatch, address: Option<String>) {
        patch.main_image_url = Patch::Set(Image(address));
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_catalog().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.verb == Verb::Deleted {
            return Ok(());
        }
        let before = step.before.map(|before| &before.data);
        let slug = before.map(|before| &*before.slug);
        let slug = SLUG.settle(work, step, &data.slug, slug, || slug_of(&data.name, "product"));
        data.slug = Slug::trusted(slug.await?);
        let sku = before.map(|before| &*before.sku);
        let made = || product_sku(&data.name, step.random);
        data.sku = ShortText::trusted(SKU.settle(work, step, &data.sku, sku, made).await?);
        settle_status(before, step, data)?;
        if before.is_none_or(|before| before.category != data.category) {
            let categories = shown_categories(work, [&*data]).await?;
            name_category(data, &categories);
        }
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        variants::store(work, step, record).await
    }
}

/// Lets a product that is about to be stored say the same with its status and its switch, and when it
/// was active for the first time.
fn settle_status(
    before: Option<&Product>,
    step: &Step<'_, Product>,
    data: &mut Product,
) -> Result<()> {
    status::agree(before, data)?;
    if &*data.status == status::ACTIVE && data.published_at.0.is_none() {
        data.published_at = Moment(Some(step.now));
    }
    Ok(())
}

/// The categories that products are in, by id.
async fn shown_categories<'p>(
    work: &mut Unit,
    products: impl IntoIterator<Item = &'p Product>,
) -> Result<BTreeMap<Id<Category>, Category>> {
    let ids = products.into_iter().filter_map(|product| product.category.shown());
    let ids: Vec<_> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = work.categories().find(&ids, Which::Live).await?;
    Ok(found.into_iter().map(|row| (row.id, row.data)).collect())
}

/// Shows the category of a product that is about to be stored.
fn name_category(data: &mut Product, categories: &BTreeMap<Id<Category>, Category>) {
    let category = data.category.shown().and_then(|id| categories.get(&id));
    let (name, slug) = category.map(|one| (&*one.name, &*one.slug)).unwrap_or_default();
    data.category_name = Word::trusted(name);
    data.category_slug = Slug::trusted(slug);
}
