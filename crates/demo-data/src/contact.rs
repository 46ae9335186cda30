//! Contacts.

use domain_kernel::Id;
use domain_kernel::field::{Email, Json, Link, Phone, ShortText};
use domain_sales::{Company, Contact};
use serde_json::Value;

use crate::Generator;
use crate::generate::{Office, Place, Word};
use crate::markets::MARKETS;
use crate::random::Random;
use crate::words::{PRIVATE_MAIL, TAGS};

/// Of a hundred contacts so many have no company.
const FREE_PERCENT: usize = 8;
/// The most people that one company has, as long as there are enough companies.
const LARGEST: usize = 40;

impl Generator {
    /// The next `count` contacts, who work for companies that this generator made.
    ///
    /// `companies` are their ids, in the order in which [`Generator::companies`] gave them. While
    /// there are contacts enough each company has at least one; most have a few, some up to 40.
    pub fn contacts(&mut self, count: usize, companies: &[Id<Company>]) -> Vec<Contact> {
        let employers = companies.len().min(self.offices.len());
        let seats = seats(&mut self.contact_draws, count, employers);
        seats.into_iter().map(|seat| self.contact(seat, companies)).collect()
    }

    fn contact(&mut self, seat: Option<usize>, companies: &[Id<Company>]) -> Contact {
        let draws = &mut self.contact_draws;
        let office = seat.and_then(|seat| self.offices.get(seat));
        let place = office.map_or_else(|| anywhere(draws), |office| office.place);
        // Some work in a country that their family does not come from.
        let origin = if draws.percent(88) { place.market } else { anywhere(draws).market };
        let first = Word::of(draws.word(origin.first_names));
        let last = Word::of(draws.word(origin.last_names));
        let email = match draws.percent(94) {
            true => {
                let domain = match office {
                    Some(Office { domain, .. }) => domain,
                    None => draws.word(PRIVATE_MAIL),
                };
                let name = format!("{}.{}", first.ascii(), last.ascii());
                let mut email = format!("{name}@{domain}");
                let mut number = 1;
                while !self.used.insert(email.clone()) {
                    number += 1;
                    email = format!("{name}{number}@{domain}");
                }
                email
            }
            false => String::new(),
        };
        let phone = if draws.percent(85) { phone(draws, place) } else { String::new() };
        Contact {
            company: Link::to(seat.and_then(|seat| companies.get(seat)).copied()),
            first_name: ShortText::trusted(first.text),
            last_name: ShortText::trusted(last.text),
            email: Email::trusted(email),
            phone_number: Phone::trusted(phone),
            tags: Json(tags(draws)),
        }
    }
}

/// Where each contact works, as an index of the companies.
fn seats(draws: &mut Random, count: usize, companies: usize) -> Vec<Option<usize>> {
    let employed = if companies == 0 { 0 } else { count - count * FREE_PERCENT / 100 };
    let mut more = Vec::new();
    for company in 0..companies {
        // The least of three draws: small companies are common, large ones rare.
        let people = draws.below(LARGEST).min(draws.below(LARGEST)).min(draws.below(LARGEST));
        more.extend(std::iter::repeat_n(company, people));
    }
    draws.shuffle(&mut more);
    let everyone = (0..companies).chain(more).cycle().take(employed).map(Some);
    let mut seats: Vec<_> = everyone.collect();
    seats.resize(count, None);
    draws.shuffle(&mut seats);
    seats
}

fn anywhere(draws: &mut Random) -> Place {
    let market = draws.weighted(&MARKETS, |market| market.weight);
    Place { market, city: draws.below(market.cities.len()) }
}

fn phone(draws: &mut Random, place: Place) -> String {
    let office = place.market.cities[place.city].2;
    let pattern = place.market.mobile.filter(|_| draws.percent(40)).unwrap_or(office);
    draws.fill(pattern)
}

/// None to three different tags.
fn tags(draws: &mut Random) -> Value {
    let count = draws.pick(&[0, 0, 0, 1, 1, 1, 1, 2, 2, 3]);
    let mut tags: Vec<&str> = Vec::new();
    while tags.len() < count {
        let (tag, _) = *draws.weighted(&TAGS, |(_, weight)| *weight);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Value::from(tags)
}
