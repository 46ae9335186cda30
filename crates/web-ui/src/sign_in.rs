//! `GET /login/`: the sign-in page.

use maud::{Markup, html};

use crate::layout::Layout;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct SignIn<'a> {
    /// The product's name.
    pub product: &'a str,
    /// The token against forged requests.
    pub token: &'a str,
    /// Where the person wants to go in the end; may be empty.
    pub next: &'a str,
    /// The name that was typed already.
    pub username: &'a str,
    /// What went wrong.
    pub message: Option<&'a str>,
    /// Other ways to sign in.
    pub providers: &'a [Provider<'a>],
}

/// Another way to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Provider<'a> {
    /// Its name for people.
    pub label: &'a str,
    /// Where it begins, on this server.
    pub path: &'a str,
}

/// The page.
#[must_use]
pub fn page(view: &SignIn<'_>) -> String {
    let main = html! {
        div class="narrow" {
            h1 { "Sign in" }
            p class="soft" { "to " (view.product) }
            (problem(view.message))
            section {
                form method="post" action="/login/" {
                    (hidden("csrfmiddlewaretoken", view.token))
                    (hidden("next", view.next))
                    label for="username" { "User name or e-mail address" }
                    // Where the name is known, the password is what is missing.
                    input id="username" name="username" type="text" autocomplete="username"
                        autocapitalize="none" spellcheck="false" required value=(view.username)
                        autofocus[view.username.is_empty()]
                        aria-describedby=[view.message.map(|_| "problem")];
                    label for="password" { "Password" }
                    input id="password" name="password" type="password"
                        autocomplete="current-password" required
                        autofocus[!view.username.is_empty()]
                        aria-describedby=[view.message.map(|_| "problem")];
                    button type="submit" { "Sign in" }
                }
                @if !view.providers.is_empty() {
                    div class="or" role="presentation" { span { "or" } }
                    ul class="ways" {
                        @for provider in view.providers {
                            li { a class="button" href=(provider.path) {
                                "Sign in with " (provider.label)
                            } }
                        }
                    }
                }
            }
        }
    };
    Layout {
        product: view.product,
        title: "Sign in",
        path: "/login/",
        styles: &["page.css", "form.css"],
        scripts: &[],
        main,
    }
    .render()
}

/// What the page of the second step shows.
#[derive(Debug, Clone, Copy)]
pub struct AskCode<'a> {
    /// The product's name.
    pub product: &'a str,
    /// The token against forged requests.
    pub token: &'a str,
    /// Where the person wants to go in the end; may be empty.
    pub next: &'a str,
    /// What says that the password was right.
    pub challenge: &'a str,
    /// What went wrong.
    pub message: Option<&'a str>,
}

/// The page of the second step.
#[must_use]
pub fn code_page(view: &AskCode<'_>) -> String {
    let main = html! {
        div class="narrow" {
            h1 { "Enter your code" }
            p class="soft" { "Open your authenticator app, or use one of your recovery codes." }
            (problem(view.message))
            section {
                form method="post" action="/login/code/" {
                    (hidden("csrfmiddlewaretoken", view.token))
                    (hidden("next", view.next))
                    (hidden("challenge", view.challenge))
                    label for="otp" { "Code" }
                    input id="otp" name="otp" type="text" autocomplete="one-time-code"
                        autocapitalize="none" spellcheck="false" required autofocus
                        aria-describedby=[view.message.map(|_| "problem")];
                    button type="submit" { "Sign in" }
                }
                p { a href="/login/" { "Sign in as somebody else" } }
            }
        }
    };
    Layout {
        product: view.product,
        title: "Enter your code",
        path: "/login/",
        styles: &["page.css", "form.css"],
        scripts: &[],
        main,
    }
    .render()
}

/// What went wrong, read out at once.
pub(crate) fn problem(message: Option<&str>) -> Markup {
    html! {
        @if let Some(message) = message {
            p id="problem" class="problem" role="alert" { (message) }
        }
    }
}

/// A field of a form that nobody sees.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}
