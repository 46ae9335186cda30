//! The workspaces as the platform's staff see and write them: the same table, as a resource.

use diesel::IntoSql as _;
use domain_accounts::Workspace;
use domain_kernel::field::{ShortText, Slug};
use domain_kernel::{Error, fold};

use super::organizations::organizations;
use crate::dialect::types;
use crate::records::prelude::*;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations, check_for_backend(Db))]
struct Columns {
    name: String,
    name_folded: String,
    slug: String,
}

impl From<&Workspace> for Columns {
    fn from(Workspace { name, slug }: &Workspace) -> Self {
        Self { name: name.to_string(), name_folded: fold(name), slug: slug.to_string() }
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<Workspace> {
    stamp.record(Workspace {
        name: ShortText::trusted(columns.name),
        slug: Slug::trusted(columns.slug),
    })
}

reads! {
    /// The workspaces of the platform.
    Workspaces of Workspace in organizations,
    rows (Stamp, Columns), selected by (platform_stamp!(organizations), Columns::as_select())
}
port! { Workspaces of Workspace }

impl Workspaces<'_> {
    async fn insert(&mut self, data: Workspace, now: Timestamp) -> Result<Record<Workspace>> {
        let id: Option<i64> = diesel::insert_into(organizations::table)
            .values((
                organizations::version.eq(1),
                organizations::created_at.eq(At(now)),
                organizations::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .on_conflict(organizations::slug)
            .do_nothing()
            .returning(organizations::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .optional()
            .map_err(of_query)?;
        let id = id.ok_or_else(|| Error::field("slug", SLUG_TAKEN))?;
        Ok(Record::new(Id::new(id), TenantId::PLATFORM, data, now))
    }

    async fn update(&mut self, record: &Record<Workspace>) -> Result<bool> {
        let mut handle = self.0.lease.handle().await?;
        let others = organizations::table
            .filter(organizations::slug.eq(&*record.data.slug))
            .filter(organizations::id.ne(record.id.raw()));
        let taken: i64 = others.count().get_result(&mut handle).await.map_err(of_query)?;
        if taken > 0 {
            return Err(Error::field("slug", SLUG_TAKEN));
        }
        let row = organizations::table
            .filter(organizations::id.eq(record.id.raw()))
            .filter(organizations::version.eq(record.version - 1));
        let written = diesel::update(row)
            .set((
                organizations::version.eq(record.version),
                organizations::updated_at.eq(At(record.updated_at)),
                organizations::deleted_at.eq(record.deleted_at.map(At)),
                Columns::from(&record.data),
            ))
            .execute(&mut handle)
            .await
            .map_err(of_query)?;
        Ok(written == 1)
    }
}

/// What a slug is answered that another workspace has.
const SLUG_TAKEN: &str = "organization with this slug already exists.";
