//! Words of orders.

/// Who carries what is shipped, with how common each is, and how its tracking numbers are made.
#[rustfmt::skip] // a table
pub(crate) static CARRIERS: [(&str, usize, &str); 3] = [
    ("Northstar Parcel", 62, "NP%#########"),
    ("Meridian Freight", 24, "MF-%###-####-##"),
    ("Saltway Couriers", 14, "SW%#######@@"),
];

/// Who takes payments by card.
pub(crate) const CARDS: &str = "Cardline";
/// Where other payments come in.
pub(crate) const BANK: &str = "First Harbour Bank";

/// Why goods come back.
pub(crate) const RETURNED: &str = "The wrong size was ordered.; The season is over: goods returned.; \
    Not as expected: goods returned.; Delivered too late: goods returned.";
/// Why something is taken back of an invoice.
pub(crate) const ALLOWANCE: &str = "Scratched on the way: ten percent off.; \
    One box came late: ten percent off.; Packaging was torn: ten percent off.";
/// Why an invoice is not going to be paid.
pub(crate) const WRITTEN_OFF: &str = "Written off: the customer is insolvent.";

/// What is noted about orders.
pub(crate) const ORDER_NOTES: &str = "Deliver to the back door before ten.; \
    Ring before delivery.; One invoice per branch, please.; No paper in the box.; \
    Replaces an order by phone.; To be there before the fair opens.";
