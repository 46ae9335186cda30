//! The pages that links in mails lead to: set a password, verify an address, accept an invitation.
//!
//! The secret stands in the address behind the `#`, which no browser sends. The page's script takes
//! it from there, and sends it to the API when the person says so: opening a link, as mail scanners
//! do, uses nothing up.

use maud::{Markup, html};

use crate::layout::Layout;

/// The content security policy of these pages: our own script and style, which ask our own API.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                       connect-src 'self'; base-uri 'none'; form-action 'none'; \
                       frame-ancestors 'none'";

/// `GET /account/password/`: set a new password.
#[must_use]
pub fn password_page(product: &str) -> String {
    let form = form(
        "/api/auth/password/reset/confirm/",
        "token",
        &html! {
            (password())
            button { "Set the password" }
        },
    );
    page(product, "Set a new password", &form)
}

/// `GET /account/email/`: verify an address.
#[must_use]
pub fn email_page(product: &str) -> String {
    let form = form(
        "/api/auth/email/verify/confirm/",
        "token",
        &html! {
            button { "This is my e-mail address" }
        },
    );
    page(product, "Confirm your e-mail address", &form)
}

/// `GET /account/invitation/`: come into a workspace, with a new account or with one at hand.
#[must_use]
pub fn invitation_page(product: &str) -> String {
    let (register, accept) = (
        form(
            "/api/auth/register/",
            "invite_token",
            &html! {
                label { "E-mail address" input name="email" type="email" autocomplete="email" required; }
                label { "First name" input name="first_name" autocomplete="given-name"; }
                label { "Last name" input name="last_name" autocomplete="family-name"; }
                (password())
                button { "Register and join" }
            },
        ),
        form(
            "/api/invites/accept/",
            "token",
            &html! {
                label {
                    "User name or e-mail address"
                    input name="username" autocomplete="username" required;
                }
                label {
                    "Password"
                    input name="password" type="password" autocomplete="current-password" required;
                }
                label hidden data-second-factor {
                    "Code from your authenticator app, or a recovery code"
                    input name="otp" autocomplete="one-time-code";
                }
                button { "Sign in and join" }
            },
        ),
    );
    page(
        product,
        "Accept the invitation",
        &html! {
            section aria-labelledby="new" { h2 id="new" { "I am new here" } (register) }
            section aria-labelledby="known" { h2 id="known" { "I have an account" } (accept) }
        },
    )
}

/// A form whose fields the script sends to an address of the API, with the secret under a name.
fn form(address: &str, secret: &str, fields: &Markup) -> Markup {
    html! {
        form class="account-form" data-address=(address) data-secret=(secret) {
            (fields)
            p role="status" {}
        }
    }
}

/// A password that is to be made up.
fn password() -> Markup {
    html! {
        label {
            "New password, 12 characters or more"
            input name="password" type="password" autocomplete="new-password" minlength="12"
                maxlength="128" required;
        }
    }
}

fn page(product: &str, title: &str, forms: &Markup) -> String {
    let main = html! {
        h1 { (title) }
        noscript { p class="site-note" { "This page needs JavaScript." } }
        (forms)
    };
    let (styles, scripts) = (&["page.css", "account.css"], &["account.js"]);
    Layout { product, title, path: "", styles, scripts, main }.render()
}
