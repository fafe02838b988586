//! Lists.

use std::fmt;
use std::marker::PhantomData;

use crate::decode::{self, Document};
use crate::transport::Request;
use crate::{Client, Error, Items, Page, Pages};

/// Asks for a list: one page of it, or all of it as a stream.
///
/// What can be asked for stands with [`ListSubscriptions`](crate::ListSubscriptions),
/// [`ListOrders`](crate::ListOrders) and [`ListProducts`](crate::ListProducts).
#[must_use = "nothing is asked before it is sent"]
pub struct List<T> {
    client: Client,
    pub(crate) request: Request,
    page: u64,
    of: PhantomData<fn() -> T>,
}

impl<T> List<T> {
    pub(crate) fn new(client: &Client, request: Request) -> Self {
        Self { client: client.clone(), request, page: 1, of: PhantomData }
    }

    /// This page, from 1; a stream begins with it. The first unless set.
    pub fn page(mut self, page: u64) -> Self {
        self.page = page;
        self
    }
}

#[expect(private_bounds, reason = "only resources of this crate are listed")]
impl<T: Document> List<T> {
    /// Asks for the page.
    ///
    /// # Errors
    ///
    /// [`Error`]
    pub async fn send(self) -> Result<Page<T>, Error> {
        self.fetch(self.page).await
    }

    /// Asks for the page, and leaves out what cannot be read of it: for sweeps, which one resource
    /// in a strange form must not stop for ever. With it comes why, one [`Error`] for each.
    ///
    /// # Errors
    ///
    /// [`Error`]
    pub async fn send_for_readable(self) -> Result<(Page<T>, Vec<Error>), Error> {
        let request = self.numbered(self.page);
        let read = |answer: &_| decode::readable(answer, self.page);
        let (page, unreadable) = self.client.call(&request, read).await?;
        let error = |failure| Error::new(request.operation, &request.method, 1, failure);
        Ok((page, unreadable.into_iter().map(error).collect()))
    }

    /// All items from this page on, one after the other; the next page is asked for when it is
    /// needed.
    pub fn stream(self) -> Items<T> {
        Items::new(self.pages())
    }

    /// All pages from this one on.
    pub fn pages(self) -> Pages<T> {
        let first = self.page;
        Pages::new(self, first)
    }

    pub(crate) async fn fetch(&self, page: u64) -> Result<Page<T>, Error> {
        let request = self.numbered(page);
        self.client.call(&request, |answer| decode::many(answer, page)).await
    }

    fn numbered(&self, page: u64) -> Request {
        let mut request = self.request.clone();
        request.query("page", page.to_string());
        request
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            request: self.request.clone(),
            page: self.page,
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for List<T> {
    /// Without filters, which hold customers' data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("operation", &self.request.operation)
            .field("page", &self.page)
            .finish_non_exhaustive()
    }
}
