//! Rows that are products.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain_catalog::{CatalogWork, Category, Product, ProductPatch, insert_products};
use domain_kernel::crud::insert_row;
use domain_kernel::field::{Link, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::query::ListQuery;
use domain_kernel::{Error, FieldErrors, Fields as _, Id, Patch, Record, Result, Step, fold};
use serde_json::{Map, Value, json};

use super::columns::{Column, Columns};
use super::kept::{Imported, Kept};
use super::{SheetRow, Under, cells};

/// The columns of products.
pub const COLUMNS: &[Column] = &[
    Column { field: "name", headers: &["name", "название"], required: true },
    Column { field: "sku", headers: &["sku", "артикул"], required: true },
    Column { field: "description", headers: &["description", "описание"], required: false },
    Column { field: "category", headers: &["category", "категория"], required: false },
    Column { field: "is_active", headers: &["is_active", "активен"], required: false },
];

type Unit = dyn CatalogWork;

/// A row that was read.
pub(super) struct Line {
    row: u32,
    /// What it says of the product, but for the category.
    patch: ProductPatch,
    /// The category's name, as it is written.
    category: Option<String>,
    sku: String,
}

#[async_trait]
impl Imported for Product {
    type Line = Line;

    const COLUMNS: &'static [Column] = COLUMNS;

    fn line(columns: &Columns, row: &SheetRow) -> Result<Line> {
        read(columns, row)
    }

    async fn of_lines(
        work: &mut Unit,
        under: &Under<'_>,
        lines: &[Line],
    ) -> Result<Vec<Kept<Self>>> {
        work.lock_catalog().await?;
        let categories = categories(work, under, lines).await?;
        let skus = lines.iter().map(|line| line.sku.clone()).collect();
        let query = ListQuery::alike::<Product>("sku", skus)?;
        let (mut all, mut places) = (Vec::new(), BTreeMap::new());
        for found in work.products().list(&query).await?.records {
            places.insert(found.data.sku.to_string(), all.len());
            all.push(Kept::stored(found));
        }
        for line in lines {
            let category = line.category.as_deref().and_then(|name| categories.get(&fold(name)));
            let category = category.map_or(Patch::Keep, |id| Patch::Set(Link::to(Some(*id))));
            let patch = ProductPatch { category, ..line.patch.clone() };
            match places.get(&line.sku) {
                Some(place) => all[*place].take(line.row, patch),
                None => {
                    places.insert(line.sku.clone(), all.len());
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

fn read(columns: &Columns, row: &SheetRow) -> Result<Line> {
    let cell = |field| columns.cell(row, field);
    let mut object = Map::new();
    for field in ["name", "sku", "description"] {
        object.extend(cell(field).map(|text| (field.to_owned(), json!(text))));
    }
    object.extend(cell("is_active").map(|text| ("is_active".to_owned(), cells::flag(text))));
    let mut errors = FieldErrors::default();
    let category = cell("category");
    if let Some(Err(Error::Invalid(mut wrong))) =
        category.map(|name| Category::read(json!({ "name": name })))
    {
        errors.0.extend(wrong.0.remove("name").map(|messages| ("category".to_owned(), messages)));
    }
    // Without a number of its own the same row again would be another product.
    for field in ["name", "sku"] {
        if cell(field).is_none() {
            errors.add(field, "This field is required.");
        }
    }
    let patch = match Product::read_patch(Value::Object(object)) {
        Ok(patch) => patch,
        Err(Error::Invalid(more)) => {
            errors.0.extend(more.0);
            ProductPatch::default()
        }
        Err(error) => return Err(error),
    };
    errors.into_result()?;
    let sku = cell("sku").unwrap_or_default().to_owned();
    Ok(Line { row: row.number, patch, category: category.map(str::to_owned), sku })
}

/// The categories that rows name, by folded name; those that are missing are made, at the top.
async fn categories(
    work: &mut Unit,
    under: &Under<'_>,
    lines: &[Line],
) -> Result<BTreeMap<String, Id<Category>>> {
    let mut names = BTreeMap::new();
    for name in lines.iter().filter_map(|line| line.category.as_deref()) {
        names.entry(fold(name)).or_insert(name);
    }
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = ListQuery::alike::<Category>("name", names.keys().cloned().collect())?;
    let mut known = BTreeMap::new();
    for found in work.categories().list(&query).await?.records {
        known.entry(fold(&found.data.name)).or_insert(found.id);
    }
    for (folded, name) in names {
        if known.contains_key(&folded) {
            continue;
        }
        let made = Category { name: ShortText::trusted(name), ..Category::default() };
        let made = insert_row(work, &under.step(Verb::Created, None), made).await?;
        known.insert(folded, made.id);
    }
    Ok(known)
}
