//! Invoices: what a customer is asked to pay, and what of it is taken back.

mod credit_note;
mod invoiced;
pub mod status;

use async_trait::async_trait;
pub use credit_note::{CreditNote, CreditNotePatch};
use domain_kernel::crud::{next, permit, update_row};
use domain_kernel::field::{Choice, CurrencyCode, Date, Link, Moment, Money, ShortText, Slug};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Action, Area};
use domain_kernel::{
    Amount, Error, Id, OpContext, Operations, Random, Record, Records, Resource, Result, Step,
    Which,
};
pub use invoiced::Invoiced;
use jiff::Timestamp;

use self::status::{InvoiceState, InvoiceStates};
use crate::money::GivenMoney;
use crate::payment::balance::Balance;
use crate::state::State as _;
use crate::trade::Unit;
use crate::{Order, OrderWork};

/// The feature that gates invoices and credit notes.
pub(crate) const FEATURE: &str = "billing.invoices";

/// The series that invoices are numbered in where none is given.
const SERIES: &str = "INV";

domain_kernel::resource! {
    /// What a customer is asked to pay.
    pub struct Invoice, patch InvoicePatch {
        /// The order that it is for; it stays with it.
        order: Link<Order> [required],
        /// Its number, without gaps in its series, such as `INV-000042`; given when it is issued.
        number: ShortText<32> [read_only, searched],
        /// The series that it is numbered in; `INV` where none is given.
        series: Slug<16>,
        /// How far it is; `draft` where a create leaves it out. A draft can be issued, a draft and an
        /// issued one made void; the rest follows from payments and credit notes.
        status: Choice<InvoiceStates>,
        /// When it was issued.
        issued_at: Moment [read_only],
        /// The last day on which it is paid in time.
        due_date: Date,
        /// The instant from which it is overdue: when the day after the due date begins in the
        /// workspace's time zone. None once nothing is owed.
        overdue_at: Moment [read_only],
        /// The currency of all its amounts: the order's.
        currency: CurrencyCode [read_only],
        /// What is asked for; what no other invoice of the order asks for where a create leaves it out.
        total_amount: GivenMoney<12>,
        /// What was paid.
        paid_amount: Money<12> [read_only],
        /// What was given back of that.
        refunded_amount: Money<12> [read_only],
        /// What credit notes took back of what was asked for.
        credited_amount: Money<12> [read_only],
        /// What is still to be paid.
        owed_amount: Money<12> [read_only],
    }
}

#[async_trait]
impl Resource for Invoice {
    const NAME: &'static str = "invoices";
    const SINGULAR: &'static str = "invoice";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What customers are asked to pay.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.invoices()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        match step.verb {
            Verb::Deleted => {
                return data.require_draft("can be deleted: make it void or credit it");
            }
            Verb::Restored => return data.require_its_order(work).await,
            Verb::Created | Verb::Updated => {}
        }
        let before = step.before.map(|before| &before.data);
        if let Some(before) = before {
            data.keep_what_is_blank(before);
        }
        let from = before.map_or(InvoiceState::Draft, Self::state);
        let to = InvoiceState::from_code(&data.status).unwrap_or(from);
        from.move_to(to)?;
        if from == InvoiceState::Draft {
            let own = step.before.map(|before| before.id);
            if !compose(work, own, before, data, to).await? {
                // There is no such order, which is said with the other links.
                return Ok(());
            }
        } else if let Some(before) = before.filter(|before| before.terms() != data.terms()) {
            return before.require_draft("can be changed");
        }
        data.status = Choice::trusted(to.code());
        if from == InvoiceState::Draft && to != InvoiceState::Draft && to != InvoiceState::Void {
            let number = work.next_number(&format!("invoice/{}", &*data.series)).await?;
            data.number = ShortText::trusted(format!("{}-{number:06}", &*data.series));
            data.issued_at = Moment(Some(step.now));
        }
        data.settle();
        data.overdue_at = match (data.due_date.0, data.owed_amount.0 > Amount::default()) {
            (Some(due), true) if data.state().takes_payments() => {
                Moment(status::overdue_at(due, &work.time_zone().await?))
            }
            _ => Moment(None),
        };
        Ok(())
    }
}

impl Invoice {
    /// Its state.
    pub fn state(&self) -> InvoiceState {
        InvoiceState::from_code(&self.status).unwrap_or(InvoiceState::Draft)
    }

    /// Its money.
    pub fn balance(&self) -> Balance {
        Balance {
            total: self.total_amount.amount(),
            credited: self.credited_amount.0,
            paid: self.paid_amount.0,
            refunded: self.refunded_amount.0,
            places: self.currency.0.places(),
        }
    }

    /// Moves it to a state.
    pub fn moved_to(mut self, state: InvoiceState) -> Self {
        self.status = Choice::trusted(state.code());
        self
    }

    /// A blank state or series is none that was meant.
    fn keep_what_is_blank(&mut self, before: &Self) {
        if self.status.is_empty() {
            self.status = before.status;
        }
        if self.series.is_empty() {
            self.series = before.series.clone();
        }
    }

    /// What stays as it is once it is issued.
    fn terms(&self) -> impl PartialEq + use<> {
        (self.order.kept(), self.series.clone(), self.due_date, self.total_amount)
    }

    /// Refuses what can be done with drafts alone.
    fn require_draft(&self, what: &str) -> Result<()> {
        if self.state().is_open_to_changes() {
            return Ok(());
        }
        let state = self.state().code();
        Err(Error::Conflict(format!("The invoice is {state}: only drafts {what}.")))
    }

    /// Refuses what is not for an order that is there.
    fn require_order(&self) -> Result<()> {
        match self.order.shown() {
            Some(_) => Ok(()),
            None => Err(Error::Conflict("Its order is deleted. Restore that first.".to_owned())),
        }
    }

    /// Refuses what is not for an order that is there and has the invoice's currency.
    async fn require_its_order(&self, work: &mut Unit) -> Result<()> {
        self.require_order()?;
        let order = work.orders().find(self.order.kept().as_slice(), Which::Live).await?.pop();
        match order.map(|order| order.data.currency.0) {
            Some(its) if its != self.currency.0 => {
                let (its, ours) = (its.code(), self.currency.0.code());
                let message = format!("The order is in {its} by now, the invoice in {ours}.");
                Err(Error::Conflict(message))
            }
            _ => Ok(()),
        }
    }

    /// Finds what is owed, and the state that follows.
    fn settle(&mut self) {
        let balance = self.balance();
        let asks = self.state() != InvoiceState::Void;
        self.owed_amount = Money(if asks { balance.owed() } else { Amount::default() });
        if self.state().takes_payments() {
            self.status = Choice::trusted(InvoiceState::of_balance(&balance).code());
        }
    }
}

/// Completes a draft, on its way to a state, with what its order says. Whether there is such an order.
async fn compose(
    work: &mut Unit,
    own: Option<Id<Invoice>>,
    before: Option<&Invoice>,
    data: &mut Invoice,
    to: InvoiceState,
) -> Result<bool> {
    if before.is_some_and(|before| before.order.kept() != data.order.kept()) {
        return Err(Error::field("order", "An invoice stays with its order."));
    }
    let Some(id) = data.order.kept() else { return Ok(false) };
    let which = if before.is_some() { Which::Any } else { Which::Live };
    let Some(order) = work.orders().find(&[id], which).await?.pop() else { return Ok(false) };
    if before.is_some() && !matches!(to, InvoiceState::Draft | InvoiceState::Void) {
        data.require_order()?;
    }
    if !order.data.its_state().takes_invoices() && to != InvoiceState::Void {
        return Err(Error::Conflict("The order is cancelled: nothing is invoiced.".to_owned()));
    }
    data.currency = order.data.currency;
    if data.series.is_empty() {
        data.series = Slug::trusted(SERIES);
    }
    data.total_amount
        .in_places(data.currency.0.places())
        .map_err(|message| Error::field("total_amount", message))?;
    if data.total_amount.0.is_none() {
        let total = order.data.total_amount.0;
        let asked = work.invoiced(id, own).await?.all();
        let rest = total.checked_sub(asked).filter(|rest| *rest > Amount::default());
        if rest.is_none() && total > Amount::default() {
            let message = "Other invoices ask for all of the order already. Give an amount.";
            return Err(Error::field("total_amount", message));
        }
        data.total_amount = GivenMoney(Some(rest.unwrap_or_default()));
    }
    Ok(true)
}

/// Who changes an invoice's money, and when.
pub(crate) struct Entering<'e> {
    pub(crate) ctx: &'e OpContext,
    pub(crate) now: Timestamp,
    pub(crate) random: &'e dyn Random,
}

/// Changes the money of an invoice. A draft is issued by it.
///
/// # Errors
/// Those of the change; [`Error::Conflict`] for an invoice that is void.
pub(crate) async fn enter(
    work: &mut Unit,
    entering: &Entering<'_>,
    current: Record<Invoice>,
    change: impl FnOnce(Balance) -> Result<Balance>,
) -> Result<()> {
    let mut data = current.data.clone();
    match data.state() {
        InvoiceState::Void => {
            return Err(Error::Conflict("The invoice is void: nothing is paid.".to_owned()));
        }
        InvoiceState::Draft => {
            permit::<Invoice>(entering.ctx, Action::Update)?;
            data = data.moved_to(InvoiceState::Issued);
        }
        _ => {}
    }
    let balance = change(data.balance())?;
    data.paid_amount = Money(balance.paid);
    data.refunded_amount = Money(balance.refunded);
    data.credited_amount = Money(balance.credited);
    let Entering { ctx, now, random } = *entering;
    let step =
        Step { ctx, verb: Verb::Updated, before: Some(&current), now, move_to: None, random };
    match next(&step, &current, data) {
        None => Ok(()),
        Some(next) => update_row(work, &step, next).await?.map(drop).ok_or(Error::Busy),
    }
}

/// The live invoice with an id.
pub(crate) async fn get(work: &mut Unit, id: Id<Invoice>) -> Result<Record<Invoice>> {
    work.invoices().find(&[id], Which::Live).await?.pop().ok_or(Error::NotFound)
}
