//! Files that people sent, as they get them back: pictures by whoever knows their address, documents
//! by members who may see an attachment that names them.
//!
//! What is in a document only its sender knows, so no browser shows it here: it is saved, and should
//! one open it after all, it runs nothing and belongs to no site.

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse};
use domain_kernel::files::{ADDRESS_PATH, Content, FileKey, FileKind};
use domain_kernel::{Error, Result};

use crate::http::caller::Caller;
use crate::http::failure::Answer;
use crate::http::state::State;
use crate::http::stream::{self, Pieces};
use crate::operations::refuse_method;

/// What a file may do in a browser: nothing.
const CSP: &str = "default-src 'none'; sandbox";
/// An address never leads to another picture.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Adds the route.
pub(crate) fn route(config: &mut web::ServiceConfig) {
    config.service(
        web::resource(format!("{ADDRESS_PATH}{{key:.+}}"))
            .route(web::get().to(show))
            .route(web::head().to(show))
            .default_service(web::to(refuse_method(&["GET", "HEAD"]))),
    );
}

/// `GET /media/…`
async fn show(request: HttpRequest) -> Answer {
    let key = request.match_info().get("key").and_then(FileKey::parse).ok_or(Error::NotFound)?;
    let state = State::of(&request)?;
    let token = match key.kind() {
        FileKind::Picture => None,
        FileKind::Document => {
            let Caller { context, token, .. } = Caller::extract(&request).await?;
            let (sales, wanted) = (state.application().sales.clone(), key.clone());
            state.run(async move { sales.may_have(&context, &wanted).await }).await?;
            Some(token)
        }
    };
    let (files, wanted) = (state.application().files.clone(), key.clone());
    let content = state.run(async move { files.open(&wanted).await }).await?;
    let size = content.size();
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, key.media_type()))
        .insert_header((header::CONTENT_SECURITY_POLICY, CSP))
        .no_chunking(size);
    match key.kind() {
        // Front ends on other sites show it, too.
        FileKind::Picture => {
            answer.insert_header(("cross-origin-resource-policy", "cross-origin"));
            answer.insert_header((header::CACHE_CONTROL, FOR_EVER));
        }
        FileKind::Document => {
            // What can stand in a key can stand in a header.
            let name = key.as_str().rsplit('/').next().unwrap_or_default();
            let disposition = format!("attachment; filename=\"{name}\"");
            answer.insert_header((header::CONTENT_DISPOSITION, disposition));
            answer.insert_header((header::CACHE_CONTROL, "private, no-store"));
        }
    }
    Ok(answer.streaming(stream::body(&state, token, Whole(content))))
}

/// A file's content.
struct Whole(Box<dyn Content>);

impl Pieces for Whole {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        Ok(self.0.next().await?.map(Bytes::from))
    }
}
