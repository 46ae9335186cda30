//! Products: read from a view, which knows their categories, and written to their table. Each comes
//! with its variants.

use std::collections::BTreeMap;

use domain_catalog::{Image, Product};
use domain_kernel::field::{
    Choice, Flag, JsonObject, Link, LongText, Moment, Nested, ShortText, Slug, Word,
};
use domain_kernel::files::FileKey;
use domain_kernel::fold;
use serde_json::Value;

use super::categories::categories;
use super::product_variants;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    catalog_products (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        category_id -> Nullable<BigInt>,
        category_name -> Text,
        category_slug -> Text,
        name -> Text,
        name_folded -> Text,
        slug -> Text,
        sku -> Text,
        sku_folded -> Text,
        description -> Text,
        status -> Text,
        attributes -> JsonValue,
        metadata -> JsonValue,
        main_image_url -> Nullable<Text>,
        is_active -> Bool,
        published_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    products (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        category_id -> Nullable<BigInt>,
        name -> Text,
        name_folded -> Text,
        slug -> Text,
        sku -> Text,
        sku_folded -> Text,
        description -> Text,
        status -> Text,
        attributes -> JsonValue,
        metadata -> JsonValue,
        main_image_url -> Nullable<Text>,
        main_image_key -> Nullable<Text>,
        is_active -> Bool,
        published_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(categories, catalog_products);

#[derive(Queryable, Selectable)]
#[diesel(table_name = catalog_products, check_for_backend(Db))]
struct Seen {
    category_id: Option<i64>,
    category_name: String,
    category_slug: String,
    name: String,
    slug: String,
    sku: String,
    description: String,
    status: String,
    attributes: Value,
    metadata: Value,
    main_image_url: Option<String>,
    is_active: bool,
    published_at: Option<At>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = products, treat_none_as_null = true)]
struct Columns {
    category_id: Option<i64>,
    name: String,
    name_folded: String,
    slug: String,
    sku: String,
    sku_folded: String,
    description: String,
    status: String,
    attributes: Value,
    metadata: Value,
    main_image_url: Option<String>,
    main_image_key: Option<String>,
    is_active: bool,
    published_at: Option<At>,
}

/// The picture of a product among our files.
fn picture(product: &Product) -> Option<FileKey> {
    FileKey::in_address(product.main_image_url.0.as_deref()?)
}

impl From<&Product> for Columns {
    fn from(product: &Product) -> Self {
        Self {
            category_id: product.category.kept().map(Id::raw),
            name: product.name.to_string(),
            name_folded: fold(&product.name),
            slug: product.slug.to_string(),
            sku: product.sku.to_string(),
            sku_folded: fold(&product.sku),
            description: product.description.to_string(),
            status: product.status.to_string(),
            attributes: Value::Object(product.attributes.0.clone()),
            metadata: Value::Object(product.metadata.0.clone()),
            main_image_url: product.main_image_url.0.clone(),
            main_image_key: picture(product).map(|key| key.to_string()),
            is_active: product.is_active.0,
            published_at: product.published_at.0.map(At),
        }
    }
}

impl Seen {
    /// The product without its variants; `category` is the linked one unless it is deleted.
    fn product(self, category: Option<i64>) -> Product {
        Product {
            category: Link::stored(self.category_id, category),
            category_name: Word::trusted(self.category_name),
            category_slug: Slug::trusted(self.category_slug),
            name: ShortText::trusted(self.name),
            slug: Slug::trusted(self.slug),
            sku: ShortText::trusted(self.sku),
            description: LongText::trusted(self.description),
            status: Choice::trusted(&self.status),
            attributes: JsonObject::trusted(self.attributes),
            metadata: JsonObject::trusted(self.metadata),
            main_image_url: Image(self.main_image_url),
            is_active: Flag(self.is_active),
            published_at: Moment(self.published_at.map(|at| at.0)),
            variants: Nested::Stored(Vec::new()),
        }
    }
}

/// The linked category unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_category() -> _ {
    categories::table
        .filter(categories::organization_id.eq(catalog_products::organization_id))
        .filter(categories::id.nullable().eq(catalog_products::category_id))
        .filter(categories::deleted_at.is_null())
        .select(categories::id)
        .single_value()
}

fn record((stamp, seen, category): (Stamp, Seen, Option<i64>)) -> Record<Product> {
    stamp.record(seen.product(category))
}

reads! {
    /// The products of one workspace without their variants.
    ProductRows of Product in catalog_products,
    rows (Stamp, Seen, Option<i64>), selected by (stamp!(catalog_products), Seen::as_select(), live_category())
}
linked! { Product in catalog_products }
inserts! { ProductRows of Product in products }
inserts_many! { ProductRows of Product in products }
updates! { ProductRows of Product in products }

/// The products of one workspace.
pub(crate) struct Products<'w>(ProductRows<'w>);
port! { Products of Product, many }

impl<'w> Products<'w> {
    pub(crate) fn new(scope: Scope<'w>) -> Self {
        Self(ProductRows(scope))
    }

    async fn find(&mut self, ids: &[Id<Product>], which: Which) -> Result<Vec<Record<Product>>> {
        let found = self.0.find(ids, which).await?;
        self.with_variants(found).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<Product>>> {
        let listing = self.0.list(query).await?;
        let records = self.with_variants(listing.records).await?;
        Ok(Listing { records, ..listing })
    }

    /// Two statements for any number of products.
    async fn with_variants(
        &mut self,
        mut records: Vec<Record<Product>>,
    ) -> Result<Vec<Record<Product>>> {
        let ids: Vec<i64> = records.iter().map(|record| record.id.raw()).collect();
        let mut variants: BTreeMap<i64, Vec<_>> = BTreeMap::new();
        for variant in product_variants::of_products(&mut self.0.0, &ids).await? {
            let product = variant.data.product.kept().map_or(0, |id| id.raw());
            variants.entry(product).or_default().push(variant);
        }
        for record in &mut records {
            let own = variants.remove(&record.id.raw()).unwrap_or_default();
            record.data.variants = Nested::Stored(own);
        }
        Ok(records)
    }

    async fn insert(&mut self, data: Product, now: Timestamp) -> Result<Record<Product>> {
        self.0.insert(data, now).await
    }

    async fn insert_many(
        &mut self,
        rows: Vec<Product>,
        now: Timestamp,
    ) -> Result<Vec<Record<Product>>> {
        self.0.insert_many(rows, now).await
    }

    async fn update(&mut self, record: &Record<Product>) -> Result<bool> {
        self.0.update(record).await
    }

    async fn update_many(&mut self, records: &[Record<Product>]) -> Result<Vec<bool>> {
        self.0.update_many(records).await
    }
}

/// Those of some files that products of the workspace name.
pub(super) async fn pictured(scope: Scope<'_>, files: &[FileKey]) -> Result<Vec<FileKey>> {
    let keys: Vec<&str> = files.iter().map(FileKey::as_str).collect();
    let found: Vec<Option<String>> = products::table
        .filter(Rows::all(scope.tenant()?, "products"))
        .filter(products::main_image_key.eq_any(keys))
        .select(products::main_image_key)
        .load(&mut scope.lease.handle().await?)
        .await
        .map_err(of_query)?;
    Ok(found.iter().flatten().filter_map(|key| FileKey::parse(key)).collect())
}
