//! The table of categories.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use domain_catalog::Category;
use domain_kernel::field::{Flag, Link, LongText, ShortText, Slug};
use domain_kernel::fold;

use crate::dialect::types::{BigInt, Nullable as OrNothing};
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    categories (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        parent_id -> Nullable<BigInt>,
        name -> Text,
        name_folded -> Text,
        slug -> Text,
        description -> Text,
        is_active -> Bool,
        path -> Text,
        path_folded -> Text,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = categories, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    parent_id: Option<i64>,
    name: String,
    name_folded: String,
    slug: String,
    description: String,
    is_active: bool,
    path: String,
    path_folded: String,
}

impl From<&Category> for Columns {
    fn from(category: &Category) -> Self {
        let Category { name, slug, description, parent, is_active, path } = category;
        Self {
            parent_id: parent.kept().map(Id::raw),
            name: name.to_string(),
            name_folded: fold(name),
            slug: slug.to_string(),
            description: description.to_string(),
            is_active: is_active.0,
            path: path.to_string(),
            path_folded: fold(path),
        }
    }
}

impl Columns {
    /// The category; `parent` is the one that it is in unless that is deleted.
    fn category(self, parent: Option<i64>) -> Category {
        Category {
            name: ShortText::trusted(self.name),
            slug: Slug::trusted(self.slug),
            description: LongText::trusted(self.description),
            parent: Link::stored(self.parent_id, parent),
            is_active: Flag(self.is_active),
            path: ShortText::trusted(self.path),
        }
    }
}

/// The category that one is in, unless it is deleted. In text: the table stands twice in the query,
/// for which diesel has no short form.
fn live_parent() -> SqlLiteral<OrNothing<BigInt>> {
    sql("(SELECT parent.id FROM categories AS parent \
         WHERE parent.organization_id = categories.organization_id \
         AND parent.id = categories.parent_id AND parent.deleted_at IS NULL)")
}

fn record((stamp, columns, parent): (Stamp, Columns, Option<i64>)) -> Record<Category> {
    stamp.record(columns.category(parent))
}

records! {
    /// The categories of one workspace.
    Categories of Category in categories,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(categories), Columns::as_select(), live_parent())
}

impl Categories<'_> {
    /// Stores where categories are in the tree.
    pub(super) async fn set_paths(&mut self, paths: &[(Id<Category>, String)]) -> Result<()> {
        let tenant = self.0.tenant()?;
        for (id, path) in paths {
            let row = categories::table
                .filter(Rows::all(tenant, TABLE))
                .filter(categories::id.eq(id.raw()));
            diesel::update(row)
                .set((categories::path.eq(path), categories::path_folded.eq(fold(path))))
                .execute(&mut self.0.lease.handle().await?)
                .await
                .map_err(of_query)?;
        }
        Ok(())
    }
}
