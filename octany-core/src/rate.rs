//! VAT rates, in the two units that Octany writes them in.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::RawJson;
use crate::resource::field::{Field, plain_fields};

/// Hundredths of a percent: 2500 is 25 %. The unit of `vat` on subscriptions and orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(pub i64);

impl fmt::Display for BasisPoints {
    /// As a percentage: `25 %`, `12.5 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, value) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (value / 100, value % 100);
        match rest {
            0 => write!(f, "{sign}{whole} %"),
            _ if rest % 10 == 0 => write!(f, "{sign}{whole}.{} %", rest / 10),
            _ => write!(f, "{sign}{whole}.{rest:02} %"),
        }
    }
}

impl Serialize for BasisPoints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

plain_fields! {
    BasisPoints: |value| value.text().parse().ok().map(Self),
}

/// Percent: 25 is 25 %. The unit of `vat_rate` on a product of its own (contract).
#[derive(Clone, Debug)]
pub struct Percent {
    value: f64,
    /// The number as it came: PHP writes 25.0 as `25`.
    raw: Option<RawJson>,
}

impl Percent {
    /// So many percent.
    pub fn new(value: f64) -> Self {
        Self { value, raw: None }
    }

    /// How many percent.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The same rate in hundredths of a percent, rounded.
    pub fn to_basis_points(&self) -> BasisPoints {
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and NaN becomes 0")]
        BasisPoints((self.value * 100.0).round() as i64)
    }
}

impl PartialEq for Percent {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.value)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.raw {
            Some(raw) => raw.serialize(serializer),
            // As PHP writes it: 25, not 25.0.
            #[expect(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
            None if self.value.fract() == 0.0 && self.value.abs() < 1e15 => {
                serializer.serialize_i64(self.value as i64)
            }
            None => serializer.serialize_f64(self.value),
        }
    }
}

impl Field for Percent {
    fn read(value: crate::json::Raw<'_>) -> Option<Self> {
        let number: f64 = value.text().parse().ok()?;
        number.is_finite().then(|| Self { value: number, raw: Some(RawJson::share(value)) })
    }

    fn into_owned(self) -> Self {
        Self { value: self.value, raw: self.raw.map(RawJson::into_owned) }
    }
}
