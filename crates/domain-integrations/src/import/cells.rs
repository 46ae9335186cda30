//! What a cell's text means where a field is no plain text.

use serde_json::{Value, json};

/// A phone number. One that a program wrote as a number with a fraction of nothing (`79161234567.0`)
/// loses it.
pub(super) fn phone(text: &str) -> Value {
    let whole = text.split_once('.').filter(|(number, fraction)| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits(number.trim_start_matches('+'))
            && digits(fraction)
            && fraction.trim_matches('0').is_empty()
    });
    json!(whole.map_or(text, |(number, _)| number))
}

/// Tags with commas between them.
pub(super) fn tags(text: &str) -> Value {
    let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    Value::Array(tags.map(Value::from).collect())
}

/// Yes or no, in English or Russian; another text stays one, which the field refuses.
pub(super) fn flag(text: &str) -> Value {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "да" | "истина" => json!(true),
        "false" | "no" | "n" | "0" | "нет" | "ложь" => json!(false),
        _ => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_that_was_a_number_is_plain() {
        for (text, phone_number) in [
            ("79161234567.0", "79161234567"),
            ("+79161234567.00", "+79161234567"),
            ("79161234567", "79161234567"),
            ("+7 (916) 123-45-67", "+7 (916) 123-45-67"),
            ("555.1234", "555.1234"),
            ("020.7946.0000", "020.7946.0000"),
            (".0", ".0"),
        ] {
            assert_eq!(phone(text), phone_number, "{text}");
        }
    }

    #[test]
    fn tags_are_told_apart_by_commas() {
        assert_eq!(tags("vip, новый клиент,,b2b "), json!(["vip", "новый клиент", "b2b"]));
        assert_eq!(tags(" , "), json!([]));
    }

    #[test]
    fn yes_and_no_are_known_in_both_languages() {
        for text in ["true", "TRUE", "Yes", "1", "Да", "ИСТИНА"] {
            assert_eq!(flag(text), true, "{text}");
        }
        for text in ["false", "No", "0", "нет", "Ложь"] {
            assert_eq!(flag(text), false, "{text}");
        }
        assert_eq!(flag("maybe"), "maybe");
    }
}
