//! States of documents, and which may follow which.

use domain_kernel::{Error, Result};

/// A state of a document: an order, an invoice, a shipment.
pub trait State: Copy + PartialEq + Sized + 'static {
    /// What the document is, for messages: `order`.
    const DOCUMENT: &'static str;

    /// The word for it in the API and the database.
    fn code(self) -> &'static str;

    /// The states that somebody may move the document to, in the order of its life.
    fn next(self) -> &'static [Self];

    /// Allows a move from one state to another; staying is always allowed.
    ///
    /// # Errors
    /// [`Error::Conflict`] naming the legal moves.
    fn move_to(self, to: Self) -> Result<()> {
        if self == to || self.next().contains(&to) {
            return Ok(());
        }
        let legal: Vec<&str> = self.next().iter().map(|state| state.code()).collect();
        let (what, from, to) = (Self::DOCUMENT, self.code(), to.code());
        let can = match legal.as_slice() {
            [] => "it stays so".to_owned(),
            legal => format!("it can become {}", legal.join(", ")),
        };
        Err(Error::Conflict(format!("The {what} is {from}: {can}, not {to}.")))
    }
}
