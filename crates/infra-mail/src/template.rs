//! How letters look: the two forms of the same words.
//!
//! The HTML goes through maud, which escapes every value. Mail programs know little CSS and load
//! nothing, so what style there is stands in the elements.

use domain_kernel::mail::Letter;
use maud::{DOCTYPE, html};

const PAGE: &str = "margin:0;padding:24px;background:#f3f4f6;color:#1f2937;\
                    font:16px/1.5 system-ui,sans-serif";
const SHEET: &str = "max-width:560px;margin:0 auto;padding:32px;background:#ffffff;\
                     border-radius:8px";
const BUTTON: &str = "display:inline-block;padding:12px 20px;background:#1d4ed8;color:#ffffff;\
                      border-radius:6px;text-decoration:none";
const SOFT: &str = "color:#4b5563;font-size:14px;overflow-wrap:anywhere";

/// The letter as HTML.
pub(crate) fn html(letter: &Letter) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (letter.subject) }
            }
            body style=(PAGE) {
                div style=(SHEET) {
                    @for paragraph in &letter.paragraphs { p { (paragraph) } }
                    @if let Some(link) = &letter.link {
                        p { a href=(link.address) style=(BUTTON) { (link.label) } }
                        p style=(SOFT) { "Or copy this address into your browser: " (link.address) }
                    }
                    @for paragraph in &letter.closing { p style=(SOFT) { (paragraph) } }
                }
            }
        }
    }
    .into_string()
}

/// The letter as plain text.
pub(crate) fn text(letter: &Letter) -> String {
    let mut parts = letter.paragraphs.clone();
    if let Some(link) = &letter.link {
        parts.push(format!("{}:\n{}", link.label, link.address));
    }
    parts.extend(letter.closing.iter().cloned());
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use domain_kernel::mail::LetterLink;

    use super::*;

    fn letter() -> Letter {
        Letter {
            to: "ada@example.com".to_owned(),
            subject: "<b>Subject</b>".to_owned(),
            paragraphs: vec!["Hello <script>alert(1)</script> & \"friends\",".to_owned()],
            link: Some(LetterLink {
                label: "Set a password".to_owned(),
                address: "https://crm.example.com/reset-password/#token=a&b".to_owned(),
            }),
            closing: vec!["It is valid for an hour.".to_owned()],
        }
    }

    #[test]
    fn whatever_people_call_themselves_is_no_markup() {
        let html = html(&letter());
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("Hello &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;friends"));
        assert!(html.contains("href=\"https://crm.example.com/reset-password/#token=a&amp;b\""));
    }

    #[test]
    fn the_text_says_the_same() {
        let expected = "Hello <script>alert(1)</script> & \"friends\",\n\nSet a password:\n\
                        https://crm.example.com/reset-password/#token=a&b\n\n\
                        It is valid for an hour.\n";
        assert_eq!(text(&letter()), expected);
    }

    #[test]
    fn without_a_link_there_is_none() {
        let letter = Letter { link: None, ..letter() };
        assert!(!html(&letter).contains("<a "));
        assert!(text(&letter).starts_with("Hello") && !text(&letter).contains("https:"));
    }
}
