//! Bodies of HTML forms.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{FutureExt as _, LocalBoxFuture};

use super::csrf;
use super::failure::Failure;

/// The fields of a form, each of them once.
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Takes the text of a field; empty where it is missing.
    pub(crate) fn take(&mut self, name: &str) -> String {
        self.0.remove(name).unwrap_or_default()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When there is a field that nobody took.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(_) => Err(Failure::bad("The form has a field that does not belong to it.")),
        }
    }
}

impl FromRequest for Form {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    /// The body was read before, to look for the token against forged requests.
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (is_form, bytes) = (csrf::is_form(request), Bytes::from_request(request, payload));
        async move {
            if !is_form {
                let message = "Send a form (application/x-www-form-urlencoded).".to_owned();
                return Err(Failure::Request(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
            }
            let bytes = bytes.await.map_err(|error| Failure::bad(error.to_string()))?;
            let mut fields = BTreeMap::new();
            for (name, value) in url::form_urlencoded::parse(&bytes) {
                if value.contains('\0') {
                    return Err(Failure::bad("The form holds a character that no text has."));
                }
                if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                    return Err(Failure::bad("The form has a field twice."));
                }
            }
            fields.remove(csrf::FIELD);
            Ok(Self(fields))
        }
        .boxed_local()
    }
}
