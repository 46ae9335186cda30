//! Versions as entity tags.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};

use super::failure::Failure;

/// The tag of a version.
pub(crate) fn of(version: i64) -> String {
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
    let Some(text) = text(headers, &header::IF_MATCH) else { return Ok(IfMatch::Any) };
    if text == "*" {
        return Ok(IfMatch::Any);
    }
    // A tag that is not ours matches no version.
    match text.split(',').map(str::trim).collect::<Vec<_>>()[..] {
        [tag] if tag.ends_with('"') => Ok(IfMatch::Version(version(tag).unwrap_or(-1))),
        _ => Err(Failure::bad("If-Match must be * or one entity tag in double quotes.")),
    }
}

/// Whether the client has this version already, by its `If-None-Match`.
pub(crate) fn is_known(request: &HttpRequest, current: i64) -> bool {
    text(request.headers(), &header::IF_NONE_MATCH).is_some_and(|text| {
        text == "*" || text.split(',').any(|tag| version(tag.trim()) == Some(current))
    })
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// The version in a tag of ours; a proxy that compresses may have weakened it.
fn version(tag: &str) -> Option<i64> {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    strong.strip_prefix("\"v")?.strip_suffix('"')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_tag_gives_its_version_back() {
        assert_eq!(version(&super::of(12)), Some(12));
        assert_eq!(version("W/\"v3\""), Some(3));
        for other in ["", "v3", "\"3\"", "\"vx\"", "*"] {
            assert_eq!(version(other), None, "{other}");
        }
    }
}
