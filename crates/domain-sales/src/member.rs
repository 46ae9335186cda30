//! The names of members.

use domain_kernel::Result;
use domain_kernel::field::{Member, Word};

use crate::SalesWork;

/// What a member is called whom a row names; empty where it names nobody.
pub(crate) async fn name_of(work: &mut dyn SalesWork, member: Member) -> Result<Word<301>> {
    match member.0 {
        Some(person) => work.member_name(person).await.map(Word::trusted),
        None => Ok(Word::default()),
    }
}
