//! Amounts of money.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::resource::field::plain_fields;

/// A currency's three letters. `sek` and `SEK` are the same one; it is written as it came.
#[derive(Clone, Copy)]
pub struct Currency([u8; 3]);

/// A currency that is not three letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three letters")]
pub struct CurrencyError;

impl Currency {
    /// The Swedish krona.
    pub const SEK: Self = Self(*b"SEK");

    /// The code in capitals.
    pub fn code(self) -> String {
        self.upper().iter().copied().map(char::from).collect()
    }

    /// How many decimals its amounts have (ISO 4217); 2 for codes that are not in that list.
    pub fn decimals(self) -> u32 {
        match &self.upper() {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    fn upper(self) -> [u8; 3] {
        self.0.map(|letter| letter.to_ascii_uppercase())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(code: &str) -> Result<Self, CurrencyError> {
        let letters: [u8; 3] = code.as_bytes().try_into().map_err(|_| CurrencyError)?;
        letters.iter().all(u8::is_ascii_alphabetic).then_some(Self(letters)).ok_or(CurrencyError)
    }
}

impl PartialEq for Currency {
    fn eq(&self, other: &Self) -> bool {
        self.upper() == other.upper()
    }
}

impl Eq for Currency {}

impl Hash for Currency {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.upper().hash(state);
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({self})")
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.as_slice().escape_ascii())
    }
}

plain_fields! {
    Currency: |value| value.string()?.0.parse().ok(),
}

/// An amount in minor units (öre, cents) of a currency.
///
/// ```
/// use octany_core::{Currency, Money};
///
/// assert_eq!(Money::new(9900, Currency::SEK).to_string(), "99.00 SEK");
/// assert_eq!(Money::new(-5, "EUR".parse()?).to_string(), "-0.05 EUR");
/// assert_eq!(Money::new(500, "jpy".parse()?).to_string(), "500 JPY");
/// assert!("kronor".parse::<Currency>().is_err());
/// # Ok::<(), octany_core::CurrencyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (minor, decimals) = (self.minor.unsigned_abs(), self.currency.decimals());
        let unit = 10_u64.pow(decimals);
        write!(f, "{sign}{}", minor / unit)?;
        if decimals > 0 {
            write!(f, ".{:0width$}", minor % unit, width = decimals as usize)?;
        }
        write!(f, " {}", self.currency)
    }
}
