//! A lead becomes a contact, with their company and a deal.

use domain_kernel::crud::{Reply, insert_row, next, permit, update_row};
use domain_kernel::field::{Link, Moment, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Action;
use domain_kernel::{
    Error, Field, FieldErrors, FieldType, Fields, Id, Input, OpContext, Record, Resource, Result,
    Step, Which, replayed,
};
use jiff::Timestamp;
use serde_json::{Map, Value as JsonValue};

use super::{LAST_STATUS, Lead};
use crate::{Company, Contact, Opportunity, Sales, SalesWork};

/// The company that the lead works for.
const COMPANY_NAME: Field = Field::new(
    "company_name",
    "The company that the person works for: the one with this name, whatever its case, or a new one. \
     Without it, the company that the contact has.",
    ShortText::<255>::KIND,
    false,
);

/// Fields of a new contact that follow from the conversion.
pub const CONTACT_GIVES: &[&str] = &["company"];
/// Fields of a new deal that follow from the conversion.
pub const OPPORTUNITY_GIVES: &[&str] = &["lead", "company", "contact"];

/// What a lead is to become.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conversion {
    /// Who the lead is, where it names no contact.
    pub contact: Option<Contact>,
    /// Their company; empty for the one that the contact has.
    pub company_name: ShortText<255>,
    /// A deal with them.
    pub opportunity: Option<Opportunity>,
}

impl Conversion {
    /// The fields beside the nested objects `contact` and `opportunity`.
    pub const FIELDS: [Field; 1] = [COMPANY_NAME];

    /// Reads it from a request: `contact`, `company_name` and `opportunity`, all optional.
    ///
    /// # Errors
    /// [`Error::Invalid`], nested where the input is.
    pub fn read(json: JsonValue) -> Result<Self> {
        let mut object = match json {
            JsonValue::Object(object) => object,
            other => return Input::new(other).map(|_| Self::default()),
        };
        let mut errors = FieldErrors::default();
        let contact = nested::<Contact>(&mut object, "contact", CONTACT_GIVES, &mut errors)?;
        let opportunity =
            nested::<Opportunity>(&mut object, "opportunity", OPPORTUNITY_GIVES, &mut errors)?;
        let mut input = Input::new(JsonValue::Object(object))?;
        let company_name = input.take::<ShortText<255>>(&COMPANY_NAME).unwrap_or_default();
        match input.finish() {
            Err(Error::Invalid(more)) => errors.0.extend(more.0),
            other => other?,
        }
        errors.into_result()?;
        Ok(Self { contact, company_name, opportunity })
    }
}

/// Takes a nested object, if there is one; what follows from the conversion must not be in it.
fn nested<T: Fields>(
    object: &mut Map<String, JsonValue>,
    name: &str,
    given: &[&str],
    errors: &mut FieldErrors,
) -> Result<Option<T>> {
    let json = match object.remove(name) {
        None | Some(JsonValue::Null) => return Ok(None),
        Some(json) => json,
    };
    let mut wrong = FieldErrors::default();
    for field in given {
        if json.get(field).is_some_and(|value| !value.is_null()) {
            wrong.add(field, "The conversion gives it.");
        }
    }
    let read = match T::read(json) {
        Ok(data) => Some(data),
        Err(Error::Invalid(errors)) => {
            wrong.0.extend(errors.0);
            None
        }
        Err(error) => return Err(error),
    };
    if !wrong.is_empty() {
        errors.nest(name, wrong);
    }
    Ok(read)
}

impl Sales {
    /// Makes a lead a contact, with their company and a deal where the request wants one. What is
    /// there already is used. Of any number of requests the first does it; the others get what it
    /// became.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who may not write what comes of it; [`Error::Invalid`] when nobody
    /// says who the lead is, or as creating each of them.
    pub async fn convert(
        &self,
        ctx: &OpContext,
        id: Id<Lead>,
        wish: Conversion,
    ) -> Result<Reply<Lead>> {
        permit::<Lead>(ctx, Action::Update)?;
        permit::<Company>(ctx, Action::Create)?;
        permit::<Contact>(ctx, Action::Create)?;
        if wish.opportunity.is_some() {
            permit::<Opportunity>(ctx, Action::Create)?;
        }
        let mut work = self.store.begin_write(ctx).await?;
        if let Some(outcome) = replayed(ctx, &mut *work).await? {
            return Ok(Reply::Replayed(outcome));
        }
        work.lock_deals().await?;
        let lead = work.leads().find(&[id], Which::Live).await?.pop().ok_or(Error::NotFound)?;
        let lead = if lead.data.is_converted() {
            lead
        } else {
            let under_way = UnderWay { sales: self, ctx, now: self.clock.now() };
            under_way.convert(&mut *work, lead, wish).await?
        };
        if ctx.idempotency.is_some() {
            work.remember(lead.json()?);
        }
        work.commit().await?;
        Ok(Reply::Fresh(lead))
    }
}

/// A conversion within its unit of work.
struct UnderWay<'c> {
    sales: &'c Sales,
    ctx: &'c OpContext,
    now: Timestamp,
}

impl UnderWay<'_> {
    async fn convert(
        &self,
        work: &mut (dyn SalesWork + 'static),
        lead: Record<Lead>,
        Conversion { contact, company_name, opportunity }: Conversion,
    ) -> Result<Record<Lead>> {
        let contact = self.contact(work, &lead.data, contact).await?;
        let company = match company_name.is_empty() {
            true => contact.data.company.shown(),
            false => Some(self.company(work, company_name).await?),
        };
        let mut employed = contact.data.clone();
        if employed.company.shown().is_none() {
            employed.company = Link::to(company);
        }
        self.rewrite(work, &contact, employed).await?;
        let deal = match opportunity {
            Some(mut deal) => {
                deal.lead = Link::to(Some(lead.id));
                deal.contact = Link::to(Some(contact.id));
                deal.company = Link::to(company);
                let made = insert_row(work, &self.step(Verb::Created, None), deal).await;
                Some(made.map_err(|error| within("opportunity", error))?.id)
            }
            None => None,
        };
        let converted = Lead {
            contact: Link::to(Some(contact.id)),
            status: ShortText::trusted(LAST_STATUS),
            converted_at: Moment(Some(self.now)),
            converted_contact: Link::to(Some(contact.id)),
            converted_company: Link::to(company),
            converted_opportunity: Link::to(deal),
            ..lead.data.clone()
        };
        self.rewrite(work, &lead, converted).await
    }

    /// The contact of the lead; or the one with the address that is given, or a new one.
    async fn contact(
        &self,
        work: &mut (dyn SalesWork + 'static),
        lead: &Lead,
        given: Option<Contact>,
    ) -> Result<Record<Contact>> {
        let known = match (lead.contact.shown(), &given) {
            (Some(_), Some(_)) => {
                return Err(Error::field("contact", "This lead has a contact already."));
            }
            (Some(known), None) => Some(known),
            (None, Some(given)) if !given.email.is_empty() => work.contact_at(&given.email).await?,
            (None, _) => None,
        };
        if let Some(found) = work.contacts().find(known.as_slice(), Which::Live).await?.pop() {
            return Ok(found);
        }
        let missing = || Error::field("contact", "This lead has no contact: say who it is.");
        let (step, given) = (self.step(Verb::Created, None), given.ok_or_else(missing)?);
        insert_row(work, &step, given).await.map_err(|error| within("contact", error))
    }

    /// The company with a name, or a new one.
    async fn company(
        &self,
        work: &mut (dyn SalesWork + 'static),
        name: ShortText<255>,
    ) -> Result<Id<Company>> {
        if let Some(known) = work.company_called(&name).await? {
            return Ok(known);
        }
        let company = Company { name, ..Company::default() };
        Ok(insert_row(work, &self.step(Verb::Created, None), company).await?.id)
    }

    /// Stores a row anew, if it differs.
    async fn rewrite<T: Resource>(
        &self,
        work: &mut T::Work,
        current: &Record<T>,
        data: T,
    ) -> Result<Record<T>> {
        let step = self.step(Verb::Updated, Some(current));
        match next(&step, current, data) {
            Some(next) => update_row(work, &step, next).await?.ok_or(Error::Busy),
            None => Ok(current.clone()),
        }
    }

    fn step<'s, T>(&'s self, verb: Verb, before: Option<&'s Record<T>>) -> Step<'s, T> {
        let (ctx, now, random) = (self.ctx, self.now, &*self.sales.random);
        Step { ctx, verb, before, now, move_to: None, random }
    }
}

/// The error of something nested.
fn within(name: &str, error: Error) -> Error {
    match error {
        Error::Invalid(errors) => {
            let mut outer = FieldErrors::default();
            outer.nest(name, errors);
            Error::Invalid(outer)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wish_is_read_with_what_is_nested_in_it() {
        let wish = Conversion::read(json!({
            "company_name": "Acme",
            "contact": {"first_name": "Ada", "company": null},
            "opportunity": {"name": "D", "pipeline": 1, "stage": 2, "amount": "5"},
        }));
        let wish = wish.expect("valid");
        assert_eq!(&*wish.company_name, "Acme");
        assert_eq!(wish.contact.map(|contact| contact.first_name.to_string()), Some("Ada".into()));
        assert_eq!(wish.opportunity.map(|deal| deal.name.to_string()), Some("D".into()));
        assert_eq!(Conversion::read(json!({})).expect("valid"), Conversion::default());
    }

    #[test]
    fn every_error_stands_where_it_belongs() {
        let refused = Conversion::read(json!({
            "company": 5,
            "contact": {"company": 7},
            "opportunity": {"lead": 1, "amount": "x"},
        }));
        let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
        let shown = serde_json::to_value(&errors).expect("JSON");
        assert_eq!(shown["company"], json!(["Unknown field."]));
        assert_eq!(shown["contact"]["company"], json!(["The conversion gives it."]));
        assert_eq!(shown["contact"]["first_name"], json!(["This field is required."]));
        assert_eq!(shown["opportunity"]["lead"], json!(["The conversion gives it."]));
        assert!(
            shown["opportunity"]["amount"].is_array() && shown["opportunity"]["stage"].is_array()
        );
        assert!(Conversion::read(json!([])).is_err());
    }
}
