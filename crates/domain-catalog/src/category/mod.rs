//! Categories.

mod tree;

use async_trait::async_trait;
use domain_kernel::crud::permit;
use domain_kernel::field::{Flag, Link, LongText, ShortText, Slug};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Action, Area};
use domain_kernel::{Error, Id, OpContext, Record, Records, Resource, Result, Step, Value};

pub use tree::{Branch, MAX_DEPTH, PATH_MAX, PATH_SEPARATOR};
use tree::{Place, Tree};

use crate::ask::{all, count, is};
use crate::names::{SLUG, slug_of};
use crate::{Catalog, CatalogWork, Product, Unit};

domain_kernel::resource! {
    /// A group of products, within another or at the top.
    pub struct Category, patch CategoryPatch {
        /// The name.
        name: ShortText<255> [required, searched],
        /// Its name in addresses, unique in the workspace; made from the name where none is given.
        slug: Slug<255> [searched],
        /// What belongs into it.
        description: LongText,
        /// The category that it is in.
        parent: Link<Category>,
        /// Whether it is in use.
        is_active: Flag<true>,
        /// The names from the top down to its own, with " / " between them.
        path: ShortText<PATH_MAX> [read_only, derived],
    }
}

#[async_trait]
impl Resource for Category {
    const NAME: &'static str = "categories";
    const SINGULAR: &'static str = "category";
    const MODULE: &'static str = "catalog";
    const DESCRIPTION: &'static str = "Groups of products, in a tree.";
    const AREA: Area = Area::Catalog;
    type Work = dyn CatalogWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.categories()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_catalog().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if let (Verb::Deleted, Some(before)) = (step.verb, step.before) {
            return refuse_unless_empty(work, before.id).await;
        }
        let before = step.before.map(|before| &*before.data.slug);
        let slug = SLUG.settle(work, step, &data.slug, before, || slug_of(&data.name, "category"));
        data.slug = Slug::trusted(slug.await?);
        data.path = ShortText::trusted(place(work, step, data).await?);
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        let moved = step.before.is_some_and(|before| before.data.path != record.data.path);
        if !moved && step.verb != Verb::Restored {
            return Ok(());
        }
        // Where those within it are says its name, too.
        let categories = all::<Self>(work, Vec::new()).await?;
        work.set_category_paths(&Tree::of(&categories).stale_paths()).await
    }
}

/// The path of a category that is about to be stored; refuses a place in itself or too deep.
async fn place(work: &mut Unit, step: &Step<'_, Category>, data: &Category) -> Result<String> {
    let same = step.before.filter(|before| {
        let old = &before.data;
        step.verb == Verb::Updated && old.parent == data.parent && old.name == data.name
    });
    if let Some(before) = same {
        return Ok(before.data.path.to_string());
    }
    let (own, parent) = (step.before.map(|before| before.id), data.parent.shown());
    if parent.is_none() && step.verb != Verb::Restored {
        return Ok(data.name.to_string());
    }
    let categories = all::<Category>(work, Vec::new()).await?;
    let tree = Tree::of(&categories);
    let refused = |message: &str| Err(Error::field("parent", message));
    match tree.place(own, parent) {
        Place::OnTop => Ok(data.name.to_string()),
        Place::Inside(path) => Ok(format!("{path}{PATH_SEPARATOR}{}", &*data.name)),
        // The check of links says so.
        Place::Nowhere => Ok(data.name.to_string()),
        Place::InItself => refused("A category cannot be inside itself."),
        Place::TooDeep => {
            refused(&format!("Categories cannot be nested more than {MAX_DEPTH} deep."))
        }
    }
}

/// A category goes when nothing is in it any more.
async fn refuse_unless_empty(work: &mut Unit, id: Id<Category>) -> Result<()> {
    let here = || Value::Integer(id.raw());
    let children = count::<Category>(work, is::<Category>("parent", here())).await?;
    let products = count::<Product>(work, is::<Product>("category", here())).await?;
    if children == 0 && products == 0 {
        return Ok(());
    }
    let many = |count: i64, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    };
    let within = [many(children, "category", "categories"), many(products, "product", "products")];
    let within: Vec<String> = within.into_iter().flatten().collect();
    let message = format!(
        "The category holds {}. Move what is in it or delete that first.",
        within.join(" and ")
    );
    Err(Error::Conflict(message))
}

impl Catalog {
    /// All categories of the workspace as a tree, each level in order of name.
    ///
    /// # Errors
    /// When the caller may not read the catalog.
    pub async fn category_tree(&self, ctx: &OpContext) -> Result<Vec<Branch>> {
        permit::<Category>(ctx, Action::Read)?;
        let mut work = self.store.begin_read(ctx).await?;
        let categories = all::<Category>(&mut *work, Vec::new()).await?;
        work.commit().await?;
        Ok(tree::grown(categories))
    }
}
