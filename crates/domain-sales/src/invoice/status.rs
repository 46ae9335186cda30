//! The life of an invoice.

use domain_kernel::field::Choices;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::payment::balance::Balance;
use crate::state::State;

/// A state of an invoice. How much of it was paid follows from its payments and credit notes;
/// nobody sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceState {
    /// Being put together: it has no number yet and may change.
    Draft,
    /// Sent: it has its number and stays as it is.
    Issued,
    /// Part of it was paid.
    PartlyPaid,
    /// Nothing is owed.
    Paid,
    /// Credit notes took all of it back.
    Credited,
    /// Called off before anything was paid; its number stays taken.
    Void,
}

use InvoiceState::{Credited, Draft, Issued, Paid, PartlyPaid, Void};

impl InvoiceState {
    /// All states, in the order of an invoice's life.
    pub const ALL: [Self; 6] = [Draft, Issued, PartlyPaid, Paid, Credited, Void];

    /// The state with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether it may still change.
    pub const fn is_open_to_changes(self) -> bool {
        matches!(self, Draft)
    }

    /// Whether payments and credit notes may be entered for it.
    pub const fn takes_payments(self) -> bool {
        !matches!(self, Draft | Void)
    }

    /// The state of an issued invoice that follows from what was paid and credited.
    pub fn of_balance(balance: &Balance) -> Self {
        let nothing = domain_kernel::Amount::default();
        let kept = balance.kept();
        if balance.credited == balance.total && balance.total > nothing {
            Credited
        } else if balance.owed() == nothing {
            Paid
        } else if kept > nothing || balance.credited > nothing {
            PartlyPaid
        } else {
            Issued
        }
    }
}

/// The instant from which something that is due on a day is overdue: when the next day begins in the
/// workspace's time zone. None at the end of the calendar.
pub fn overdue_at(due: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next_day = due.tomorrow().ok()?;
    zone.to_timestamp(next_day.at(0, 0, 0, 0)).ok()
}

impl State for InvoiceState {
    const DOCUMENT: &'static str = "invoice";

    fn code(self) -> &'static str {
        match self {
            Draft => "draft",
            Issued => "issued",
            PartlyPaid => "partly_paid",
            Paid => "paid",
            Credited => "credited",
            Void => "void",
        }
    }

    fn next(self) -> &'static [Self] {
        match self {
            Draft => &[Issued, Void],
            Issued => &[Void],
            PartlyPaid | Paid | Credited | Void => &[],
        }
    }
}

/// The words for an invoice's state.
#[derive(Debug)]
pub enum InvoiceStates {}

impl Choices for InvoiceStates {
    const CODES: &'static [&'static str] =
        &["draft", "issued", "partly_paid", "paid", "credited", "void"];
}

#[cfg(test)]
mod tests {
    use domain_kernel::Amount;
    use jiff::civil::date;

    use super::*;

    fn balance(total: i64, credited: i64, paid: i64, refunded: i64) -> Balance {
        let amount = Amount::from_ten_thousandths;
        Balance {
            total: amount(total),
            credited: amount(credited),
            paid: amount(paid),
            refunded: amount(refunded),
            places: 2,
        }
    }

    #[test]
    fn the_state_follows_the_money() {
        for ((total, credited, paid, refunded), state) in [
            ((100, 0, 0, 0), Issued),
            ((100, 0, 40, 0), PartlyPaid),
            ((100, 0, 100, 0), Paid),
            ((100, 0, 100, 30), PartlyPaid),
            ((100, 0, 100, 100), Issued),
            ((100, 30, 0, 0), PartlyPaid),
            ((100, 30, 70, 0), Paid),
            ((100, 100, 0, 0), Credited),
            ((100, 100, 50, 50), Credited),
            ((0, 0, 0, 0), Paid),
        ] {
            let found = InvoiceState::of_balance(&balance(total, credited, paid, refunded));
            assert_eq!(found, state, "{total} {credited} {paid} {refunded}");
        }
    }

    #[test]
    fn codes_and_states_agree() {
        let codes: Vec<&str> = InvoiceState::ALL.into_iter().map(State::code).collect();
        assert_eq!(codes, InvoiceStates::CODES);
        for state in InvoiceState::ALL {
            assert_eq!(InvoiceState::from_code(state.code()), Some(state));
        }
    }

    #[test]
    fn it_is_issued_once_and_called_off_unpaid() {
        assert!(Draft.move_to(Issued).is_ok());
        assert!(Issued.move_to(Void).is_ok());
        let message = Paid.move_to(Draft).expect_err("refused").to_string();
        assert_eq!(message, "The invoice is paid: it stays so, not draft.");
        let message = Issued.move_to(Paid).expect_err("refused").to_string();
        assert_eq!(message, "The invoice is issued: it can become void, not paid.");
    }

    #[test]
    fn it_is_overdue_when_the_next_day_begins_where_the_workspace_is() {
        let at = |zone: &str| {
            let zone = TimeZone::get(zone).expect("a zone");
            overdue_at(date(2026, 2, 28), &zone).map(|at| at.to_string())
        };
        assert_eq!(at("UTC").as_deref(), Some("2026-03-01T00:00:00Z"));
        assert_eq!(at("Europe/Berlin").as_deref(), Some("2026-02-28T23:00:00Z"));
        assert_eq!(at("America/New_York").as_deref(), Some("2026-03-01T05:00:00Z"));
        assert_eq!(overdue_at(Date::MAX, &TimeZone::UTC), None);
    }
}
