//! Resources inside of resources, read when asked for.

use std::fmt;
use std::marker::PhantomData;

use serde::{Serialize, Serializer};

use super::field::Field;
use super::{Resource, ResourceError};
use crate::RawJson;
use crate::json::Raw;

/// An object inside of a resource, left raw until [`read`](Self::read).
pub struct Nested<T> {
    raw: RawJson,
    is: PhantomData<fn() -> T>,
}

/// A list inside of a resource, left raw until [`read`](Self::read). PHP's `{}` for an empty list
/// is one.
pub struct NestedList<T> {
    raw: RawJson,
    is: PhantomData<fn() -> T>,
}

#[allow(private_bounds)] // `Resource` is how this crate reads, not something to implement.
impl<T: Resource> Nested<T> {
    /// Reads the object.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Member`] where it lacks what makes it one.
    pub fn read(&self) -> Result<T, ResourceError> {
        super::read(self.raw.raw())
    }
}

#[allow(private_bounds)] // As above.
impl<T: Resource> NestedList<T> {
    /// Reads the list.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Member`] where an element lacks what makes it one.
    pub fn read(&self) -> Result<Vec<T>, ResourceError> {
        let elements = self.raw.raw().elements().unwrap_or_default();
        elements.into_iter().map(super::read).collect()
    }
}

impl<T> Field for Nested<T> {
    fn read(value: Raw<'_>) -> Option<Self> {
        let object = value.is_object() || value.is_empty_collection();
        object.then(|| Self { raw: RawJson::share(value), is: PhantomData })
    }

    fn into_owned(self) -> Self {
        Self { raw: self.raw.into_owned(), is: PhantomData }
    }
}

impl<T> Field for NestedList<T> {
    fn read(value: Raw<'_>) -> Option<Self> {
        let list = value.is_array() || value.is_empty_collection();
        list.then(|| Self { raw: RawJson::share(value), is: PhantomData })
    }

    fn into_owned(self) -> Self {
        Self { raw: self.raw.into_owned(), is: PhantomData }
    }
}

macro_rules! as_raw {
    ($($name:ident),+) => {$(
        impl<T> $name<T> {
            /// The JSON as it came.
            pub fn raw(&self) -> &RawJson {
                &self.raw
            }
        }

        impl<T> From<RawJson> for $name<T> {
            fn from(raw: RawJson) -> Self {
                Self { raw, is: PhantomData }
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self { raw: self.raw.clone(), is: PhantomData }
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.raw).finish()
            }
        }

        impl<T> Serialize for $name<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.raw.serialize(serializer)
            }
        }
    )+};
}
as_raw!(Nested, NestedList);
