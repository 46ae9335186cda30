//! `/account/second-factor/`: setting up the second factor, and removing it.

use maud::{Markup, html};

use crate::layout::Layout;
use crate::sign_in::{hidden, problem};

/// What the pages share.
#[derive(Debug, Clone, Copy)]
pub struct SecondFactor<'a> {
    /// The product's name.
    pub product: &'a str,
    /// The token against forged requests.
    pub token: &'a str,
    /// What went wrong.
    pub message: Option<&'a str>,
    /// What the page is about.
    pub step: Step<'a>,
}

/// Where somebody is.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// They have none; whether they must have one.
    Absent {
        /// Whether it is required.
        is_required: bool,
    },
    /// They are about to confirm the first code.
    Confirm {
        /// The secret, as it is typed in.
        secret: &'a str,
        /// As a picture, in an address of its own.
        picture: &'a str,
    },
    /// They have confirmed, before a moment or with one that was lost.
    Codes(&'a [String]),
    /// They have one.
    Present {
        /// How many recovery codes are left.
        codes_left: usize,
        /// Whether it is required.
        is_required: bool,
    },
}

/// The page.
#[must_use]
pub fn page(view: &SecondFactor<'_>) -> String {
    let main = html! {
        div class="narrow" {
            h1 { "Second factor" }
            (problem(view.message))
            section { (step(view)) }
            p { a href="/account/" { "Back to the account" } }
        }
    };
    Layout {
        product: view.product,
        title: "Second factor",
        path: "/account/",
        styles: &["page.css", "form.css"],
        scripts: &[],
        main,
    }
    .render()
}

fn step(view: &SecondFactor<'_>) -> Markup {
    match view.step {
        Step::Absent { is_required } => html! {
            p { "A code of an authenticator app on your phone, beside your password." }
            @if is_required { p { strong { "Your workspace requires it." } } }
            form method="post" action="/account/second-factor/setup/" {
                (hidden("csrfmiddlewaretoken", view.token))
                (password())
                button type="submit" { "Set it up" }
            }
        },
        Step::Confirm { secret, picture } => html! {
            p { "Scan this with your authenticator app, or type the key in." }
            img class="qr" src=(picture) alt="The key as a QR code" width="240" height="240";
            p { code { (secret) } }
            form method="post" action="/account/second-factor/confirm/" {
                (hidden("csrfmiddlewaretoken", view.token))
                (code(view.message.is_some()))
                button type="submit" { "Confirm" }
            }
        },
        Step::Codes(codes) => html! {
            p { "It is set up. Keep these recovery codes in a safe place: each lets you in once without \
                your phone, and they are not shown again." }
            ul class="codes" { @for one in codes { li { code { (one) } } } }
        },
        Step::Present { codes_left, is_required } => html! {
            p { "You have a second factor, and " (codes_left) " recovery codes are left." }
            form method="post" action="/account/second-factor/recovery-codes/" {
                (hidden("csrfmiddlewaretoken", view.token))
                (password())
                (code(view.message.is_some()))
                button type="submit" { "Make new recovery codes" }
                @if !is_required {
                    button type="submit" class="quiet" formaction="/account/second-factor/remove/" {
                        "Remove the second factor"
                    }
                }
            }
        },
    }
}

fn password() -> Markup {
    html! {
        label for="password" { "Your password" }
        input id="password" name="password" type="password" autocomplete="current-password" required;
    }
}

fn code(is_wrong: bool) -> Markup {
    html! {
        label for="code" { "Code" }
        input id="code" name="code" type="text" autocomplete="one-time-code" autocapitalize="none"
            spellcheck="false" required aria-describedby=[is_wrong.then_some("problem")];
    }
}
