//! The goods: what is sold from when to when, in which variants.

pub(crate) mod play;
pub(crate) mod prices;
pub(crate) mod receipts;
pub(crate) mod table;

use domain_catalog::{Category, Product, ProductVariant};
use domain_kernel::field::{
    Choice, JsonObject, Link, LongText, Money, Nested, NestedRow, ShortText,
};
use domain_kernel::{Amount, Id};
use serde_json::json;

use self::table::{ARTICLES, Article, DEPARTMENTS, Department};
use crate::calendar::Calendar;
use crate::season::Season;

/// On sale.
const ACTIVE: &str = "active";

/// A product.
#[derive(Clone, Copy)]
pub(crate) struct Good {
    /// What it is.
    pub(crate) article: &'static Article,
    /// Its group.
    pub(crate) department: &'static Department,
    /// Its number, from which others follow.
    pub(crate) number: i64,
    /// The day from which it is sold.
    pub(crate) launched: i64,
    /// The day from which it is not sold any more.
    pub(crate) ended: Option<i64>,
}

/// A variant of a product.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// An index of the goods.
    pub(crate) good: usize,
    /// Its place among the product's variants.
    pub(crate) place: i64,
    /// What tells it from the others.
    pub(crate) word: &'static str,
}

/// All goods with their variants.
pub(crate) struct Goods {
    /// The products.
    pub(crate) goods: Vec<Good>,
    /// Their variants, in the same order.
    pub(crate) forms: Vec<Form>,
}

impl Goods {
    /// So many of the articles, from all groups; some were added to the range in the course of the
    /// history, and some taken out of it.
    pub(crate) fn plan(count: usize, calendar: &Calendar) -> Self {
        let count = count.min(ARTICLES.len());
        let (mut goods, mut forms) = (Vec::new(), Vec::new());
        for good in 0..count {
            let place = good * ARTICLES.len() / count;
            let (article, number) = (&ARTICLES[place], i64::try_from(place).unwrap_or_default());
            let department = DEPARTMENTS.iter().find(|one| one.name == article.department);
            let days = calendar.days();
            let launched = match number % 9 {
                5 => days / 6 * (number % 4 + 1),
                _ => 0,
            };
            let ended = (number % 20 == 13).then_some(days * 3 / 4);
            let department = department.unwrap_or(&DEPARTMENTS[0]);
            goods.push(Good { article, department, number, launched, ended });
            let words = (0..).zip(article.variants.1.split("; "));
            forms.extend(words.map(|(place, word)| Form { good, place, word }));
        }
        Self { goods, forms }
    }

    /// The product of a variant.
    pub(crate) fn good(&self, form: usize) -> &Good {
        &self.goods[self.forms[form].good]
    }

    /// The variants of a product, as indexes.
    pub(crate) fn forms_of(&self, good: usize) -> impl Iterator<Item = usize> {
        (0..self.forms.len()).filter(move |form| self.forms[*form].good == good)
    }

    /// A product as it is created, priced as on a day.
    pub(crate) fn product(
        &self,
        good: usize,
        category: Option<Id<Category>>,
        calendar: &Calendar,
    ) -> Product {
        let Good { article, department, number, launched, .. } = self.goods[good];
        let variants = self.forms_of(good).map(|form| {
            let price = prices::on(self, form, calendar, launched);
            NestedRow::New(self.variant(form, price))
        });
        Product {
            category: Link::to(category),
            name: ShortText::trusted(article.name),
            sku: ShortText::trusted(sku(number)),
            description: LongText::trusted(department.description),
            status: Choice::trusted(ACTIVE),
            attributes: JsonObject::trusted(json!({ "season": department.season.word() })),
            variants: Nested::Wanted(variants.collect()),
            ..Product::default()
        }
    }

    fn variant(&self, form: usize, price: i64) -> ProductVariant {
        let (Form { place, word, .. }, good) = (self.forms[form], self.good(form));
        let (axis, _) = good.article.variants;
        let cost = prices::listed(self, form) * good.article.cost / 100;
        ProductVariant {
            name: ShortText::trusted(format!("{}, {word}", good.article.name)),
            sku: ShortText::trusted(format!("{}-{}", sku(good.number), place + 1)),
            attributes: JsonObject::trusted(json!({ axis: word })),
            price: Money(cents(price)),
            cost: Money(cents(cost)),
            barcode: ShortText::trusted(barcode(good.number, place)),
            ..ProductVariant::default()
        }
    }
}

impl Season {
    const fn word(self) -> &'static str {
        match self {
            Self::Spring => "spring",
            Self::Summer => "summer",
            Self::Winter => "winter",
            Self::Always => "all year",
        }
    }
}

/// An amount of so many cents.
pub(crate) const fn cents(cents: i64) -> Amount {
    Amount::from_ten_thousandths(cents * 100)
}

fn sku(number: i64) -> String {
    format!("NW-{}", 1_001 + number)
}

/// A number as in EAN-13, of those that shops give out for themselves (they begin with 2).
fn barcode(number: i64, place: i64) -> String {
    let digits = format!("20{:06}{place:04}", 100_001 + number);
    format!("{digits}{}", check_digit(&digits))
}

fn check_digit(digits: &str) -> u32 {
    let weighted = |(at, digit): (usize, char)| digit.to_digit(10).unwrap_or(0) * [1, 3][at % 2];
    let sum: u32 = digits.chars().enumerate().map(weighted).sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::Timestamp;

    use super::*;
    use crate::goods::table::SUPPLIERS;

    #[test]
    fn every_article_has_its_department_and_each_name_is_its_own() {
        let names: HashSet<_> = ARTICLES.iter().map(|article| article.name).collect();
        assert_eq!(names.len(), ARTICLES.len());
        for article in &ARTICLES {
            assert!(DEPARTMENTS.iter().any(|one| one.name == article.department));
            let variants: HashSet<_> = article.variants.1.split("; ").collect();
            assert!((1..=4).contains(&variants.len()), "{}", article.name);
        }
        for (at, one) in DEPARTMENTS.iter().enumerate() {
            assert!(one.supplier < SUPPLIERS.len());
            let above = DEPARTMENTS.iter().position(|other| other.name == one.within);
            assert!(one.within.is_empty() || above.is_some_and(|above| above < at), "{}", one.name);
        }
    }

    #[test]
    fn a_few_of_them_are_of_all_departments() {
        let calendar = Calendar::before(Timestamp::UNIX_EPOCH, 2);
        let seasons: HashSet<_> = Goods::plan(8, &calendar)
            .goods
            .iter()
            .map(|good| good.department.season.word())
            .collect();
        assert_eq!(seasons.len(), 4);
    }

    #[test]
    fn barcodes_end_with_their_check_digit() {
        // A pen that is sold everywhere.
        assert_eq!(check_digit("400638133393"), 1);
        assert_eq!(barcode(0, 0), "2010000100004");
        assert_ne!(barcode(0, 1), barcode(1, 0));
    }
}
