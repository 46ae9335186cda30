//! Words of deals.

/// A stage of a way of selling.
pub(crate) struct Stage {
    /// What it is called.
    pub(crate) name: &'static str,
    /// How probable it makes a deal, in percent.
    pub(crate) chance: i64,
    /// Of a hundred deals that come so far, so many are lost here.
    pub(crate) lost: usize,
}

const fn stage(name: &'static str, chance: i64, lost: usize) -> Stage {
    Stage { name, chance, lost }
}

/// The ways of selling: to new customers, and to those who come from the address book.
#[rustfmt::skip] // a table
pub(crate) static PIPELINES: [(&str, &[Stage]); 2] = [
    ("New customers", &[
        stage("Qualification", 10, 26), stage("Needs analysis", 25, 20), stage("Proposal", 50, 20),
        stage("Negotiation", 75, 14), stage("Verbal agreement", 90, 4),
    ]),
    ("Regular customers", &[
        stage("Enquiry", 30, 22), stage("Offer", 60, 22), stage("Agreement", 90, 6),
    ]),
];

/// What deals are about.
pub(crate) const SUBJECTS: &str = "spring range; summer range; winter range; staff outfits; \
    company presents; shop opening; rental equipment; season restock; event equipment; \
    framework agreement; display and stock; trial order";

/// Why deals are lost, with how common each is.
#[rustfmt::skip] // a table
pub(crate) static LOST: [(&str, usize); 9] = [
    ("Too dear: a competitor asked for less.", 26), ("No budget this year.", 18),
    ("No decision: the project was put off.", 16), ("They stay with their supplier.", 14),
    ("No answer after three letters.", 10), ("We could not deliver in time.", 8),
    ("The range does not fit.", 4), ("Our contact left the company.", 3), ("Terms of payment.", 1),
];

/// Why deals are won.
pub(crate) static WON: [&str; 6] = [
    "The range fits.",
    "Delivered before the season.",
    "The samples convinced them.",
    "They know us.",
    "The better price.",
    "Terms of payment.",
];

/// Where leads come from, with how common each is and how promising.
#[rustfmt::skip] // a table
pub(crate) static SOURCES: [(&str, usize, i64); 7] = [
    ("Website", 30, 45), ("Trade fair", 18, 60), ("Referral", 15, 75), ("Newsletter", 12, 35),
    ("Webinar", 10, 50), ("Cold call", 9, 20), ("Partner", 6, 65),
];

/// What leads ask for.
pub(crate) const ENQUIRIES: &str = "Asks for a price list for resellers.; \
    Wants to see the range at their place.; Needs outfits for a team of twelve.; \
    Plans a shop-in-shop for the season.; Asked at the stand, wants a call back.; \
    Has read our newsletter and asks for samples.; Looks for a second supplier.; \
    Rents out equipment and replaces a third of it every year.";

/// What is done about deals: kind and subject.
#[rustfmt::skip] // a table
pub(crate) static TASKS: [(&str, &str); 10] = [
    ("call", "First call: what do they need?"), ("call", "Ask whether the offer has come"),
    ("meeting", "Show the range at their place"), ("email", "Send the offer"),
    ("email", "Send the catalogue and samples"), ("meeting", "Go through the terms"),
    ("call", "Ask for the decision"), ("task", "Check what can be delivered when"),
    ("email", "Confirm what was agreed upon"), ("meeting", "Walk through the shop together"),
];

/// What is noted about deals.
pub(crate) const DEAL_NOTES: &str = "Decides together with the head of purchasing.; \
    Prefers delivery in two parts.; Compares us with two others: quality counts more than price.; \
    Wants the terms of last year.; Call after ten only.; Asks for labels with their logo.; \
    Pays within 14 days if there is a discount for it.; The budget is released in the new quarter.";

/// What is noted about people.
pub(crate) const CONTACT_NOTES: &str = "Met at the spring fair: friendly, in a hurry.; \
    Speaks for three branches.; Prefers letters to calls.; On leave every August.; \
    Collects the orders of the whole team on Fridays.; Interested in the repair service.; \
    Asked for the winter catalogue as soon as it is out.";
