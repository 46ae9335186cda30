//! Handlers that the API document knows by name.

use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::{FutureExt as _, LocalBoxFuture};
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw, SecurityScheme};
use paperclip::v2::schema::Apiv2Operation;

use super::failure::Answer;

/// An operation's name in the document. What it takes and gives is described under this name;
/// see [`openapi`](crate::openapi).
pub(crate) trait Operation: 'static {
    /// The `operationId`.
    fn id() -> String;
}

/// A handler's future that says which operation it is: paperclip collects it with its route.
pub(crate) struct Described<O> {
    answer: LocalBoxFuture<'static, Answer>,
    operation: PhantomData<O>,
}

impl<O: Operation> Described<O> {
    /// Wraps a handler's body.
    pub(crate) fn new(answer: impl Future<Output = Answer> + 'static) -> Self {
        Self { answer: answer.boxed_local(), operation: PhantomData }
    }
}

impl<O> Unpin for Described<O> {}

impl<O> Future for Described<O> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        self.answer.poll_unpin(context)
    }
}

impl<O: Operation> Apiv2Operation for Described<O> {
    fn operation() -> DefaultOperationRaw {
        DefaultOperationRaw { operation_id: Some(O::id()), ..DefaultOperationRaw::default() }
    }

    fn security_definitions() -> BTreeMap<String, SecurityScheme> {
        BTreeMap::new()
    }

    fn definitions() -> BTreeMap<String, DefaultSchemaRaw> {
        BTreeMap::new()
    }
}
