//! The folding that search and text order use.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// Folds text for comparing and ordering: Unicode NFKC, then full case folding.
///
/// Adapters store the folded text beside the original and compare it bytewise, so that both
/// databases order and search alike; their own `lower` would not.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    UniCase::unicode(text.nfkc().collect::<String>()).to_folded_case()
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn folds_case_and_composition_in_any_alphabet() {
        assert_eq!(fold("ACME"), "acme");
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_eq!(fold("Иванов"), fold("ИВАНОВ"));
        assert_eq!(fold("Mu\u{308}ller"), fold("MÜLLER"));
    }
}
