//! Every path of the API is served in up to four spellings: with and without the final slash, and
//! for resources with and without the module. They are made one before routing.

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpMessage as _, HttpRequest};

use crate::pages;
use crate::resource::served;

/// The path that the client used, for links in the answer.
#[derive(Clone)]
struct OriginalPath(String);

/// The path as the client spelt it.
pub(crate) fn original_path(request: &HttpRequest) -> String {
    let extensions = request.extensions();
    extensions
        .get::<OriginalPath>()
        .map_or_else(|| request.path().to_owned(), |path| path.0.clone())
}

/// Gives a request the one path that is routed.
pub(crate) fn normalize(request: &mut ServiceRequest) {
    let original = request.path().to_owned();
    if let Some(path) = canonical(&original) {
        let query = request.query_string();
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        let mut parts = request.head().uri.clone().into_parts();
        if let Ok(target) = PathAndQuery::try_from(target) {
            parts.path_and_query = Some(target);
            if let Ok(uri) = Uri::from_parts(parts) {
                request.match_info_mut().get_mut().update(&uri);
                request.head_mut().uri = uri;
            }
        }
    }
    request.extensions_mut().insert(OriginalPath(original));
}

/// The spelling that is routed, if it is another one.
fn canonical(path: &str) -> Option<String> {
    if path == "/api" {
        return Some("/api/".to_owned());
    }
    let Some(rest) = path.strip_prefix("/api/") else { return pages::canonical(path) };
    if rest.starts_with("assets/") {
        return None;
    }
    let slash = if path.ends_with('/') || rest.is_empty() { "" } else { "/" };
    let mut words = rest.splitn(3, '/');
    let (first, second) = (words.next()?, words.next().unwrap_or_default());
    let by_module = served().iter().any(|known| known.module == first && known.name == second);
    let short = if by_module { &rest[first.len() + 1..] } else { rest };
    (by_module || !slash.is_empty()).then(|| format!("/api/{short}{slash}"))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn spellings_are_made_one() {
        for (given, routed) in [
            ("/api/contacts", Some("/api/contacts/")),
            ("/api/contacts/", None),
            ("/api/sales/contacts/", Some("/api/contacts/")),
            ("/api/sales/contacts/5", Some("/api/contacts/5/")),
            ("/api/sales/contacts/5/restore/", Some("/api/contacts/5/restore/")),
            ("/api/sales/unknown/", None),
            ("/api/catalog/contacts/", None),
            ("/api/", None),
            ("/api", Some("/api/")),
            ("/apis", None),
            ("/api/auth/token", Some("/api/auth/token/")),
            ("/api/assets/swagger.js", None),
            ("/metrics", None),
            ("/login", Some("/login/")),
            ("/login/", None),
            ("/accounts", None),
        ] {
            assert_eq!(canonical(given).as_deref(), routed, "{given}");
        }
    }
}
