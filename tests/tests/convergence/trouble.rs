//! All that can go wrong, more or less of each.

use std::time::Duration;

use octany_sim::server::{Chance, Faults};

/// All faults at once.
pub(crate) fn faults(random: &mut fastrand::Rng) -> Faults {
    let mut up_to = |most: f64| Chance(0.01 + random.f64() * most);
    let mut faults = Faults::default();
    let webhooks = &mut faults.webhooks;
    webhooks.duplicate = up_to(0.3);
    webhooks.reorder = up_to(0.4);
    webhooks.drop = up_to(0.2);
    webhooks.burst = up_to(0.2);
    webhooks.forge = up_to(0.15);
    webhooks.cut = up_to(0.15);
    let api = &mut faults.api;
    api.too_many = up_to(0.2);
    api.unavailable = up_to(0.2);
    api.failed_afterwards = up_to(0.15);
    api.cut = up_to(0.15);
    api.slow = up_to(0.2);
    // In the real clock's time, of which there is little.
    (api.slow_by, api.retry_after) = (Duration::from_millis(2), Duration::ZERO);
    let hours = [1, 6, 48, 24 * 20];
    webhooks.delay_up_to = Duration::from_hours(hours[random.usize(..hours.len())]);
    faults
}
