use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{EventName, OrderState, SubscriptionStatus};
use proptest::prelude::*;

use super::{
    AccountKey, Charge, CheckoutRequest, Engine, EngineError, Interval, PaymentMethod, Product,
    ProductKind,
};

const MONTHLY: u64 = 1;
const TRIAL: u64 = 2;
const TWICE: u64 = 3;
const ONCE: u64 = 4;
const DONATION: u64 = 5;
const YEARLY: u64 = 6;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn shop() -> (Engine, AccountKey) {
    let mut engine = Engine::new(1, at("2026-11-30T12:00:00Z"));
    let shop = engine.add_account();
    let donation = ProductKind::Donation { interval: Interval::Month };
    for product in [
        Product::recurring(MONTHLY, "Monthly", Interval::Month, 9_900),
        Product::recurring(TRIAL, "Trial", Interval::Month, 9_900).with_trial(14),
        Product::recurring(TWICE, "Two months", Interval::Month, 9_900).with_cycles(2),
        Product::one_time(ONCE, "Report", 4_995),
        Product::new(DONATION, "Donation", donation, 5_000),
        Product::recurring(YEARLY, "Yearly", Interval::Year, 99_000),
    ] {
        engine.add_product(shop, product);
    }
    (engine, shop)
}

fn buy(engine: &mut Engine, shop: AccountKey, product: u64, method: PaymentMethod) -> u64 {
    let request = CheckoutRequest::of(product).reference("user_42");
    let session = engine.open_checkout(shop, request).expect("it is on sale");
    let bought = engine.pay(shop, &session, method).expect("it is open");
    bought.subscriptions.first().copied().unwrap_or_default()
}

fn told(engine: &mut Engine) -> Vec<EventName> {
    engine.take_events().into_iter().map(|event| event.name).collect()
}

fn status(engine: &Engine, shop: AccountKey, id: u64) -> SubscriptionStatus {
    engine.subscription(shop, id).expect("it is there").status.clone()
}

#[test]
fn a_card_makes_a_subscription_at_once_and_tells_of_it() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
    let bought = engine.subscription(shop, id).expect("it is there");
    assert_eq!(bought.status, SubscriptionStatus::Active);
    assert_eq!(bought.renews_at, Some(at("2026-12-30T12:00:00Z")));
    let expected =
        [EventName::OrderConfirmed, EventName::SubscriptionCreated, EventName::OrderPaid];
    assert_eq!(told(&mut engine), expected);
}

#[test]
fn a_direct_debit_is_pending_until_the_money_is_there() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::DirectDebit);
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Pending);
    assert_eq!(told(&mut engine), [EventName::OrderConfirmed]);
    engine.advance_to(at("2026-12-09T12:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);
    // The period began when it was bought.
    let renews_at = engine.subscription(shop, id).expect("it is there").renews_at;
    assert_eq!(renews_at, Some(at("2026-12-30T12:00:00Z")));
}

#[test]
fn a_renewal_by_direct_debit_keeps_nobody_waiting_for_the_bank() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
    engine.change_method(shop, id, PaymentMethod::DirectDebit).expect("it is there");
    told(&mut engine);
    engine.advance_to(at("2026-12-30T12:00:00Z"));
    let renewed = engine.subscription(shop, id).expect("it is there");
    assert_eq!(renewed.status, SubscriptionStatus::Active);
    assert_eq!(renewed.renews_at, Some(at("2027-01-30T12:00:00Z")));
    // Its order is there, and not yet paid: the event proves no payment.
    assert_eq!(told(&mut engine), [EventName::SubscriptionRenewed]);
    let order = |engine: &Engine| {
        engine.account(shop).orders.values().next_back().expect("it is there").state.clone()
    };
    assert_eq!(order(&engine), OrderState::PaymentPending);
    engine.advance_to(at("2027-01-08T12:00:00Z"));
    assert_eq!(order(&engine), OrderState::Paid);
    assert_eq!(told(&mut engine), [EventName::OrderPaid]);
    let renews_at = engine.subscription(shop, id).expect("it is there").renews_at;
    assert_eq!(renews_at, Some(at("2027-01-30T12:00:00Z")));
}

#[test]
fn a_renewal_that_failed_waits_for_the_direct_debit_that_makes_up_for_it() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
    engine.fail_payments(shop, id, 1).expect("it is there");
    engine.advance_to(at("2026-12-30T12:00:00Z"));
    engine.change_method(shop, id, PaymentMethod::DirectDebit).expect("it is there");
    engine.advance_to(at("2027-01-08T12:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Delayed);
    engine.advance_to(at("2027-01-11T12:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);
}

#[test]
fn renewal_days_clamp_at_the_end_of_a_month_and_stay_there() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
    engine.advance_to(at("2027-03-01T00:00:00Z"));
    let renews_at = engine.subscription(shop, id).expect("it is there").renews_at;
    assert_eq!(renews_at, Some(at("2027-03-28T12:00:00Z")));
}

#[test]
fn a_failed_renewal_is_tried_again_and_keeps_its_day() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
    engine.fail_payments(shop, id, 2).expect("it is there");
    told(&mut engine);
    engine.advance_to(at("2027-01-02T12:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Delayed);
    assert!(told(&mut engine).is_empty(), "time alone is told by nobody");
    engine.advance_to(at("2027-01-03T12:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);
    let renews_at = engine.subscription(shop, id).expect("it is there").renews_at;
    assert_eq!(renews_at, Some(at("2027-01-30T12:00:00Z")));
    assert_eq!(told(&mut engine), [EventName::SubscriptionRenewed, EventName::OrderPaid]);
}

#[test]
fn what_fails_for_good_is_unpaid_until_somebody_revives_it() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
    engine.fail_payments(shop, id, 4).expect("it is there");
    engine.advance_to(at("2027-06-01T00:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Unpaid);
    engine.revive(shop, id).expect("it is unpaid");
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);
    assert!(engine.revive(shop, id).is_err());
}

#[test]
fn a_period_that_was_revived_counts_as_one() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, TWICE, PaymentMethod::Card);
    engine.fail_payments(shop, id, 4).expect("it is there");
    engine.advance_to(at("2027-02-01T00:00:00Z"));
    engine.revive(shop, id).expect("it is unpaid");
    engine.advance_to(at("2027-03-01T00:00:00Z"));
    let over = engine.subscription(shop, id).expect("it is there");
    assert_eq!(over.status, SubscriptionStatus::Expired);
    assert_eq!(over.ends_at, Some(at("2027-03-01T00:00:00Z")));
}

#[test]
fn a_trial_is_free_and_then_paid() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, TRIAL, PaymentMethod::Card);
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Trialing);
    assert!(engine.account(shop).orders.is_empty());
    engine.advance_to(at("2026-12-14T12:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);
    assert_eq!(engine.account(shop).orders.len(), 1);
}

#[test]
fn a_fixed_number_of_periods_expires() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, TWICE, PaymentMethod::Card);
    engine.advance_to(at("2027-02-01T00:00:00Z"));
    let over = engine.subscription(shop, id).expect("it is there");
    assert_eq!(over.status, SubscriptionStatus::Expired);
    assert_eq!(over.ends_at, Some(at("2027-01-30T12:00:00Z")));
    assert_eq!(engine.account(shop).orders.len(), 2);
}

#[test]
fn what_was_paid_for_outlasts_a_cancellation() {
    for at_once in [false, true] {
        let (mut engine, shop) = shop();
        engine.habits(shop).cancelled_at_once = at_once;
        let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
        told(&mut engine);
        let cancelled = engine.cancel(shop, id).expect("it runs");
        assert_eq!(cancelled.ends_at, Some(at("2026-12-30T12:00:00Z")));
        assert_eq!(cancelled.renews_at, None);
        assert_eq!(cancelled.status == SubscriptionStatus::Cancelled, at_once);
        assert_eq!(told(&mut engine), [EventName::SubscriptionCancelled]);
        engine.advance_to(at("2027-06-01T00:00:00Z"));
        assert_eq!(status(&engine, shop, id), SubscriptionStatus::Cancelled);
        assert!(told(&mut engine).is_empty(), "its end is told by nobody");
        assert!(engine.cancel(shop, id).is_err());
    }
}

#[test]
fn a_subscription_can_start_later() {
    let (mut engine, shop) = shop();
    let mut request = CheckoutRequest::of(MONTHLY);
    request.starts_at = Some(at("2027-01-15T00:00:00Z"));
    let session = engine.open_checkout(shop, request).expect("it is on sale");
    let id = engine.pay(shop, &session, PaymentMethod::Swish).expect("it is open").subscriptions[0];
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::FutureStart);
    engine.advance_to(at("2027-01-15T00:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);
}

fn starts_later(engine: &mut Engine, shop: AccountKey, failing: u32) -> u64 {
    let mut request = CheckoutRequest::of(MONTHLY);
    request.starts_at = Some(at("2027-01-15T00:00:00Z"));
    let session = engine.open_checkout(shop, request).expect("it is on sale");
    let id = engine.pay(shop, &session, PaymentMethod::Card).expect("it is open").subscriptions[0];
    engine.fail_payments(shop, id, failing).expect("it is there");
    told(engine);
    id
}

#[test]
fn what_could_not_start_is_pending_and_created_once_it_is_paid() {
    for tells_failed_renewals in [false, true] {
        let (mut engine, shop) = shop();
        engine.habits(shop).tells_failed_renewals = tells_failed_renewals;
        let id = starts_later(&mut engine, shop, 1);
        engine.advance_to(at("2027-01-15T00:00:00Z"));
        assert_eq!(status(&engine, shop, id), SubscriptionStatus::Pending);
        assert!(told(&mut engine).is_empty(), "nothing was renewed");
        engine.advance_to(at("2027-01-16T00:00:00Z"));
        assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);
        assert_eq!(told(&mut engine), [EventName::SubscriptionCreated, EventName::OrderPaid]);
        let renews_at = engine.subscription(shop, id).expect("it is there").renews_at;
        assert_eq!(renews_at, Some(at("2027-02-16T00:00:00Z")));
    }
}

#[test]
fn what_never_started_is_created_by_whoever_revives_it() {
    let (mut engine, shop) = shop();
    let id = starts_later(&mut engine, shop, 4);
    engine.advance_to(at("2027-02-15T00:00:00Z"));
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Unpaid);
    engine.revive(shop, id).expect("it is unpaid");
    assert_eq!(told(&mut engine), [EventName::SubscriptionCreated]);
}

#[test]
fn a_charge_can_fail_and_a_donation_cannot_be_charged() {
    let (mut engine, shop) = shop();
    let id = buy(&mut engine, shop, MONTHLY, PaymentMethod::Card);
    let order = engine.charge(shop, id, Charge::new(ONCE, 4_995)).expect("it is charged");
    assert_eq!((order.total(), order.total_with_vat()), (4_995, 6_244));
    assert_eq!(order.state, OrderState::Paid);
    engine.fail_payments(shop, id, 1).expect("it is there");
    let failed = engine.charge(shop, id, Charge::new(ONCE, 4_995)).expect_err("the card fails");
    let EngineError::Declined { order } = failed else { unreachable!("{failed}") };
    assert_eq!(engine.order(shop, order).expect("it is kept").state, OrderState::PaymentFailed);
    assert_eq!(status(&engine, shop, id), SubscriptionStatus::Active);

    let donation = buy(&mut engine, shop, DONATION, PaymentMethod::Card);
    let refused = engine.charge(shop, donation, Charge::new(ONCE, 4_995));
    assert!(matches!(refused, Err(EngineError::Refused(_))));
}

#[test]
fn a_checkout_is_over_once_it_is_paid_or_left() {
    let (mut engine, shop) = shop();
    let paid = engine.open_checkout(shop, CheckoutRequest::of(ONCE)).expect("it is on sale");
    engine.pay(shop, &paid, PaymentMethod::Card).expect("it is open");
    assert!(engine.pay(shop, &paid, PaymentMethod::Card).is_err());
    assert_eq!(engine.account(shop).orders.len(), 1);
    let left = engine.open_checkout(shop, CheckoutRequest::of(ONCE)).expect("it is on sale");
    engine.abandon(shop, &left).expect("it is open");
    assert!(engine.pay(shop, &left, PaymentMethod::Card).is_err());
    assert!(engine.open_checkout(shop, CheckoutRequest::of(404)).is_err());
}

#[test]
fn a_checkout_is_paid_as_a_whole_or_not_at_all() {
    let (mut engine, shop) = shop();
    let mut request = CheckoutRequest::of(ONCE);
    request.items.push((MONTHLY, 1));
    let session = engine.open_checkout(shop, request).expect("it is on sale");
    engine.delete_product(shop, MONTHLY).expect("it is there");
    let refused = engine.pay(shop, &session, PaymentMethod::Card);
    assert_eq!(refused, Err(EngineError::NotFound("product")));
    assert!(engine.account(shop).orders.is_empty());
    engine.abandon(shop, &session).expect("it is still open");
}

/// Something that somebody does.
#[derive(Clone, Debug)]
enum Step {
    Buy(u64, usize),
    Cancel(usize),
    Swap(usize, u64),
    Charge(usize),
    Fail(usize, u32),
    Revive(usize),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u64..7, 0_usize..4).prop_map(|(product, method)| Step::Buy(product, method)),
        (0_usize..8).prop_map(Step::Cancel),
        (0_usize..8, 1_u64..7).prop_map(|(which, product)| Step::Swap(which, product)),
        (0_usize..8).prop_map(Step::Charge),
        (0_usize..8, 0_u32..5).prop_map(|(which, payments)| Step::Fail(which, payments)),
        (0_usize..8).prop_map(Step::Revive),
        (1_i64..60 * 86_400).prop_map(Step::Wait),
    ]
}

fn take(engine: &mut Engine, shop: AccountKey, step: &Step) {
    let ids: Vec<u64> = engine.account(shop).subscriptions.keys().copied().collect();
    let id = |which: &usize| ids.get(which % ids.len().max(1)).copied().unwrap_or_default();
    // What cannot be done is refused, which is as good.
    match step {
        Step::Buy(product, method) => {
            buy(engine, shop, *product, PaymentMethod::ALL[*method]);
        }
        Step::Cancel(which) => {
            let _ = engine.cancel(shop, id(which));
        }
        Step::Swap(which, product) => {
            let _ = engine.swap_product(shop, id(which), *product);
        }
        Step::Charge(which) => {
            let _ = engine.charge(shop, id(which), Charge::new(ONCE, 100));
        }
        Step::Fail(which, payments) => {
            let _ = engine.fail_payments(shop, id(which), *payments);
        }
        Step::Revive(which) => {
            let _ = engine.revive(shop, id(which));
        }
        Step::Wait(seconds) => engine.advance_to(engine.now() + TimeDelta::seconds(*seconds)),
    }
}

/// What must hold of every subscription at every instant.
fn is_sound(engine: &Engine, shop: AccountKey) -> Result<(), TestCaseError> {
    use SubscriptionStatus::{Active, Cancelled, Expired, Trialing};
    for it in engine.account(shop).subscriptions.values() {
        let runs = matches!(it.status, Active | Trialing);
        if runs {
            prop_assert!(
                it.ends_at.or(it.renews_at).is_some_and(|end| end > engine.now()),
                "{it:?}"
            );
        }
        prop_assert!(!(it.renews_at.is_some() && it.ends_at.is_some()), "{it:?}");
        if matches!(it.status, Cancelled | Expired) {
            prop_assert!(it.ends_at.is_some(), "{it:?}");
        }
        prop_assert!(it.due_at().is_none_or(|due| due > engine.now()), "{it:?}");
    }
    for order in engine.account(shop).orders.values() {
        let pending = order.state == OrderState::PaymentPending;
        prop_assert_eq!(pending, order.settles_at.is_some(), "{:?}", order);
    }
    Ok(())
}

proptest! {
    #[test]
    fn time_in_one_step_or_in_many_gives_the_same_state(
        steps in proptest::collection::vec(step(), 1..40),
        cuts in 1_i64..9,
    ) {
        let (mut whole, shop) = shop();
        let mut parts = whole.clone();
        for step in &steps {
            take(&mut whole, shop, step);
            match step {
                Step::Wait(seconds) => {
                    let start = parts.now();
                    for cut in 1..=cuts {
                        parts.advance_to(start + TimeDelta::seconds(seconds * cut / cuts));
                        is_sound(&parts, shop)?;
                    }
                }
                _ => take(&mut parts, shop, step),
            }
            is_sound(&whole, shop)?;
        }
        prop_assert_eq!(whole.save(), parts.save());
    }

    #[test]
    fn what_was_saved_goes_on_as_if_nothing_had_been(
        before in proptest::collection::vec(step(), 1..20),
        after in proptest::collection::vec(step(), 1..20),
    ) {
        let (mut engine, shop) = shop();
        for step in &before {
            take(&mut engine, shop, step);
        }
        let mut loaded = Engine::load(&engine.save()).expect("it was saved");
        for step in &after {
            take(&mut engine, shop, step);
            take(&mut loaded, shop, step);
        }
        prop_assert_eq!(engine.save(), loaded.save());
    }
}

#[test]
fn what_is_no_engine_is_not_loaded() {
    assert!(Engine::load("{}").is_err());
    assert!(Engine::load("").is_err());
}
