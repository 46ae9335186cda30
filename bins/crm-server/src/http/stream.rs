//! Long answers, piece by piece.

use std::future::Future;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use domain_accounts::{Accounts, TokenDigest};
use domain_kernel::Result;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::state::State;

/// Pieces that are ready before the client has taken them: enough to keep it busy.
const AHEAD: usize = 2;

/// How long a client may take nothing.
const IDLE: Duration = Duration::from_secs(30);

/// Something long that is made piece by piece.
pub(crate) trait Pieces: Send + 'static {
    /// The next piece; none at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>>> + Send;
}

/// Answers with a file, made as fast as the client takes it and no faster. It ends when the client
/// is gone, or takes nothing for too long, or its token does not count any more.
pub(crate) fn file(
    state: &State,
    token: TokenDigest,
    content_type: &str,
    name: &str,
    pieces: impl Pieces,
) -> HttpResponse<BoxBody> {
    let mut answer: HttpResponseBuilder = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(body(state, Some(token), pieces))
}

/// The body of such an answer. Without a token it is for everybody.
pub(crate) fn body(
    state: &State,
    token: Option<TokenDigest>,
    pieces: impl Pieces,
) -> impl Stream<Item = Result<Bytes>> + Unpin + 'static {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let client = Client { sender, accounts: state.application().accounts.clone(), token };
    state.spawn(pump(pieces, client));
    Box::pin(stream::unfold(receiver, |mut receiver| async move {
        let piece: Result<Bytes> = receiver.recv().await?;
        Some((piece, receiver))
    }))
}

/// Who takes the pieces.
struct Client {
    sender: mpsc::Sender<Result<Bytes>>,
    accounts: Accounts,
    token: Option<TokenDigest>,
}

impl Client {
    /// Hands a piece over; `false` when the client is gone, or takes nothing for too long.
    async fn take(&self, piece: Result<Bytes>) -> bool {
        matches!(timeout(IDLE, self.sender.send(piece)).await, Ok(Ok(())))
    }
}

async fn pump(mut pieces: impl Pieces, client: Client) {
    loop {
        let next = async {
            if let Some(token) = &client.token {
                client.accounts.authenticate(token).await?;
            }
            pieces.next().await
        };
        match next.await {
            Ok(Some(piece)) => {
                if !client.take(Ok(piece)).await {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "an answer broke off");
                client.take(Err(error)).await;
                return;
            }
        }
    }
}
