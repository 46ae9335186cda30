//! A page that says one thing: what went wrong, and where to go from there.

use maud::html;

use crate::layout::Layout;

/// The page, with a link of path and text.
#[must_use]
pub fn page(product: &str, title: &str, text: &str, (path, name): (&str, &str)) -> String {
    let main = html! {
        div class="narrow" {
            h1 { (title) }
            section {
                p role="alert" { (text) }
                p { a href=(path) { (name) } }
            }
        }
    };
    Layout { product, title, path: "", styles: &["page.css", "form.css"], scripts: &[], main }
        .render()
}
