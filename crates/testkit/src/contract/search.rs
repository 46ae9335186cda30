//! Search.

use domain_kernel::field::{Email, LongText, Phone, ShortText, WebAddress};
use domain_sales::{Company, Contact};

use super::Fixture;
use crate::builders::{company, contact};

/// Every word must occur in some searched field.
pub async fn every_word_must_occur_in_some_searched_field(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let ada = Contact {
        email: Email::trusted("ada@example.com"),
        phone_number: Phone::trusted("+44 20 7946"),
        ..contact("Ada", "Lovelace")
    };
    let ada = fixture.insert(&ctx, ada).await.id;
    fixture.insert(&ctx, contact("Grace", "Hopper")).await;
    for (text, found) in [
        ("ada", true),
        ("lovelace", true),
        ("ada lovelace", true),
        ("lovelace ada", true),
        ("ada example.com +44", true),
        ("ada ada", true),
        ("ada hopper", false),
        ("ada grace", false),
        ("adalovelace", false),
        ("", true),
    ] {
        let listed = fixture.listed::<Contact>(&ctx, &[("search", text)]).await;
        assert_eq!(listed.contains(&ada), found, "search={text} finds her: {found}");
    }
    let unsearched = Company {
        website: WebAddress::trusted("https://hidden.example"),
        billing_address: LongText::trusted("hidden street"),
        industry: ShortText::trusted("toys"),
        ..company("Acme")
    };
    let row = fixture.insert(&ctx, unsearched).await;
    let listed = fixture.listed::<Company>(&ctx, &[("search", "hidden")]).await;
    assert_eq!(listed, [], "fields that are not searched are not looked into");
    let listed = fixture.listed::<Company>(&ctx, &[("search", "toys acme")]).await;
    assert_eq!(listed, [row.id], "those that are searched are");
}

/// A word may be any part of a text.
pub async fn a_word_may_be_any_part_of_a_text(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let row = fixture.insert(&ctx, company("International Widgets, Inc.")).await;
    for text in ["inter", "nation", "dgets,", "inc.", "l", "al wid"] {
        let listed = fixture.listed::<Company>(&ctx, &[("search", text)]).await;
        assert_eq!(listed, [row.id], "{text:?} is found wherever it stands");
    }
}

/// Wildcards are taken literally.
pub async fn wildcards_are_taken_literally(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let names = [
        "100% wool",
        "a_b",
        "C:\\temp",
        "[set]",
        "what?",
        "star*",
        "it's",
        "\"q\"",
        "plain",
        "50\\%",
    ];
    let mut rows = Vec::new();
    for name in names {
        rows.push((name, fixture.insert(&ctx, company(name)).await.id));
    }
    let words = [
        "%", "_", "\\", "[", "]", "?", "*", "'", "\"", "%%", "a_", "0%", "\\%", "\\t", "a_b", "__",
        "p_ain", "pl%n", "\\_", "[set]", "$", "^", "|",
    ];
    for word in words {
        let expected: Vec<_> = rows
            .iter()
            .filter(|(name, _)| name.to_lowercase().contains(word))
            .map(|(_, id)| *id)
            .collect();
        let listed = fixture.listed::<Company>(&ctx, &[("search", word)]).await;
        assert_eq!(listed, expected, "{word:?} finds what contains it literally");
    }
}

/// Search folds case and composition in any alphabet.
pub async fn search_folds_case_and_composition_in_any_alphabet(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    for (name, words) in [
        ("Acme", &["ACME", "acme", "ａｃｍｅ"][..]),
        ("Straße", &["strasse", "STRASSE", "straße", "ẞ"][..]),
        ("Zu\u{308}rich", &["zürich", "ZÜRICH", "zu\u{308}ri"][..]),
        ("Øresund", &["øresund", "ØRE"][..]),
        ("Иванов", &["иванов", "ИВАН"][..]),
        ("ΣΊΣΥΦΟΣ", &["σίσυφος", "Σίσυφοσ"][..]),
        ("Երևան", &["ԵՐԵՒԱՆ", "երեւան"][..]),
        ("ｶﾀｶﾅ", &["カタカナ"][..]),
        ("東京都", &["京"][..]),
        ("ﬁnance", &["FINANCE", "fi"][..]),
        ("🦀 crab", &["🦀", "CRAB"][..]),
    ] {
        let row = fixture.insert(&ctx, company(name)).await;
        for word in words {
            let listed = fixture.listed::<Company>(&ctx, &[("search", word)]).await;
            assert!(listed.contains(&row.id), "{word} finds {name}");
        }
        fixture.delete(&ctx, &row).await;
    }
}

/// Search and filters hold together.
pub async fn search_and_filters_hold_together(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let toys = |name: &str| Company { industry: ShortText::trusted("toys"), ..company(name) };
    let both = fixture.insert(&ctx, toys("Acme")).await;
    fixture.insert(&ctx, toys("Other")).await;
    fixture.insert(&ctx, company("Acme")).await;
    let gone = fixture.insert(&ctx, toys("Acme")).await;
    fixture.delete(&ctx, &gone).await;
    let parameters = [("search", "acme"), ("industry", "toys")];
    let listed = fixture.listed::<Company>(&ctx, &parameters).await;
    assert_eq!(listed, [both.id], "a row must match the search and the filters and be live");
}
