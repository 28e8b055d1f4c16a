//! Batches, rows and changes as streams of an async runtime, whichever it is.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::batches::Batches;
use super::typed::{Changes, Rows};
use crate::error::Result;
use crate::ingest::Delivery;
use crate::source::Event;
use crate::source::reading::Kept;

/// [`Batches`], [`Rows`] or [`Changes`] as a [`Stream`]: made by their `into_stream`.
///
/// The source runs on its own thread, as before, and wakes the task that waits. No runtime is needed, and none is blocked.
/// Dropping the stream stops the source.
#[derive(Debug)]
pub struct SourceStream<I>(I);

impl<I> SourceStream<I> {
    /// What the stream is made of: its checkpoint, its cancellation, and `confirm`.
    pub fn get_ref(&self) -> &I {
        &self.0
    }
}

impl Batches {
    /// The same as a stream.
    pub fn into_stream(self) -> SourceStream<Self> {
        SourceStream(self)
    }
}

impl<T: Kept> Rows<T> {
    /// The same as a stream.
    pub fn into_stream(self) -> SourceStream<Self> {
        SourceStream(self)
    }
}

impl<T: Kept> Changes<T> {
    /// The same as a stream.
    pub fn into_stream(self) -> SourceStream<Self> {
        SourceStream(self)
    }
}

// What is pinned is never pointed into.
impl<I> Unpin for SourceStream<I> {}

impl Stream for SourceStream<Batches> {
    type Item = Result<Delivery>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Delivery>>> {
        self.0.poll_next(context)
    }
}

impl<T: Kept> Stream for SourceStream<Rows<T>> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.0.poll_next(context)
    }
}

impl<T: Kept> Stream for SourceStream<Changes<T>> {
    type Item = Result<Event<T>>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Event<T>>>> {
        self.0.poll_next(context)
    }
}
