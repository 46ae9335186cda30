//! Rows of every kind.

use domain_kernel::field::{
    Choice, Date, Email, Json, JsonObject, Link, LongText, Moment, Percent, Phone, ShortText,
    WebAddress, Whole,
};
use domain_kernel::{Id, Resource};
use domain_sales::{Company, Contact, DealStage, Lead, Opportunity, Pipeline, SalesWork};
use jiff::Timestamp;
use serde_json::json;

use crate::builders::{company, contact, deal, pipeline, stage};

/// Rows that samples link to; the last company, contact and lead are deleted when the samples stand.
#[derive(Debug, Default)]
pub struct Ground {
    /// Companies.
    pub companies: Vec<Id<Company>>,
    /// Contacts.
    pub contacts: Vec<Id<Contact>>,
    /// Leads.
    pub leads: Vec<Id<Lead>>,
    /// Pipelines.
    pub pipelines: Vec<Id<Pipeline>>,
    /// Stages: two of each pipeline, in their order.
    pub stages: Vec<Id<DealStage>>,
}

impl Ground {
    /// The rows that are of a resource.
    pub(super) fn of<T: Resource>(&self) -> Vec<Id<T>> {
        fn raw<R>(ids: &[Id<R>]) -> Vec<i64> {
            ids.iter().map(|id| id.raw()).collect()
        }
        let ids = match T::NAME {
            Company::NAME => raw(&self.companies),
            Contact::NAME => raw(&self.contacts),
            Lead::NAME => raw(&self.leads),
            Pipeline::NAME => raw(&self.pipelines),
            DealStage::NAME => raw(&self.stages),
            _ => Vec::new(),
        };
        ids.into_iter().map(Id::new).collect()
    }
}

/// A resource that the contract of sales is checked with.
pub trait Sampled: Resource<Work = dyn SalesWork> {
    /// Rows of every kind: several alphabets, duplicates, empty values, wildcards; what links to
    /// others links to those of the ground.
    fn samples(ground: &Ground) -> Vec<Self>;
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
    fn samples(_: &Ground) -> Vec<Self> {
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
    fn samples(Ground { companies, .. }: &Ground) -> Vec<Self> {
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

impl Sampled for Lead {
    fn samples(Ground { contacts, .. }: &Ground) -> Vec<Self> {
        let sample = |place: usize| Self {
            contact: Link::to(contacts.get(place % 3).copied()),
            source: ShortText::trusted(text(place * 3)),
            status: ShortText::trusted(["new", "NEW", "qualified", "нов"][place % 4]),
            notes: LongText::trusted(long(place)),
            score: Whole([0, -7, 50, 2_147_483_647][place % 4]),
            metadata: JsonObject::trusted(json!({"a": place})),
            ..Self::default()
        };
        (0..16).map(sample).collect()
    }
}

impl Sampled for Pipeline {
    fn samples(_: &Ground) -> Vec<Self> {
        (0..15).map(|place| pipeline(text(place * 2))).collect()
    }
}

impl Sampled for DealStage {
    fn samples(Ground { pipelines, .. }: &Ground) -> Vec<Self> {
        let sample = |place: usize| Self {
            position: Whole([3, -1, 0][place % 3]),
            win_probability: Percent::stored([0, 10_000, 3_333, 5_050][place % 4]),
            ..stage(text(place), pipelines[place % pipelines.len()])
        };
        (0..16).map(sample).collect()
    }
}

impl Sampled for Opportunity {
    fn samples(ground: &Ground) -> Vec<Self> {
        let sample = |place: usize| {
            let at = place % ground.stages.len();
            let status = ["open", "won", "lost"][place % 3];
            let at_second = |second| Timestamp::from_second(second).expect("in range");
            let days = [None, Some((2026, 1, 31)), Some((2026, 2, 1)), Some((1999, 12, 31))];
            Self {
                lead: Link::to(ground.leads.get(place % 3).copied()),
                company: Link::to(ground.companies.get(place % 4).copied()),
                contact: Link::to(ground.contacts.get(place % 5).copied()),
                close_date: Date(days[place % 4].map(|(y, m, d)| jiff::civil::date(y, m, d))),
                probability: Percent::stored([0, 10_000, 2_550][place % 3]),
                status: Choice::trusted(status),
                stage_entered_at: Moment(Some(at_second([1_000, 2_000][place % 2]))),
                closed_at: Moment((status != "open").then(|| at_second(3_000))),
                lost_reason: LongText::trusted(long(place)),
                won_reason: LongText::trusted(long(place + 1)),
                ..deal(
                    text(place * 3 + 2),
                    (ground.pipelines[at / 2], ground.stages[at]),
                    [0, 125, 999_999_999_999][place % 3],
                )
            }
        };
        (0..22).map(sample).collect()
    }
}
