//! Rows that are products.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain_catalog::{CatalogWork, Category, Product, ProductPatch, insert_products};
use domain_kernel::crud::insert_row;
use domain_kernel::field::ShortText;
use domain_kernel::query::ListQuery;
use domain_kernel::{Fields as _, Record, Result, Step};

use super::columns::{Column, Columns};
use super::kept::{Imported, Kept};
use super::line::{Line, texts};
use super::named::{Known, Named};
use super::{SheetRow, Under, cells};

/// The columns of products. Without a number of its own the same row again would be another product.
pub const COLUMNS: &[Column] = &[
    Column { field: "name", headers: &["name", "название"], required: true },
    Column { field: "sku", headers: &["sku", "артикул"], required: true },
    Column { field: "description", headers: &["description", "описание"], required: false },
    Column { field: "category", headers: &["category", "категория"], required: false },
    Column { field: "is_active", headers: &["is_active", "активен"], required: false },
];

type Unit = dyn CatalogWork;

#[async_trait]
impl Imported for Product {
    type Line = Line<ProductPatch>;

    const COLUMNS: &'static [Column] = COLUMNS;

    fn line(columns: &Columns, row: &SheetRow) -> Result<Self::Line> {
        let mut object = texts(columns, row, &["name", "sku", "description"]);
        let is_active = columns.cell(row, "is_active");
        object.extend(is_active.map(|text| ("is_active".into(), cells::flag(text))));
        Line::read::<Self, Category>(columns, row, object, "category")
    }

    async fn of_lines(
        work: &mut Unit,
        under: &Under<'_>,
        lines: &[Self::Line],
    ) -> Result<Vec<Kept<Self>>> {
        work.lock_catalog().await?;
        let names = lines.iter().filter_map(|line| line.named.as_deref());
        let categories = Known::<Category>::find_or_make(work, under, names).await?;
        let skus: Vec<String> = lines.iter().map(|line| sku(&line.patch)).collect();
        let query = ListQuery::alike::<Product>("sku", skus.clone())?;
        let (mut all, mut places) = (Vec::new(), BTreeMap::new());
        for found in work.products().list(&query).await?.records {
            places.insert(found.data.sku.to_string(), all.len());
            all.push(Kept::stored(found));
        }
        for (line, sku) in lines.iter().zip(skus) {
            let category = categories.link(line.named.as_deref());
            let patch = ProductPatch { category, ..line.patch.clone() };
            match places.get(&sku) {
                Some(place) => all[*place].take(line.row, patch),
                None => {
                    places.insert(sku, all.len());
                    all.push(Kept::made(line.row, patch));
                }
            }
        }
        Ok(all)
    }

    async fn insert(
        work: &mut Unit,
        step: &Step<'_, Self>,
        rows: Vec<Self>,
    ) -> Result<Vec<Result<Record<Self>>>> {
        insert_products(work, step, rows).await
    }
}

/// What a product is known by.
fn sku(patch: &ProductPatch) -> String {
    let mut alone = Product::default();
    alone.apply(patch.clone());
    alone.sku.to_string()
}

#[async_trait]
impl Named for Category {
    fn called(name: ShortText<255>) -> Self {
        Self { name, ..Self::default() }
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// One after the other, for each looks for an address that is free; at the top.
    async fn insert(
        work: &mut Unit,
        step: &Step<'_, Self>,
        rows: Vec<Self>,
    ) -> Result<Vec<Record<Self>>> {
        let mut made = Vec::with_capacity(rows.len());
        for row in rows {
            made.push(insert_row(work, step, row).await?);
        }
        Ok(made)
    }
}
