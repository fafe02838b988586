//! Who buys.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is known of whoever went through a checkout: what its URL said, and what was filled in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Visitor {
    /// Their number as a customer.
    pub customer: u64,
    /// `referenceId`
    pub reference_id: Option<String>,
    /// `referenceName`
    pub reference_name: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `firstName`
    pub first_name: Option<String>,
    /// `lastName`
    pub last_name: Option<String>,
    /// `companyName`
    pub company_name: Option<String>,
    /// `role` and `roles`
    pub roles: Vec<String>,
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All else is about a person.
        f.debug_struct("Visitor")
            .field("customer", &self.customer)
            .field("reference_id", &self.reference_id)
            .finish_non_exhaustive()
    }
}

impl Visitor {
    /// Somebody with this reference.
    pub fn with_reference(reference: impl Into<String>) -> Self {
        Self { reference_id: Some(reference.into()), ..Self::default() }
    }

    /// First and last name.
    pub fn name(&self) -> String {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        names.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
