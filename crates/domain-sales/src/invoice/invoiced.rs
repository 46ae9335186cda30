//! How much of an order is invoiced.

use domain_kernel::Amount;

use super::status::InvoiceState;

/// What the invoices of an order ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Invoiced {
    /// What drafts are going to ask for.
    pub drafts: Amount,
    /// What those ask for that were issued, less what credit notes took back.
    pub issued: Amount,
}

impl Invoiced {
    /// The sum of invoices, each with its state, what it asks for and what was credited of that; those
    /// that are void ask for nothing.
    pub fn of(invoices: impl IntoIterator<Item = (InvoiceState, Amount, Amount)>) -> Self {
        let mut sum = Self::default();
        for (state, total, credited) in invoices {
            let part = match state {
                InvoiceState::Void => continue,
                InvoiceState::Draft => &mut sum.drafts,
                _ => &mut sum.issued,
            };
            let asked = total.ten_thousandths().saturating_sub(credited.ten_thousandths());
            *part = part.saturating_add(Amount::from_ten_thousandths(asked));
        }
        sum
    }

    /// What all of them ask for.
    pub fn all(&self) -> Amount {
        self.drafts.saturating_add(self.issued)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn void_ones_ask_for_nothing_and_credited_ones_for_the_rest() {
        let amount = Amount::from_ten_thousandths;
        let all = [
            (InvoiceState::Draft, 1, 0),
            (InvoiceState::Issued, 20, 0),
            (InvoiceState::PartlyPaid, 300, 100),
            (InvoiceState::Credited, 4_000, 4_000),
            (InvoiceState::Void, 50_000, 0),
        ];
        let all = all.map(|(state, total, credited)| (state, amount(total), amount(credited)));
        let sum = Invoiced::of(all);
        assert_eq!((sum.drafts, sum.issued, sum.all()), (amount(1), amount(220), amount(221)));
    }
}
