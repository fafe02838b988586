//! What is done to subscriptions, by the customer, by an administrator and through the API.

use std::fmt;

use octany_core::{EventName, OrderState, SubscriptionStatus, Text};

use super::{AccountKey, Engine, EngineError, Order, PaymentMethod, ProductKind, Subscription};

/// A one-off charge on a subscription.
#[derive(Clone)]
#[non_exhaustive]
pub struct Charge {
    /// A product that is sold once.
    pub product: u64,
    /// The price of one in minor units, without VAT.
    pub amount: i64,
    /// How many.
    pub quantity: u32,
    /// The VAT rate in basis points.
    pub vat: i64,
    /// What stands on the receipt; the product's name unless set.
    pub description: Option<String>,
}

impl fmt::Debug for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A receipt's text may name whom it is for.
        f.debug_struct("Charge")
            .field("product", &self.product)
            .field("amount", &self.amount)
            .field("quantity", &self.quantity)
            .field("vat", &self.vat)
            .field("description", &self.description.as_deref().map(Text::from))
            .finish()
    }
}

impl Charge {
    /// A charge for one piece, with 25 % VAT.
    pub fn new(product: u64, amount: i64) -> Self {
        Self { product, amount, quantity: 1, vat: 2500, description: None }
    }
}

impl Engine {
    /// Cancels a subscription: it is not renewed, and what was paid for runs to its end.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`], or [`EngineError::Refused`] if it is over.
    pub fn cancel(&mut self, account: AccountKey, id: u64) -> Result<&Subscription, EngineError> {
        use SubscriptionStatus::{Active, Cancelled, Expired, Trialing};
        let subscription = self.subscription(account, id)?;
        let is_over = matches!(subscription.status, Cancelled | Expired);
        if is_over || subscription.ends_at.is_some() {
            return Err(EngineError::Refused("the subscription is cancelled already"));
        }
        let runs = matches!(subscription.status, Active | Trialing);
        let end = subscription.renews_at.filter(|_| runs).unwrap_or(self.now);
        let stays = runs && !self.account(account).habits.cancelled_at_once;
        self.change(account, id, |it| {
            it.ends_at = Some(end);
            it.renews_at = None;
            it.next_attempt = None;
            if !stays {
                it.status = Cancelled;
            }
        });
        self.tell_of(account, id, EventName::SubscriptionCancelled);
        self.subscription(account, id)
    }

    /// Swaps the product. The new price counts from the next renewal.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`], or [`EngineError::Refused`] for a product that does not recur.
    pub fn swap_product(
        &mut self,
        account: AccountKey,
        id: u64,
        product: u64,
    ) -> Result<&Subscription, EngineError> {
        self.subscription(account, id)?;
        let product = self.product(account, product)?.clone();
        if product.kind == ProductKind::OneTime {
            return Err(EngineError::Refused("the product does not recur"));
        }
        self.change(account, id, |it| {
            it.product = product.id;
            it.price = product.price;
            it.vat = product.vat;
            it.currency.clone_from(&product.currency);
        });
        self.tell_of(account, id, EventName::SubscriptionUpdated);
        self.subscription(account, id)
    }

    /// Charges a subscription's payment method once more.
    ///
    /// # Errors
    ///
    /// [`EngineError::Declined`] if the payment fails, [`EngineError::Refused`] for a donation or a
    /// charge of nothing, [`EngineError::NotFound`].
    pub fn charge(
        &mut self,
        account: AccountKey,
        id: u64,
        charge: Charge,
    ) -> Result<&Order, EngineError> {
        let subscription = self.subscription(account, id)?.clone();
        let product = self.product(account, charge.product)?.clone();
        let subscribed = self.product(account, subscription.product).map(|product| product.kind);
        if matches!(subscribed, Ok(ProductKind::Donation { .. })) {
            return Err(EngineError::Refused("a donation cannot be charged"));
        }
        if product.kind != ProductKind::OneTime {
            return Err(EngineError::Refused("the product is not sold once"));
        }
        if charge.amount <= 0 || charge.quantity == 0 {
            return Err(EngineError::Refused("there is nothing to charge"));
        }
        let mut fails = false;
        self.change(account, id, |it| fails = it.payment_fails());
        let order = Order {
            id: self.next_id(),
            subscription: Some(id),
            begins_period: false,
            product: product.id,
            description: charge.description.unwrap_or(product.name),
            price: charge.amount,
            quantity: charge.quantity,
            vat: charge.vat,
            currency: subscription.currency,
            created_at: self.now,
            state: if fails { OrderState::PaymentFailed } else { OrderState::Confirmed },
            method: subscription.method,
            visitor: subscription.visitor,
            settles_at: None,
        };
        let order_id = order.id;
        self.accounts[account.0].orders.insert(order_id, order);
        if fails {
            return Err(EngineError::Declined { order: order_id });
        }
        self.begin_to_pay(account, order_id);
        self.order(account, order_id)
    }

    /// Changes how a subscription is paid.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn change_method(
        &mut self,
        account: AccountKey,
        id: u64,
        method: PaymentMethod,
    ) -> Result<(), EngineError> {
        self.subscription(account, id)?;
        self.change(account, id, |it| it.method = method);
        self.tell_of(account, id, EventName::SubscriptionUpdated);
        Ok(())
    }

    /// Lets the next payments of a subscription fail.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn fail_payments(
        &mut self,
        account: AccountKey,
        id: u64,
        payments: u32,
    ) -> Result<(), EngineError> {
        self.subscription(account, id)?;
        self.change(account, id, |it| it.failing_payments = payments);
        Ok(())
    }

    /// Revives a subscription that is `unpaid`, as an administrator can: a new period begins.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] for one that is not.
    pub fn revive(&mut self, account: AccountKey, id: u64) -> Result<(), EngineError> {
        if self.subscription(account, id)?.status != SubscriptionStatus::Unpaid {
            return Err(EngineError::Refused("the subscription is not unpaid"));
        }
        let until = self.interval(account, id).after(self.now);
        let mut event = EventName::SubscriptionUpdated;
        self.change(account, id, |it| {
            if !it.has_begun() {
                event = EventName::SubscriptionCreated;
            }
            it.status = SubscriptionStatus::Active;
            it.begins(until);
        });
        self.tell_of(account, id, event);
        Ok(())
    }

    /// Refunds an order that was paid.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] for one that was not.
    pub fn refund(&mut self, account: AccountKey, id: u64) -> Result<(), EngineError> {
        if self.order(account, id)?.state != OrderState::Paid {
            return Err(EngineError::Refused("the order is not paid"));
        }
        self.change_order(account, id, |order| order.state = OrderState::PaymentRefunded);
        Ok(())
    }
}
