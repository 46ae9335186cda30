//! Currencies.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A currency of ISO 4217, by its code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

/// Currencies whose smallest coin or book amount is the unit itself.
const WITHOUT_PLACES: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
/// Those that are divided into thousandths.
const THREE_PLACES: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
/// Units of account that are counted in ten-thousandths.
const FOUR_PLACES: [&str; 2] = ["CLF", "UYW"];
/// All others are divided into hundredths.
const OTHER_PLACES: u32 = 2;

impl Currency {
    /// The dollar of the United States, where nobody says otherwise.
    pub const USD: Self = Self("USD");

    /// The codes of all currencies, in alphabetical order: the active ones of ISO 4217 (list one)
    /// without metals, tests and what only central banks count in.
    pub const CODES: &'static [&'static str] = &[
        "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD",
        "BIF", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF",
        "CHE", "CHF", "CHW", "CLF", "CLP", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DJF",
        "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
        "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR",
        "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT",
        "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP",
        "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
        "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
        "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN",
        "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH",
        "UGX", "USD", "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF",
        "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
    ];

    /// The currency with this code, in capitals, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::CODES.binary_search(&code).ok().map(|place| Self(Self::CODES[place]))
    }

    /// Its code.
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// How many digits after the point its smallest amount has: from 0 to 4, by ISO 4217.
    pub fn places(self) -> u32 {
        match self.0 {
            code if WITHOUT_PLACES.contains(&code) => 0,
            code if THREE_PLACES.contains(&code) => 3,
            code if FOUR_PLACES.contains(&code) => 4,
            _ => OTHER_PLACES,
        }
    }

    /// How many digits after the point a price in it may have: as many as its smallest amount, and two
    /// at least. A small thing may cost less than the smallest coin; what is asked for in the end is
    /// rounded to it.
    pub fn price_places(self) -> u32 {
        self.places().max(OTHER_PLACES)
    }
}

/// The dollar.
impl Default for Currency {
    fn default() -> Self {
        Self::USD
    }
}

/// Why a text is no currency.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a currency: use a code of ISO 4217, as USD.")]
pub struct UnknownCurrency(String);

/// Reads a code in any case.
impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        let code = text.trim().to_ascii_uppercase();
        Self::from_code(&code).ok_or_else(|| UnknownCurrency(text.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_three_capitals_and_found_again() {
        assert!(Currency::CODES.is_sorted(), "the search halves it");
        for code in Currency::CODES {
            assert!(code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
            assert_eq!(Currency::from_code(code).map(Currency::code), Some(*code));
        }
    }

    #[test]
    fn places_are_those_of_the_standard() {
        for (code, places, of_prices) in
            [("USD", 2, 2), ("EUR", 2, 2), ("JPY", 0, 2), ("KWD", 3, 3), ("CLF", 4, 4)]
        {
            let currency = Currency::from_code(code).expect("a currency");
            assert_eq!((currency.places(), currency.price_places()), (places, of_prices), "{code}");
        }
        for code in WITHOUT_PLACES.iter().chain(&THREE_PLACES).chain(&FOUR_PLACES) {
            assert!(Currency::CODES.contains(code), "{code}");
        }
    }

    #[test]
    fn a_code_is_read_in_any_case_and_nothing_else_is() {
        assert_eq!(" eur ".parse::<Currency>().map(Currency::code), Ok("EUR"));
        for text in ["", "EURO", "E", "XXX", "ЕUR", "US$"] {
            let error = text.parse::<Currency>().expect_err(text);
            assert!(error.to_string().contains("ISO 4217"), "{error}");
        }
    }
}
