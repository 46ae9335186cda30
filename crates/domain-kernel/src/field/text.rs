//! Text in its several kinds.

use std::ops::Deref;

use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NO_NUL, NOT_NULL, Value, type_name};

/// The longest long text, in characters: a page of two hundred rows stays a page.
pub const LONG_TEXT_MAX: usize = 20_000;
/// The longest e-mail address, by RFC 5321.
const EMAIL_MAX: usize = 254;
/// The longest web address that the contract accepts.
const WEB_ADDRESS_MAX: usize = 200;
/// The longest phone number that the contract accepts.
const PHONE_MAX: usize = 32;

/// The longest name of a time zone, and of a language, that the contract accepts.
const ZONE_MAX: usize = 64;
const LOCALE_MAX: usize = 16;

/// Reads text: trimmed, without NUL, not blank where required, not longer than `max` characters.
fn read_text(json: JsonValue, field: &Field, max: usize) -> Result<String, String> {
    let text = match json {
        JsonValue::String(text) => text,
        JsonValue::Null => return Err(NOT_NULL.to_owned()),
        other => return Err(format!("Not a valid string: got {}.", type_name(&other))),
    };
    if text.contains('\0') {
        return Err(NO_NUL.to_owned());
    }
    let text = text.trim();
    if text.is_empty() && field.required {
        return Err("This field may not be blank.".to_owned());
    }
    if text.chars().count() > max {
        return Err(format!("Ensure this field has no more than {max} characters."));
    }
    Ok(text.to_owned())
}

/// Declares a text type: its documentation, its kind, and the rule beside length.
macro_rules! text_type {
    ($(#[$doc:meta])* $Name:ident $(<const $MAX:ident: usize>)?, $kind:expr, $max:expr, $check:expr) => {
        text_type! { $(#[$doc])* $Name $(<const $MAX: usize>)?, $kind, $max, $check, "" }
    };
    ($(#[$doc:meta])* $Name:ident $(<const $MAX:ident: usize>)?, $kind:expr, $max:expr, $check:expr, $default:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
        #[serde(transparent)]
        pub struct $Name$(<const $MAX: usize>)?(String);

        impl$(<const $MAX: usize>)? $Name$(<$MAX>)? {
            /// Takes text from where it was checked before: storage, or our own code.
            pub fn trusted(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text itself.
            pub fn into_inner(self) -> String {
                self.0
            }
        }

        impl$(<const $MAX: usize>)? Deref for $Name$(<$MAX>)? {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl$(<const $MAX: usize>)? FieldType for $Name$(<$MAX>)? {
            const KIND: Kind = $kind;

            fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
                let text = read_text(json, field, $max)?;
                let check: fn(&str) -> Result<(), String> = $check;
                // Where there is a default, nothing is no value.
                if !text.is_empty() || !$default.is_empty() {
                    check(&text)?;
                }
                Ok(Self(text))
            }

            fn absent() -> Self {
                Self($default.to_owned())
            }

            fn value(&self) -> Value {
                Value::Text(self.0.clone())
            }
        }
    };
}

text_type! {
    /// A name, a title, a label: one line of up to `MAX` characters.
    ShortText<const MAX: usize>, Kind::ShortText { max: MAX }, MAX, |_| Ok(())
}
text_type! {
    /// Text of several lines, up to [`LONG_TEXT_MAX`] characters.
    LongText, Kind::LongText, LONG_TEXT_MAX, |_| Ok(())
}
text_type! {
    /// A phone number as people write it; only its length is checked.
    Phone, Kind::Phone { max: PHONE_MAX }, PHONE_MAX, |_| Ok(())
}
text_type! {
    /// An e-mail address, or nothing.
    Email, Kind::Email { max: EMAIL_MAX }, EMAIL_MAX, |text| {
        if is_email(text) { Ok(()) } else { Err("Enter a valid email address.".to_owned()) }
    }
}
text_type! {
    /// An absolute address of the web (`https://…`), or nothing.
    WebAddress, Kind::WebAddress { max: WEB_ADDRESS_MAX }, WEB_ADDRESS_MAX, |text| {
        if is_web_address(text) { Ok(()) } else { Err("Enter a valid URL.".to_owned()) }
    }
}

text_type! {
    /// Letters, digits, hyphens and underscores: a name in addresses.
    Slug<const MAX: usize>, Kind::Slug { max: MAX }, MAX, |text| {
        let sound = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let message = "Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens.";
        if sound { Ok(()) } else { Err(message.to_owned()) }
    }
}
text_type! {
    /// A word of ours, compared as it is written.
    Word<const MAX: usize>, Kind::Word { max: MAX }, MAX, |_| Ok(())
}
text_type! {
    /// The IANA name of a time zone; UTC where a create leaves it out.
    ZoneName, Kind::ShortText { max: ZONE_MAX }, ZONE_MAX, |text| {
        let message = "Use a name of the time zone database, as Europe/Paris.";
        if jiff::tz::TimeZone::get(text).is_ok() { Ok(()) } else { Err(message.to_owned()) }
    }, "UTC"
}
text_type! {
    /// A language tag (BCP 47); `en-US` where a create leaves it out.
    Locale, Kind::ShortText { max: LOCALE_MAX }, LOCALE_MAX, |text| {
        if is_locale(text) { Ok(()) } else { Err("Use a language tag, as en-US.".to_owned()) }
    }, "en-US"
}

/// Whether a text has the form of a language tag: short words of letters and digits.
fn is_locale(text: &str) -> bool {
    let word = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    text.split(['-', '_']).all(word) && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether a text is a bare e-mail address with a domain that can be on the internet.
fn is_email(text: &str) -> bool {
    let strict = email_address::Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    email_address::EmailAddress::parse_with_options(text, strict).is_ok()
}

/// Whether a text is an absolute http, https, ftp or ftps address with a host.
fn is_web_address(text: &str) -> bool {
    let scheme_ok = |url: &url::Url| matches!(url.scheme(), "http" | "https" | "ftp" | "ftps");
    // The parser forgives spaces and a missing slash; an address that was stored must not need it.
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && text.contains("://")
        && url::Url::parse(text).is_ok_and(|url| scheme_ok(&url) && url.has_host())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn optional() -> Field {
        Field::new("f", "", Kind::LongText, false)
    }

    #[test]
    fn text_is_trimmed_and_measured_in_characters() {
        let read = |text: &str| ShortText::<3>::read(json!(text), &optional());
        assert_eq!(&*read(" äöü ").expect("three characters"), "äöü");
        assert_eq!(
            read("abcd").expect_err("four"),
            "Ensure this field has no more than 3 characters."
        );
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (value, message) in [
            (json!(null), "This field may not be null."),
            (json!(1), "Not a valid string: got a number."),
            (json!(["a"]), "Not a valid string: got a list."),
            (json!("a\0b"), "Null characters are not allowed."),
        ] {
            assert_eq!(LongText::read(value, &optional()).expect_err("refused"), message);
        }
        let blank = LongText::read(json!("  "), &optional().required()).expect_err("blank");
        assert_eq!(blank, "This field may not be blank.");
    }

    #[test]
    fn addresses_are_checked_and_may_be_empty() {
        let email = |text: &str| Email::read(json!(text), &optional()).is_ok();
        assert!(email("") && email("ada@example.com") && email("a.b+c@mail.example.org"));
        assert!(!email("ada") && !email("ada@localhost") && !email("Ada <ada@example.com>"));
        let web = |text: &str| WebAddress::read(json!(text), &optional()).is_ok();
        assert!(web("") && web("https://example.com/a?b=c") && web("http://localhost:3000"));
        assert!(!web("example.com") && !web("javascript:alert(1)") && !web("https://"));
        assert!(!web("https://a b.example"));
    }
}
