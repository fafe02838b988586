//! What stands in an answer's body.

use std::sync::Arc;

use bytes::Bytes;
use octany_core::resource::{Order, Product, ResourceError, Subscription};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Failure, Undecodable};
use crate::{Answered, Page};

/// A resource that an answer can hold.
pub(crate) trait Document: Sized + Send + 'static {
    fn parse(document: Bytes) -> Result<Self, ResourceError>;
    fn id(&self) -> &str;
}

impl Document for Arc<Subscription> {
    fn parse(document: Bytes) -> Result<Self, ResourceError> {
        Subscription::parse(document).map(Self::new)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Document for Order {
    fn parse(document: Bytes) -> Result<Self, ResourceError> {
        Self::parse(document)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Document for Product {
    fn parse(document: Bytes) -> Result<Self, ResourceError> {
        Self::parse(document)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// What goes around every answer. Other members, such as `status`, mean nothing.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    pagination: Option<&'a RawValue>,
    /// In older documents.
    #[serde(borrow)]
    success: Option<&'a RawValue>,
}

/// In the contract's spelling and that of older documents. A list is a list without it, too.
#[derive(Default, Deserialize)]
struct Pagination<'a> {
    #[serde(borrow)]
    total: Option<&'a RawValue>,
    #[serde(borrow)]
    total_pages: Option<&'a RawValue>,
    #[serde(borrow, rename = "totalPages")]
    total_pages_older: Option<&'a RawValue>,
}

pub(crate) fn one<T: Document>(answer: &Answered<Bytes>) -> Result<Answered<T>, Failure> {
    let data = envelope(&answer.value)?.data.ok_or_else(no_data)?;
    let value = share(&answer.value, data, || "data".to_owned())?;
    Ok(Answered { value, as_of: answer.as_of })
}

pub(crate) fn many<T: Document>(answer: &Answered<Bytes>, asked: u64) -> Result<Page<T>, Failure> {
    list(answer, asked, Err)
}

/// What can be read of a list, and why the rest cannot.
pub(crate) fn readable<T: Document>(
    answer: &Answered<Bytes>,
    asked: u64,
) -> Result<(Page<T>, Vec<Failure>), Failure> {
    let mut unreadable = Vec::new();
    let page = list(answer, asked, |failure| {
        unreadable.push(failure);
        Ok(())
    })?;
    Ok((page, unreadable))
}

/// A page of what can be read, if what cannot be is let pass.
fn list<T: Document>(
    answer: &Answered<Bytes>,
    asked: u64,
    mut let_pass: impl FnMut(Failure) -> Result<(), Failure>,
) -> Result<Page<T>, Failure> {
    let envelope = envelope(&answer.value)?;
    let data = envelope.data.ok_or_else(no_data)?;
    let listed: Vec<&RawValue> = serde_json::from_str(data.get())
        .map_err(|_| Undecodable::member("data", "is not a list"))?;
    // Grown by what is read: an answer may hold millions of what is nothing.
    let mut items = Vec::new();
    for (at, item) in listed.iter().enumerate() {
        match share(&answer.value, item, || format!("data[{at}]")) {
            Ok(item) => items.push(item),
            Err(failure) => let_pass(failure)?,
        }
    }
    let pagination = envelope.pagination.map(RawValue::get).unwrap_or_default();
    let pagination: Pagination<'_> = serde_json::from_str(pagination).unwrap_or_default();
    Ok(Page {
        items,
        as_of: answer.as_of,
        number: asked,
        last: pagination.total_pages.or(pagination.total_pages_older).and_then(number),
        total: pagination.total.and_then(number),
        is_empty: listed.is_empty(),
    })
}

/// A success without a resource: its body may be empty or any JSON, but no page of a proxy, and
/// not a failure.
pub(crate) fn nothing(answer: &Answered<Bytes>) -> Result<(), Failure> {
    match answer.value.trim_ascii_start().first() {
        Some(b'{' | b'<') => envelope(&answer.value).map(drop),
        _ => Ok(()),
    }
}

fn envelope(body: &[u8]) -> Result<Envelope<'_>, Failure> {
    match body.trim_ascii_start().first() {
        Some(b'{') => {}
        Some(b'<') => return Err(Undecodable::Html.into()),
        _ => return Err(Undecodable::NoObject.into()),
    }
    let envelope: Envelope<'_> =
        serde_json::from_slice(body).map_err(|error| Undecodable::syntax(&error))?;
    if envelope.success.is_some_and(|success| success.get() == "false") {
        return Err(Failure::unsuccessful(body));
    }
    Ok(envelope)
}

fn no_data() -> Undecodable {
    Undecodable::member("data", "is missing")
}

/// A resource that shares the answer's bytes.
fn share<T: Document>(
    body: &Bytes,
    value: &RawValue,
    path: impl FnOnce() -> String,
) -> Result<T, Failure> {
    T::parse(body.slice_ref(value.get().as_bytes()))
        .map_err(|error| Undecodable::resource(path(), &error).into())
}

/// A number, also one that is written as a string.
fn number(value: &RawValue) -> Option<u64> {
    value.get().trim_matches('"').parse().ok()
}
