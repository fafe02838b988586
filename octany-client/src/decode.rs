//! What stands in an answer's body.

use bytes::Bytes;
use octany_core::resource::{Order, Product, ResourceError, Subscription};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Answered, Error, Page};

/// A resource that an answer can hold.
pub(crate) trait Document: Sized {
    fn parse(document: Bytes) -> Result<Self, ResourceError>;
}

impl Document for Subscription {
    fn parse(document: Bytes) -> Result<Self, ResourceError> {
        Self::parse(document)
    }
}

impl Document for Order {
    fn parse(document: Bytes) -> Result<Self, ResourceError> {
        Self::parse(document)
    }
}

impl Document for Product {
    fn parse(document: Bytes) -> Result<Self, ResourceError> {
        Self::parse(document)
    }
}

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Many<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    #[serde(default)]
    pagination: Pagination,
}

/// In the contract's spelling and that of older documents.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Pagination {
    total: Option<u64>,
    #[serde(alias = "currentPage")]
    current_page: Option<u64>,
    #[serde(alias = "totalPages")]
    total_pages: Option<u64>,
}

pub(crate) fn one<T: Document>(answer: Answered<Bytes>) -> Result<Answered<T>, Error> {
    let read: One<'_> = serde_json::from_slice(&answer.value).map_err(Error::decode)?;
    let value = share(&answer.value, read.data)?;
    Ok(answer.map(|_| value))
}

pub(crate) fn many<T: Document>(answer: &Answered<Bytes>, asked: u64) -> Result<Page<T>, Error> {
    let (page, unreadable) = readable(answer, asked)?;
    unreadable.into_iter().next().map_or(Ok(page), Err)
}

/// What can be read of a list, and why the rest cannot.
pub(crate) fn readable<T: Document>(
    answer: &Answered<Bytes>,
    asked: u64,
) -> Result<(Page<T>, Vec<Error>), Error> {
    let read: Many<'_> = serde_json::from_slice(&answer.value).map_err(Error::decode)?;
    let (mut items, mut unreadable) = (Vec::with_capacity(read.data.len()), Vec::new());
    for item in &read.data {
        match share(&answer.value, item) {
            Ok(item) => items.push(item),
            Err(error) => unreadable.push(error),
        }
    }
    let page = Page {
        items,
        as_of: answer.as_of,
        number: read.pagination.current_page.unwrap_or(asked),
        last: read.pagination.total_pages,
        total: read.pagination.total,
    };
    Ok((page, unreadable))
}

/// A resource that shares the answer's bytes.
fn share<T: Document>(body: &Bytes, value: &RawValue) -> Result<T, Error> {
    T::parse(body.slice_ref(value.get().as_bytes())).map_err(Error::resource)
}
