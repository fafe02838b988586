//! What is true, out of the engine's own state, and who may pass by that: the rule once more, in as
//! few words as Octany's documents have for it, and without any code of the crates.

use chrono::{DateTime, TimeDelta, Utc};

use super::octany::Octany;
use super::people::People;

type Instant = DateTime<Utc>;

/// A subscription, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct True {
    pub(crate) id: String,
    pub(crate) owner: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) status: String,
    pub(crate) renews_at: Option<Instant>,
    pub(crate) ends_at: Option<Instant>,
    pub(crate) trial_ends_at: Option<Instant>,
}

/// All subscriptions there are.
pub(crate) fn truth(octany: &Octany, people: &People) -> Vec<True> {
    let ids = octany.subscriptions(|it| it.id).into_iter();
    let ids: Vec<_> = ids.map(|id| octany.wire_id(id).as_str().to_owned()).collect();
    let mut ids = ids.into_iter();
    octany.with(|engine, account| {
        let account = engine.account(account);
        let one = |it: &octany_sim::engine::Subscription| True {
            id: ids.next().unwrap(),
            owner: it
                .visitor
                .reference_id
                .as_deref()
                .and_then(|text| people.owner(text, it.created_at)),
            // Only accounts of the older kind report it, and none reports what is deleted.
            product: (account.habits.nests && account.products.contains_key(&it.product))
                .then(|| it.product.to_string()),
            status: it.status.to_string(),
            renews_at: it.renews_at,
            ends_at: it.ends_at,
            trial_ends_at: it.trial_ends_at,
        };
        account.subscriptions.values().map(one).collect()
    })
}

/// Whether one of somebody's subscriptions lets them in at an instant.
pub(crate) fn may_pass(all: &[True], name: &str, at: Instant, grace: Option<TimeDelta>) -> bool {
    all.iter().filter(|it| it.owner.as_deref() == Some(name)).any(|it| pays(it, at, grace))
}

fn pays(it: &True, at: Instant, grace: Option<TimeDelta>) -> bool {
    let is_still_to_come = |end: Instant| end > at;
    match it.status.as_str() {
        "active" | "trialing" => it.ends_at.is_none_or(is_still_to_come),
        // What was paid for is theirs.
        "cancelled" => it.ends_at.is_some_and(is_still_to_come),
        "delayed" => match (grace, it.renews_at) {
            (Some(grace), Some(due)) => is_still_to_come(due + grace),
            _ => false,
        },
        _ => false,
    }
}

/// The instants at which something of a subscription may change by time alone.
pub(crate) fn edges(it: &True, grace: Option<TimeDelta>) -> impl Iterator<Item = Instant> {
    let graced = it.renews_at.zip(grace).map(|(due, grace)| due + grace);
    [it.renews_at, it.ends_at, it.trial_ends_at, graced].into_iter().flatten()
}
