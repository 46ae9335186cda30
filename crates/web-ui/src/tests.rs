//! What must hold for every page.

use crate::api_root::{ApiRoot, Resource};
use crate::second_factor::{SecondFactor, Step};
use crate::sessions::{Account, Session};
use crate::sign_in::{AskCode, Provider, SignIn};
use crate::{FORM_CSP, account, api_root, assets, docs, message, second_factor, sessions, sign_in};

const HOSTILE: &str = r#"<script>alert('x')</script>" onload="alert(1)"#;

/// Every page, with ordinary text, beside its policy.
fn every_page() -> Vec<(String, &'static str)> {
    let factor = factor_pages("SimplyCRM").into_iter().map(|page| (page, FORM_CSP));
    let mut pages = common_pages();
    pages.extend(factor);
    pages
}

fn common_pages() -> Vec<(String, &'static str)> {
    let contacts = resource("contacts", "/api/contacts/", "People.", Some("crm.core"));
    vec![
        (root("SimplyCRM", "https://crm.example.com", &[contacts]), api_root::CSP),
        (docs::swagger_page("SimplyCRM"), docs::SWAGGER_CSP),
        (docs::redoc_page("SimplyCRM"), docs::REDOC_CSP),
        (sign_in_page("SimplyCRM", Some("Try again.")), FORM_CSP),
        (account_page("SimplyCRM"), FORM_CSP),
        (code_page("SimplyCRM"), FORM_CSP),
        (message::page("SimplyCRM", "Forbidden", "No.", ("/login/", "Back")), FORM_CSP),
        (account::password_page("SimplyCRM"), account::CSP),
        (account::email_page("SimplyCRM"), account::CSP),
        (account::invitation_page("SimplyCRM"), account::CSP),
    ]
}

fn sign_in_page(text: &str, message: Option<&str>) -> String {
    let path = "/api/auth/oidc/main/login/?next=%2Fcontacts%2F";
    let providers = [Provider { label: text, path }];
    sign_in::page(&SignIn {
        product: text,
        token: text,
        next: text,
        username: text,
        message,
        providers: &providers,
    })
}

fn code_page(text: &str) -> String {
    let message = Some(text);
    sign_in::code_page(&AskCode {
        product: text,
        token: text,
        next: text,
        challenge: text,
        message,
    })
}

/// The pages of the second factor, one after the other.
fn factor_pages(text: &str) -> Vec<String> {
    let codes = [text.to_owned()];
    let steps = [
        Step::Absent { is_required: true },
        Step::Confirm { secret: text, picture: "data:image/svg+xml;base64,AA==" },
        Step::Codes(&codes),
        Step::Present { codes_left: 3, is_required: false },
    ];
    let view = |step| SecondFactor { product: text, token: text, message: Some(text), step };
    steps.into_iter().map(|step| second_factor::page(&view(step))).collect()
}

fn account_page(text: &str) -> String {
    let session = |id, is_session, is_current| Session {
        id,
        is_session,
        is_current,
        user_agent: text,
        address: text,
        created_at: "2026-11-24T21:15:01.5Z".to_owned(),
        used_at: text.to_owned(),
    };
    let sessions = [session(7, true, true), session(8, false, false)];
    sessions::page(&Account {
        product: text,
        token: text,
        name: text,
        username: text,
        email: text,
        workspace: text,
        sessions: &sessions,
    })
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
            if reference.starts_with("data:image/") {
                continue;
            }
            let known = anchor.is_some_and(|id| page.contains(&format!("id=\"{id}\"")));
            let ours = ["/api/", "/login/", "/account/"];
            let ours = ours.iter().any(|path| reference.starts_with(path));
            assert!(known || ours, "{reference}");
            if let Some(path) = reference.strip_prefix(assets::PREFIX) {
                assert!(assets::find(path).is_some(), "{reference}");
            }
        }
    }
}

#[test]
fn every_asset_is_used_and_sound() {
    let pages: String = every_page().into_iter().map(|(page, _)| page).collect();
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
    let pages = [
        page,
        docs::swagger_page(HOSTILE),
        docs::redoc_page(HOSTILE),
        sign_in_page(HOSTILE, Some(HOSTILE)),
        account_page(HOSTILE),
        account::invitation_page(HOSTILE),
        message::page(HOSTILE, HOSTILE, HOSTILE, ("/", HOSTILE)),
    ];
    for page in pages.into_iter().chain([code_page(HOSTILE)]).chain(factor_pages(HOSTILE)) {
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

#[test]
fn forms_can_be_used_without_a_mouse_and_without_eyes() {
    let pages = [sign_in_page("x", None), sign_in_page("", Some("No.")), account_page("x")];
    for page in pages.into_iter().chain([code_page("x")]).chain(factor_pages("x")) {
        for tag in tags(&page).filter(|tag| tag.starts_with("input ")) {
            if tag.contains("type=\"hidden\"") {
                continue;
            }
            let id = tag.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
            let id = id.expect("fields have an id");
            assert!(page.contains(&format!("<label for=\"{id}\">")), "{tag}");
            assert!(tag.contains(" autocomplete=\""), "{tag}");
        }
        assert!(page.matches(" autofocus").count() <= 1);
        // Each form carries the token.
        let tokens = page.matches("name=\"csrfmiddlewaretoken\"").count();
        assert_eq!(page.matches("<form method=\"post\"").count(), tokens);
        assert_eq!(page.matches("<form").count(), tokens);
    }
    let refused = sign_in_page("ada", Some("Not this one."));
    assert!(refused.contains("role=\"alert\">Not this one.<"));
    assert!(refused.contains("aria-describedby=\"problem\""));
    assert!(account_page("x").contains(">2026-11-24 21:15 UTC<"));
}
