//! What must hold for every page.

use crate::api_root::{ApiRoot, Resource};
use crate::{account, api_root, assets, docs};

const HOSTILE: &str = r#"<script>alert('x')</script>" onload="alert(1)"#;

/// Every page, with ordinary text, beside its policy.
fn every_page() -> [(String, &'static str); 6] {
    let contacts = resource("contacts", "/api/contacts/", "People.", Some("crm.core"));
    [
        (root("SimplyCRM", "https://crm.example.com", &[contacts]), api_root::CSP),
        (docs::swagger_page("SimplyCRM"), docs::SWAGGER_CSP),
        (docs::redoc_page("SimplyCRM"), docs::REDOC_CSP),
        (account::password_page("SimplyCRM"), account::CSP),
        (account::email_page("SimplyCRM"), account::CSP),
        (account::invitation_page("SimplyCRM"), account::CSP),
    ]
}

fn resource<'a>(
    name: &'a str,
    url: &'a str,
    description: &'a str,
    feature: Option<&'a str>,
) -> Resource<'a> {
    Resource { name, url, description, feature }
}

fn root(product: &str, base_url: &str, resources: &[Resource<'_>]) -> String {
    api_root::page(&ApiRoot { product, version: "1.2.3", base_url, resources })
}

/// The start tags of a page, each from its name on: `a href="/"`.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}

/// The values of the attributes `src` and `href` of a page.
fn references(page: &str) -> impl Iterator<Item = &str> {
    let values = |name: &'static str| page.split(name).skip(1).filter_map(|v| v.split('"').next());
    values(" src=\"").chain(values(" href=\""))
}

#[test]
fn nothing_is_inline() {
    for (page, csp) in every_page() {
        for tag in tags(&page) {
            assert!(tag != "style" && !tag.starts_with("style "), "<{tag}>");
            assert!(!tag.starts_with("script") || tag.contains(" src=\""), "<{tag}>");
            for attribute in tag.split(' ').skip(1) {
                let name = attribute.split('=').next().unwrap_or_default();
                assert!(name != "style" && !name.starts_with("on"), "<{tag}>");
            }
        }
        assert_eq!(page.matches("<script").count(), page.matches("></script>").count());
        assert!(csp.starts_with("default-src 'none';") && !csp.contains("'unsafe-eval'"), "{csp}");
        let styles = csp.replace("style-src-attr 'unsafe-inline'", "");
        assert!(!styles.contains("'unsafe-inline'"), "{csp}");
        assert!(!csp.contains("  ") && !csp.contains("http"), "{csp}");
    }
}

#[test]
fn references_stay_on_this_server_and_their_assets_exist() {
    for (page, _) in every_page() {
        for reference in references(&page) {
            let anchor = reference.strip_prefix('#');
            let known = anchor.is_some_and(|id| page.contains(&format!("id=\"{id}\"")));
            assert!(known || reference.starts_with("/api/"), "{reference}");
            if let Some(path) = reference.strip_prefix(assets::PREFIX) {
                assert!(assets::find(path).is_some(), "{reference}");
            }
        }
    }
}

#[test]
fn every_asset_is_used_and_sound() {
    let pages = every_page().map(|(page, _)| page).concat();
    for asset in assets::all() {
        let path = asset.path();
        assert!(pages.contains(&format!("\"{}{path}\"", assets::PREFIX)), "{path}");
        assert_eq!(asset.is_gzipped(), asset.bytes().starts_with(&[0x1f, 0x8b]), "{path}");
        assert_ne!(asset.content_type(), "application/octet-stream", "{path}");
        assert!(asset.etag().len() == 18 && asset.etag().starts_with('"'), "{path}");
    }
    let mut etags: Vec<_> = assets::all().iter().map(assets::Asset::etag).collect();
    etags.sort_unstable();
    etags.dedup();
    assert_eq!(etags.len(), assets::all().len());
}

#[test]
fn an_asset_has_one_spelling() {
    for path in ["", "/site.css", "Site.css", "vendor/README.md", "../Cargo.toml", "site.css/"] {
        assert!(assets::find(path).is_none(), "{path}");
    }
}

#[test]
fn hostile_text_stays_text() {
    let resource = resource(HOSTILE, HOSTILE, HOSTILE, Some(HOSTILE));
    let page = root(HOSTILE, HOSTILE, &[resource]);
    let invitation = account::invitation_page(HOSTILE);
    for page in [page, docs::swagger_page(HOSTILE), docs::redoc_page(HOSTILE), invitation] {
        assert!(page.contains("&lt;script&gt;alert("));
        assert!(!page.contains("<script>") && !page.contains("\" onload="));
    }
}

#[test]
fn only_paths_of_this_server_become_links() {
    let hostile = [
        "javascript:alert(1)",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "https://evil.example/",
    ];
    for url in hostile {
        let page = root("SimplyCRM", "", &[resource("x", url, "", None)]);
        assert!(page.contains(&format!("<code>{url}</code>")), "{url}");
        assert!(references(&page).all(|reference| reference != url), "{url}");
    }
}

#[test]
fn the_root_shows_what_it_is_given() {
    let resources = [
        resource("contacts", "/api/contacts/", "People you know.", None),
        resource("rules", "/api/rules/", "What happens by itself.", Some("automation.core")),
    ];
    let page = root("SimplyCRM", "https://crm.example.com", &resources);
    for text in [
        "<html lang=\"en\">",
        "version 1.2.3",
        "curl -X POST https://crm.example.com/api/auth/token/",
        "Authorization: Token ",
        "href=\"/api/contacts/\"",
        "What happens by itself.",
        "<code>automation.core</code>",
        "<a href=\"/api/\" aria-current=\"page\">",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page.matches("<tr role").count(), 3);
}
