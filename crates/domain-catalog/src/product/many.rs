//! Many new products at once.

use domain_kernel::crud::insert_prepared;
use domain_kernel::field::{ShortText, Slug};
use domain_kernel::{Record, Result, Step};

use super::{Product, name_category, settle_status, shown_categories};
use crate::Unit;
use crate::names::{SKU, SLUG, Wanted, product_sku, slug_of};

/// Stores new products as [`insert_row`](domain_kernel::crud::insert_row) does each, in a number of
/// statements that does not grow with them, each with its outcome. The catalog is locked already.
///
/// # Errors
/// Those that concern all of them.
pub async fn insert_products(
    work: &mut Unit,
    step: &Step<'_, Product>,
    products: Vec<Product>,
) -> Result<Vec<Result<Record<Product>>>> {
    let all = products.iter();
    let slugs = all.clone().map(|one| Wanted::new(&one.slug, || slug_of(&one.name, "product")));
    let skus = all.map(|one| Wanted::new(&one.sku, || product_sku(&one.name, step.random)));
    let (slugs, skus) = (slugs.collect(), skus.collect());
    let slugs = SLUG.settle_new(work, step, slugs).await?;
    let skus = SKU.settle_new(work, step, skus).await?;
    let categories = shown_categories(work, &products).await?;
    let named = products.into_iter().zip(slugs).zip(skus);
    let prepared = named.map(|((mut product, slug), sku)| {
        product.slug = Slug::trusted(slug?);
        product.sku = ShortText::trusted(sku?);
        settle_status(None, step, &mut product)?;
        name_category(&mut product, &categories);
        Ok(product)
    });
    let prepared = prepared.collect();
    insert_prepared(work, step, prepared).await
}
