//! What is owed on an invoice.

use domain_kernel::field::Money;
use domain_kernel::{Amount, Error, Result};

/// The money of one issued invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// What was asked for.
    pub total: Amount,
    /// What credit notes took back of it.
    pub credited: Amount,
    /// What was paid.
    pub paid: Amount,
    /// What was given back of that.
    pub refunded: Amount,
    /// How many digits after the point the smallest amount of its currency has.
    pub places: u32,
}

impl Balance {
    /// What was paid and not given back.
    pub fn kept(&self) -> Amount {
        less(self.paid, self.refunded)
    }

    /// What is still to be paid; never negative.
    pub fn owed(&self) -> Amount {
        less(less(self.total, self.credited), self.kept())
    }

    /// What was paid beyond what is asked for, because a credit note came after it.
    pub fn overpaid(&self) -> Amount {
        less(self.kept(), less(self.total, self.credited))
    }

    /// What a credit note may still take back.
    pub fn creditable(&self) -> Amount {
        less(self.total, self.credited)
    }

    /// Enters a payment.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `amount` when it is nothing, more than is owed, or less than the smallest
    /// coin is a part of it.
    pub fn pay(&self, amount: Amount) -> Result<Self> {
        self.within(amount, self.owed(), "is owed")?;
        Ok(Self { paid: more(self.paid, amount)?, ..*self })
    }

    /// Enters a refund.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `amount` when it is nothing, more than was paid, or less than the smallest
    /// coin is a part of it.
    pub fn refund(&self, amount: Amount) -> Result<Self> {
        self.within(amount, self.kept(), "was paid")?;
        Ok(Self { refunded: more(self.refunded, amount)?, ..*self })
    }

    /// Enters a credit note.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `amount` when it is nothing, more than was asked for, or less than the
    /// smallest coin is a part of it.
    pub fn credit(&self, amount: Amount) -> Result<Self> {
        self.within(amount, self.creditable(), "is left of the invoice")?;
        Ok(Self { credited: more(self.credited, amount)?, ..*self })
    }

    /// Refuses nothing, what is more than there is, and what nobody can pay: parts of the smallest
    /// coin, but for all that there is, however that came about.
    fn within(&self, amount: Amount, most: Amount, what: &str) -> Result<()> {
        if amount <= Amount::default() {
            return Err(Error::field("amount", "Ensure this value is greater than 0."));
        }
        if amount > most {
            return Err(Error::field("amount", format!("Only {most} {what}.")));
        }
        if amount == most {
            return Ok(());
        }
        Money::<12>(amount)
            .in_places(self.places)
            .map_err(|message| Error::field("amount", message))
    }
}

/// The difference, and nothing where it would be negative.
fn less(from: Amount, what: Amount) -> Amount {
    from.checked_sub(what).filter(|rest| *rest > Amount::default()).unwrap_or_default()
}

/// The sum, which a payment history of more than any currency has does not reach.
fn more(one: Amount, other: Amount) -> Result<Amount> {
    one.checked_add(other).ok_or_else(|| Error::field("amount", "The sum is too large."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().expect("an amount")
    }

    fn invoice(total: &str) -> Balance {
        Balance { total: amount(total), places: 2, ..Balance::default() }
    }

    #[test]
    fn it_is_paid_in_parts() {
        let balance = invoice("100").pay(amount("30")).expect("owed");
        assert_eq!(balance.owed(), amount("70"));
        let balance = balance.pay(amount("70")).expect("owed");
        assert_eq!(balance.owed(), Amount::default());
        let message = balance.pay(amount("0.01")).expect_err("nothing is owed");
        let Error::Invalid(errors) = message else { panic!("{message:?}") };
        assert_eq!(
            serde_json::to_value(&errors).expect("JSON"),
            serde_json::json!({"amount": ["Only 0.00 is owed."]})
        );
    }

    #[test]
    fn what_was_paid_is_given_back_at_most() {
        let paid = invoice("100").pay(amount("60")).expect("owed");
        assert!(paid.refund(amount("60.01")).is_err());
        let back = paid.refund(amount("60")).expect("paid");
        assert_eq!(back.owed(), amount("100"));
        assert!(back.refund(amount("0.01")).is_err());
    }

    #[test]
    fn a_credit_note_after_the_payment_leaves_something_to_give_back() {
        let paid = invoice("100").pay(amount("100")).expect("owed");
        let credited = paid.credit(amount("25")).expect("asked for");
        assert_eq!((credited.owed(), credited.overpaid()), (Amount::default(), amount("25")));
        let back = credited.refund(amount("25")).expect("paid");
        assert_eq!((back.owed(), back.overpaid()), (Amount::default(), Amount::default()));
        assert!(back.credit(amount("75.01")).is_err());
    }

    #[test]
    fn parts_of_the_smallest_coin_are_paid_only_with_the_rest() {
        for (places, total, fine, coarse) in
            [(0, "101", "50", "50.50"), (2, "1", "0.25", "0.255"), (3, "1.234", "0.234", "0.2345")]
        {
            let balance = Balance { places, ..invoice(total) };
            let left = balance.pay(amount(fine)).expect("whole coins");
            left.pay(left.owed()).expect("to the last coin");
            for refused in [balance.pay(amount(coarse)), balance.credit(amount(coarse))] {
                let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
                let message =
                    format!("Ensure that there are no more than {places} decimal places.");
                let expected = serde_json::json!({ "amount": [message] });
                assert_eq!(serde_json::to_value(&errors).expect("JSON"), expected);
            }
            assert!(left.refund(amount("0.0001")).is_err());
        }
        let odd = Balance { places: 0, ..invoice("100.50") };
        let rest = odd.pay(amount("100")).expect("whole coins");
        assert_eq!(rest.pay(amount("0.50")).expect("all that is left").owed(), amount("0"));
    }

    #[test]
    fn nothing_and_less_are_refused() {
        for wrong in ["0", "-1"] {
            assert!(invoice("100").pay(amount(wrong)).is_err());
            assert!(invoice("100").credit(amount(wrong)).is_err());
            assert!(invoice("100").refund(amount(wrong)).is_err());
        }
    }
}
