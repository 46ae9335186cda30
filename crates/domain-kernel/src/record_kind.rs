//! Kinds of records, for rows that belong to a record of any kind.

use crate::policy::{Action, Area};
use crate::{OpContext, Operations, Resource, Scope};

/// A resource of the workspace that members write: what notes and the like can belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordKind {
    /// The resource: `deal-stages`.
    pub resource: &'static str,
    /// One of its rows: `deal_stage`.
    pub singular: &'static str,
    /// What permissions it falls under.
    pub area: Area,
    /// The feature that the workspace's plan must have for it.
    pub feature: Option<&'static str>,
}

impl RecordKind {
    /// The kind that a resource's rows are; none where they are not the workspace's, or only the
    /// server writes them.
    pub fn of<T: Resource>() -> Option<Self> {
        let written = T::SCOPE == Scope::Workspace && T::OPERATIONS != Operations::ReadOnly;
        written.then_some(Self {
            resource: T::NAME,
            singular: T::SINGULAR,
            area: T::AREA,
            feature: T::FEATURE,
        })
    }

    /// Whether somebody may see rows of this kind.
    pub fn is_seen(&self, ctx: &OpContext) -> bool {
        let has_feature = |code| ctx.require_feature(code).is_ok();
        ctx.require(self.area, Action::Read).is_ok() && self.feature.is_none_or(has_feature)
    }
}

/// The name of a kind as it is stored, from how people and programs write it: `DealStage`,
/// `deal-stage` and `Deal stage` are `deal_stage`, `CONTACT` is `contact`.
pub fn kind_name(word: &str) -> String {
    let mut name = String::with_capacity(word.len());
    let mut after_small = false;
    for letter in word.trim().chars() {
        match letter {
            ' ' | '-' | '_' => name.push('_'),
            _ => {
                if after_small && letter.is_uppercase() {
                    name.push('_');
                }
                name.extend(letter.to_lowercase());
            }
        }
        after_small = letter.is_lowercase() || letter.is_numeric();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::kind_name;

    #[test]
    fn a_kind_is_spelt_in_many_ways() {
        for (word, name) in [
            ("contact", "contact"),
            ("Contact", "contact"),
            (" CONTACT ", "contact"),
            ("DealStage", "deal_stage"),
            ("dealStage", "deal_stage"),
            ("deal-stage", "deal_stage"),
            ("Deal Stage", "deal_stage"),
            ("DEAL_STAGE", "deal_stage"),
            ("", ""),
        ] {
            assert_eq!(kind_name(word), name);
        }
    }
}
