//! What every page has: the document, its head, the bar on top.

use maud::{DOCTYPE, Markup, html};

use crate::assets::PREFIX;

/// The pages that the bar leads to: path and name.
const BAR: [(&str, &str); 5] = [
    ("/api/", "Resources"),
    ("/api/docs/", "Swagger UI"),
    ("/api/redoc/", "ReDoc"),
    ("/api/schema/", "OpenAPI schema"),
    ("/account/", "Account"),
];

/// A page before it is HTML.
pub(crate) struct Layout<'a> {
    /// The product's name, in the title and in the bar.
    pub product: &'a str,
    /// What the page is, before the product's name in the title.
    pub title: &'a str,
    /// The page's own path, which the bar marks as the current one; empty where it leads nowhere.
    pub path: &'a str,
    /// Style sheets, by asset name, after the one all pages share.
    pub styles: &'a [&'a str],
    /// Scripts, by asset name, run in this order when the document is read.
    pub scripts: &'a [&'a str],
    /// What stands inside `<main>`.
    pub main: Markup,
}

impl Layout<'_> {
    /// The whole document.
    pub(crate) fn render(self) -> String {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " – " (self.product) }
                    link rel="icon" type="image/svg+xml" href={ (PREFIX) "favicon.svg" };
                    link rel="stylesheet" href={ (PREFIX) "site.css" };
                    @for name in self.styles {
                        link rel="stylesheet" href={ (PREFIX) (name) };
                    }
                    @for name in self.scripts {
                        script src={ (PREFIX) (name) } defer {}
                    }
                }
                body {
                    header class="site-bar" {
                        a class="skip" href="#content" { "Skip to content" }
                        @if self.path.is_empty() {
                            span class="site-name" { (self.product) }
                        } @else {
                            a class="site-name" href="/api/" { (self.product) " API" }
                            nav aria-label="API" {
                                @for (path, name) in BAR {
                                    a href=(path)
                                        aria-current=[(path == self.path).then_some("page")] {
                                        (name)
                                    }
                                }
                            }
                        }
                    }
                    main id="content" tabindex="-1" { (self.main) }
                }
            }
        }
        .into_string()
    }
}
