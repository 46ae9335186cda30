//! `GET /account/`: who is signed in, and with what.

use maud::{Markup, html};

use crate::layout::Layout;
use crate::sign_in::hidden;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// The product's name.
    pub product: &'a str,
    /// The token against forged requests.
    pub token: &'a str,
    /// The person's name; may be empty.
    pub name: &'a str,
    /// The name that they sign in with.
    pub username: &'a str,
    /// Their e-mail address; may be empty.
    pub email: &'a str,
    /// The name of the workspace that they are in.
    pub workspace: &'a str,
    /// What they are signed in with.
    pub sessions: &'a [Session<'a>],
}

/// A session or a token of the person's.
#[derive(Debug, Clone)]
pub struct Session<'a> {
    /// Its number.
    pub id: i64,
    /// Whether it is a browser's; else it is a program's.
    pub is_session: bool,
    /// Whether it is the one that the page is looked at with.
    pub is_current: bool,
    /// By what it was made; may be empty.
    pub user_agent: &'a str,
    /// Where it was made; may be empty.
    pub address: &'a str,
    /// When it was made, in RFC 3339.
    pub created_at: String,
    /// When it was last used, in RFC 3339.
    pub used_at: String,
}

/// The page.
#[must_use]
pub fn page(view: &Account<'_>) -> String {
    let shown = if view.name.is_empty() { view.username } else { view.name };
    let main = html! {
        div class="heading" {
            div {
                h1 { "Signed in as " (shown) }
                p class="soft" {
                    (view.username)
                    @if !view.email.is_empty() && view.email != view.username { " · " (view.email) }
                    " · " (view.workspace)
                }
            }
            form method="post" action="/logout/" {
                (hidden("csrfmiddlewaretoken", view.token))
                button type="submit" { "Sign out" }
            }
        }
        section aria-labelledby="second-factor" {
            h2 id="second-factor" { "Second factor" }
            p class="soft" { "A code of your phone beside your password." }
            p { a href="/account/second-factor/" { "Set it up, or change it" } }
        }
        (sessions(view))
    };
    Layout {
        product: view.product,
        title: "Account",
        path: "/account/",
        styles: &["page.css", "form.css"],
        scripts: &[],
        main,
    }
    .render()
}

fn sessions(view: &Account<'_>) -> Markup {
    let mut others = view.sessions.iter().filter(|session| !session.is_current);
    html! {
        section aria-labelledby="sessions" {
            h2 id="sessions" { "Sessions and tokens" }
            p class="soft" { "Browsers and programs that are signed in as you. End what you do not know, \
                and change your password." }
            ul class="sessions" {
                @for session in view.sessions { (line(view, session)) }
            }
            @if others.next().is_some() {
                form method="post" action="/account/sessions/end-others/" {
                    (hidden("csrfmiddlewaretoken", view.token))
                    button type="submit" class="quiet" { "End all others" }
                }
            }
        }
    }
}

fn line(view: &Account<'_>, session: &Session<'_>) -> Markup {
    let kind = if session.is_session { "Browser" } else { "API token" };
    let label = format!("End the {} number {}", kind, session.id);
    html! {
        li {
            div {
                strong { (kind) }
                @if session.is_current { " " span class="mark" { "this one" } }
                @if !session.user_agent.is_empty() { span class="agent" { (session.user_agent) } }
                span class="soft" {
                    "Last used " (moment(&session.used_at))
                    " · signed in " (moment(&session.created_at))
                    @if !session.address.is_empty() { " from " (session.address) }
                }
            }
            form method="post" action={ "/account/sessions/" (session.id) "/end/" } {
                (hidden("csrfmiddlewaretoken", view.token))
                button type="submit" class="quiet" aria-label=(label) { "End" }
            }
        }
    }
}

/// An instant, for people and for machines: `2026-11-24 21:15 UTC`.
fn moment(instant: &str) -> Markup {
    let text = instant.get(..16).map(|minute| format!("{} UTC", minute.replace('T', " ")));
    html! { time datetime=(instant) { (text.as_deref().unwrap_or(instant)) } }
}
