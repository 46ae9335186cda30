//! Versions as entity tags.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use domain_kernel::{Fields, Only, Record, Shown};
use sha2::{Digest as _, Sha256};

use super::failure::Failure;

/// The tag of a record as it is shown: its version, and what changes without a write to the record
/// itself: how many of its links are hidden, and what it shows of other rows.
pub(crate) fn of<T: Fields>(record: &Record<T>) -> String {
    let derived = T::FIELDS.iter().filter(|field| field.derived);
    let derived: Vec<String> = derived.map(|field| field.name.to_owned()).collect();
    match record.data.hidden_links() {
        _ if !derived.is_empty() => {
            format!("\"v{}-{:08}\"", record.version, digest(record, derived))
        }
        0 => of_version(record.version),
        hidden => format!("\"v{}-{hidden}\"", record.version),
    }
}

/// A number of eight digits that is another when these fields, or which links are hidden, change.
fn digest<T: Fields>(record: &Record<T>, fields: Vec<String>) -> u32 {
    let shown = Shown { record, only: &Only::Named(fields) };
    let mut digest = Sha256::new();
    digest.update(serde_json::to_vec(&shown).unwrap_or_default());
    digest.update(record.data.hidden_links().to_be_bytes());
    let [a, b, c, d, ..] = <[u8; 32]>::from(digest.finalize());
    u32::from_be_bytes([a, b, c, d]) % 100_000_000
}

/// The tag of a version without hidden links.
pub(crate) fn of_version(version: i64) -> String {
    format!("\"v{version}\"")
}

/// What `If-Match` asks for.
pub(crate) enum IfMatch {
    /// Nothing, or any version.
    Any,
    /// This version.
    Version(i64),
}

/// The version that a client has read, by its `If-Match`.
///
/// # Errors
/// When the header is not one that we can have given.
pub(crate) fn expected(request: &HttpRequest) -> Result<Option<i64>, Failure> {
    match if_match(request.headers())? {
        IfMatch::Any => Ok(None),
        IfMatch::Version(version) => Ok(Some(version)),
    }
}

fn if_match(headers: &HeaderMap) -> Result<IfMatch, Failure> {
    let mut values = headers.get_all(header::IF_MATCH);
    let Some(value) = values.next() else { return Ok(IfMatch::Any) };
    // What is no text, or comes twice, must not pass for a header that was not sent.
    let text = value.to_str().ok().filter(|_| values.next().is_none()).map_or("?", str::trim);
    if text.is_empty() || text == "*" {
        return Ok(IfMatch::Any);
    }
    // A tag that is not ours matches no version.
    match text.split(',').map(str::trim).collect::<Vec<_>>()[..] {
        [tag] if tag.ends_with('"') => Ok(IfMatch::Version(version(tag).unwrap_or(-1))),
        _ => Err(Failure::bad("If-Match must be * or one entity tag in double quotes.")),
    }
}

/// Whether the client has what this tag stands for already, by its `If-None-Match`.
pub(crate) fn is_known(request: &HttpRequest, current: &str) -> bool {
    text(request.headers(), &header::IF_NONE_MATCH)
        .is_some_and(|text| text == "*" || text.split(',').any(|tag| strong(tag.trim()) == current))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// A tag without the mark of a weak one: a proxy that compresses may have set it.
fn strong(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The version in a tag of ours.
fn version(tag: &str) -> Option<i64> {
    let text = strong(tag).strip_prefix("\"v")?.strip_suffix('"')?;
    text.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_tag_gives_its_version_back() {
        assert_eq!(version(&super::of_version(12)), Some(12));
        assert_eq!(version("W/\"v3\""), Some(3));
        assert_eq!(version("\"v3-1\""), Some(3));
        for other in ["", "v3", "\"3\"", "\"vx\"", "*"] {
            assert_eq!(version(other), None, "{other}");
        }
    }
}
