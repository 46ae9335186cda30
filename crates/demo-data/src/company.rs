//! Companies.

use domain_kernel::field::{LongText, ShortText, WebAddress};
use domain_sales::Company;

use crate::Generator;
use crate::generate::{Office, Place, Word};
use crate::markets::{MARKETS, Market};
use crate::random::Random;
use crate::words::{COINED_ENDS, COINED_STARTS, INDUSTRIES, Industry, PICTURES, QUALITIES};

/// After so many names that were taken, names are numbered: the words are used up.
const PATIENCE: usize = 50;

/// A company's name and what follows from it.
struct Firm {
    name: String,
    /// The name in addresses.
    slug: String,
    industry: &'static str,
}

impl Generator {
    /// The next `count` companies. No two of a generator have the same name or domain.
    pub fn companies(&mut self, count: usize) -> Vec<Company> {
        (0..count).map(|_| self.company()).collect()
    }

    fn company(&mut self) -> Company {
        let draws = &mut self.company_draws;
        let market = draws.weighted(&MARKETS, |market| market.weight);
        let place = Place { market, city: draws.below(market.cities.len()) };
        let firm = self.unused_firm(place);
        let draws = &mut self.company_draws;
        let office = address(draws, place);
        let shipping = match draws.below(20) {
            0..12 => office.clone(),
            12..17 => address(draws, place),
            _ => String::new(),
        };
        let billing = if draws.percent(95) { office } else { String::new() };
        let website = match draws.percent(92) {
            true => format!("https://www.{}.example", firm.slug),
            false => String::new(),
        };
        self.offices.push(Office { place, domain: format!("{}.example", firm.slug) });
        Company {
            name: ShortText::trusted(firm.name),
            industry: ShortText::trusted(firm.industry),
            website: WebAddress::trusted(website),
            billing_address: LongText::trusted(billing),
            shipping_address: LongText::trusted(shipping),
        }
    }

    /// A firm whose name and slug nobody has.
    fn unused_firm(&mut self, place: Place) -> Firm {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut firm = firm(&mut self.company_draws, place);
            if attempt > PATIENCE {
                firm.name = format!("{} {attempt}", firm.name);
                firm.slug = format!("{}-{attempt}", firm.slug);
            }
            if !self.used.contains(&firm.name) && self.used.insert(firm.slug.clone()) {
                self.used.insert(firm.name.clone());
                return firm;
            }
        }
    }
}

/// A firm of a country, by one of several patterns.
fn firm(draws: &mut Random, place: Place) -> Firm {
    let market = place.market;
    if !market.local_firms.is_empty() && draws.percent(40) {
        let (name, slug, industry) = draws.pick(market.local_firms);
        let owner = Word::of(draws.word(market.last_names));
        let (name, slug) = (name.replace("{}", owner.text), slug.replace("{}", &owner.ascii()));
        return Firm { name, slug, industry };
    }
    let industry = draws.weighted(&INDUSTRIES, |industry| industry.weight);
    let (core, slug) = core(draws, place, industry);
    let name = draws.word(market.firms).replace("{}", &core);
    Firm { name, slug, industry: industry.name }
}

/// A firm's name without its legal form, and its slug.
fn core(draws: &mut Random, place: Place, industry: &'static Industry) -> (String, String) {
    let trade = draws.word(industry.trades);
    let with_trade =
        |name: &str, ascii: &str| (format!("{name} {trade}"), slug(&format!("{ascii} {trade}")));
    match draws.below(100) {
        0..30 => {
            let owner = Word::of(draws.word(place.market.last_names));
            with_trade(&spelled(owner, place.market), &owner.ascii())
        }
        30..40 => {
            let first = Word::of(draws.word(place.market.last_names));
            let second = loop {
                let other = Word::of(draws.word(place.market.last_names));
                // Nobody is their own partner.
                if other.text != first.text {
                    break other;
                }
            };
            let [one, two] = [first, second].map(|owner| spelled(owner, place.market));
            let name = format!("{one} & {two}");
            (name, slug(&format!("{} {}", first.ascii(), second.ascii())))
        }
        40..52 => {
            let city = Word::of(place.market.cities[place.city].0);
            with_trade(city.text, &city.ascii())
        }
        52..76 => {
            let coined = format!("{}{}", draws.word(COINED_STARTS), draws.word(COINED_ENDS));
            with_trade(&coined, &coined)
        }
        _ => {
            let picture = format!("{} {}", draws.word(QUALITIES), draws.word(PICTURES));
            with_trade(&picture, &picture)
        }
    }
}

/// A family name in a company's international name: in Latin letters.
fn spelled(name: Word, market: &Market) -> String {
    if market.local_firms.is_empty() { name.text.to_owned() } else { name.latin() }
}

/// ASCII words as a host name.
fn slug(ascii: &str) -> String {
    ascii.to_ascii_lowercase().replace(' ', "-")
}

fn address(draws: &mut Random, place: Place) -> String {
    let street = draws.word(place.market.streets);
    let (street, city) = (draws.fill(street), draws.fill(place.market.cities[place.city].1));
    format!("{street}\n{city}\n{}", place.market.country)
}
