//! Who pays and how, and what they filled in (Octany's older documents).

use serde::{Serialize, Serializer};

use super::Nested;
use super::field::Field;
use super::macros::resource;
use crate::json::Raw;
use crate::{CustomerId, RawJson, Text};

resource! {
    /// Who pays.
    pub struct Customer {
        required {}
        optional {
            /// The customer's id.
            id: CustomerId = "id",
            /// The full name.
            name: Text = "name",
            /// The given name.
            first_name: Text = "first_name",
            /// The family name.
            last_name: Text = "last_name",
            /// The e-mail address.
            email: Text = "email",
            /// The telephone number.
            phone: Phone = "phone",
        }
    }
}

resource! {
    /// How it is paid.
    pub struct BillingMethod {
        required {}
        optional {
            /// What it is called.
            name: Text = "name",
            /// Its kind: card, invoice, Swish and the like.
            kind: Text = "type",
            /// Where receipts go.
            email: Text = "email",
            /// Who holds it.
            person: Nested<Person> = "person",
            /// Where invoices go.
            address: RawJson = "address",
            /// The company behind it.
            company: RawJson = "company",
        }
    }
}

resource! {
    /// A person behind a billing method.
    pub struct Person {
        required {}
        optional {
            /// The full name.
            name: Text = "name",
            /// The given name.
            first_name: Text = "first_name",
            /// The family name.
            last_name: Text = "last_name",
            /// The e-mail address.
            email: Text = "email",
            /// The telephone number.
            phone: Phone = "phone",
        }
    }
}

resource! {
    /// A field that was filled in at the checkout.
    pub struct CustomField {
        required {}
        optional {
            /// The field's number.
            id: i64 = "id",
            /// What it asks for.
            label: Text = "label",
            /// Its kind.
            kind: Text = "type",
            /// What was filled in: any JSON.
            value: RawJson = "value",
        }
    }
}

/// A telephone number; `false` on the wire where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// There is none.
    Unset,
    /// The number, as it was given.
    Number(Text),
}

impl Field for Phone {
    fn read(value: Raw<'_>) -> Option<Self> {
        if value.text() == "false" {
            return Some(Self::Unset);
        }
        Text::from_json(value).map(Self::Number)
    }

    fn into_owned(self) -> Self {
        match self {
            Self::Unset => Self::Unset,
            Self::Number(number) => Self::Number(number.into_owned()),
        }
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unset => serializer.serialize_bool(false),
            Self::Number(number) => number.serialize(serializer),
        }
    }
}
