//! Bodies of several parts (`multipart/form-data`): texts and files, within limits.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Payload};
use domain_kernel::Error;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::csrf;
use super::failure::Failure;
use super::state::State;

/// Most parts of a body.
const MAX_PARTS: usize = 32;
/// Most bytes of a text.
const MAX_TEXT: usize = 64 * 1024;

/// How large a body and its parts may be, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// A file.
    pub(crate) file: usize,
    /// Everything together. With room beyond the files, one that is too large is read to its end, so
    /// that whoever sends it gets to read which it is.
    pub(crate) total: usize,
}

/// A file as it was sent. Its name is what the client says, and nothing to rely on.
#[derive(Debug)]
pub(crate) struct UploadedFile {
    /// Its name, without a folder.
    pub(crate) file_name: String,
    /// What is in it.
    pub(crate) bytes: Bytes,
}

/// A body's parts, each of its names once.
#[derive(Debug)]
pub(crate) struct Parts {
    texts: BTreeMap<String, String>,
    files: BTreeMap<String, UploadedFile>,
    /// SHA-256 of method, path, query and parts. What stands between the parts is another text each
    /// time that a client sends them.
    pub(crate) fingerprint: Vec<u8>,
}

impl Parts {
    /// Takes a text.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.texts.remove(name)
    }

    /// Takes a file.
    pub(crate) fn file(&mut self, name: &str) -> Option<UploadedFile> {
        self.files.remove(name)
    }

    /// Takes a file that must be there.
    ///
    /// # Errors
    /// [`Error::Invalid`] on its name.
    pub(crate) fn required_file(&mut self, name: &str) -> Result<UploadedFile, Failure> {
        let message = match self.texts.remove(name) {
            None => "No file was submitted.",
            Some(_) => "The submitted data was not a file. Send it with a file name.",
        };
        self.file(name).ok_or_else(|| Error::field(name, message).into())
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Error::Invalid`] on the names that nobody took: a misspelt one must not be lost in silence.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let mut errors = domain_kernel::FieldErrors::default();
        for name in self.texts.keys().chain(self.files.keys()) {
            errors.add(name, "Unknown field.");
        }
        Ok(errors.into_result()?)
    }

    /// Ends the reading of a form whose texts are named by somebody else.
    ///
    /// # Errors
    /// [`Error::Invalid`] on the names of files that nobody took.
    pub(crate) fn into_texts(mut self) -> Result<BTreeMap<String, String>, Failure> {
        let texts = std::mem::take(&mut self.texts);
        self.finish()?;
        Ok(texts)
    }

    fn has(&self, name: &str) -> bool {
        self.texts.contains_key(name) || self.files.contains_key(name)
    }
}

/// Reads a body of several parts. Who sends it must have been found out before.
///
/// # Errors
/// 415 for another kind of body, 413 and 408 for one that is too large or stands still, 400 for one
/// that cannot be read; on the name of a part, what is wrong with that part.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    limits: Limits,
) -> Result<Parts, Failure> {
    let patience = State::of(request)?.config().request_timeout;
    let body = within(payload, limits.total, patience);
    let mut digest = Sha256::new();
    for part in [request.method().as_str(), "\n", &request.uri().to_string(), "\n"] {
        digest.update(part);
    }
    let mut parts =
        Parts { texts: BTreeMap::new(), files: BTreeMap::new(), fingerprint: Vec::new() };
    let mut fields = Multipart::new(request.headers(), body);
    let mut count = 0;
    while let Some(field) = fields.try_next().await.map_err(|error| failure(error, limits))? {
        count += 1;
        if count > MAX_PARTS {
            return Err(Failure::bad(format!("The form has more than {MAX_PARTS} parts.")));
        }
        read_part(field, limits, &mut parts, &mut digest).await?;
    }
    parts.texts.remove(csrf::FIELD);
    parts.fingerprint = digest.finalize().to_vec();
    Ok(parts)
}

/// The bytes of a body until there are too many, or none come for too long.
fn within(
    payload: Payload,
    limit: usize,
    patience: Duration,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    stream::try_unfold((payload, limit), move |(mut payload, left)| async move {
        let next = timeout(patience, payload.next()).await;
        let Some(bytes) = next.map_err(|_| PayloadError::Io(ErrorKind::TimedOut.into()))? else {
            return Ok(None);
        };
        let bytes = bytes?;
        let left = left.checked_sub(bytes.len()).ok_or(PayloadError::Overflow)?;
        Ok(Some((bytes, (payload, left))))
    })
}

async fn read_part(
    mut field: Field,
    limits: Limits,
    parts: &mut Parts,
    digest: &mut Sha256,
) -> Result<(), Failure> {
    let disposition = field.content_disposition();
    let name = disposition.and_then(|given| given.get_name()).unwrap_or_default().to_owned();
    let file_name = disposition.and_then(|given| {
        let extended = given.get_filename_ext();
        let extended = extended.map(|name| String::from_utf8_lossy(&name.value).into_owned());
        extended.or_else(|| given.get_filename().map(str::to_owned))
    });
    if name.is_empty() {
        return Err(Failure::bad("The form has a part without a name."));
    }
    let limit = if file_name.is_some() { limits.file } else { MAX_TEXT };
    let wrong = |message: String| Failure::from(Error::field(&name, message));
    let bytes = field.bytes(limit).await.map_err(|_| wrong(too_large(limit)))?;
    let bytes = bytes.map_err(|error| failure(error, limits))?;
    if parts.has(&name) {
        return Err(wrong("Send it once.".to_owned()));
    }
    let told = file_name.as_deref().unwrap_or_default();
    for part in [name.as_bytes(), told.as_bytes(), &bytes[..]] {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    match file_name {
        // What a browser sends of a field in which no file was chosen.
        Some(file_name) if file_name.is_empty() && bytes.is_empty() => {}
        Some(file_name) => {
            let file_name = without_folder(&file_name).to_owned();
            parts.files.insert(name, UploadedFile { file_name, bytes });
        }
        None => {
            let text = std::str::from_utf8(&bytes).ok().filter(|text| !text.contains('\0'));
            let text = text.ok_or_else(|| wrong("Not a valid string.".to_owned()))?.to_owned();
            parts.texts.insert(name, text);
        }
    }
    Ok(())
}

/// The last part of a path, as either kind of system writes it.
fn without_folder(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn too_large(limit: usize) -> String {
    match limit / (1024 * 1024) {
        0 => format!("It is larger than {} KB.", limit / 1024),
        megabytes => format!("It is larger than {megabytes} MB."),
    }
}

fn failure(error: MultipartError, limits: Limits) -> Failure {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => Failure::Request(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported media type in request. Send multipart/form-data.".to_owned(),
        ),
        MultipartError::Payload(PayloadError::Overflow) => {
            let message = format!("The body is larger than {} bytes.", limits.total);
            Failure::Request(StatusCode::PAYLOAD_TOO_LARGE, message)
        }
        MultipartError::Payload(PayloadError::Io(error)) if error.kind() == ErrorKind::TimedOut => {
            let message = "The body took too long to arrive.".to_owned();
            Failure::Request(StatusCode::REQUEST_TIMEOUT, message)
        }
        other => Failure::bad(format!("The form could not be read: {other}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_without_its_folder() {
        for path in ["a.csv", "/home/ada/a.csv", "C:\\Users\\Ada\\a.csv", "..\\../a.csv"] {
            assert_eq!(without_folder(path), "a.csv", "{path}");
        }
        assert_eq!(without_folder("/etc/"), "");
    }

    #[test]
    fn a_limit_is_told_in_what_people_count_in() {
        assert_eq!(too_large(10 * 1024 * 1024), "It is larger than 10 MB.");
        assert_eq!(too_large(MAX_TEXT), "It is larger than 64 KB.");
    }
}
