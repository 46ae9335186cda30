//! The pages that links in mails lead to.

use system_tests::{TestApp, on_both_databases};

/// Each page, and the address of the API that its form is sent to.
const PAGES: [(&str, &str); 3] = [
    ("/account/password/", "/api/auth/password/reset/confirm/"),
    ("/account/email/", "/api/auth/email/verify/confirm/"),
    ("/account/invitation/", "/api/invites/accept/"),
];

on_both_databases!(links_in_mails_lead_to_pages_without_a_secret, async |app: TestApp| {
    let stranger = app.stranger();
    for (path, address) in PAGES {
        let page = stranger.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
        assert!(policy.contains("connect-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        assert!(page.text.contains(&format!("data-address=\"{address}\"")), "{}", page.text);
        // Nothing comes back of what a client sends along: it is the same page for everybody.
        let asked = stranger.get(&format!("{path}?token=crml_secret")).await;
        assert_eq!((asked.status, &asked.text), (200, &page.text));
        for asset in ["account.js", "account.css"] {
            let address = format!("/api/assets/{asset}");
            assert!(page.text.contains(&address), "{}", page.text);
            assert_eq!(stranger.get(&address).await.status, 200);
        }
        let posted = stranger.post(path, serde_json::json!({})).await;
        assert_eq!(posted.status, 403, "nothing is posted to a page from elsewhere");
    }
});
