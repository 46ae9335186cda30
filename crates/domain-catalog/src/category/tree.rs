//! The tree that categories form.

use std::collections::{BTreeMap, BTreeSet};

use domain_kernel::{Id, Record, fold};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::Value as JsonValue;

use super::Category;

/// What stands between the names of a path.
pub const PATH_SEPARATOR: &str = " / ";

/// How many categories may be inside each other, the first one counted.
pub const MAX_DEPTH: usize = 10;

/// The longest path: so many names of up to 255 characters.
pub const PATH_MAX: usize = MAX_DEPTH * (255 + PATH_SEPARATOR.len());

/// All categories of a workspace, by what they are in.
pub(super) struct Tree<'r> {
    rows: BTreeMap<Id<Category>, &'r Record<Category>>,
    children: BTreeMap<Id<Category>, Vec<Id<Category>>>,
}

/// Where a category would be.
#[derive(Debug, PartialEq)]
pub(super) enum Place {
    /// Inside none.
    OnTop,
    /// Inside one with this path.
    Inside(String),
    /// Inside one that is not there.
    Nowhere,
    /// Inside itself.
    InItself,
    /// Deeper than is allowed, or something within it would be.
    TooDeep,
}

impl<'r> Tree<'r> {
    /// The tree of all live categories.
    pub(super) fn of(categories: &'r [Record<Category>]) -> Self {
        let rows = categories.iter().map(|row| (row.id, row)).collect();
        let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in categories {
            // Also of one that is deleted, and may be about to come back.
            if let Some(parent) = row.data.parent.kept() {
                children.entry(parent).or_default().push(row.id);
            }
        }
        Self { rows, children }
    }

    /// Where a category would be inside `parent`, or inside none. A new one has no `own` id; one that
    /// comes back is not in the tree, but what was left within it is, and may lie elsewhere by now.
    pub(super) fn place(&self, own: Option<Id<Category>>, parent: Option<Id<Category>>) -> Place {
        if parent.is_some_and(|parent| !self.rows.contains_key(&parent)) {
            return Place::Nowhere;
        }
        let above = parent.map_or_else(Vec::new, |parent| self.line_to(parent));
        let outside = above.first().and_then(|top| top.data.parent.kept());
        if own.is_some() && (outside == own || above.iter().any(|row| Some(row.id) == own)) {
            return Place::InItself;
        }
        let height = own.map_or(1, |own| self.height(own));
        if above.len() + height > MAX_DEPTH {
            return Place::TooDeep;
        }
        if above.is_empty() { Place::OnTop } else { Place::Inside(path(&above)) }
    }

    /// The paths that are stored otherwise than they are.
    pub(super) fn stale_paths(&self) -> Vec<(Id<Category>, String)> {
        let paths = self.rows.values().map(|row| (row, path(&self.line_to(row.id))));
        let stale = paths.filter(|(row, path)| *row.data.path != **path);
        stale.map(|(row, path)| (row.id, path)).collect()
    }

    /// The categories from the top down to one. A circle, which no write makes, ends where it began.
    fn line_to(&self, id: Id<Category>) -> Vec<&'r Record<Category>> {
        let (mut line, mut seen) = (Vec::new(), BTreeSet::new());
        let mut next = Some(id);
        while let Some(row) = next.filter(|id| seen.insert(*id)).and_then(|id| self.rows.get(&id)) {
            line.push(*row);
            next = row.data.parent.kept();
        }
        line.reverse();
        line
    }

    /// How many categories are inside each other from one downwards, itself counted.
    fn height(&self, id: Id<Category>) -> usize {
        let (mut level, mut height, mut seen) = (vec![id], 0, BTreeSet::new());
        while !level.is_empty() {
            height += 1;
            level.retain(|id| seen.insert(*id));
            let below = level.iter().filter_map(|id| self.children.get(id)).flatten();
            level = below.copied().collect();
        }
        height
    }
}

fn path(line: &[&Record<Category>]) -> String {
    let names: Vec<&str> = line.iter().map(|row| &*row.data.name).collect();
    names.join(PATH_SEPARATOR)
}

/// A category with those in it. Serialized it is the category with `children`.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The category.
    pub category: Record<Category>,
    /// Those directly in it, in order of name.
    pub children: Vec<Self>,
}

impl Serialize for Branch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let category = serde_json::to_value(&self.category).map_err(serde::ser::Error::custom)?;
        let mut map = serializer.serialize_map(None)?;
        if let JsonValue::Object(fields) = category {
            for (name, value) in fields {
                map.serialize_entry(&name, &value)?;
            }
        }
        map.serialize_entry("children", &self.children)?;
        map.end()
    }
}

/// The tree from its tops down; what is in a deleted category is a top.
pub(super) fn grown(categories: Vec<Record<Category>>) -> Vec<Branch> {
    let mut within: BTreeMap<Option<Id<Category>>, Vec<Record<Category>>> = BTreeMap::new();
    for row in categories {
        within.entry(row.data.parent.shown()).or_default().push(row);
    }
    level(&mut within, None)
}

fn level(
    within: &mut BTreeMap<Option<Id<Category>>, Vec<Record<Category>>>,
    parent: Option<Id<Category>>,
) -> Vec<Branch> {
    let mut rows = within.remove(&parent).unwrap_or_default();
    rows.sort_by_key(|row| (fold(&row.data.name), row.id));
    rows.into_iter()
        .map(|category| {
            let children = level(within, Some(category.id));
            Branch { category, children }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use domain_kernel::TenantId;
    use domain_kernel::field::{Link, ShortText};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn category(id: i64, parent: Option<i64>) -> Record<Category> {
        let data = Category {
            name: ShortText::trusted(format!("c{id}")),
            parent: Link::to(parent.map(Id::new)),
            ..Category::default()
        };
        Record::new(Id::new(id), TenantId::new(1), data, Timestamp::UNIX_EPOCH)
    }

    /// 1 › 2 › 3, 1 › 4, 5
    fn five() -> Vec<Record<Category>> {
        [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1)), (5, None)]
            .map(|(id, parent)| category(id, parent))
            .to_vec()
    }

    #[test]
    fn a_place_has_the_path_of_what_it_is_in() {
        let rows = five();
        let tree = Tree::of(&rows);
        let place = |own: Option<i64>, parent| tree.place(own.map(Id::new), Some(Id::new(parent)));
        assert_eq!(tree.place(None, None), Place::OnTop);
        assert_eq!(place(None, 3), Place::Inside("c1 / c2 / c3".to_owned()));
        assert_eq!(place(Some(5), 4), Place::Inside("c1 / c4".to_owned()));
        assert_eq!(place(Some(1), 3), Place::InItself);
        assert_eq!(place(Some(2), 2), Place::InItself);
        assert_eq!(place(None, 9), Place::Nowhere);
    }

    #[test]
    fn the_tree_is_no_deeper_than_allowed() {
        let deepest = i64::try_from(MAX_DEPTH).expect("small");
        let mut rows: Vec<_> =
            (1..=deepest).map(|id| category(id, (id > 1).then_some(id - 1))).collect();
        rows.push(category(100, None));
        rows.push(category(101, Some(100)));
        let tree = Tree::of(&rows);
        let place = |own: i64, parent| tree.place(Some(Id::new(own)), Some(Id::new(parent)));
        assert_eq!(tree.place(None, Some(Id::new(deepest))), Place::TooDeep);
        assert_eq!(place(100, deepest - 1), Place::TooDeep, "101 is in it");
        assert!(matches!(place(101, deepest - 1), Place::Inside(_)));
    }

    #[test]
    fn one_that_comes_back_closes_no_circle_and_fits() {
        // 1 is in 2, 2 in 3, and 3 was in 9, which is deleted and may have been in 1.
        let gone = Link::stored(Some(9), None);
        let mut rows = vec![category(1, Some(2)), category(2, Some(3)), category(3, None)];
        rows[2].data.parent = gone;
        let tree = Tree::of(&rows);
        let place = |parent: Option<i64>| tree.place(Some(Id::new(9)), parent.map(Id::new));
        assert_eq!(place(Some(1)), Place::InItself);
        assert_eq!(place(Some(3)), Place::InItself);
        assert_eq!(place(None), Place::OnTop);

        let deepest = i64::try_from(MAX_DEPTH).expect("small");
        let mut rows: Vec<_> =
            (1..=deepest).map(|id| category(100 + id, (id > 1).then_some(99 + id))).collect();
        rows[0].data.parent = Link::stored(Some(9), None);
        assert_eq!(Tree::of(&rows).place(Some(Id::new(9)), None), Place::TooDeep);
    }

    #[test]
    fn stale_paths_are_those_that_a_move_has_changed() {
        let mut rows = five();
        let paths: Vec<_> = Tree::of(&rows).stale_paths();
        assert_eq!(paths.len(), 5, "none has one yet");
        for (id, path) in paths {
            let row = rows.iter_mut().find(|row| row.id == id).expect("it");
            row.data.path = ShortText::trusted(path);
        }
        assert!(Tree::of(&rows).stale_paths().is_empty());
        rows[1].data.name = ShortText::trusted("new");
        let stale: Vec<_> = Tree::of(&rows).stale_paths();
        let shown: Vec<_> = stale.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(shown, ["c1 / new", "c1 / new / c3"]);
    }

    #[test]
    fn the_grown_tree_nests() {
        let json = serde_json::to_value(grown(five())).expect("JSON");
        assert_eq!(json[0]["name"], "c1");
        assert_eq!(json[0]["children"][0]["children"][0]["name"], "c3");
        assert_eq!(json[0]["children"][1]["name"], "c4");
        assert_eq!(
            (&json[1]["name"], &json[1]["children"]),
            (&"c5".into(), &serde_json::json!([]))
        );
    }

    proptest! {
        /// Whatever is moved where, a move that is allowed closes no circle.
        #[test]
        fn no_allowed_move_closes_a_circle(moves in prop::collection::vec((1..=12_i64, 1..=12_i64), 0..60)) {
            let mut rows: Vec<_> = (1..=12).map(|id| category(id, None)).collect();
            for (own, parent) in moves {
                let place = Tree::of(&rows).place(Some(Id::new(own)), Some(Id::new(parent)));
                if let Place::Inside(_) = place {
                    rows[usize::try_from(own - 1).expect("an index")] = category(own, Some(parent));
                }
            }
            let all: usize = grown(rows).iter().map(size).sum();
            prop_assert_eq!(all, 12, "all hang on a top");
        }
    }

    fn size(branch: &Branch) -> usize {
        1 + branch.children.iter().map(size).sum::<usize>()
    }
}
