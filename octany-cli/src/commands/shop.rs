//! What a new local Octany has in it.

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use octany_sim::engine::{
    AccountKey, Charge, CheckoutRequest, Engine, EngineError, Habits, Interval, PaymentMethod,
    Product, ProductKind,
};

const SUBSCRIPTIONS: [u64; 5] = [42, 43, 44, 45, 47];
const REPORT: u64 = 46;

/// What documents look like.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Style {
    /// As they arrive today: ids are numbers, and empty metadata is a list.
    Today,
    /// As the contract says to the letter: ids are text, and empty metadata is an object.
    Contract,
    /// As older documents show it: with product and customer in subscriptions and orders.
    Older,
}

impl Style {
    fn habits(self) -> Habits {
        match self {
            Self::Today => Habits::default(),
            Self::Contract => Habits::contract(),
            Self::Older => Habits::older(),
        }
    }
}

/// A shop with something of each kind, and so many customers `user_1`, `user_2`, … who each bought a
/// subscription, by all methods in turn. Every tenth was charged for something besides.
pub(super) fn shop(
    seed: u64,
    now: DateTime<Utc>,
    style: Style,
    customers: u32,
) -> Result<Engine, EngineError> {
    let mut engine = Engine::new(seed, now);
    let shop = engine.add_account();
    *engine.habits(shop) = style.habits();
    let donation = ProductKind::Donation { interval: Interval::Month };
    for product in [
        Product::recurring(42, "Reports, monthly", Interval::Month, 9_900),
        Product::recurring(43, "Reports, yearly", Interval::Year, 99_000),
        Product::recurring(44, "Reports, with a trial", Interval::Month, 9_900).with_trial(14),
        Product::recurring(45, "Reports, for a quarter", Interval::Month, 9_900).with_cycles(3),
        Product::one_time(REPORT, "A single report", 4_995),
        Product::new(47, "A donation", donation, 5_000),
    ] {
        engine.add_product(shop, product);
    }
    for number in 1..=customers {
        buy(&mut engine, shop, number)?;
    }
    // Nobody is told of what was before.
    engine.take_events();
    Ok(engine)
}

fn buy(engine: &mut Engine, shop: AccountKey, number: u32) -> Result<(), EngineError> {
    let turn = number as usize - 1;
    let product = SUBSCRIPTIONS[turn % SUBSCRIPTIONS.len()];
    let method = PaymentMethod::ALL[turn / SUBSCRIPTIONS.len() % PaymentMethod::ALL.len()];
    let mut request = CheckoutRequest::of(product).reference(format!("user_{number}"));
    request.visitor.email = Some(format!("user_{number}@example.com"));
    let session = engine.open_checkout(shop, request)?;
    let bought = engine.pay(shop, &session, method)?;
    match bought.subscriptions.first() {
        Some(id) if turn.is_multiple_of(10) => {
            engine.charge(shop, *id, Charge::new(REPORT, 4_995)).map(drop)
        }
        _ => Ok(()),
    }
}
