//! What is drawn for faults.

use std::collections::HashMap;

use http::{Method, Uri};

/// Where faults are drawn from: the same seed, the same faults.
#[derive(Clone, Debug)]
pub(super) struct Luck {
    seed: u64,
    webhooks: fastrand::Rng,
    /// How often each call was made.
    calls: HashMap<String, u64>,
}

impl Luck {
    pub(super) fn of(seed: u64) -> Self {
        Self { seed, webhooks: fastrand::Rng::with_seed(seed), calls: HashMap::new() }
    }

    /// For webhooks, which are planned one after the other.
    pub(super) fn of_webhooks(&mut self) -> &mut fastrand::Rng {
        &mut self.webhooks
    }

    /// For a call of the API. Calls may come at the same moment, in an order that no seed gives
    /// again. So what strikes one follows from the call itself, and from how often it was made.
    pub(super) fn of_call(&mut self, method: &Method, uri: &Uri) -> fastrand::Rng {
        let call = format!("{method} {uri}");
        let count = self.calls.entry(call.clone()).or_default();
        *count += 1;
        fastrand::Rng::with_seed(number(&format!("{} {count} {call}", self.seed)))
    }
}

/// A number for a text, the same in every build (FNV-1a).
fn number(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |number, byte| {
        (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(luck: &mut Luck, path: &'static str) -> u64 {
        luck.of_call(&Method::GET, &Uri::from_static(path)).u64(..)
    }

    #[test]
    fn what_strikes_a_call_does_not_hang_on_the_order_of_others() {
        let (mut one, mut other) = (Luck::of(7), Luck::of(7));
        let ones = [drawn(&mut one, "/a"), drawn(&mut one, "/a"), drawn(&mut one, "/b")];
        let b = drawn(&mut other, "/b");
        assert_eq!(ones, [drawn(&mut other, "/a"), drawn(&mut other, "/a"), b]);
        assert_ne!(ones[0], ones[1], "a repeated call has luck of its own");
        assert_ne!(ones[0], drawn(&mut Luck::of(8), "/a"));
    }
}
