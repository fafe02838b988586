//! What time does: payments arrive, subscriptions start, renew, fail and end.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use octany_core::{EventName, OrderState, SubscriptionStatus};

use super::{AccountKey, Due, Engine, Interval, Order, Subscription};

impl Engine {
    /// Sets the clock forward, and lets happen what is due until then, in order. A clock is never
    /// set back.
    pub fn advance_to(&mut self, instant: DateTime<Utc>) {
        let instant = instant.trunc_subsecs(0);
        while let Some((at, account, due)) = self.due.first().copied()
            && at <= instant
        {
            self.due.pop_first();
            self.now = self.now.max(at);
            match due {
                Due::Order(id) => self.payment_arrives(account, id),
                Due::Subscription(id) => self.subscription_is_due(account, id),
            }
        }
        self.now = self.now.max(instant);
    }

    /// When time alone changes something next.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.due.first().map(|(at, ..)| *at)
    }

    /// When a subscription is to be renewed next, or a renewal that failed to be tried again.
    pub fn next_renewal(&self) -> Option<DateTime<Utc>> {
        let renews = |(_, account, due): &&(DateTime<Utc>, AccountKey, Due)| match due {
            Due::Subscription(id) => {
                self.subscription(*account, *id).is_ok_and(Subscription::is_to_be_renewed)
            }
            Due::Order(_) => false,
        };
        self.due.iter().find(renews).map(|(at, ..)| *at)
    }

    /// Changes a subscription, and what is due for it.
    pub(super) fn change(
        &mut self,
        account: AccountKey,
        id: u64,
        change: impl FnOnce(&mut Subscription),
    ) {
        let subscriptions = &mut self.accounts[account.0].subscriptions;
        let Some(subscription) = subscriptions.get_mut(&id) else { return };
        let before = subscription.due_at();
        change(subscription);
        let after = subscription.due_at();
        self.move_due(account, Due::Subscription(id), before, after);
    }

    /// Changes an order, and what is due for it.
    pub(super) fn change_order(
        &mut self,
        account: AccountKey,
        id: u64,
        change: impl FnOnce(&mut Order),
    ) {
        let Some(order) = self.accounts[account.0].orders.get_mut(&id) else { return };
        let before = order.settles_at;
        change(order);
        let after = order.settles_at;
        self.move_due(account, Due::Order(id), before, after);
    }

    fn move_due(
        &mut self,
        account: AccountKey,
        due: Due,
        before: Option<DateTime<Utc>>,
        after: Option<DateTime<Utc>>,
    ) {
        if let Some(before) = before {
            self.due.remove(&(before, account, due));
        }
        if let Some(after) = after {
            self.due.insert((after, account, due));
        }
    }

    /// Tells something of a subscription.
    pub(super) fn tell_of(&mut self, account: AccountKey, id: u64, name: EventName) {
        if let Some(subscription) = self.account(account).subscriptions.get(&id) {
            let about: super::About = subscription.into();
            self.tell(account, name, about);
        }
    }

    /// How often a subscription renews; monthly, if its product is gone.
    pub(super) fn interval(&self, account: AccountKey, id: u64) -> Interval {
        let product = self.subscription(account, id).map(|subscription| subscription.product);
        let product = product.and_then(|product| self.product(account, product));
        product.ok().and_then(|product| product.kind.interval()).unwrap_or(Interval::Month)
    }

    /// Begins to pay an order: it is paid at once, or when the payment arrives. Whoever has paid
    /// before is not kept waiting for that: the next period begins with its order.
    pub(super) fn begin_to_pay(&mut self, account: AccountKey, id: u64) {
        let Ok(order) = self.order(account, id) else { return };
        let subscription = order.subscription.filter(|_| order.begins_period);
        let settles_at = order.method.settles_at(self.now);
        match settles_at {
            None => self.payment_arrives(account, id),
            Some(at) => {
                let runs = subscription.is_some_and(|it| self.runs(account, it));
                self.change_order(account, id, |order| {
                    order.state = OrderState::PaymentPending;
                    order.settles_at = Some(at);
                    order.begins_period &= !runs;
                });
                let Some(subscription) = subscription else { return };
                if runs {
                    self.begin_period(account, subscription, self.now);
                } else {
                    self.change(account, subscription, |it| it.waits_for(id));
                }
            }
        }
    }

    fn payment_arrives(&mut self, account: AccountKey, id: u64) {
        self.change_order(account, id, |order| {
            order.state = OrderState::Paid;
            order.settles_at = None;
        });
        let Ok(order) = self.order(account, id).cloned() else { return };
        if let Some(subscription) = order.subscription.filter(|_| order.begins_period) {
            let waits_for = self.subscription(account, subscription).ok().and_then(|it| it.paying);
            if waits_for.is_none_or(|paying| paying == id) {
                self.begin_period(account, subscription, order.created_at);
            }
        }
        self.tell(account, EventName::OrderPaid, &order);
    }

    fn runs(&self, account: AccountKey, id: u64) -> bool {
        use SubscriptionStatus::{Active, Trialing};
        let subscription = self.subscription(account, id);
        subscription.is_ok_and(|it| matches!(it.status, Active | Trialing))
    }

    /// Begins the next period; the first one with the order that was made for it.
    fn begin_period(&mut self, account: AccountKey, id: u64, ordered_at: DateTime<Utc>) {
        use SubscriptionStatus::{Active, Delayed, FutureStart, Pending, Trialing};
        let Ok(subscription) = self.subscription(account, id) else { return };
        if !matches!(subscription.status, Pending | FutureStart | Trialing | Active | Delayed) {
            return;
        }
        let started = subscription.renews_at.unwrap_or(ordered_at);
        let event = if subscription.has_begun() {
            EventName::SubscriptionRenewed
        } else {
            EventName::SubscriptionCreated
        };
        let interval = self.interval(account, id);
        self.change(account, id, |it| {
            it.status = Active;
            it.begins(interval.after(started));
        });
        self.tell_of(account, id, event);
    }

    fn subscription_is_due(&mut self, account: AccountKey, id: u64) {
        use SubscriptionStatus::{Cancelled, Expired};
        let Ok(subscription) = self.subscription(account, id) else { return };
        if subscription.ends_at.is_some_and(|end| end <= self.now) {
            // Time alone: nothing is told.
            self.change(account, id, |it| it.status = Cancelled);
        } else if subscription.cycles_left == Some(0) {
            self.change(account, id, |it| {
                it.status = Expired;
                it.ends_at = it.renews_at.take();
            });
        } else {
            self.try_to_renew(account, id);
        }
    }

    /// Makes the order of the period that begins, and begins to pay it.
    fn try_to_renew(&mut self, account: AccountKey, id: u64) {
        let mut fails = false;
        self.change(account, id, |it| fails = it.payment_fails());
        let Ok(subscription) = self.subscription(account, id).cloned() else { return };
        let description = self.product(account, subscription.product).map(|it| it.name.clone());
        let order = Order {
            id: self.next_id(),
            subscription: Some(id),
            begins_period: true,
            product: subscription.product,
            description: description.unwrap_or_default(),
            price: subscription.price,
            quantity: 1,
            vat: subscription.vat,
            currency: subscription.currency,
            created_at: self.now,
            state: if fails { OrderState::PaymentFailed } else { OrderState::Created },
            method: subscription.method,
            visitor: subscription.visitor,
            settles_at: None,
        };
        let order_id = order.id;
        self.accounts[account.0].orders.insert(order_id, order);
        if fails {
            self.renewal_failed(account, id);
        } else {
            self.begin_to_pay(account, order_id);
        }
    }

    fn renewal_failed(&mut self, account: AccountKey, id: u64) {
        let habits = self.account(account).habits.clone();
        let now = self.now;
        self.change(account, id, |it| {
            let wait = habits.retry_after_days.get(it.attempts as usize);
            it.attempts += 1;
            it.next_attempt = wait.map(|days| now + TimeDelta::days((*days).into()));
            it.status = match wait {
                Some(_) if it.has_begun() => SubscriptionStatus::Delayed,
                Some(_) => SubscriptionStatus::Pending,
                None => SubscriptionStatus::Unpaid,
            };
        });
        let has_begun = self.subscription(account, id).is_ok_and(Subscription::has_begun);
        if habits.tells_failed_renewals && has_begun {
            self.tell_of(account, id, EventName::SubscriptionRenewed);
        }
    }
}

impl Subscription {
    /// A payment is under way, and nothing begins before it has arrived.
    fn waits_for(&mut self, order: u64) {
        self.paying = Some(order);
        if self.status == SubscriptionStatus::FutureStart {
            self.status = SubscriptionStatus::Pending;
        }
    }
}
