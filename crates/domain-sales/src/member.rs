//! The names of members.

use domain_kernel::field::{Member, Word};
use domain_kernel::{Actor, Result};

use crate::SalesWork;

/// What a member is called whom a row names; empty where it names nobody.
pub(crate) async fn name_of(work: &mut dyn SalesWork, member: Member) -> Result<Word<301>> {
    match member.0 {
        Some(person) => work.member_name(person).await.map(Word::trusted),
        None => Ok(Word::default()),
    }
}

/// Who is named; where nobody is, who was (`before`, of a row that is there already), and of a new row
/// the member who makes it. The platform's staff are no members.
pub(crate) fn or_caller(named: Member, before: Option<Member>, actor: Actor) -> Member {
    match (named.0, before, actor) {
        (Some(_), ..) => named,
        (None, Some(before), _) => before,
        (None, None, Actor::Member(person)) => Member(Some(person)),
        (None, None, _) => Member(None),
    }
}
