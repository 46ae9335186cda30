//! What a provider publishes about itself: its addresses and its keys, kept for a while.

use std::sync::Arc;

use domain_kernel::{Clock, Result};
use jiff::{SignedDuration, Timestamp};
use openidconnect::IssuerUrl;
use openidconnect::core::CoreProviderMetadata;
use tokio::sync::Mutex;

use crate::http::Http;
use crate::unavailable;

/// How long it is taken as it was read.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long it is used when the provider does not answer any more.
const USABLE: SignedDuration = SignedDuration::from_hours(24);
/// How long it is not read once more because of a key that is not in it: tokens with made-up keys
/// must not make us call the provider all the time.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// How long a provider that did not answer is not asked again.
const BREATH: SignedDuration = SignedDuration::from_secs(1);

/// A provider's own address, and what is known of it.
pub(crate) struct Issuer {
    url: IssuerUrl,
    pub(crate) http: Http,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

/// What a provider published.
pub(crate) type Published = Arc<CoreProviderMetadata>;

#[derive(Default)]
struct Known {
    published: Option<(Published, Timestamp)>,
    failed_at: Option<Timestamp>,
    /// When it was last read because of an unknown key.
    sought_at: Option<Timestamp>,
}

impl Issuer {
    pub(crate) fn new(url: IssuerUrl, http: Http, clock: Arc<dyn Clock>) -> Self {
        let http = http.for_issuer(url.url());
        Self { url, http, clock, known: Mutex::default() }
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The issuer as its tokens name it.
    pub(crate) fn url(&self) -> &IssuerUrl {
        &self.url
    }

    /// What the provider publishes.
    ///
    /// # Errors
    /// [`Error::Unavailable`](domain_kernel::Error::Unavailable).
    pub(crate) async fn published(&self) -> Result<Published> {
        // Whoever comes meanwhile waits for the one answer.
        let mut known = self.known.lock().await;
        let now = self.now();
        match &known.published {
            Some((published, at)) if now.duration_since(*at) < FRESH => Ok(published.clone()),
            _ => self.read(&mut known, now).await,
        }
    }

    /// What the provider publishes now, because a key is not in what it published before; none when
    /// it is too early to ask again.
    ///
    /// # Errors
    /// As [`Issuer::published`].
    pub(crate) async fn newer_than(&self, before: &Published) -> Result<Option<Published>> {
        let mut known = self.known.lock().await;
        let now = self.now();
        if let Some((other, _)) = &known.published
            && !Arc::ptr_eq(other, before)
        {
            return Ok(Some(other.clone()));
        }
        if known.sought_at.is_some_and(|at| now.duration_since(at) < PAUSE) {
            return Ok(None);
        }
        known.sought_at = Some(now);
        self.read(&mut known, now).await.map(Some)
    }

    async fn read(&self, known: &mut Known, now: Timestamp) -> Result<Published> {
        let usable = |known: &Known| {
            let kept = known.published.as_ref();
            let kept = kept.filter(|(_, at)| now.duration_since(*at) < USABLE);
            kept.map(|(published, _)| published.clone()).ok_or_else(unavailable)
        };
        if known.failed_at.is_some_and(|at| now.duration_since(at) < BREATH) {
            return usable(known);
        }
        let read = CoreProviderMetadata::discover_async(self.url.clone(), &self.http).await;
        match read {
            Ok(published) => {
                let published = Arc::new(published);
                known.published = Some((published.clone(), now));
                known.failed_at = None;
                Ok(published)
            }
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(issuer = self.url.as_str(), error, "an identity provider failed");
                known.failed_at = Some(now);
                usable(known)
            }
        }
    }
}

/// An error with what caused it.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
