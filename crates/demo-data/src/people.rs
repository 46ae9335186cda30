//! The address book, and since when everybody is in it.

use domain_kernel::Id;
use domain_sales::{Company, Contact};

use crate::Generator;
use crate::calendar::Calendar;
use crate::random::Random;

/// So many percent were known before the history begins.
const KNOWN_PERCENT: usize = 55;
/// Days between two times at which new ones are entered.
const PERIOD: i64 = 30;

/// Everybody, by index: a contact's link to their company holds its index and one, until ids are known.
pub(crate) struct People {
    /// The companies, each with the day since which they are known.
    pub(crate) companies: Vec<(i64, Company)>,
    /// The people, likewise: nobody is known before their company.
    pub(crate) contacts: Vec<(i64, Contact)>,
}

impl People {
    /// The companies and contacts of a seed.
    pub(crate) fn plan(seed: u64, companies: usize, contacts: usize, calendar: &Calendar) -> Self {
        let mut generator = Generator::new(seed);
        let mut draws = Random::stream(seed, 3);
        let mut since = |earliest: i64| match draws.percent(KNOWN_PERCENT) {
            true => earliest,
            false => earliest.max(draws.up_to(calendar.days() - 1) / PERIOD * PERIOD),
        };
        let companies = generator.companies(companies);
        let companies: Vec<_> = companies.into_iter().map(|one| (since(0), one)).collect();
        let ids: Vec<Id<Company>> = (1..).take(companies.len()).map(Id::new).collect();
        let contacts = generator.contacts(contacts, &ids).into_iter().map(|one| {
            let employer = employer(&one).and_then(|at| companies.get(at));
            (since(employer.map_or(0, |(since, _)| *since)), one)
        });
        let contacts = contacts.collect();
        Self { companies, contacts }
    }

    /// The company of a contact, as an index.
    pub(crate) fn employer(&self, contact: usize) -> Option<usize> {
        employer(&self.contacts[contact].1)
    }

    /// Those contacts who are known on a day, and of whom something holds.
    pub(crate) fn known(&self, day: i64, which: impl Fn(&Contact) -> bool) -> Vec<usize> {
        let known = |(at, (since, contact)): (usize, &(i64, Contact))| {
            (*since <= day && which(contact)).then_some(at)
        };
        self.contacts.iter().enumerate().filter_map(known).collect()
    }
}

/// The index that a contact's link holds.
pub(crate) fn employer(contact: &Contact) -> Option<usize> {
    contact.company.kept().and_then(|id| usize::try_from(id.raw() - 1).ok())
}
