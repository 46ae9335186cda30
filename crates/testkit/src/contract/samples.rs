//! Rows of every kind.

use domain_kernel::field::{Email, Json, Link, LongText, Phone, ShortText, WebAddress};
use domain_kernel::{Id, Resource};
use domain_sales::{Company, Contact, SalesWork};
use serde_json::json;

use crate::builders::{company, contact};

/// A resource that the contract of sales is checked with.
pub trait Sampled: Resource<Work = dyn SalesWork> {
    /// Rows of every kind: several alphabets, duplicates, empty values, wildcards; what links to
    /// a company links to one of `companies`.
    fn samples(companies: &[Id<Company>]) -> Vec<Self>;
}

/// Text in several alphabets and of several lengths; equal when folded, nearly equal, empty.
const TEXTS: [&str; 17] = [
    "Acme",
    "ACME",
    "acme",
    "",
    "Zürich",
    "Zu\u{308}rich",
    "Straße",
    "STRASSE",
    "Иванов",
    "ИВАНОВ",
    "Ωmega ΣΊΣΥΦΟΣ",
    "東京",
    "100%",
    "a_b \\ 'c'",
    "🦀 emoji",
    "  spaces  ",
    "10",
];

fn text(place: usize) -> &'static str {
    TEXTS[place % TEXTS.len()]
}

/// Long text whose first 200 characters are those of others.
fn long(place: usize) -> String {
    match place % 5 {
        0 => String::new(),
        1 => format!("{}{place}", "ä".repeat(200)),
        2 => format!("{}{}", "ä".repeat(199), 100 - place),
        3 => text(place).to_owned(),
        _ => format!("line\r\nline {}", text(place + 3)),
    }
}

impl Sampled for Company {
    fn samples(_companies: &[Id<Company>]) -> Vec<Self> {
        let sample = |place: usize| Self {
            industry: ShortText::trusted(text(place * 7 + 3)),
            website: WebAddress::trusted(match place % 3 {
                0 => String::new(),
                1 => "https://example.com/A%20b".to_owned(),
                _ => format!("https://EXAMPLE.com/{place}"),
            }),
            billing_address: LongText::trusted(long(place)),
            shipping_address: LongText::trusted(long(place * 3 + 1)),
            ..company(text(place))
        };
        (0..20).map(sample).collect()
    }
}

impl Sampled for Contact {
    fn samples(companies: &[Id<Company>]) -> Vec<Self> {
        let sample = |place: usize| Self {
            // One in four works nowhere.
            company: Link::to(companies.get(place % 4).copied()),
            email: Email::trusted(match place % 4 {
                0 => String::new(),
                1 => "Ada@Example.com".to_owned(),
                2 => "ada@example.com".to_owned(),
                _ => format!("p{place}@example.org"),
            }),
            phone_number: Phone::trusted(["", "+44 20", "(020) ext. A", "(020) EXT. a"][place % 4]),
            tags: Json(json!(["a", place])),
            ..contact(text(place * 5 + 1), text(place * 3))
        };
        (0..23).map(sample).collect()
    }
}
