//! Orders: what a customer buys.

mod line;
mod lines;
pub mod status;
pub(crate) mod stock;
pub mod totals;

use async_trait::async_trait;
use domain_kernel::field::{Choice, CurrencyCode, Link, Moment, Money, Nested, ShortText, Word};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{
    Amount, Error, Id, Operations, Record, Records, Resource, Result, Step, Which,
};
pub use line::{OrderLine, OrderLinePatch};

use self::status::{OrderState, OrderStates, OrderWords};
use crate::shipment::fulfilment::Fulfilment;
use crate::state::State as _;
use crate::trade::Unit;
use crate::{Contact, Opportunity, OrderWork};

/// The feature that gates orders and their lines.
const FEATURE: &str = "sales.order_management";

/// The series that orders are numbered in.
const SERIES: &str = "order";

domain_kernel::resource! {
    /// What a customer buys.
    pub struct Order, patch OrderPatch {
        /// Its number in the workspace, such as `SO-000042`.
        number: ShortText<32> [read_only, searched],
        /// Who buys.
        contact: Link<Contact>,
        /// The contact's first and last name.
        contact_name: Word<257> [read_only, derived],
        /// The deal that it came from.
        opportunity: Link<Opportunity>,
        /// How far it is, in the word that was written last; `draft` where a create leaves it out.
        status: Choice<OrderWords>,
        /// How far it is: what the status stands for.
        state: Choice<OrderStates> [read_only],
        /// The currency of all its amounts.
        currency: CurrencyCode,
        /// What is taken off the whole order, before tax.
        discount_amount: Money<12>,
        /// What the lines come to, before the order's discount and tax.
        subtotal_amount: Money<12> [read_only],
        /// The taxes of all lines.
        tax_amount: Money<12> [read_only],
        /// What is to be paid: subtotal less discount plus tax.
        total_amount: Money<12> [read_only],
        /// When it was made.
        ordered_at: Moment [read_only],
        /// When all of it had been shipped; filled in then, unless given.
        fulfilled_at: Moment,
        /// Its lines. Those with an id change, others are new, and those left out of the list go;
        /// all that only while the order is a draft.
        lines: Nested<OrderLine> [derived],
    }
}

#[async_trait]
impl Resource for Order {
    const NAME: &'static str = "orders";
    const SINGULAR: &'static str = "order";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What customers buy.";
    const AREA: Area = Area::Sales;
    const FEATURE: Option<&'static str> = Some(FEATURE);
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn OrderWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.orders()
    }

    async fn lock(work: &mut Self::Work) -> Result<()> {
        work.lock_orders().await
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let before = step.before.map(|before| &before.data);
        if step.verb == Verb::Deleted {
            data.require_deletable()?;
            let id = step.before.map_or(Id::new(0), |before| before.id);
            if work.invoiced(id, None).await?.all() > Amount::default() {
                let message = "Invoices ask for it: delete them or make them void first.";
                return Err(Error::Conflict(message.to_owned()));
            }
            return Ok(());
        }
        if step.verb == Verb::Restored {
            return Ok(());
        }
        if data.settle_state(before)? {
            let pending = match step.before {
                Some(before) => work.pending_shipments(before.id).await?,
                None => 0,
            };
            if pending > 0 {
                return Err(Error::Conflict(format!(
                    "{pending} of its shipments are pending: ship or cancel them first."
                )));
            }
            let reopened = step.before.filter(|_| data.its_state() == OrderState::Draft);
            if let Some(before) = reopened
                && work.invoiced(before.id, None).await?.all() > Amount::default()
            {
                let message = "Invoices ask for it: make them void before it changes.";
                return Err(Error::Conflict(message.to_owned()));
            }
        }
        lines::settle(work, step, data).await?;
        if let Some(before) = step.before {
            data.keep_what_is_asked_for(work, before).await?;
        }
        if data.is_new_confirmation(before) && lines::is_empty(&data.lines) {
            return Err(Error::Conflict("An order without lines cannot be confirmed.".to_owned()));
        }
        if before.is_none_or(|before| before.contact != data.contact) {
            name_contact(work, data).await?;
        }
        if data.its_state() == OrderState::Fulfilled && data.fulfilled_at.0.is_none() {
            let known = before.and_then(|before| before.fulfilled_at.0);
            data.fulfilled_at = Moment(known.or(Some(step.now)));
        }
        if before.is_none() {
            data.number = ShortText::trusted(format!("SO-{:06}", work.next_number(SERIES).await?));
            data.ordered_at = Moment(Some(step.now));
        }
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        lines::store(work, step, record).await?;
        let from = step.before.map_or(OrderState::Draft, |before| before.data.its_state());
        let to = record.data.its_state();
        if from == to || matches!(step.verb, Verb::Deleted | Verb::Restored) {
            return Ok(());
        }
        let open = fulfilment(work, record).await?.not_left();
        stock::follow(work, &stock::mover(step), &record.data, (from, to), &open).await
    }
}

impl Order {
    /// Its state.
    pub fn its_state(&self) -> OrderState {
        OrderState::from_word(&self.state).unwrap_or(OrderState::Draft)
    }

    /// Moves it to a state by that state's own word.
    pub fn moved_to(mut self, state: OrderState) -> Self {
        self.status = Choice::trusted(state.code());
        self
    }

    /// Moves it to a state as its shipments say, which nobody else can do.
    pub(crate) fn carried_to(mut self, state: OrderState) -> Self {
        self.state = Choice::trusted(state.code());
        self.moved_to(state)
    }

    /// Refuses to change what was agreed upon.
    fn require_changeable(&self) -> Result<()> {
        if self.its_state().is_open_to_changes() {
            return Ok(());
        }
        let state = self.its_state().code();
        Err(Error::Conflict(format!(
            "The order is {state}: its lines, discount and currency stay as they are."
        )))
    }

    /// Refuses to delete what is still under way.
    fn require_deletable(&self) -> Result<()> {
        match self.its_state() {
            OrderState::Draft | OrderState::Cancelled => Ok(()),
            state => Err(Error::Conflict(format!(
                "The order is {}: only drafts and cancelled orders can be deleted.",
                state.code()
            ))),
        }
    }

    /// Finds the state that the status stands for, and whether it may be entered; whether somebody
    /// moves it. What shipments did is done already ([`Order::carried_to`]).
    fn settle_state(&mut self, before: Option<&Self>) -> Result<bool> {
        let from = before.map_or(OrderState::Draft, Self::its_state);
        if before.is_some_and(|before| before.state != self.state) {
            return Ok(false);
        }
        if self.status.is_empty() {
            self.status = before.map_or_else(|| Choice::trusted("draft"), |before| before.status);
        }
        let to = OrderState::from_word(&self.status).unwrap_or(from);
        from.move_to(to)?;
        self.state = Choice::trusted(to.code());
        Ok(from != to)
    }

    /// Refuses to call off, or to make less, what issued invoices ask for.
    async fn keep_what_is_asked_for(&self, work: &mut Unit, before: &Record<Self>) -> Result<()> {
        let is_cancelled =
            self.its_state() == OrderState::Cancelled && self.state != before.data.state;
        let is_less = self.total_amount.0 < before.data.total_amount.0;
        if !is_cancelled && !is_less {
            return Ok(());
        }
        let asked = work.invoiced(before.id, None).await?.issued;
        if asked == Amount::default() || (!is_cancelled && self.total_amount.0 >= asked) {
            return Ok(());
        }
        let message =
            format!("Invoices ask for {asked} of it: credit them or make them void first.");
        Err(Error::Conflict(message))
    }

    /// Whether it is agreed upon by this write.
    fn is_new_confirmation(&self, before: Option<&Self>) -> bool {
        let was_open = before.is_none_or(|before| before.its_state() == OrderState::Draft);
        let is_agreed = !matches!(self.its_state(), OrderState::Draft | OrderState::Cancelled);
        was_open && is_agreed
    }
}

/// How much of an order is in shipments.
pub(crate) async fn fulfilment(work: &mut Unit, order: &Record<Order>) -> Result<Fulfilment> {
    Ok(Fulfilment::new(stock::all_of(&order.data), work.parts_of(order.id).await?))
}

/// Shows the contact of an order that is about to be stored.
async fn name_contact(work: &mut Unit, data: &mut Order) -> Result<()> {
    let contact = match data.contact.shown() {
        Some(id) => work.contacts().find(&[id], Which::Live).await?.pop(),
        None => None,
    };
    let name = contact.map(|row| format!("{} {}", &*row.data.first_name, &*row.data.last_name));
    data.contact_name = Word::trusted(name.unwrap_or_default().trim().to_owned());
    Ok(())
}

/// What a link to a row that is not there (or not in this workspace) is answered.
pub(crate) fn no_such_row(id: impl std::fmt::Display) -> String {
    format!("Invalid pk \"{id}\" - object does not exist.")
}
